"""What the two tables of an edition state, taken together."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hr_provisioner.sources.columns import POSTS, UNITS, Form, rows_of
from hr_provisioner.sources.layout import Remarks
from hr_provisioner.sources.source import Statement, Table


@dataclass(frozen=True)
class Claim:
    """What the titles and the trailer of one table say, and how to count its rows should they say nothing."""

    remarks: Remarks
    whole: bool
    table: Callable[[], Table]


def statement_of(posts: Claim, units: Claim, changed_at: datetime) -> Statement:
    """`changed_at`: when the newest of the files changed. What the table of posts states goes before the units'.

    Raises SourceError when rows have to be counted and cannot be read.
    """
    rows: int | None = None
    if posts.remarks.rows is not None or units.remarks.rows is not None:
        rows = _rows(posts, POSTS) + _rows(units, UNITS)
    exported_at = posts.remarks.exported_at or units.remarks.exported_at or changed_at
    return Statement(exported_at, rows, posts.whole and units.whole)


def _rows(claim: Claim, form: Form) -> int:
    stated = claim.remarks.rows
    return stated if stated is not None else sum(1 for _ in rows_of(claim.table(), form))
