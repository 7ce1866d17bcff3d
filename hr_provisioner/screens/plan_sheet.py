"""A plan as an XLSX workbook for the officer who is to approve it: totals, everything that happens, who is left alone.

Every cell is written as text or as a whole number; none can become a formula, here or in a CSV made from it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from io import BytesIO
from typing import assert_never

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from hr_provisioner.current import PersonFacts
from hr_provisioner.dates import day_first, day_of
from hr_provisioner.planning.actions import (
    ACTION_KINDS,
    Action,
    ChangeUnit,
    CloseUnit,
    CreateAccount,
    LockAccount,
    MovePerson,
    OpenUnit,
    RenameAccount,
    UnlockAccount,
    UpdatePerson,
    WithdrawUnit,
)
from hr_provisioner.planning.guard import Trip
from hr_provisioner.planning.left_alone import Absent
from hr_provisioner.planning.plan import Plan
from hr_provisioner.planning.twins import Twins
from hr_provisioner.records import PostRecord, UnitRecord
from huep.catalogue import Voice
from huep.spreadsheets import PLAIN_TEXT, safe

WIDTHS = (24, 18, 30, 22, 44, 44, 40)
Cell = str | int


def plan_workbook(plan: Plan, trips: Sequence[Trip], say: Voice, unit_names: Mapping[str, str]) -> bytes:
    """The bytes of the workbook.

    Args:
        plan: what is proposed.
        trips: the limits that it is over; none for a plan that runs by itself.
        say: the officer's language.
        unit_names: short names by unit code; a unit that is not among them is shown by its code.
    """
    buffer = BytesIO()
    workbook = Workbook(buffer, {"in_memory": True, **PLAIN_TEXT})
    strong = workbook.add_format({"bold": True})
    _write(workbook.add_worksheet(say("sheet-totals")), strong, _totals(plan, trips, say, unit_names))
    _write(workbook.add_worksheet(say("sheet-deeds")), strong, _deeds(plan, say, unit_names))
    _write(workbook.add_worksheet(say("sheet-left")), strong, _left_alone(plan, say))
    workbook.close()
    return buffer.getvalue()


def _write(sheet: Worksheet, strong: Format, rows: Iterable[tuple[bool, Sequence[Cell]]]) -> None:
    for number, (is_heading, cells) in enumerate(rows):
        look = strong if is_heading else None
        for column, cell in enumerate(cells):
            match cell:
                case int():
                    sheet.write_number(number, column, cell, look)
                case str():
                    sheet.write_string(number, column, safe(cell), look)
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)


def _totals(
    plan: Plan, trips: Sequence[Trip], say: Voice, unit_names: Mapping[str, str]
) -> Iterator[tuple[bool, Sequence[Cell]]]:
    yield True, (say("plan-id", sha256=plan.sha256, day=day_first(plan.today)),)
    for trip in trips:
        yield False, (say.render(trip.message),)
    yield False, ()
    by_unit: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for action in plan.actions:
        by_unit[_unit_code(action) or "?"][action.name] += 1
    names = [name for name in ACTION_KINDS if any(counted[name] for counted in by_unit.values())]
    yield True, (say("plan-unit"), *(say(f"action-{name}") for name in names))
    for code, counted in sorted(by_unit.items(), key=lambda entry: (-entry[1].total(), entry[0])):
        yield False, (_unit_name(code, unit_names), *(counted[name] for name in names))
    totals: Counter[str] = sum(by_unit.values(), Counter())
    yield True, (say("sheet-total"), *(totals[name] for name in names))


def _deeds(plan: Plan, say: Voice, unit_names: Mapping[str, str]) -> Iterator[tuple[bool, Sequence[Cell]]]:
    headings = ("do", "code", "name", "unit", "before", "after", "reason")
    yield True, tuple(say(f"sheet-{heading}") for heading in headings)
    for action in plan.actions:
        code, name = _who(action)
        unit = _unit_name(_unit_code(action) or "", unit_names)
        yield False, (say(f"action-{action.name}"), code, name, unit, *_change(say, action))


def _left_alone(plan: Plan, say: Voice) -> Iterator[tuple[bool, Sequence[Cell]]]:
    yield True, (say("sheet-code"), say("sheet-reason"), say("sheet-details"))
    for why in fields(plan.left_alone):
        left: Sequence[str | Absent | Twins] = getattr(plan.left_alone, why.name)
        reason = say(f"sheet-left-{why.name}")
        for one in left:
            match one:
                case str():
                    yield False, (one, reason, "")
                case Absent(code, None, _):
                    yield False, (code, reason, "")
                case Absent(code, since, snapshots) if since is not None:
                    day = day_of(since)
                    yield False, (code, reason, say("left-absent-since", snapshots=snapshots, day=day))
                case Twins(held, other):
                    yield False, (held.officer_code, reason, f"{other.officer_code} {other.full_name}")


def _who(action: Action) -> tuple[str, str]:
    match action:
        case OpenUnit(unit) | ChangeUnit(unit) | CloseUnit(unit) | WithdrawUnit(unit):
            return unit.code, unit.name
        case _:
            return action.who.officer_code, action.who.full_name


def _unit_code(action: Action) -> str | None:
    match action:
        case OpenUnit(unit) | ChangeUnit(unit) | CloseUnit(unit) | WithdrawUnit(unit):
            return unit.code
        case _:
            return action.who.unit_code


def _unit_name(code: str, unit_names: Mapping[str, str]) -> str:
    name = unit_names.get(code)
    return f"{name} ({code})" if name and name != code else code


def _change(say: Voice, action: Action) -> tuple[str, str, str]:
    """What stands now, what will stand, and why."""
    match action:
        case LockAccount():
            why = [] if action.leaves_on is None else [say("last-day", day=day_first(action.leaves_on))]
            again = [say("sheet-again")] if action.again else []
            reason = [say(f"sheet-lock-{action.reason.value}"), *why, *again]
            return say("sheet-open"), say("sheet-locked"), ", ".join(reason)
        case UnlockAccount():
            return say("sheet-locked"), say("sheet-open"), say("sheet-unlock")
        case CreateAccount():
            posts = "; ".join(_post(post) for post in action.posts)
            after = f"{action.localpart}, {action.display_name}"
            return "", "; ".join(part for part in (after, posts) if part), say("sheet-again") if action.again else ""
        case RenameAccount():
            repair = action.before == action.after
            return action.before, action.after, say("sheet-again") if repair else ""
        case MovePerson():
            old, new = (", ".join(map(_post, posts)) for posts in (action.before, action.after))
            return old, new, say("since", day=day_first(action.on))
        case UpdatePerson():
            return _facts(say, action.before, action.after), _facts(say, action.after, action.before), ""
        case OpenUnit():
            return "", _unit(action.unit), say("since", day=day_first(action.unit.valid_from))
        case ChangeUnit():
            since = say("since", day=day_first(action.after.valid_from))
            return _unit(action.before), _unit(action.after), since
        case CloseUnit():
            return _unit(action.before), ", ".join(action.successors), say("since", day=day_first(action.valid_to))
        case WithdrawUnit():
            return _unit(action.unit), _unit(action.restores) if action.restores else "", say("sheet-undone")
        case _:
            assert_never(action)


def _post(post: PostRecord) -> str:
    until = f"–{day_first(post.valid_to)}" if post.valid_to else ""
    return f"{post.position} ({post.unit_code}, {day_first(post.valid_from)}{until})"


def _unit(unit: UnitRecord) -> str:
    above = f" ← {unit.parent_code}" if unit.parent_code else ""
    return f"{unit.name} [{unit.short_name}]{above}"


def _facts(say: Voice, facts: PersonFacts, other: PersonFacts) -> str:
    """Which facts differ; a birth date or e-mail is named and not shown."""
    return ", ".join(_fact(say, facts, name) for name in facts.differing(other))


def _fact(say: Voice, facts: PersonFacts, name: str) -> str:
    word = say(f"fact-{name}")
    match name:
        case "full_name":
            return f"{word}: {facts.full_name}"
        case "leaves_on":
            return f"{word}: {day_first(facts.leaves_on) if facts.leaves_on else '–'}"
        case "retires_on":
            return f"{word}: {day_first(facts.retires_on) if facts.retires_on else '–'}"
        case _:
            return word
