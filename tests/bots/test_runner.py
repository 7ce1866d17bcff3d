"""The whole way of a message, from the port through inbox, dispatcher and outbox back to the port."""

import asyncio
import time
from typing import Any

import pytest
from sqlalchemy import Engine

from bots.matrix.errors import AccountLocked, NoSuchRoom, RateLimited, RequestRefused
from bots.matrix.port import Event, Invite, Unreadable
from bots.matrix.trust import Origin
from bots.runtime.outbox import Outbox
from bots.testing.province import SmallPreferences, small_province
from huep.database import DatabaseUnreachable
from huep.directory.model import Person
from tests.bots.letters import AN, BINH, BOT, ROOM, ScriptedPort, Sent, failing, message, rows
from tests.bots.running import SEAL, Echo, assistant, echo, running, settled
from tests.clients.waiting import until

STRANGER, LOCKED = "@la:hue.localhost", "@khoa:hue.localhost"


async def answers(engine: Engine, bot: str, *events: Event, port: ScriptedPort | None = None) -> list[Sent]:
    port = port or ScriptedPort()
    async with running(engine, bot, port, assistant()):
        port.says(*events)
        await until(lambda: bool(port.committed))
        await until(settled(engine, bot))
    return port.server.sent


async def test_a_person_is_told_who_they_are(engine: Engine, bot: str) -> None:
    [sent] = await answers(engine, bot, message("toi la ai"))
    assert sent.room_id == ROOM
    assert "Nguyễn Thị An" in sent.body
    assert sent.content["msgtype"] == "m.text", "phones ring for answers"
    assert sent.reply_to == "$toi la ai"


async def test_an_answer_comes_once_however_often_the_event_comes(engine: Engine, bot: str) -> None:
    port = ScriptedPort()
    for _ in range(2):
        async with running(engine, bot, port, assistant()):
            for _ in range(2):
                port.says(message("toi la ai"))
            await until(lambda: port.coming.empty() and len(port.committed) % 2 == 0)
            await until(settled(engine, bot))
    assert len(port.server.sent) == 1
    assert len(port.committed) == 4


async def test_the_token_moves_on_when_the_event_is_in_the_inbox(engine: Engine, bot: str) -> None:
    """A process that ends before it could answer leaves the event to the next one."""
    first, last = ScriptedPort(), ScriptedPort()
    silent = Echo()
    silent.failure = lambda _: DatabaseUnreachable("the database is away")
    async with running(engine, bot, first, silent):
        first.says(message("hello"))
        await until(lambda: bool(silent.seen))
        assert first.committed, "the answer need not be there"
    async with running(engine, bot, last, Echo()):
        await until(lambda: bool(last.server.sent))
    assert [sent.reply_to for sent in last.server.sent] == ["$hello"]


async def test_what_a_process_before_left_in_its_hands_comes_before_new_answers(
    engine: Engine, bot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = Outbox(bot, SEAL)
    with engine.begin() as connection:
        assert outbox.answer(connection, "$before", [echo(message("before"))]).letters
    recover = Outbox.recover

    def slowly(*told: Any) -> int:
        time.sleep(0.3)
        return recover(*told)

    monkeypatch.setattr(Outbox, "recover", slowly)
    port = ScriptedPort()
    port.says(message("new"))
    async with running(engine, bot, port, Echo()):
        await until(lambda: bool(port.committed))
        await until(settled(engine, bot))
    assert [sent.body for sent in port.server.sent] == ["re $before", "re $new"]


async def test_the_bot_does_not_talk_to_itself_nor_to_programs(engine: Engine, bot: str) -> None:
    program = message("toi la ai", notice=True)
    assert await answers(engine, bot, message("toi la ai", sender=BOT), program) == []
    assert await answers(engine, f"{bot}-2", message("toi la ai", sender="@bot-khac:hue.localhost", notice=True)) == []


async def test_history_from_before_the_first_start_is_not_answered(engine: Engine, bot: str) -> None:
    port = ScriptedPort()
    async with running(engine, bot, port, assistant()):
        port.says(message("toi la ai"), live=False)
        await until(lambda: bool(port.committed))
    assert port.server.sent == []
    assert rows(engine, "select 1 from bots.inbox where bot = :bot", bot=bot) == []


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (message("toi la ai", origin=Origin.PLAIN), "mã hóa đầu cuối"),
        (
            Unreadable(room_id=ROOM, event_id="$u", sender=AN, sent_at_ms=1, origin=Origin.UNSIGNED),
            "chưa nhận được khóa",
        ),
    ],
)
async def test_who_may_not_command_gets_a_sentence_and_nothing_from_the_directory(
    engine: Engine, bot: str, event: Event, sentence: str
) -> None:
    [sent] = await answers(engine, bot, event)
    assert sent.reply_to == event.event_id
    assert sentence in sent.body
    assert "An" not in sent.body.split()


async def test_who_writes_on_a_device_that_is_not_verified_is_told_elsewhere_and_never_in_the_room(
    engine: Engine, bot: str
) -> None:
    assert await answers(engine, bot, message("toi la ai", origin=Origin.UNSIGNED)) == []
    assert [row.told_at for row in rows(engine, "select told_at from bots.notices where user_id = :an", an=AN)] == [
        None
    ]


async def test_a_message_whose_key_comes_late_is_answered_after_its_sender_was_told(engine: Engine, bot: str) -> None:
    port = ScriptedPort()
    unreadable = Unreadable(room_id=ROOM, event_id="$late", sender=AN, sent_at_ms=1, origin=Origin.UNSIGNED)
    async with running(engine, bot, port, assistant()):
        for event in (unreadable, message("toi la ai", event_id="$late"), unreadable):
            port.says(event)
        await until(lambda: len(port.committed) == 3)
        await until(settled(engine, bot))
    told, answered = port.server.sent
    assert "chưa nhận được khóa" in told.body
    assert "Nguyễn Thị An" in answered.body, "what was read is not unreadable any more"


async def test_a_stranger_learns_nothing_and_does_not_see_why(engine: Engine, bot: str) -> None:
    unknown, locked = await answers(
        engine,
        bot,
        message("toi la ai", sender=STRANGER),
        message("don vi toi", sender=LOCKED),
        port=ScriptedPort(None, STRANGER),
    )
    assert unknown.body == locked.body
    assert "không tìm thấy bạn" in unknown.body
    assert unknown.content["msgtype"] == "m.notice"


async def test_in_a_room_of_many_only_who_names_the_bot_is_answered(engine: Engine, bot: str) -> None:
    named = message("toi la ai", event_id="$named", mentions=frozenset({BOT}))
    [sent] = await answers(engine, bot, message("toi la ai"), named, port=ScriptedPort(None, AN, BINH))
    assert sent.reply_to == "$named"


async def test_the_language_chosen_holds_for_what_follows(engine: Engine, bot: str) -> None:
    port = ScriptedPort()
    async with running(engine, bot, port, assistant(preferences=SmallPreferences())):
        for typed in ("tiếng Anh", "tôi là ai", "blah", "tieng viet", "who am i"):
            port.says(message(typed))
        await until(lambda: len(port.server.sent) == 5)
    bodies = port.server.bodies(ROOM)
    assert "English" in bodies[0]
    assert "Your leader" in bodies[1]
    assert bodies[2].startswith("I did not understand")
    assert "Lãnh đạo trực tiếp" in bodies[4]


async def test_an_unknown_sentence_is_answered_with_the_two_likeliest_commands(engine: Engine, bot: str) -> None:
    [sent] = await answers(engine, bot, message("tôi la a"))
    assert '"tôi là ai"' in sent.body


async def test_a_failing_directory_costs_a_sentence_and_not_the_bot(engine: Engine, bot: str) -> None:
    class Broken:
        def person_of(self, user_id: str) -> None:
            raise ConnectionError("database away")

    port = ScriptedPort()
    async with running(engine, bot, port, assistant(Broken())):
        port.says(message("toi la ai"))
        await until(lambda: bool(port.server.sent))
    [sent] = port.server.sent
    assert "đang bận" in sent.body
    assert "database" not in sent.body


async def test_a_directory_that_restarts_costs_a_wait(engine: Engine, bot: str) -> None:
    asked = iter(range(100))

    class Restarting:
        def person_of(self, user_id: str) -> Person | None:
            if next(asked) < 6:
                raise DatabaseUnreachable("the database is starting")
            return small_province().person_of(user_id)

    port = ScriptedPort()
    async with running(engine, bot, port, assistant(Restarting())):
        port.says(message("toi la ai"))
        await until(lambda: bool(port.server.sent))
    assert "Nguyễn Thị An" in port.server.sent[0].body


async def test_a_thread_is_answered_in_the_thread(engine: Engine, bot: str) -> None:
    [sent] = await answers(engine, bot, message("toi la ai", thread_root="$root"))
    assert sent.content["m.relates_to"]["event_id"] == "$root"


async def test_one_receipt_serves_many_messages(engine: Engine, bot: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.runtime.receipts.DELAY_S", 0.5)
    port = ScriptedPort()
    async with running(engine, bot, port, assistant()):
        port.says(message("toi la ai"), message("don vi toi"))
        await until(lambda: len(port.server.sent) == 2)
        assert port.read == [], "the answer goes first"
        await until(lambda: bool(port.read))
    assert port.read == ["$don vi toi"]


async def test_invitations_come_from_people_of_the_directory_only(engine: Engine, bot: str) -> None:
    port = ScriptedPort()
    async with running(engine, bot, port, Echo(), admits=lambda inviter: inviter == AN):
        port.says(invites=(Invite("!an", AN), Invite("!stranger", STRANGER)))
        await until(lambda: bool(port.joined and port.left))
    assert (port.joined, port.left) == (["!an"], ["!stranger"])
    assert port.settled == ["!an", "!stranger"], "the inbox keeps them from now on"


@pytest.mark.parametrize(
    ("failure", "joins"),
    [
        (RateLimited(429, "M_LIMIT_EXCEEDED", "", "join"), True),
        (RequestRefused(502, "", "", "join"), True),
        (DatabaseUnreachable("the database is away"), True),
        (RequestRefused(403, "M_FORBIDDEN", "", "join"), False),
    ],
)
async def test_an_invitation_that_fails_for_now_is_tried_again(
    engine: Engine, bot: str, failure: Exception, joins: bool
) -> None:
    port = ScriptedPort()
    port.join_failure = failing(3 if joins else 99, failure)
    async with running(engine, bot, port, Echo(), admits=lambda inviter: inviter == AN):
        port.says(invites=(Invite("!an", AN), Invite("!stranger", STRANGER)))
        await until(lambda: bool(port.left))
        await until(settled(engine, bot))
    assert (port.joined == ["!an"]) == joins


async def test_a_room_that_refuses_does_not_stop_the_others(engine: Engine, bot: str) -> None:
    port = ScriptedPort()
    refused = RequestRefused(403, "M_FORBIDDEN", "no power", "PUT /send")
    port.server.before = failing(1, refused)
    async with running(engine, bot, port, Echo()):
        port.says(message("one", room_id="!gone"))
        await until(lambda: port.server.requests == 1)
        port.says(message("two"))
        await until(lambda: bool(port.server.sent))
        await until(settled(engine, bot))
    assert [sent.reply_to for sent in port.server.sent] == ["$two"]
    [dead] = rows(engine, "select room_id, error from bots.outbox where bot = :bot and state = 'dead'", bot=bot)
    assert dead.room_id == "!gone"
    assert str(refused) == dead.error


async def test_an_event_of_a_room_that_was_left_is_done_with(engine: Engine, bot: str) -> None:
    port = ScriptedPort()
    port.room_failure = failing(2, NoSuchRoom(ROOM))  # as it is taken in, and as it is dealt with
    async with running(engine, bot, port, Echo()):
        port.says(message("one"), message("two"))
        await until(lambda: bool(port.server.sent))
    assert [sent.reply_to for sent in port.server.sent] == ["$two"]


async def test_a_locked_account_ends_the_bot_and_the_answer_waits(engine: Engine, bot: str) -> None:
    port, later = ScriptedPort(), ScriptedPort()
    port.server.before = lambda: AccountLocked(401, "M_USER_LOCKED", "", "send")
    with pytest.raises(AccountLocked):
        async with running(engine, bot, port, Echo()):
            port.says(message("one"))
            await until(lambda: port.server.requests == 1)
            await asyncio.sleep(0.2)
    async with running(engine, bot, later, Echo()):
        await until(lambda: bool(later.server.sent))
    assert [sent.reply_to for sent in later.server.sent] == ["$one"]
