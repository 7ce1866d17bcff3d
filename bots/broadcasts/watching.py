"""Watches, beside the bot's answering, who has seen what, and who came or went since an announcement was sent."""

import asyncio
from functools import partial
from uuid import uuid4

from sqlalchemy import Connection

from bots.broadcasts.desk import Desk
from bots.runtime.jobs import ask_for
from bots.runtime.patience import in_transaction, is_set_within, patiently
from bots.runtime.tools import Tools
from bots.threads import in_thread

LOOK_EVERY_S = 1.0
"""How old what somebody asks for may be; the receipts of so long are counted together."""
REGISTER_EVERY_S = 300.0
"""How often the directory is looked at; longer than a request to the homeserver may take."""


async def watch_readers(tools: Tools, stop: asyncio.Event) -> None:
    """Count receipts as they come, until `stop` is set."""
    ledger = Desk.of(tools).ledger
    while not stop.is_set():
        if not await patiently(lambda: in_thread(ledger.note_seen)):
            await is_set_within(stop, LOOK_EVERY_S)


async def watch_register(tools: Tools, stop: asyncio.Event) -> None:
    """Have newcomers told what is running when the directory has changed and come to rest, until `stop` is set.

    A register is taken in by many transactions, some of which wait for the homeserver: what is found between two of
    them is not acted upon, and whether somebody has left is for the morning to judge (`reconcile`).
    """
    followed = before = None
    while not stop.is_set():
        found = await patiently(lambda: in_thread(tools.directory.fingerprint))
        if found == before and found != followed:
            await patiently(partial(in_transaction, tools.engine, partial(_reconcile, tools, found)))
            followed = found
        before = found
        await is_set_within(stop, REGISTER_EVERY_S)


def _reconcile(tools: Tools, found: str, connection: Connection) -> None:
    key = f"reconcile {uuid4()}"
    ask_for(connection, tools.bot, "reconcile", key, tools.clock(), {"directory": found})
