"""A device that stock nio or an earlier HueP kept in SQLite comes over whole, once, and its files are kept aside."""

import asyncio
import json
from pathlib import Path

import pytest
from nio.crypto import InboundSession, OlmAccount, OutboundSession

from bots.matrix.device import Device, Session
from bots.matrix.errors import DeviceInUse
from bots.matrix.progress import Kept, OpenInvite, Progress, WaitingEvent
from bots.matrix.store.errors import NothingToImport
from bots.matrix.store.folder import FolderShelf
from bots.matrix.store.importing import EarlierFolder, set_aside, take_in
from bots.matrix.store.vault import Vault
from tests.clients.devices import BOT, device_in
from tests.clients.earlier_store import DEVICE, ROOM, SEEDS, Earlier


def assert_is(device: Device, earlier: Earlier) -> None:
    """Same device, same keys, and every session works on."""
    assert device.read_session() == Session(BOT, DEVICE, "syt_token")
    account = device.crypto.load_account()
    assert account is not None
    assert (account.identity_keys, account.shared) == (earlier.identity_keys, True)
    session = device.crypto.load_sessions().get(earlier.sender_key)
    assert session is not None
    assert earlier.theirs.decrypt(session.encrypt("xin chào")) == "xin chào"
    stranger = OlmAccount()
    fresh = OutboundSession(stranger, earlier.identity_keys["curve25519"], earlier.unused_key)
    first = fresh.encrypt("with a one-time key from before").to_pre_key()
    assert InboundSession(account, first, stranger.identity_keys["curve25519"]).decrypt(first)
    reading = device.crypto.load_inbound_group_sessions().get(ROOM, earlier.sender_key, earlier.writing.id)
    assert reading is not None
    assert reading.decrypt(earlier.writing._session.encrypt(b"x").to_base64()) == ("x", 0)
    [phone] = device.crypto.load_device_keys().active_user_devices("@an:x")
    assert (phone.id, phone.curve25519) == ("PHONE", earlier.sender_key)
    assert device.crypto.load_encrypted_rooms() == {ROOM}


def test_the_folder_of_an_earlier_huep_comes_over_at_the_first_start(tmp_path: Path) -> None:
    root = tmp_path / "tro-ly"
    earlier = Earlier(root).as_of_huep()
    before = {path.name: path.read_bytes() for path in root.iterdir()}
    with device_in(tmp_path / "new", earlier=root) as device:
        assert_is(device, earlier)
        assert device.read_seeds() == SEEDS
        kept = device.journal.kept()
        assert kept.token == "s42"
        assert [event.event_id for event in kept.waiting] == ["$z", "$a"]
        assert kept.invites == (OpenInvite("!new", "@an:x", None),)
    kept = {path.name: path.read_bytes() for path in (root / "imported").iterdir()}
    assert kept == before, "aside, as they were"
    assert {path.name for path in root.iterdir()} == {"imported", "lock"}


def test_a_terminals_folder_comes_over_in_its_own_place(tmp_path: Path) -> None:
    root = tmp_path / "chat"
    earlier = Earlier(root).as_of_huep()
    with device_in(root, earlier=root) as device:
        assert_is(device, earlier)
    with device_in(root, earlier=root) as device:
        assert device.read_session() == Session(BOT, DEVICE, "syt_token")


def test_it_comes_over_once_and_no_ratchet_goes_back_to_it(tmp_path: Path) -> None:
    """A crash after the import and before the files were moved leaves both; the rows are the newer ones."""
    root = tmp_path / "tro-ly"
    earlier = Earlier(root).as_of_huep()
    vault = Vault.open(FolderShelf(tmp_path / "new"), BOT)
    take_in(vault, EarlierFolder(root))
    vault.close()
    for text in ("one", "two"):
        with device_in(tmp_path / "new", earlier=root) as device:
            session = device.crypto.load_sessions().get(earlier.sender_key)
            assert session is not None
            assert earlier.theirs.decrypt(session.encrypt(text)) == text
            device.crypto.save_session(earlier.sender_key, session)
            asyncio.run(device.flush())
        assert not (root / "crypto.db").exists()


def test_a_store_of_stock_nio_is_found_under_its_own_name(tmp_path: Path) -> None:
    root = tmp_path / "other bot"
    earlier = Earlier(root, f"{BOT}_{DEVICE}.db")
    with device_in(tmp_path / "new", earlier=root) as device:
        assert_is(device, earlier)
        assert device.read_seeds() is None
        assert device.journal.kept() == Kept()
    assert (root / "imported" / f"{BOT}_{DEVICE}.db").exists()


def test_an_import_can_replace_what_is_there(tmp_path: Path) -> None:
    with device_in(tmp_path / "new") as device:
        device.crypto.save_account(OlmAccount())
        device.crypto.save_encrypted_rooms({ROOM, "!old:x"})
        device.journal.note(Progress("s0", waiting=(WaitingEvent("$old", ROOM, "{}", 0),)))
        asyncio.run(device.flush())
    earlier = Earlier(tmp_path / "tro-ly")
    vault = Vault.open(FolderShelf(tmp_path / "new"), BOT)
    take_in(vault, EarlierFolder(earlier.root), replace=True)
    vault.close()
    with device_in(tmp_path / "new") as device:
        assert_is(device, earlier)
        assert device.journal.kept().waiting == ()


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda root: (root / "pickle-key").write_text("another"), "do not open with pickle-key"),
        (lambda root: (root / "session.json").unlink(), "does not say user_id"),
        (lambda root: (root / "session.json").write_text("[]"), "does not say user_id"),
        (lambda root: (root / "crypto.db").write_bytes(b"junk" * 1000), "not a store of nio"),
        (lambda root: (root / "cross-signing.json").write_text("{"), "cross-signing.json cannot be read"),
        (
            lambda root: (root / "session.json").write_text(
                json.dumps({"user_id": "@khac:x", "device_id": DEVICE, "access_token": "x"})
            ),
            "is a device of @khac:x",
        ),
        (
            lambda root: (root / "session.json").write_text(
                json.dumps({"user_id": BOT, "device_id": "OTHER", "access_token": "x"})
            ),
            "holds no device OTHER",
        ),
    ],
)
def test_what_cannot_be_read_is_left_alone_and_starts_no_new_device(tmp_path: Path, spoil, why: str) -> None:
    root = tmp_path / "tro-ly"
    Earlier(root).as_of_huep()
    spoil(root)
    with pytest.raises(NothingToImport, match=why), device_in(tmp_path / "new", earlier=root):
        pass
    assert (root / "crypto.db").exists()
    with device_in(tmp_path / "new") as device:
        assert device.crypto.load_account() is None, "nothing half"


def test_a_folder_that_an_earlier_huep_still_uses_is_let_alone(tmp_path: Path) -> None:
    import fcntl

    root = tmp_path / "tro-ly"
    Earlier(root)
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(DeviceInUse), device_in(tmp_path / "new", earlier=root):
            pass
    set_aside(EarlierFolder(root))
    assert not EarlierFolder(root).exists()
