"""What a table is understood to say, column by column, also where reading it would be refused."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import partial

from hr_provisioner.language import OfficerError
from hr_provisioner.register.unit_rows import DEEPEST_LEVEL
from hr_provisioner.register.vocabulary import POST_KINDS, STANDINGS, STATUSES, UNIT_KINDS
from hr_provisioner.sources.cells import Fault, Memo, read_code, read_date, read_email, read_word
from hr_provisioner.sources.columns import POSTS, Form, Place, Placed, PostColumn, UnitColumn, heading_key, places_of
from hr_provisioner.sources.source import Shape, SourceError, Table
from huep.catalogue import Message
from huep.names import normalise

SAMPLES_SHOWN = 3
SAMPLES_WEIGHED = 200
LIKELY = 0.45
"""A heading is suggested to be a column when name and values together come so near to it."""
NAME_WEIGHT = 0.7
UNREADABLE_SHARE = 0.5
"""A column of which more than this share of the values cannot be read is another column."""

Reader = Callable[[str], object]


@dataclass(frozen=True)
class InspectedColumn:
    """One heading and what stands below it."""

    heading: str
    column: StrEnum | None
    how: Placed | None
    """Both None where the heading is not understood."""
    suggestion: StrEnum | None
    """What it likeliest is, where it is not understood."""
    samples: tuple[str, ...]
    filled: int
    """Cells with something in them."""
    unreadable: int
    """Of these, how many make no sense in this column."""
    unreadable_sample: str


@dataclass(frozen=True)
class InspectedTable:
    """A table of posts or of units; without columns where not even its heading can be read."""

    form: Form
    name: str
    shape: Shape
    rows: int
    columns: tuple[InspectedColumn, ...]
    missing: tuple[StrEnum, ...]
    """Required columns that no heading stands for."""
    repeated: tuple[StrEnum, ...]
    refusal: OfficerError | None
    """Why the table cannot be read to its end."""


@dataclass
class _Tally:
    values: Counter[str]
    filled: int = 0


def inspect_table(table: Table, form: Form) -> InspectedTable:
    """Goes through the table; what stops it is told in `refusal`."""
    tallies = [_Tally(Counter()) for _ in table.header]
    rows, refusal = 0, None
    try:
        for _, cells in table.rows:
            rows += any(map(str.strip, cells))
            for tally, cell in zip(tallies, cells, strict=False):
                if cell and not cell.isspace():
                    tally.values[cell] += 1
                    tally.filled += 1
    except SourceError as error:
        refusal = error
    places = {place.position: place for place in places_of(table.header, form, table.mapped)}
    counted = Counter(place.column for place in places.values())
    unknown = {
        position: heading for position, heading in enumerate(table.header) if position not in places and heading.strip()
    }
    free = [column for column in form.columns if not counted[column]]
    suggestions = _suggest(unknown, free, form, tallies)
    columns = tuple(
        _column(heading, places.get(position), suggestions.get(position), tallies[position])
        for position, heading in enumerate(table.header)
        if heading.strip() or tallies[position].filled
    )
    return InspectedTable(
        form,
        table.name,
        table.shape,
        rows,
        columns,
        tuple(column for column in free if column in form.required),
        tuple(column for column in form.columns if counted[column] > 1),
        refusal,
    )


def refused(form: Form, name: str, error: OfficerError) -> InspectedTable:
    """A table of which nothing can be seen."""
    return InspectedTable(form, name, Shape(), 0, (), (), (), error)


def configuration_of(tables: Iterable[InspectedTable]) -> str:
    """Lines for huep.toml: what is suggested, and as comments what somebody has to choose. Empty if all is placed."""
    return "\n\n".join(part for table in tables if (part := "\n".join(_lines(table))))


def _lines(table: InspectedTable) -> Iterator[str]:
    suggested = {column.suggestion: column.heading for column in table.columns if column.suggestion}
    unknown = [c.heading for c in table.columns if c.column is None and c.suggestion is None and c.heading.strip()]
    missing = [column for column in table.missing if column not in suggested]
    if not (suggested or unknown or missing):
        return
    yield f"[hr.source.columns.{'posts' if table.form is POSTS else 'units'}]"
    for column, heading in suggested.items():
        yield f"{_quoted(column.value)} = {_quoted(heading)}"
    for column in missing:
        yield f'# {_quoted(column.value)} = "?"'
    for heading in unknown:
        yield f'# "?" = {_quoted(heading)}'


def _quoted(text: str) -> str:
    """A JSON string is a TOML string too."""
    return json.dumps(text, ensure_ascii=False)


def _column(heading: str, place: Place | None, suggestion: StrEnum | None, tally: _Tally) -> InspectedColumn:
    column = place.column if place else suggestion
    reader = READERS.get(column) if column else None
    bad = {} if reader is None else {value: n for value, n in tally.values.items() if not _readable(reader, value)}
    return InspectedColumn(
        heading,
        place.column if place else None,
        place.how if place else None,
        suggestion,
        tuple(normalise(value) for value in list(tally.values)[:SAMPLES_SHOWN]),
        tally.filled,
        sum(bad.values()),
        next(map(normalise, bad), ""),
    )


def _readable(reader: Reader, value: str) -> bool:
    return not isinstance(reader(value), Fault)


def _suggest(
    unknown: Mapping[int, str], free: Sequence[StrEnum], form: Form, tallies: Sequence[_Tally]
) -> dict[int, StrEnum]:
    """The best pairs of heading and column first; each is given once."""
    scores = sorted(
        (
            (_likeness(heading, column, form) * NAME_WEIGHT + _evidence(column, tallies[position]), position, column)
            for position, heading in unknown.items()
            for column in free
        ),
        key=lambda scored: -scored[0],
    )
    given: dict[int, StrEnum] = {}
    for score, position, column in scores:
        if score >= LIKELY and position not in given and column not in given.values():
            given[position] = column
    return given


def _likeness(heading: str, column: StrEnum, form: Form) -> float:
    names = (column.value, column.name, *form.aliases.get(column, ()))
    key = heading_key(heading)
    return max(SequenceMatcher(None, key, heading_key(name)).ratio() for name in names)


def _evidence(column: StrEnum, tally: _Tally) -> float:
    """From -1 to 0.5: how far the values speak for the column; words and addresses speak louder than dates."""
    reader, values = _TELLING.get(column), list(tally.values)[:SAMPLES_WEIGHED]
    if reader is None or not values:
        return 0.0
    fit = sum(_readable(reader, value) for value in values) / len(values)
    if fit < 1 - UNREADABLE_SHARE:
        return -1.0
    distinct = len(tally.values) / tally.filled if column in _KEYS else 1.0
    return fit * distinct * _WEIGHTS.get(column, 0.15)


def _read_level(raw: str) -> int | Fault:
    text = normalise(raw)
    if text.isascii() and text.isdigit() and int(text) <= DEEPEST_LEVEL:
        return int(text)
    return Fault(Message.of("unit-level-wrong", deepest=DEEPEST_LEVEL))


def _read_codes(raw: str) -> str | Fault | None:
    for part in re.split(r"[,;\s]+", normalise(raw)):
        code = read_code(part)
        if isinstance(code, Fault):
            return code
    return raw


def _read_telling_code(raw: str) -> str | Fault | None:
    return read_code(raw) if any(map(str.isdigit, raw)) else Fault(Message("code-malformed"))


def _read_name(raw: str) -> str | Fault:
    words = normalise(raw).split()
    if len(words) > 1 and all(word[0].isupper() and not any(map(str.isdigit, word)) for word in words):
        return raw
    return Fault(Message("name-missing"))


_DATE: Reader = Memo(read_date).__getitem__

READERS: Mapping[StrEnum, Reader] = {
    PostColumn.OFFICER_CODE: read_code,
    PostColumn.BIRTH_DATE: _DATE,
    PostColumn.EMAIL: read_email,
    PostColumn.UNIT_CODE: read_code,
    PostColumn.STANDING: partial(read_word, words=STANDINGS),
    PostColumn.KIND: partial(read_word, words=POST_KINDS),
    PostColumn.VALID_FROM: _DATE,
    PostColumn.LAST_VALID: _DATE,
    PostColumn.STATUS: partial(read_word, words=STATUSES),
    PostColumn.STATUS_FROM: _DATE,
    PostColumn.STATUS_LAST: _DATE,
    PostColumn.RETIRES_ON: _DATE,
    PostColumn.LAST_DAY: _DATE,
    UnitColumn.CODE: read_code,
    UnitColumn.KIND: partial(read_word, words=UNIT_KINDS),
    UnitColumn.LEVEL: _read_level,
    UnitColumn.PARENT_CODE: read_code,
    UnitColumn.VALID_FROM: _DATE,
    UnitColumn.LAST_VALID: _DATE,
    UnitColumn.SUCCESSORS: _read_codes,
}
"""What can be read in a column; any text in those that are not here."""

_KEYS = frozenset({PostColumn.OFFICER_CODE, UnitColumn.CODE})
"""Hardly any value comes twice in these."""

_TELLING: Mapping[StrEnum, Reader] = {
    **READERS,
    PostColumn.FULL_NAME: _read_name,
    PostColumn.OFFICER_CODE: _read_telling_code,
    PostColumn.UNIT_CODE: _read_telling_code,
    UnitColumn.CODE: _read_telling_code,
}
"""More than a cell must be to be accepted: any word may be somebody's name or code, but hardly a column of them."""

_WEIGHTS: Mapping[StrEnum, float] = {
    PostColumn.EMAIL: 0.5,
    PostColumn.FULL_NAME: 0.3,
    PostColumn.STANDING: 0.4,
    PostColumn.KIND: 0.4,
    PostColumn.STATUS: 0.4,
    UnitColumn.KIND: 0.4,
    UnitColumn.LEVEL: 0.3,
    PostColumn.OFFICER_CODE: 0.35,
    UnitColumn.CODE: 0.35,
}
