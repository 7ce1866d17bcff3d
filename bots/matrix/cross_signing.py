"""A cross-signed device: the owner's keys, made once, kept, uploaded, and read back.

Clients are ceasing to encrypt for devices that their owner has not signed (MSC4153). The order matters: the device keys
are on the server before this runs. Key IDs are unpadded base64; padded ones are silently dropped, so all is read back.
"""

import secrets
from dataclasses import dataclass

import structlog

from bots.matrix.client import CryptoClient
from bots.matrix.device import Device
from bots.matrix.errors import BadAnswer, DeviceKeysDiffer, IdentityDiffers, MatrixError, NotCrossSigned
from bots.matrix.login import Password
from bots.matrix.recovery_key import RecoveryKeyDamaged
from bots.matrix.secret_storage import SECRETS, KeySafe, Seeds, StorageState, secret_storage_of
from bots.matrix.signing import SEED_BYTES, Json, SigningKey, decode, encode, is_signed
from bots.matrix.store.errors import DeviceDamaged
from bots.matrix.transport import path_of

log = structlog.get_logger(__name__)

SEEDS_FORMAT = 1


@dataclass(frozen=True)
class CrossSigningKeys:
    """The three private keys of one account; their seeds are what secret storage (m.cross_signing.*) holds."""

    master: SigningKey
    self_signing: SigningKey
    user_signing: SigningKey

    def public(self, user_id: str, device: tuple[str, str]) -> Json:
        """The body of `/keys/device_signing/upload`; `device` is our device's ID and its signature of the master."""
        master = unsigned_master(user_id, self.master.public)
        device_id, device_signature = device
        signatures = {
            f"ed25519:{self.master.public}": self.master.sign(master),
            f"ed25519:{device_id}": device_signature,
        }
        return {
            "master_key": master | {"signatures": {user_id: signatures}},
            "self_signing_key": self._subkey(user_id, "self_signing", self.self_signing),
            "user_signing_key": self._subkey(user_id, "user_signing", self.user_signing),
        }

    def _subkey(self, user_id: str, usage: str, key: SigningKey) -> Json:
        payload = _key(user_id, usage, key.public)
        signature = self.master.sign(payload)
        return payload | {"signatures": {user_id: {f"ed25519:{self.master.public}": signature}}}


def _key(user_id: str, usage: str, public: str) -> Json:
    return {"user_id": user_id, "usage": [usage], "keys": {f"ed25519:{public}": public}}


def unsigned_master(user_id: str, public: str) -> Json:
    """The master key as our device signs it."""
    return _key(user_id, "master", public)


def keys_of(seeds: Seeds) -> CrossSigningKeys:
    """The keys that grow from these seeds."""
    return CrossSigningKeys(*(SigningKey(seeds[usage]) for usage in SECRETS))


def read_seeds(device: Device) -> Seeds | None:
    """The seeds that `device` keeps; None before there were any.

    Raises:
        DeviceDamaged: they cannot be read, or are another account's.
    """
    content = device.read_seeds()
    if content is None:
        return None
    try:
        if content["user_id"] != device.user_id:
            raise DeviceDamaged(
                f"The seeds kept in {device.place} are those of {content['user_id']}, not of {device.user_id}."
            )
        seeds = {usage: decode(content["seeds"][usage]) for usage in SECRETS}
        keys_of(seeds)
    except (KeyError, TypeError, ValueError) as error:
        raise DeviceDamaged(
            f"The cross-signing seeds of {device.user_id} in {device.place} cannot be read: restore them with "
            "`huep restore`."
        ) from error
    return seeds


async def keep_seeds(device: Device, seeds: Seeds) -> None:
    """Have `device` keep the seeds of its account; they are durable when it returns."""
    written = {usage: encode(seed) for usage, seed in seeds.items()}
    device.write_seeds({"format": SEEDS_FORMAT, "user_id": device.user_id, "seeds": written})
    await device.flush()


def check_nothing_is_lost(device: Device, safe: KeySafe | None) -> None:
    """Refuse a device without an identity whose account had one: before anybody sees new keys of it.

    Raises:
        IdentityDiffers: the account has a recovery key, and the seeds are gone.
    """
    if safe is not None and safe.key() is not None and read_seeds(device) is None:
        raise _lost(device)


def _lost(device: Device) -> IdentityDiffers:
    return IdentityDiffers(
        f"{device.user_id} already has a cross-signing identity whose keys are not in {device.place}: bring them back "
        "with `huep bots recover`, or restore a backup."
    )


async def _new_seeds(device: Device) -> Seeds:
    """New ones, already kept: what is uploaded first and lost then would lock the account out."""
    seeds = {usage: secrets.token_bytes(SEED_BYTES) for usage in SECRETS}
    await keep_seeds(device, seeds)
    return seeds


async def establish(
    client: CryptoClient,
    kept: Device,
    password: Password,
    *,
    reset: bool = False,
    safe: KeySafe | None = None,
    renew: bool = False,
) -> None:
    """Make our device cross-signed by its owner, or find that it already is.

    Args:
        client: logged in, its device keys uploaded.
        kept: where the seeds are.
        password: asked only if the server wants it before it takes the keys.
        reset: replace an identity of which we have no keys; only ever by a person's own wish.
        safe: where the account's recovery key lies; with it the seeds are put into secret storage too. One that has
            a key says that there was an identity, whatever the server shows.
        renew: make a new recovery key where the one of an earlier secret storage is gone.

    Raises:
        DeviceKeysDiffer: the server has other keys for our device ID.
        IdentityDiffers: the identity that is known is not ours, and `reset` was not asked for.
        RecoveryKeyDamaged: what lies in the safe is no recovery key.
        NotCrossSigned: the server did not keep what we signed.
    """
    user_id, device_id = client.user_id, client.device_id
    answer = await client.query_keys([user_id])
    device = _own_device(client, answer)
    known = client.identities[user_id].master
    seeds = read_seeds(kept)
    if seeds is None and known is None:
        check_nothing_is_lost(kept, safe)
        seeds = await _new_seeds(kept)
    if seeds is None or (known is not None and known != keys_of(seeds).master.public):
        if not reset:
            raise _lost(kept)
        seeds, known = await _new_seeds(kept), None
    keys = keys_of(seeds)
    if known is None or not _is_complete(answer, user_id, keys):
        await _upload(client, keys, password)
        log.info("cross-signing identity uploaded", user_id=user_id)
    if not client.identities.is_cross_signed(user_id, device_id, _ed25519(client)) or known is None:
        await _sign_device(client, keys, device)
    await client.query_keys([user_id])
    identity = client.identities[user_id]
    if identity.master != keys.master.public or not client.identities.is_cross_signed(
        user_id, device_id, _ed25519(client)
    ):
        raise NotCrossSigned(f"Synapse did not keep the signatures of {user_id}'s device {device_id}.")
    if safe is not None:
        await _keep_in_secret_storage(client, safe, seeds, renew=renew)


async def _keep_in_secret_storage(client: CryptoClient, safe: KeySafe, seeds: Seeds, *, renew: bool) -> None:
    """A bot serves without it; `huep bots doctor` says what is the matter with it."""
    try:
        storage = secret_storage_of(client.transport, client.user_id)
        before = await storage.keep(safe, seeds)
        if before is StorageState.OTHER_KEY and renew and safe.key() is None:
            await storage.renew(safe, seeds)
            log.warning("the secret storage was made anew under a new recovery key", user_id=client.user_id)
            return
    except (MatrixError, RecoveryKeyDamaged) as error:
        log.warning("the secret storage was not written", user_id=client.user_id, error=str(error))
        return
    if before is StorageState.OTHER_KEY:
        log.error("the secret storage is under another recovery key", user_id=client.user_id)
    elif before is not StorageState.SOUND:
        log.info("seeds put into secret storage", user_id=client.user_id)


def _is_complete(answer: Json, user_id: str, keys: CrossSigningKeys) -> bool:
    kept = (answer.get("self_signing_keys") or {}).get(user_id) or {}
    public = keys.self_signing.public
    return public in (kept.get("keys") or {}).values() and is_signed(
        kept, user_id, keys.master.public, keys.master.public
    )


def _ed25519(client: CryptoClient) -> str:
    return str(client.olm.account.identity_keys["ed25519"])


def _own_device(client: CryptoClient, answer: Json) -> Json:
    """Our device as the server shows it."""
    device = ((answer.get("device_keys") or {}).get(client.user_id) or {}).get(client.device_id)
    if device is None:
        raise BadAnswer(f"Synapse does not show the keys of {client.user_id}'s device {client.device_id}.")
    if (device.get("keys") or {}).get(f"ed25519:{client.device_id}") != _ed25519(client):
        raise DeviceKeysDiffer(
            f"Synapse holds other keys for {client.user_id}'s device {client.device_id} than {client.device.place}: "
            "restore that from a backup, or remove the device."
        )
    return dict(device)


async def _upload(client: CryptoClient, keys: CrossSigningKeys, password: Password) -> None:
    path = path_of("keys", "device_signing", "upload")
    signature = client.olm.sign_json(unsigned_master(client.user_id, keys.master.public))
    body = keys.public(client.user_id, (client.device_id, signature))
    answer = await client.transport.request("POST", path, body, accept=(401,))
    if "flows" not in answer:
        return
    auth = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": client.user_id},
        "password": password(),
        "session": answer.get("session"),
    }
    await client.transport.request("POST", path, body | {"auth": auth})


async def _sign_device(client: CryptoClient, keys: CrossSigningKeys, device: Json) -> None:
    user_id, device_id = client.user_id, client.device_id
    payload = {key: value for key, value in device.items() if key != "unsigned"}
    signature = keys.self_signing.sign(payload)
    payload["signatures"] = {user_id: {f"ed25519:{keys.self_signing.public}": signature}}
    answer = await client.transport.request(
        "POST", path_of("keys", "signatures", "upload"), {user_id: {device_id: payload}}
    )
    if answer.get("failures"):
        raise NotCrossSigned(f"Synapse refused the signature of {user_id}'s device {device_id}.")
    log.info("device cross-signed", user_id=user_id, device_id=device_id)
