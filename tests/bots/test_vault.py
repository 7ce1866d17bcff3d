"""Changes held in memory and written at once, over a folder and over a shelf that can be made to fail."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.matrix.store import vault as vaults
from bots.matrix.store.errors import DeviceTaken, RowTampered, StoreKeyMissing, StoreKeyWrong
from bots.matrix.store.folder import FolderShelf
from bots.matrix.store.sealing import Sealer
from bots.matrix.store.shelf import Change, Kind
from bots.matrix.store.vault import Vault
from huep.database import DatabaseUnreachable

BOT = "@tro-ly:x"


class Slow(FolderShelf):
    """Writes when it is let, and fails when told to."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.let = threading.Event()
        self.let.set()
        self.failures: list[Exception] = []
        self.written: list[int] = []

    def write(self, changes: Sequence[Change]) -> None:
        self.let.wait(10)
        if self.failures:
            raise self.failures.pop()
        super().write(changes)
        self.written.append(len(changes))


@pytest.fixture
def shelf(tmp_path: Path) -> Slow:
    return Slow(tmp_path)


@pytest.fixture
def vault(shelf: Slow) -> Iterator[Vault]:
    vault = Vault.open(shelf, BOT)
    shelf.written.clear()
    yield vault
    vault.close()


def kept(root: Path, parts: Sequence[str], kind: Kind = Kind.TOKEN) -> bytes | None:
    """What a process that starts now would find."""
    sealer = Sealer(bytes.fromhex((root / "store-key").read_text()), BOT)
    name = sealer.name(kind, *parts)
    with sqlite3.connect(root / "device.db") as database:
        row = database.execute("select sealed from rows where kind = ? and name = ?", (kind, name)).fetchone()
    return None if row is None else sealer.open(kind, name, row[0])


async def test_what_is_put_is_found_at_once_and_durable_after_the_flush(vault: Vault, tmp_path: Path) -> None:
    vault.put(Kind.TOKEN, ("a",), b"1")
    found = vault.find(Kind.TOKEN, ("a",))
    assert found is not None
    assert found.content == b"1"
    assert kept(tmp_path, ("a",)) is None
    await vault.flush()
    assert kept(tmp_path, ("a",)) == b"1"
    vault.drop(Kind.TOKEN, ("a",))
    assert vault.find(Kind.TOKEN, ("a",)) is None
    await vault.flush()
    assert kept(tmp_path, ("a",)) is None


async def test_a_row_saved_many_times_is_written_once_as_it_last_was(vault: Vault, shelf: Slow, tmp_path: Path) -> None:
    for number in range(100):
        vault.put(Kind.OLM, ("a",), str(number).encode())
    await vault.flush()
    assert shelf.written == [1]
    assert kept(tmp_path, ("a",), Kind.OLM) == b"99"
    await vault.flush()
    assert shelf.written == [1], "nothing changed"


async def test_those_who_come_during_a_flush_share_the_next(vault: Vault, shelf: Slow) -> None:
    shelf.let.clear()
    vault.put(Kind.OLM, ("0",), b"x")
    flushes = [asyncio.create_task(vault.flush())]
    await asyncio.sleep(0.05)
    for number in range(1, 10):
        vault.put(Kind.OLM, (str(number),), b"x")
        flushes.append(asyncio.create_task(vault.flush()))
    await asyncio.sleep(0.05)
    assert vault.find(Kind.OLM, ("0",)) is not None, "found while it is being written"
    shelf.let.set()
    await asyncio.gather(*flushes)
    assert shelf.written == [1, 9]


async def test_a_failed_flush_loses_nothing_and_takes_nothing_back(vault: Vault, shelf: Slow, tmp_path: Path) -> None:
    shelf.failures = [sqlite3.OperationalError("disk full")]
    shelf.let.clear()
    vault.put(Kind.OLM, ("a",), b"old")
    vault.put(Kind.OLM, ("b",), b"b")
    flush = asyncio.create_task(vault.flush())
    await asyncio.sleep(0.05)
    vault.put(Kind.OLM, ("a",), b"new")
    shelf.let.set()
    with pytest.raises(sqlite3.OperationalError):
        await flush
    found = vault.find(Kind.OLM, ("a",))
    assert found is not None
    assert found.content == b"new"
    await vault.flush()
    assert (kept(tmp_path, ("a",), Kind.OLM), kept(tmp_path, ("b",), Kind.OLM)) == (b"new", b"b")


async def test_while_the_database_is_away_a_flush_waits_for_a_while(
    vault: Vault, shelf: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vaults, "PAUSES_S", (0.0, 0.0))
    vault.put(Kind.OLM, ("a",), b"x")
    shelf.failures = [DatabaseUnreachable("away")] * 2
    await vault.flush()
    assert shelf.written == [1]
    vault.put(Kind.OLM, ("b",), b"x")
    shelf.failures = [DatabaseUnreachable("away")] * 3
    with pytest.raises(DatabaseUnreachable):
        await vault.flush()
    await vault.flush()
    assert shelf.written == [1, 1], "and what it held is written by the next"


async def test_who_lost_the_device_does_not_try_again(vault: Vault, shelf: Slow) -> None:
    vault.put(Kind.OLM, ("a",), b"x")
    shelf.failures = [DeviceTaken(BOT)]
    with pytest.raises(DeviceTaken, match="this one stops"):
        await vault.flush()
    assert shelf.written == []


async def test_a_cancelled_flush_ends_before_the_next_begins(vault: Vault, shelf: Slow, tmp_path: Path) -> None:
    shelf.let.clear()
    vault.put(Kind.OLM, ("a",), b"x")
    flush = asyncio.create_task(vault.flush())
    await asyncio.sleep(0.05)
    flush.cancel()
    await asyncio.sleep(0.05)
    assert not flush.done(), "its thread is still writing"
    shelf.let.set()
    with pytest.raises(asyncio.CancelledError):
        await flush
    assert kept(tmp_path, ("a",), Kind.OLM) == b"x"


async def test_what_is_long_to_write_is_taken_at_the_flush(vault: Vault, tmp_path: Path) -> None:
    state = {"number": 0}
    vault.put(Kind.ACCOUNT, (), lambda: str(state["number"]).encode())
    state["number"] = 7
    await vault.flush()
    assert kept(tmp_path, (), Kind.ACCOUNT) == b"7"
    assert vault.read(Kind.ACCOUNT) == [b"7"]


def test_without_its_key_a_device_is_not_opened(vault: Vault, tmp_path: Path) -> None:
    vault.close()
    key_file = tmp_path / "store-key"
    key = key_file.read_text()
    for content, error in (("00" * 32, StoreKeyWrong), ("junk", StoreKeyWrong), ("0011", StoreKeyWrong)):
        key_file.write_text(content)
        with pytest.raises(error, match="restore that file"):
            Vault.open(FolderShelf(tmp_path), BOT)
    key_file.unlink()
    with pytest.raises(StoreKeyMissing, match="restore that file"):
        Vault.open(FolderShelf(tmp_path), BOT)
    assert not key_file.exists(), "no other is made in its place"
    key_file.write_text(key)
    Vault.open(FolderShelf(tmp_path), BOT).close()


async def test_rows_that_changed_places_are_not_used(vault: Vault, tmp_path: Path) -> None:
    vault.put(Kind.OLM, ("a",), b"a")
    vault.put(Kind.OLM, ("b",), b"b")
    await vault.flush()
    with sqlite3.connect(tmp_path / "device.db") as database:
        [(one, sealed_one), (two, sealed_two)] = database.execute("select name, sealed from rows where kind = 'olm'")
        database.execute("update rows set sealed = ? where name = ?", (sealed_two, one))
        database.execute("update rows set sealed = ? where name = ?", (sealed_one, two))
    for part in ("a", "b"):
        with pytest.raises(RowTampered, match="'olm'"):
            vault.find(Kind.OLM, (part,))


@settings(max_examples=20, deadline=None)
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("put"), st.integers(0, 5), st.binary(max_size=8)),
            st.tuples(st.just("drop"), st.integers(0, 5), st.just(b"")),
            st.tuples(st.just("flush"), st.just(0), st.just(b"")),
            st.tuples(st.just("fail"), st.just(0), st.just(b"")),
        ),
        max_size=30,
    )
)
def test_whatever_was_done_it_reads_as_a_dictionary_and_restarts_as_of_the_last_flush(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, bytes]]
) -> None:
    root = tmp_path_factory.mktemp("vault")
    shelf = Slow(root)
    vault = Vault.open(shelf, BOT)
    now: dict[int, bytes] = {}
    flushed: dict[int, bytes] = {}
    with asyncio.Runner() as runner:
        for act, number, content in steps:
            if act == "put":
                vault.put(Kind.OLM, (str(number),), content)
                now[number] = content
            elif act == "drop":
                vault.drop(Kind.OLM, (str(number),))
                now.pop(number, None)
            else:
                shelf.failures = [OSError()] if act == "fail" else []
                try:
                    runner.run(vault.flush())
                    flushed = dict(now)
                except OSError:
                    pass
            found = vault.find_all(Kind.OLM, [(str(number),) for number in range(6)])
            assert {number: row.content for number, row in enumerate(found) if row is not None} == now
            assert sorted(vault.read(Kind.OLM)) == sorted(now.values())
    vault.close()
    again = Vault.open(FolderShelf(root), BOT)
    assert sorted(again.read(Kind.OLM)) == sorted(flushed.values())
    again.close()
