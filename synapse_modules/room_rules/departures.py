"""What no callback sees, read behind the events: who left a unit's room of their own will, and who invites the owner.

Synapse asks no spam checker about leaving, and its two callbacks that would see it (`check_event_allowed`,
`on_new_event`) make it load the whole state of a room for every event. So the changes of membership are read from
Synapse's own stream of them, a few seconds later, by one process.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from synapse.module_api import LoggingTransaction, ModuleApi

_BY_CLIENT = "(event_json.internal_metadata::json ->> 'device_id') IS NOT NULL"
"""A client's event carries its device; what the provisioner or an administrator does in a person's name has none."""

_STONE = """SELECT FROM current_state_events AS stone
    WHERE stone.room_id = {room} AND stone.type = 'm.room.tombstone' AND stone.state_key = ''"""
"""Rooms with a successor are over: who leaves those may."""


@dataclass(frozen=True)
class Departure:
    """Somebody who was put into a unit's room, and left it by a client of their own."""

    room_id: str
    user_id: str


@dataclass(frozen=True)
class Changes:
    """What happened since the last reading; what has been overtaken meanwhile is left out."""

    departures: Sequence[Departure]
    invitations: Sequence[str]
    """Rooms whose invitation waits for the service account."""


class MembershipStream:
    """Follows the stream; every change is told of twice, for writers beside each other may finish out of order."""

    def __init__(self, api: ModuleApi, owner: str, read_to: int) -> None:
        self._api = api
        self._owner = owner
        self._read_to = self._before = read_to

    @classmethod
    async def opened(cls, api: ModuleApi, owner: str) -> Self:
        """From now on."""
        return cls(api, owner, await api.run_db_interaction("huep_memberships_position", _position))

    async def read(self) -> Changes:
        """What happened since the reading before the last."""
        until, changes = await self._api.run_db_interaction(
            "huep_memberships_follow", _follow, self._owner, self._before
        )
        self._before, self._read_to = self._read_to, until
        return changes


async def open_departures(api: ModuleApi, owner: str, only: Departure | None = None) -> list[Departure]:
    """Everybody who was put into a unit's room and is out of it by their own will, however long ago; or `only` them.

    Who has been invited back and has not come in yet is out still.
    Recomputed from the memberships as they stand: for 200,000 that ended, a few seconds of one database connection.
    """
    return await api.run_db_interaction("huep_departures_find", _select_departures, owner, only)


async def waiting_invitations(api: ModuleApi, owner: str) -> list[str]:
    """Every room whose invitation waits for the service account, however old."""
    return await api.run_db_interaction("huep_invitations_find", _select_invitations, owner)


def _select_departures(txn: LoggingTransaction, owner: str, only: Departure | None) -> list[Departure]:
    txn.execute(
        f"""
        SELECT now.room_id, now.user_id
        FROM local_current_membership AS now
        JOIN rooms ON rooms.room_id = now.room_id
        JOIN events ON events.event_id = now.event_id
        JOIN event_json ON event_json.event_id = now.event_id
        WHERE rooms.creator = ? AND (
                (now.membership = 'leave' AND events.sender = now.user_id AND {_BY_CLIENT})
                OR (now.membership = 'invite' AND events.sender = rooms.creator)
            )
            AND NOT EXISTS ({_STONE.format(room="now.room_id")})
            {"" if only is None else "AND now.room_id = ? AND now.user_id = ?"}
        """,  # noqa: S608 - constants
        (owner, *(() if only is None else (only.room_id, only.user_id))),
    )
    found = [Departure(str(room_id), str(user_id)) for room_id, user_id in txn]
    return [departure for departure in found if _was_put_in(txn, departure.room_id, departure.user_id)]


def _select_invitations(txn: LoggingTransaction, owner: str) -> list[str]:
    txn.execute("SELECT room_id FROM local_current_membership WHERE user_id = ? AND membership = 'invite'", (owner,))
    return [str(room_id) for (room_id,) in txn]


def _position(txn: LoggingTransaction) -> int:
    txn.execute("SELECT COALESCE(max(stream_id), 0) FROM current_state_delta_stream")
    row = txn.fetchone()
    return int(row[0]) if row else 0


def _follow(txn: LoggingTransaction, owner: str, after: int) -> tuple[int, Changes]:
    until = _position(txn)
    if until <= after:
        return until, Changes((), ())
    txn.execute(
        f"""
        SELECT now.room_id, now.user_id, now.membership
        FROM current_state_delta_stream AS delta
        JOIN local_current_membership AS now
            ON now.room_id = delta.room_id AND now.user_id = delta.state_key AND now.event_id = delta.event_id
        JOIN rooms ON rooms.room_id = delta.room_id
        JOIN events ON events.event_id = delta.event_id
        JOIN event_json ON event_json.event_id = delta.event_id
        WHERE delta.stream_id > ? AND delta.stream_id <= ? AND delta.type = 'm.room.member' AND (
            (now.membership = 'invite' AND now.user_id = ?)
            OR (
                now.membership = 'leave' AND events.sender = now.user_id AND rooms.creator = ? AND {_BY_CLIENT}
                AND NOT EXISTS ({_STONE.format(room="delta.room_id")})
            )
        )
        ORDER BY delta.stream_id
        """,  # noqa: S608 - a constant
        (after, until, owner, owner),
    )
    rows = [(str(room_id), str(user_id), str(membership)) for room_id, user_id, membership in txn]
    return until, Changes(
        departures=[
            Departure(room_id, user_id)
            for room_id, user_id, membership in rows
            if membership == "leave" and _was_put_in(txn, room_id, user_id)
        ],
        invitations=[room_id for room_id, _, membership in rows if membership == "invite"],
    )


def _was_put_in(txn: LoggingTransaction, room_id: str, user_id: str) -> bool:
    """Whether the last that the server did about this membership was to put the person in.

    Who came in without it, into a public space out of curiosity, may go again. New names are no acts.
    """
    txn.execute(
        f"""
        SELECT membership = 'join' FROM (
            SELECT member.membership, member.event_stream_ordering, NOT {_BY_CLIENT} AS by_server,
                lag(member.membership) OVER (ORDER BY member.event_stream_ordering) AS before
            FROM room_memberships AS member JOIN event_json USING (event_id)
            WHERE member.room_id = ? AND member.user_id = ?
        ) AS acts
        WHERE by_server AND membership IN ('join', 'leave') AND membership IS DISTINCT FROM before
        ORDER BY event_stream_ordering DESC LIMIT 1
        """,  # noqa: S608 - a constant
        (room_id, user_id),
    )
    return txn.fetchone() == (True,)
