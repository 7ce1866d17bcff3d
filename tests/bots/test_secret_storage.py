"""Secret storage beside a homeserver's account data: made, opened, never taken over, never half believed."""

import secrets
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mautrix.crypto.ssss.key import Key, KeyMetadata
from mautrix.crypto.ssss.types import EncryptedAccountDataEventContent

from bots.matrix.recovery_key import RecoveryKey, RecoveryKeyDamaged
from bots.matrix.sealed_secret import Sealed, key_description, opens, seal, unseal
from bots.matrix.secret_storage import DEFAULT_KEY, SECRETS, KeySafe, SecretStorage, SecretStorageClosed, StorageState

BOT = "@tro-ly:hue.localhost"
SEEDS = {usage: secrets.token_bytes(32) for usage in SECRETS}
RAW_KEYS = st.binary(min_size=32, max_size=32)


class AccountData:
    """The account data of one account."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Any]] = {}

    async def get(self, kind: str) -> dict[str, Any]:
        return self.kept.get(kind, {})

    async def put(self, kind: str, content: dict[str, Any]) -> None:
        self.kept[kind] = content


class Drawer:
    """Where a recovery key lies."""

    def __init__(self, text: str | None = None) -> None:
        self.text = text
        self.safe = KeySafe(lambda: self.text, self.write)

    def write(self, text: str) -> None:
        self.text = text


@pytest.fixture
def server() -> AccountData:
    return AccountData()


@pytest.fixture
def storage(server: AccountData) -> SecretStorage:
    return SecretStorage(BOT, server.get, server.put)


@given(RAW_KEYS, st.text(max_size=40), st.binary(max_size=200))
def test_what_is_sealed_is_opened_by_its_key_and_name_alone(raw: bytes, name: str, plain: bytes) -> None:
    key, other = RecoveryKey(raw), RecoveryKey(bytes([raw[0] ^ 1]) + raw[1:])
    sealed = seal(key, name, plain)
    assert Sealed.read(sealed.content()) == sealed
    assert sealed.iv[8] < 0x80
    assert unseal(key, name, sealed) == plain
    assert unseal(other, name, sealed) is None
    assert unseal(key, f"{name}x", sealed) is None
    assert unseal(key, name, Sealed(sealed.iv, sealed.ciphertext + b"x", sealed.mac)) is None


@given(RAW_KEYS)
def test_a_description_knows_its_key(raw: bytes) -> None:
    key, other = RecoveryKey(raw), RecoveryKey(bytes([raw[0] ^ 1]) + raw[1:])
    description = key_description(key, "HueP")
    assert opens(key, description)
    assert not opens(other, description)
    assert not opens(key, {"algorithm": description["algorithm"]})
    assert not opens(key, description | {"algorithm": "m.other"})


async def test_mautrix_opens_what_we_stored_and_we_open_what_mautrix_stores(
    storage: SecretStorage, server: AccountData
) -> None:
    drawer = Drawer()
    await storage.keep(drawer.safe, SEEDS)
    key_id = server.kept[DEFAULT_KEY]["key"]
    metadata = KeyMetadata.deserialize(server.kept[f"m.secret_storage.key.{key_id}"])
    theirs = metadata.verify_recovery_key(key_id, drawer.text or "")
    assert theirs.recovery_key == drawer.text
    for usage, name in SECRETS.items():
        content = EncryptedAccountDataEventContent.deserialize(server.kept[name])
        assert content.decrypt(name, theirs) == SEEDS[usage]

    made = Key.generate()
    server.kept = {DEFAULT_KEY: {"key": made.id}, f"m.secret_storage.key.{made.id}": made.metadata.serialize()}
    for usage, name in SECRETS.items():
        server.kept[name] = {"encrypted": {made.id: made.encrypt(name, SEEDS[usage]).serialize()}}
    assert await storage.open(RecoveryKey.read(made.recovery_key)) == SEEDS


async def test_the_seeds_lie_under_a_key_that_was_kept_before(storage: SecretStorage, server: AccountData) -> None:
    drawer = Drawer()
    assert await storage.keep(drawer.safe, SEEDS) is StorageState.ABSENT
    assert drawer.text is not None
    assert await storage.open(RecoveryKey.read(drawer.text)) == SEEDS
    assert set(SECRETS.values()) < set(server.kept)
    written = str(server.kept)
    assert drawer.text not in written
    for seed in SEEDS.values():
        assert seed.hex() not in written
    first = dict(server.kept)
    assert await storage.keep(drawer.safe, SEEDS) is StorageState.SOUND
    assert server.kept == first


async def test_a_storage_under_another_key_is_left_alone(storage: SecretStorage, server: AccountData) -> None:
    await storage.keep(Drawer().safe, SEEDS)
    before = dict(server.kept)
    for drawer in (Drawer(), Drawer(RecoveryKey.new().text)):
        kept = drawer.text
        assert await storage.keep(drawer.safe, SEEDS) is StorageState.OTHER_KEY
        assert (server.kept, drawer.text) == (before, kept)
    with pytest.raises(SecretStorageClosed, match="another recovery key"):
        await storage.open(RecoveryKey.new())


async def test_a_damaged_secret_is_not_believed_and_is_put_right(storage: SecretStorage, server: AccountData) -> None:
    drawer = Drawer()
    await storage.keep(drawer.safe, SEEDS)
    key = RecoveryKey.read(drawer.text or "")
    server.kept["m.cross_signing.master"], server.kept["m.cross_signing.self_signing"] = (
        server.kept["m.cross_signing.self_signing"],
        server.kept["m.cross_signing.master"],
    )
    with pytest.raises(SecretStorageClosed, match="master"):
        await storage.open(key)
    assert await storage.keep(drawer.safe, SEEDS) is StorageState.INCOMPLETE
    assert await storage.open(key) == SEEDS


async def test_a_new_recovery_key_takes_the_place_of_one_that_is_lost(
    storage: SecretStorage, server: AccountData
) -> None:
    lost, drawer = Drawer(), Drawer()
    await storage.keep(lost.safe, SEEDS)
    before = server.kept[DEFAULT_KEY]
    await storage.renew(drawer.safe, SEEDS)
    assert server.kept[DEFAULT_KEY] != before
    assert await storage.open(RecoveryKey.read(drawer.text or "")) == SEEDS


async def test_without_a_storage_nothing_is_opened(storage: SecretStorage) -> None:
    with pytest.raises(SecretStorageClosed, match="no secret storage"):
        await storage.open(RecoveryKey.new())


async def test_a_damaged_recovery_key_is_never_replaced(storage: SecretStorage, server: AccountData) -> None:
    drawer = Drawer("no key")
    with pytest.raises(RecoveryKeyDamaged):
        await storage.keep(drawer.safe, SEEDS)
    assert (server.kept, drawer.text) == ({}, "no key")
