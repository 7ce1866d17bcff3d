"""From an event to what follows from it: a bot's middleware around its router."""

import asyncio
from datetime import datetime
from typing import Protocol

from bots.matrix.port import Edit, Event, File, Reaction, RoomView, TextMessage, Unreadable
from bots.matrix.trust import Origin
from bots.runtime import middleware
from bots.runtime.access import Access, Caller, Role
from bots.runtime.concern import is_direct
from bots.runtime.dialogs import Dialogs
from bots.runtime.exchange import Exchange
from bots.runtime.metrics import CommandMetrics
from bots.runtime.middleware import IGNORED, Context, Layer, Middleware, SentAnswers
from bots.runtime.outcome import Outcome
from bots.runtime.preferences import Preferences
from bots.runtime.replies import timed_out
from bots.runtime.router import Router
from bots.runtime.vocabulary import Vocabulary, check_phrases
from huep.clock import Clock, now

ANSWERED = (TextMessage, File, Edit, Reaction, Unreadable)
"""What may give a command or answer a question, and what should have been able to."""
MOST_TIMED_OUT = 100
"""Dialogs that are closed in one go."""


class Hearer(Protocol):
    """What a bot hears beside its commands: signs, and words, about what it wrote unasked."""

    async def hear(self, event: Event, caller: Caller, room: RoomView) -> Outcome | None:
        """What follows from a reaction, or a text or file that answers no open question; None: not meant for it.

        Asked before dialogs and commands; safe to repeat, and sends nothing itself. A text or file comes from a
        verified device, or in clear in a room of many. What is not encrypted, as reactions never are, may settle
        nothing but what concerns `caller` alone.
        """
        ...


class CommandDispatcher:
    """The `Dispatcher` of a bot whose behaviour is a router.

    Args:
        bot: localpart of its account.
        router: what it can be asked.
        access: who is asking, and what they may.
        preferences: what people settled about the bots.
        dialogs: what this bot has asked and waits for.
        sent: what is known of the bot's own messages.
        metrics: where events are counted.
        clock: the present moment.
        hearer: is asked before dialogs and commands.
        in_private: whether dialogs and commands are for rooms of two alone.
    """

    def __init__(
        self,
        bot: str,
        router: Router,
        access: Access,
        preferences: Preferences,
        dialogs: Dialogs,
        sent: SentAnswers,
        metrics: CommandMetrics,
        clock: Clock = now,
        hearer: Hearer | None = None,
        *,
        in_private: bool = False,
    ) -> None:
        check_phrases(router.commands)
        self._commands = router.commands
        self._preferences = preferences
        self._dialogs = dialogs
        self._sent = sent
        self._clock = clock
        self._hearer = hearer
        self._in_private = in_private
        self._vocabularies: dict[frozenset[Role], Vocabulary] = {}
        layers: tuple[Middleware, ...] = (
            middleware.measured(bot, metrics),
            middleware.kindly,
            middleware.identified(access, dialogs),
            middleware.no_programs,
            self._in_clear_among_others,
            middleware.from_a_verified_device,
            middleware.known,
        )
        self._through = middleware.through(layers, self._heard)

    async def dispatch(self, event: Event, room: RoomView) -> Outcome:
        """What follows from `event`; safe to repeat, and nothing is sent or written.

        Raises:
            DatabaseUnreachable, DBAPIError: the database is away: the event is to be dispatched again.
        """
        if not isinstance(event, ANSWERED):
            return IGNORED
        return await self._through(Context(event, room, self._clock()))

    def listens_to(self, _event: Event, /) -> bool:
        """To nothing but what concerns the bot: whoever gives a command says it to the bot."""
        return False

    async def timed_out(self) -> tuple[Outcome, ...]:
        """An outcome for each dialog whose time is over: it is closed, and the person told so.

        A job commits them one by one; one that raises DialogMoved was answered at the last moment.
        """
        return await asyncio.to_thread(self._timed_out, self._clock())

    def _timed_out(self, moment: datetime) -> tuple[Outcome, ...]:
        commands = {command.name: command for command in self._commands}
        outcomes = []
        for dialog in self._dialogs.over(moment, MOST_TIMED_OUT):
            quiet = self._preferences.quiet_hours_of(dialog.user_id)
            command = commands.get(dialog.scene)
            said = (timed_out(dialog, command, quietly=quiet is not None and quiet.hold(moment)),) if command else ()
            outcomes.append(Outcome(said, (self._dialogs.close(dialog),)))
        return tuple(outcomes)

    async def _in_clear_among_others(self, context: Context, inner: Layer) -> Outcome:
        """What is written in clear in a room of many is heard as reactions are; a private bot says nothing to it."""
        event, hearer = context.event, self._hearer
        if isinstance(event, Reaction) or event.origin is not Origin.PLAIN or is_direct(context.room):
            return await inner(context)
        if hearer is not None and context.caller is not None and isinstance(event, TextMessage | File):
            heard = await hearer.hear(event, context.caller, context.room)
            if heard is not None:
                context.trace.result = "heard"
                return heard
        if not self._in_private:
            return await inner(context)
        context.trace.result = "refused"
        return IGNORED

    async def _heard(self, context: Context) -> Outcome:
        if context.caller is None:
            return IGNORED
        vocabulary = self._vocabulary_of(context.caller.roles)
        exchange = Exchange(context, context.caller, vocabulary, self._preferences, self._dialogs, self._sent)
        if isinstance(context.event, TextMessage) and context.event.notice:
            return await exchange.content(context.event)
        if (heard := await self._beside_commands(context, context.caller, exchange)) is not None:
            context.trace.result = "heard"
            return heard
        if self._in_private and not is_direct(context.room):
            is_said = isinstance(context.event, TextMessage | File)
            return exchange.deaf("in-private") if is_said else IGNORED
        match context.event:
            case TextMessage() as message:
                return await exchange.text(message.body)
            case Reaction() as reaction:
                return await exchange.reaction(reaction)
            case File() as file:
                return await exchange.content(file)
            case Edit():
                return exchange.deaf("no-edits")
            case _:
                return IGNORED

    async def _beside_commands(self, context: Context, caller: Caller, exchange: Exchange) -> Outcome | None:
        if self._hearer is None or not isinstance(context.event, Reaction | TextMessage | File):
            return None
        if not isinstance(context.event, Reaction) and not await exchange.speaks_elsewhere():
            return None
        return await self._hearer.hear(context.event, caller, context.room)

    def _vocabulary_of(self, roles: frozenset[Role]) -> Vocabulary:
        if roles not in self._vocabularies:
            self._vocabularies[roles] = Vocabulary([command for command in self._commands if command.allowed & roles])
        return self._vocabularies[roles]
