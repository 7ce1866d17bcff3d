"""The loop, on a port that plays the bot's own messages back to it, as a server does."""

import asyncio
from dataclasses import replace

import pytest

from bots.assistant.commands import assistant_router
from bots.assistant.service import AssistantService
from bots.matrix.errors import AccountLocked, NoSuchRoom, RateLimited, RequestRefused, ServerUnreachable
from bots.matrix.port import Batch, Edit, Event, Invite, RoomEvent, RoomView, Text, TextMessage, Unreadable
from bots.matrix.trust import Origin
from bots.runtime import patience
from bots.runtime.access import Access
from bots.runtime.runner import Bot
from huep.catalogue import Locale
from huep.database import DatabaseUnreachable
from huep.directory.model import Person
from tests.bots.province import SmallPreferences, person, post, small_province

BOT, AN, STRANGER = "@tro-ly:hue.localhost", "@an:hue.localhost", "@la:hue.localhost"


class PlaybackPort:
    """One room; what the bot writes comes back in the next batch."""

    user_id = BOT

    def __init__(self, *members: str) -> None:
        self.members = frozenset({BOT, *members})
        self.sent: list[tuple[str, Text]] = []
        self.plain: list[str] = []
        self.transactions: list[str | None] = []
        self.joined: list[str] = []
        self.left: list[str] = []
        self.settled: list[str] = []
        self.join_failure: Exception | None = None
        self.handled: set[str] = set()
        self.committed: list[str] = []
        self.read: list[str] = []
        self.echo: list[Event] = []
        self.failure: Exception | None = None

    async def next_batch(self) -> Batch:
        await asyncio.sleep(3600)
        raise AssertionError

    async def commit(self, batch: Batch) -> None:
        self.committed.append(batch.token)

    def is_handled(self, event_id: str) -> bool:
        return event_id in self.handled

    def mark_handled(self, event: RoomEvent) -> None:
        self.handled.add(event.event_id)

    async def room(self, room_id: str) -> RoomView:
        return RoomView(room_id, True, self.members)

    async def send_text(self, room_id: str, text: Text, transaction_id: str | None = None) -> str:
        if self.failure is not None:
            raise self.failure
        self.sent.append((room_id, text))
        self.transactions.append(transaction_id)
        self.echo.append(message(text.body, sender=BOT, event_id=f"$echo{len(self.sent)}"))
        return f"$echo{len(self.sent)}"

    async def send_plain_notice(
        self, room_id: str, body: str, reply_to: str | None = None, transaction_id: str | None = None
    ) -> str:
        self.plain.append(body)
        return "$plain"

    async def send_event(self, *_: object) -> str:
        raise AssertionError("the assistant sends texts only")

    async def mark_read(self, room_id: str, event_id: str) -> None:
        self.read.append(event_id)

    async def join(self, room_id: str) -> None:
        if self.join_failure is not None:
            raise self.join_failure
        self.joined.append(room_id)

    def settle_invite(self, invite: Invite) -> None:
        self.settled.append(invite.room_id)

    async def leave(self, room_id: str) -> None:
        self.left.append(room_id)


def message(body: str, **changes: object) -> TextMessage:
    values: dict[str, object] = {
        "room_id": "!r",
        "event_id": f"${body}",
        "sender": AN,
        "sent_at_ms": 1,
        "origin": Origin.CROSS_SIGNED,
        "body": body,
    }
    return TextMessage(**{**values, **changes})  # type: ignore[arg-type]


def a_bot(port: PlaybackPort, directory: object = None) -> Bot:
    people = directory or small_province()
    preferences = SmallPreferences()
    return Bot(port, assistant_router(AssistantService(small_province()), preferences), Access(people, preferences))  # type: ignore[arg-type]


async def answers(*events: Event, port: PlaybackPort | None = None) -> PlaybackPort:
    port = port or PlaybackPort(AN)
    await a_bot(port).handle(Batch("t", events=events))
    return port


async def test_a_person_is_told_who_they_are() -> None:
    port = await answers(message("toi la ai"))
    [(room_id, text)] = port.sent
    assert room_id == "!r"
    assert "Nguyễn Thị An" in text.body
    assert not text.notice, "phones ring for answers"
    assert text.reply_to == "$toi la ai"
    assert port.committed == ["t"]


async def test_an_answer_comes_once_even_if_the_batch_comes_again() -> None:
    port = PlaybackPort(AN)
    bot = a_bot(port)
    for _ in range(2):
        await bot.handle(Batch("t", events=(message("toi la ai"),)))
    assert len(port.sent) == 1


async def test_an_answer_repeated_after_a_crash_has_the_same_transaction() -> None:
    port = PlaybackPort(AN)
    bot = a_bot(port)
    await bot.handle(Batch("t", events=(message("toi la ai"),)))
    port.handled.clear()
    await bot.handle(Batch("t", events=(message("toi la ai"),)))
    assert len(set(port.transactions)) == 1
    assert port.transactions[0] is not None


async def test_the_bot_does_not_talk_to_itself() -> None:
    port = await answers(message("toi la ai"))
    await a_bot(port).handle(Batch("u", events=tuple(port.echo)))
    assert len(port.sent) == 1


@pytest.mark.parametrize(
    "event",
    [
        message("toi la ai", notice=True),
        message("toi la ai", sender=BOT),
        Edit(
            room_id="!r", event_id="$e", sender=AN, sent_at_ms=1, origin=Origin.CROSS_SIGNED, target="$x", body="help"
        ),
    ],
)
async def test_notices_edits_and_own_messages_are_not_answered(event: Event) -> None:
    port = await answers(event)
    assert port.sent == []
    assert port.plain == []


async def test_history_from_before_the_first_start_is_not_answered() -> None:
    port = PlaybackPort(AN)
    await a_bot(port).handle(Batch("t", events=(message("toi la ai"),), live=False))
    assert port.sent == []
    assert port.committed == ["t"]


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (message("toi la ai", origin=Origin.UNSIGNED), "chưa được xác minh"),
        (message("toi la ai", origin=Origin.PLAIN), "mã hoá đầu cuối"),
        (
            Unreadable(room_id="!r", event_id="$u", sender=AN, sent_at_ms=1, origin=Origin.UNSIGNED),
            "chưa nhận được khoá",
        ),
    ],
)
async def test_who_may_not_command_gets_a_sentence_and_nothing_from_the_directory(event: Event, sentence: str) -> None:
    port = await answers(event)
    assert port.sent == [], "no key goes to such a device"
    [said] = port.plain
    assert sentence in said
    assert "An" not in said.split()


async def test_a_stranger_learns_nothing_and_does_not_see_why() -> None:
    port = await answers(
        message("toi la ai", sender=STRANGER),
        message("don vi toi", sender="@khoa:hue.localhost"),
        port=PlaybackPort(STRANGER),
    )
    unknown, locked = (text for _, text in port.sent)
    assert unknown.body == locked.body
    assert "không tìm thấy bạn" in unknown.body
    assert unknown.notice


async def test_invitations_come_from_people_of_the_directory_only() -> None:
    port = PlaybackPort(AN)
    invites = (Invite("!an", AN), Invite("!stranger", STRANGER), Invite("!locked", "@khoa:hue.localhost"))
    await a_bot(port).handle(Batch("t", invites=invites))
    assert port.joined == ["!an"]
    assert port.left == ["!stranger", "!locked"]
    assert port.settled == ["!an", "!stranger", "!locked"]


@pytest.mark.parametrize(
    ("failure", "settled"),
    [
        (RateLimited(429, "M_LIMIT_EXCEEDED", "", "join"), False),
        (RequestRefused(502, "", "", "join"), False),
        (RequestRefused(403, "M_FORBIDDEN", "", "join"), True),
    ],
)
async def test_an_invitation_that_fails_for_now_stays_open(failure: Exception, settled: bool) -> None:
    port = PlaybackPort(AN)
    port.join_failure = failure
    await a_bot(port).handle(Batch("t", invites=(Invite("!an", AN), Invite("!stranger", STRANGER))))
    assert ("!an" in port.settled) == settled
    assert port.left == ["!stranger"], "the others do not wait for it"
    assert port.committed == ["t"]


async def test_an_invitation_stays_open_while_the_directory_is_away() -> None:
    class Broken:
        def person_of(self, user_id: str) -> None:
            raise ConnectionError("database away")

    port = PlaybackPort(AN)
    await a_bot(port, Broken()).handle(Batch("t", invites=(Invite("!an", AN),)))
    assert (port.joined, port.left, port.settled) == ([], [], [])


async def test_in_a_room_of_many_only_who_names_the_bot_is_answered() -> None:
    port = PlaybackPort(AN, "@binh:hue.localhost")
    named = message("toi la ai", event_id="$named", mentions=frozenset({BOT}))
    await answers(message("toi la ai"), named, port=port)
    [(_, text)] = port.sent
    assert text.reply_to == "$named"


async def test_the_language_chosen_holds_for_what_follows() -> None:
    port = PlaybackPort(AN)
    bot = a_bot(port)
    for typed in ("tiếng Anh", "tôi là ai", "blah", "tieng viet", "who am i"):
        await bot.handle(Batch("t", events=(message(typed),)))
    bodies = [text.body for _, text in port.sent]
    assert "English" in bodies[0]
    assert "Your leader" in bodies[1]
    assert bodies[2].startswith("I did not understand")
    assert "Lãnh đạo trực tiếp" in bodies[4]


async def test_an_unknown_sentence_is_answered_with_the_two_likeliest_commands() -> None:
    port = await answers(message("tôi la a"))
    [(_, text)] = port.sent
    assert '"tôi là ai"' in text.body


async def test_a_failing_directory_costs_a_sentence_and_not_the_bot() -> None:
    class Broken:
        def person_of(self, user_id: str) -> None:
            raise ConnectionError("database away")

    port = PlaybackPort(AN)
    await a_bot(port, Broken()).handle(Batch("t", events=(message("toi la ai"),)))
    [(_, text)] = port.sent
    assert "đang bận" in text.body
    assert "database" not in text.body


@pytest.mark.parametrize(("times_away", "expected"), [(2, "Nguyễn Thị An"), (99, "đang bận")])
async def test_a_database_that_restarts_costs_a_wait_and_a_lost_one_a_sentence(
    times_away: int, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = iter(range(100))

    class Restarting:
        def person_of(self, user_id: str) -> Person | None:
            if next(asked) < times_away:
                raise DatabaseUnreachable("the database is starting")
            return small_province().person_of(user_id)

    monkeypatch.setattr(patience, "PAUSES_S", (0.0,) * 3)
    port = PlaybackPort(AN)
    await a_bot(port, Restarting()).handle(Batch("t", events=(message("toi la ai"),)))
    [(_, text)] = port.sent
    assert expected in text.body


async def test_a_room_that_refuses_does_not_stop_the_others() -> None:
    port = PlaybackPort(AN)
    port.failure = NoSuchRoom("!r")
    await answers(message("toi la ai"), port=port)
    assert port.committed == ["t"]


@pytest.mark.parametrize("failure", [ServerUnreachable("x"), AccountLocked(401, "M_USER_LOCKED", "", "x")])
async def test_what_was_not_sent_comes_again(failure: Exception) -> None:
    port = PlaybackPort(AN)
    port.failure = failure
    with pytest.raises(type(failure)):
        await answers(message("toi la ai"), port=port)
    assert port.committed == []
    assert port.handled == set()


async def test_a_thread_is_answered_in_the_thread() -> None:
    port = await answers(message("toi la ai", thread_root="$root"))
    assert port.sent[0][1].thread_root == "$root"


async def test_who_loses_the_last_post_is_no_caller_any_more() -> None:
    directory = small_province()
    directory.people = [replace(one, posts=()) if one.user_id == AN else one for one in directory.people]
    access = Access(directory, SmallPreferences())
    assert access.caller(AN) is None
    directory.people.append(person("moi", "Mới", post("VYDA", "Chuyên viên")))
    caller = access.caller("@moi:hue.localhost")
    assert caller is not None
    assert caller.chosen_locale is None
    assert Locale.VI == "vi"


async def test_one_receipt_serves_many_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.runtime.runner.READ_RECEIPT_DELAY_S", 0.01)
    port = PlaybackPort(AN)
    bot = a_bot(port)
    await bot.handle(Batch("t", events=(message("toi la ai"), message("don vi toi"))))
    assert port.read == [], "the answer goes first"
    await asyncio.sleep(0.1)
    assert port.read == ["$don vi toi"]
