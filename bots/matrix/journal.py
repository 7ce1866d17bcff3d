"""What a device remembers between two starts of how far it has read.

All of it is written with the device's keys by one flush. After a crash the same sync comes again, and whoever was
handed its events knows them by their `handling_id`.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import TypeVar

from bots.matrix.progress import Gap, Kept, OpenInvite, Progress, WaitingEvent
from bots.matrix.store.shelf import Kind
from bots.matrix.store.vault import Vault

Entry = TypeVar("Entry", WaitingEvent, Gap, OpenInvite)


class Journal:
    """`Keeping` over a vault; nothing is kept before the vault is flushed. Making it reads, and so blocks."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._token = next((content.decode() for content in vault.read(Kind.TOKEN)), None)
        waiting = [WaitingEvent(**json.loads(row)) for row in vault.read(Kind.WAITING)]
        gaps = [Gap(**json.loads(row)) for row in vault.read(Kind.GAP)]
        invites = [OpenInvite(**json.loads(row)) for row in vault.read(Kind.INVITE)]
        self._waiting = {event.event_id: event for event in waiting}
        self._gaps = {gap.room_id: gap for gap in gaps}
        self._invites = {invite.room_id: invite for invite in invites}

    def kept(self) -> Kept:
        """What this start and earlier ones have left."""
        waiting = sorted(self._waiting.values(), key=lambda event: (event.since_ms, event.event_id))
        return Kept(self._token, tuple(waiting), tuple(self._gaps.values()), tuple(self._invites.values()))

    async def advance(self, progress: Progress) -> None:
        """Note all of `progress`; the next flush writes it as a whole."""
        self.note(progress)

    def note(self, progress: Progress) -> None:
        """As `advance`, outside an event loop."""
        self._token = progress.token
        self._vault.put(Kind.TOKEN, (), progress.token.encode())
        waiting = {event.event_id: event for event in progress.waiting}
        self._note(Kind.WAITING, self._waiting, waiting, progress.no_longer_waiting)
        self._note(Kind.GAP, self._gaps, {gap.room_id: gap for gap in progress.gaps}, progress.filled)
        invites = {invite.room_id: invite for invite in progress.invites}
        self._note(Kind.INVITE, self._invites, invites, progress.settled)

    def _note(self, kind: Kind, kept: dict[str, Entry], new: dict[str, Entry], gone: Iterable[str]) -> None:
        for name, entry in new.items():
            kept[name] = entry
            self._vault.put(kind, (name,), json.dumps(asdict(entry)).encode())
        for name in gone:
            if kept.pop(name, None) is not None:
                self._vault.drop(kind, (name,))
