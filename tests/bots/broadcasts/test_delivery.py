"""What becomes of an announcement once it was sent: kills, lost answers, escalation, deadlines, who comes later."""

import asyncio
import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, text

from bots.broadcasts import jobs
from bots.broadcasts.delivering import progress_key
from bots.broadcasts.desk import Desk
from bots.broadcasts.model import State
from bots.broadcasts.package import BROADCASTS
from bots.matrix.port import Membership
from bots.runtime.jobs import JobCall
from bots.runtime.outbox import transaction_id_for
from bots.runtime.outcome import Priority
from bots.testing.faults import Fault
from bots.testing.kit import Place, Stage, kit
from bots.testing.people import Speaker
from bots.testing.province import UNITS, SmallDirectory, person, post
from huep.broadcasts_settings import BroadcastsSettings
from huep.directory.model import Standing, Unit, UnitKind
from huep.names import localpart_of
from tests.bots.broadcasts.town import SOON, Town, hears_until, says_and_agrees
from tests.clients.running import Databases
from tests.clients.waiting import until

WARDS = 30


def wards() -> SmallDirectory:
    """A chairman, and thirty wards with a chairman each."""
    units = tuple(Unit(f"P{at}", f"Phường {at}", f"P{at}", UnitKind.WARD, 1, "HUE") for at in range(1, WARDS + 1))
    directory = SmallDirectory(
        person("chu-tich", "Nguyễn Văn Phương", post("HUE", "Chủ tịch", Standing.HEAD)), units=(UNITS[0], *units)
    )
    for unit in units:
        held = replace(post("HUE", "Chủ tịch phường", Standing.HEAD), unit_code=unit.code, unit_name=unit.name)
        directory.people.append(person(f"ct-{unit.code.lower()}", f"Chủ tịch {unit.name}", held))
    return directory


@pytest.mark.parametrize("seed", range(3))
async def test_a_delivery_that_is_killed_again_and_again_reaches_each_room_once(
    databases: Databases, seed: int
) -> None:
    chance = random.Random(seed)
    async with kit(BROADCASTS, databases, directory=wards()) as stage:
        town = Town(stage)
        units = [unit.code for unit in stage.directory.units() if unit.level == 1]
        town.opens_rooms(*units)
        chairman = await stage.person("chu-tich")
        stage.network.breaks(Fault.LOST, "/send/", times=4)
        await chairman.says("thông báo quan trọng tới tất cả phường hạn thứ sáu: Trực bão số 5")
        await chairman.hears("Trực bão")
        await chairman.hears(means="would-reach", people=WARDS, rooms=WARDS)
        await chairman.says("đồng ý")
        for _ in range(4):
            await asyncio.sleep(chance.uniform(0.0, 0.15))
            await stage.restarts()
        await stage.rest()
        assert [len(town.seen(unit)) for unit in units] == [1] * WARDS
        await chairman.hears(means="progress-on-its-way", number="1", reached=0, rooms=WARDS)
        await hears_until(chairman, "announced")
        await stage.moves(SOON)
        await hears_until(chairman, "progress-arrived", reached=WARDS, rooms=WARDS)


async def test_an_edit_and_a_withdrawal_reach_every_room_through_kills(databases: Databases) -> None:
    async with kit(BROADCASTS, databases, directory=wards()) as stage:
        town = Town(stage)
        units = [unit.code for unit in stage.directory.units() if unit.level == 1]
        town.opens_rooms(*units)
        chairman = await stage.person("chu-tich")
        await says_and_agrees(chairman, "thông báo để biết tới tất cả phường: Trực bão số 5", "would-reach")
        await stage.rest()
        await chairman.says("sửa tin 1: Trực bão số 6")
        for expected in ("progress-on-its-way", "announced", "would-edit"):
            await hears_until(chairman, expected)
        await chairman.says("đồng ý")
        await stage.restarts()
        await stage.rest()
        assert ["Trực bão số 6" in one.body for unit in units for one in town.seen(unit)] == [True] * WARDS
        await says_and_agrees(chairman, "thu hồi tin 1", "would-withdraw")
        await stage.restarts()
        await stage.rest()
        assert [town.seen(unit) for unit in units] == [[]] * WARDS
        for unit in units:
            timeline = town.homeserver.rooms[town.room(unit)].timeline
            left = [kept for kept in timeline if "Trực bão" in str(kept.source["content"])]
            assert not left, "no version of it stays readable"


async def urgent(stage: Stage) -> tuple[Town, Speaker, Speaker, Speaker]:
    """The director says something urgent to the department; An, Mai and Bình are missing."""
    town = Town(stage)
    town.opens_rooms("SNV")
    director, an, mai = [await stage.person(name) for name in ("giam-doc", "an", "pho-phong")]
    await says_and_agrees(director, "thông báo khẩn tới Sở Nội vụ: Sơ tán ngay tầng 3", "would-reach")
    await stage.rest()
    await director.hears(means="progress-on-its-way")
    await director.hears(means="announced")
    return town, director, an, mai


async def test_what_is_urgent_is_repeated_then_told_to_each_then_to_leaders_then_to_the_sender(
    databases: Databases,
) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town, director, an, mai = await urgent(stage)
        [posted] = town.seen("SNV")
        assert posted.content["m.mentions"] == {"room": True}
        await stage.moves(timedelta(minutes=6))
        await hears_until(director, "progress-how-to-ask")
        _, again = town.seen("SNV")
        assert "Nguyễn Thị An, Phạm Thị Mai, Hồ Văn Bình chưa xác nhận" in again.body
        assert "Lê Quang Minh" not in again.body, "who is on leave is left in peace"
        await town.reacts(mai, again.event_id, town.room("SNV"))
        await stage.moves(timedelta(minutes=10))
        await an.hears("🚨 Thông báo khẩn số 1", "Sơ tán ngay tầng 3")
        await mai.hears_nothing()
        await stage.moves(timedelta(minutes=15))
        await mai.hears(means="leader-told", number="1", count=1)
        await stage.moves(timedelta(minutes=15))
        heard = await mai.hears(means="leader-told", count=1)
        assert "Nguyễn Thị An" in heard.body
        await hears_until(director, "leader-told")
        await an.says("đã rõ")
        await an.hears(means="noted", count=1)
        await stage.moves(timedelta(minutes=15))
        await hears_until(director, "list-told")
        await director.says("ai chưa xác nhận 1")
        await hears_until(director, "missing-count")


async def test_who_has_acknowledged_is_left_alone_and_an_announcement_without_missing_stops(
    databases: Databases,
) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town, _, an, mai = await urgent(stage)
        binh = await stage.person("binh")
        [posted] = town.seen("SNV")
        for speaker in (an, mai, binh):
            await town.reacts(speaker, posted.event_id, town.room("SNV"))
        await stage.moves(timedelta(minutes=61))
        assert len(town.seen("SNV")) == 1
        for speaker in (an, mai, binh):
            await speaker.hears_nothing()


async def test_what_is_important_is_reminded_of_once_and_closed_at_its_deadline(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town = Town(stage)
        town.opens_rooms("SNV")
        director, an, mai = [await stage.person(name) for name in ("giam-doc", "an", "pho-phong")]
        await says_and_agrees(
            director, "thông báo quan trọng tới Sở Nội vụ hạn 17h ngày mai: Nộp báo cáo quý", "would-reach"
        )
        await stage.rest()
        [posted] = town.seen("SNV")
        await town.reacts(an, posted.event_id, town.room("SNV"))
        await stage.moves(timedelta(days=1, hours=2, minutes=31))
        await mai.hears(means="announcement-reminder", deadline="17:00 ngày 16/06/2026")
        await an.hears_nothing()
        await stage.moves(timedelta(hours=6))
        await hears_until(director, "closed-told")
        await mai.says("đã rõ 1")
        await mai.hears(means="noted", count=1)
        await director.says("tiến độ 1")
        told = await hears_until(director, "heading-with-deadline")
        assert "2/4 người đã xác nhận (50%), trong đó 1 người muộn" in told


@pytest.mark.parametrize("ends", [State.CLOSED, State.WITHDRAWN])
async def test_nobody_looks_how_far_it_has_come_once_it_is_over(databases: Databases, ends: State) -> None:
    async with kit(BROADCASTS, databases) as stage:
        Town(stage).opens_rooms("SNV")
        director = await stage.person("giam-doc")
        await says_and_agrees(
            director, "thông báo quan trọng tới Sở Nội vụ hạn 17h ngày mai: Nộp báo cáo", "would-reach"
        )
        await stage.rest()
        assert looks(stage) == 1
        if ends is State.WITHDRAWN:
            await says_and_agrees(director, "thu hồi tin 1", "would-withdraw", "withdrawn")
        for _ in range(3):
            await stage.moves(timedelta(days=1))
        assert looks(stage) == 0


def looks(stage: Stage) -> int:
    """How often it is still going to be looked how far announcements have come."""
    with stage.tools.engine.connect() as connection:
        asked = text("select count(*) from bots.jobs where bot = :bot and name = 'progress' and state = 'open'")
        return int(connection.execute(asked, {"bot": stage.tools.bot}).scalar_one())


async def test_somebody_who_is_not_meant_acknowledges_nothing_and_hears_nothing(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town = Town(stage)
        town.opens_rooms("SNV")
        director, binh = await stage.person("giam-doc"), await stage.person("binh")
        await says_and_agrees(
            director, "thông báo quan trọng tới Phòng Tổ chức biên chế hạn thứ sáu: Nộp báo cáo", "would-reach"
        )
        await stage.rest()
        [posted] = town.seen("SNV")
        assert "Gửi: " in posted.body
        await town.reacts(binh, posted.event_id, town.room("SNV"))
        await town.replies(binh, posted.event_id, town.room("SNV"), "cho hỏi nộp ở đâu?")
        await binh.hears_nothing()
        assert len(town.seen("SNV")) == 1, "a question of one is not answered before all"
        await director.says("ai chưa xác nhận 1")
        assert "Hồ Văn Bình" not in await hears_until(director, "missing-count")


async def test_a_sign_that_is_taken_back_changes_nothing(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town, director, an, _ = await urgent(stage)
        [posted] = town.seen("SNV")
        await town.reacts(an, posted.event_id, town.room("SNV"))
        an.said.append(await an.port.redact(town.room("SNV"), an.said[-1]))
        await stage.rest()
        await director.says("ai chưa xác nhận 1")
        assert "Nguyễn Thị An" not in await hears_until(director, "missing-count")


async def test_who_comes_within_the_deadline_gets_it_by_direct_message_and_who_leaves_owes_nothing(
    databases: Databases,
) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town = Town(stage)
        town.opens_rooms("SNV")
        director, an = await stage.person("giam-doc"), await stage.person("an")
        await says_and_agrees(director, "thông báo quan trọng tới Sở Nội vụ hạn thứ sáu: Nộp báo cáo", "would-reach")
        await stage.rest()
        stage.directory.people = [
            replace(one, locked=one.user_id == an.user_id, full_name="Lý Thị Chi" if one.locked else one.full_name)
            for one in stage.directory.people
        ]
        newcomer = await stage.person("khoa")
        await stage.moves(timedelta(days=1))
        await newcomer.hears("📢 Thông báo quan trọng số 1", "Nộp báo cáo")
        await newcomer.reacts("✅")
        await stage.rest()
        await director.says("ai chưa xác nhận 1")
        heard = await hears_until(director, "missing-count")
        assert "Nguyễn Thị An" not in heard
        assert "Lý Thị Chi" not in heard


async def test_at_night_only_what_is_urgent_rings(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town = Town(stage)
        town.opens_rooms("SNV")
        await stage.moves(timedelta(hours=14))
        director = await stage.person("giam-doc")
        await director.says("thông báo quan trọng tới Sở Nội vụ hạn thứ sáu: Nộp báo cáo")
        await director.hears("Nộp báo cáo")
        await director.hears(means="would-wait-for-morning", moment="06:00 ngày 16/06/2026")
        await director.says("đồng ý")
        await hears_until(director, "announced")
        await says_and_agrees(director, "thông báo khẩn tới Sở Nội vụ: Sơ tán ngay", "would-reach")
        await hears_until(director, "announced")
        async with asyncio.timeout(10):
            while not town.seen("SNV"):
                await asyncio.sleep(0.02)
        assert ["Sơ tán" in one.body for one in town.seen("SNV")] == [True]
        await stage.moves(timedelta(hours=8))
        assert any("Nộp báo cáo" in one.body for one in town.seen("SNV"))


async def test_what_is_worded_anew_by_night_goes_out_in_its_new_words_alone(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town = Town(stage)
        town.opens_rooms("SNV")
        await stage.moves(timedelta(hours=14))
        director = await stage.person("giam-doc")
        await says_and_agrees(director, "thông báo để biết tới Sở Nội vụ: Họp lúc 14h", "would-wait-for-morning")
        await hears_until(director, "announced")
        await says_and_agrees(director, "sửa tin 1: Họp lúc 15h", "would-edit")
        await hears_until(director, "edited")
        await until(lambda: not open_jobs(stage, "correct"))
        await stage.moves(timedelta(hours=8))
        timeline = town.homeserver.rooms[town.room("SNV")].timeline
        [posted] = [str(body) for kept in timeline if (body := kept.source["content"].get("body")) is not None]
        assert "Họp lúc 15h" in posted
        assert "đã sửa" not in posted, "nobody has seen the words before"


@pytest.mark.parametrize(
    ("order", "asked", "told", "posted"),
    [("sửa tin 1: Họp lúc 15h", "would-edit", "edited", ["15h"]), ("thu hồi tin 1", "would-withdraw", "withdrawn", [])],
    ids=["edited", "withdrawn"],
)
async def test_what_waits_for_the_bot_to_be_let_in_arrives_in_its_new_words_or_never(
    databases: Databases, order: str, asked: str, told: str, posted: list[str]
) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town = Town(stage)
        town.opens_rooms("SNV")
        room_id = town.room("SNV")
        town.homeserver.set_membership(room_id, stage.bot, Membership.LEAVE, by=stage.bot)
        director = await stage.person("giam-doc")
        await says_and_agrees(director, "thông báo để biết tới Sở Nội vụ: Họp lúc 14h", "would-reach")
        await hears_until(director, "announced")
        await until(lambda: tries(stage, room_id) > 0)
        await says_and_agrees(director, order, asked)
        await hears_until(director, told)
        await until(lambda: not open_jobs(stage, "correct") + open_jobs(stage, "withdraw"))
        town.homeserver.set_membership(room_id, stage.bot, Membership.JOIN, by=stage.bot)
        await stage.moves(timedelta(minutes=5))
        timeline = town.homeserver.rooms[room_id].timeline
        said = [str(body) for kept in timeline if (body := kept.source["content"].get("body")) is not None]
        assert [words in body for words, body in zip(posted, said, strict=True)] == [True] * len(posted)


def progress_message_becomes(connection: Connection, stage: Stage, state: str) -> None:
    """The message in the sender's chat that shows how far announcement 1 has come was not sent."""
    connection.execute(
        text("update bots.outbox set state = :state, event_id = null where bot = :bot and transaction_id = :id"),
        {"state": state, "bot": localpart_of(stage.bot), "id": transaction_id_for(progress_key(1))},
    )


async def test_progress_that_can_be_shown_nowhere_is_not_looked_at_all_the_time(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        await urgent(stage)
        with stage.tools.engine.begin() as connection:
            progress_message_becomes(connection, stage, "dead")
        await stage.moves(SOON)
        [due_at] = open_jobs(stage, "progress")
        assert due_at - stage.clock() > timedelta(seconds=50)


async def test_an_announcement_is_not_closed_before_its_sender_can_be_shown_that_it_has_arrived(
    databases: Databases,
) -> None:
    async with kit(BROADCASTS, databases) as stage:
        Town(stage).opens_rooms("SNV")
        director = await stage.person("giam-doc")
        await says_and_agrees(director, "thông báo để biết tới Sở Nội vụ: Nộp báo cáo", "would-reach")
        await stage.rest()
        call = JobCall(stage.tools.bot, "progress", "k", {"number": 1, "turn": 1}, stage.clock())
        found = text("select state from bots.broadcasts where bot = :bot")
        states = []
        for message in ("waiting", "dead"):
            with stage.tools.engine.connect() as connection:
                progress_message_becomes(connection, stage, message)
                jobs.progress(Desk.of(stage.tools), call, connection)
                states.append(connection.execute(found, {"bot": localpart_of(stage.bot)}).scalar_one())
                connection.rollback()
        assert states == ["sent", "closed"]


async def test_a_digest_is_sent_behind_all_else(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        Town(stage).opens_rooms("SNV")
        director, an = await stage.person("giam-doc"), await stage.person("an")
        with stage.tools.engine.begin() as connection:
            Desk.of(stage.tools).ledger.choosing_digest(an.user_id, True)(connection)
        await says_and_agrees(director, "thông báo để biết tới Sở Nội vụ: Căng tin mở lại", "would-reach")
        await stage.rest()
        await stage.moves(timedelta(days=1))
        await an.hears("1 · Căng tin mở lại (Sở Nội vụ)")
        with stage.tools.engine.connect() as connection:
            last = text("select priority from bots.outbox where bot = :bot order by outbox_id desc limit 1")
            assert connection.execute(last, {"bot": localpart_of(stage.bot)}).scalar_one() == Priority.DIGEST


def bounded(databases: Databases, most_direct: int, deepest_level: int = 1) -> Place:
    settings = databases.settings
    update = {
        "broadcasts": BroadcastsSettings(most_direct=most_direct),
        "rooms": settings.rooms.model_copy(update={"deepest_level": deepest_level}),
    }
    return replace(databases, settings=settings.model_copy(update=update))


async def test_newcomers_beyond_the_bound_are_not_written_to_and_the_sender_hears_of_it(databases: Databases) -> None:
    async with kit(BROADCASTS, bounded(databases, 1)) as stage:
        Town(stage).opens_rooms("SNV")
        director = await stage.person("giam-doc")
        await says_and_agrees(director, "thông báo quan trọng tới Sở Nội vụ hạn thứ sáu: Nộp báo cáo", "would-reach")
        await stage.rest()
        names = ("moi-a", "moi-b", "moi-c")
        stage.directory.people += [
            replace(
                person(name, f"Người {name}", post("SNV", "Chuyên viên")), user_id=f"@{name}:{stage.world.server_name}"
            )
            for name in names
        ]
        await stage.moves(timedelta(days=1))
        await hears_until(director, "newcomers-left")
        with stage.tools.engine.connect() as connection:
            progress = stage.tools.outbox.progress(connection, "broadcast 1 words")
        assert progress.total == 2, "the room, and one newcomer"


async def test_of_more_than_may_be_written_to_only_those_who_are_asked_in_a_room_are_counted(
    databases: Databases,
) -> None:
    async with kit(BROADCASTS, bounded(databases, 1, deepest_level=2)) as stage:
        town = Town(stage)
        town.opens_rooms("SNV-TC")
        director = await stage.person("giam-doc")
        await says_and_agrees(director, "thông báo quan trọng tới Sở Nội vụ hạn thứ sáu: Nộp báo cáo", "would-reach")
        await stage.rest()
        await director.says("nhắc tin 1")
        told = await hears_until(director, "would-remind")
        assert "2 người" in told, "An and Mai; Bình has no room"
        await director.says("đồng ý")
        assert "2 người" in await hears_until(director, "reminded")
        await stage.rest()
        assert "Nguyễn Thị An, Phạm Thị Mai chưa xác nhận" in town.seen("SNV-TC")[1].body


def tries(stage: Stage, room_id: str) -> int:
    """How often the letters into a room were tried in vain."""
    with stage.tools.engine.connect() as connection:
        found = text("select coalesce(sum(attempts), 0) from bots.outbox where bot = :bot and room_id = :room_id")
        return int(connection.execute(found, {"bot": localpart_of(stage.bot), "room_id": room_id}).scalar_one())


def open_jobs(stage: Stage, name: str) -> list[datetime]:
    """When those that are to come are due."""
    with stage.tools.engine.connect() as connection:
        rows = connection.execute(
            text("select due_at from bots.jobs where bot = :bot and name = :name and state = 'open'"),
            {"bot": stage.package.name, "name": name},
        )
        return [row.due_at for row in rows]
