"""Everybody of the projection in memory, for searching; what changed is read when somebody asks."""

import logging
from collections.abc import Mapping, Sequence, Set
from time import monotonic

from synapse.logging.context import PreserveLoggingContext
from synapse.module_api import LoggingTransaction, ModuleApi, make_deferred_yieldable
from twisted.internet.defer import Deferred

from synapse_modules.colleagues import COLLEAGUE_COLUMNS, COLLEAGUE_WIDTH, colleague_of, unknown
from synapse_modules.directory_rules.index import Entry, Index, entry

logger = logging.getLogger(__name__)

READ_AGAIN_AFTER_MS = 5_000
SHARE_OF_TIME = 10
"""Between two readings so many times as long passes as the first took: a night of publications keeps no core."""
OVERLAP_MS = 60_000
"""So long may a publication have been under way when the index was read."""

_CHANGED = f"""
    SELECT {COLLEAGUE_COLUMNS}, p.full_name, u.name FROM huep_people p LEFT JOIN huep_units u ON u.code = p.unit
    WHERE p.published_at >= ? OR (p.published_at IS NULL AND ? = 0)
"""  # noqa: S608 - constants


class Everybody:
    """The index, read once at a time; whoever asks while it is being read gets the one before, if there is one."""

    def __init__(self, api: ModuleApi, services: Set[str]) -> None:
        self._api = api
        self._services = sorted(services)
        self._entries: Mapping[str, Entry] = {}
        self._index: Index | None = None
        self._read_at_ms: int | None = None
        self._read_again_at_ms = 0
        self._units_published_at_ms: int | None = None
        self._waiting: list[Deferred[Index]] | None = None
        """Who waits for the reading that is under way; None where none is."""

    async def index(self) -> Index:
        """Everybody, as the projection was when somebody last waited for it.

        Raises:
            Exception: whatever the database says when a table is missing or out of reach.
        """
        if self._waiting is not None:
            if self._index is not None:
                return self._index
            waiting: Deferred[Index] = Deferred()
            self._waiting.append(waiting)
            return await make_deferred_yieldable(waiting)
        if self._index is not None and self._api.get_current_time_msec() < self._read_again_at_ms:
            return self._index
        self._waiting = []
        try:
            index = await self._read()
        except Exception as error:
            self._tell(error)
            raise
        self._tell(index)
        return index

    async def prepare(self) -> None:
        """Read everybody before somebody asks; where that fails the first who asks waits for it."""
        try:
            await self.index()
        except Exception:
            # Right after the first start the tables may not be there yet.
            logger.exception("The directory cannot be read into memory now")

    def _tell(self, outcome: Index | Exception) -> None:
        waiting, self._waiting = self._waiting or [], None
        with PreserveLoggingContext():  # each of them goes on in its own
            for one in waiting:
                if isinstance(outcome, Exception):
                    one.errback(outcome)
                else:
                    one.callback(outcome)

    async def _read(self) -> Index:
        now_ms, started = self._api.get_current_time_msec(), monotonic()
        since_ms = 0 if self._read_at_ms is None else self._read_at_ms - OVERLAP_MS
        units_ms, published = await self._api.run_db_interaction(
            "huep_directory_read", _read_changed, since_ms, self._units_published_at_ms, self._services
        )
        self._entries, index = await self._api.defer_to_thread(_with, self._entries, self._index, published)
        self._index = index
        self._read_at_ms, self._units_published_at_ms = now_ms, units_ms
        took_ms = int((monotonic() - started) * 1000)
        self._read_again_at_ms = now_ms + max(READ_AGAIN_AFTER_MS, SHARE_OF_TIME * took_ms)
        return index


def _with(
    entries: Mapping[str, Entry], index: Index | None, published: Mapping[str, Entry]
) -> tuple[Mapping[str, Entry], Index]:
    """Both as they are where nothing differs, else anew."""
    if index is not None and all(entries.get(localpart) == now for localpart, now in published.items()):
        return entries, index
    together = {**entries, **published}
    return together, Index(together.values())


def _read_changed(
    txn: LoggingTransaction, since_ms: int, units_known_ms: int | None, services: Sequence[str]
) -> tuple[int | None, dict[str, Entry]]:
    """Services, and people published since then; everybody when a unit changed, for its people bear its name."""
    txn.execute("SELECT max(published_at) FROM huep_units")
    row = txn.fetchone()
    units_ms = row[0] if row else None
    since_ms = since_ms if units_ms == units_known_ms else 0
    txn.execute(_CHANGED, (since_ms, since_ms))
    people = {str(row[0]): entry(colleague_of(row), *row[COLLEAGUE_WIDTH:]) for row in txn}
    txn.execute("SELECT user_id, displayname FROM profiles WHERE user_id = ANY(?)", (list(services),))
    return units_ms, {**people, **{str(name): entry(unknown(name), display_name, None) for name, display_name in txn}}
