"""When the service looks at the register by itself: APScheduler enqueues, the worker does the work.

The jobs lie in PostgreSQL (`hr.schedule`), so a night on which the machine was off is made up for at the next start.
"""

from collections.abc import Callable

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import Engine

from hr_provisioner.service import hints
from hr_provisioner.service.hints import EVERYBODY
from huep import clock
from huep.clock import PROVINCE_TIMEZONE
from huep.database import Role, connect_as
from huep.hr_settings import ServiceSettings
from huep.settings import load_settings
from huep.state import locate_state

NIGHTLY = "nightly"
STORED, HERE = "stored", "here"


def enqueue_full_run() -> None:
    """The nightly job: one hint a day about everybody, however often it fires.

    A stored job outlives the process and takes no engine along: the state folder comes from the environment.
    """
    state = locate_state(None)
    engine = connect_as(load_settings(state), state, Role.HR)
    try:
        now = clock.now()
        with engine.begin() as connection:
            hints.take_in(connection, f"{NIGHTLY}-{clock.today():%Y-%m-%d}", EVERYBODY, now)
    finally:
        engine.dispose()


def start_timetable(engine: Engine, settings: ServiceSettings, look_at_rooms: Callable[[], None]) -> AsyncIOScheduler:
    """Start the timetable inside the running loop; `look_at_rooms` is called there every `rooms_every_min`.

    A nightly job that is stored already for the same time is left alone: adding it again would forget what it missed.
    """
    scheduler = AsyncIOScheduler(
        timezone=PROVINCE_TIMEZONE,
        jobstores={
            STORED: SQLAlchemyJobStore(engine=engine, tablename="schedule", tableschema="hr"),
            HERE: MemoryJobStore(),
        },
        job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
    )
    scheduler.start(paused=True)
    nightly_at = settings.nightly_at
    trigger = CronTrigger(hour=nightly_at.hour, minute=nightly_at.minute, timezone=PROVINCE_TIMEZONE)
    stored = scheduler.get_job(NIGHTLY, STORED)
    if stored is None or str(stored.trigger) != str(trigger):
        scheduler.add_job(enqueue_full_run, trigger, id=NIGHTLY, jobstore=STORED, replace_existing=True)
    scheduler.add_job(look_at_rooms, "interval", minutes=settings.rooms_every_min, id="rooms", jobstore=HERE)
    scheduler.resume()
    return scheduler
