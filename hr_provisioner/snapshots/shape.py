"""What one reading of the register looks like as a whole: figures, and a sample of people to compare with the next.

The sample holds the people whose officer codes have the smallest hashes (bottom-k sampling, Cohen and Kaplan, 2007):
two readings draw the same people, so what changed between them can be estimated without keeping either.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from heapq import nsmallest
from typing import NamedTuple

from pydantic import TypeAdapter

from hr_provisioner.planning.actions import canonical
from hr_provisioner.records import PersonRecord, Register, TableRead
from hr_provisioner.sources.columns import PostColumn, UnitColumn
from hr_provisioner.sources.source import Source
from huep.clock import PROVINCE_TIMEZONE
from huep.names import fold

SAMPLE_SIZE = 512
"""Shares are estimated within about 4 points; up to so many people they are exact."""
_HASH_BYTES = 8


class Sampled(NamedTuple):
    """One person of the sample: short hashes of what the register says, to be compared and never read."""

    name: str
    birth: str
    posts: str
    service: str


@dataclass(frozen=True)
class Shape:
    """One reading of the register as a whole."""

    source: str
    """Name of the source: files, postgres, rest or scim. Each has its own line of snapshots."""
    sha256: str
    exported_at: datetime
    rows: int
    stated_rows: int | None
    """What the source says of its own length, None where it says nothing."""
    whole: bool
    """Whether the source reached its end."""
    people: int
    """Who can be trusted; rows of others are quarantined."""
    units: int
    quarantined_rows: int
    posts_table: TableRead
    units_table: TableRead
    roots: tuple[str, ...]
    """Codes of the units of level 0 that are not dissolved."""
    left: int
    """People whose service is over on the day of the export."""
    newest_post: date | None
    """The latest day on which a post began that had begun by then."""
    unit_codes: frozenset[str]
    listed: int
    """Officer codes on readable rows and on quarantined ones."""
    sample: Mapping[str, Sampled | None]
    """By hash of the officer code; None for people who are listed and quarantined."""
    ended_units: frozenset[str] = frozenset()
    """Codes of the units whose last period has a last day, over or to come."""
    leavers: int = 0
    """People who have a last day, over or to come, or are dismissed."""

    @property
    def identity(self) -> tuple[str, str, datetime]:
        """Two readings with the same are one snapshot."""
        return self.source, self.sha256, self.exported_at

    @property
    def tables(self) -> tuple[tuple[str, TableRead], ...]:
        """Each table with its name in the catalogue."""
        return ("table-posts", self.posts_table), ("table-units", self.units_table)


SHAPE_JSON: TypeAdapter[Shape] = TypeAdapter(Shape)
"""Turns a shape into JSON and back."""


def shape_of(source: Source, register: Register, received_at: datetime) -> Shape:
    """Measure `register`, which was read from `source`.

    `received_at` (aware) stands for the time of the export where the source does not know it.
    """
    origin = source.origin
    statement = origin.statement
    exported_at = statement.exported_at or received_at
    day = exported_at.astimezone(PROVINCE_TIMEZONE).date()
    people = register.people
    return Shape(
        source=origin.name,
        sha256=register.sha256,
        exported_at=exported_at,
        rows=register.rows,
        stated_rows=statement.rows,
        whole=statement.whole,
        people=len(people),
        units=len({unit.code for unit in register.units}),
        quarantined_rows=len({(bad.source, bad.row) for bad in register.quarantined}),
        posts_table=register.posts_table,
        units_table=register.units_table,
        roots=tuple(
            sorted(
                {
                    unit.code
                    for unit in register.units
                    if unit.level == 0 and not (unit.valid_to and unit.valid_to <= day)
                }
            )
        ),
        left=sum(person.dismissed or (person.leaves_on is not None and person.leaves_on < day) for person in people),
        newest_post=max(
            (post.valid_from for person in people for post in person.posts if post.valid_from <= day), default=None
        ),
        unit_codes=frozenset(unit.code for unit in register.units),
        listed=len(people) + len(_held(register)),
        sample=_sample(register),
        ended_units=frozenset(unit.code for unit in register.units)
        - {unit.code for unit in register.units if unit.valid_to is None},
        leavers=sum(person.dismissed or person.leaves_on is not None for person in people),
    )


def snapshot_hash(shape: Shape) -> str:
    """What officers approve: SHA-256 over canonical JSON of source, content and time of the export."""
    return hash_of(*shape.identity)


def hash_of(source: str, sha256: str, exported_at: datetime) -> str:
    """As `snapshot_hash`, from the identity alone."""
    moment = exported_at.astimezone(PROVINCE_TIMEZONE).isoformat(timespec="microseconds")
    text = canonical({"source": source, "sha256": sha256, "exported_at": moment})
    return hashlib.sha256(text.encode()).hexdigest()


def expected_columns() -> Iterator[tuple[str, str]]:
    """Table and heading of every column whose loss would change what is done to people."""
    yield from (("table-posts", column.value) for column in PostColumn if column is not PostColumn.GENDER)
    yield from (("table-units", column.value) for column in UnitColumn)


def _held(register: Register) -> set[str]:
    return {bad.officer_code for bad in register.quarantined if bad.officer_code is not None}


def _sample(register: Register) -> dict[str, Sampled | None]:
    listed: list[tuple[str, PersonRecord | None]] = [(_hash(person.officer_code), person) for person in register.people]
    listed += [(_hash(code), None) for code in _held(register)]
    drawn = nsmallest(SAMPLE_SIZE, listed, key=lambda entry: entry[0])
    return {code: None if person is None else _sampled(person) for code, person in drawn}


def _sampled(person: PersonRecord) -> Sampled:
    posts = sorted(
        (post.unit_code, post.position_code, post.kind.value, str(post.valid_from), str(post.valid_to))
        for post in person.posts
    )
    service = (person.absence, person.retires_on, person.leaves_on, person.dismissed)
    return Sampled(
        _hash(fold(person.full_name)), _hash(repr(person.birth_date)), _hash(repr(posts)), _hash(repr(service))
    )


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=_HASH_BYTES).hexdigest()
