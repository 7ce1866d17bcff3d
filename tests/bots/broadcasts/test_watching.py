"""People's clients say what they have shown, and whoever follows an announcement is told how many that are."""

import asyncio
from types import SimpleNamespace

import pytest

from bots.broadcasts import watching
from bots.broadcasts.package import BROADCASTS
from bots.testing.faults import SYNC, Fault
from bots.testing.kit import Stage, kit
from bots.testing.people import Speaker
from huep.names import localpart_of
from tests.bots.broadcasts.town import Town, hears_until
from tests.bots.letters import rows
from tests.clients.running import Databases
from tests.clients.waiting import until


async def announced(stage: Stage, words: str) -> tuple[Town, Speaker, str]:
    """The director speaks to the department; the event ID of what stands in its room."""
    town = Town(stage)
    town.opens_rooms("SNV")
    director = await stage.person("giam-doc")
    await director.says(words)
    await hears_until(director, "would-reach")
    await director.says("đồng ý")
    await hears_until(director, "announced")
    await stage.rest()
    [posted] = town.seen("SNV")
    return town, director, posted.event_id


def seen(stage: Stage, number: int) -> int:
    """By how many, as the ledger has it."""
    [row] = rows(
        stage.tools.engine,
        "select count(seen_at) as people from bots.broadcast_people where bot = :bot and number = :number",
        bot=localpart_of(stage.bot),
        number=number,
    )
    return int(row.people)


@pytest.mark.parametrize("level", ["quan trọng", "để biết"])
async def test_whoever_follows_an_announcement_is_told_how_many_have_seen_it_at_least(
    databases: Databases, level: str
) -> None:
    async with kit(BROADCASTS, databases) as stage:
        deadline = " hạn 17h thứ sáu" if level == "quan trọng" else ""
        town, director, event_id = await announced(stage, f"thông báo {level} tới Sở Nội vụ{deadline}: Họp giao ban")
        an, mai = await stage.person("an"), await stage.person("pho-phong")
        await an.port.mark_read(town.room("SNV"), event_id)
        await mai.port.mark_read(town.room("SNV"), event_id)
        await until(lambda: seen(stage, 1) == 2)
        await director.says("tiến độ 1")
        told = await director.hears(means="progress-seen", count=2)
        assert told.contains("0/4") or told.means("progress-asks-nothing")


async def test_a_reaction_that_somebody_else_set_is_read_with_all_before_it_through_kills_and_a_bad_network(
    databases: Databases,
) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town, _, event_id = await announced(stage, "thông báo quan trọng tới Sở Nội vụ hạn 17h thứ sáu: Họp giao ban")
        an, mai = await stage.person("an"), await stage.person("pho-phong")
        await town.reacts(an, event_id, town.room("SNV"))
        stage.network.breaks(Fault.REPEATED, SYNC, times=3)
        await mai.port.mark_read(town.room("SNV"), an.said[-1])
        await stage.restarts()
        await until(lambda: seen(stage, 1) == 1)


async def test_receipts_are_counted_once_and_no_work_for_whoever_answers(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        an = await stage.person("an")
        town, _, event_id = await announced(stage, "thông báo để biết tới Sở Nội vụ: Căng tin mở lại")
        bound = {"bot": localpart_of(stage.bot)}
        before = rows(stage.tools.engine, "select count(*) as many from bots.inbox where bot = :bot", **bound)
        for _ in range(3):
            await an.port.mark_read(town.room("SNV"), event_id)
        await until(lambda: seen(stage, 1) == 1)
        await stage.rest()
        assert rows(stage.tools.engine, "select count(*) as many from bots.inbox where bot = :bot", **bound) == before
        assert rows(stage.tools.engine, "select 1 from bots.receipts where bot = :bot", **bound) == []


async def watched(monkeypatch: pytest.MonkeyPatch, *more: bool) -> int:
    """How often receipts are counted until it is stopped during the last of these answers: whether more wait."""
    stop, loop, counted = asyncio.Event(), asyncio.get_running_loop(), 0

    def note_seen() -> bool:
        nonlocal counted
        counted += 1
        if counted >= len(more):
            loop.call_soon_threadsafe(stop.set)
        return more[min(counted, len(more)) - 1]

    desk = SimpleNamespace(ledger=SimpleNamespace(note_seen=note_seen))
    monkeypatch.setattr(watching, "LOOK_EVERY_S", 60.0)
    monkeypatch.setattr(watching, "Desk", SimpleNamespace(of=lambda _: desk))
    async with asyncio.timeout(10):
        await watching.watch_readers(SimpleNamespace(), stop)
    return counted


async def test_while_more_receipts_wait_it_goes_on_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await watched(monkeypatch, True, True, True, False) == 4


async def test_a_flood_of_receipts_holds_up_no_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await watched(monkeypatch, True, True) == 2
