"""What of a sheet is its heading, its data, and what people wrote around both: titles, totals, when it was exported."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hr_provisioner.sources.columns import Form, places_of
from huep.clock import PROVINCE_TIMEZONE
from huep.names import fold

HEADER_WITHIN_ROWS = 20
TRAILER_WITHIN_ROWS = 20
FEWEST_HEADINGS = 2
"""A row with so many known headings is the header; one word alone may stand in a title."""
MOST_REMARK_CELLS = 3
"""A row below the data with more cells than this is data, whatever it says: rows of people and units have more."""

_ROWS_WORDS = r"(?:dong|ban ghi|ho so|rows|records|lines)"
_TOTAL = re.compile(
    rf"(?:(?:tong so|tong cong|tong|cong|total|row count)(?: {_ROWS_WORDS})?|so {_ROWS_WORDS})\s*[:=]?\s*"
    rf"(?P<count>[0-9]{{1,3}}(?:[. ,][0-9]{{3}})+|[0-9]+)(?P<unit>\s*\D*)"
)
_ROWS_UNIT = re.compile(rf"\s*(?:{_ROWS_WORDS}|don vi|units)?\s*[./]*\s*")
_TOTAL_START = re.compile(r"(?:tong so|tong cong|tong|cong|total|row count)\b")
_EXPORTED = re.compile(r"\b(?:ngay|gio|luc|thoi diem|thoi gian)?\s*(?:ket xuat|trich xuat|xuat|exported)\b(?P<rest>.*)")
_DAY = re.compile(r"\b(?P<day>[0-9]{1,2})[/.-](?P<month>[0-9]{1,2})[/.-](?P<year>[0-9]{4})\b")
_ISO_DAY = re.compile(r"\b(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})(?=\b|t)")
_TIME = re.compile(r"(?<![0-9/.-])(?P<hour>[0-9]{1,2})(?::|h| gio )(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?")


@dataclass(frozen=True)
class Remarks:
    """What the rows around the data say."""

    rows: int | None = None
    """Stated number of data rows. A total of people or of anything else is no such number."""
    exported_at: datetime | None = None
    """Aware; what has no time of day is the beginning of that day in the province."""


def find_header(rows: Sequence[Sequence[str]], form: Form, mapped: Mapping[str, str]) -> int | None:
    """Index of the header among the first rows: the one with most known headings, else the first full one.

    None when there is no row with anything in it.
    """
    rows = rows[:HEADER_WITHIN_ROWS]
    known = [len({place.column for place in places_of(row, form, mapped)}) for row in rows]
    if known and max(known) >= FEWEST_HEADINGS:
        return known.index(max(known))
    filled = [sum(1 for cell in row if cell.strip()) for row in rows]
    if not filled or not max(filled):
        return None
    # Titles stand in one cell or two; a header of words nobody knows is still as wide as the data.
    return next(index for index, cells in enumerate(filled) if 5 * cells >= 4 * max(filled))


def count_trailer(last_rows: Sequence[Sequence[str]]) -> int:
    """How many of the last rows are no data: from a total or a time of export on, where nothing below is data."""
    trailer = 0
    for below, cells in enumerate(reversed(last_rows[-TRAILER_WITHIN_ROWS:]), start=1):
        filled = [cell for cell in cells if cell.strip()]
        if len(filled) > MOST_REMARK_CELLS:
            break
        if filled and _is_remark(_line(filled)):
            trailer = below
    return trailer


def read_remarks(rows: Iterable[Sequence[str]]) -> Remarks:
    """What title rows or trailer rows state; the last of each kind counts."""
    count: int | None = None
    exported_at: datetime | None = None
    for cells in rows:
        line = _line(cells)
        stated = _stated_rows(line)
        count = count if stated is None else stated
        exported_at = _stated_export(line) or exported_at
    return Remarks(count, exported_at)


def _line(cells: Iterable[str]) -> str:
    return fold(" ".join(cell for cell in cells if cell.strip()))


def _is_remark(line: str) -> bool:
    return bool(_TOTAL_START.match(line)) or _stated_export(line) is not None


def _stated_rows(line: str) -> int | None:
    found = _TOTAL.fullmatch(line)
    if found is None or not _ROWS_UNIT.fullmatch(found["unit"]):
        return None
    return int(re.sub(r"\D", "", found["count"]))


def _stated_export(line: str) -> datetime | None:
    found = _EXPORTED.search(line)
    if found is None:
        return None
    day = _ISO_DAY.search(found["rest"]) or _DAY.search(found["rest"])
    if day is None:
        return None
    time = _TIME.search(found["rest"].replace(day[0], " ").replace("t", " "))
    hour, minute, second = (int(time[part] or 0) for part in ("hour", "minute", "second")) if time else (0, 0, 0)
    try:
        return datetime(
            int(day["year"]), int(day["month"]), int(day["day"]), hour, minute, second, tzinfo=PROVINCE_TIMEZONE
        )
    except ValueError:
        return None
