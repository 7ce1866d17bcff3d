"""The table of units: rows to a tree of validated units, or to quarantine."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial

from hr_provisioner.cells import Fault, Memo, read_code, read_date, read_word
from hr_provisioner.columns import UNITS, Row, UnitColumn, rows_of
from hr_provisioner.records import Quarantined, UnitRecord
from hr_provisioner.sources.source import Table
from hr_provisioner.vocabulary import UNIT_KINDS
from huep.catalogue import Message
from huep.names import normalise

SINCE_EVER = date(1900, 1, 1)
"""Stands for the founding of a unit whose row does not say it."""

DEEPEST_LEVEL = 9


@dataclass(frozen=True)
class UnitsRead:
    """The units that can be trusted, and what was held back."""

    units: tuple[UnitRecord, ...]
    quarantined: tuple[Quarantined, ...]
    held_codes: frozenset[str]
    """Codes that the file lists and that do not stand in `units`."""
    rows: int


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

    def hold(self, row: int, column: UnitColumn, value: str, reason: Message, code: str | None) -> None:
        self.quarantined.append(Quarantined(self.source, row, column.value, normalise(value), reason, None))
        if code is not None:
            self.held.add(code)


def read_units(table: Table) -> UnitsRead:
    """Validate the table of units. Raises ColumnMissing, ColumnRepeated, SourceUnreadable."""
    reading = _Reading(table.name)
    dates = Memo(read_date)
    kinds = Memo(partial(read_word, words=UNIT_KINDS))
    rows = 0
    for row in rows_of(table, UNITS):
        rows += 1
        _read_row(reading, row, dates, kinds)
    _hold_unknown_parents(reading)
    _hold_cycles(reading)
    _hold_wrong_levels(reading)
    _hold_below_held(reading)
    units = tuple(
        entry.record for code, entries in reading.entries.items() if code not in reading.held for entry in entries
    )
    return UnitsRead(units, tuple(reading.quarantined), frozenset(reading.held), rows)


def _read_row(reading: _Reading, row: Row, dates: Memo, kinds: Memo) -> None:  # type: ignore[type-arg]
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
    name = normalise(raw[UnitColumn.NAME])
    if not name:
        fail(UnitColumn.NAME, Message("unit-name-missing"))
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
    for column, value in ((UnitColumn.VALID_FROM, valid_from), (UnitColumn.LAST_VALID, last_valid)):
        if isinstance(value, Fault):
            fail(column, value.reason)
    if isinstance(last_valid, date) and isinstance(valid_from, date) and last_valid < valid_from:
        fail(UnitColumn.LAST_VALID, Message("end-before-start"))
    if faults or known_code is None or level is None or isinstance(parent, Fault):
        for column, reason in faults:
            reading.hold(row.number, column, raw[column], reason, known_code)
        if known_code is not None:
            reading.entries.setdefault(known_code, [])
        return
    record = UnitRecord(
        known_code,
        name,
        normalise(raw[UnitColumn.SHORT_NAME]) or name,
        kind,
        level,
        parent,
        valid_from or SINCE_EVER,
        last_valid + timedelta(days=1) if last_valid else None,
    )
    _add(reading, _Entry(row.number, record))


def _add(reading: _Reading, new: _Entry) -> None:
    """A code may come again for another time of the unit's life, never for the same time."""
    code = new.record.code
    for entry in reading.entries[code]:
        if entry.record == new.record:
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
