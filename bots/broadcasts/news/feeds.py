"""A feed: fetched, parsed and cleaned apart, and made news items."""

import asyncio
import hashlib
import json
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bots.broadcasts.markup import https_address
from bots.broadcasts.model import Level
from bots.broadcasts.news import parsing
from bots.broadcasts.news.fetching import NOTHING_KNOWN, SourceUnreadable, Validators, fetch
from bots.broadcasts.news.model import NewsItem
from huep.names import normalise
from huep.news_settings import FeedSettings

PARSED_WITHIN_S = 20.0
AHEAD_AT_MOST = timedelta(days=1)
"""A date further ahead is a mistake, and counts as none."""
_MARKED_UP = ("xml", "text/", "html")


class NotAFeed(SourceUnreadable):
    """What lies there is something else."""


class Hostile(SourceUnreadable):
    """It is made to hurt whoever reads it."""


@dataclass(frozen=True)
class FeedReading:
    """What one reading gave."""

    items: tuple[NewsItem, ...]
    """That are new, the oldest first."""
    validators: Validators
    complaint: str | None = None
    """What is broken in it, though items could be read."""
    told: tuple[str, ...] = ()
    """Keys of those that were known."""


async def read_feed(
    source: FeedSettings,
    holds_url: Callable[[str], bool],
    now: datetime,
    known: Validators = NOTHING_KNOWN,
    told: Collection[str] = frozenset(),
) -> FeedReading | None:
    """What a feed has; None where nothing changed.

    Args:
        source: which.
        holds_url: whether the host of an address is of the building.
        now: dates further ahead are mistakes.
        known: of what was read before.
        told: hashes of the keys of items that need not be given again.

    Raises:
        SourceUnreadable: it cannot be fetched, is no feed, or a hostile one.
    """
    fetched = await fetch(source.url, source.max_bytes, holds_url, known)
    if fetched is None:
        return None
    kind = fetched.kind.lower()
    if kind and not any(part in kind for part in _MARKED_UP):
        raise NotAFeed(f"{source.name}: what lies there is {fetched.kind.partition(';')[0][:60]!r}, not a feed.")
    if parsing.declares_entities(fetched.body):
        raise Hostile(f"{source.name}: the feed defines entities, as attacks do; it is not read.")
    found = await parsed_apart(source.name, fetched.body, fetched.kind, told)
    again = tuple(found["known"])
    if not found["feed"] and not found["entries"] and not again:
        raise NotAFeed(f"{source.name}: what lies there is neither RSS nor Atom.")
    items = [item for entry in found["entries"] if (item := item_of(entry, source, now)) is not None]
    if found["complaint"] and not items and not again:
        raise NotAFeed(f"{source.name}: the feed is broken ({found['complaint']}), and nothing in it could be read.")
    # Feeds have the newest on top.
    return FeedReading(tuple(reversed(items)), fetched.validators, found["complaint"], again)


async def parsed_apart(name: str, body: bytes, kind: str, told: Collection[str] = ()) -> dict[str, Any]:
    """What `parsing.parsed` gives, in another process.

    Raises:
        Hostile: the parser was ended by its limits, or fell.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-m", parsing.__name__, kind),
        env={},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(PARSED_WITHIN_S):
            written, _ = await process.communicate(json.dumps(list(told)).encode() + b"\n" + body)
        return dict(json.loads(written)) if process.returncode == 0 else _fell(name)
    except TimeoutError:
        return _fell(name)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _fell(name: str) -> dict[str, Any]:
    raise Hostile(f"{name}: the feed takes more time or memory than feeds do, or breaks who reads it; it is not read.")


def item_of(entry: Mapping[str, Any], source: FeedSettings, now: datetime) -> NewsItem | None:
    """One entry; None for one that says nothing."""
    title, body = normalise(entry["title"]), entry["body"]
    link = https_address(entry["link"] or "")
    if not title and not body:
        return None
    return NewsItem(
        source=source.name,
        key=entry["key"] or hashlib.sha256(f"{title}\n{body}".encode()).hexdigest(),
        title=title,
        body=body,
        html=entry["html"] or None,
        link=link,
        published_at=_moment(entry["published_s"], now),
        level=Level(source.level),
        audience=source.audience,
    )


def _moment(published_s: int | None, now: datetime) -> datetime | None:
    if published_s is None:
        return None
    try:
        moment = datetime.fromtimestamp(published_s, UTC)
    except (OverflowError, OSError, ValueError):
        return None
    return moment if moment <= now + AHEAD_AT_MOST else None
