"""Invitations: told again, restart or not, until somebody has accepted or turned them down.

What was said to us since one came is found by its record, so that is kept until a sync shows what became of it.
"""

from collections.abc import Iterable

from bots.matrix.port import Invite
from bots.matrix.progress import OpenInvite
from bots.matrix.signing import Json
from bots.matrix.sync_answer import invite_to, section

INVITE_PAUSE_MS = 20_000
"""How long an invitation rests that could not be decided on; then it stands in a batch again."""


class Invites:
    """Those of which no sync has shown the end, by room."""

    def __init__(self, kept: Iterable[OpenInvite]) -> None:
        self._open = {invite.room_id: invite for invite in kept}
        self._told_at_ms: dict[str, int] = {}
        self._dealt_with: set[str] = set()
        self._settled: dict[str, None] = {}

    def take_in(self, rooms: Json, user_id: str, since: str | None) -> tuple[OpenInvite, ...]:
        """What a sync from token `since` says of invitations; returns the new ones."""
        for room_id in (*section(rooms, "join"), *section(rooms, "leave")):
            self._forget(room_id)
        new = []
        for room_id, room in section(rooms, "invite").items():
            if (invite := invite_to(room_id, section(room), user_id)) is not None:
                self._open[room_id] = OpenInvite(room_id, invite.inviter, since)
                self._told_at_ms.pop(room_id, None)
                self._settled.pop(room_id, None)
                self._dealt_with.discard(room_id)
                new.append(self._open[room_id])
        return tuple(new)

    def __contains__(self, room_id: str) -> bool:
        return room_id in self._open

    def by(self, user_id: str) -> tuple[str, ...]:
        """The rooms into which this user asks us."""
        return tuple(invite.room_id for invite in self._open.values() if invite.inviter == user_id)

    def due(self, now_ms: int) -> tuple[Invite, ...]:
        """Those that nobody has settled, each again after a rest."""
        due = [self._open[room_id] for room_id in self._untouched() if self._moment_ms(room_id) <= now_ms]
        self._told_at_ms |= {invite.room_id: now_ms for invite in due}
        return tuple(Invite(invite.room_id, invite.inviter) for invite in due)

    def next_moment_ms(self) -> int | None:
        """When the next of them is due; None where none is open."""
        return min(map(self._moment_ms, self._untouched()), default=None)

    def since(self, room_id: str) -> str | None:
        """The token behind which everything lies that was said to us in a room."""
        invite = self._open.get(room_id)
        return None if invite is None else invite.since

    def settle(self, room_id: str) -> None:
        """Somebody sees to it: it is not told again, unless a restart comes before a sync that shows its end."""
        if room_id in self._open:
            self._dealt_with.add(room_id)

    @property
    def settled(self) -> tuple[str, ...]:
        """The rooms whose invitation a sync has shown the end of, and that still stands in what is kept."""
        return tuple(self._settled)

    def forget_settled(self, room_ids: tuple[str, ...]) -> None:
        """It was kept that these are settled."""
        for room_id in room_ids:
            self._settled.pop(room_id, None)

    def _forget(self, room_id: str) -> None:
        if self._open.pop(room_id, None) is not None:
            self._told_at_ms.pop(room_id, None)
            self._dealt_with.discard(room_id)
            self._settled[room_id] = None

    def _untouched(self) -> list[str]:
        return [room_id for room_id in self._open if room_id not in self._dealt_with]

    def _moment_ms(self, room_id: str) -> int:
        return self._told_at_ms.get(room_id, -INVITE_PAUSE_MS) + INVITE_PAUSE_MS
