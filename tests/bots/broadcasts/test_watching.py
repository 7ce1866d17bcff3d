"""What is watched beside the answering: what people's clients have shown, and who comes and goes in the register."""

import asyncio
from dataclasses import replace
from datetime import time, timedelta
from types import SimpleNamespace

import pytest

from bots.broadcasts import watching
from bots.broadcasts.desk import Desk
from bots.broadcasts.jobs import BETWEEN_TWO
from bots.broadcasts.package import BROADCASTS
from bots.testing.faults import SYNC, Fault
from bots.testing.kit import Stage, kit
from bots.testing.people import Speaker
from bots.testing.province import person, post
from huep.clock import PROVINCE_TIMEZONE
from huep.names import localpart_of
from tests.bots.broadcasts.town import Town, hears_until, says_and_agrees
from tests.bots.letters import rows
from tests.clients.running import Databases
from tests.clients.waiting import until

IMPORTANT = "thông báo quan trọng tới Sở Nội vụ hạn thứ sáu: Nộp báo cáo"


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The directory is looked at twenty times a second."""
    monkeypatch.setattr(watching, "REGISTER_EVERY_S", 0.05)


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


@pytest.mark.usefixtures("often")
async def test_who_comes_today_gets_what_has_to_be_read_today(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        await announced(stage, "thông báo quan trọng tới Sở Nội vụ hạn 17h: Nộp báo cáo")
        newcomer = await comes(stage)
        await newcomer.hears("📢 Thông báo quan trọng số 1", "Nộp báo cáo")


@pytest.mark.usefixtures("often")
async def test_who_comes_by_night_is_told_in_the_morning_unless_it_is_urgent(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        _, director, _ = await announced(stage, IMPORTANT)
        await stage.moves(timedelta(hours=14))
        await says_and_agrees(director, "thông báo khẩn tới Sở Nội vụ: Sơ tán ngay", "would-reach")
        await stage.rest()
        newcomer = await comes(stage)
        await newcomer.hears("Sơ tán ngay")
        stage.clock.moves(BETWEEN_TWO)
        held = "select not_before from bots.outbox where bot = :bot and state = 'waiting' and not_before is not null"
        await until(lambda: bool(rows(stage.tools.engine, held, bot=localpart_of(stage.bot))))
        [copy] = rows(stage.tools.engine, held, bot=localpart_of(stage.bot))
        assert copy.not_before.astimezone(PROVINCE_TIMEZONE).time() == time(6)
        await stage.moves(timedelta(hours=7, minutes=40))
        await newcomer.hears("Nộp báo cáo")


@pytest.mark.usefixtures("often")
async def test_who_comes_into_a_room_where_the_words_are_still_held_gets_them_there_alone(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        Town(stage).opens_rooms("SNV")
        await stage.moves(timedelta(hours=14))
        director = await stage.person("giam-doc")
        await says_and_agrees(director, IMPORTANT, "would-wait-for-morning")
        await hears_until(director, "announced")
        newcomer = await comes(stage)
        owed = Desk.of(stage.tools).ledger.owed_by
        await until(lambda: bool(owed(newcomer.person.key)))
        await stage.moves(timedelta(hours=8))
        await newcomer.hears_nothing()


@pytest.mark.usefixtures("often")
async def test_a_lock_of_a_few_minutes_releases_nobody_and_tells_nobody_again(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        an = await stage.person("an")
        await announced(stage, IMPORTANT)
        owed = Desk.of(stage.tools).ledger.owed_by(an.person.key)
        for locked in (True, False):
            times = followed(stage)
            [place] = [at for at, one in enumerate(stage.directory.people) if one.user_id == an.user_id]
            stage.directory.people[place] = replace(stage.directory.people[place], locked=locked)
            await until(lambda times=times: followed(stage) > times)
            await stage.rest()
        assert Desk.of(stage.tools).ledger.owed_by(an.person.key) == owed
        await an.hears_nothing()


async def test_a_directory_that_goes_on_changing_is_followed_when_it_stands_still(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "REGISTER_EVERY_S", 0.02)
    async with kit(BROADCASTS, databases) as stage:
        await until(lambda: followed(stage) == 1)
        looked = 0

        def changing() -> str:
            nonlocal looked
            looked += 1
            return str(min(looked, 20))

        monkeypatch.setattr(stage.directory, "fingerprint", changing)
        await until(lambda: looked > 15)
        assert followed(stage) == 1
        await until(lambda: followed(stage) == 2)
        await until(lambda: looked > 40)
        assert followed(stage) == 2


async def comes(stage: Stage) -> Speaker:
    """Somebody takes up a post in the department."""
    come = person("moi", "Người Mới", post("SNV", "Chuyên viên"))
    stage.directory.people.append(replace(come, user_id=f"@moi:{stage.world.server_name}"))
    return await stage.person("moi")


def followed(stage: Stage) -> int:
    """How often the bot has looked who came and went."""
    done = "select count(*) as times from bots.jobs where bot = :bot and name = 'reconcile' and state = 'done'"
    [row] = rows(stage.tools.engine, done, bot=stage.package.name)
    return int(row.times)
