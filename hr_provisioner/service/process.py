"""The service as a process: the HTTP door, the worker behind it and the timetable, ended together by a signal."""

import asyncio
import contextlib
from uuid import uuid4

import structlog
import uvicorn
from starlette.types import ASGIApp

from hr_provisioner.scim.app import app as scim_application
from hr_provisioner.service import hints
from hr_provisioner.service.doors import Doors
from hr_provisioner.service.hints import EVERYBODY
from hr_provisioner.service.registers import Registers
from hr_provisioner.service.timetable import start_timetable
from hr_provisioner.service.web import Door, application
from hr_provisioner.service.worker import Worker
from hr_provisioner.sources import Source, open_configured
from hr_provisioner.workplace import Workplace
from huep import secret_names
from huep.stack.accounts import open_admin

log = structlog.get_logger(__name__)


async def serve(place: Workplace) -> None:
    """Serve until SIGINT or SIGTERM; what was being done is resumed at the next start."""
    settings = place.settings.hr.service

    def open_source() -> Source:
        return open_configured(place.settings, place.state, place.hr)

    async with open_admin(place.settings, place.state) as homeserver:
        registers = Registers(place, homeserver, open_source)
        worker = Worker(Doors(place, homeserver, open_source, registers.ask), registers)
        door = Door(
            place.hr,
            settings,
            place.state.secret(secret_names.HR_WEBHOOK),
            worker.wake,
            place.settings.hr.approval_hours,
            place.now,
        )
        server = uvicorn.Server(
            uvicorn.Config(
                application(door, _scim(place, worker)),
                host=settings.bind,
                port=settings.port,
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
            )
        )
        timetable = start_timetable(place.hr, settings, worker.look_at_rooms)
        work = asyncio.create_task(worker.run())
        log.info("serving", bind=settings.bind, port=settings.port, nightly_at=str(settings.nightly_at))
        try:
            await server.serve()
        finally:
            timetable.shutdown(wait=False)
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await work


def _scim(place: Workplace, worker: Worker) -> ASGIApp:
    """What SCIM wrote is a hint like a webhook's: the same plan, the same guard."""
    loop = asyncio.get_running_loop()

    def changed(officer_code: str | None) -> None:
        now = place.now()
        with place.hr.begin() as connection:
            hints.take_in(connection, f"scim-{uuid4()}", officer_code or EVERYBODY, now)
        loop.call_soon_threadsafe(worker.wake)

    return scim_application(place.hr, place.state.secret(secret_names.SCIM_TOKEN), changed, place.now)
