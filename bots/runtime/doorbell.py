"""Telling and hearing, between processes, that something was put into a box: NOTIFY, and LISTEN."""

import asyncio
from collections.abc import Callable, Mapping

import psycopg
import structlog
from psycopg import sql
from sqlalchemy import Connection, Engine, text

from bots.runtime.backoff import Backoff

log = structlog.get_logger(__name__)

PAUSES = Backoff(first_s=0.2, longest_s=5.0)


def ring(connection: Connection, channel: str, bot: str) -> None:
    """Whoever listens for `bot` hears of it once the transaction is committed."""
    connection.execute(text("select pg_notify(:channel, :bot)"), {"channel": channel, "bot": bot})


async def listen(engine: Engine, bot: str, bells: Mapping[str, Callable[[], None]]) -> None:
    """Ring the bell of a channel whenever it names `bot`, for ever; and all after each time that nothing was heard.

    On a connection of its own.
    """
    failures = 0
    while True:
        try:
            async with await _connect(engine) as connection:
                for channel in bells:
                    await connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
                failures = 0
                for bell in bells.values():
                    bell()
                async for notice in connection.notifies():
                    if notice.payload == bot:
                        bells[notice.channel]()
        except psycopg.OperationalError as error:
            log.warning("nothing is heard of what others put in", bot=bot, error=type(error).__name__)
        failures += 1
        await asyncio.sleep(PAUSES.pause_s(failures))


async def _connect(engine: Engine) -> psycopg.AsyncConnection:
    url = engine.url
    return await psycopg.AsyncConnection.connect(
        host=url.host,
        port=url.port or 5432,
        user=url.username,
        password=None if url.password is None else str(url.password),
        dbname=url.database,
        autocommit=True,
    )
