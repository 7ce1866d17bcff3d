"""Whom a room was begun with: written down once, so that requests at the same moment cannot each bring somebody else.

The first who is invited says for ever what the room is: the service account makes it a room of many, anybody else a
direct message, of its maker and them. A count of members would be true when it was taken and false when the invitation
stands; the row is there or it is not, whichever process asks.
"""

from dataclasses import dataclass

from synapse.module_api import LoggingTransaction, ModuleApi


@dataclass(frozen=True)
class Pair:
    """With whom a room began."""

    maker: str
    first_invited: str

    def has(self, user_id: str) -> bool:
        """Whether this is one of the two."""
        return user_id in (self.maker, self.first_invited)


class FirstInvited:
    """The table `huep_first_invited` in Synapse's database."""

    def __init__(self, api: ModuleApi) -> None:
        self._api = api

    async def create(self) -> None:
        """Make the table where it is missing."""
        await self._api.run_db_interaction("huep_first_invited_create", create_table)

    async def settle(self, room_id: str, invitee: str) -> Pair:
        """The pair of this room; `invitee` is its first invited if there was none before.

        Of two requests at the same moment Synapse repeats the later one, which then finds the row of the earlier.

        Raises:
            Exception: whatever the database says when the table is missing or out of reach.
        """
        return await self._api.run_db_interaction("huep_first_invited_settle", settle, room_id, invitee)


def create_table(txn: LoggingTransaction) -> None:
    """Where it is missing; one process does this."""
    txn.execute("CREATE TABLE IF NOT EXISTS huep_first_invited (room_id TEXT PRIMARY KEY, user_id TEXT NOT NULL)")


def settle(txn: LoggingTransaction, room_id: str, invitee: str) -> Pair:
    """In a room from before the table, whoever was first invited beside its maker; see `FirstInvited.settle`."""
    txn.execute(
        """
        INSERT INTO huep_first_invited (room_id, user_id)
        SELECT room_id, COALESCE(
            (SELECT member.user_id FROM room_memberships AS member
                WHERE member.room_id = rooms.room_id AND member.user_id <> rooms.creator
                    AND member.membership IN ('invite', 'join')
                ORDER BY member.event_stream_ordering LIMIT 1),
            ?)
        FROM rooms
        WHERE room_id = ? AND NOT EXISTS (SELECT FROM huep_first_invited AS known WHERE known.room_id = rooms.room_id)
        ON CONFLICT DO NOTHING
        """,
        (invitee, room_id),
    )
    txn.execute(
        "SELECT creator, user_id FROM huep_first_invited JOIN rooms USING (room_id) WHERE room_id = ?", (room_id,)
    )
    row = txn.fetchone()
    return Pair(str(row[0]), str(row[1])) if row else Pair("", "")
