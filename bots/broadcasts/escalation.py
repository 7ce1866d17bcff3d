"""Pure: when those who have not acknowledged are asked again, and to whom they are reported.

| level | step | who is told |
|---|---|---|
| urgent | repeat | the rooms, naming who is missing there |
| urgent | direct | each of the missing; of more than may be written to, the leaders of their units |
| urgent | deputy | a deputy of their unit |
| urgent | head | the head of their unit, or whoever stands in; for a head, of the unit above |
| urgent | list | who sent it |
| important | remind | each of the missing, in working time before the deadline |

An urgent announcement waits for no quiet hours. Who is on long leave is neither asked nor reported.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from bots.broadcasts.model import Level, Missing
from bots.language.calendar.working_time import WorkingCalendar
from huep.broadcasts_settings import BroadcastsSettings
from huep.directory.model import Leadership, Person

REMINDED_BEFORE = timedelta(hours=4)
"""Of working time, before the deadline of an important announcement."""
NOT_WORTH_A_REMINDER = timedelta(hours=1)
"""Of working time: who has so little is asked once."""


class Step(StrEnum):
    """One way of asking again; names the job that does it."""

    REMIND = "remind"
    REPEAT = "repeat"
    DIRECT = "direct"
    DEPUTY = "deputy"
    HEAD = "head"
    LIST = "list"


def moments(
    level: Level,
    sent_at: datetime,
    deadline: datetime | None,
    settings: BroadcastsSettings,
    calendar: WorkingCalendar,
) -> Mapping[Step, datetime]:
    """When each step is due; none for what asks nothing."""
    match level:
        case Level.URGENT:
            after = {
                Step.REPEAT: settings.repeat_after,
                Step.DIRECT: settings.direct_after,
                Step.DEPUTY: settings.deputy_after,
                Step.HEAD: settings.head_after,
                Step.LIST: settings.list_after,
            }
            return MappingProxyType({step: sent_at + timedelta(minutes=minutes) for step, minutes in after.items()})
        case Level.IMPORTANT if deadline is not None:
            at = reminder_at(sent_at, deadline, calendar)
            return MappingProxyType({} if at is None else {Step.REMIND: at})
    return MappingProxyType({})


def reminder_at(sent_at: datetime, deadline: datetime, calendar: WorkingCalendar) -> datetime | None:
    """REMINDED_BEFORE the deadline, yet not in the first half of the time given; None where that is too short."""
    given = calendar.working_time_between(sent_at, deadline)
    if given < NOT_WORTH_A_REMINDER:
        return None
    return calendar.add_working_time(sent_at, given - min(REMINDED_BEFORE, given / 2))


@dataclass(frozen=True)
class Report:
    """Somebody is told who of their people is missing."""

    user_id: str
    full_name: str
    missing: tuple[Missing, ...]


class Ladder:
    """Who answers for a unit, as the directory says today; it is asked once a unit, for as long as this lives.

    Args:
        leadership_of: of the unit of a code.
        parent_of: the code of the unit above; None above the province.
    """

    def __init__(self, leadership_of: Callable[[str], Leadership], parent_of: Callable[[str], str | None]) -> None:
        self._leadership_of = cache(leadership_of)
        self._parent_of = cache(parent_of)

    def to_deputies(self, missing: Iterable[Missing]) -> tuple[Report, ...]:
        """To a deputy of each unit, who is there and not missing alone."""
        return _reports((one, self._deputy(one)) for one in pursued(missing))

    def to_heads(self, missing: Iterable[Missing]) -> tuple[Report, ...]:
        """To whoever leads each unit today; about a leader, and where nobody leads, to the unit above."""
        return _reports((one, self._leader(one)) for one in pursued(missing))

    def _deputy(self, missing: Missing) -> Person | None:
        deputy = self._leadership_of(missing.unit_code).stand_in
        return None if deputy is None or deputy.key == missing.key else deputy

    def _leader(self, missing: Missing) -> Person | None:
        code: str | None = missing.unit_code
        while code is not None:
            leadership = self._leadership_of(code)
            leads = leadership.head is not None and leadership.head.key == missing.key
            if not leads and leadership.acting is not None and leadership.acting.key != missing.key:
                return leadership.acting
            code = self._parent_of(code)
        return None


def pursued(missing: Iterable[Missing]) -> tuple[Missing, ...]:
    """Those whom it makes sense to ask: who is away is left in peace."""
    return tuple(one for one in missing if not one.away)


def by_room(missing: Iterable[Missing]) -> Mapping[str, tuple[Missing, ...]]:
    """Those who are pursued, by the room in which they are asked again; who has no room is not among them."""
    rooms: dict[str, list[Missing]] = {}
    for one in pursued(missing):
        if one.room_id is not None:
            rooms.setdefault(one.room_id, []).append(one)
    return {room_id: tuple(those) for room_id, those in rooms.items()}


def _reports(told: Iterable[tuple[Missing, Person | None]]) -> tuple[Report, ...]:
    """One report a person; who has no account yet can be told nothing."""
    names: dict[str, str] = {}
    lists: dict[str, list[Missing]] = {}
    for missing, person in told:
        if person is not None and person.user_id is not None:
            names[person.user_id] = person.full_name
            lists.setdefault(person.user_id, []).append(missing)
    return tuple(Report(user_id, names[user_id], _sorted(those)) for user_id, those in lists.items())


def _sorted(missing: Sequence[Missing]) -> tuple[Missing, ...]:
    return tuple(sorted(missing, key=lambda one: (one.unit_name, one.full_name)))
