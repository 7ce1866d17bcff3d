"""The demo city's units: as many of the catalogue as the number of people carries, always four levels deep."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from hr_provisioner.demo_data.catalogue import CITY, Entry, departments, ward_entries
from hr_provisioner.records import UnitRecord
from huep.directory.model import UnitKind

ROOT_CODE = "H57"
FULL_SIZE = 700
"""Units of a whole province."""
FULL_SIZE_PEOPLE = 20_000
"""From so many people on, the tree has its full size."""

# (people, units); between two points the number of units grows evenly.
_SIZES = ((200, 90), (2_000, 175), (FULL_SIZE_PEOPLE, FULL_SIZE))

_CITY_SINCE = date(2025, 1, 1)
_DEPARTMENTS_SINCE = date(2025, 3, 1)
_WARDS_SINCE = date(2025, 7, 1)
_ESTABLISHMENTS_SINCE = date(1990, 9, 5)
"""Schools and hospitals were there before the departments were merged and the wards redrawn."""


@dataclass(frozen=True)
class Place:
    """A unit with the weight that it has in the distribution of staff."""

    unit: UnitRecord
    weight: float
    rank: float


def unit_target(people: int) -> int:
    """How many units a city of so many people gets."""
    previous_people, previous_units = _SIZES[0]
    for next_people, next_units in _SIZES[1:]:
        if people <= next_people:
            share = (people - previous_people) / (next_people - previous_people)
            return round(previous_units + max(0.0, share) * (next_units - previous_units))
        previous_people, previous_units = next_people, next_units
    return FULL_SIZE


def build_tree(people: int, as_of: date) -> tuple[Place, ...]:
    """The units, parents before children; every level-1 unit is among them whatever the size."""
    candidates = list(_candidates(as_of))
    chosen = sorted(candidates, key=lambda place: place.rank)[: unit_target(people)]
    codes = {place.unit.code for place in chosen}
    return tuple(place for place in candidates if place.unit.code in codes)


def _candidates(as_of: date) -> Iterator[Place]:
    def unit(
        code: str, name: str, short_name: str, kind: UnitKind, level: int, parent: str | None, since: date
    ) -> UnitRecord:
        return UnitRecord(code, name, short_name, kind, level, parent, min(since, as_of - timedelta(days=60)), None)

    root = unit(ROOT_CODE, f"UBND {CITY}", "UBND TP", UnitKind.PROVINCE, 0, None, _CITY_SINCE)
    yield Place(root, 0.0, 0.0)
    first_level = [(f"{number:02d}", entry, _DEPARTMENTS_SINCE) for number, entry in enumerate(departments(), 1)]
    first_level += [(ward.code, entry, _WARDS_SINCE) for ward, entry in ward_entries()]

    def below(parent: UnitRecord, entry: Entry, number: str, since: date, rank: float) -> Iterator[Place]:
        if parent.level > 0 and entry.kind in (UnitKind.SCHOOL, UnitKind.HEALTH_CENTRE):
            since = _ESTABLISHMENTS_SINCE
        rank = max(rank, entry.rank)
        made = unit(
            f"{parent.code}.{number}", entry.name, entry.short_name, entry.kind, parent.level + 1, parent.code, since
        )
        yield Place(made, entry.weight, rank)
        for place, child in zip(count(1), entry.children, strict=False):
            yield from below(made, child, f"{place:02d}", since, rank)

    for number, entry, since in first_level:
        yield from below(root, entry, number, since, 0.0)
