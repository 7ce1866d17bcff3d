"""What a bot is told of how far people have read is kept, in order and once, and forgotten in its time."""

from datetime import UTC, datetime, timedelta
from secrets import token_hex

import pytest
from sqlalchemy import Engine

from bots.matrix.port import Batch, Placed, Receipt
from bots.matrix.sync_answer import LONGEST_ID_BYTES, placed, receipts_in
from bots.runtime.outbox import KEPT_FOR
from bots.runtime.readings import UNPLACED_FOR, Readings
from bots.testing.clock import MONDAY_MORNING, MovableClock
from tests.bots.letters import AN, BINH, BOT, ROOM, ScriptedPort, rows
from tests.bots.running import Echo, running
from tests.clients.waiting import until

OURS, THEIRS = Placed(ROOM, "$ours", BOT), Placed(ROOM, "$theirs")
READ = Receipt(ROOM, AN, "$theirs", 7)


class Book:
    """The notes of one bot, and what stands in them."""

    def __init__(self, engine: Engine, bot: str) -> None:
        self.engine = engine
        self.bot = bot
        self.clock = MovableClock(MONDAY_MORNING)
        self.readings = Readings(bot, BOT, self.clock)

    def keeps(self, *timeline: Placed, receipts: tuple[Receipt, ...] = (), live: bool = True) -> None:
        with self.engine.begin() as connection:
            self.readings.keep(connection, Batch("t", live=live, timeline=timeline, receipts=receipts))

    def prunes(self) -> int:
        with self.engine.begin() as connection:
            return self.readings.prune(connection)

    @property
    def timeline(self) -> list[tuple[str, str | None]]:
        found = rows(
            self.engine, "select event_id, user_id from bots.timeline where bot = :bot order by place", bot=self.bot
        )
        return [(row.event_id, row.user_id) for row in found]

    @property
    def receipts(self) -> list[tuple[str, str, datetime]]:
        found = rows(
            self.engine, "select user_id, event_id, at from bots.receipts where bot = :bot order by at", bot=self.bot
        )
        return [(row.user_id, row.event_id, row.at) for row in found]


@pytest.fixture
def book(engine: Engine, bot: str) -> Book:
    return Book(engine, bot)


def test_events_keep_their_order_and_each_its_first_place(book: Book) -> None:
    several = [Placed(ROOM, f"${number}") for number in (9, 3, 7, 1)]
    book.keeps(OURS, *several)
    book.keeps(several[2], THEIRS, OURS)
    assert [event_id for event_id, _ in book.timeline] == ["$ours", "$9", "$3", "$7", "$1", "$theirs"]


def test_of_rooms_in_which_the_bot_has_said_nothing_nothing_is_kept(book: Book) -> None:
    book.keeps(THEIRS, Placed("!other", "$e"), receipts=(READ,))
    assert (book.timeline, book.receipts) == ([], [])
    book.keeps(OURS, THEIRS, Placed("!other", "$f"), receipts=(READ,))
    book.keeps(Placed(ROOM, "$came", AN))
    assert book.timeline == [("$ours", BOT), ("$theirs", None), ("$came", AN)]
    assert book.receipts == [(AN, "$theirs", datetime.fromtimestamp(0.007, UTC))]


def test_a_receipt_that_comes_twice_is_one(book: Book) -> None:
    book.keeps(OURS, THEIRS)
    for _ in range(2):
        book.keeps(receipts=(READ, READ, Receipt(ROOM, BINH, "$theirs", 8)))
    assert [user_id for user_id, _, _ in book.receipts] == [AN, BINH]


def test_history_from_before_the_first_start_tells_nothing(book: Book) -> None:
    book.keeps(OURS, THEIRS, receipts=(READ,), live=False)
    assert (book.timeline, book.receipts) == ([], [])


def test_another_bot_knows_nothing_of_it(book: Book) -> None:
    book.keeps(OURS, THEIRS, receipts=(READ,))
    assert Book(book.engine, f"{book.bot}-2").timeline == []


def test_what_is_old_is_forgotten(book: Book) -> None:
    book.keeps(OURS, receipts=(Receipt(ROOM, AN, "$from-before", 7),))
    book.clock.moves(UNPLACED_FOR + timedelta(seconds=1))
    book.keeps(receipts=(READ,))
    assert book.prunes() == 0
    assert [event_id for _, event_id, _ in book.receipts] == ["$theirs"]
    book.clock.moves(KEPT_FOR)
    assert book.prunes() == 1
    assert book.timeline == []


@pytest.mark.parametrize("long", ["room", "event", "user"])
def test_an_id_that_is_none_by_its_length_holds_nothing_up(book: Book, long: str) -> None:
    # As random as it is long: PostgreSQL compresses what repeats itself.
    ids = {"room": ROOM, "event": "$theirs", "user": AN} | {long: token_hex(LONGEST_ID_BYTES * 20)}
    joins = {"type": "m.room.member", "state_key": ids["user"], "content": {"membership": "join"}}
    events = [{"event_id": "$ours", "sender": BOT}, {"event_id": ids["event"]}, joins | {"event_id": "$joined"}]
    read = {ids["event"]: {"m.read": {ids["user"]: {"ts": 7}, BINH: {"ts": 7}}}, "$ours": {"m.read": {BINH: {"ts": 7}}}}
    room = {"ephemeral": {"events": [{"type": "m.receipt", "content": read}]}}
    book.keeps(OURS, *placed(ids["room"], events, BOT), receipts=(*receipts_in(ids["room"], room, BOT), READ))
    kept = {user_id for user_id, _, _ in book.receipts}
    assert kept == ({AN} if long == "room" else {AN, BINH})


async def test_it_is_kept_before_the_token_moves_on_and_never_in_the_inbox(engine: Engine, bot: str) -> None:
    port, book = ScriptedPort(), Book(engine, bot)
    kept_at_commit: list[int] = []
    commit = port.commit

    async def noting(batch: Batch) -> None:
        kept_at_commit.append(len(book.receipts))
        await commit(batch)

    port.commit = noting  # type: ignore[method-assign]
    async with running(engine, bot, port, echo := Echo(), readings=book.readings):
        port.coming.put_nowait(Batch("t", timeline=(OURS, THEIRS), receipts=(READ,)))
        await until(lambda: bool(port.committed))
    assert kept_at_commit == [1]
    assert echo.seen == []
    assert rows(engine, "select 1 from bots.inbox where bot = :bot", bot=bot) == []
