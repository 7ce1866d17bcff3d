"""A bot at its desk: people say something, and what follows is committed and sent, in memory."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry

from bots.assistant.commands import assistant_router
from bots.assistant.service import AssistantService
from bots.matrix.port import Event, File, MediaFile, Reaction, RoomView, TextMessage
from bots.matrix.trust import Origin
from bots.runtime.access import Access
from bots.runtime.dispatcher import CommandDispatcher, Hearer
from bots.runtime.metrics import CommandMetrics
from bots.runtime.outcome import Outcome, Outgoing
from bots.runtime.router import Router
from bots.testing.province import SERVER, SmallDialogs, SmallDirectory, SmallPreferences, small_province

BOT = f"@tro-ly:{SERVER}"
ROOM = "!phong"
MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""Eight o'clock on a Monday in the province."""


class Notices:
    """Stands where writes expect a connection: all but notices keep what they write in memory."""

    def __init__(self) -> None:
        self.wanted: list[dict[str, Any]] = []

    def execute(self, _statement: object, values: dict[str, Any]) -> None:
        self.wanted.append(values)


class Desk:
    """One bot, and a clock that stands still unless it is moved.

    Args:
        router: of the bot; the assistant's where none is given.
        directory: whom it knows.
        hearer: what it hears beside its commands.
        in_private: whether it takes commands in rooms of two alone.
    """

    def __init__(
        self,
        router: Router | None = None,
        directory: SmallDirectory | None = None,
        hearer: Hearer | None = None,
        *,
        in_private: bool = False,
    ) -> None:
        self.hearer = hearer
        self.in_private = in_private
        self.directory = directory or small_province()
        self.preferences = SmallPreferences()
        self.dialogs = SmallDialogs()
        self.registry = CollectorRegistry()
        self.metrics = CommandMetrics(self.registry)
        self.now = MORNING
        self.sent: list[Outgoing] = []
        self.writes = 0
        self._causes: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self.router = router or assistant_router(AssistantService(self.directory), self.preferences)
        self.members = frozenset({BOT, "@ai-do"})
        self.restart()

    def restart(self) -> None:
        """The process ends, and another begins: it knows what was kept and nothing else."""
        self.dispatcher = CommandDispatcher(
            "tro-ly",
            self.router,
            Access(self.directory, self.preferences),
            self.preferences,
            self.dialogs,
            self,
            self.metrics,
            lambda: self.now,
            self.hearer,
            in_private=self.in_private,
        )

        self.notices = Notices()

    def is_ours(self, room_id: str, event_id: str) -> bool:
        return event_id in self._causes

    def is_answer_to(self, room_id: str, event_id: str, cause: str) -> bool:
        return self._causes.get(event_id) == cause

    async def says(self, who: str, body: str, **changes: Any) -> str:
        """What the bot answers to the text; nothing where it stays silent."""
        return await self.takes(self.text(who, body, **changes))

    async def reacts(self, who: str, key: str, target: str | None = None) -> str:
        """What the bot answers to a reaction, set to its last message unless it is said to which."""
        values = self._common(who) | {"origin": Origin.PLAIN}
        return await self.takes(Reaction(**values, target=target or self.last_event, key=key))

    async def shows(self, who: str, name: str, **changes: Any) -> str:
        """What the bot answers to a file."""
        file = MediaFile(f"mxc://{SERVER}/{name}", kind="image/png")
        return await self.takes(File(**(self._common(who) | {"body": name, "name": name, "file": file} | changes)))

    def text(self, who: str, body: str, **changes: Any) -> TextMessage:
        return TextMessage(**(self._common(who) | {"body": body} | changes))

    async def takes(self, event: Event) -> str:
        outcome = await self.dispatcher.dispatch(event, RoomView(event.room_id, True, self.members))
        return self.commits(outcome, event.event_id)

    def commits(self, outcome: Outcome, cause: str) -> str:
        for write in outcome.writes:
            write(self.notices)  # type: ignore[arg-type]
        self.writes += len(outcome.writes)
        for message in outcome.outgoing:
            self.sent.append(message)
            self._causes[self.last_event] = cause
        return "\n".join(message.content["body"] for message in outcome.outgoing)

    def lets_time_pass(self, span: timedelta) -> None:
        self.now += span

    @property
    def last_event(self) -> str:
        """The event ID of what the bot sent last."""
        return f"$sent-{len(self.sent)}"

    def _common(self, who: str) -> dict[str, Any]:
        return {
            "room_id": ROOM,
            "event_id": f"$event-{next(self._numbers)}",
            "sender": f"@{who}:{SERVER}",
            "sent_at_ms": int(self.now.timestamp() * 1000),
            "origin": Origin.CROSS_SIGNED,
        }
