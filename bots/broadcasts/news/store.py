"""Sources and items of news in PostgreSQL; synchronous, on a connection whose transaction is the caller's."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from bots.broadcasts.model import Level
from bots.broadcasts.news.identity import key_hash, words_hash
from bots.broadcasts.news.model import ItemState, NewsItem, Receipt
from bots.sealing import Seal
from huep.clock import Clock

KEPT_FOR = timedelta(days=180)
"""After its source last told it an item is forgotten."""
FORGOTTEN_AT_ONCE = 5_000
MOST_TOLD = 1_000
"""Of one source; five times what is read of a feed."""


@dataclass(frozen=True)
class SourceState:
    """How a source stands."""

    begun_at: datetime | None = None
    """When it was first read; None before."""
    read_at: datetime | None = None
    """When it last could be read, or was heard."""
    next_at: datetime | None = None
    """When it is read again; None: now."""
    failures: int = 0
    """In a row."""
    failing_since: datetime | None = None
    error: str | None = None
    """What was the matter at the last of them."""
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class Waiting:
    """An item that waits for its hour."""

    item_id: int
    item: NewsItem
    taken_at: datetime


class NewsStore:
    """What one bot knows of its sources.

    Args:
        bot: localpart of its account.
        seal: closes what waits.
        clock: the present moment.
    """

    def __init__(self, bot: str, seal: Seal, clock: Clock) -> None:
        self._bot = bot
        self._seal = seal
        self._clock = clock

    def state_of(self, connection: Connection, source: str) -> SourceState:
        """How a source stands; as new where it was never read."""
        found = connection.execute(
            text(
                "select begun_at, read_at, next_at, failures, failing_since, error, etag, last_modified "
                "from bots.news_sources where bot = :bot and source = :source"
            ),
            self._of(source),
        ).first()
        return SourceState() if found is None else SourceState(**found._mapping)

    def hold(self, connection: Connection, source: str) -> None:
        """Let nobody else take in items of this source until the transaction ends."""
        connection.execute(
            text("insert into bots.news_sources (bot, source) values (:bot, :source) on conflict do nothing"),
            self._of(source),
        )
        connection.execute(
            text("select from bots.news_sources where bot = :bot and source = :source for update"),
            self._of(source),
        )

    def heard(self, connection: Connection, source: str) -> None:
        """Note that something came of a source."""
        connection.execute(
            text("update bots.news_sources set read_at = :now where bot = :bot and source = :source"),
            {**self._of(source), "now": self._clock()},
        )

    def keep_state(self, connection: Connection, source: str, state: SourceState) -> None:
        """Write down how a source stands."""
        connection.execute(
            text(
                "insert into bots.news_sources (bot, source, begun_at, read_at, next_at, failures, failing_since,"
                " error, etag, last_modified) values"
                " (:bot, :source, :begun_at, :read_at, :next_at, :failures, :failing_since, :error,"
                " :etag, :last_modified) on conflict (bot, source) do update set begun_at = excluded.begun_at,"
                " read_at = excluded.read_at, next_at = excluded.next_at, failures = excluded.failures,"
                " failing_since = excluded.failing_since, error = excluded.error, etag = excluded.etag,"
                " last_modified = excluded.last_modified"
            ),
            {**self._of(source), **asdict(state)},
        )

    def find(self, connection: Connection, item: NewsItem, *, by_words: bool) -> Receipt | None:
        """What became of an item that was taken in before; None for a new one.

        Args:
            connection: the caller's.
            item: by its key.
            by_words: also by what it says; for sources that give new keys to what they told long ago.
        """
        found = connection.execute(
            text(
                "select state, number from bots.news_items where bot = :bot and source = :source "
                "and (key = :key or :by_words and digest = :digest) "
                "order by (key = :key) desc, item_id desc limit 1"
            ),
            {**self._named(item), "by_words": by_words},
        ).first()
        return None if found is None else Receipt(ItemState(found.state), found.number, new=False)

    def put(self, connection: Connection, item: NewsItem, receipt: Receipt) -> None:
        """Keep an item, under its key, for ever known; its words only while it waits."""
        waits = receipt.state is ItemState.WAITING
        now = self._clock()
        connection.execute(
            text(
                "insert into bots.news_items (bot, source, key, digest, level, state, number, content, taken_at,"
                " announced_at, seen_at) values (:bot, :source, :key, :digest, :level, :state, :number, :content, :now,"
                " :announced_at, :now)"
            ),
            {
                **self._named(item),
                "level": item.level.value,
                "state": receipt.state.value,
                "number": receipt.number,
                "content": self._closed(item) if waits else None,
                "now": now,
                "announced_at": now if receipt.state is ItemState.ANNOUNCED else None,
            },
        )

    def told(self, connection: Connection, source: str) -> frozenset[str]:
        """Hashes of the keys that the source told last, in hexadecimal; at most MOST_TOLD."""
        rows = connection.execute(
            text(
                "select encode(key, 'hex') from bots.news_items where bot = :bot and source = :source "
                "order by seen_at desc limit :most"
            ),
            {**self._of(source), "most": MOST_TOLD},
        )
        return frozenset(rows.scalars())

    def saw(self, connection: Connection, source: str, keys: Collection[str]) -> None:
        """Note that the source tells these still, so that they are not forgotten."""
        connection.execute(
            text(
                "update bots.news_items set seen_at = :now where bot = :bot and source = :source and key = any(:keys)"
            ),
            {**self._of(source), "now": self._clock(), "keys": [key_hash(key) for key in keys]},
        )

    def announced_since(self, connection: Connection, source: str, level: Level, since: datetime) -> int:
        """How many items of one level became announcements after `since`."""
        return int(
            connection.execute(
                text(
                    "select count(*) from bots.news_items where bot = :bot and source = :source and level = :level "
                    "and state = 'announced' and announced_at > :since"
                ),
                {**self._of(source), "level": level.value, "since": since},
            ).scalar_one()
        )

    def waiting(self, connection: Connection, source: str, level: Level, after: int, most: int) -> tuple[Waiting, ...]:
        """The oldest that wait, of one level, and of those that came after the item `after`."""
        rows = connection.execute(
            text(
                "select item_id, content, taken_at from bots.news_items where bot = :bot and source = :source "
                "and level = :level and state = 'waiting' and item_id > :after order by item_id limit :most"
            ),
            {**self._of(source), "level": level.value, "after": after, "most": most},
        )
        return tuple(Waiting(row.item_id, self._opened(source, bytes(row.content)), row.taken_at) for row in rows)

    def waits(self, connection: Connection, waiting: Waiting) -> bool:
        """Whether it does still."""
        found = connection.execute(
            text("select from bots.news_items where item_id = :item_id and state = 'waiting'"),
            {"item_id": waiting.item_id},
        )
        return found.first() is not None

    def release(self, connection: Connection, waiting: Waiting, number: int) -> None:
        """An item that waited became the announcement `number`."""
        connection.execute(
            text(
                "update bots.news_items set state = 'announced', number = :number, content = null, announced_at = :now "
                "where item_id = :item_id"
            ),
            {"item_id": waiting.item_id, "number": number, "now": self._clock()},
        )

    def give_up(self, connection: Connection, source: str, before: datetime) -> int:
        """Let go of what has waited since before that moment; returns how many."""
        done = connection.execute(
            text(
                "update bots.news_items set state = 'stale', content = null where bot = :bot and source = :source "
                "and state = 'waiting' and taken_at < :before"
            ),
            {**self._of(source), "before": before},
        )
        return int(done.rowcount)

    def counts(self, connection: Connection, sources: Collection[str]) -> dict[str, dict[ItemState, int]]:
        """How many items of each source are in each state."""
        rows = connection.execute(
            text(
                "select source, state, count(*) as items from bots.news_items "
                "where bot = :bot and source = any(:sources) group by source, state"
            ),
            {"bot": self._bot, "sources": list(sources)},
        )
        found: dict[str, dict[ItemState, int]] = {source: {} for source in sources}
        for row in rows:
            found[row.source][ItemState(row.state)] = row.items
        return found

    def forget(self, connection: Connection) -> None:
        """Delete what no source has told for KEPT_FOR, at most FORGOTTEN_AT_ONCE."""
        connection.execute(
            text(
                "delete from bots.news_items where item_id in (select item_id from bots.news_items "
                "where bot = :bot and seen_at < :before and state <> 'waiting' limit :most)"
            ),
            {"bot": self._bot, "before": self._clock() - KEPT_FOR, "most": FORGOTTEN_AT_ONCE},
        )

    def _of(self, source: str) -> dict[str, object]:
        return {"bot": self._bot, "source": source}

    def _named(self, item: NewsItem) -> dict[str, object]:
        digest = words_hash(item.title, item.body, item.link)
        return {**self._of(item.source), "key": key_hash(item.key), "digest": digest}

    def _closed(self, item: NewsItem) -> bytes:
        content = asdict(item) | {"published_at": item.published_at and item.published_at.isoformat()}
        return self._seal.close(json.dumps(content, ensure_ascii=False).encode(), self._bot, "news", item.source)

    def _opened(self, source: str, sealed: bytes) -> NewsItem:
        content = json.loads(self._seal.open(sealed, self._bot, "news", source))
        published = content.pop("published_at")
        level = Level(content.pop("level"))
        return NewsItem(**content, level=level, published_at=published and datetime.fromisoformat(published))
