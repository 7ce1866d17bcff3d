"""Parsers of what `bots.language` reads: periods, whole numbers, and people by the names that colleagues use."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from bots.language.names.people import Listed, PersonIndex
from bots.language.numbers import read_number
from bots.language.periods.model import Looking, Period
from bots.language.periods.search import read_period
from bots.language.periods.wording import say
from bots.runtime.access import Caller
from bots.runtime.arguments import Ambiguous, Asking, Choice, Kept, NotUnderstood, Reading, Understood
from huep.catalogue import Locale, written_number
from huep.directory.model import PersonKey


@dataclass(frozen=True)
class PeriodSaid:
    """A period, `tuần trước` or `từ 1/6 đến 30/6`.

    Args:
        looking: whether the command asks for what has been or for what is to come.
    """

    looking: Looking
    takes_anything: bool = False

    def read(self, words: str, asking: Asking) -> Reading[Period]:
        found = read_period(words, asking.moment, self.looking)
        if found is None:
            return NotUnderstood()
        if found.period is not None:
            return Understood(found.period)
        return Ambiguous(tuple(Choice(say(period, asking.locale), period) for period in found.choices))

    def offers(self, _: Asking) -> tuple[Choice[Period], ...]:
        return ()

    def written(self, value: Period, locale: Locale) -> str:
        return say(value, locale)

    def dump(self, value: Period) -> Kept:
        begins, ends = (end.isoformat() if end else None for end in (value.begins, value.ends))
        return {"begins": begins, "ends": ends, "whole_days": value.whole_days}

    def load(self, kept: Kept, _: Asking) -> Period | None:
        begins, ends = (datetime.fromisoformat(end) if end else None for end in (kept["begins"], kept["ends"]))
        return Period(begins, ends, whole_days=kept["whole_days"])


@dataclass(frozen=True)
class WholeNumber:
    """A whole number between two others, both of them allowed: `15`, `mười lăm`, `1,5 triệu`."""

    least: int
    most: int
    takes_anything: bool = False

    def read(self, words: str, asking: Asking) -> Reading[int]:
        found = read_number(words)
        values = [int(value) for value in found.values if self._is_allowed(value)] if found else []
        if len(values) > 1:
            return Ambiguous(tuple(Choice(self.written(value, asking.locale), value) for value in values))
        return Understood(values[0]) if values else NotUnderstood()

    def offers(self, _: Asking) -> tuple[Choice[int], ...]:
        return ()

    def written(self, value: int, locale: Locale) -> str:
        return written_number(locale, value)

    def dump(self, value: int) -> Kept:
        return value

    def load(self, kept: Kept, _: Asking) -> int | None:
        return kept if isinstance(kept, int) and self._is_allowed(Decimal(kept)) else None

    def _is_allowed(self, value: Decimal) -> bool:
        return value == int(value) and self.least <= value <= self.most


@dataclass(frozen=True)
class PersonNamed:
    """A person, `anh Minh` or `GĐ Sở Y tế`, of those whom the asker may know of.

    Args:
        index: of everybody, as of today.
        may_know: whether this asker may know of that person.
    """

    index: Callable[[], PersonIndex]
    may_know: Callable[[Caller, Listed], bool]
    people: Callable[[PersonKey], Listed | None]
    takes_anything: bool = False

    def read(self, words: str, asking: Asking) -> Reading[Listed]:
        own = asking.caller.person.main_post
        found = self.index().search(
            words, lambda one: self.may_know(asking.caller, one), own.unit_code if own is not None else None
        )
        if found.person is not None:
            return Understood(found.person)
        if not found.people:
            return NotUnderstood()
        return Ambiguous(tuple(Choice(self.written(one, asking.locale), one) for one in found.people))

    def offers(self, _: Asking) -> tuple[Choice[Listed], ...]:
        return ()

    def written(self, value: Listed, _: Locale) -> str:
        return f"{value.full_name} ({value.position}, {value.unit_name})"

    def dump(self, value: Listed) -> Kept:
        return str(value.key)

    def load(self, kept: Kept, asking: Asking) -> Listed | None:
        found = self.people(UUID(kept))
        return found if found is not None and self.may_know(asking.caller, found) else None
