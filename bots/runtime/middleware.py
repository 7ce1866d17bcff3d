"""What every event goes through before a command sees it, from the outside in; each layer may answer in its stead."""

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Protocol

import structlog

from bots.matrix.port import Event, Reaction, RoomEvent, RoomView, TextMessage, Unreadable
from bots.matrix.trust import Origin
from bots.runtime import notices
from bots.runtime.access import Access, Caller
from bots.runtime.dialogs import Dialog, Dialogs
from bots.runtime.metrics import CommandMetrics, Trace
from bots.runtime.outcome import Outcome
from bots.runtime.patience import is_passing
from bots.runtime.replies import outgoing, sentence
from huep.catalogue import Locale

log = structlog.get_logger(__name__)

FRAMES = 3
"""Of a failure, so many places in the code are logged."""
IGNORED = Outcome()


@dataclass(frozen=True)
class Context:
    """An event, and what the layers have found out about it."""

    event: Event
    room: RoomView
    moment: datetime
    caller: Caller | None = None
    dialog: Dialog | None = None
    """What the bot last asked this person in this room, its time over or not."""
    trace: Trace = field(default_factory=Trace)

    @property
    def locale(self) -> Locale:
        """The language chosen, else that of the open dialog, else Vietnamese."""
        chosen = self.caller.chosen_locale if self.caller else None
        return chosen or (self.dialog.locale if self.dialog else Locale.VI)


Layer = Callable[[Context], Awaitable[Outcome]]
Middleware = Callable[[Context, Layer], Awaitable[Outcome]]


class SentAnswers(Protocol):
    """What is known of the bot's own messages."""

    def is_ours(self, room_id: str, event_id: str) -> bool:
        """Whether we sent this, as far as we still know."""
        ...

    def is_answer_to(self, room_id: str, event_id: str, cause: str) -> bool:
        """Whether we sent this in answer to the event `cause`."""
        ...


def through(middleware: Sequence[Middleware], innermost: Layer) -> Layer:
    """`innermost` with all layers around it, the first one outermost."""
    layer = innermost
    for one in reversed(middleware):
        layer = _around(one, layer)
    return layer


def _around(one: Middleware, inner: Layer) -> Layer:
    async def layer(context: Context) -> Outcome:
        return await one(context, inner)

    return layer


def measured(bot: str, metrics: CommandMetrics) -> Middleware:
    """Counts every event, and how long it took."""

    async def layer(context: Context, inner: Layer) -> Outcome:
        started = time.perf_counter()
        try:
            return await inner(context)
        finally:
            metrics.count(bot, context.trace, time.perf_counter() - started)

    return layer


async def kindly(context: Context, inner: Layer) -> Outcome:
    """One kind sentence for whatever goes wrong; while the database is away the event is left for later."""
    try:
        return await inner(context)
    except Exception as error:
        context.trace.result = "failed"
        if is_passing(error):
            raise
        log.error(  # noqa: TRY400 - the text of an error may hold what a person wrote
            "an event could not be dealt with",
            room_id=context.event.room_id,
            command=context.trace.command,
            error=type(error).__name__,
            at=[f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-FRAMES:]],
        )
        if isinstance(context.event, Reaction):
            return IGNORED
        return _said(context, "something-failed")


def identified(access: Access, dialogs: Dialogs) -> Middleware:
    """Asks the directory who this is, today, and what the bot had asked them."""

    def look_up(event: RoomEvent) -> tuple[Caller | None, Dialog | None]:
        caller = access.caller(event.sender)
        return caller, dialogs.of(event.room_id, event.sender) if caller else None

    async def layer(context: Context, inner: Layer) -> Outcome:
        caller, dialog = await asyncio.to_thread(look_up, context.event)
        return await inner(replace(context, caller=caller, dialog=dialog))

    return layer


async def no_programs(context: Context, inner: Layer) -> Outcome:
    """What programs write (`m.notice`) is never answered, or two of them would talk for ever.

    A person may forward such a message: it goes on where somebody of the register has a question of ours open.
    """
    event = context.event
    if not isinstance(event, TextMessage) or not event.notice:
        return await inner(context)
    forwarded = context.caller is not None and context.dialog is not None and event.origin is Origin.CROSS_SIGNED
    return await inner(context) if forwarded else IGNORED


async def from_a_verified_device(context: Context, inner: Layer) -> Outcome:
    """Only what a device wrote that its owner has signed counts; other devices get no key, and their people a notice.

    Reactions are never encrypted: they pass, and count only where `confirmation.may_consent` says so. What could not be
    read, or came in clear, is answered as the room is: encrypted for signed devices alone wherever the room may be.
    """
    event = context.event
    if isinstance(event, Reaction) or (event.origin is Origin.CROSS_SIGNED and not isinstance(event, Unreadable)):
        return await inner(context)
    context.trace.result = "refused"
    if isinstance(event, Unreadable):
        return _said(context, "cannot-read")
    if event.origin is Origin.UNSIGNED:
        return Outcome(writes=(partial(notices.want, user_id=event.sender, device_id="", now=context.moment),))
    return _said(context, "not-encrypted")


async def known(context: Context, inner: Layer) -> Outcome:
    """Whoever is not in the register today, or locked, is told one thing, and not which of the two."""
    if context.caller is not None:
        return await inner(context)
    context.trace.result = "stranger"
    return IGNORED if isinstance(context.event, Reaction) else _said(context, "not-in-register")


def _said(context: Context, name: str) -> Outcome:
    return Outcome((outgoing(context.event, sentence(context.locale, name)),))
