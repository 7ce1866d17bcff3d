"""What makes a bot: its name, its account, what it understands and what it does unasked."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bots.runtime.dispatcher import Hearer
from bots.runtime.jobs import Job
from bots.runtime.router import Router
from bots.runtime.tools import Tools
from huep.settings import Settings


@dataclass(frozen=True)
class BotPackage:
    """One bot, before it runs."""

    name: str
    """Of one word; names its jobs, its rows and its figures."""
    title: str
    """What people see: `Trợ lý HueP`."""
    localpart: Callable[[Settings], str]
    """Of its account, which huep.toml may name otherwise."""
    router: Callable[[Tools], Router]
    jobs: tuple[Job, ...] = ()
    hears: Callable[[Tools], Hearer] | None = None
    """What it hears beside its commands, such as reactions to what it wrote unasked."""
    beside: tuple[Callable[[Tools, asyncio.Event], Awaitable[None]], ...] = ()
    """What goes on beside the answering until the event is set, such as reading news; one that fails ends the bot."""
    answers_in_private: bool = False
    """Whether it takes commands in rooms of two alone; elsewhere it says so, or nothing where the room is in clear."""
    wants_receipts: bool = False
    """Whether its device asks how far people have read its rooms; `Readings` keeps what it is told."""
    gives_notices: bool = False
    """Whether its account tells people in clear how to verify a device; of all bots one does."""

    def user_id(self, settings: Settings) -> str:
        return settings.user_id(self.localpart(settings))


def device_id_of(localpart: str) -> str:
    """The bot's device: the same at every start, and of a name of its own, since nio gives its namesakes no key."""
    return f"HUEPBOT-{localpart.upper()}"
