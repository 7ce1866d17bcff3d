"""A bot whose device is lost comes back as the same person: its identity from secret storage, its device new.

The old device is removed, for its keys are gone, or in somebody else's hands: nobody encrypts for it any more. What
was written to it and never read stays unread.
"""

import secrets
from dataclasses import dataclass

import structlog

from bots.matrix import login
from bots.matrix.cross_signing import keep_seeds, keys_of, read_seeds
from bots.matrix.device import Device
from bots.matrix.errors import IdentityDiffers, MatrixError
from bots.matrix.recovery_key import RecoveryKey
from bots.matrix.secret_storage import Seeds, secret_storage_of
from bots.matrix.transport import Transport, path_of
from bots.matrix.trust import identity_of

log = structlog.get_logger(__name__)

SUFFIX_BYTES = 3


class NothingLost(MatrixError):
    """The device still has its identity: there is nothing to recover."""


@dataclass(frozen=True)
class Account:
    """Whose identity is to be brought back.

    Args:
        homeserver: base URL.
        user_id: the account.
        password: asked when the device is made and when old ones are removed.
        device_id: how its devices are called; a new one gets an ending of its own.
        display_name: what others see of the device.
    """

    homeserver: str
    user_id: str
    password: login.Password
    device_id: str
    display_name: str


async def recover(account: Account, kept: Device, key: RecoveryKey) -> str:
    """Put the identity back into an empty store, on a new device; returns the device's ID.

    The next start of the bot uploads the device's keys and signs it.

    Raises:
        NothingLost: the store has the seeds.
        SecretStorageClosed: `key` does not open the account's secret storage.
        IdentityDiffers: what lies there is not the identity that others see.
        WrongPassword, AccountLocked, ServerUnreachable.
    """
    transport = Transport(account.homeserver.rstrip("/"))
    if read_seeds(kept) is not None:
        raise NothingLost(f"{kept.place} has the identity of {account.user_id}: nothing is to be recovered.")
    try:
        session = await login.resume(transport, kept)
        if session is None:
            device_id = f"{account.device_id}-{secrets.token_hex(SUFFIX_BYTES).upper()}"
            session = await login.log_in(transport, kept, device_id, account.password(), account.display_name)
        seeds = await secret_storage_of(transport, account.user_id).open(key)
        await _check_identity(transport, account.user_id, seeds)
        await keep_seeds(kept, seeds)
        await _remove_others(transport, account, session.device_id)
    finally:
        await transport.close()
    log.info("identity recovered", user_id=account.user_id, device_id=session.device_id)
    return session.device_id


async def _check_identity(transport: Transport, user_id: str, seeds: Seeds) -> None:
    answer = await transport.request("POST", path_of("keys", "query"), {"device_keys": {user_id: []}})
    if (await identity_of(answer, user_id)).master != keys_of(seeds).master.public:
        raise IdentityDiffers(f"The secret storage of {user_id} holds another identity than the one that people see.")


async def _remove_others(transport: Transport, account: Account, device_id: str) -> None:
    answer = await transport.request("GET", path_of("devices"))
    others = [
        name
        for device in answer.get("devices") or ()
        if (name := str(device.get("device_id"))) != device_id and name.startswith(account.device_id)
    ]
    if not others:
        return
    body = {"devices": others}
    asked = await transport.request("POST", path_of("delete_devices"), body, accept=(401,))
    if "flows" not in asked:
        return
    auth = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": account.user_id},
        "password": account.password(),
        "session": asked.get("session"),
    }
    await transport.request("POST", path_of("delete_devices"), body | {"auth": auth})
    log.warning("lost devices removed", user_id=account.user_id, devices=others)
