"""Watches who has seen what: read receipts that the bot was told of are counted in the ledger, beside its answering."""

import asyncio

from bots.broadcasts.desk import Desk
from bots.runtime.patience import patiently
from bots.runtime.tools import Tools
from bots.threads import in_thread

LOOK_EVERY_S = 1.0
"""How old what somebody asks for may be; the receipts of so long are counted together."""


async def watch_readers(tools: Tools, stop: asyncio.Event) -> None:
    """Count receipts as they come, until `stop` is set."""
    ledger = Desk.of(tools).ledger
    while not stop.is_set():
        if await patiently(lambda: in_thread(ledger.note_seen)):
            continue
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                await stop.wait()
        except TimeoutError:
            continue
