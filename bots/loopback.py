"""A door on loopback, for as long as its bots run."""

import asyncio

import structlog
from aiohttp import web

log = structlog.get_logger(__name__)

LOOPBACK = "127.0.0.1"
PORT_AGAIN_S = 5.0


async def serve_on_loopback(application: web.Application, port: int, what: str) -> None:
    """Serve until cancelled. A port that is taken is tried again: it is no reason for bots not to run.

    Args:
        application: what answers.
        port: on loopback.
        what: the door, as the log calls it.
    """
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        while True:
            try:
                await web.TCPSite(runner, LOOPBACK, port).start()
                break
            except OSError as error:
                log.warning("a door cannot open yet", door=what, port=port, error=error.strerror)
                await asyncio.sleep(PORT_AGAIN_S)
        log.info("a door is open", door=what, port=port)
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
