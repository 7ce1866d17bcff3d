"""All that is kept of one announcement as an XLSX workbook: the roll-up, everybody in it, the chain with its hashes.

Every cell is written as text, number or moment; none can become a formula, here or in a CSV made from it.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import BytesIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from bots.broadcasts.ledger import Line, Record
from bots.broadcasts.ledger.chain import Act, Entry
from bots.broadcasts.model import Tally
from huep.catalogue import Voice
from huep.clock import PROVINCE_TIMEZONE
from huep.spreadsheets import PLAIN_TEXT, safe

DEEPEST_INDENT = 15
"""Excel indents no further."""
UNIT_HEADINGS = ("unit", "owed", "acknowledged", "percent", "missing", "late", "seen")
PEOPLE_HEADINGS = (
    "name",
    "account",
    "position",
    "unit-then",
    "owed-since",
    "acknowledged-at",
    "means",
    "late",
    "released-at",
    "released",
    "joined",
    "seen-at",
)
ENTRY_HEADINGS = ("entry", "at", "actor", "act", "details", "previous-hash", "hash")

Cell = str | int | float | datetime | None


def record_workbook(record: Record, say: Voice) -> bytes:
    """The bytes of the workbook; written row by row, so that 60,000 people take little memory."""
    buffer = BytesIO()
    workbook = Workbook(buffer, {"constant_memory": True, **PLAIN_TEXT})
    _units(_Page(workbook, say("record-sheet-units"), (52, 16, 16, 10, 18, 10, 18)), record, say)
    _people(_Page(workbook, say("record-sheet-people"), (28, 34, 30, 36, *[18] * 8)), record.people, say)
    _entries(_Page(workbook, say("record-sheet-entries"), (8, 18, 30, 20, 60, 68, 68)), record, say)
    workbook.close()
    return buffer.getvalue()


class _Page:
    """One sheet, filled from its first row on."""

    def __init__(self, workbook: Workbook, title: str, widths: Sequence[int]) -> None:
        self._workbook = workbook
        self._sheet: Worksheet = workbook.add_worksheet(title)
        self._row = 0
        self._strong = workbook.add_format({"bold": True})
        self._moment = workbook.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        self._percent = workbook.add_format({"num_format": "0.0%"})
        self._indents: dict[int, Format] = {}
        for column, width in enumerate(widths):
            self._sheet.set_column(column, column, width)

    def heading(self, cells: Iterable[Cell]) -> None:
        self._write(cells, self._strong)

    def row(self, cells: Iterable[Cell], indent: int = 0) -> None:
        """The first cell is set in by so many steps."""
        self._write(cells, self._indented(indent) if indent else None)

    def below_the_heading(self) -> None:
        """What was written so far stays in sight."""
        self._sheet.freeze_panes(self._row, 1)

    def _write(self, cells: Iterable[Cell], look: Format | None) -> None:
        for column, cell in enumerate(cells):
            match cell:
                case datetime():
                    local = cell.astimezone(PROVINCE_TIMEZONE).replace(tzinfo=None)
                    self._sheet.write_datetime(self._row, column, local, self._moment)
                case float():
                    self._sheet.write_number(self._row, column, cell, self._percent)
                case int():
                    self._sheet.write_number(self._row, column, cell)
                case str():
                    self._sheet.write_string(self._row, column, safe(cell), look)
        self._row += 1

    def _indented(self, steps: int) -> Format:
        if steps not in self._indents:
            self._indents[steps] = self._workbook.add_format({"indent": min(steps, DEEPEST_INDENT)})
        return self._indents[steps]


def _units(page: _Page, record: Record, say: Voice) -> None:
    broadcast = record.broadcast
    draft = broadcast.draft
    page.heading([say("record-title", number=str(broadcast.number), unit=draft.author.unit_name)])
    page.row([say("record-audience", words=draft.wanted.words)])
    page.row([say("record-sent"), broadcast.sent_at])
    page.row([say("record-deadline"), draft.deadline])
    page.row([])
    page.heading(_headings(UNIT_HEADINGS, say))
    page.below_the_heading()
    for depth, tally in record.units:
        page.row(_tally(tally), indent=depth)


def _tally(tally: Tally) -> Iterator[Cell]:
    yield from (tally.name, tally.owed, tally.acknowledged, tally.percent / 100)
    yield from (tally.missing, tally.late, tally.seen)


def _people(page: _Page, people: Iterable[Line], say: Voice) -> None:
    page.heading(_headings(PEOPLE_HEADINGS, say))
    page.below_the_heading()
    means = {line: say(f"record-means-{line}") for line in ("reaction", "word")}
    released = {why: say(f"record-released-{why}") for why in ("left", "successor")}
    late, joined = say("record-is-late"), say("record-joined-later")
    for line in people:
        note = joined if line.joined_later else None
        page.row(
            [
                line.full_name,
                _account(line.user_id),
                line.position,
                line.unit_name,
                line.owed_since,
                line.acknowledged_at,
                line.means and means[line.means],
                late if line.late else None,
                line.released_at,
                line.released and released[line.released],
                note if line.predecessor is None else say("record-succeeds", name=line.predecessor),
                line.seen_at,
            ]
        )


def _entries(page: _Page, record: Record, say: Voice) -> None:
    page.row([say("record-head"), None, None, None, record.checked.head])
    page.row([say("record-unwritten"), record.checked.unwritten])
    page.row([])
    page.heading(_headings(ENTRY_HEADINGS, say))
    page.below_the_heading()
    acts = {act.value: say(f"record-act-{act}") for act in Act}
    for entry in record.entries:
        page.row(_entry(entry, acts.get(entry.act, entry.act)))


def _entry(entry: Entry, act: str) -> Iterator[Cell]:
    actor = _account(entry.actor)
    yield from (entry.seq, entry.at, actor, act, entry.details, entry.previous_hash.hex(), entry.hash.hex())


def _account(user_id: str) -> str:
    """Without the sign with which a spreadsheet's formula could begin."""
    return user_id.removeprefix("@")


def _headings(names: Iterable[str], say: Voice) -> list[Cell]:
    return [say(f"record-{name}") for name in names]
