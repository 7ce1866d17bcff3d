"""With whom a room began, on a real PostgreSQL, also when two ask at the same moment."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine

from huep.database import Role
from synapse_modules.room_rules.first_invited import Pair, create_table, settle

AN, BINH, CHI = "@an-k1:hue.localhost", "@binh-k2:hue.localhost", "@chi-k3:hue.localhost"


class Transaction:
    """What the table uses of Synapse's LoggingTransaction, isolated as Synapse isolates."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> Any:
        self._connection = self._engine.connect()
        self._cursor: Any = self._connection.connection.cursor()
        self.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        self.execute("SET LOCAL search_path TO synapse_rooms")
        return self

    def __exit__(self, error: object, *_: object) -> None:
        if error is None:
            self._connection.connection.commit()
        self._connection.close()

    def execute(self, sql: str, arguments: tuple[object, ...] = ()) -> None:
        self._cursor.execute(sql.replace("?", "%s"), arguments)

    def fetchone(self) -> Any:
        return self._cursor.fetchone()


@pytest.fixture
def engine(databases: Any) -> Iterator[Engine]:
    engine = databases.engine(Role.OWNER)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA synapse_rooms")
    with Transaction(engine) as txn:
        txn.execute("CREATE TABLE rooms (room_id TEXT PRIMARY KEY, creator TEXT)")
        txn.execute(
            "CREATE TABLE room_memberships (room_id TEXT, user_id TEXT, membership TEXT, event_stream_ordering BIGINT)"
        )
        txn.execute("INSERT INTO rooms VALUES ('!new', ?), ('!old', ?)", (AN, AN))
        create_table(txn)
        create_table(txn)
    yield engine
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA synapse_rooms CASCADE")
    engine.dispose()


def test_the_first_who_is_invited_stays_the_other(engine: Engine) -> None:
    for invitee in (BINH, CHI, AN):
        with Transaction(engine) as txn:
            pair = settle(txn, "!new", invitee)
        assert pair == Pair(AN, BINH)
    assert pair.has(AN) and pair.has(BINH) and not pair.has(CHI)


def test_in_an_older_room_it_is_who_came_first_even_if_they_left(engine: Engine) -> None:
    with Transaction(engine) as txn:
        for number, (who, membership) in enumerate(
            [(AN, "join"), (BINH, "invite"), (BINH, "join"), (BINH, "leave"), (CHI, "invite")]
        ):
            txn.execute("INSERT INTO room_memberships VALUES ('!old', ?, ?, ?)", (who, membership, number))
        assert settle(txn, "!old", CHI) == Pair(AN, BINH)


def test_a_room_that_nobody_made_has_no_pair(engine: Engine) -> None:
    with Transaction(engine) as txn:
        assert not settle(txn, "!nowhere", BINH).has(BINH)


def test_of_two_at_the_same_moment_one_is_repeated_and_finds_the_other(engine: Engine) -> None:
    with Transaction(engine) as second:
        second.execute("SELECT 1")  # from now on it sees nothing of what others write
        with Transaction(engine) as first:
            assert settle(first, "!new", BINH) == Pair(AN, BINH)
        with pytest.raises(psycopg.errors.SerializationFailure):
            settle(second, "!new", CHI)
    # Synapse repeats what fails so.
    with Transaction(engine) as again:
        assert settle(again, "!new", CHI) == Pair(AN, BINH)
