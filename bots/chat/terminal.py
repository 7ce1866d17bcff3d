"""The interactive side of `huep chat`."""

import asyncio
from pathlib import Path

from prompt_toolkit import PromptSession, print_formatted_text
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.history import FileHistory
from prompt_toolkit.patch_stdout import patch_stdout

from bots.chat.session import ChatSession

PROMPT = "› "


def show_line(line: str) -> None:
    """Print a line above the prompt, colours included."""
    print_formatted_text(ANSI(line))


async def converse(session: ChatSession, history: Path) -> None:
    """Read and write until the person leaves; raises when the device is out (AccountLocked)."""
    await asyncio.to_thread(history.touch, 0o600)
    prompt: PromptSession[str] = PromptSession(history=FileHistory(str(history)))
    with patch_stdout(raw=True):
        listening = asyncio.create_task(session.listen())
        typing = asyncio.create_task(_read(prompt, session))
        try:
            done, _ = await asyncio.wait({listening, typing}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (listening, typing):
                task.cancel()
            await asyncio.gather(listening, typing, return_exceptions=True)


async def _read(prompt: PromptSession[str], session: ChatSession) -> None:
    while True:
        try:
            line = await prompt.prompt_async(PROMPT)
        except (EOFError, KeyboardInterrupt):
            return
        if not await session.typed(line):
            return
