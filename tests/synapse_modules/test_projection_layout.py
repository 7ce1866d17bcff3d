"""The tables of the projection on a real PostgreSQL: laid out once, migrated in place."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection

from huep.database import Role
from synapse_modules.projection_layout import LAYOUT, bring_up_to_date, is_up_to_date


class Transaction:
    """What the layout uses of Synapse's LoggingTransaction."""

    def __init__(self, connection: Connection) -> None:
        self._cursor: Any = connection.connection.cursor()

    def execute(self, sql: str, arguments: tuple[object, ...] = ()) -> None:
        self._cursor.execute(sql.replace("?", "%s"), arguments)

    def fetchone(self) -> Any:
        return self._cursor.fetchone()


@pytest.fixture
def txn(databases: Any) -> Iterator[Any]:
    engine = databases.engine(Role.OWNER)
    with engine.connect() as connection:
        transaction = Transaction(connection)
        transaction.execute("CREATE SCHEMA synapse_like")
        transaction.execute("SET LOCAL search_path TO synapse_like")
        yield transaction
        connection.rollback()
    engine.dispose()


def test_a_new_database_gets_the_tables_once(txn: Any) -> None:
    assert not is_up_to_date(txn)
    bring_up_to_date(txn)
    assert is_up_to_date(txn)
    txn.execute("UPDATE huep_projection SET published_at = 5")
    bring_up_to_date(txn)
    txn.execute("SELECT layout, published_at FROM huep_projection")
    assert txn.fetchone() == (LAYOUT, 5)


def test_a_table_of_the_first_layout_keeps_its_rows_and_gets_the_new_columns(txn: Any) -> None:
    txn.execute("CREATE TABLE huep_people (localpart TEXT PRIMARY KEY, status TEXT NOT NULL, version BIGINT NOT NULL)")
    txn.execute("INSERT INTO huep_people VALUES ('an-k1', 'active', 7)")
    bring_up_to_date(txn)
    txn.execute("SELECT status, version, unit, units, digest, published_at FROM huep_people")
    assert txn.fetchone() == ("active", 7, None, None, None, None)


def test_an_older_layout_is_brought_up_to_date(txn: Any) -> None:
    bring_up_to_date(txn)
    txn.execute("UPDATE huep_projection SET layout = 1, published_at = 5")
    txn.execute("ALTER TABLE huep_people DROP COLUMN full_name")
    assert not is_up_to_date(txn)
    bring_up_to_date(txn)
    txn.execute("SELECT full_name FROM huep_people")
    txn.execute("SELECT layout, published_at FROM huep_projection")
    assert txn.fetchone() == (LAYOUT, 5)
