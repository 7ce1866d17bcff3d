import stat
from pathlib import Path
from typing import Any

import pytest

from bots.matrix.cross_signing import keep_seeds, keys_of, read_seeds
from bots.matrix.device import Session, opened
from bots.matrix.errors import DeviceInUse
from bots.matrix.progress import Gap, Kept, OpenInvite, Progress, WaitingEvent
from bots.matrix.signing import encode
from bots.matrix.store.errors import DeviceDamaged
from bots.matrix.store.folder import FolderShelf
from tests.clients.devices import BOT, device_in

LOGIN = Session(BOT, "HUEPBOT", "syt_secret")
SEEDS = {"master": b"m" * 32, "self_signing": b"s" * 32, "user_signing": b"u" * 32}


def test_a_device_has_one_user_at_a_time(tmp_path: Path) -> None:
    with device_in(tmp_path), pytest.raises(DeviceInUse, match="stop that one first"), device_in(tmp_path):
        pass
    with device_in(tmp_path):
        pass


async def test_everything_secret_is_for_its_owner_alone_and_sealed(tmp_path: Path) -> None:
    async with opened(FolderShelf(tmp_path / "bot"), BOT) as device:
        device.write_session(LOGIN)
        await keep_seeds(device, SEEDS)
        root = tmp_path / "bot"
        assert stat.S_IMODE(root.stat().st_mode) == 0o700
        for path in root.iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
            content = path.read_bytes()
            for secret in (b"syt_secret", b"self_signing", b"HUEPBOT", encode(SEEDS["master"]).encode()):
                assert secret not in content, path
    assert "syt_secret" not in repr(LOGIN)


async def test_a_session_and_the_keys_are_the_same_after_a_restart(tmp_path: Path) -> None:
    async with opened(FolderShelf(tmp_path), BOT) as device:
        device.write_session(LOGIN)
        await keep_seeds(device, SEEDS)
    async with opened(FolderShelf(tmp_path), BOT) as device:
        assert device.read_session() == LOGIN
        again = read_seeds(device)
    assert again == SEEDS
    keys = keys_of(again)
    assert len({keys.master.public, keys.self_signing.public, keys.user_signing.public}) == 3


@pytest.mark.parametrize("content", [{}, {"user_id": "@other:x", "seeds": {}}, {"user_id": BOT, "seeds": {}}])
async def test_damaged_seeds_are_an_error_and_stay_as_they_are(tmp_path: Path, content: dict[str, Any]) -> None:
    with device_in(tmp_path) as device:
        device.write_seeds(content)
        with pytest.raises(DeviceDamaged):
            read_seeds(device)
        assert device.read_seeds() == content


async def test_what_a_broken_start_left_unflushed_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        async with opened(FolderShelf(tmp_path), BOT) as device:
            await device.journal.advance(Progress("s1"))
            raise RuntimeError
    with device_in(tmp_path) as device:
        assert device.journal.kept() == Kept()


async def test_the_journal_survives_a_restart(tmp_path: Path) -> None:
    waiting, told = WaitingEvent("$p", "!r", "{}", 7), WaitingEvent("$q", "!r", "{}", 8, told=True)
    gap, invite = Gap("!r", "p", "u", "w", entering=True), OpenInvite("!i", "@a:b", None)
    async with opened(FolderShelf(tmp_path), BOT) as device:
        await device.journal.advance(Progress("s1", waiting=(told, waiting), gaps=(gap,), invites=(invite,)))
    async with opened(FolderShelf(tmp_path), BOT) as device:
        assert device.journal.kept() == Kept("s1", (waiting, told), (gap,), (invite,))
        await device.journal.advance(Progress("s2", no_longer_waiting=("$p", "$q"), filled=("!r",), settled=("!i",)))
    with device_in(tmp_path) as device:
        assert device.journal.kept() == Kept("s2")
