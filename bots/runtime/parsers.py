"""Parsers that every bot needs: free text, one of a few values, a time of day, a unit that the person may see."""

import re
from collections.abc import Mapping, Sequence
from datetime import time
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from bots.language.names.units import UnitIndex
from bots.language.periods.model import Looking
from bots.language.periods.search import read_period
from bots.language.phrases import bare, plain
from bots.runtime.arguments import Ambiguous, Asking, Choice, Kept, NotUnderstood, Reading, Understood
from huep.catalogue import Locale
from huep.clock import PROVINCE_TIMEZONE
from huep.directory.model import Unit
from huep.names import fold, normalise

E = TypeVar("E", bound=StrEnum)

_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})\s*(?:(?:gio|h|:)\s*(?:(?P<minute>\d{1,2})(?:\s*(?:phut|p))?|(?P<half>ruoi))?)?"
    r"\s*(?P<part>sang|trua|chieu|toi|dem|am|pm)?"
)
_HOURS: Mapping[str, Mapping[int, int]] = {
    "sang": {hour: hour for hour in range(1, 12)},
    "trua": {10: 10, 11: 11, 12: 12, 1: 13, 2: 14},
    "chieu": {12: 12} | {hour: hour + 12 for hour in range(1, 7)},
    "toi": {hour: hour + 12 for hour in range(5, 12)},
    "dem": {12: 0, 9: 21, 10: 22, 11: 23} | {hour: hour for hour in range(1, 5)},
    "am": {12: 0} | {hour: hour for hour in range(1, 12)},
    "pm": {12: 12} | {hour: hour + 12 for hour in range(1, 12)},
}
"""Which hour of the day `10 giờ tối`, `12 giờ đêm`, `1 giờ trưa` are."""


class AnyText:
    """Words as they are."""

    takes_anything = True

    def read(self, words: str, _: Asking) -> Reading[str]:
        text = normalise(words)
        return Understood(text) if text else NotUnderstood()

    def offers(self, _: Asking) -> tuple[Choice[str], ...]:
        return ()

    def written(self, value: str, _: Locale) -> str:
        return value

    def dump(self, value: str) -> Kept:
        return value

    def load(self, kept: Kept, _: Asking) -> str | None:
        return str(kept)


class OneOf(Generic[E]):
    """One of a few values, each with the words for it; the first of a language is its label."""

    takes_anything = False

    def __init__(self, words: Mapping[E, Mapping[Locale, Sequence[str]]]) -> None:
        self._words = words

    def read(self, words: str, asking: Asking) -> Reading[E]:
        said = bare(words)
        found = [
            value
            for value, spoken in self._words.items()
            if any(said == bare(word) for many in spoken.values() for word in many)
        ]
        if len(found) > 1:
            return Ambiguous(tuple(Choice(self.written(value, asking.locale), value) for value in found))
        return Understood(found[0]) if found else NotUnderstood()

    def offers(self, asking: Asking) -> tuple[Choice[E], ...]:
        return tuple(Choice(self.written(value, asking.locale), value) for value in self._words)

    def written(self, value: E, locale: Locale) -> str:
        return self._words[value][locale][0]

    def dump(self, value: E) -> Kept:
        return value.value

    def load(self, kept: Kept, _: Asking) -> E | None:
        return next((value for value in self._words if value.value == kept), None)


class ClockTime:
    """A time of day: `22h`, `22:30`, `6 giờ rưỡi sáng`, `mười giờ tối`; an hour up to twelve alone is as it stands."""

    takes_anything = False

    def read(self, words: str, asking: Asking) -> Reading[time]:
        said = _CLOCK.fullmatch(fold(words).strip(" .!?"))
        if said is None:
            return _in_words(words, asking)
        hour, minute = int(said["hour"]), 30 if said["half"] else int(said["minute"] or 0)
        if said["part"] is not None:
            hours = _HOURS[said["part"]]
            hour = hours.get(hour, hour if hour in hours.values() else -1)
        try:
            return Understood(time(hour, minute))
        except ValueError:
            return NotUnderstood()

    def offers(self, _: Asking) -> tuple[Choice[time], ...]:
        return ()

    def written(self, value: time, _: Locale) -> str:
        return value.strftime("%H:%M")

    def dump(self, value: time) -> Kept:
        return value.isoformat("minutes")

    def load(self, kept: Kept, _: Asking) -> time | None:
        return time.fromisoformat(str(kept))


def _in_words(words: str, asking: Asking) -> Reading[time]:
    """`mười giờ tối`, `5 rưỡi sáng`: a minute of today, for of another day it would be more than a time."""
    today = asking.moment.astimezone(PROVINCE_TIMEZONE).date()
    found = read_period(words, asking.moment, Looking.EITHER)
    times = {
        choice.begins.time()
        for choice in (found.choices if found else ())
        if choice.is_minute and choice.begins is not None and choice.begins.date() == today
    }
    if found is None or len(times) < len(found.choices):
        return NotUnderstood()
    if len(times) == 1:
        return Understood(times.pop())
    return Ambiguous(tuple(Choice(f"{one:%H:%M}", one) for one in sorted(times)))


class UnitDirectory(Protocol):
    """Where units are looked up."""

    def units(self) -> tuple[Unit, ...]: ...


class SeenUnit:
    """A unit within the scope of whoever asks, as colleagues call it, `sở nv`; what lies outside does not exist."""

    takes_anything = False

    def __init__(self, directory: UnitDirectory) -> None:
        self._directory = directory
        self._index: tuple[tuple[Unit, ...], UnitIndex] = ((), UnitIndex(()))

    def read(self, words: str, asking: Asking) -> Reading[Unit]:
        def sees(unit: Unit) -> bool:
            return asking.caller.scope.sees(unit.code)

        units = self._directory.units()
        by_code = [unit for unit in units if plain(unit.code) == plain(words) and sees(unit)]
        found = by_code or self._index_of(units).search(words, sees)
        if len(found) > 1:
            names = {unit.code: unit.name for unit in units if sees(unit)}
            return Ambiguous(tuple(Choice(_placed(unit, names), unit) for unit in found))
        return Understood(found[0]) if found else NotUnderstood()

    def offers(self, _: Asking) -> tuple[Choice[Unit], ...]:
        return ()

    def written(self, value: Unit, _: Locale) -> str:
        return value.name

    def dump(self, value: Unit) -> Kept:
        return value.code

    def load(self, kept: Kept, asking: Asking) -> Unit | None:
        return next((unit for unit in self._seen(asking) if unit.code == kept), None)

    def _index_of(self, units: tuple[Unit, ...]) -> UnitIndex:
        """The names of today's units; made anew when the directory has changed."""
        known, index = self._index
        if known != units:
            index = UnitIndex(units)
            self._index = (units, index)
        return index

    def _seen(self, asking: Asking) -> list[Unit]:
        return [unit for unit in self._directory.units() if asking.caller.scope.sees(unit.code)]


def _placed(unit: Unit, names: Mapping[str, str]) -> str:
    """The name with the unit above it, where the person may see that one."""
    above = names.get(unit.parent_code or "")
    return f"{unit.name} ({above})" if above else unit.name
