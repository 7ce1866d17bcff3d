"""What is kept of events and messages: whole again when it is opened, and readable for nobody else."""

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from bots.matrix.port import Event, Image, Invite, MediaFile, PollAnswer, PollStart, TextMessage, Unreadable
from bots.matrix.trust import Origin
from bots.runtime.event_json import EventUnknown, Happening, kind_of, read_event, write_event
from bots.runtime.inbox import Inbox
from bots.runtime.outbox import Outbox, transaction_id_for
from bots.sealing import Seal, SealBroken
from tests.bots.letters import AN, ROOM, message, rows
from tests.bots.running import SEAL, echo

WHERE = {"room_id": ROOM, "event_id": "$e", "sender": AN, "sent_at_ms": 1, "origin": Origin.CROSS_SIGNED}


@given(st.one_of([st.builds(kind) for kind in (*get_args(Event), Invite)]))
def test_every_event_is_the_same_after_it_was_kept(happening: Happening) -> None:
    assert read_event(kind_of(happening), write_event(happening)) == happening


def test_what_an_event_holds_of_other_values_comes_back_typed() -> None:
    picture = Image(**WHERE, body="ảnh", file=MediaFile("mxc://a/b", "k", "iv", "hash"))
    poll = PollStart(**WHERE, question="Đi?", answers=(PollAnswer("1", "Có"), PollAnswer("2", "Không")))
    named = message("chào", mentions=frozenset({AN}), thread_root="$t")
    for event in (picture, poll, named):
        again = read_event(kind_of(event), write_event(event))
        assert again == event
        assert type(again) is type(event)


@pytest.mark.parametrize(("kind", "content"), [("Ballot", b"{}"), ("TextMessage", b"{}"), ("TextMessage", b"\xff")])
def test_an_event_of_another_version_is_refused_without_showing_it(kind: str, content: bytes) -> None:
    with pytest.raises(EventUnknown) as refused:
        read_event(kind, content)
    assert refused.value.__cause__ is None


@given(st.binary(max_size=200), st.lists(st.text(max_size=5), min_size=1, max_size=3))
def test_a_sealed_value_opens_with_its_own_words_alone(content: bytes, about: list[str]) -> None:
    sealed = SEAL.close(content, *about)
    assert SEAL.open(sealed, *about) == content
    for other in ([*about, ""], about[:-1], ["".join(about), "x"]):
        with pytest.raises(SealBroken):
            SEAL.open(sealed, *other)
    with pytest.raises(SealBroken):
        Seal(b"another secret").open(sealed, *about)
    with pytest.raises(SealBroken):
        SEAL.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), *about)


def test_two_seals_of_one_value_differ_and_show_nothing() -> None:
    assert SEAL.close(b"x", "a") != SEAL.close(b"x", "a")
    assert "secret of the tests" not in repr(vars(SEAL))


def test_nobody_reads_words_in_the_tables(engine: Engine, bot: str) -> None:
    inbox, outbox = Inbox(bot, SEAL), Outbox(bot, SEAL)
    with engine.begin() as connection:
        [entry] = inbox.take(connection, [message("lương của tôi")])
        outbox.answer(connection, entry.key, [echo(message("x"), "chín triệu")])
        outbox.put(connection, {"broadcast 1": echo(message("y"), "họp lúc 8 giờ")})
    everything = rows(engine, "select row_to_json(i)::text as row from bots.inbox i where bot = :bot", bot=bot)
    everything += rows(engine, "select row_to_json(o)::text as row from bots.outbox o where bot = :bot", bot=bot)
    contents = [bytes.fromhex(json.loads(found.row)["content"][2:]) for found in everything]
    assert len(contents) == 3
    for word in ("lương", "chín triệu", "họp"):
        assert not any(word.encode() in content for content in contents)
    assert "broadcast 1" not in str(everything), "a job's key is kept as its hash"


def test_contents_are_gone_when_they_have_served(engine: Engine, bot: str) -> None:
    inbox = Inbox(bot, SEAL)
    with engine.begin() as connection:
        [entry] = inbox.take(connection, [message("x")])
        inbox.settle(connection, entry)
    assert rows(engine, "select content from bots.inbox where bot = :bot", bot=bot) == [(None,)]


def test_a_row_that_was_sent_elsewhere_or_as_another_kind_does_not_open(engine: Engine, bot: str) -> None:
    """Whoever can write rows still cannot have a secret sent in clear, or into another room."""
    outbox = Outbox(bot, SEAL)
    for change in ("room_id = '!mine:hue.localhost'", "event_type = 'm.reaction'"):
        with engine.begin() as connection:
            [letter] = outbox.answer(connection, change, [echo(message("x"), "chín triệu")]).letters
            connection.exec_driver_sql(f"update bots.outbox set {change}, state = 'waiting'")
            [changed] = outbox.claim(connection, 10).letters
            assert outbox.content_of(letter)["body"] == "chín triệu"
            with pytest.raises(SealBroken):
                outbox.content_of(changed)
            connection.rollback()


def test_transaction_ids_are_made_from_event_and_number() -> None:
    assert transaction_id_for("$e") == transaction_id_for("$e")
    assert len({transaction_id_for(key, number) for key in ("$e", "$f") for number in (0, 1)}) == 4


def test_unreadable_and_readable_are_two_events(engine: Engine, bot: str) -> None:
    inbox = Inbox(bot, SEAL)
    unreadable = Unreadable(**WHERE)
    readable = TextMessage(**WHERE, body="x")
    with engine.begin() as connection:
        entries = inbox.take(connection, [unreadable, readable, readable])
        assert [entry.key for entry in entries] == ["$e:unreadable", "$e"]
        again = inbox.take(connection, [unreadable, readable])
        assert [entry.inbox_id for entry in again] == [entry.inbox_id for entry in entries], "they are still open"
        for entry in entries:
            inbox.settle(connection, entry)
        assert inbox.take(connection, [unreadable, readable]) == ()
