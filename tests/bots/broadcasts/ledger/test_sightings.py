"""What read receipts prove: never more than was read."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import text

from bots.broadcasts.ledger import sightings
from bots.broadcasts.model import Level, Means, State
from bots.matrix.port import Batch, Placed, Receipt
from bots.runtime.outbox import Outbox
from bots.runtime.outcome import Outgoing
from bots.runtime.readings import Readings
from bots.testing.province import person, post
from huep.directory.audience import Audience
from tests.bots.broadcasts.ledger.conftest import Book
from tests.bots.running import SEAL

OFFICE = Audience(under=frozenset({"SNV-TC"}))
AN, MAI = "@an:hue.localhost", "@pho-phong:hue.localhost"
ROOM = "!tc"


@dataclass
class Rooms:
    """Rooms as the bot reads them, and what its outbox says of them."""

    book: Book
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def posts(self, number: int, room_id: str = ROOM, part: str = "words") -> str:
        """The bot says something, and a sync shows it; returns the event ID."""
        event_id, outbox = f"$ours{next(self.numbers)}", Outbox(self.book.bot, SEAL, lambda: self.book.at)
        letters = {event_id: Outgoing(room_id, "m.room.message", {})}
        with self.book.engine.begin() as connection:
            outbox.put(connection, letters, f"broadcast {number} {part}")
            connection.execute(
                text("update bots.outbox set state = 'sent', event_id = :event where bot = :bot and event_id is null"),
                {"event": event_id, "bot": self.book.bot},
            )
        self.shows(Placed(room_id, event_id, self.bot))
        return event_id

    def says(self, room_id: str = ROOM) -> str:
        """Somebody else says something."""
        event_id = f"$theirs{next(self.numbers)}"
        self.shows(Placed(room_id, event_id))
        return event_id

    def comes(self, user_id: str, room_id: str = ROOM) -> None:
        self.shows(Placed(room_id, f"$join{next(self.numbers)}", user_id))

    def reads(self, user_id: str, event_id: str, room_id: str = ROOM, at: datetime | None = None) -> None:
        at_ms = int((at or self.book.at).timestamp() * 1000)
        self._takes(Batch("t", receipts=(Receipt(room_id, user_id, event_id, at_ms),)))

    def seen(self, number: int) -> dict[str, datetime]:
        """By user ID, after all receipts were counted."""
        while self.book.ledger.note_seen():
            pass
        lines = self.book.ledger.record(number).people
        return {line.user_id: line.seen_at for line in lines if line.seen_at is not None}

    @property
    def uncounted(self) -> int:
        with self.book.engine.connect() as connection:
            found = connection.execute(
                text("select count(*) from bots.receipts where bot = :bot"), {"bot": self.book.bot}
            )
            return int(found.scalar_one())

    @property
    def bot(self) -> str:
        return f"@{self.book.bot}:hue.localhost"

    def shows(self, *timeline: Placed) -> None:
        self._takes(Batch("t", timeline=timeline))

    def _takes(self, batch: Batch) -> None:
        with self.book.engine.begin() as connection:
            Readings(self.book.bot, self.bot, lambda: self.book.at).keep(connection, batch)


@pytest.fixture
def rooms(book: Book) -> Rooms:
    return Rooms(book)


def test_who_has_read_an_announcement_has_seen_it_and_acknowledged_nothing(book: Book, rooms: Rooms) -> None:
    number = book.sends(OFFICE)
    rooms.reads(AN, rooms.posts(number))
    assert rooms.seen(number) == {AN: book.at}
    tally = book.ledger.tallies(number)[0]
    assert (tally.seen, tally.acknowledged) == (1, 0)
    assert rooms.uncounted == 0


def test_what_somebody_has_seen_or_acknowledged_is_not_unread(book: Book, rooms: Rooms) -> None:
    seen, acknowledged, unread = [book.sends(OFFICE) for _ in range(3)]
    rooms.reads(AN, rooms.posts(seen))
    book.ledger.note_seen()
    book.acknowledges(acknowledged, "an")
    found = book.ledger.heard_by(book.directory.named("an").key, unread=True)
    assert [one.number for one in found] == [unread]


def test_whatever_stands_behind_the_words_proves_them_and_nothing_before_them_does(book: Book, rooms: Rooms) -> None:
    number, earlier = book.sends(OFFICE), book.sends(OFFICE)
    rooms.posts(earlier)
    before = rooms.says()
    rooms.posts(number)
    rooms.reads(MAI, before)
    rooms.reads(AN, rooms.says())
    assert set(rooms.seen(number)) == {AN}
    assert set(rooms.seen(earlier)) == {AN, MAI}


def test_a_later_announcement_proves_those_before_it_in_its_room_alone(book: Book, rooms: Rooms) -> None:
    first, elsewhere, second, third = [book.sends(OFFICE) for _ in range(4)]
    rooms.reads(MAI, rooms.posts(first, "!snv"), "!snv")
    rooms.posts(first)
    rooms.posts(elsewhere, "!snv")
    read = rooms.posts(second)
    rooms.posts(third)
    rooms.reads(AN, read)
    assert [set(rooms.seen(number)) for number in (first, elsewhere, second, third)] == [{AN, MAI}, set(), {AN}, set()]


@pytest.mark.parametrize("part", ["files", "calls", "versions"])
def test_only_the_words_are_what_is_to_be_seen(book: Book, rooms: Rooms, part: str) -> None:
    number = book.sends(OFFICE)
    rooms.reads(AN, rooms.posts(number, part=part))
    assert rooms.seen(number) == {}


def test_who_came_after_the_words_has_not_seen_them_whatever_they_read_since(book: Book, rooms: Rooms) -> None:
    number, later = book.sends(OFFICE), book.sends(OFFICE)
    rooms.posts(number)
    rooms.comes(AN)
    rooms.reads(AN, rooms.posts(later))
    assert (rooms.seen(number), set(rooms.seen(later))) == ({}, {AN})


def test_a_copy_in_a_direct_room_proves_it_too(book: Book, rooms: Rooms) -> None:
    number = book.sends(OFFICE)
    rooms.posts(number)
    rooms.comes(AN)
    rooms.reads(AN, rooms.posts(number, "!direct"), "!direct")
    assert set(rooms.seen(number)) == {AN}


def test_who_is_not_meant_is_not_counted(book: Book, rooms: Rooms) -> None:
    number = book.sends(OFFICE)
    words = rooms.posts(number)
    for user_id in ("@giam-doc:hue.localhost", "@nobody:hue.localhost", rooms.bot):
        rooms.reads(user_id, words)
    assert rooms.seen(number) == {}
    assert rooms.uncounted == 0


def test_what_is_for_information_is_seen_as_well(book: Book, rooms: Rooms) -> None:
    number = book.sends(OFFICE, Level.INFORMATION)
    book.moves(number, State.CLOSED, State.SENT)
    rooms.reads(AN, rooms.posts(number))
    assert set(rooms.seen(number)) == {AN}


def test_nobody_sees_what_was_withdrawn(book: Book, rooms: Rooms) -> None:
    number = book.sends(OFFICE)
    words = rooms.posts(number)
    rooms.reads(MAI, words)
    assert set(rooms.seen(number)) == {MAI}
    book.moves(number, State.WITHDRAWN, State.SENT)
    rooms.reads(AN, words)
    assert set(rooms.seen(number)) == {MAI}


def test_a_receipt_waits_for_its_event(book: Book, rooms: Rooms) -> None:
    number = book.sends(OFFICE)
    rooms.posts(number)
    rooms.reads(AN, "$gap")
    assert (rooms.seen(number), rooms.uncounted) == ({}, 1)
    rooms.shows(Placed(ROOM, "$gap"))
    assert (set(rooms.seen(number)), rooms.uncounted) == ({AN}, 0)


def test_an_event_of_the_same_name_in_another_room_proves_nothing(book: Book, rooms: Rooms) -> None:
    number, elsewhere = book.sends(OFFICE), book.sends(OFFICE)
    rooms.posts(elsewhere, "!snv")
    rooms.reads(AN, rooms.posts(number), "!snv")
    assert (rooms.seen(number), rooms.seen(elsewhere)) == ({}, {})


def test_the_first_time_stands(book: Book, rooms: Rooms) -> None:
    number = book.sends(OFFICE)
    words, later = rooms.posts(number), rooms.says()
    rooms.reads(AN, later, at=book.at + timedelta(minutes=2))
    rooms.reads(AN, words, at=book.at + timedelta(minutes=1))
    assert rooms.seen(number) == {AN: book.at + timedelta(minutes=1)}
    rooms.reads(AN, words, at=datetime(2026, 1, 1, tzinfo=UTC))
    assert rooms.seen(number) == {AN: book.at + timedelta(minutes=1)}


def test_what_was_read_before_the_words_does_not_date_them(book: Book, rooms: Rooms) -> None:
    earlier, number = book.sends(OFFICE), book.sends(OFFICE)
    rooms.reads(AN, rooms.posts(earlier), at=book.at + timedelta(minutes=1))
    rooms.reads(AN, rooms.posts(number), at=book.at + timedelta(minutes=2))
    assert rooms.seen(number) == {AN: book.at + timedelta(minutes=2)}
    assert rooms.seen(earlier) == {AN: book.at + timedelta(minutes=1)}


def test_what_the_outbox_has_forgotten_is_proven_no_more(book: Book, rooms: Rooms) -> None:
    number = book.sends(OFFICE)
    words = rooms.posts(number)
    with book.engine.begin() as connection:
        connection.execute(text("delete from bots.outbox where bot = :bot"), {"bot": book.bot})
    rooms.reads(AN, words)
    assert (rooms.seen(number), rooms.uncounted) == ({}, 0)


def test_a_crash_between_writing_and_forgetting_costs_a_repetition(
    book: Book, rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = book.sends(OFFICE)
    rooms.reads(AN, rooms.posts(number))
    with monkeypatch.context() as broken, pytest.raises(ConnectionError):
        broken.setattr(sightings.Sightings, "forget", lambda *_: (_ for _ in ()).throw(ConnectionError))
        book.ledger.note_seen()
    assert rooms.uncounted == 1
    assert rooms.seen(number) == {AN: book.at}
    assert rooms.uncounted == 0


def test_many_at_once_are_counted_to_the_last(book: Book, rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sightings, "MOST_AT_ONCE", 7)
    staff = [person(f"cv{place}", f"Số {place}", post("SNV-TC", "Chuyên viên")) for place in range(30)]
    book.directory.people += staff
    number = book.sends(OFFICE)
    words = rooms.posts(number)
    for one in staff:
        rooms.reads(str(one.user_id), words)
    assert book.ledger.note_seen()
    assert rooms.uncounted == 23
    assert [book.ledger.note_seen() for _ in range(4)] == [True, True, True, False]
    assert (len(rooms.seen(number)), rooms.uncounted) == (30, 0)
    assert not book.ledger.note_seen()


def test_receipts_wait_for_the_chain_and_acknowledgements_for_neither(book: Book, rooms: Rooms) -> None:
    number = book.sends(OFFICE)
    rooms.reads(AN, rooms.posts(number))
    with ThreadPoolExecutor(1) as threads:
        with book.engine.begin() as chain:
            book.ledger.write_down(chain, number)
            counting = threads.submit(book.ledger.note_seen)
            with pytest.raises(TimeoutError):
                counting.result(0.5)
            assert book.acknowledges(number, "an")
        counting.result(10)
    assert set(rooms.seen(number)) == {AN}


def test_receipts_acknowledgements_and_the_chain_do_not_stand_in_each_others_way(book: Book, rooms: Rooms) -> None:
    staff = [person(f"cv{place}", f"Số {place}", post("SNV-TC", "Chuyên viên")) for place in range(60)]
    book.directory.people += staff
    numbers = [book.sends(OFFICE) for _ in range(3)]
    words = [rooms.posts(number) for number in numbers][-1]
    for one in staff:
        rooms.reads(str(one.user_id), words)

    def acknowledges_all(place: int) -> None:
        with book.engine.begin() as connection:
            for number in numbers:
                book.ledger.acknowledge(connection, number, staff[place].key, book.at, Means.WORD, "$ack")

    with ThreadPoolExecutor(4) as threads:
        done = [threads.submit(acknowledges_all, place) for place in range(30)]
        done += [threads.submit(book.ledger.note_seen) for _ in range(2)]
        done += [threads.submit(book.writes_down, number) for number in numbers]
        done += [threads.submit(acknowledges_all, place) for place in range(30, 60)]
    assert [one.exception() for one in done] == [None] * len(done)
    for number in numbers:
        tally = book.ledger.tallies(number)[0]
        assert (tally.seen, tally.acknowledged) == (60, 60)
        assert len(rooms.seen(number)) == 60
