"""What an answer in a dialog is: a value, a choice, a yes, a wish to correct, something else altogether.

Synchronous, for parsers may ask the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bots.language.phrases import plain
from bots.matrix.port import File, TextMessage
from bots.runtime.arguments import (
    Ambiguous,
    Asking,
    Choice,
    Guide,
    Kept,
    MessageParser,
    More,
    Nearer,
    NotUnderstood,
    Reading,
    Understood,
)
from bots.runtime.commands import Command, Step
from bots.runtime.consent import correction, numbers, steering
from bots.runtime.dialogs import Dialog, Offer, Said, Stage
from bots.runtime.replies import MESSAGES
from bots.runtime.vocabulary import Vocabulary

LONGEST_NUMBER = 3
"""Digits; a longer one is no choice."""


@dataclass(frozen=True)
class Heard:
    """What an answer is, and what it carries."""

    said: Said
    value: Any = None
    """Of VALUE, MORE and DONE while a step is filled; of NEARER where that leads."""
    told: str = ""
    """What the person is told, of MORE."""
    choices: tuple[Choice[Any], ...] = ()
    """Of SEVERAL."""
    step: str = ""
    """Which step is to be corrected, where it was named."""
    wrong: str = ""
    """What is wrong with a value that was understood, of OTHER."""
    why: str = ""
    """Why it was not understood, of OTHER; why the menu is put again, of NEARER."""


class Listener:
    """Hears what one person says, with their eyes."""

    def __init__(self, vocabulary: Vocabulary, asking: Asking) -> None:
        self._vocabulary = vocabulary
        self._asking = asking

    def hear(self, command: Command, dialog: Dialog, text: str, message: TextMessage | None = None) -> Heard:
        """What `text`, of `message` where it is not a sign, is, said to what `dialog` asks."""
        steered = steering(text)
        if steered is Said.LEAVE:
            return Heard(Said.LEAVE)
        match dialog.stage:
            case Stage.FILLING if message is not None:
                return self._value_or_aside(command, dialog, message)
            case Stage.CORRECTING:
                chosen = _chosen(dialog, text) or self._step_named(command, dialog, text)
                return self._aside(command, dialog, text) if chosen is None else Heard(Said.VALUE, step=chosen.value)
            case Stage.CONFIRMING | Stage.LEAVING if steered not in (Said.YES, Said.NO):
                return self._aside(command, dialog, text)
            case _:
                return Heard(steered or Said.OTHER)

    def value_of(self, command: Command, step: Step[Any], text: str, filled: Mapping[str, Kept]) -> Heard:
        """What `text` is as the value of `step`, beside the values that were given before."""
        return self._read(command, step, step.parser.read(text, self._asking), filled)

    def take(self, command: Command, dialog: Dialog, message: TextMessage | File) -> Heard:
        """What `message` is as the value of the step asked for: its words, or all of it where a step takes messages."""
        step = command.scene.step(str(dialog.step))
        if not isinstance(step.parser, MessageParser):
            text = message.body if isinstance(message, TextMessage) else ""
            if isinstance(step.parser, Guide):
                if dialog.shown not in ("", step.parser.menu(dialog.place, self._asking).digest):
                    # Its numbers stand for something else by now, and its words narrow something else.
                    return Heard(Said.NEARER, dialog.place, why=MESSAGES.text(self._asking.locale, "dialog-moved"))
                return self._read(command, step, step.parser.answer(text, dialog.place, self._asking), dialog.filled)
            return self.value_of(command, step, text, dialog.filled)
        reading = step.parser.read_message(message, self._asking, self._gathered(command, dialog))
        if not isinstance(reading, More):
            return self._read(command, step, reading, dialog.filled)
        heard = self._checked(command, step, reading.value, dialog.filled)
        if heard.said is Said.OTHER:
            return heard
        told = command.catalogue.render(self._asking.locale, reading.told) if reading.told else ""
        return replace(heard, said=Said.MORE, told=told)

    def _read(
        self, command: Command, step: Step[Any], reading: Reading[Any] | Nearer, filled: Mapping[str, Kept]
    ) -> Heard:
        match reading:
            case Nearer(place):
                return Heard(Said.NEARER, place)
            case Understood(value):
                return self._checked(command, step, value, filled)
            case Ambiguous(choices):
                return Heard(Said.SEVERAL, choices=choices)
            case NotUnderstood(why):
                return Heard(Said.OTHER, why=why)

    def wrong_with(self, command: Command, step: Step[Any], values: Mapping[str, Any]) -> str:
        """What is wrong with the value of `step`, beside the others."""
        others = {name: value for name, value in values.items() if name != step.name}
        wrong = step.check(values[step.name], others) if step.check else None
        return "" if wrong is None else command.catalogue.render(self._asking.locale, wrong)

    def loaded(self, command: Command, filled: Mapping[str, Kept]) -> dict[str, Any]:
        """The values themselves, given or by default; one that is none for this person any more is missing."""
        values: dict[str, Any] = {}
        for step in command.scene.steps:
            kept = filled.get(step.name)
            if step.name not in filled and step.default is not None and (value := step.default(values)) is not None:
                kept = step.parser.dump(value)
            if kept is not None and (value := step.parser.load(kept, self._asking)) is not None:
                values[step.name] = value
        return values

    def _gathered(self, command: Command, dialog: Dialog) -> Any:
        """The value of the step as far as it was said; None where nothing of it was."""
        if dialog.gathered is None:
            return None
        return command.scene.step(str(dialog.step)).parser.load(dialog.gathered, self._asking)

    def _value_or_aside(self, command: Command, dialog: Dialog, message: TextMessage) -> Heard:
        text = message.body
        step = command.scene.step(str(dialog.step))
        chosen = _chosen(dialog, text)
        if chosen is not None:
            value = step.parser.load(chosen.value, self._asking)
            return Heard(Said.OTHER) if value is None else self._checked(command, step, value, dialog.filled)
        if dialog.offered and isinstance(step.parser, Guide) and (numbers(text) or steering(text) is Said.DONE):
            return Heard(Said.OTHER)  # such answers belong to a menu that is not shown
        if steering(text) is Said.DONE and (gathered := self._gathered(command, dialog)) is not None:
            return Heard(Said.DONE, gathered)
        read = self.take(command, dialog, message)
        if not step.parser.takes_anything and (read.said is not Said.OTHER or read.wrong):
            return read
        aside = self._aside(command, dialog, text)
        if aside.said is Said.AGAIN and step.parser.takes_anything:
            return Heard(Said.COMMAND)
        return read if aside.said is Said.OTHER else aside

    def _step_named(self, command: Command, dialog: Dialog, text: str) -> Offer | None:
        named = plain(text)
        return next(
            (one for one in dialog.offered if plain(command.step_name(one.value, self._asking.locale)) == named), None
        )

    def _aside(self, command: Command, dialog: Dialog, text: str) -> Heard:
        """A wish to correct something, or another command."""
        if steering(text) is Said.CORRECT:
            return Heard(Said.CORRECT)
        named = correction(text)
        if named is not None:
            for step in command.scene.steps:
                if plain(named) == plain(command.step_name(step.name, self._asking.locale)):
                    return Heard(Said.CORRECT, step=step.name)
        match = self._vocabulary.match(text)
        if match is None or (match.command.name == dialog.scene and not match.said):
            return Heard(Said.OTHER)
        return Heard(Said.AGAIN if match.command.name == dialog.scene else Said.COMMAND)

    def _checked(self, command: Command, step: Step[Any], value: Any, filled: Mapping[str, Kept]) -> Heard:
        wrong = self.wrong_with(command, step, {**self.loaded(command, filled), step.name: value})
        return Heard(Said.OTHER, wrong=wrong) if wrong else Heard(Said.VALUE, value)


def takes_messages(command: Command, dialog: Dialog) -> bool:
    """Whether `dialog` waits for messages as a whole, files among them."""
    filling = dialog.stage is Stage.FILLING and dialog.step is not None
    return filling and isinstance(command.scene.step(str(dialog.step)).parser, MessageParser)


def _chosen(dialog: Dialog, text: str) -> Offer | None:
    """The choice that `text` names, by its number or as it was shown."""
    said = plain(text)
    if said.isdecimal() and len(said) <= LONGEST_NUMBER:
        return dialog.offered[int(said) - 1] if 0 < int(said) <= len(dialog.offered) else None
    return next((offer for offer in dialog.offered if plain(offer.label) == said), None)
