"""From what a person says to the values of a command, step by step: the walk through the table of `dialogs`.

Nothing is carried out here and nothing written: a turn says what the dispatcher shall do next.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bots.matrix.port import File, TextMessage
from bots.runtime.arguments import MOST_CHOICES, Choice, Guide, Kept
from bots.runtime.commands import Answer, Command, Request
from bots.runtime.dialogs import CONSENT_PATIENCE, PATIENCE, TABLE, Dialog, Next, Offer, Said, Stage
from bots.runtime.hearing import Heard, Listener
from bots.runtime.replies import MESSAGES, numbered, paragraphs, sentence
from bots.runtime.vocabulary import Match, Vocabulary

MOST_QUOTED = 200
"""Characters of what was not understood."""


@dataclass(frozen=True)
class Ask:
    """The dialog goes on: it is kept, and its question put."""

    dialog: Dialog
    answer: Answer


@dataclass(frozen=True)
class Complete:
    """Every value is there: a question can be answered, an act rehearsed and read out, or carried out if `agreed`."""

    command: Command
    filled: Mapping[str, Kept]
    values: Any
    before: Dialog | None
    """The dialog that led here."""
    preface: str = ""
    """What to say first when it is read out."""
    agreed: bool = False
    """The person said yes to what was read out."""


@dataclass(frozen=True)
class Stopped:
    """The dialog is closed and nothing was done."""

    before: Dialog
    answer: Answer


@dataclass(frozen=True)
class Switch:
    """The dialog is dropped, and what was asked in the middle of it is heard now."""

    before: Dialog
    text: str


Turn = Ask | Complete | Stopped | Switch


class Talk:
    """One turn of one person, with what they may use."""

    def __init__(self, vocabulary: Vocabulary, request: Request) -> None:
        self._request = request
        self._locale = request.locale
        self._listener = Listener(vocabulary, request.asking)

    def begin(self, matches: Iterable[Match], before: Dialog | None = None) -> Ask | Complete:
        """Start with that of `matches`, one at least, whose values are all understood; else with the likeliest."""
        match, heard = max(((match, self._values_of(match)) for match in matches), key=_likelihood)
        command = match.command
        filled = {
            name: command.scene.step(name).parser.dump(one.value)
            for name, one in heard.items()
            if one.said is Said.VALUE
        }
        for name, one in heard.items():
            if one.said is Said.SEVERAL:
                return self._offer(command, name, filled, one.choices, before)
            if one.said is Said.OTHER:
                unread = MESSAGES.text(self._locale, "dialog-unread", {"words": _shortened(match.said[name])})
                return self._ask(command, name, filled, before, one.wrong or one.why or unread)
        return self._advance(command, filled, before)

    def go_on(self, command: Command, dialog: Dialog, text: str) -> Turn:
        """Take `text` as the answer to what `dialog` asks."""
        event = self._request.event
        message = event if isinstance(event, TextMessage) else None
        return self._next(command, dialog, self._listener.hear(command, dialog, text, message), text)

    def take(self, command: Command, dialog: Dialog, message: TextMessage | File) -> Turn:
        """Take `message` as an answer, or part of one, to what `dialog` asks, and as nothing else."""
        return self._next(command, dialog, self._listener.take(command, dialog, message), "")

    def _next(self, command: Command, dialog: Dialog, heard: Heard, text: str) -> Turn:
        following = TABLE[dialog.stage].get(heard.said, Next.REPEAT)
        step = dialog.step or ""
        if following is Next.PERFORM and self._said_before(dialog):
            return self.repeat(command, dialog, MESSAGES.text(self._locale, "confirm-too-early"))
        match following:
            case Next.STOP:
                return Stopped(dialog, sentence(self._locale, "dialog-stopped"))
            case Next.FILL:
                return self._fill(command, dialog, heard)
            case Next.GATHER:
                return self._gather(command, dialog, heard)
            case Next.LEAD:
                return self._ask(command, step, dialog.filled, dialog, heard.why, place=heard.value)
            case Next.OFFER:
                return self._offer(command, step, dialog.filled, heard.choices, dialog, dialog.place)
            case Next.CHOOSE_STEP:
                return self._choose_step(command, dialog, heard)
            case Next.REOPEN:
                return self._reopen(command, dialog, heard.step)
            case Next.PERFORM:
                return self._advance(command, dialog.filled, dialog, agreed=True)
            case Next.ASK_WHETHER_TO_LEAVE:
                return self._ask_whether_to_leave(command, dialog)
            case Next.SWITCH:
                return Switch(dialog, dialog.aside.body if dialog.aside and heard.said is Said.YES else text)
            case Next.RESUME:
                return self._resume(command, dialog)
            case Next.REPEAT:
                return self.repeat(
                    command, dialog, heard.wrong or heard.why or MESSAGES.text(self._locale, "dialog-no-answer")
                )

    def repeat(self, command: Command, dialog: Dialog, preface: str) -> Ask | Complete:
        """Put the question of `dialog` again, after `preface`."""
        match dialog.stage:
            case Stage.FILLING if dialog.gathered is not None:
                return self._await_more(command, dialog, dialog.gathered, preface)
            case Stage.FILLING:
                step = dialog.step or ""
                return self._ask(command, step, dialog.filled, dialog, preface, dialog.offered, dialog.place)
            case Stage.CORRECTING:
                return self._ask_step(command, dialog, preface)
            case Stage.LEAVING:
                return self._ask_whether_to_leave(command, dialog)
            case Stage.CONFIRMING:
                return self._advance(command, dialog.filled, dialog, preface)

    def ask_consent(self, complete: Complete, sentences: tuple[str, ...], digest: str, *, in_words: bool) -> Ask:
        """Read an act out and wait for yes; `in_words` where a reaction will not do."""
        how = MESSAGES.text(self._locale, "confirm-in-words" if in_words else "confirm")
        dialog = self._dialog(complete.command, Stage.CONFIRMING, complete.filled, complete.before)
        dialog = replace(dialog, shown=digest, expires_at=self._request.moment + CONSENT_PATIENCE)
        return Ask(dialog, paragraphs(*(line for line in (complete.preface, *sentences, how) if line)))

    def _said_before(self, dialog: Dialog) -> bool:
        """Whether it was written before the question was put, and so agrees to something else."""
        return self._request.event.sent_at_ms < dialog.asked_at.timestamp() * 1000

    def _values_of(self, match: Match) -> dict[str, Heard]:
        """Each value that was said with the command, beside those before it."""
        heard: dict[str, Heard] = {}
        filled: dict[str, Kept] = {}
        for step in match.command.scene.steps:
            if step.name in match.said:
                one = self._listener.value_of(match.command, step, match.said[step.name], filled)
                heard[step.name] = one
                if one.said is Said.VALUE:
                    filled[step.name] = step.parser.dump(one.value)
        return heard

    def _advance(
        self,
        command: Command,
        filled: Mapping[str, Kept],
        before: Dialog | None,
        preface: str = "",
        *,
        agreed: bool = False,
    ) -> Ask | Complete:
        """To the first step that lacks its value, or whose value no longer fits the others; else to the end."""
        values = self._listener.loaded(command, filled)
        held = {name: kept for name, kept in filled.items() if name in values}
        for step in command.scene.steps:
            if step.name not in values:
                if not step.optional or (step.needed is not None and step.needed(values)):
                    return self._ask(command, step.name, held, before, preface)
            elif wrong := self._listener.wrong_with(command, step, values):
                return self._ask(command, step.name, _without(held, step.name), before, wrong)
        return Complete(command, held, command.scene.values(**values), before, preface, agreed)

    def _ask(
        self,
        command: Command,
        step_name: str,
        filled: Mapping[str, Kept],
        before: Dialog | None,
        preface: str = "",
        offered: tuple[Offer, ...] = (),
        place: Kept | None = None,
    ) -> Ask:
        parser, asking = command.scene.step(step_name).parser, self._request.asking
        offered = offered or tuple(Offer(choice.label, parser.dump(choice.value)) for choice in parser.offers(asking))
        question = command.catalogue.text(self._locale, f"ask-{command.name}-{step_name}")
        menu = parser.menu(place, asking) if isinstance(parser, Guide) else None
        labels: tuple[str, ...] = ()
        if menu is not None and not offered:
            question, labels = menu.question or question, menu.choices
        dialog = self._dialog(command, Stage.FILLING, filled, before)
        dialog = replace(dialog, step=step_name, offered=offered, place=place, shown=menu.digest if menu else "")
        return self._put(dialog, preface, question, labels)

    def _offer(
        self,
        command: Command,
        step_name: str,
        filled: Mapping[str, Kept],
        choices: tuple[Choice[Any], ...],
        before: Dialog | None,
        place: Kept | None = None,
    ) -> Ask:
        parser = command.scene.step(step_name).parser
        offered = tuple(Offer(choice.label, parser.dump(choice.value)) for choice in choices[:MOST_CHOICES])
        left = len(choices) - len(offered)
        which = MESSAGES.text(self._locale, "dialog-which-of-many" if left else "dialog-which", {"left": left})
        digest = parser.menu(place, self._request.asking).digest if isinstance(parser, Guide) else ""
        dialog = self._dialog(command, Stage.FILLING, filled, before)
        return self._put(replace(dialog, step=step_name, offered=offered, place=place, shown=digest), "", which)

    def _fill(self, command: Command, dialog: Dialog, heard: Heard) -> Ask | Complete:
        step = command.scene.step(str(dialog.step))
        return self._advance(command, {**dialog.filled, step.name: step.parser.dump(heard.value)}, dialog)

    def _gather(self, command: Command, dialog: Dialog, heard: Heard) -> Ask:
        kept = command.scene.step(str(dialog.step)).parser.dump(heard.value)
        return self._await_more(command, dialog, kept, heard.told)

    def _await_more(self, command: Command, dialog: Dialog, gathered: Kept, preface: str) -> Ask:
        """Wait for the next part of a value; no phone rings at that, for a picture may be one of ten."""
        going = self._dialog(command, Stage.FILLING, dialog.filled, dialog)
        going = replace(going, step=dialog.step, gathered=gathered)
        ask = self._put(going, preface, MESSAGES.text(self._locale, "dialog-more"))
        return replace(ask, answer=replace(ask.answer, rings=False))

    def _choose_step(self, command: Command, dialog: Dialog, heard: Heard) -> Ask | Complete:
        if dialog.gathered is not None:
            filled = {**dialog.filled, str(dialog.step): dialog.gathered}
            dialog = replace(dialog, filled=filled, gathered=None)
        given = list(self._listener.loaded(command, dialog.filled))
        if heard.step in given:
            return self._reopen(command, dialog, heard.step)
        if not given:
            return self.repeat(command, dialog, "")
        if len(given) == 1:
            return self._reopen(command, dialog, given[0])
        return self._ask_step(command, dialog, "")

    def _ask_step(self, command: Command, dialog: Dialog, preface: str) -> Ask:
        values = self._listener.loaded(command, dialog.filled)
        offered = tuple(
            Offer(
                f"{command.step_name(step.name, self._locale)}: {step.parser.written(values[step.name], self._locale)}",
                step.name,
            )
            for step in command.scene.steps
            if step.name in values
        )
        correcting = self._dialog(command, Stage.CORRECTING, dialog.filled, dialog)
        question = MESSAGES.text(self._locale, "dialog-correct")
        return self._put(replace(correcting, offered=offered), preface, question)

    def _reopen(self, command: Command, dialog: Dialog, step_name: str) -> Ask:
        return self._ask(command, step_name, _without(dialog.filled, step_name), dialog)

    def _ask_whether_to_leave(self, command: Command, dialog: Dialog) -> Ask:
        event = self._request.event
        aside = dialog.aside or (event if isinstance(event, TextMessage) else None)
        leaving = self._dialog(command, Stage.LEAVING, dialog.filled, dialog)
        leaving = replace(leaving, step=dialog.step, gathered=dialog.gathered, aside=aside)
        leaving = replace(leaving, offered=dialog.offered, place=dialog.place)
        ask = "dialog-leave-or-take" if _takes_anything(command, leaving) else "dialog-leave"
        return Ask(leaving, paragraphs(MESSAGES.text(self._locale, ask, {"title": command.title(self._locale)})))

    def _resume(self, command: Command, dialog: Dialog) -> Ask | Complete:
        """Go on where it was; free text that happens to be a command is what it was meant to be."""
        wrong = ""
        if dialog.aside is not None and _takes_anything(command, dialog):
            heard = self._listener.take(command, dialog, dialog.aside)
            if heard.said is Said.MORE:
                return self._gather(command, dialog, heard)
            if heard.said is Said.VALUE:
                return self._fill(command, dialog, heard)
            wrong = heard.wrong
        if dialog.gathered is not None:
            return self._await_more(command, dialog, dialog.gathered, wrong)
        if dialog.step is not None and (dialog.offered or dialog.place is not None):
            return self._ask(command, dialog.step, dialog.filled, dialog, wrong, dialog.offered, dialog.place)
        return self._advance(command, dialog.filled, dialog)

    def _put(self, dialog: Dialog, preface: str, question: str, labels: Sequence[str] = ()) -> Ask:
        """Ask `question` with what can be chosen: what is offered, or the `labels` of a menu."""
        footer = MESSAGES.text(self._locale, "dialog-footer")
        choices = numbered(labels or [offer.label for offer in dialog.offered])
        return Ask(dialog, paragraphs(*(text for text in (preface, question, choices, footer) if text)))

    def _dialog(self, command: Command, stage: Stage, filled: Mapping[str, Kept], before: Dialog | None) -> Dialog:
        event, moment = self._request.event, self._request.moment
        return Dialog(
            room_id=event.room_id,
            user_id=event.sender,
            scene=command.name,
            stage=stage,
            cause=event.event_id,
            locale=self._locale,
            asked_at=moment,
            expires_at=moment + PATIENCE,
            filled=dict(filled),
            turn=before.turn if before else 0,
        )


def _takes_anything(command: Command, dialog: Dialog) -> bool:
    return dialog.step is not None and command.scene.step(dialog.step).parser.takes_anything


def _shortened(words: str) -> str:
    return words if len(words) <= MOST_QUOTED else f"{words[:MOST_QUOTED]}…"


def _without(filled: Mapping[str, Kept], step_name: str) -> dict[str, Kept]:
    return {name: kept for name, kept in filled.items() if name != step_name}


def _likelihood(reading: tuple[Match, Mapping[str, Heard]]) -> tuple[bool, bool]:
    """Whether every value is understood; or at least is one, though not such as the command takes.

    Of readings that are equally likely `max` takes the first.
    """
    heard = reading[1].values()
    return all(one.said is Said.VALUE for one in heard), all(one.said is Said.VALUE or one.wrong for one in heard)
