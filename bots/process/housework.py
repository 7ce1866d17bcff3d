"""What every bot can do for itself, asked for as jobs: being mended while it runs, and forgetting what is old."""

from datetime import timedelta
from functools import partial

import structlog
from apscheduler.triggers.cron import CronTrigger

from bots.matrix.connection import MatrixConnection
from bots.runtime import jobs
from bots.runtime.jobs import Job, JobCall
from bots.runtime.outcome import Outcome
from bots.runtime.tools import Tools
from huep.clock import PROVINCE_TIMEZONE

log = structlog.get_logger(__name__)

MEND, FORGET = "mend", "forget"


class Housework:
    """The jobs of the house; the connections are those of the bots that run now, by name."""

    def __init__(self, connections: dict[str, MatrixConnection]) -> None:
        self._connections = connections

    def jobs(self) -> tuple[Job, ...]:
        nightly = CronTrigger(hour=3, minute=30, timezone=PROVINCE_TIMEZONE)
        return (
            Job(MEND, self.mend, grace=timedelta(hours=1)),
            Job(FORGET, self.forget, trigger=nightly),
        )

    async def mend(self, call: JobCall, tools: Tools) -> Outcome:  # noqa: ARG002 - a job's signature
        """Keys, signature and invitations of the bot's own device."""
        mended = await self._connections[call.bot].mend()
        log.info(
            "mended",
            bot=call.bot,
            one_time_keys=mended.one_time_keys,
            signed_again=mended.signed,
            invitations=mended.invitations,
        )
        return Outcome()

    async def forget(self, call: JobCall, tools: Tools) -> Outcome:  # noqa: ARG002 - a job's signature
        """Jobs that were done long ago."""
        return Outcome(writes=(partial(jobs.forget, now=tools.clock()),))
