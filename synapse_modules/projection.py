"""What Synapse may know of the register: the table `huep_people`, kept in Synapse's own database.

The provisioner publishes into it through `account_lifecycle`; the other modules read it. Where it is missing, those
who read it refuse what needs the register.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from synapse.module_api import LoggingTransaction, ModuleApi

_CREATION_LOCK = 0x48756550
"""Key of the advisory lock that keeps workers from creating the table at once ("HueP")."""

_CREATE = """
    CREATE TABLE IF NOT EXISTS huep_people (
        localpart TEXT PRIMARY KEY,
        status TEXT NOT NULL CHECK (status IN ('active', 'left')),
        version BIGINT NOT NULL
    )
"""

_UPSERT = """
    INSERT INTO huep_people (localpart, status, version) VALUES ?
    ON CONFLICT (localpart) DO UPDATE SET status = excluded.status, version = excluded.version
    WHERE huep_people.version <= excluded.version
    RETURNING localpart
"""


class RegisterStatus(StrEnum):
    """Where a person stands with the register."""

    ACTIVE = "active"
    LEFT = "left"


@dataclass(frozen=True)
class PublishedPerson:
    """One row of the projection."""

    localpart: str
    status: RegisterStatus


class PeopleProjection:
    """The table `huep_people`."""

    def __init__(self, api: ModuleApi) -> None:
        self._api = api

    async def create(self) -> None:
        """Make the table if it is not there; safe when every worker does so at once."""
        await self._api.run_db_interaction("huep_people_create", _create)

    async def status_of(self, localpart: str) -> RegisterStatus | None:
        """The status of one person; None for somebody whom the register does not know.

        Raises:
            Exception: whatever the database says when the table is missing or out of reach.
        """
        return await self._api.run_db_interaction("huep_people_status", _status_of, localpart)

    async def publish(self, people: Iterable[PublishedPerson], version: int | None) -> int:
        """Write these people; returns how many rows were written.

        A row that was published under a higher version stays as it is. Without a version the rows are the newest.
        """
        return await self._api.run_db_interaction("huep_people_publish", _publish, list(people), version)


def _create(txn: LoggingTransaction) -> None:
    txn.execute("SELECT pg_advisory_xact_lock(?)", (_CREATION_LOCK,))
    txn.execute(_CREATE)


def _status_of(txn: LoggingTransaction, localpart: str) -> RegisterStatus | None:
    txn.execute("SELECT status FROM huep_people WHERE localpart = ?", (localpart,))
    row = txn.fetchone()
    return RegisterStatus(row[0]) if row else None


def _publish(txn: LoggingTransaction, people: list[PublishedPerson], version: int | None) -> int:
    _create(txn)
    if version is None:
        txn.execute("SELECT COALESCE(MAX(version), 0) + 1 FROM huep_people")
        row = txn.fetchone()
        version = int(row[0]) if row else 1
    unique = {person.localpart: person.status.value for person in people}
    rows = [(localpart, status, version) for localpart, status in unique.items()]
    return len(txn.execute_values(_UPSERT, rows)) if rows else 0
