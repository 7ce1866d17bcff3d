"""Whose a code is and its one use, on a real PostgreSQL."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from huep.database import Role
from synapse_modules.activation.people import AccountShut, People
from synapse_modules.activation.rules import KnownPerson
from synapse_modules.projection import RegisterStatus
from synapse_modules.projection_layout import bring_up_to_date
from tests.synapse_modules.test_projection_layout import Transaction

NOW_MS, LATER_MS = 1_700_000_000_000, 1_800_000_000_000
HASH = "scrypt$n=4096,r=8,p=1$c2FsdA$aGFzaA"


class Database:
    """Plays a ModuleApi on one transaction."""

    def __init__(self, txn: Transaction) -> None:
        self.txn = txn

    def get_qualified_user_id(self, localpart: str) -> str:
        return f"@{localpart}:hue.localhost"

    async def run_db_interaction(self, desc: str, func: Callable[..., Any], *arguments: Any) -> Any:
        return func(self.txn, *arguments)


@pytest.fixture
def database(databases: Any) -> Iterator[Database]:
    engine = databases.engine(Role.OWNER)
    with engine.connect() as connection:
        txn = Transaction(connection)
        txn.execute("CREATE SCHEMA synapse_like")
        txn.execute("SET LOCAL search_path TO synapse_like")
        bring_up_to_date(txn)  # type: ignore[arg-type]
        txn.execute("CREATE TABLE passwords (localpart TEXT)")
        txn.execute("CREATE TABLE users (name TEXT, locked BOOLEAN DEFAULT FALSE, deactivated SMALLINT DEFAULT 0)")
        txn.execute("INSERT INTO users VALUES ('@an-k1:hue.localhost')")
        yield Database(txn)
        connection.rollback()
    engine.dispose()


@pytest.fixture
def people(database: Any) -> People:
    for row in (
        ("an-k1", "CB000001", "Nguyễn Văn An", "active", HASH, LATER_MS),
        ("binh-k2", "CB000002", "Lê Bình", "left", None, None),
        # An officer code that looks like somebody's account stands before it.
        ("chi-k3", "AN-K9", "Chi", "active", None, None),
        ("an-k9", None, "Người khác", "active", None, None),
    ):
        database.txn.execute(
            "INSERT INTO huep_people (localpart, officer_code, full_name, status, code_hash, code_expires_at, version) "
            "VALUES (?, ?, ?, ?, ?, ?, 1)",
            row,
        )
    return People(database)


async def an(people: People) -> KnownPerson:
    found = await people.find("CB000001")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("typed", "localpart"),
    [
        ("CB000001", "an-k1"),
        ("cb000001", "an-k1"),
        ("an-k1", "an-k1"),
        ("AN-K1", "an-k1"),
        ("an-k9", "chi-k3"),
        ("cb000002", "binh-k2"),
        ("CB00000", None),
        ("%", None),
        ("' OR 1=1 --", None),
    ],
)
async def test_a_person_is_found_by_officer_code_or_account(people: People, typed: str, localpart: str | None) -> None:
    found = await people.find(typed)
    assert (found.localpart if found else None) == localpart


async def test_what_is_known_of_a_person_is_read_with_the_code(people: People) -> None:
    found = await an(people)
    assert (found.full_name, found.status) == ("Nguyễn Văn An", RegisterStatus.ACTIVE)
    assert found.code is not None
    assert (found.code.code_hash, found.code.used_at) == (HASH, None)
    assert found.code.expires_at.timestamp() * 1000 == LATER_MS
    without = await people.find("CB000002")
    assert without is not None and (without.status, without.code) == (RegisterStatus.LEFT, None)


def storing(database: Any) -> Callable[[Any], None]:
    return lambda txn: txn.execute("INSERT INTO passwords VALUES ('an-k1')")


def stored(database: Any) -> int:
    database.txn.execute("SELECT count(*) FROM passwords")
    return int(database.txn.fetchone()[0])


async def test_a_code_is_redeemed_once_and_known_as_used(people: People, database: Any) -> None:
    assert await people.redeem(await an(people), HASH, NOW_MS, storing(database))
    used = (await an(people)).code
    assert used is not None and used.used_at is not None and used.used_at.timestamp() * 1000 == NOW_MS
    assert not await people.redeem(await an(people), HASH, NOW_MS + 1, storing(database))
    assert stored(database) == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE huep_people SET code_hash = NULL",
        "UPDATE huep_people SET code_hash = 'another'",
        "UPDATE huep_people SET status = 'left'",
        f"UPDATE huep_people SET code_expires_at = {NOW_MS}",
        "DELETE FROM huep_people",
    ],
)
async def test_what_was_revoked_meanwhile_stores_nothing(people: People, database: Any, change: str) -> None:
    person = await an(people)
    database.txn.execute(change)
    assert not await people.redeem(person, HASH, NOW_MS, storing(database))
    assert stored(database) == 0


@pytest.mark.parametrize(
    "change",
    ["UPDATE users SET locked = TRUE", "UPDATE users SET deactivated = 1", "DELETE FROM users"],
)
async def test_an_account_that_was_shut_meanwhile_gets_no_password(people: People, database: Any, change: str) -> None:
    person = await an(people)
    database.txn.execute(change)
    with pytest.raises(AccountShut):
        await people.redeem(person, HASH, NOW_MS, storing(database))
    assert stored(database) == 0
    assert (await an(people)).code == person.code


async def test_a_hash_that_is_published_once_more_opens_nothing(people: People, database: Any) -> None:
    assert await people.redeem(await an(people), HASH, NOW_MS, storing(database))
    for change in ("UPDATE huep_people SET code_hash = NULL", f"UPDATE huep_people SET code_hash = '{HASH}'"):
        database.txn.execute(change)
    assert not await people.redeem(await an(people), HASH, NOW_MS, storing(database))
