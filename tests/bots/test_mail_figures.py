"""What others are told of inbox and outbox."""

from datetime import timedelta

from sqlalchemy import Engine

from bots.runtime.inbox import Inbox
from bots.runtime.letters import LetterState, Settlement
from bots.runtime.mail_figures import MailFigures, read_figures
from bots.runtime.outbox import Outbox
from bots.runtime.sent_answers import OutboxAnswers
from huep import clock
from tests.bots.letters import ROOM, message
from tests.bots.running import SEAL, echo


def test_figures_tell_what_waits_how_long_and_what_is_dead(engine: Engine, bot: str) -> None:
    moment = clock.now()
    inbox, outbox = Inbox(bot, SEAL, lambda: moment), Outbox(bot, SEAL, lambda: moment)
    with engine.begin() as connection:
        _, poison, done = inbox.take(connection, [message("open"), message("poison"), message("done")])
        inbox.set_aside(connection, poison, 4, "why")
        inbox.settle(connection, done)
        outbox.put(connection, {str(number): echo(message(str(number))) for number in range(3)})
        [letter] = outbox.claim(connection, 1).letters[:1]
        outbox.settle(connection, [Settlement(letter.outbox_id, LetterState.DEAD, 1, error="why")])
        found = read_figures(connection, [bot, "nobody"], moment + timedelta(seconds=90))
    assert found[bot] == MailFigures(
        inbox_open=1, inbox_lag_s=90.0, inbox_dead=1, outbox_open=2, outbox_lag_s=90.0, outbox_dead=1
    )
    assert found["nobody"] == MailFigures()


def test_a_bot_knows_its_own_messages_and_what_they_answer(engine: Engine, bot: str) -> None:
    outbox, answers = Outbox(bot, SEAL), OutboxAnswers(engine, bot)
    with engine.begin() as connection:
        for cause in ("$one", "$two"):
            posted = outbox.answer(connection, cause, [echo(message(cause))])
            [letter] = posted.letters
            outbox.settle(connection, [Settlement(letter.outbox_id, LetterState.SENT, 1, event_id=f"{cause}-answer")])
    assert answers.is_answer_to(ROOM, "$one-answer", "$one")
    assert not answers.is_answer_to(ROOM, "$one-answer", "$two")
    assert answers.is_ours(ROOM, "$two-answer")
    assert not answers.is_ours("!elsewhere", "$two-answer")
    assert not answers.is_ours(ROOM, "$one")
    assert not OutboxAnswers(engine, "another").is_ours(ROOM, "$one-answer")
