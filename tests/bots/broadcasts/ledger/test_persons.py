"""What a person owes and was told, and the digest of the small things."""

from datetime import date, timedelta

from bots.broadcasts.model import Level, State
from huep.directory.audience import Audience
from tests.bots.broadcasts.ledger.conftest import Book

OFFICE = Audience(under=frozenset({"SNV-TC"}))
OTHER_OFFICE = Audience(under=frozenset({"SNV-VP"}))
DAY = date(2026, 6, 15)


def heard(book: Book, words: str = "", most: int = 20) -> list[int]:
    return [one.number for one in book.ledger.heard_by(book.directory.named("an").key, words, most)]


def test_what_somebody_owes_is_what_they_have_not_acknowledged(book: Book) -> None:
    first, done, withdrawn = book.sends(OFFICE), book.sends(OFFICE), book.sends(OFFICE)
    book.sends(OFFICE, Level.INFORMATION)
    book.sends(OTHER_OFFICE)
    book.acknowledges(done, "an")
    book.moves(withdrawn, State.WITHDRAWN, State.SENT)
    book.moves(first, State.CLOSED, State.SENT)
    (owed,) = book.ledger.owed_by(book.directory.named("an").key)
    assert (owed.broadcast.number, owed.since, owed.successor_of) == (first, book.at, None)


def test_what_somebody_was_told_is_found_by_words_however_they_are_spelt(book: Book) -> None:
    first = book.sends(OFFICE, body="Lịch nghỉ Tết")
    second = book.sends(OFFICE, Level.INFORMATION, body="Họp giao ban, Tết Đoan ngọ")
    book.sends(OTHER_OFFICE, body="Tết")
    assert heard(book) == [second, first]
    assert heard(book, "TET") == [second, first]
    assert heard(book, "tet doan") == [second]
    assert heard(book, "bão") == []
    assert heard(book, "tet", most=1) == [second]


def test_what_was_withdrawn_or_is_older_than_ninety_days_is_not_found(book: Book) -> None:
    book.sends(OFFICE)
    book.at += timedelta(days=91)
    withdrawn = book.sends(OFFICE)
    book.moves(withdrawn, State.WITHDRAWN, State.SENT)
    assert heard(book) == []


def test_the_digest_has_a_days_information_for_those_who_chose_it(book: Book, bot: str) -> None:
    book.directory = book.directory.on("hue.localhost", bot.removeprefix("bot-"))
    an, binh = (str(book.directory.named(name).user_id) for name in ("an", "binh"))
    with book.engine.begin() as connection:
        for user_id in (an, binh):
            book.ledger.choosing_digest(user_id, True)(connection)
    news = book.sends(OFFICE, Level.INFORMATION)
    book.sends(OFFICE)
    book.at += timedelta(days=1)
    book.sends(level=Level.INFORMATION)
    (digest,) = book.ledger.digest_for(DAY)
    assert (digest.user_id, [one.number for one in digest.broadcasts]) == (an, [news])
    assert [one.user_id for one in book.ledger.digest_for(DAY + timedelta(days=1))] == [an, binh]


def test_the_choice_of_the_digest_can_be_taken_back(book: Book, bot: str) -> None:
    user_id = f"@an-{bot}:hue.localhost"
    assert not book.ledger.wants_digest(user_id)
    for wanted in (True, False):
        with book.engine.begin() as connection:
            book.ledger.choosing_digest(user_id, wanted)(connection)
        assert book.ledger.wants_digest(user_id) is wanted
