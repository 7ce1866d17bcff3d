"""What the ledger writes as people come, leave and move; whatever it read before may have changed by then."""

from dataclasses import replace
from datetime import timedelta

from bots.broadcasts.ledger import Drift
from bots.broadcasts.model import Level, State
from bots.testing.province import person, post
from huep.directory.audience import Audience
from huep.directory.model import PostKind, Standing, Unit, UnitKind
from tests.bots.broadcasts.ledger.conftest import Book

OFFICE = Audience(under=frozenset({"SNV-TC"}))
HEADS = Audience(standings=frozenset({Standing.HEAD}))


def figures(book: Book, number: int) -> tuple[int, int]:
    (tally, *_) = book.ledger.tallies(number, "HUE")
    return tally.owed, tally.acknowledged


def test_a_newcomer_owes_from_the_day_of_coming_and_counts_in_their_unit(book: Book) -> None:
    number = book.sends(OFFICE)
    book.directory.people.append(person("moi", "Ngô Văn Mới", post("SNV-TC", "Chuyên viên")))
    book.at += timedelta(days=1)
    assert [one.addressee.full_name for one in book.ledger.reconcile(number).newcomers] == ["Ngô Văn Mới"]
    book.follows(number)
    (owed,) = book.ledger.owed_by(book.directory.named("moi").key)
    assert owed.since == book.at
    assert figures(book, number) == (4, 0)
    assert book.acknowledges(number, "moi")
    assert not book.ledger.reconcile(number)
    assert "Ngô Văn Mới" not in str(book.ledger.rooms(number))


def test_a_newcomer_in_a_unit_that_is_new_is_counted_under_those_above(book: Book) -> None:
    number = book.sends(Audience(under=frozenset({"SNV"})))
    new = Unit("SNV-CNTT", "Phòng Chuyển đổi số", "CĐS", UnitKind.OFFICE, 2, "SNV")
    moi = person("moi", "Ngô Văn Mới", post("SNV", "Chuyên viên"))
    moi = replace(moi, posts=(replace(moi.posts[0], unit_code="SNV-CNTT"),))
    grown = type(book.directory)(*book.directory.people, moi, units=(*book.directory.units(), new))
    grown.rooms = book.directory.rooms
    book.directory = grown
    book.follows(number)
    assert [one.name for one in book.ledger.tallies(number, "SNV")][1] == "Phòng Chuyển đổi số"
    assert figures(book, number) == (6, 0)
    assert book.ledger.verify(number).entries == 3


def test_a_leaver_is_no_longer_counted_nor_missing(book: Book) -> None:
    number = book.sends(OFFICE)
    book.changes("an", locked=True)
    book.follows(number)
    assert figures(book, number) == (2, 0)
    assert "Nguyễn Thị An" not in [one.full_name for one in book.ledger.missing(number)]
    assert book.ledger.owed_by(book.directory.named("an").key) == ()
    assert not book.acknowledges(number, "an")


def test_who_left_and_is_back_within_the_deadline_owes_again(book: Book) -> None:
    number = book.sends(OFFICE)
    book.changes("an", locked=True)
    book.follows(number)
    book.changes("an", locked=False, posts=(post("SNV-TC", "Phó phòng", Standing.DEPUTY),))
    book.follows(number)
    assert figures(book, number) == (3, 0)
    an = next(one for one in book.ledger.missing(number) if one.full_name == "Nguyễn Thị An")
    assert an.position == "Chuyên viên"
    assert book.ledger.verify(number).unwritten == 0


def test_the_successor_takes_over_what_was_meant_for_the_post(book: Book) -> None:
    number = book.sends(HEADS)
    old = book.changes("giam-doc", posts=(post("VYDA", "Chuyên viên"),))
    new = book.changes("binh", posts=(post("SNV", "Giám đốc Sở", Standing.HEAD),))
    book.follows(number)
    assert book.ledger.owed_by(old.key) == ()
    (owed,) = book.ledger.owed_by(new.key)
    assert owed.successor_of == old.key
    lines = {line.user_id: line.predecessor for line in book.ledger.record(number).people}
    assert lines[str(new.user_id)] == old.full_name
    assert lines[str(old.user_id)] is None
    assert figures(book, number) == (2, 0)


def test_a_post_passes_on_in_whatever_order_two_registers_say_so(book: Book) -> None:
    number = book.sends(HEADS)
    new = book.changes("binh", posts=(post("SNV", "Giám đốc Sở", Standing.HEAD),))
    book.follows(number)
    old = book.changes("giam-doc", posts=(post("VYDA", "Chuyên viên"),))
    book.follows(number)
    assert book.ledger.owed_by(old.key) == ()
    assert [one.successor_of for one in book.ledger.owed_by(new.key)] == [None]
    assert not book.ledger.reconcile(number)
    assert book.ledger.verify(number).unwritten == 0

    number = book.sends(HEADS)
    left = book.changes("binh", locked=True)
    book.follows(number)
    third = book.changes("an", posts=(post("SNV", "Giám đốc Sở", Standing.HEAD),))
    book.follows(number)
    assert [one.successor_of for one in book.ledger.owed_by(third.key) if one.broadcast.number == number] == [left.key]
    assert not book.ledger.reconcile(number)


def test_what_was_meant_for_the_person_moves_with_them(book: Book) -> None:
    number = book.sends(OFFICE)
    moved = book.changes("an", posts=(post("VYDA", "Cán bộ", kind=PostKind.MAIN),))
    book.follows(number)
    assert [one.broadcast.number for one in book.ledger.owed_by(moved.key)] == [number]


def test_to_follow_again_what_was_followed_changes_nothing(book: Book) -> None:
    number = book.sends(OFFICE)
    book.changes("an", locked=True)
    book.directory.people.append(person("moi", "Ngô Văn Mới", post("SNV-TC", "Chuyên viên")))
    drift = book.ledger.reconcile(number)
    for _ in range(2):
        with book.engine.begin() as connection:
            book.ledger.follow(connection, number, drift)
    assert [entry.act for entry in book.ledger.entries(number)] == ["drafted", "frozen", "released", "joined"]


def test_who_acknowledged_between_reading_and_writing_is_not_released(book: Book) -> None:
    number = book.sends(OFFICE)
    before = book.changes("an", locked=True)
    drift = book.ledger.reconcile(number)
    book.acknowledges(number, "an")
    with book.engine.begin() as connection:
        book.ledger.follow(connection, number, drift)
    assert figures(book, number) == (3, 1)
    assert "released" not in [entry.act for entry in book.ledger.entries(number)]
    assert before.key not in book.ledger.reconcile(number).away


def test_nobody_joins_what_is_over_waits_or_asks_nothing(book: Book) -> None:
    closed, information = book.sends(OFFICE), book.sends(OFFICE, Level.INFORMATION)
    book.moves(closed, State.CLOSED, State.SENT)
    with book.engine.begin() as connection:
        waiting = book.ledger.put(connection, book.draft(OFFICE), State.AWAITING)
    book.directory.people.append(person("moi", "Ngô Văn Mới", post("SNV-TC", "Chuyên viên")))
    for number in (closed, information, waiting, 99):
        assert book.ledger.reconcile(number) == Drift()


def test_after_the_deadline_nobody_joins(book: Book) -> None:
    number = book.sends(OFFICE)
    book.directory.people.append(person("moi", "Ngô Văn Mới", post("SNV-TC", "Chuyên viên")))
    book.at += timedelta(days=2, seconds=1)
    assert not book.ledger.reconcile(number)
