"""Crash loops: seen across processes and restarts, told once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from bots.matrix.errors import ServerUnreachable
from bots.process import runs
from bots.process.reports import report_crash_loops, sentence_of
from huep.catalogue import Locale

NOW = datetime(2026, 2, 16, 8, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_yet(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("delete from bots.runs"))


def live(engine: Engine, began: datetime, ending: str | None, bot: str = "assistant") -> int:
    """One life of a bot; without an ending it was killed, or goes on."""
    with engine.begin() as connection:
        run_id = runs.begin(connection, bot, began)
        if ending is not None:
            runs.end(connection, run_id, ending, began + timedelta(seconds=5))
        return run_id


async def told(engine: Engine, now: datetime = NOW) -> list[str]:
    sentences = []

    async def send(sentence: str, transaction_id: str) -> None:
        sentences.append(sentence)

    await report_crash_loops(engine, lambda: now, send)
    return sentences


async def test_a_bot_that_was_killed_again_and_again_is_reported_once_an_hour(engine: Engine) -> None:
    for minute in (8, 6, 4):
        live(engine, NOW - timedelta(minutes=minute), None)
    assert await told(engine) == [], "of the last it is not known that it ended"
    live(engine, NOW - timedelta(minutes=1), None)
    (sentence,) = await told(engine)
    assert '"assistant"' in sentence
    assert "3 lần" in sentence
    assert await told(engine) == []
    for minute in (58, 59, 60):
        live(engine, NOW + timedelta(minutes=minute), "KeyError")
    (again,) = await told(engine, NOW + timedelta(minutes=61))
    assert "KeyError" in again


async def test_clean_stops_and_crashes_far_apart_are_no_loop(engine: Engine) -> None:
    for minute in (9, 7, 5, 3):
        live(engine, NOW - timedelta(minutes=minute), runs.STOPPED)
    for hour in (3, 2, 1):
        live(engine, NOW - timedelta(hours=hour), "KeyError", "other")
    assert await told(engine) == []


async def test_starts_that_failed_before_the_device_count_too(engine: Engine) -> None:
    with engine.begin() as connection:
        for minute in (3, 2, 1):
            runs.note_failed_start(connection, "assistant", "ServerUnreachable", NOW - timedelta(minutes=minute))
        assert runs.last_crash(connection, "assistant") == runs.LastCrash(
            NOW - timedelta(minutes=1), "ServerUnreachable"
        )
    assert len(await told(engine)) == 1


async def test_a_report_that_could_not_be_sent_is_sent_later(engine: Engine) -> None:
    for minute in (3, 2, 1):
        live(engine, NOW - timedelta(minutes=minute), "KeyError")

    async def refuse(sentence: str, transaction_id: str) -> None:
        raise ServerUnreachable("http://127.0.0.1")

    with pytest.raises(ServerUnreachable):
        await report_crash_loops(engine, lambda: NOW, refuse)
    assert len(await told(engine)) == 1


def test_both_languages_say_it() -> None:
    loop = runs.CrashLoop("assistant", 4, "KeyError", 1)
    for locale in Locale:
        assert "huep bots doctor" in sentence_of(loop, locale)
