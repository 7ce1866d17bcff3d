"""What an answer in a dialog is: a value, a choice, a yes, a wish to correct, something else altogether.

Synchronous, for parsers may ask the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bots.language.phrases import plain
from bots.runtime.arguments import Ambiguous, Asking, Choice, Kept, NotUnderstood, Understood
from bots.runtime.commands import Command, Step
from bots.runtime.consent import correction, steering
from bots.runtime.dialogs import Dialog, Offer, Said, Stage
from bots.runtime.vocabulary import Vocabulary

LONGEST_NUMBER = 3
"""Digits; a longer one is no choice."""


@dataclass(frozen=True)
class Heard:
    """What an answer is, and what it carries."""

    said: Said
    value: Any = None
    """Of VALUE while a step is filled."""
    choices: tuple[Choice[Any], ...] = ()
    """Of SEVERAL."""
    step: str = ""
    """Which step is to be corrected, where it was named."""
    wrong: str = ""
    """What is wrong with a value that was understood, of OTHER."""


class Listener:
    """Hears what one person says, with their eyes."""

    def __init__(self, vocabulary: Vocabulary, asking: Asking) -> None:
        self._vocabulary = vocabulary
        self._asking = asking

    def hear(self, command: Command, dialog: Dialog, text: str) -> Heard:
        """What `text` is, said to what `dialog` asks."""
        steered = steering(text)
        if steered is Said.LEAVE:
            return Heard(Said.LEAVE)
        match dialog.stage:
            case Stage.FILLING:
                return self._value_or_aside(command, dialog, text)
            case Stage.CORRECTING:
                chosen = _chosen(dialog, text) or self._step_named(command, dialog, text)
                return self._aside(command, dialog, text) if chosen is None else Heard(Said.VALUE, step=chosen.value)
            case Stage.CONFIRMING | Stage.LEAVING if steered not in (Said.YES, Said.NO):
                return self._aside(command, dialog, text)
            case _:
                return Heard(steered or Said.OTHER)

    def value_of(self, command: Command, step: Step[Any], text: str, filled: Mapping[str, Kept]) -> Heard:
        """What `text` is as the value of `step`, beside the values that were given before."""
        match step.parser.read(text, self._asking):
            case Understood(value):
                return self._checked(command, step, value, filled)
            case Ambiguous(choices):
                return Heard(Said.SEVERAL, choices=choices)
            case NotUnderstood():
                return Heard(Said.OTHER)

    def wrong_with(self, command: Command, step: Step[Any], filled: Mapping[str, Kept]) -> str:
        """What is wrong with the value that was given for `step`, beside the others."""
        value = step.parser.load(filled[step.name], self._asking)
        others = {name: kept for name, kept in filled.items() if name != step.name}
        return self._checked(command, step, value, others).wrong

    def loaded(self, command: Command, filled: Mapping[str, Kept]) -> dict[str, Any]:
        """The values themselves; one that is none for this person any more is missing."""
        values = {
            step.name: step.parser.load(filled[step.name], self._asking)
            for step in command.scene.steps
            if step.name in filled
        }
        return {name: value for name, value in values.items() if value is not None}

    def _value_or_aside(self, command: Command, dialog: Dialog, text: str) -> Heard:
        step = command.scene.step(str(dialog.step))
        chosen = _chosen(dialog, text)
        if chosen is not None:
            value = step.parser.load(chosen.value, self._asking)
            return Heard(Said.OTHER) if value is None else self._checked(command, step, value, dialog.filled)
        read = self.value_of(command, step, text, dialog.filled)
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
        wrong = step.check(value, self.loaded(command, filled)) if step.check else None
        if wrong is None:
            return Heard(Said.VALUE, value)
        return Heard(Said.OTHER, wrong=command.catalogue.render(self._asking.locale, wrong))


def _chosen(dialog: Dialog, text: str) -> Offer | None:
    """The choice that `text` names, by its number or as it was shown."""
    said = plain(text)
    if said.isdecimal() and len(said) <= LONGEST_NUMBER:
        return dialog.offered[int(said) - 1] if 0 < int(said) <= len(dialog.offered) else None
    return next((offer for offer in dialog.offered if plain(offer.label) == said), None)
