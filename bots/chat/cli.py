"""`huep chat`."""

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated

import structlog
import typer

from bots.chat.account import ChatAccount, find_account, password_of
from bots.chat.conversation import MESSAGES
from bots.chat.script import send_and_wait
from bots.chat.session import ChatSession
from bots.chat.terminal import converse, show_line
from bots.matrix.connection import MatrixConnection, connect_from_folder
from bots.matrix.errors import AccountLocked, DeviceInUse, ServerUnreachable, SessionEnded, WrongPassword
from huep.bots_settings import BOT_NAMES
from huep.catalogue import Locale
from huep.errors import HuepError
from huep.options import LanguageOption, StateOption
from huep.settings import Settings, load_settings
from huep.state import StateFolder, locate_state

DEFAULT_WAIT_S = 30.0


class ChatFailed(HuepError):
    """Why `huep chat` ended, in the person's language."""


def _known(bot: str) -> str:
    if bot not in BOT_NAMES:
        raise typer.BadParameter(f"there is no bot called {bot!r}; there are: {', '.join(BOT_NAMES)}")
    return bot


def chat(
    who: Annotated[str, typer.Option("--as", help="Account, officer code, or a part of the demo (officer, head, …).")],
    room: Annotated[str | None, typer.Option(help="Room ID; by default the direct room with a bot.")] = None,
    bot: Annotated[str, typer.Option(help="Which bot, where no room is given.", callback=_known)] = BOT_NAMES[0],
    send: Annotated[list[str] | None, typer.Option(help="Send this, print the answer, and end; repeatable.")] = None,
    wait: Annotated[float, typer.Option(help="With --send: seconds to wait for each answer.")] = DEFAULT_WAIT_S,
    locale: LanguageOption = Locale.VI,
    new_identity: Annotated[
        bool, typer.Option("--new-identity", help="Replace the account's cross-signing identity by a new one.")
    ] = False,
    state: StateOption = None,
) -> None:
    """Talk to the bots and to colleagues, end-to-end encrypted, from this terminal."""
    folder = locate_state(state)
    settings = load_settings(folder)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    account = find_account(settings, folder, who)
    partner = settings.user_id(settings.accounts.bots[bot])
    with _told(settings, locale):
        if send:
            answered = asyncio.run(_script(settings, folder, account, room, partner, send, wait, locale, new_identity))
            raise typer.Exit(0 if answered else 1)
        if sys.stdin.isatty():
            asyncio.run(_interactive(settings, folder, account, room, partner, locale, new_identity))
        else:
            lines = [line.strip() for line in sys.stdin if line.strip()]
            answered = asyncio.run(_script(settings, folder, account, room, partner, lines, wait, locale, new_identity))
            raise typer.Exit(0 if answered else 1)


async def _script(
    settings: Settings,
    folder: StateFolder,
    account: ChatAccount,
    room: str | None,
    partner: str,
    messages: list[str],
    wait_s: float,
    locale: Locale,
    new_identity: bool,
) -> bool:
    async with _opened(settings, folder, account, locale, new_identity) as connection:
        session = ChatSession(connection, locale, _print, interactive=False)
        await _enter(session, room, partner)
        return await send_and_wait(session, messages, wait_s)


async def _interactive(
    settings: Settings,
    folder: StateFolder,
    account: ChatAccount,
    room: str | None,
    partner: str,
    locale: Locale,
    new_identity: bool,
) -> None:
    async with _opened(settings, folder, account, locale, new_identity) as connection:
        session = ChatSession(connection, locale, show_line)
        await _enter(session, room, partner)
        show_line(f"  · {MESSAGES.text(locale, 'how-to-leave')}")
        await converse(session, folder.chat / account.localpart / "history")


async def _enter(session: ChatSession, room: str | None, partner: str) -> None:
    """Read what is new, then stand in the room that was asked for, else in the direct one with `partner`."""
    first = await session.connection.next_batch()
    room_id = room or await session.connection.direct_room_with(partner)
    await session.open_room(room_id)
    await session.take_in(first)


@asynccontextmanager
async def _opened(
    settings: Settings, folder: StateFolder, account: ChatAccount, locale: Locale, new_identity: bool
) -> AsyncIterator[MatrixConnection]:
    async with connect_from_folder(
        settings.synapse.local_url,
        folder.chat / account.localpart,
        account.user_id,
        lambda: password_of(folder, account),
        device_id=f"HUEPCHAT{secrets.token_hex(3).upper()}",
        display_name="huep chat",
        reset_identity=new_identity,
        need_identity=False,
    ) as connection:
        if not connection.is_cross_signed():
            _print(f"  · {MESSAGES.text(locale, 'device-not-verified')}")
        yield connection


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - what a terminal client is for


@contextmanager
def _told(settings: Settings, locale: Locale) -> Iterator[None]:
    """Errors that a person meets, as one sentence in their language."""
    try:
        yield
    except WrongPassword as error:
        raise ChatFailed(MESSAGES.text(locale, "wrong-password")) from error
    except AccountLocked as error:
        raise ChatFailed(MESSAGES.text(locale, "account-locked")) from error
    except SessionEnded as error:
        raise ChatFailed(MESSAGES.text(locale, "session-ended")) from error
    except DeviceInUse as error:
        raise ChatFailed(MESSAGES.text(locale, "device-in-use")) from error
    except ServerUnreachable as error:
        raise ChatFailed(MESSAGES.text(locale, "unreachable", {"url": settings.synapse.local_url})) from error
