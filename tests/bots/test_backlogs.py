"""What of a bot's mail and jobs lies in the database, as readiness, metrics and the doctor are told."""

from datetime import timedelta

from sqlalchemy import Engine

from bots.health.vitals import Backlog
from bots.process.backlogs import read_backlogs
from bots.runtime.inbox import Inbox
from huep import clock
from tests.bots.letters import message
from tests.bots.running import SEAL


def test_events_that_were_set_aside_are_counted_beside_those_that_wait(engine: Engine, bot: str) -> None:
    moment = clock.now()
    inbox = Inbox(bot, SEAL, lambda: moment)
    with engine.begin() as connection:
        _, *poison = inbox.take(connection, [message("open"), message("poison"), message("more poison")])
        for entry in poison:
            inbox.set_aside(connection, entry, 4, "why")
    found = read_backlogs(engine, {"assistant": bot}, lambda: moment + timedelta(seconds=90))
    assert found == {"assistant": Backlog(inbox=1, inbox_lag_s=90.0, dead_events=2)}
