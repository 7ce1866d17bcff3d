"""The rows of one device: changes are held in memory, and `flush` writes all of them at once.

What is taken back after a crash is one moment of the past: contents are taken in `put`, on the event loop, so that a
flush never holds half of what one message changed.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Self, TypeVar

import structlog

from bots.matrix.store.errors import RowTampered, StoreKeyWrong
from bots.matrix.store.sealing import Sealer
from bots.matrix.store.shelf import Change, Kind, Shelf
from bots.threads import in_thread
from huep.clock import now
from huep.database import DatabaseUnreachable

log = structlog.get_logger(__name__)

PAUSES_S = (0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 4.0, 4.0)
"""Longer than PostgreSQL needs to be started again after a kill and to recover."""

SEAL_CONTENT = b"huep"

Result = TypeVar("Result")
Content = bytes | Callable[[], bytes]
"""What a row holds; or what gives it at the next flush, for what changes often and is long to write."""
Key = tuple[Kind, bytes]


@dataclass(frozen=True)
class Found:
    """A row in clear."""

    content: bytes
    written_at: datetime


class Vault:
    """Made by `open`; one event loop uses it, and only `put` and `drop` may come from other threads."""

    def __init__(self, shelf: Shelf, sealer: Sealer, user_id: str) -> None:
        self.user_id = user_id
        self._shelf = shelf
        self._sealer = sealer
        self._dirty: dict[Key, Content | None] = {}
        self._writing: dict[Key, bytes | None] = {}
        self._guard = threading.Lock()
        self._turn = asyncio.Lock()

    @classmethod
    def open(cls, shelf: Shelf, user_id: str) -> Self:
        """Become the owner of the device of `user_id`; blocks.

        Raises:
            DeviceInUse, DatabaseUnreachable, StoreKeyMissing, StoreKeyWrong.
        """
        shelf.open(user_id)
        try:
            seals = shelf.read(Kind.SEAL)
            sealer = Sealer(shelf.key(make=not seals), user_id)
            name = sealer.name(Kind.SEAL)
            if not seals:
                shelf.write([Change(Kind.SEAL, name, sealer.seal(Kind.SEAL, name, SEAL_CONTENT))])
            for seal in seals:
                try:
                    sealer.open(Kind.SEAL, name, seal.sealed)
                except RowTampered as error:
                    raise StoreKeyWrong(shelf.key_file, user_id) from error
        except BaseException:
            shelf.close()
            raise
        return cls(shelf, sealer, user_id)

    def __repr__(self) -> str:
        return f"Vault({self.user_id}, {self.place})"

    @property
    def place(self) -> str:
        return self._shelf.place

    @property
    def pickle_key(self) -> str:
        """The passphrase of vodozemac's pickles."""
        return self._sealer.pickle_key

    def put(self, kind: Kind, parts: Sequence[str], content: Content) -> None:
        """Hold `content` for the row named by `parts` until the next flush."""
        key = (kind, self._sealer.name(kind, *parts))
        with self._guard:
            self._dirty[key] = content

    def drop(self, kind: Kind, parts: Sequence[str]) -> None:
        key = (kind, self._sealer.name(kind, *parts))
        with self._guard:
            self._dirty[key] = None

    def read(self, kind: Kind) -> list[bytes]:
        """The contents of all rows of a kind; blocks, so it is for the start."""
        with self._guard:
            held = {name: content for (of, name), content in self._contents().items() if of is kind}
        kept = [
            self._sealer.open(row.kind, row.name, row.sealed) for row in self._shelf.read(kind) if row.name not in held
        ]
        return kept + [content for content in held.values() if content is not None]

    def find(self, kind: Kind, parts: Sequence[str]) -> Found | None:
        """The row named by `parts`, with what is not flushed yet; asks the shelf, and so blocks, for what is older."""
        return self.find_all(kind, [parts])[0]

    def find_all(self, kind: Kind, wanted: Sequence[Sequence[str]]) -> list[Found | None]:
        """For each of `wanted` its row."""
        keys = [(kind, self._sealer.name(kind, *parts)) for parts in wanted]
        found: dict[Key, Found | None] = {}
        with self._guard:
            for key in keys:
                for held in (self._dirty, self._writing):
                    if key in held:
                        content = held[key]
                        content = content() if callable(content) else content
                        found[key] = None if content is None else Found(content, now())
                        break
        asked = [key[1] for key in keys if key not in found]
        for row in self._shelf.find(kind, asked) if asked else ():
            content = self._sealer.open(row.kind, row.name, row.sealed)
            found[kind, row.name] = Found(content, row.written_at)
        return [found.get(key) for key in keys]

    async def recall(self, kind: Kind, wanted: Sequence[Sequence[str]]) -> list[Found | None]:
        """As `find_all`, without holding up the event loop."""
        return await asyncio.to_thread(self.find_all, kind, wanted)

    async def flush(self) -> None:
        """All changes so far, in one transaction, are durable when it returns.

        Those who come while another flush runs share the next one. While PostgreSQL is away it waits for some seconds.

        Raises:
            DeviceTaken: somebody else is the owner now; nothing was written, and nothing ever will be.
            DatabaseUnreachable: PostgreSQL stayed away; the changes are still held for the next flush.
        """
        async with self._turn:
            with self._guard:
                if not self._dirty:
                    return
                self._writing = self._contents()
                self._dirty = {}
            try:
                await self._write_patiently()
            except BaseException:
                with self._guard:
                    self._dirty = {**self._writing, **self._dirty}
                raise
            finally:
                with self._guard:
                    self._writing = {}

    async def _write_patiently(self) -> None:
        for pause_s in (*PAUSES_S, None):
            try:
                await in_thread(partial(self._write, self._writing))
            except DatabaseUnreachable:
                if pause_s is None:
                    raise
                log.warning("the database is away, writing again", user_id=self.user_id, pause_s=pause_s)
                await asyncio.sleep(pause_s)
            else:
                return

    def _contents(self) -> dict[Key, bytes | None]:
        return {key: content() if callable(content) else content for key, content in self._dirty.items()}

    def _write(self, contents: dict[Key, bytes | None]) -> None:
        changes = [
            Change(kind, name, None if content is None else self._sealer.seal(kind, name, content))
            for (kind, name), content in contents.items()
        ]
        self._shelf.write(changes)

    def write_out(self) -> None:
        """As `flush`, for a start or an import outside the event loop; blocks."""
        with self._guard:
            self._write(self._contents())
            self._dirty = {}

    def drop_all(self) -> None:
        """Drop every row at the next flush, except for what is put until then; blocks."""
        rows = [row for kind in Kind if kind is not Kind.SEAL for row in self._shelf.read(kind)]
        with self._guard:
            self._dirty = dict.fromkeys((row.kind, row.name) for row in rows)

    @property
    def restored(self) -> bool:
        """Whether the rows came out of a backup since they were last settled."""
        return self._shelf.restored

    def settle_restored(self) -> None:
        """Write what was made fit for that, and say so; blocks."""
        self.write_out()
        self._shelf.settle_restored()

    def prune(self, kind: Kind, days: int) -> None:
        """Drop the rows of a kind that were written more than `days` ago; blocks."""
        self._shelf.prune(kind, days)

    def close(self) -> None:
        """Be the owner no more; what was not flushed is gone, as after a crash."""
        self._shelf.close()
