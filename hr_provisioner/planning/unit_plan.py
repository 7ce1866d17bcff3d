"""Pure: how the units of the directory differ from the register's."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from hr_provisioner.current import Current
from hr_provisioner.planning.actions import ChangeUnit, CloseUnit, OpenUnit, UnitAction
from hr_provisioner.posts import holds, over
from hr_provisioner.records import Register, UnitRecord
from huep.names import normalise


@dataclass(frozen=True)
class UnitPlan:
    """What is done to units, and the units that stand then or stood once, by code."""

    actions: tuple[UnitAction, ...]
    known: dict[str, UnitRecord]


def plan_units(register: Register, current: Current, today: date) -> UnitPlan:
    """Parents before children; a unit below one that nobody knows is not opened.

    Of a unit that the register lists for several times of its life, the row that holds counts, else the latest. A unit
    that the register does not list stays as it is.
    """
    actions: list[UnitAction] = []
    known = dict(current.unit_by_code)
    in_turn = sorted(register.units, key=lambda unit: (holds(unit, today), unit.valid_from))
    waiting = sorted({unit.code: unit for unit in in_turn}.values(), key=lambda unit: (unit.level, unit.code))
    while ready := [unit for unit in waiting if unit.parent_code is None or unit.parent_code in known]:
        for unit in ready:
            before = current.unit_by_code.get(unit.code)
            actions.extend(_unit_actions(_tidy(unit), before, today))
            if before is not None or not over(unit.valid_to, today):
                known[unit.code] = unit
        done = {unit.code for unit in ready}
        waiting = [unit for unit in waiting if unit.code not in done]
    return UnitPlan(tuple(actions), known)


def _tidy(unit: UnitRecord) -> UnitRecord:
    return replace(unit, name=normalise(unit.name), short_name=normalise(unit.short_name))


def _unit_actions(unit: UnitRecord, before: UnitRecord | None, today: date) -> Iterator[UnitAction]:
    if before is None:
        if not over(unit.valid_to, today):
            yield OpenUnit(unit)
        return
    same_day = replace(unit, valid_from=before.valid_from)
    if same_day == before:
        return
    but_for_its_end = replace(same_day, valid_to=before.valid_to, successors=before.successors)
    if but_for_its_end == before and unit.valid_to is not None:
        if unit.valid_to > before.valid_from:
            yield CloseUnit(before, unit.valid_to, unit.successors)
        return
    start = unit.valid_from if unit.valid_from > before.valid_from else max(today, before.valid_from)
    if unit.valid_to is None or unit.valid_to > start:
        yield ChangeUnit(before, replace(unit, valid_from=start))
