"""Who was missing from the last accepted snapshots, and since when: counted on with each that is accepted.

All functions take a connection of `Role.HR` in a transaction of the caller's.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from hr_provisioner.current import Missing
from hr_provisioner.snapshots.presence import Presence
from hr_provisioner.snapshots.shape import Shape
from hr_provisioner.snapshots.store import last_accepted
from hr_provisioner.tables import missing
from huep.database import among
from huep.directory.model import PersonKey
from huep.directory.tables import accounts


def missing_people(connection: Connection) -> dict[PersonKey, Missing]:
    """Everybody who was missing from the last accepted snapshot, and since when."""
    query = select(missing.c.person_key, missing.c.first_missed_at, missing.c.snapshots)
    return {key: Missing(first_missed_at, count) for key, first_missed_at, count in connection.execute(query)}


def missing_if_accepted(
    connection: Connection, shape: Shape, presence: Presence, now: datetime
) -> dict[PersonKey, Missing]:
    """As `missing_people` will be once a snapshot of this shape is accepted; nothing is written."""
    before = missing_people(connection)
    last = last_accepted(connection, shape.source)
    if last is not None and last.identity == shape.identity:
        return before
    return _missing_after(connection, before, presence, now)


def count_missing(connection: Connection, snapshot_id: UUID, presence: Presence, now: datetime) -> None:
    """Everybody with an open account whom the snapshot, accepted just now, does not mention is missing once more."""
    before = missing_people(connection)
    after = _missing_after(connection, before, presence, now)
    if found := before.keys() - after.keys():
        connection.execute(delete(missing).where(among(missing.c.person_key, found)))
    changed = [
        {
            "person_key": key,
            "first_missed_at": one.first_missed_at,
            "snapshots": one.snapshots,
            "last_snapshot_id": snapshot_id,
        }
        for key, one in sorted(after.items())
        if one != before.get(key)
    ]
    if changed:
        statement = upsert(missing)
        new = {name: statement.excluded[name] for name in ("snapshots", "last_snapshot_id")}
        connection.execute(statement.on_conflict_do_update(index_elements=[missing.c.person_key], set_=new), changed)


def _missing_after(
    connection: Connection, before: Mapping[PersonKey, Missing], presence: Presence, now: datetime
) -> dict[PersonKey, Missing]:
    # Who is locked has nothing to lose by absence, and begins anew when the account opens again.
    left_out = presence.missed | presence.doubtful
    query = select(accounts.c.person_key).where(accounts.c.locked.is_(False), among(accounts.c.person_key, left_out))
    after: dict[PersonKey, Missing] = {}
    for key in connection.execute(query).scalars() if left_out else ():
        known = before.get(key)
        if key in presence.missed:
            after[key] = Missing(known.first_missed_at, known.snapshots + 1) if known else Missing(now, 1)
        elif known is not None:
            after[key] = known
    return after
