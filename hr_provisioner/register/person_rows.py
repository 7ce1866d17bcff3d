"""The table of posts: rows to validated people, or to quarantine. Any bad row freezes its whole person.

`Đến ngày`, `Tình trạng đến` and `Ngày làm việc cuối` name the last day on which something holds, as people say it; the
records' half-open intervals end on the day after. A last day beside "Đang làm việc" is a leaving announced in advance;
"Buộc thôi việc" needs no last day, because it waits for none.
"""

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

from hr_provisioner.dates import day_first
from hr_provisioner.records import AbsenceRecord, PersonRecord, PostRecord, Quarantined, TableRead
from hr_provisioner.register.table_tally import Tally
from hr_provisioner.register.vocabulary import POST_KINDS, STANDINGS, STATUSES, Status
from hr_provisioner.sources.cells import (
    Fault,
    Memo,
    read_code,
    read_date,
    read_email,
    read_name,
    read_text,
    read_word,
    same_name,
)
from hr_provisioner.sources.columns import POSTS, PostColumn, Row, rows_of
from hr_provisioner.sources.source import Table
from huep.catalogue import Message
from huep.directory.model import AbsenceKind, PostKind, Standing
from huep.names import fold, normalise, slug

ONE_DAY = timedelta(days=1)

_ORDER = list(PostColumn)
_POST_CELLS = slice(_ORDER.index(PostColumn.UNIT_CODE), _ORDER.index(PostColumn.KIND) + 1)
_SERVICE_CELLS = slice(_ORDER.index(PostColumn.STATUS), _ORDER.index(PostColumn.LAST_DAY) + 1)


@dataclass(frozen=True)
class PeopleRead:
    """The people that can be trusted, and what was held back."""

    people: tuple[PersonRecord, ...]
    quarantined: tuple[Quarantined, ...]
    nameless: tuple[str, ...]
    """Folded names on rows whose officer code cannot be read, "" where the name cannot be read either."""
    table: TableRead


class _Service(NamedTuple):
    """What a row says of the person's service as a whole."""

    status: Status | AbsenceKind
    absence: AbsenceRecord | None
    retires_on: date | None
    leaves_on: date | None
    dismissed: bool


@dataclass(slots=True)
class _Person:
    row: int
    full_name: str
    birth_date: date | None
    email: str | None
    service: _Service | None
    posts: list[PostRecord]


class _Cells(NamedTuple):
    """The raw cells of one row, by the order of `PostColumn`."""

    officer_code: str
    full_name: str
    birth_date: str
    gender: str
    email: str
    unit_code: str
    position_code: str
    position: str
    standing: str
    rank: str
    kind: str
    valid_from: str
    last_valid: str
    status: str
    status_from: str
    status_last: str
    retires_on: str
    last_day: str


@dataclass
class _RowFaults:
    """Collects what is wrong with one row; reading goes on so that the HR officer sees all of it at once."""

    found: list[tuple[PostColumn, str, Message]] = field(default_factory=list)

    def add(self, column: PostColumn, raw: str, reason: Message) -> None:
        self.found.append((column, raw, reason))

    def date(self, column: PostColumn, raw: str, value: date | Fault | None) -> date | None:
        """The value of a date cell, None after noting a fault."""
        if isinstance(value, Fault):
            self.add(column, raw, value.reason)
            return None
        return value


def read_people(table: Table, unit_codes: Set[str], held_units: Set[str]) -> PeopleRead:
    """Validate the table of posts against the units. Raises ColumnMissing, ColumnRepeated, SourceUnreadable."""
    reader = _Reader(unit_codes, held_units)
    quarantined: list[Quarantined] = []
    frozen: set[str] = set()
    nameless: list[str] = []
    people: dict[str, _Person] = {}
    tally = Tally(table, POSTS)
    faults = _RowFaults()
    for row in rows_of(table, POSTS):
        tally.see(row)
        code = reader.read(row, people, faults)
        if faults.found:
            quarantined += [
                Quarantined(table.name, row.number, column.value, normalise(raw), reason, code)
                for column, raw, reason in faults.found
            ]
            tally.fault(row, faults.found)
            faults = _RowFaults()
            if code is not None:
                frozen.add(code)
            else:
                nameless.append(_readable_name(row))
    records = tuple(_record(code, person) for code, person in people.items() if code not in frozen)
    listed = sum(len(person.posts) for code, person in people.items() if code not in frozen)
    repeated = listed - sum(len(record.posts) for record in records)
    return PeopleRead(records, tuple(quarantined), tuple(nameless), tally.table(repeated))


def _readable_name(row: Row) -> str:
    name = read_name(row.cells[_ORDER.index(PostColumn.FULL_NAME)])
    return "" if isinstance(name, Fault) else fold(name)


def _record(code: str, person: _Person) -> PersonRecord:
    posts = tuple(person.posts) if len(person.posts) < 2 else tuple(dict.fromkeys(person.posts))
    service = person.service
    return PersonRecord(
        code,
        person.full_name,
        person.birth_date,
        person.email,
        posts,
        service.absence if service else None,
        service.retires_on if service else None,
        service.leaves_on if service else None,
        service.dismissed if service else False,
    )


_PostShape = tuple[str, str, str, Standing, str, PostKind]
"""A post without its dates."""


class _Reader:
    def __init__(self, unit_codes: Set[str], held_units: Set[str]) -> None:
        self._unit_codes = unit_codes
        self._held_units = held_units
        self._texts = Memo(read_text)
        self._codes = Memo(read_code)
        self._dates = Memo(read_date)
        self._standings = Memo(partial(read_word, words=STANDINGS))
        self._kinds = Memo(partial(read_word, words=POST_KINDS))
        self._statuses = Memo(partial(read_word, words=STATUSES))
        self._slugs = Memo(slug)
        # What a register repeats as a whole: most people are in service, and posts differ in little but their dates.
        self._sound_services: dict[tuple[str, ...], _Service | None] = {}
        self._sound_posts: dict[tuple[str, ...], _PostShape] = {}

    def read(self, row: Row, people: dict[str, _Person], faults: _RowFaults) -> str | None:
        """Add what the row says to `people`, or to `faults`; gives the officer code where there is a usable one."""
        cells = _Cells(*row.cells)
        found_code = read_code(cells.officer_code)
        code = found_code if isinstance(found_code, str) else None
        if isinstance(found_code, Fault):
            faults.add(PostColumn.OFFICER_CODE, cells.officer_code, found_code.reason)
        elif code is None:
            faults.add(PostColumn.OFFICER_CODE, "", Message("officer-code-missing"))
        if row.overflow:
            faults.add(PostColumn.OFFICER_CODE, row.overflow, Message.of("row-too-long", surplus=row.overflow))
        found_name = read_name(cells.full_name)
        full_name = found_name if isinstance(found_name, str) else ""
        if isinstance(found_name, Fault):
            faults.add(PostColumn.FULL_NAME, cells.full_name, found_name.reason)
        elif not full_name:
            faults.add(PostColumn.FULL_NAME, "", Message("name-missing"))
        birth_date = faults.date(PostColumn.BIRTH_DATE, cells.birth_date, self._dates[cells.birth_date])
        email = read_email(cells.email)
        if isinstance(email, Fault):
            faults.add(PostColumn.EMAIL, cells.email, email.reason)
            email = None
        service = self._service(row.cells[_SERVICE_CELLS], cells, faults)
        post = self._post(
            row.cells[_POST_CELLS],
            cells,
            faults,
            leaving=service is not None and (service.dismissed or service.leaves_on is not None),
        )
        if post is not None:
            if birth_date is not None and birth_date >= post.valid_from:
                faults.add(PostColumn.BIRTH_DATE, cells.birth_date, Message("born-after-post"))
            if service is not None and service.leaves_on is not None and service.leaves_on < post.valid_from:
                faults.add(PostColumn.LAST_DAY, cells.last_day, Message("last-day-before-post"))
        if code is not None and not faults.found:
            new = _Person(row.number, full_name, birth_date, email, service, [] if post is None else [post])
            known = people.setdefault(code, new)
            if known is not new:
                _merge(known, new, cells, faults)
        return code

    def _service(self, key: tuple[str, ...], cells: _Cells, faults: _RowFaults) -> _Service | None:
        if key in self._sound_services:
            return self._sound_services[key]
        before = len(faults.found)
        service = self._new_service(cells, faults)
        if len(faults.found) == before:
            self._sound_services[key] = service
        return service

    def _new_service(self, cells: _Cells, faults: _RowFaults) -> _Service | None:
        """None when the row says nothing of the person's service, as the second row of a person may."""
        status = self._statuses[cells.status] if cells.status.strip() else None
        if isinstance(status, Fault):
            faults.add(PostColumn.STATUS, cells.status, status.reason)
            return None
        retires_on = faults.date(PostColumn.RETIRES_ON, cells.retires_on, self._dates[cells.retires_on])
        last_day = faults.date(PostColumn.LAST_DAY, cells.last_day, self._dates[cells.last_day])
        start = faults.date(PostColumn.STATUS_FROM, cells.status_from, self._dates[cells.status_from])
        last = faults.date(PostColumn.STATUS_LAST, cells.status_last, self._dates[cells.status_last])
        absence = None
        if isinstance(status, AbsenceKind):
            if start is None:
                if not self._is_fault(cells.status_from):
                    faults.add(PostColumn.STATUS_FROM, cells.status_from, Message("status-start-missing"))
            elif last is not None and last < start:
                faults.add(PostColumn.STATUS_LAST, cells.status_last, Message("end-before-start"))
            else:
                absence = AbsenceRecord(status, start, last + ONE_DAY if last else None)
        elif status is Status.RETIRED and last_day is None and retires_on is not None:
            last_day = retires_on - ONE_DAY
        if status in (Status.LEFT, Status.RETIRED) and last_day is None and not self._is_fault(cells.last_day):
            faults.add(PostColumn.LAST_DAY, cells.last_day, Message("last-day-missing"))
        if status is None and retires_on is None and last_day is None:
            return None
        return _Service(status or Status.WORKING, absence, retires_on, last_day, status is Status.DISMISSED)

    def _is_fault(self, raw_date: str) -> bool:
        return isinstance(self._dates[raw_date], Fault)

    def _post(self, key: tuple[str, ...], cells: _Cells, faults: _RowFaults, *, leaving: bool) -> PostRecord | None:
        shape = self._sound_posts.get(key) or self._new_post(key, cells, faults, leaving=leaving)
        if shape is None:
            return None
        start, last = self._dates[cells.valid_from], self._dates[cells.last_valid]
        if start is None:
            faults.add(PostColumn.VALID_FROM, "", Message("post-start-missing"))
        valid_from = faults.date(PostColumn.VALID_FROM, cells.valid_from, start)
        last_valid = faults.date(PostColumn.LAST_VALID, cells.last_valid, last)
        if valid_from is None:
            return None
        if last_valid is not None and last_valid < valid_from:
            faults.add(PostColumn.LAST_VALID, cells.last_valid, Message("end-before-start"))
            return None
        return PostRecord(*shape, valid_from, last_valid + ONE_DAY if last_valid else None)

    def _new_post(self, key: tuple[str, ...], cells: _Cells, faults: _RowFaults, *, leaving: bool) -> _PostShape | None:
        unit_code, position = self._codes[cells.unit_code], self._texts[cells.position]
        position_code, rank = self._texts[cells.position_code], self._texts[cells.rank]
        if unit_code is None and not position:
            # Who has left may have lost the post already, and must still be seen leaving.
            if not leaving:
                faults.add(PostColumn.UNIT_CODE, "", Message("post-missing"))
            return None
        before = len(faults.found)
        if isinstance(unit_code, Fault):
            faults.add(PostColumn.UNIT_CODE, cells.unit_code, unit_code.reason)
        elif unit_code is None:
            faults.add(PostColumn.UNIT_CODE, "", Message("unit-code-missing"))
        elif unit_code in self._held_units:
            faults.add(PostColumn.UNIT_CODE, cells.unit_code, Message("unit-held"))
        elif unit_code not in self._unit_codes:
            faults.add(PostColumn.UNIT_CODE, cells.unit_code, Message("unit-unknown"))
        if not position:
            faults.add(PostColumn.POSITION, "", Message("position-missing"))
        for column, raw, text in (
            (PostColumn.POSITION, cells.position, position),
            (PostColumn.POSITION_CODE, cells.position_code, position_code),
            (PostColumn.RANK, cells.rank, rank),
        ):
            if isinstance(text, Fault):
                faults.add(column, raw, text.reason)
        standing, kind = self._standings[cells.standing], self._kinds[cells.kind]
        if isinstance(standing, Fault):
            faults.add(PostColumn.STANDING, cells.standing, standing.reason)
        if isinstance(kind, Fault):
            faults.add(PostColumn.KIND, cells.kind, kind.reason)
        if (
            len(faults.found) > before
            or not isinstance(unit_code, str)
            or isinstance(position, Fault)
            or isinstance(position_code, Fault)
            or isinstance(standing, Fault)
            or isinstance(rank, Fault)
            or isinstance(kind, Fault)
        ):
            return None
        shape = (unit_code, position_code or self._slugs[position], position, standing, rank, kind)
        self._sound_posts[key] = shape
        return shape


def _merge(known: _Person, new: _Person, cells: _Cells, faults: _RowFaults) -> None:
    births_differ = None not in (known.birth_date, new.birth_date) and known.birth_date != new.birth_date
    if births_differ or not same_name(known.full_name, new.full_name):
        faults.add(PostColumn.OFFICER_CODE, cells.officer_code, _taken_by(known))
        return
    if known.service is not None and new.service is not None and known.service != new.service:
        faults.add(PostColumn.STATUS, cells.status, Message.of("service-differs", row=str(known.row)))
        return
    known.birth_date = known.birth_date or new.birth_date
    known.email = known.email or new.email
    known.service = known.service or new.service
    known.posts += new.posts


def _taken_by(known: _Person) -> Message:
    if known.birth_date is None:
        return Message.of("officer-code-taken", name=known.full_name, row=str(known.row))
    born = day_first(known.birth_date)
    return Message.of("officer-code-taken-born", name=known.full_name, born=born, row=str(known.row))
