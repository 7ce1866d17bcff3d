import stat
from pathlib import Path

import pytest

from bots.matrix.connection import since_our_invite
from bots.matrix.cross_signing import load_or_make
from bots.matrix.device import DeviceFolder, DeviceFolderDamaged, Session
from bots.matrix.errors import DeviceInUse
from bots.matrix.journal import DAY_MS, KEEP_DAYS, Journal

BOT = "@tro-ly:hue.localhost"


def test_a_device_has_one_user_at_a_time(tmp_path: Path) -> None:
    second = DeviceFolder(tmp_path / "bot")
    with DeviceFolder(tmp_path / "bot"), pytest.raises(DeviceInUse, match="stop that one first"):
        second.__enter__()
    with DeviceFolder(tmp_path / "bot"):
        pass


def test_everything_secret_is_for_its_owner_alone(tmp_path: Path) -> None:
    with DeviceFolder(tmp_path / "bot") as folder:
        folder.write_session(Session(BOT, "HUEPBOT", "token"))
        folder.pickle_key()
        load_or_make(folder, BOT, make=True)
        assert stat.S_IMODE(folder.root.stat().st_mode) == 0o700
        for path in folder.root.iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_a_session_and_the_keys_are_the_same_after_a_restart(tmp_path: Path) -> None:
    with DeviceFolder(tmp_path) as folder:
        folder.write_session(Session(BOT, "HUEPBOT", "token"))
        first = load_or_make(folder, BOT, make=True)
    with DeviceFolder(tmp_path) as folder:
        assert folder.read_session() == Session(BOT, "HUEPBOT", "token")
        again = load_or_make(folder, BOT, make=False)
    assert first is not None
    assert again is not None
    assert first.master.public == again.master.public
    assert len({first.master.public, first.self_signing.public, first.user_signing.public}) == 3


def test_damaged_seeds_are_an_error_and_never_made_anew(tmp_path: Path) -> None:
    with DeviceFolder(tmp_path) as folder:
        for content in ("", "{}", '{"user_id": "@other:x", "seeds": {}}', f'{{"user_id": "{BOT}", "seeds": {{}}}}'):
            folder.seeds.write_text(content)
            with pytest.raises(DeviceFolderDamaged):
                load_or_make(folder, BOT, make=True)
            assert folder.seeds.read_text() == content


def test_the_journal_survives_and_forgets_only_what_is_old(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    assert journal.token is None
    journal.save_token("s1")
    journal.mark_handled("$old", 0)
    journal.mark_handled("$new", (KEEP_DAYS + 1) * DAY_MS)
    journal.keep_pending("$p", "!r", '{"event_id": "$p"}')
    journal.close()
    journal = Journal(tmp_path / "journal.db")
    journal.prune((KEEP_DAYS + 1) * DAY_MS)
    assert journal.token == "s1"
    assert (journal.is_handled("$old"), journal.is_handled("$new")) == (False, True)
    assert journal.pending() == [("$p", "!r", '{"event_id": "$p"}')]
    journal.drop_pending("$p")
    assert journal.pending() == []


def member(user_id: str, membership: str, before: str | None = None) -> dict[str, object]:
    unsigned = {"prev_content": {"membership": before}} if before else {}
    return {
        "type": "m.room.member",
        "state_key": user_id,
        "content": {"membership": membership},
        "unsigned": unsigned,
        "event_id": f"${membership}",
    }


def said(text: str) -> dict[str, object]:
    return {"type": "m.room.message", "event_id": text}


@pytest.mark.parametrize(
    ("timeline", "ours"),
    [
        (
            [said("old"), member(BOT, "invite"), said("a"), member(BOT, "join", "invite"), said("b")],
            ["a", "$join", "b"],
        ),
        ([said("old"), member(BOT, "join", "invite"), said("b")], ["b"]),
        ([said("a"), member("@x:y", "join")], None),
        ([said("a"), member(BOT, "join", "join"), said("b")], None),
    ],
)
def test_a_newly_joined_room_is_read_from_our_invitation_on(timeline: list, ours: list[str] | None) -> None:
    found = since_our_invite({"timeline": {"events": timeline}}, BOT)
    assert (None if found is None else [event["event_id"] for event in found]) == ours
