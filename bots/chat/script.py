"""The unattended side of `huep chat`: send, wait for the answers, say how it went."""

import asyncio
import time
from collections.abc import Iterable

from bots.chat.session import ChatSession
from bots.matrix.port import TextMessage


async def send_and_wait(session: ChatSession, messages: Iterable[str], wait_s: float) -> bool:
    """Send each message and wait up to `wait_s` for its answer before the next; whether all were answered.

    An answer is a message of somebody else in the room; one that replies to an earlier message does not count.
    """
    answered = True
    listening = asyncio.create_task(session.listen())
    try:
        for message in messages:
            event_id = await session.say(message)
            answered = await _answer_to(session, event_id, listening, wait_s) and answered
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    return answered


async def _answer_to(session: ChatSession, event_id: str, listening: "asyncio.Task[None]", wait_s: float) -> bool:
    deadline = time.monotonic() + wait_s
    while (left_s := deadline - time.monotonic()) > 0:
        hearing = asyncio.create_task(session.heard.get())
        await asyncio.wait({hearing, listening}, timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
        if not hearing.done():
            hearing.cancel()
            if listening.done():
                listening.result()
            return False
        event = hearing.result()
        if isinstance(event, TextMessage) and event.reply_to in (None, event_id):
            return True
    return False
