"""Sources of news on a terminal, and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bots.broadcasts.news.drafting import content_of
from bots.broadcasts.news.model import ItemState, NewsItem
from bots.broadcasts.news.store import SourceState
from huep.catalogue import Voice
from huep.clock import PROVINCE_TIMEZONE
from huep.news_settings import FeedSettings, MailboxSettings, SourceSettings
from huep.push.addresses import origin
from huep.sections import local_url


@dataclass(frozen=True)
class SourceRow:
    """One source, as it is declared and as it stands."""

    name: str
    kind: str
    place: str
    state: SourceState
    announced: int
    waiting: int


def row_of(source: SourceSettings, port: int, state: SourceState, counts: Mapping[ItemState, int]) -> SourceRow:
    """Where it is asked, or where it tells."""
    match source:
        case FeedSettings():
            kind, place = "feed", origin(source.url)
        case MailboxSettings():
            kind, place = "mailbox", f"{source.user} @ {source.host}:{source.port}"
        case _:
            kind, place = "webhook", f"{local_url('127.0.0.1', port)}/news/{source.name}"
    return SourceRow(
        source.name, kind, place, state, counts.get(ItemState.ANNOUNCED, 0), counts.get(ItemState.WAITING, 0)
    )


def as_json(row: SourceRow) -> dict[str, object]:
    """Moments in ISO 8601."""
    moments = {name: getattr(row.state, name) for name in ("begun_at", "read_at", "next_at", "failing_since")}
    return {
        "name": row.name,
        "kind": row.kind,
        "place": row.place,
        "announced": row.announced,
        "waiting": row.waiting,
        "failures": row.state.failures,
        "error": row.state.error,
        **{name: moment and moment.isoformat() for name, moment in moments.items()},
    }


def show_sources(console: Console, say: Voice, rows: Sequence[SourceRow]) -> None:
    """One line a source."""
    if not rows:
        console.print(Text(say("none-declared")))
        return
    table = _table(say, "source", "kind", "place", "heard", "next", "announced", "waiting", "fault")
    for row in rows:
        polled = row.kind != "webhook"
        table.add_row(
            Text(row.name),
            say("kind-is", kind=row.kind),
            Text(row.place),
            _moment(row.state.read_at),
            (_moment(row.state.next_at) if row.state.next_at else say("now")) if polled else "–",
            say.number(row.announced),
            say.number(row.waiting),
            Text(row.state.error or "", "red"),
        )
    console.print(table)


def show_items(console: Console, say: Voice, items: Sequence[tuple[NewsItem, str]]) -> None:
    """What a source has, the newest first, each with what would become of it; the newest new one in full."""
    table = _table(say, "item", "published", "fault")
    table.columns[-1].header = ""
    for item, fate in items:
        table.add_row(Text(item.title or item.body[:80]), _moment(item.published_at), say(f"item-{fate}"))
    console.print(table)
    new = [item for item, fate in items if fate == "new"]
    if new:
        console.print(Text(f"\n{content_of(new[0]).body}\n"))
    console.print(Text(say("would-announce", count=len(new))))


def _table(say: Voice, *names: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(say(name), overflow="fold")
    return table


def _moment(moment: datetime | None) -> str:
    return "–" if moment is None else moment.astimezone(PROVINCE_TIMEZONE).strftime("%d/%m/%Y %H:%M")
