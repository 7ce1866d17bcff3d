"""Both boxes on a terminal, and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bots.runtime.dead_events import DeadEvent
from bots.runtime.dead_letters import LetterCount, LetterRecord
from bots.runtime.letters import LetterState
from bots.runtime.outcome import Priority
from huep.catalogue import Catalogue, Voice
from huep.clock import PROVINCE_TIMEZONE

MESSAGES = Catalogue("bots.mailroom")

COLOURS = {
    LetterState.WAITING: "yellow",
    LetterState.TAKEN: "yellow",
    LetterState.SENT: "green",
    LetterState.DEAD: "bold red",
    LetterState.DROPPED: "dim",
}


def show_counts(console: Console, say: Voice, counts: Sequence[LetterCount]) -> None:
    """One line for each bot and state."""
    if not counts:
        console.print(Text.assemble(("✓ ", "green"), say("outbox-empty")))
        return
    table = _table(say, "bot", "state", "count", "oldest")
    for count in counts:
        table.add_row(count.bot, _state(say, count.state), say.number(count.count), _moment(count.oldest_at))
    console.print(table)
    if any(count.state is LetterState.DEAD for count in counts):
        console.print(Text(say("outbox-dead-how"), "dim"))


def show_list(console: Console, say: Voice, records: Sequence[LetterRecord]) -> None:
    """One line for each message."""
    if not records:
        console.print(Text.assemble(("✓ ", "green"), say("outbox-none-such")))
        return
    table = _table(say, "number", "bot", "room", "state", "attempts", "written", "error")
    for record in records:
        table.add_row(
            str(record.number),
            record.bot,
            Text(record.room_id),
            _state(say, record.state),
            say.number(record.attempts),
            _moment(record.created_at),
            Text(record.error or ""),
        )
    console.print(table)


def show_one(console: Console, say: Voice, record: LetterRecord) -> None:
    """One line for each thing known."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in (
        ("number", str(record.number)),
        ("bot", record.bot),
        ("room", record.room_id),
        ("state", _state(say, record.state)),
        ("kind", record.event_type),
        ("priority", say("outbox-priority-is", priority=record.priority.name.lower())),
        ("batch", record.batch or "–"),
        ("attempts", say.number(record.attempts)),
        ("written", _moment(record.created_at)),
        ("due", _moment(record.due_at) if record.state is LetterState.WAITING else "–"),
        ("tried", _moment(record.tried_at)),
        ("settled", _moment(record.settled_at)),
        ("event", record.event_id or "–"),
        ("transaction", record.transaction_id),
        ("content", say("outbox-content-gone") if record.content_bytes is None else f"{record.content_bytes} B"),
        ("error", record.error or "–"),
    ):
        table.add_row(say(f"outbox-{name}"), value if isinstance(value, Text) else Text(value))
    console.print(table)


def show_dead_events(console: Console, say: Voice, events: Sequence[DeadEvent]) -> None:
    """One line for each event that was set aside."""
    if not events:
        console.print(Text.assemble(("✓ ", "green"), say("inbox-none-dead")))
        return
    table = _table(say, "number", "bot", "room", "kind", "attempts", "settled", "error")
    for event in events:
        table.add_row(
            str(event.number),
            event.bot,
            Text(event.room_id),
            event.kind,
            say.number(event.attempts),
            _moment(event.settled_at),
            Text(event.error),
        )
    console.print(table)
    console.print(Text(say("inbox-dead-how"), "dim"))


def as_json(record: LetterRecord | LetterCount | DeadEvent) -> dict[str, object]:
    """Moments in ISO 8601, names of states and priorities as in the code."""

    def plain(value: object) -> object:
        match value:
            case datetime():
                return value.isoformat()
            case Priority():
                return value.name.lower()
            case _:
                return value

    return {name: plain(value) for name, value in asdict(record).items()}


def _table(say: Voice, *names: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(say(f"outbox-{name}"), overflow="fold", justify="left")
    return table


def _state(say: Voice, state: LetterState) -> Text:
    return Text(say("outbox-state-is", state=state.value), COLOURS[state])


def _moment(moment: datetime | None) -> str:
    return "–" if moment is None else moment.astimezone(PROVINCE_TIMEZONE).strftime("%d/%m/%Y %H:%M:%S")
