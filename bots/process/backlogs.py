"""What of each bot waits in the database, for readiness and figures: one look at every place."""

from collections.abc import Mapping

from sqlalchemy import Engine

from bots.health.vitals import Backlog
from bots.runtime import jobs
from bots.runtime.mail_figures import read_figures
from huep.clock import Clock


def read_backlogs(engine: Engine, localparts: Mapping[str, str], clock: Clock) -> Mapping[str, Backlog]:
    """By bot; `localparts` are those of the bots' accounts, under which their mail lies.

    Raises:
        DatabaseUnreachable, DBAPIError: PostgreSQL is away.
    """
    now = clock()
    with engine.connect() as connection:
        of_jobs = jobs.figures(connection, tuple(localparts), now)
        of_mail = read_figures(connection, tuple(localparts.values()), now)
    return {
        bot: Backlog(
            inbox=mail.inbox_open,
            inbox_lag_s=mail.inbox_lag_s,
            dead_events=mail.inbox_dead,
            outbox=mail.outbox_open,
            outbox_lag_s=mail.outbox_lag_s,
            dead=mail.outbox_dead,
            jobs=of_jobs[bot].open,
            jobs_lag_s=of_jobs[bot].lag_s,
            dead_jobs=of_jobs[bot].dead,
        )
        for bot, localpart in localparts.items()
        for mail in (of_mail[localpart],)
    }
