"""Announcements on a terminal, and as JSON; never what they say."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bots.broadcasts.inspection.proof import Proof
from bots.broadcasts.ledger.chain import Act, Entry
from bots.broadcasts.model import Broadcast, Level, State, Tally
from huep.catalogue import Voice
from huep.clock import PROVINCE_TIMEZONE

COLOURS = {
    State.AWAITING: "yellow",
    State.RETURNED: "yellow",
    State.SENT: "bold",
    State.CLOSED: "green",
    State.WITHDRAWN: "dim",
}
HASH_SHOWN = 16
"""Digits of a hash in a table; JSON has them all."""


@dataclass(frozen=True)
class Row:
    """One announcement."""

    number: int
    state: State
    level: Level
    at: datetime
    """When it was sent; of one that was not, when it was written."""
    author: str
    owed: int
    acknowledged: int
    late: int
    seen: int


def row_of(broadcast: Broadcast, tallies: Sequence[Tally]) -> Row:
    """Of an announcement with its roll-up, which has nothing before it was sent."""
    owed, acknowledged, late, seen = (
        (tallies[0].owed, tallies[0].acknowledged, tallies[0].late, tallies[0].seen) if tallies else (0, 0, 0, 0)
    )
    draft, at = broadcast.draft, broadcast.sent_at or broadcast.made_at
    name = draft.author.full_name
    return Row(broadcast.number, broadcast.state, draft.level, at, name, owed, acknowledged, late, seen)


def as_json(value: Row | Proof) -> dict[str, object]:
    """Moments in ISO 8601, names of states and levels as in the code."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(value).items()}


def whole_as_json(row: Row, tallies: Sequence[Tally], entries: Sequence[Entry]) -> dict[str, object]:
    """With `units`, the unit under which everybody is and those right below it, and `entries`, the chain."""
    chain = (
        {
            "entry": entry.seq,
            "at": entry.at.isoformat(),
            "actor": entry.actor,
            "act": entry.act,
            "people": _people_of(entry),
            "hash": entry.hash.hex(),
        }
        for entry in entries
    )
    return {**as_json(row), "units": [asdict(tally) for tally in tallies], "entries": list(chain)}


def show_rows(console: Console, say: Voice, rows: Sequence[Row]) -> None:
    """One line for each announcement."""
    if not rows:
        console.print(Text(say("proof-none")))
        return
    names = ("proof-number", "proof-state", "proof-level", "proof-at", "proof-author")
    table = _table(say, *names, "record-owed", "record-acknowledged", "record-seen")
    for row in rows:
        table.add_row(
            str(row.number),
            Text(say("proof-state-is", state=row.state.value), COLOURS[row.state]),
            say("proof-level-is", level=row.level.value),
            _moment(row.at),
            Text(row.author),
            *map(say.number, (row.owed, row.acknowledged, row.seen)),
        )
    console.print(table)


def show_whole(console: Console, say: Voice, row: Row, tallies: Sequence[Tally], entries: Sequence[Entry]) -> None:
    """The announcement, its units, its chain."""
    show_rows(console, say, [row])
    if tallies:
        names = ("unit", "owed", "acknowledged", "percent", "missing", "late", "seen")
        units = _table(say, *(f"record-{name}" for name in names))
        for tally in tallies:
            counts = map(say.number, (tally.missing, tally.late, tally.seen))
            done = (say.number(tally.owed), say.number(tally.acknowledged), f"{int(tally.percent)}%")
            units.add_row(Text(tally.name), *done, *counts)
        console.print("", units)
    chain = _table(say, "record-entry", "record-at", "record-actor", "record-act", "proof-people", "record-hash")
    acts = {act.value: say(f"record-act-{act}") for act in Act}
    for entry in entries:
        what, people = Text(acts.get(entry.act, entry.act)), _people_of(entry)
        counted = "–" if people is None else say.number(people)
        shown = f"{entry.hash.hex()[:HASH_SHOWN]}…"
        chain.add_row(str(entry.seq), _moment(entry.at), Text(entry.actor), what, counted, shown)
    console.print("", chain)


def show_proofs(console: Console, say: Voice, proofs: Sequence[Proof]) -> None:
    """One line for each announcement, and what to do where one does not hold."""
    for proof in proofs:
        if proof.fault is not None:
            console.print(Text.assemble(("✗ ", "bold red"), proof.fault), soft_wrap=True)
            continue
        told = say("proof-holds", number=str(proof.number), entries=proof.entries, witnesses=proof.witnesses)
        young = say("proof-young", count=proof.unwritten) if proof.unwritten else ""
        console.print(Text.assemble(("✓ ", "green"), " ".join(filter(None, (told, young)))), soft_wrap=True)
    if not proofs:
        console.print(Text(say("proof-none")))
    elif not all(proof.holds for proof in proofs):
        console.print(Text(say("proof-what-now"), "yellow"), soft_wrap=True)


def _people_of(entry: Entry) -> int | None:
    """How many people an entry tells of; None where it tells of none by name."""
    people = entry.said().get("people")
    return len(people) if isinstance(people, list) else people


def _table(say: Voice, *names: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(say(name), overflow="fold")
    return table


def _moment(moment: datetime) -> str:
    return moment.astimezone(PROVINCE_TIMEZONE).strftime("%d/%m/%Y %H:%M")
