"""A cross-signed device: the owner's keys, made once, kept, uploaded, and read back.

Clients are ceasing to encrypt for devices that their owner has not signed (MSC4153). The order matters: the device keys
are on the server before this runs. Key IDs are unpadded base64; padded ones are silently dropped, so all is read back.
"""

import secrets
from dataclasses import dataclass

import structlog

from bots.matrix.client import CryptoClient
from bots.matrix.device import DeviceFolder, DeviceFolderDamaged
from bots.matrix.errors import BadAnswer, DeviceKeysDiffer, IdentityDiffers, NotCrossSigned
from bots.matrix.login import Password
from bots.matrix.signing import SEED_BYTES, Json, SigningKey, decode, encode, is_signed
from bots.matrix.transport import path_of

log = structlog.get_logger(__name__)

SEEDS_FORMAT = 1


@dataclass(frozen=True)
class CrossSigningKeys:
    """The three private keys of one account; their seeds are what secret storage (m.cross_signing.*) would hold."""

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


def load_or_make(folder: DeviceFolder, user_id: str, *, make: bool) -> CrossSigningKeys | None:
    """The keys kept in `folder`; when there are none, new ones, already kept, if `make`."""
    content = folder.read_seeds()
    if content is None and not make:
        return None
    if content is None:
        seeds = {usage: encode(secrets.token_bytes(SEED_BYTES)) for usage in ("master", "self_signing", "user_signing")}
        content = {"format": SEEDS_FORMAT, "user_id": user_id, "seeds": seeds}
        folder.write_seeds(content)
    try:
        seeds = content["seeds"]
        if content["user_id"] != user_id:
            raise DeviceFolderDamaged(f"{folder.seeds} belongs to {content['user_id']}, not to {user_id}.")
        return CrossSigningKeys(*(SigningKey(decode(seeds[usage])) for usage in _USAGES))
    except (KeyError, TypeError, ValueError) as error:
        raise DeviceFolderDamaged(f"{folder.seeds} cannot be read: restore it with `huep restore`.") from error


_USAGES = ("master", "self_signing", "user_signing")


async def establish(client: CryptoClient, folder: DeviceFolder, password: Password, *, reset: bool = False) -> None:
    """Make our device cross-signed by its owner, or find that it already is.

    Args:
        client: logged in, its device keys uploaded.
        folder: where the seeds are kept.
        password: asked only if the server wants it before it takes the keys.
        reset: replace an identity of which we have no keys; only ever by a person's own wish.

    Raises:
        DeviceKeysDiffer: the server has other keys for our device ID.
        IdentityDiffers: the server's identity is not ours, and `reset` was not asked for.
        NotCrossSigned: the server did not keep what we signed.
    """
    user_id, device_id = client.user_id, client.device_id
    answer = await client.query_keys([user_id])
    device = _own_device(client, answer)
    known = client.identities[user_id].master
    keys = load_or_make(folder, user_id, make=known is None or reset)
    if keys is None or (known is not None and known != keys.master.public):
        if not reset:
            raise IdentityDiffers(
                f"{user_id} already has a cross-signing identity whose keys are not in {folder.root}: restore that "
                "folder from a backup."
            )
        folder.seeds.unlink(missing_ok=True)
        keys = load_or_make(folder, user_id, make=True)
        known = None
    assert keys is not None  # noqa: S101 - `make` was given where there were none
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
            f"Synapse holds other keys for {client.user_id}'s device {client.device_id} than {client.store_path}: "
            "restore that folder from a backup, or remove the device."
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
