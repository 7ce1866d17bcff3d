"""Letters to people: into the room in which they talk to the bot, or a new one; one room, once, and nobody waits for another."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from bots.matrix.contents import MESSAGE, text_content
from bots.matrix.errors import RequestRefused
from bots.matrix.port import Membership, Text
from bots.runtime.direct import AT_ONCE, INVITED_ANEW_AFTER, SHOWN_WITHIN
from bots.runtime.outbox import GIVE_UP_AFTER
from bots.runtime.outcome import Enclosure, Outgoing, Priority
from bots.testing.faults import Fault
from bots.testing.port import FakePort
from tests.bots.letters import rows
from tests.bots.post import BINH, Post
from tests.bots.running import settled
from tests.clients.waiting import until

HOA = "@hoa:test"


def bodies(post: Post, room_id: str) -> list[str]:
    return [kept.source["content"]["body"] for kept in post.said_in(room_id)]


async def test_who_never_talked_to_the_bot_is_asked_into_a_new_encrypted_room_and_reads_it_there(
    engine: Engine, bot: str
) -> None:
    post = Post(engine, bot)
    post.puts(batch="broadcast 7", k=post.words("khẩn", to=BINH))
    await post.delivers()
    [room_id] = post.rooms_with(BINH)
    assert post.homeserver.rooms[room_id].encrypted
    assert post.homeserver.rooms[room_id].members[BINH] is Membership.INVITE
    assert bodies(post, room_id) == ["khẩn"]
    with engine.connect() as connection:
        assert post.outbox.progress(connection, "broadcast 7").sent == 1
        event_id = post.outbox.event_of(connection, "k")
        assert event_id is not None
        assert post.outbox.batch_of(connection, room_id, event_id) == "broadcast 7"


async def test_the_room_in_which_the_person_talks_to_the_bot_is_taken_and_no_second_one_made(
    engine: Engine, bot: str
) -> None:
    post = Post(engine, bot)
    talks = post.homeserver.make_room(BINH, joined=(post.user_id,))
    post.homeserver.make_room(BINH, joined=(post.user_id,), encrypted=False)
    post.homeserver.make_room(BINH, joined=(post.user_id, HOA))
    post.puts(k=post.words("chào", to=BINH))
    await post.delivers()
    assert bodies(post, talks) == ["chào"]
    assert len(post.rooms_with(BINH)) == 2, "the two that were there"


async def test_who_has_just_asked_the_bot_in_is_answered_there(engine: Engine, bot: str) -> None:
    post = Post(engine, bot)
    asked = post.homeserver.make_room(BINH, post.user_id)
    post.puts(k=post.words("chào", to=BINH))
    await post.delivers()
    assert post.rooms_with(BINH) == [asked]
    assert bodies(post, asked) == ["chào"]


async def test_letters_to_one_person_keep_their_order_and_the_room_is_known_the_next_time(
    engine: Engine, bot: str
) -> None:
    post = Post(engine, bot)
    post.puts(**{f"k{number}": post.words(str(number), to=BINH) for number in range(10)})
    await post.delivers()
    post.puts(later=post.words("sau", to=BINH))
    await post.delivers()
    [room_id] = post.rooms_with(BINH)
    assert bodies(post, room_id) == [*map(str, range(10)), "sau"]


async def test_a_file_goes_to_a_person_as_well(engine: Engine, bot: str) -> None:
    post = Post(engine, bot)
    post.puts(k=Outgoing(BINH, MESSAGE, {}, enclosure=Enclosure("so.csv", "text/csv", b"a,b")))
    await post.delivers()
    [room_id] = post.rooms_with(BINH)
    assert bodies(post, room_id) == ["so.csv"]


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.SPOILT])
async def test_a_room_whose_making_was_answered_by_nobody_is_found_and_not_made_again(
    engine: Engine, bot: str, fault: Fault
) -> None:
    post = Post(engine, bot)
    post.network.breaks(fault, "/createRoom")
    post.puts(k=post.words("chào", to=BINH))
    await post.delivers()
    [room_id] = post.rooms_with(BINH)
    assert bodies(post, room_id) == ["chào"]


async def test_a_crash_right_after_the_making_leaves_one_room(engine: Engine, bot: str) -> None:
    class Crashing(FakePort):
        async def make_direct_room(self, user_id: str) -> str:
            await super().make_direct_room(user_id)
            await asyncio.sleep(3600)  # until the process ends
            raise AssertionError

    post = Post(engine, bot)
    calm, post.port = post.port, Crashing(post.homeserver, post.user_id)
    post.puts(k=post.words("chào", to=BINH))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bots.runtime.direct.STOP_WITHIN_S", 0.01)
        async with post.at_work():
            await until(lambda: bool(post.rooms_with(BINH)))
    post.port = calm
    await post.delivers()
    [room_id] = post.rooms_with(BINH)
    assert bodies(post, room_id) == ["chào"]


async def test_whom_the_directory_does_not_know_gets_nothing_and_the_operator_reads_why(
    engine: Engine, bot: str
) -> None:
    post = Post(engine, bot)
    post.strangers.add(BINH)
    post.puts(k=post.words("chào", to=BINH), other=post.words("chào", to=HOA))
    await post.delivers()
    assert post.rooms_with(BINH) == []
    found = rows(engine, "select room_id, state, error from bots.outbox where bot = :bot order by outbox_id", bot=bot)
    assert [(row.room_id, row.state) for row in found] == [(BINH, "dead"), (post.rooms_with(HOA)[0], "sent")]
    assert "nobody of the register" in found[0].error


async def test_a_person_whose_room_cannot_be_made_now_holds_up_nobody_and_gets_it_later(
    engine: Engine, bot: str
) -> None:
    post = Post(engine, bot)
    post.network.breaks(Fault.FAILED, "/createRoom", times=3)
    post.puts(k=post.words("chào", to=BINH), room=post.words("phòng"))
    await post.delivers()
    assert bodies(post, post.room_id) == ["phòng"]
    [room_id] = post.rooms_with(BINH)
    assert bodies(post, room_id) == ["chào"]


async def test_a_person_whom_the_homeserver_refuses_is_dead_mail_with_the_reason(engine: Engine, bot: str) -> None:
    class Refusing(FakePort):
        async def make_direct_room(self, user_id: str) -> str:
            raise RequestRefused(403, "M_FORBIDDEN", "no such person", "POST /createRoom")

    post = Post(engine, bot)
    post.port = Refusing(post.homeserver, post.user_id)
    post.puts(k=post.words("chào", to=BINH))
    await post.delivers()
    [row] = rows(engine, "select state, error from bots.outbox where bot = :bot", bot=bot)
    assert row.state == "dead" and "no such person" in row.error
    assert rows(engine, "select 1 from bots.direct_rooms where bot = :bot", bot=bot) == []


async def test_who_left_is_asked_in_again_once_a_day_and_what_is_said_then_waits_until_they_are_shown(
    engine: Engine, bot: str
) -> None:
    post = Post(engine, bot)
    post.puts(first=post.words("một", to=BINH))
    await post.delivers()
    [room_id] = post.rooms_with(BINH)
    binh = FakePort(post.homeserver, BINH)
    await binh.leave(room_id)
    post.puts(second=post.words("hai", to=BINH))
    await post.delivers()
    assert post.homeserver.rooms[room_id].members[BINH] is Membership.INVITE
    assert bodies(post, room_id) == ["một", "hai"]

    await binh.leave(room_id)
    post.clock.moves(SHOWN_WITHIN)
    post.puts(third=post.words("ba", to=BINH))
    await post.delivers()
    assert post.homeserver.rooms[room_id].members[BINH] is Membership.LEAVE, "nobody is pestered"
    [dead] = rows(engine, "select error from bots.outbox where bot = :bot and state = 'dead'", bot=bot)
    assert "asked in again within a day" in dead.error

    post.clock.moves(INVITED_ANEW_AFTER)
    post.puts(fourth=post.words("bốn", to=BINH))
    await post.delivers()
    assert bodies(post, room_id) == ["một", "hai", "bốn"]


@pytest.mark.parametrize("change", ["the bot is out", "a third is in"])
async def test_a_room_that_is_no_longer_of_two_is_left_behind(engine: Engine, bot: str, change: str) -> None:
    post = Post(engine, bot)
    post.puts(first=post.words("một", to=BINH))
    await post.delivers()
    [before] = post.rooms_with(BINH)
    if change == "the bot is out":
        post.homeserver.set_membership(before, post.user_id, Membership.LEAVE, by=BINH)
    else:
        post.homeserver.set_membership(before, HOA, Membership.JOIN, by=HOA)
    post.puts(second=post.words("hai", to=BINH))
    await post.delivers()
    after = post.rooms_with(BINH)[-1]
    assert after != before
    assert (bodies(post, before), bodies(post, after)) == (["một"], ["hai"])


async def test_the_urgent_come_first_and_few_rooms_are_made_at_once(engine: Engine, bot: str) -> None:
    class Slow(FakePort):
        at_once = most_at_once = 0

        async def make_direct_room(self, user_id: str) -> str:
            self.at_once += 1
            self.most_at_once = max(self.at_once, self.most_at_once)
            await until(lambda: self.most_at_once >= AT_ONCE)
            await asyncio.sleep(0.02)
            self.at_once -= 1
            return await super().make_direct_room(user_id)

    post = Post(engine, bot)
    post.port = slow = Slow(post.homeserver, post.user_id)
    everybody = [f"@p{number}:test" for number in range(20)]
    for number, user_id in enumerate(everybody):
        urgent = number >= len(everybody) - AT_ONCE
        priority = Priority.URGENT if urgent else Priority.DIGEST
        post.puts(**{user_id: Outgoing(user_id, MESSAGE, text_content(Text("x")), priority)})
    await post.delivers()
    made = [user_id for room in post.homeserver.rooms.values() for user_id in room.members if user_id in everybody]
    assert set(made[:AT_ONCE]) == set(everybody[-AT_ONCE:])
    assert slow.most_at_once == AT_ONCE


async def test_what_is_held_back_makes_no_room_before_its_moment(engine: Engine, bot: str) -> None:
    post = Post(engine, bot)
    tomorrow = post.clock() + timedelta(hours=12)
    post.puts(k=Outgoing(BINH, MESSAGE, text_content(Text("sáng mai")), not_before=tomorrow))
    async with post.at_work():
        await asyncio.sleep(0.2)
        assert post.rooms_with(BINH) == []
        post.clock.moves(timedelta(hours=12))
        await until(settled(engine, bot))
    assert bodies(post, post.rooms_with(BINH)[0]) == ["sáng mai"]


async def test_letters_whose_room_cannot_be_had_for_days_are_dead(engine: Engine, bot: str) -> None:
    post = Post(engine, bot)
    post.network.down = True
    post.puts(k=post.words("chào", to=BINH))
    post.clock.moves(GIVE_UP_AFTER)
    await post.delivers()
    [row] = rows(engine, "select state, error from bots.outbox where bot = :bot", bot=bot)
    assert row.state == "dead" and "does not answer" in row.error


async def test_an_answer_may_go_to_a_person_who_is_elsewhere(engine: Engine, bot: str) -> None:
    post = Post(engine, bot)
    with engine.begin() as connection:
        posted = post.outbox.answer(connection, "$asked", [post.words("riêng", to=BINH), post.words("chung")])
    assert [letter.room_id for letter in posted.letters] == [post.room_id], "the sender has no room for the other"
    with engine.begin() as connection:
        post.outbox.recover(connection)
    await post.delivers()
    assert bodies(post, post.rooms_with(BINH)[0]) == ["riêng"]


async def test_a_letter_to_one_person_does_not_open_for_another(engine: Engine, bot: str) -> None:
    post = Post(engine, bot)
    post.puts(k=post.words("mật", to=BINH))
    with engine.begin() as connection:
        connection.execute(text("update bots.outbox set room_id = :hoa where bot = :bot"), {"hoa": HOA, "bot": bot})
    await post.delivers()
    [room_id] = post.rooms_with(HOA)
    assert bodies(post, room_id) == []
    assert [row.state for row in rows(engine, "select state from bots.outbox where bot = :bot", bot=bot)] == ["dead"]
