"""Dialogs, preferences and the record of acts in PostgreSQL, with the bots' own rights."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from bots.matrix.port import TextMessage
from bots.matrix.trust import Origin
from bots.runtime.capabilities import Capability, Effects, Write, settled
from bots.runtime.dialog_store import DatabaseDialogs
from bots.runtime.dialogs import Dialog, DialogMoved, Offer, Stage
from bots.runtime.preferences import DatabasePreferences, QuietHours
from bots.sealing import Seal
from huep import audit
from huep.catalogue import Locale
from huep.database import Role

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
DIALOG = Dialog(
    room_id="!r",
    user_id="@an:x",
    scene="quiet-hours",
    stage=Stage.FILLING,
    cause="$e",
    locale=Locale.EN,
    asked_at=NOW,
    expires_at=NOW + timedelta(minutes=10),
    step="end",
    filled={"start": "22:00"},
    offered=(Offer("sáu giờ", "06:00"),),
    shown="digest",
    gathered={"body": "họp lúc 8h", "files": ["a.png"]},
    aside=TextMessage(
        room_id="!r",
        event_id="$aside",
        sender="@an:x",
        sent_at_ms=1,
        origin=Origin.CROSS_SIGNED,
        body="tôi là ai",
        html="<b>tôi là ai</b>",
    ),
)
SEAL = Seal(b"x" * 43)


@pytest.fixture
def engine(databases) -> Iterator[Engine]:
    engine = databases.engine(Role.BOTS)
    with engine.begin() as connection:
        connection.execute(text("delete from bots.dialogs"))
        connection.execute(text("delete from bots.preferences"))
    yield engine
    engine.dispose()


def commit(engine: Engine, *writes: Write) -> None:
    with engine.begin() as connection:
        for write in writes:
            write(connection)


def test_a_dialog_is_kept_as_it_is_and_goes_on(engine: Engine) -> None:
    dialogs = DatabaseDialogs(engine, "tro-ly", SEAL)
    assert dialogs.of("!r", "@an:x") is None
    commit(engine, dialogs.keep(DIALOG))
    kept = dialogs.of("!r", "@an:x")
    assert kept == replace(DIALOG, turn=1)
    commit(engine, dialogs.keep(replace(kept, stage=Stage.CONFIRMING, step=None, offered=())))
    again = dialogs.of("!r", "@an:x")
    assert again == replace(DIALOG, turn=2, stage=Stage.CONFIRMING, step=None, offered=())
    commit(engine, dialogs.close(again))
    assert dialogs.of("!r", "@an:x") is None


def test_of_two_answers_to_one_question_one_counts_and_the_other_changes_nothing(engine: Engine) -> None:
    dialogs, preferences = DatabaseDialogs(engine, "tro-ly", SEAL), DatabasePreferences(engine)
    commit(engine, dialogs.keep(DIALOG))
    kept = dialogs.of("!r", "@an:x")
    assert kept is not None
    commit(engine, dialogs.close(kept), preferences.choosing_locale("@an:x", Locale.VI))
    for late in (dialogs.close(kept), dialogs.keep(kept)):
        with pytest.raises(DialogMoved):
            commit(engine, preferences.choosing_locale("@an:x", Locale.EN), late)
    assert preferences.locale_of("@an:x") is Locale.VI


def test_two_dialogs_cannot_be_opened_at_once(engine: Engine) -> None:
    dialogs = DatabaseDialogs(engine, "tro-ly", SEAL)
    commit(engine, dialogs.keep(DIALOG))
    with pytest.raises(DialogMoved):
        commit(engine, dialogs.keep(replace(DIALOG, scene="language")))


def test_bots_rooms_and_people_do_not_meet(engine: Engine) -> None:
    dialogs = DatabaseDialogs(engine, "tro-ly", SEAL)
    commit(engine, dialogs.keep(DIALOG))
    assert dialogs.of("!other", "@an:x") is None
    assert dialogs.of("!r", "@binh:x") is None
    assert DatabaseDialogs(engine, "khao-sat", SEAL).of("!r", "@an:x") is None


def test_dialogs_that_are_over_are_found_the_oldest_first(engine: Engine) -> None:
    dialogs = DatabaseDialogs(engine, "tro-ly", SEAL)
    for number in range(3):
        over_at = NOW + timedelta(minutes=number)
        commit(engine, dialogs.keep(replace(DIALOG, user_id=f"@{number}:x", expires_at=over_at)))
    assert [one.user_id for one in dialogs.over(NOW + timedelta(minutes=1), 5)] == ["@0:x", "@1:x"]
    assert [one.user_id for one in dialogs.over(NOW + timedelta(minutes=5), 1)] == ["@0:x"]


def test_what_was_said_lies_sealed_and_opens_in_its_own_row_alone(engine: Engine) -> None:
    dialogs = DatabaseDialogs(engine, "tro-ly", SEAL)
    commit(engine, dialogs.keep(DIALOG), dialogs.keep(replace(DIALOG, user_id="@binh:x")))
    with engine.begin() as connection:
        said = connection.execute(text("select said from bots.dialogs")).scalars().all()
        assert not any(word in bytes(one) for one in said for word in (b"22:00", b"toi", "tôi".encode(), b"digest"))
        connection.execute(text("update bots.dialogs set said = :said where user_id = '@an:x'"), {"said": said[1]})
        connection.execute(text("update bots.dialogs set said = :said where user_id = '@binh:x'"), {"said": said[0]})
    swapped = dialogs.of("!r", "@an:x")
    assert swapped is not None
    assert swapped.is_over(NOW) and swapped.filled == {}, "what does not open is over"


def test_a_dialog_of_another_version_is_over(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    dialogs = DatabaseDialogs(engine, "tro-ly", SEAL)
    monkeypatch.setattr("bots.runtime.dialog_store.write_event", lambda _: b'{"words": "of another shape"}')
    commit(engine, dialogs.keep(DIALOG))
    [kept] = dialogs.over(DIALOG.expires_at, 5)
    assert kept.is_over(NOW) and kept.filled == {}


def test_preferences_are_kept_beside_each_other(engine: Engine) -> None:
    preferences = DatabasePreferences(engine)
    night = QuietHours(time(22), time(6))
    assert (preferences.locale_of("@an:x"), preferences.quiet_hours_of("@an:x")) == (None, None)
    commit(engine, preferences.choosing_quiet_hours("@an:x", night))
    assert (preferences.locale_of("@an:x"), preferences.quiet_hours_of("@an:x")) == (None, night)
    commit(engine, preferences.choosing_locale("@an:x", Locale.EN))
    assert (preferences.locale_of("@an:x"), preferences.quiet_hours_of("@an:x")) == (Locale.EN, night)
    commit(engine, preferences.choosing_quiet_hours("@an:x", None))
    assert (preferences.locale_of("@an:x"), preferences.quiet_hours_of("@an:x")) == (Locale.EN, None)


def test_an_act_of_power_and_its_record_are_committed_together_or_not_at_all(databases, engine: Engine) -> None:
    power = Capability("board", lambda effects: effects, lambda intentions: intentions)
    effects = Effects("@an:x")
    effects.write(DatabasePreferences(engine).choosing_locale("@an:x", Locale.EN))
    effects.record("board.put-up", "board", {"length": 8})
    writes = settled(power, effects)

    def fail(_: object) -> None:
        raise DialogMoved(DIALOG)

    with pytest.raises(DialogMoved):
        commit(engine, *writes, fail)
    assert DatabasePreferences(engine).locale_of("@an:x") is None
    commit(engine, *writes)
    reader = databases.engine(Role.HR)
    with reader.connect() as connection:
        entries = [entry for entry in audit.read(connection) if entry.act == "board.put-up"]
        audit.verify(audit.read(connection))
    reader.dispose()
    assert [(entry.actor, entry.subject, json.loads(entry.details)) for entry in entries] == [
        ("@an:x", "board", {"length": 8})
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "select * from audit.entries",
        "update audit.entries set actor = 'x'",
        "delete from audit.entries",
        "insert into audit.entries (seq, actor, act, subject, details) values (1, 'x', 'x', 'x', '{}')",
        "insert into audit.entries (actor, act, subject, details, at) values ('x', 'x', 'x', '{}', now())",
        "lock table audit.turn",
    ],
)
def test_bots_may_append_to_the_record_and_nothing_else(engine: Engine, statement: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"), engine.begin() as connection:
        connection.execute(text(statement))
