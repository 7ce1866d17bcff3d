"""What the register wants of memberships, written into `register.memberships` for the joins to work off."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from hr_provisioner.current import Current
from hr_provisioner.directory.reader import read_current
from hr_provisioner.rooms import life as room_life
from hr_provisioner.rooms import membership
from hr_provisioner.rooms.life import Scene
from hr_provisioner.rooms.looks import Purpose
from hr_provisioner.rooms.membership import Changes, Known, Membership
from hr_provisioner.rooms.store import read_units, rooms_in
from huep.directory.tables import memberships
from huep.names import localpart_of
from huep.settings import Settings


def read_directory(connection: Connection, today: date) -> Current:
    """The directory with its units as they are today: rooms do not follow what is only announced."""
    units = read_units(connection, today)
    return replace(read_current(connection, today), units=tuple(units.values()))


def read_scene(connection: Connection, settings: Settings, today: date) -> tuple[Current, Scene]:
    """The directory, and what all rooms must be like by it."""
    current, rooms = read_directory(connection, today), settings.rooms
    homes = membership.homes(current, rooms.deepest_level, today)
    scene = Scene(
        current.unit_by_code,
        today,
        rooms.deepest_level,
        rooms.public_above,
        room_life.moderators(current, today),
        membership.sizes(homes),
        settings.accounts.announcers,
    )
    return current, scene


def write_down(
    connection: Connection,
    settings: Settings,
    today: Callable[[], date],
    *,
    urgent: Collection[str],
    seen: Collection[str] | None,
) -> Changes:
    """Write down who is wanted in which of the rooms that are open, in the caller's transaction.

    Services that announce are wanted in every open announcement room, whoever has logged in.

    Args:
        connection: of `Role.HR`.
        settings: names the server, says how long the grace is and how deep units have rooms.
        today: asked once the table is locked.
        urgent: localparts to serve first.
        seen: localparts of those who have logged in; only they, and whoever is in some room already, are wanted
            anywhere. None where everybody is.
    """
    # The directory is read behind the lock: an older reading would take back what an apply wrote meanwhile.
    connection.execute(text("lock table register.memberships in share row exclusive mode"))
    day = today()
    current = read_directory(connection, day)
    standing = [(code, unit.ids) for code, unit in rooms_in(connection).items() if not unit.closed]
    rooms = {code: tuple(ids.values()) for code, ids in standing}
    announcing = [ids[Purpose.ANNOUNCEMENTS] for _, ids in standing if Purpose.ANNOUNCEMENTS in ids]
    known = _read_known(connection)
    homes = membership.homes(current, settings.rooms.deepest_level, day)
    if seen is not None:
        here = membership.arrived(seen, known)
        homes = {localpart: units for localpart, units in homes.items() if localpart in here}
    open_rooms = frozenset(room_id for ids in rooms.values() for room_id in ids)
    leave_on = day + timedelta(days=settings.rooms.grace_days)
    wanted = membership.desired(homes, rooms) | membership.services(settings.accounts.announcers, announcing)
    changes = membership.changes(wanted, known, open_rooms, leave_on)
    _write(connection, settings, changes, urgent)
    return changes


def _read_known(connection: Connection) -> dict[Membership, Known]:
    m = memberships.c
    query = select(m.room_id, m.user_id, m.wanted, m.done)
    return {
        (room_id, localpart_of(user_id)): Known(wanted, done)
        for room_id, user_id, wanted, done in connection.execute(query)
    }


def _write(connection: Connection, settings: Settings, changes: Changes, urgent: Collection[str]) -> None:
    def row(member: Membership, due_on: date | None, *, wanted: bool) -> dict[str, Any]:
        room_id, localpart = member
        return {
            "room_id": room_id,
            "user_id": settings.user_id(localpart),
            "wanted": wanted,
            "done": False,
            "urgent": localpart in urgent,
            "due_on": due_on,
        }

    rows = [row(member, None, wanted=True) for member in changes.joins]
    rows += [row(member, due_on, wanted=False) for member, due_on in changes.leaves.items()]
    if rows:
        statement = upsert(memberships)
        written = {name: statement.excluded[name] for name in ("wanted", "done", "urgent", "due_on")}
        connection.execute(statement.on_conflict_do_update(index_elements=["room_id", "user_id"], set_=written), rows)
    if urgent:
        of = [{"of": settings.user_id(localpart)} for localpart in urgent]
        mine = (memberships.c.user_id == bindparam("of"), ~memberships.c.done)
        connection.execute(update(memberships).where(*mine).values(urgent=True), of)
