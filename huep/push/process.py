"""The gateway as a process: a plain door for Synapse, and one with TLS for phones where there is a certificate."""

import asyncio
import signal
import ssl
import time

import structlog
from aiohttp import web

from huep.push.topics import Topics
from huep.push.web import application
from huep.settings import Settings

log = structlog.get_logger(__name__)

HOUR_S = 3600


async def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; phones come back by themselves."""
    push = settings.push
    topics = Topics(push.keep_hours * HOUR_S, _now_s)
    runner = web.AppRunner(application(topics, settings.push_url, _now_s), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, push.bind, push.port).start()
        if settings.synapse.tls_certificate is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(settings.synapse.tls_certificate, settings.synapse.tls_private_key)
            await web.TCPSite(runner, push.tls_bind, push.tls_port, ssl_context=context).start()
        log.info("serving", bind=push.bind, port=push.port, phones=settings.push_url)
        await _until_signalled()
    finally:
        await runner.cleanup()


def _now_s() -> int:
    return int(time.time())


async def _until_signalled() -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    await ended.wait()
