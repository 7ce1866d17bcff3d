"""What Synapse may know of the register: the tables `huep_people` and `huep_units`, kept in Synapse's own database.

The provisioner publishes into them through `account_lifecycle`; the other modules read them. Where they are missing or
stale, those who read them refuse what needs the register.
"""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from synapse.module_api import LoggingTransaction, ModuleApi

from synapse_modules.projection_layout import bring_up_to_date, is_up_to_date

STALE_AFTER = timedelta(hours=48)
"""Two nightly runs of the provisioner that did not happen."""
LEAVERS_HOLD_MS = 60_000
"""Every publication ends what is remembered of them, in all processes; this is for what changes without one."""
STAMPED_EVERY_MS = 10_000
"""Publications that run side by side would otherwise fail on each other's stamp, and be tried again."""

Value = str | int | Sequence[str] | None

STATUS = "CASE WHEN p.until <= extract(epoch FROM clock_timestamp()) * 1000 THEN 'left' ELSE p.status END"
"""Of `huep_people p`: a guest whose sponsorship has run out is gone, whether or not the provisioner says so."""


class RegisterStatus(StrEnum):
    """Where a person stands with the register."""

    ACTIVE = "active"
    LEFT = "left"


@dataclass(frozen=True)
class PublishedPerson:
    """One row of `huep_people`, or the part of it that changes."""

    localpart: str
    status: RegisterStatus
    details: Mapping[str, Value] = field(default_factory=dict)
    """By column: what is absent stays as it is, None clears."""
    digest: str | None = None
    """The publisher's own word for the whole row; forgotten by a publication that brings none."""


@dataclass(frozen=True)
class PublishedUnit:
    """One row of `huep_units`."""

    code: str
    name: str
    parent: str | None
    level: int
    """0 is the province."""
    hidden: bool
    """Whether people outside must not find it."""
    digest: str | None = None
    rooms: Sequence[str] = ()
    """IDs of its space and of the rooms in it."""


@dataclass(frozen=True)
class Reading:
    """What the projection says of some people, and how old it is."""

    statuses: Mapping[str, RegisterStatus]
    """Without those whom the register does not know."""
    published_at_ms: int | None
    """When anything was published last."""
    guests: Set[str] = frozenset()
    """Localparts of those among them who are guests: a leader sponsors them, no register lists them."""

    def is_stale(self, now_ms: int) -> bool:
        """Whether nothing was published for longer than `STALE_AFTER`."""
        return self.published_at_ms is None or now_ms - self.published_at_ms > STALE_AFTER.total_seconds() * 1000


@dataclass(frozen=True)
class Redemption:
    """An activation code that was used, of a person for whom it is still published."""

    localpart: str
    code_hash: str
    redeemed_at_ms: int


@dataclass(frozen=True)
class Published:
    """What was published before, in the publisher's own words."""

    people: Mapping[str, str | None]
    """Localpart to digest."""
    units: Mapping[str, str | None]
    """Code to digest."""
    published_at_ms: int | None
    redeemed: Sequence[Redemption] = ()
    """What the publisher does not know yet."""


class Publications:
    """Counts the publications that this process has heard of: its own, and by Synapse's replication all others'."""

    __name__ = "publications"
    """Synapse knows it by its module and this."""

    def __init__(self) -> None:
        self.heard = 0

    def invalidate(self, key: tuple[object, ...]) -> None:  # noqa: ARG002
        """Called by Synapse, as of a cache."""
        self.heard += 1


PUBLICATIONS = Publications()
"""Of this process, whoever publishes and whoever remembers."""


class PeopleProjection:
    """The tables, as those modules see them that write and read them."""

    def __init__(self, api: ModuleApi) -> None:
        self._api = api
        self._leavers: tuple[int, int, Reading] | None = None
        api.register_cached_function(PUBLICATIONS)  # type: ignore[arg-type]  # of a cache it needs just this much

    async def create(self) -> None:
        """Make the tables, or bring older ones up to date; safe when every worker does so at once."""
        await self._api.run_db_interaction("huep_people_create", bring_up_to_date)

    async def read(self, localparts: Collection[str]) -> Reading:
        """The statuses of these people.

        Raises:
            Exception: whatever the database says when a table is missing or out of reach.
        """
        return await self._api.run_db_interaction("huep_people_read", _read, list(localparts))

    async def leavers(self) -> Reading:
        """The statuses of all who have left, from memory: asked at every login, whoever logs in.

        Raises:
            Exception: whatever the database says when a table is missing or out of reach.
        """
        heard, now_ms = PUBLICATIONS.heard, self._api.get_current_time_msec()
        if self._leavers is None or self._leavers[0] != heard or now_ms - self._leavers[1] >= LEAVERS_HOLD_MS:
            self._leavers = heard, now_ms, await self._api.run_db_interaction("huep_people_left", _read_leavers)
        return self._leavers[2]

    async def published(self) -> Published:
        """The digests of all rows: for 60,000 people a few megabytes."""
        return await self._api.run_db_interaction("huep_people_published", _published)

    async def publish(
        self, people: Collection[PublishedPerson], units: Collection[PublishedUnit] = (), version: int | None = None
    ) -> int:
        """Write these rows; returns how many people were written. Without any, says only that nothing has changed.

        A row that was published under a higher version stays as it is. Without a version the rows are the newest.
        """
        now_ms = self._api.get_current_time_msec()
        written = await self._api.run_db_interaction(
            "huep_people_publish", _publish, list(people), list(units), version, now_ms
        )
        if written:
            await self._api.invalidate_cache(PUBLICATIONS, ())  # type: ignore[arg-type]
        return written


def _read(txn: LoggingTransaction, localparts: list[str]) -> Reading:
    txn.execute("SELECT published_at FROM huep_projection")
    row = txn.fetchone()
    txn.execute(
        f"SELECT p.localpart, {STATUS}, p.sponsor IS NOT NULL FROM huep_people p WHERE p.localpart = ANY(?)",  # noqa: S608
        (localparts,),
    )
    rows = [(str(who), RegisterStatus(status), guest) for who, status, guest in txn]
    guests = frozenset(who for who, _, guest in rows if guest)
    return Reading({who: status for who, status, _ in rows}, row[0] if row else None, guests)


def _read_leavers(txn: LoggingTransaction) -> Reading:
    txn.execute("SELECT published_at FROM huep_projection")
    row = txn.fetchone()
    txn.execute(
        f"SELECT p.localpart, p.sponsor IS NOT NULL FROM huep_people p WHERE {STATUS} = ?",  # noqa: S608
        (RegisterStatus.LEFT.value,),
    )
    left = {str(who): bool(guest) for who, guest in txn}
    guests = frozenset(who for who, guest in left.items() if guest)
    return Reading(dict.fromkeys(left, RegisterStatus.LEFT), row[0] if row else None, guests)


def _published(txn: LoggingTransaction) -> Published:
    txn.execute("SELECT published_at FROM huep_projection")
    row = txn.fetchone()
    txn.execute("SELECT localpart, digest FROM huep_people")
    people = {str(who): digest for who, digest in txn}
    txn.execute("SELECT code, digest FROM huep_units")
    units = {str(code): digest for code, digest in txn}
    txn.execute(
        "SELECT p.localpart, p.code_hash, r.redeemed_at FROM huep_redeemed_codes r JOIN huep_people p USING (code_hash)"
    )
    redeemed = [Redemption(*redemption) for redemption in txn]
    return Published(people, units, row[0] if row else None, redeemed)


def _publish(
    txn: LoggingTransaction,
    people: list[PublishedPerson],
    units: list[PublishedUnit],
    version: int | None,
    now_ms: int,
) -> int:
    if not is_up_to_date(txn):
        bring_up_to_date(txn)
    if version is None:
        txn.execute("SELECT COALESCE(MAX(version), 0) + 1 FROM huep_people")
        row = txn.fetchone()
        version = int(row[0]) if row else 1
    # Rows that bring the same columns are written by one statement; of two rows for one person the later counts.
    alike: dict[tuple[str, ...], dict[str, PublishedPerson]] = {}
    for person in {person.localpart: person for person in people}.values():
        alike.setdefault(tuple(sorted(person.details)), {})[person.localpart] = person
    written = 0
    for columns, group in alike.items():
        rows = [
            (
                person.localpart,
                person.status.value,
                person.digest,
                version,
                now_ms,
                *(_as_column(person.details[column]) for column in columns),
            )
            for person in group.values()
        ]
        statement = _upsert("huep_people", "localpart", ("status", "digest", "version", "published_at", *columns))
        written += len(txn.execute_values(statement, rows))
    if units:
        columns = ("name", "parent", "level", "hidden", "rooms", "digest", "version", "published_at")
        latest = {unit.code: unit for unit in units}
        unit_rows = [
            (
                unit.code,
                unit.name,
                unit.parent,
                unit.level,
                unit.hidden,
                list(unit.rooms),
                unit.digest,
                version,
                now_ms,
            )
            for unit in latest.values()
        ]
        txn.execute_values(_upsert("huep_units", "code", columns), unit_rows)
    if written or units or not people:
        txn.execute(
            "UPDATE huep_projection SET published_at = ? WHERE published_at IS NULL OR published_at < ?",
            (now_ms, now_ms - STAMPED_EVERY_MS),
        )
    return written


def _upsert(table: str, key: str, columns: Sequence[str]) -> str:
    # Table and columns are names from the code, never from a body.
    return f"""
        INSERT INTO {table} ({", ".join((key, *columns))}) VALUES ?
        ON CONFLICT ({key}) DO UPDATE SET {", ".join(f"{column} = excluded.{column}" for column in columns)}
        WHERE {table}.version <= excluded.version
        RETURNING {key}
    """  # noqa: S608


def _as_column(value: Value) -> str | int | list[str] | None:
    return value if value is None or isinstance(value, str | int) else list(value)
