"""The table of units: rows to a tree of validated units, or to quarantine."""

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from typing import TypeVar

from hr_provisioner.records import Quarantined, TableRead, UnitRecord
from hr_provisioner.register.table_tally import Tally
from hr_provisioner.register.vocabulary import UNIT_KINDS
from hr_provisioner.sources.cells import Fault, Memo, read_code, read_date, read_text, read_word
from hr_provisioner.sources.columns import UNITS, Row, UnitColumn, rows_of
from hr_provisioner.sources.source import Table
from huep.catalogue import Message
from huep.directory.model import UnitKind
from huep.names import normalise

SINCE_EVER = date(1900, 1, 1)
"""Stands for the founding of a unit whose row does not say it."""

DEEPEST_LEVEL = 9

T = TypeVar("T")
_Dates = Memo[date | Fault | None]
_Kinds = Memo[UnitKind | Fault]
_BETWEEN_CODES = re.compile("[ ,;]+")


@dataclass(frozen=True)
class UnitsRead:
    """The units that can be trusted, and what was held back."""

    units: tuple[UnitRecord, ...]
    quarantined: tuple[Quarantined, ...]
    held_codes: frozenset[str]
    """Codes that the file lists and that do not stand in `units`."""
    table: TableRead


@dataclass
class _Entry:
    row: int
    record: UnitRecord


@dataclass
class _Reading:
    source: str
    entries: dict[str, list[_Entry]] = field(default_factory=lambda: defaultdict(list))
    held: set[str] = field(default_factory=set)
    quarantined: list[Quarantined] = field(default_factory=list)
    repeated: int = 0

    def note(self, row: int, column: UnitColumn, value: str, reason: Message) -> None:
        """List the row without holding its unit back."""
        self.quarantined.append(Quarantined(self.source, row, column.value, normalise(value), reason, None))

    def hold(self, row: int, column: UnitColumn, value: str, reason: Message, code: str | None) -> None:
        self.note(row, column, value, reason)
        if code is not None:
            self.held.add(code)


def read_units(table: Table) -> UnitsRead:
    """Validate the table of units. Raises ColumnMissing, ColumnRepeated, SourceUnreadable."""
    reading = _Reading(table.name)
    dates = Memo(read_date)
    kinds = Memo(partial(read_word, words=UNIT_KINDS))
    tally = Tally(table, UNITS)
    for row in rows_of(table, UNITS):
        tally.see(row)
        _read_row(reading, row, tally, dates, kinds)
    _hold_unknown_parents(reading)
    _hold_cycles(reading)
    _hold_wrong_levels(reading)
    _hold_below_held(reading)
    _drop_unknown_successors(reading)
    units = tuple(
        entry.record for code, entries in reading.entries.items() if code not in reading.held for entry in entries
    )
    return UnitsRead(units, tuple(reading.quarantined), frozenset(reading.held), tally.table(reading.repeated))


def _read_row(reading: _Reading, row: Row, tally: Tally, dates: _Dates, kinds: _Kinds) -> None:
    raw = dict(zip(UnitColumn, row.cells, strict=True))
    code = read_code(raw[UnitColumn.CODE])
    known_code = code if isinstance(code, str) else None
    faults: list[tuple[UnitColumn, Message]] = []

    def fail(column: UnitColumn, reason: Message) -> None:
        faults.append((column, reason))

    if row.overflow:
        fail(UnitColumn.CODE, Message.of("row-too-long", surplus=row.overflow))
    if isinstance(code, Fault):
        fail(UnitColumn.CODE, code.reason)
    elif code is None:
        fail(UnitColumn.CODE, Message("unit-code-missing"))
    name, short_name = read_text(raw[UnitColumn.NAME]), read_text(raw[UnitColumn.SHORT_NAME])
    if not name:
        fail(UnitColumn.NAME, Message("unit-name-missing"))
    for column, text in ((UnitColumn.NAME, name), (UnitColumn.SHORT_NAME, short_name)):
        if isinstance(text, Fault):
            fail(column, text.reason)
    kind = kinds[raw[UnitColumn.KIND]]
    if isinstance(kind, Fault):
        fail(UnitColumn.KIND, kind.reason)
    level_text = normalise(raw[UnitColumn.LEVEL])
    level = int(level_text) if level_text.isascii() and level_text.isdigit() else None
    if level is None or level > DEEPEST_LEVEL:
        fail(UnitColumn.LEVEL, Message.of("unit-level-wrong", deepest=DEEPEST_LEVEL))
    parent = read_code(raw[UnitColumn.PARENT_CODE])
    if isinstance(parent, Fault):
        fail(UnitColumn.PARENT_CODE, parent.reason)
    elif level is not None and (parent is None) != (level == 0):
        fail(UnitColumn.PARENT_CODE, Message("unit-parent-wrong"))
    valid_from, last_valid = dates[raw[UnitColumn.VALID_FROM]], dates[raw[UnitColumn.LAST_VALID]]
    for column, day in ((UnitColumn.VALID_FROM, valid_from), (UnitColumn.LAST_VALID, last_valid)):
        if isinstance(day, Fault):
            fail(column, day.reason)
    successors = _successors(raw[UnitColumn.SUCCESSORS])
    if isinstance(successors, Fault):
        reading.note(row.number, UnitColumn.SUCCESSORS, raw[UnitColumn.SUCCESSORS], successors.reason)
        successors = ()
    if isinstance(last_valid, date) and isinstance(valid_from, date) and last_valid < valid_from:
        fail(UnitColumn.LAST_VALID, Message("end-before-start"))
    if faults or known_code is None or level is None:
        tally.fault(row, [(column, raw[column], reason) for column, reason in faults])
        for column, reason in faults:
            reading.hold(row.number, column, raw[column], reason, known_code)
        if known_code is not None:
            reading.entries.setdefault(known_code, [])
        return
    record = UnitRecord(
        known_code,
        _sound(name),
        _sound(short_name) or _sound(name),
        _sound(kind),
        level,
        _sound(parent),
        _sound(valid_from) or SINCE_EVER,
        last + timedelta(days=1) if (last := _sound(last_valid)) else None,
        successors,
    )
    _add(reading, _Entry(row.number, record))


def _sound(value: T | Fault) -> T:
    """A value whose fault, if it had one, has been told by now."""
    assert not isinstance(value, Fault)  # noqa: S101 - a row with faults goes no further; mypy cannot see it
    return value


def _successors(raw: str) -> tuple[str, ...] | Fault:
    """Codes between spaces, commas or semicolons, each once."""
    codes = [read_code(part) for part in _BETWEEN_CODES.split(normalise(raw)) if part]
    bad = next((code for code in codes if isinstance(code, Fault)), None)
    return bad or tuple(dict.fromkeys(code for code in codes if isinstance(code, str)))


def _add(reading: _Reading, new: _Entry) -> None:
    """A code may come again for another time of the unit's life, never for the same time."""
    code = new.record.code
    for entry in reading.entries[code]:
        if entry.record == new.record:
            reading.repeated += 1
            return
        if _overlap(entry.record, new.record):
            reason = Message.of("unit-code-taken", name=entry.record.name, row=str(entry.row))
            reading.hold(new.row, UnitColumn.CODE, code, reason, code)
            return
    reading.entries[code].append(new)


def _overlap(one: UnitRecord, other: UnitRecord) -> bool:
    return (one.valid_to is None or other.valid_from < one.valid_to) and (
        other.valid_to is None or one.valid_from < other.valid_to
    )


def _latest(reading: _Reading) -> dict[str, _Entry]:
    return {
        code: max(entries, key=lambda entry: entry.record.valid_from)
        for code, entries in reading.entries.items()
        if entries
    }


def _hold_unknown_parents(reading: _Reading) -> None:
    for code, entries in reading.entries.items():
        for entry in entries:
            parent = entry.record.parent_code
            if parent is not None and parent not in reading.entries:
                reason = Message("unit-parent-unknown")
                reading.hold(entry.row, UnitColumn.PARENT_CODE, parent, reason, code)


def _hold_cycles(reading: _Reading) -> None:
    latest = _latest(reading)
    settled: set[str] = set()
    for start in latest:
        path: list[str] = []
        at: str | None = start
        while at is not None and at in latest and at not in settled and at not in path:
            path.append(at)
            at = latest[at].record.parent_code
        if at in path:
            for code in path[path.index(at) :]:
                entry = latest[code]
                reason = Message("unit-in-circle")
                reading.hold(entry.row, UnitColumn.PARENT_CODE, entry.record.parent_code or "", reason, code)
        settled.update(path)


def _hold_wrong_levels(reading: _Reading) -> None:
    latest = _latest(reading)
    for code, entry in latest.items():
        above = latest.get(entry.record.parent_code or "")
        if above is not None and code not in reading.held and entry.record.level <= above.record.level:
            reason = Message.of("unit-not-below", level=above.record.level, parent=above.record.code)
            reading.hold(entry.row, UnitColumn.LEVEL, str(entry.record.level), reason, code)


def _hold_below_held(reading: _Reading) -> None:
    """A unit cannot hang in the tree when the unit above it is held back."""
    below: dict[str, list[str]] = defaultdict(list)
    latest = _latest(reading)
    for code, entry in latest.items():
        below[entry.record.parent_code or ""].append(code)
    waiting = list(reading.held)
    while waiting:
        parent = waiting.pop()
        for code in below.get(parent, []):
            if code in reading.held:
                continue
            reason = Message.of("unit-parent-held", parent=parent)
            reading.hold(latest[code].row, UnitColumn.PARENT_CODE, parent, reason, code)
            waiting.append(code)


def _drop_unknown_successors(reading: _Reading) -> None:
    """A pointer into nowhere helps nobody, and is no reason to hold the unit and its people back."""
    for code, entries in reading.entries.items():
        for entry in entries:
            successors = entry.record.successors
            known = tuple(other for other in successors if other in reading.entries and other != code)
            if known == successors:
                continue
            entry.record = replace(entry.record, successors=())
            lost = " ".join(other for other in successors if other not in known)
            reading.note(entry.row, UnitColumn.SUCCESSORS, lost, Message("unit-successor-unknown"))
