"""One event of a known person, and what follows from it: the dialog that is open, or the command that is meant."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from bots.matrix.port import File, Reaction, TextMessage
from bots.runtime.access import Caller
from bots.runtime.capabilities import Write
from bots.runtime.commands import Act, Answer, Question, Request
from bots.runtime.confirmation import Rehearsal, carry_out, consent_to, may_consent, rehearse
from bots.runtime.consent import is_thanks, sign_of, steering
from bots.runtime.dialogs import Dialog, Dialogs, Stage
from bots.runtime.hearing import takes_messages
from bots.runtime.middleware import IGNORED, Context, SentAnswers
from bots.runtime.outcome import Outcome, Outgoing
from bots.runtime.preferences import Preferences
from bots.runtime.replies import MESSAGES, answered, not_understood, sentence, shown
from bots.runtime.scenes import Ask, Complete, Stopped, Switch, Talk, Turn
from bots.runtime.vocabulary import Vocabulary
from huep.catalogue import Locale

MOST_MATCHES = 50
"""So many ways to take one message are tried."""
ANSWERED_BY_SIGN = (Stage.CONFIRMING, Stage.LEAVING)


class Exchange:
    """What a person says in one event, and what the bot makes of it.

    Args:
        context: after all middleware.
        caller: who says it.
        vocabulary: what they may use.
        preferences, dialogs: where what follows is written.
        sent: what is known of the bot's own messages.
    """

    def __init__(
        self,
        context: Context,
        caller: Caller,
        vocabulary: Vocabulary,
        preferences: Preferences,
        dialogs: Dialogs,
        sent: SentAnswers,
    ) -> None:
        self._context = context
        self._caller = caller
        self._vocabulary = vocabulary
        self._preferences = preferences
        self._dialogs = dialogs
        self._sent = sent

    async def text(self, text: str) -> Outcome:
        """What follows from words."""
        dialog = self._context.dialog
        if dialog is None:
            return await self._anew(text, None)
        command = self._vocabulary.named(dialog.scene)
        if command is None or not self._is_open:
            return await self._anew(text, dialog)
        request = self._request(self._context.locale)
        talk = Talk(self._vocabulary, request)
        self._context.trace.command = command.name
        if dialog.stage in ANSWERED_BY_SIGN and await self._is_about_something_older(dialog):
            other = MESSAGES.text(request.locale, "confirm-other")
            return await self._follow(talk, request, await asyncio.to_thread(talk.repeat, command, dialog, other))
        return await self._follow(talk, request, await asyncio.to_thread(talk.go_on, command, dialog, text))

    async def reaction(self, reaction: Reaction) -> Outcome:
        """What follows from a sign: it counts where it is set to the question that is open."""
        dialog = self._context.dialog
        if dialog is None or not self._is_open:
            return IGNORED
        if not await asyncio.to_thread(self._sent.is_answer_to, reaction.room_id, reaction.target, dialog.cause):
            return IGNORED
        command = self._vocabulary.named(dialog.scene)
        if command is None or dialog.stage not in ANSWERED_BY_SIGN or sign_of(reaction.key) is None:
            return IGNORED
        return await self.text(reaction.key)

    async def content(self, message: TextMessage | File) -> Outcome:
        """What follows from a file, a picture, a forwarded notice: it counts where messages are taken as they are."""
        dialog = self._context.dialog
        command = None if dialog is None else self._vocabulary.named(dialog.scene)
        if dialog is None or command is None or not self._is_open or not takes_messages(command, dialog):
            return self.deaf("only-words") if isinstance(message, File) else IGNORED
        request = self._request(self._context.locale)
        talk = Talk(self._vocabulary, request)
        self._context.trace.command = command.name
        return await self._follow(talk, request, await asyncio.to_thread(talk.take, command, dialog, message))

    async def speaks_elsewhere(self) -> bool:
        """Whether the event answers nothing that is open: no dialog is, or it replies to another message of ours."""
        dialog = self._context.dialog
        return dialog is None or not self._is_open or await self._is_about_something_older(dialog)

    def deaf(self, name: str) -> Outcome:
        """What is said to something that we cannot take in; a dialog stays open."""
        return self._say("unknown", sentence(self._context.locale, name), None)

    async def _anew(self, text: str, before: Dialog | None) -> Outcome:
        """A message outside of any dialog; `before` is one to be closed, over or dropped."""
        matches = await asyncio.to_thread(lambda: tuple(islice(self._vocabulary.matches(text), MOST_MATCHES)))
        if matches:
            request = self._request(self._caller.chosen_locale or matches[0].locale)
            talk = Talk(self._vocabulary, request)
            self._context.trace.command = matches[0].command.name
            return await self._follow(talk, request, await asyncio.to_thread(talk.begin, matches, before))
        locale = self._context.locale
        late = self._vocabulary.named(before.scene) if before and before.is_over(self._context.moment) else None
        if late is not None:
            return self._say("stopped", sentence(locale, "dialog-timed-out", title=late.title(locale)), before)
        if is_thanks(text):
            return self._say("unknown", sentence(locale, "welcome"), before)
        if steering(text) is not None:
            return self._say("unknown", sentence(locale, "nothing-open"), before)
        return self._say("unknown", not_understood(locale, self._vocabulary.likeliest(text)), before)

    async def _follow(self, talk: Talk, request: Request, turn: Turn) -> Outcome:
        match turn:
            case Ask(dialog, answer):
                return self._say("asked", answer, None, self._dialogs.keep(dialog))
            case Stopped(before, answer):
                return self._say("stopped", answer, before)
            case Switch(before, text):
                return await self._anew(text, before)
            case Complete(Question() as question):
                answer = await question.reader(request, turn.values)
                return self._say("answered", answer, turn.before, *self._spoken_to(answer))
            case Complete(Act() as act) if turn.agreed and turn.before:
                return await self._carry_out(talk, request, act, turn, turn.before)
            case Complete(Act() as act):
                return self._read_out(talk, act, turn, await rehearse(act, request, turn.values))
            case _:
                raise TypeError(f"{type(turn.command).__name__} is neither a question nor an act")

    def _read_out(self, talk: Talk, act: Act, turn: Complete, rehearsal: Rehearsal) -> Outcome:
        if not rehearsal.sentences:
            return self._say("answered", rehearsal.answer, turn.before)
        in_words = act.capability.of_power
        ask = talk.ask_consent(turn, rehearsal.sentences, rehearsal.digest, in_words=in_words)
        preview = [shown(self._context.event, content) for content in rehearsal.shown]
        return self._say("asked", ask.answer, None, self._dialogs.keep(ask.dialog), before=preview)

    async def _carry_out(self, talk: Talk, request: Request, act: Act, turn: Complete, before: Dialog) -> Outcome:
        if not may_consent(act, request):
            return self._say("asked", sentence(request.locale, "confirm-not-by-sign"), None)
        carried = await carry_out(consent_to(act, request, turn.values, before))
        if isinstance(carried, Rehearsal):
            changed = replace(turn, preface=MESSAGES.text(request.locale, "confirm-changed"), agreed=False)
            return self._read_out(talk, act, changed, carried)
        return self._say("acted", carried.answer, before, *carried.writes, also=carried.outgoing)

    async def _is_about_something_older(self, dialog: Dialog) -> bool:
        """Whether it replies to another message of ours than the question that is open."""
        event = self._context.event
        if not isinstance(event, TextMessage | File) or event.reply_to is None:
            return False
        room_id, replied_to = event.room_id, event.reply_to

        def is_older() -> bool:
            return self._sent.is_ours(room_id, replied_to) and not self._sent.is_answer_to(
                room_id, replied_to, dialog.cause
            )

        return await asyncio.to_thread(is_older)

    @property
    def _is_open(self) -> bool:
        dialog = self._context.dialog
        return dialog is not None and not dialog.is_over(self._context.moment)

    def _spoken_to(self, answer: Answer) -> tuple[Write, ...]:
        if answer.speaks is None:
            return ()
        return (self._preferences.choosing_locale(self._caller.user_id, answer.speaks),)

    def _say(
        self,
        result: str,
        answer: Answer,
        close: Dialog | None,
        *writes: Write,
        before: Sequence[Outgoing] = (),
        also: Sequence[Outgoing] = (),
    ) -> Outcome:
        self._context.trace.result = result
        closing = (self._dialogs.close(close),) if close else ()
        return Outcome((*before, *answered(self._context.event, answer), *also), (*closing, *writes))

    def _request(self, locale: Locale) -> Request:
        context = self._context
        return Request(context.event, context.room, self._caller, locale, context.moment, self._vocabulary.commands)
