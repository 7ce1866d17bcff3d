"""A newsroom over a real PostgreSQL, whose announcements stand in the real ledger."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from bots.broadcasts.ledger.ledger import Ledger
from bots.broadcasts.model import Draft, State, Wanted
from bots.broadcasts.news.model import AudienceNotUnderstood
from bots.broadcasts.news.newsroom import Newsroom
from bots.matrix.port import Text
from bots.runtime.preferences import DatabasePreferences
from bots.runtime.replies import said
from bots.runtime.tools import Tools
from bots.sealing import Seal
from bots.testing.clock import MovableClock
from bots.testing.province import SERVER, SmallDirectory, small_province
from huep.broadcasts_settings import BroadcastsSettings
from huep.directory.audience import Audience
from huep.directory.model import Person, PersonKey
from huep.state import SecretMissing
from tests.conftest import Databases

MOMENT = datetime(2026, 6, 15, 1, 30, tzinfo=UTC)
ROOM = "!tin:hue.localhost"
OPERATORS = "!van-hanh:hue.localhost"


@dataclass
class Desk:
    """Everything around a newsroom."""

    room: Newsroom
    tools: Tools
    ledger: Ledger
    clock: MovableClock
    directory: SmallDirectory
    secrets: dict[str, str]
    understood: list[str] = field(default_factory=list)
    """The words of audiences that were asked for, in order."""
    refuses: list[Exception] = field(default_factory=list)
    """What the next announcements fail with, once each."""

    @property
    def announced(self) -> list[Draft]:
        """In order."""
        return [broadcast.draft for broadcast in self._all()]

    @property
    def titles(self) -> list[str]:
        return [draft.content.body.partition("\n")[0] for draft in self.announced]

    @property
    def approvers(self) -> list[PersonKey | None]:
        return [broadcast.approver for broadcast in self._all()]

    def posted(self, room_id: str) -> int:
        """How many messages lie in the outbox for a room."""
        with self.tools.engine.connect() as connection:
            bot = self.tools.bot
            found = text("select count(*) from bots.outbox where bot = :bot and room_id = :room_id")
            return int(connection.execute(found, {"bot": bot, "room_id": room_id}).scalar_one())

    def announce(self, connection: Connection, draft: Draft, approver: PersonKey | None) -> int:
        number = self.ledger.put(connection, draft, State.SENT if approver is None else State.AWAITING, approver)
        self.tools.outbox.put(connection, {f"broadcast {number}": said(ROOM, Text(draft.content.body))})
        if self.refuses:
            raise self.refuses.pop(0)
        return number

    def read_secret(self, name: str) -> str:
        if name not in self.secrets:
            raise SecretMissing(f"The secret {name} cannot be read.")
        return self.secrets[name]

    def _all(self) -> Any:
        return tuple(reversed(self.ledger.recent(most=1_000)))


def understand(words: str, person: Person) -> Wanted:
    if words == "không ai hiểu":
        raise AudienceNotUnderstood(words)
    return Wanted(Audience(frozenset({person.posts[0].unit_code})), words)


MakeDesk = Callable[..., Desk]


@pytest.fixture
def desk_of(databases: Databases, engine: Engine, bot: str) -> MakeDesk:
    """Makes the newsroom of some sources; made again with the same database it has been restarted."""
    clock, directory = MovableClock(MOMENT), small_province().on(SERVER, "")
    secrets: dict[str, str] = {}

    def make(**sources: Any) -> Desk:
        settings = databases.settings.model_copy(
            update={
                "server_name": SERVER,
                "broadcasts": BroadcastsSettings(**sources),
                "bots": databases.settings.bots.model_copy(update={"operators_room": OPERATORS}),
            }
        )
        seal, user_id = Seal(b"a secret of the tests"), f"@{bot}:{SERVER}"
        preferences = DatabasePreferences(engine)

        def read_secret(name: str) -> str:
            return desk.read_secret(name)

        tools = Tools(settings, engine, directory, preferences, clock, user_id, seal, bot, read_secret)

        def announce(connection: Connection, draft: Draft, approver: PersonKey | None) -> int:
            return desk.announce(connection, draft, approver)

        def counted(words: str, person: Person) -> Wanted:
            desk.understood.append(words)
            return understand(words, person)

        room = Newsroom(tools, announce, counted, look_every_s=0.05)
        desk = Desk(room, tools, Ledger(engine, bot, seal, directory, clock), clock, directory, secrets)
        return desk

    return make
