"""The cross-signing seeds in the account's own data, under a recovery key that the operator keeps.

A bot has no key backup: its answers are not read again, what it must keep lies in HueP's database, and a backup
would be one more place from which old conversations could be opened.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bots.matrix.errors import MatrixError
from bots.matrix.recovery_key import RecoveryKey
from bots.matrix.sealed_secret import Sealed, key_description, opens, seal, unseal
from bots.matrix.signing import SEED_BYTES, Json, decode, encode
from bots.matrix.transport import Transport, path_of

DEFAULT_KEY = "m.secret_storage.default_key"
KEY_NAME = "HueP"
KEY_ID_BYTES = 16
SECRETS = {
    "master": "m.cross_signing.master",
    "self_signing": "m.cross_signing.self_signing",
    "user_signing": "m.cross_signing.user_signing",
}
"""Usage of a cross-signing key to the name of its secret."""

Seeds = Mapping[str, bytes]
"""Usage to the 32 bytes from which the key is made."""


class KeySafe:
    """Where the recovery key of one account lies.

    Args:
        read: the recovery key as text; None while there is none.
        write: keeps it.
    """

    def __init__(self, read: Callable[[], str | None], write: Callable[[str], object]) -> None:
        self._read = read
        self._write = write

    def key(self) -> RecoveryKey | None:
        """The key that is kept.

        Raises:
            RecoveryKeyDamaged: what lies there is none.
        """
        text = self._read()
        return None if text is None else RecoveryKey.read(text)

    def keep(self, key: RecoveryKey) -> None:
        self._write(key.text)


class StorageState(StrEnum):
    """How the secret storage of an account stands."""

    SOUND = "sound"
    """Our recovery key opens it, and it holds our seeds."""
    ABSENT = "absent"
    OTHER_KEY = "other key"
    """It was made under another recovery key than the one that is kept, or none is kept."""
    INCOMPLETE = "incomplete"
    """Our key opens it, and seeds are missing, or are others than ours."""


class SecretStorageClosed(MatrixError):
    """The secret storage cannot be opened with the recovery key at hand."""


Get = Callable[[str], Awaitable[Mapping[str, Any]]]
"""The content of one kind of an account's data; empty where there is none."""
Put = Callable[[str, Json], Awaitable[None]]


@dataclass(frozen=True)
class StoredSecrets:
    """The secret storage of an account, for whoever can read its data."""

    user_id: str
    get: Get

    async def state(self, key: RecoveryKey | None, seeds: Seeds) -> StorageState:
        """How it stands beside the key and the seeds that we hold."""
        key_id = await self._default_key_id()
        if key_id is None:
            return StorageState.ABSENT
        if key is None or not opens(key, await self._description(key_id)):
            return StorageState.OTHER_KEY
        kept = await self._seeds(key_id, key)
        return StorageState.SOUND if kept == dict(seeds) else StorageState.INCOMPLETE

    async def open(self, key: RecoveryKey) -> Seeds:
        """The seeds that lie there.

        Raises:
            SecretStorageClosed: there is none, the key is another one, or a seed is missing or was changed.
        """
        key_id = await self._default_key_id()
        if key_id is None:
            raise SecretStorageClosed(f"{self.user_id} has no secret storage: its identity cannot be recovered.")
        if not opens(key, await self._description(key_id)):
            raise SecretStorageClosed(
                f"The secret storage of {self.user_id} was made under another recovery key: restore the secret from a "
                "backup."
            )
        seeds = await self._seeds(key_id, key)
        if missing := sorted(SECRETS.keys() - seeds.keys()):
            raise SecretStorageClosed(
                f"In the secret storage of {self.user_id} the key {missing[0]} is missing or damaged: restore the "
                "bot's folder from a backup."
            )
        return seeds

    async def _seeds(self, key_id: str, key: RecoveryKey) -> dict[str, bytes]:
        """Those that this key opens, by usage."""
        found = {}
        for usage, name in SECRETS.items():
            encrypted = (await self.get(name)).get("encrypted")
            sealed = Sealed.read(encrypted.get(key_id)) if isinstance(encrypted, dict) else None
            seed = None if sealed is None else _seed(unseal(key, name, sealed))
            if seed is not None:
                found[usage] = seed
        return found

    async def _default_key_id(self) -> str | None:
        key_id = (await self.get(DEFAULT_KEY)).get("key")
        return key_id if isinstance(key_id, str) and key_id else None

    async def _description(self, key_id: str) -> Mapping[str, Any]:
        return await self.get(f"m.secret_storage.key.{key_id}")


@dataclass(frozen=True)
class SecretStorage(StoredSecrets):
    """The same for whoever can write it too."""

    put: Put

    async def keep(self, safe: KeySafe, seeds: Seeds) -> StorageState:
        """Make the storage where there is none, or complete one that our key opens; returns how it was before.

        One under another key is left as it is: whoever holds that key may still need it.
        """
        key = safe.key()
        before = await self.state(key, seeds)
        if before in (StorageState.ABSENT, StorageState.INCOMPLETE):
            await self._write(safe, key, await self._default_key_id(), seeds)
        return before

    async def renew(self, safe: KeySafe, seeds: Seeds) -> None:
        """Put the seeds under a new recovery key, which takes the place of the one that is kept."""
        await self._write(safe, None, None, seeds)

    async def _write(self, safe: KeySafe, key: RecoveryKey | None, key_id: str | None, seeds: Seeds) -> None:
        if key is None:
            key = RecoveryKey.new()
            # Before anything is sealed with it: a storage whose key nobody has would be worse than none.
            safe.keep(key)
        new = key_id is None
        if key_id is None:
            key_id = encode(secrets.token_bytes(KEY_ID_BYTES)).replace("+", "A").replace("/", "B")
            await self.put(f"m.secret_storage.key.{key_id}", key_description(key, KEY_NAME))
        for usage, name in SECRETS.items():
            sealed = seal(key, name, encode(seeds[usage]).encode())
            await self.put(name, {"encrypted": {key_id: sealed.content()}})
        if new:
            await self.put(DEFAULT_KEY, {"key": key_id})
        if await self.state(key, seeds) is not StorageState.SOUND:
            raise SecretStorageClosed(f"Synapse did not keep the secret storage of {self.user_id}.")


def secret_storage_of(transport: Transport, user_id: str) -> SecretStorage:
    """The secret storage of the account that `transport` is logged in to."""

    def path(kind: str) -> str:
        return path_of("user", user_id, "account_data", kind)

    async def get(kind: str) -> Json:
        answer = await transport.request("GET", path(kind), accept=(404,))
        return {} if "errcode" in answer else answer

    async def put(kind: str, content: Json) -> None:
        await transport.request("PUT", path(kind), content)

    return SecretStorage(user_id, get, put)


def _seed(text: bytes | None) -> bytes | None:
    """The seed that a secret's text is, base64 as every client writes it; None for anything else."""
    if text is None:
        return None
    try:
        seed = decode(text.decode("ascii").strip())
    except (UnicodeDecodeError, ValueError):
        return None
    return seed if len(seed) == SEED_BYTES else None
