"""The tables of units and their rooms, as the rooms are made and kept up from them.

Every function that takes a connection belongs to its caller's transaction.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from hr_provisioner.records import UnitRecord
from hr_provisioner.rooms.life import units_on
from hr_provisioner.rooms.looks import Look, Purpose, Room, UnitRooms
from huep.directory.model import UnitKind
from huep.directory.tables import memberships, unit_periods, unit_rooms
from huep.synapse_admin import JoinRule


def read_rooms(engine: Engine) -> dict[str, UnitRooms]:
    """Rooms by unit code."""
    with engine.connect() as connection:
        return rooms_in(connection)


def rooms_in(connection: Connection) -> dict[str, UnitRooms]:
    """Rooms by unit code."""
    found: dict[str, dict[Purpose, Room]] = {}
    for row in connection.execute(select(unit_rooms)):
        look = Look(
            row.room_name,
            row.topic,
            row.parent_id,
            JoinRule(row.join_rule) if row.join_rule else None,
            frozenset(row.moderators.split()),
            row.closed_on,
            tuple(row.replaced_by.split()),
        )
        found.setdefault(row.unit_code, {})[Purpose(row.purpose)] = Room(row.room_id, look)
    return {code: UnitRooms(by_purpose) for code, by_purpose in found.items()}


def read_units(connection: Connection, today: date) -> dict[str, UnitRecord]:
    """Units by code, each as it is on `today`, or was at its end."""
    u = unit_periods.c
    query = select(
        u.unit_code, u.name, u.short_name, u.kind, u.level, u.parent_code, u.valid_from, u.valid_to, u.successors
    )
    periods = (
        UnitRecord(code, name, short_name, UnitKind(kind), level, parent, start, end, tuple(successors.split()))
        for code, name, short_name, kind, level, parent, start, end, successors in connection.execute(query)
    )
    return units_on(periods, today)


def write_rooms(connection: Connection, rooms: Mapping[str, UnitRooms]) -> None:
    """What rooms of these units have and look like now; another room takes the place of the one before."""
    rows = [_row(code, purpose, room) for code, unit in rooms.items() for purpose, room in unit.by_purpose.items()]
    if not rows:
        return
    statement = upsert(unit_rooms)
    key = ("unit_code", "purpose")
    written = {column.name: statement.excluded[column.name] for column in unit_rooms.columns if column.name not in key}
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=written), rows)


def keep_members(connection: Connection, room_ids: Iterable[str]) -> None:
    """Nobody enters or leaves these rooms any more, for they are closed: whoever waited to leave stays and reads on."""
    rows = [{"at": room_id} for room_id in room_ids]
    if not rows:
        return
    m = memberships.c
    here = (m.room_id == bindparam("at"), ~m.done)
    connection.execute(delete(memberships).where(*here, m.wanted), rows)
    connection.execute(
        update(memberships).where(*here, ~m.wanted, m.due_on.is_not(None)).values(wanted=True, done=True, due_on=None),
        rows,
    )


def _row(code: str, purpose: Purpose, room: Room) -> dict[str, Any]:
    look = room.look
    return {
        "unit_code": code,
        "purpose": purpose.value,
        "room_id": room.id,
        "moderators": " ".join(sorted(look.moderators)),
        "room_name": look.name,
        "topic": look.topic,
        "parent_id": look.parent,
        "join_rule": look.join_rule.value if look.join_rule else None,
        "closed_on": look.closed_on,
        "replaced_by": " ".join(look.successors),
    }
