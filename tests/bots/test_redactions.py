"""What a bot said is taken back through the outbox: in clear, once, behind what was said before; and found by its batch."""

import pytest
from sqlalchemy import Engine, text

from bots.matrix.contents import REDACTION
from bots.matrix.port import Redaction
from bots.runtime.outbox import transaction_id_for
from bots.runtime.outcome import Outgoing
from bots.testing.faults import Fault
from tests.bots.letters import rows
from tests.bots.post import AN, Post


def event_of(post: Post, key: str) -> str | None:
    with post.engine.connect() as connection:
        return post.outbox.event_of(connection, key)


async def test_what_was_said_in_an_encrypted_room_is_taken_back_in_clear(engine: Engine, bot: str) -> None:
    post = Post(engine, bot)
    post.puts(said=post.words("họp 8 giờ"))
    await post.delivers()
    said = event_of(post, "said")
    assert said is not None
    post.puts(withdrawal=Outgoing(post.room_id, REDACTION, {"redacts": said}))
    await post.delivers()
    [redaction] = [event for event in await post.read() if isinstance(event, Redaction)]
    assert redaction.target == said
    assert post.homeserver.event(said).source["content"] == {}
    assert event_of(post, "withdrawal") == redaction.event_id


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.SPOILT, Fault.CUT, Fault.LIMITED, Fault.FAILED])
async def test_whatever_becomes_of_the_answer_one_redaction_stands_before_what_follows(
    engine: Engine, bot: str, fault: Fault
) -> None:
    post = Post(engine, bot)
    post.puts(said=post.words("họp 8 giờ"))
    await post.delivers()
    said = event_of(post, "said")
    post.network.breaks(fault, "/redact/", times=3)
    post.puts(withdrawal=Outgoing(post.room_id, REDACTION, {"redacts": said}), after=post.words("họp 9 giờ"))
    await post.delivers()
    assert post.network.met[fault] == 3
    kinds = [kept.source["type"] for kept in post.said_in(post.room_id)]
    assert kinds == ["m.room.message", REDACTION, "m.room.message"]


async def test_the_events_of_a_batch_are_known_and_the_batch_of_an_event(engine: Engine, bot: str) -> None:
    post = Post(engine, bot)
    other = post.homeserver.make_room(post.user_id, joined=(AN,))
    post.puts(batch="broadcast 7", one=post.words("a"), two=post.words("b", other))
    post.puts(alone=post.words("c"))
    with engine.connect() as connection:
        assert post.outbox.events_of(connection, "broadcast 7") == {}, "nothing is sent yet"
        assert post.outbox.event_of(connection, "one") is None
    await post.delivers()
    with engine.connect() as connection:
        events = post.outbox.events_of(connection, "broadcast 7")
        [first, _], [second] = post.said_in(post.room_id), post.said_in(other)
        assert events == {
            transaction_id_for("one"): (post.room_id, first.event_id),
            transaction_id_for("two"): (other, second.event_id),
        }
        assert post.outbox.batch_of(connection, post.room_id, first.event_id) == "broadcast 7"
        assert post.outbox.batch_of(connection, other, first.event_id) is None, "it is of another room"
        alone = post.outbox.event_of(connection, "alone")
        assert alone is not None
        assert post.outbox.batch_of(connection, post.room_id, alone) is None


async def test_of_a_batch_given_up_what_may_have_been_sent_goes_on(engine: Engine, bot: str) -> None:
    post = Post(engine, bot)
    post.puts(batch="b", sent=post.words("a"))
    await post.delivers()
    post.puts(batch="b", tried=post.words("b"), waits=post.words("c"))
    post.puts(batch="other", stays=post.words("d"))
    with engine.begin() as connection:
        tried = "update bots.outbox set tried_at = created_at where bot = :bot and transaction_id = :id"
        connection.execute(text(tried), {"bot": bot, "id": transaction_id_for("tried")})
        assert post.outbox.give_up(connection, "b") == 1
    await post.delivers()
    assert [kept.source["content"]["body"] for kept in post.said_in(post.room_id)] == ["a", "b", "d"]
    found = rows(engine, "select state, content from bots.outbox where bot = :bot order by outbox_id", bot=bot)
    assert [tuple(row) for row in found] == [("sent", None), ("sent", None), ("dropped", None), ("sent", None)]
