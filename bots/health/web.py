"""The bots' HTTP door on loopback: `/live`, `/ready`, `/metrics`. It tells, and takes nothing."""

import asyncio
from collections.abc import Callable, Mapping

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy.exc import DBAPIError

from bots.health.metrics import CONTENT_TYPE, exposition
from bots.health.readiness import reasons
from bots.health.vitals import Backlog, Vitals
from bots.loopback import serve_on_loopback
from huep.clock import Clock
from huep.database import DatabaseUnreachable

log = structlog.get_logger(__name__)

DATABASE_TIMEOUT_S = 5.0

Backlogs = Mapping[str, Backlog]


class HealthDoor:
    """Answers from the vitals of this process and one look into the database.

    Args:
        bots: by name; read at each request.
        read_backlogs: asks the database, in a thread.
        clock: the present moment.
        counted: what the bots of this process count of their commands.
    """

    def __init__(
        self,
        bots: Mapping[str, Vitals],
        read_backlogs: Callable[[], Backlogs],
        clock: Clock,
        counted: CollectorRegistry,
    ) -> None:
        self._bots = bots
        self._read_backlogs = read_backlogs
        self._clock = clock
        self._counted = counted

    def application(self) -> web.Application:
        """The whole application."""
        app = web.Application()
        app.router.add_get("/live", self._live)
        app.router.add_get("/ready", self._ready)
        app.router.add_get("/metrics", self._metrics)
        return app

    async def _live(self, _: web.Request) -> web.Response:
        """That this is answered says that the event loop turns."""
        return web.json_response({"status": "ok"})

    async def _ready(self, _: web.Request) -> web.Response:
        found = reasons(self._bots, await self._backlogs(), self._clock())
        content = {
            "status": "not ready" if found else "ready",
            "reasons": [reason.as_json() for reason in found],
            "bots": {name: vitals.as_json() for name, vitals in self._bots.items()},
        }
        return web.json_response(content, status=503 if found else 200)

    async def _metrics(self, _: web.Request) -> web.Response:
        page = exposition(self._bots, await self._backlogs(), self._clock()) + generate_latest(self._counted)
        return web.Response(body=page, headers={"Content-Type": CONTENT_TYPE})

    async def _backlogs(self) -> Backlogs | None:
        try:
            async with asyncio.timeout(DATABASE_TIMEOUT_S):
                return await asyncio.to_thread(self._read_backlogs)
        except (DBAPIError, DatabaseUnreachable, TimeoutError) as error:
            log.warning("the database did not answer in time", error=type(error).__name__)
            return None


async def serve_health(door: HealthDoor, port: int) -> None:
    """Serve on loopback until cancelled."""
    await serve_on_loopback(door.application(), port, "health")
