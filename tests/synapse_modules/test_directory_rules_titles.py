"""Position and unit in the profiles, on a real PostgreSQL: what differs is put back, and nothing else is written."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from huep.database import Role
from synapse_modules.directory_rules.titles import POSITION_FIELD, UNIT_FIELD, _put_back
from synapse_modules.projection_layout import bring_up_to_date
from tests.synapse_modules.test_projection_layout import Transaction

RIGHT = {POSITION_FIELD: "Chuyên viên", UNIT_FIELD: "Sở Y tế"}


class Counting(Transaction):
    @property
    def rowcount(self) -> int:
        return int(self._cursor.rowcount)


@pytest.fixture
def txn(databases: Any) -> Iterator[Any]:
    engine = databases.engine(Role.OWNER)
    with engine.connect() as connection:
        transaction = Counting(connection)
        transaction.execute("CREATE SCHEMA synapse_like")
        transaction.execute("SET LOCAL search_path TO synapse_like")
        bring_up_to_date(transaction)  # type: ignore[arg-type]
        transaction.execute("CREATE TABLE profiles (user_id TEXT PRIMARY KEY, fields JSONB)")
        for code, hidden in (("SYT", False), ("TT", True), ("NB", False)):
            transaction.execute(
                "INSERT INTO huep_units (code, name, level, hidden, version, published_at) VALUES (?, 'Sở Y tế', 1, ?, 1, 1)",
                (code, hidden),
            )
        for localpart, unit, position in (
            ("an", "SYT", "Chuyên viên"),
            ("thanh-tra", "TT", "Thanh tra"),
            ("noi-bo", "NB", "Cơ yếu"),
            ("khong", None, None),
        ):
            transaction.execute(
                "INSERT INTO huep_people (localpart, status, version, unit, units, position) VALUES (?, 'active', 1, ?, ?, ?)",
                (localpart, unit, None if unit is None else ["TINH", unit], position),
            )
        yield transaction
        connection.rollback()
    engine.dispose()


def put_back(txn: Any, profiles: dict[str, Any], among: list[str] | None = None) -> tuple[int, dict[str, Any]]:
    txn.execute("DELETE FROM profiles")
    for user_id, fields in profiles.items():
        txn.execute("INSERT INTO profiles VALUES (?, ?)", (user_id, None if fields is None else json.dumps(fields)))
    written = _put_back(txn, ["NB"], among)
    txn.execute("SELECT jsonb_object_agg(user_id, fields) FROM profiles")
    return written, txn.fetchone()[0]


@pytest.mark.parametrize(
    ("localpart", "before", "after"),
    [
        ("an", None, RIGHT),
        ("an", {}, RIGHT),
        ("an", {POSITION_FIELD: "Chủ tịch", "own": 1}, {**RIGHT, "own": 1}),
        ("an", {**RIGHT, POSITION_FIELD: None}, RIGHT),
        ("an", {**RIGHT, UNIT_FIELD: ["Sở Y tế"]}, RIGHT),
        ("thanh-tra", {POSITION_FIELD: "Thanh tra"}, None),
        ("noi-bo", {**RIGHT, "own": "x"}, {"own": "x"}),
        ("khong", {UNIT_FIELD: "UBND"}, None),
        ("huep", {POSITION_FIELD: "Chủ tịch"}, None),
        ("nobody-of-the-register", {POSITION_FIELD: "Chủ tịch", "own": {"a": 1}}, {"own": {"a": 1}}),
        ("nobody-of-the-register", {POSITION_FIELD: None}, None),
    ],
)
def test_what_differs_is_put_back_also_where_the_register_knows_nobody(
    txn: Any, localpart: str, before: Any, after: Any
) -> None:
    assert put_back(txn, {localpart: before}) == (1, {localpart: after})


def test_where_nothing_differs_nothing_is_written(txn: Any) -> None:
    right = {"an": {**RIGHT, "own": 1}, "thanh-tra": {"own": 1}, "noi-bo": None, "khong": None, "outsider": {"own": 1}}
    assert put_back(txn, right) == (0, right)


def test_for_one_person_nobody_else_is_looked_at(txn: Any) -> None:
    wrong = {POSITION_FIELD: "Chủ tịch"}
    assert put_back(txn, {"an": wrong, "outsider": wrong}, ["outsider"]) == (1, {"an": wrong, "outsider": None})
