"""A ledger on a real PostgreSQL, over the small province in memory, whose announcement rooms are open.

Văn phòng Sở lies too deep in it for a room of its own.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from bots.broadcasts.ledger import Ledger
from bots.broadcasts.model import Author, Content, Draft, Level, Means, State, Wanted
from bots.sealing import Seal
from bots.testing.province import UNITS, SmallDirectory, small_province
from huep import audit
from huep.directory.audience import Audience
from huep.directory.model import Person
from tests.bots.running import SEAL

BEGIN = datetime(2026, 6, 15, 1, tzinfo=UTC)
"""08:00 in the province."""
ROOMS = {"HUE": "!hue", "SNV": "!snv", "SNV-TC": "!tc", "VYDA": "!vyda"}
EVERYBODY = Audience()


@dataclass
class Book:
    """A ledger with the means to fill it."""

    engine: Engine
    bot: str
    directory: SmallDirectory
    at: datetime = BEGIN
    deepest_level: int = 2
    seal: Seal = SEAL

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.engine, self.bot, self.seal, self.directory, lambda: self.at, self.deepest_level)

    def draft(
        self, audience: Audience = EVERYBODY, level: Level = Level.IMPORTANT, body: str = "Họp lúc 14 giờ"
    ) -> Draft:
        chair = self.directory.named("chu-tich")
        return Draft(
            level,
            Content(body),
            Wanted(audience, "toàn tỉnh"),
            Author(chair.key, str(chair.user_id), chair.full_name, "Chủ tịch", "HUE", "UBND thành phố Huế"),
            "!chat",
            self.at + timedelta(days=2) if level.asks else None,
        )

    def sends(
        self, audience: Audience = EVERYBODY, level: Level = Level.IMPORTANT, body: str = "Họp lúc 14 giờ"
    ) -> int:
        """What the bot does when it sends: keep it, and freeze whom it reaches; returns the number."""
        draft = self.draft(audience, level, body)
        reach = self.ledger.reach(audience, draft.author.key)
        with self.engine.begin() as connection:
            number = self.ledger.put(connection, draft, State.SENT)
            self.ledger.freeze(connection, number, reach)
        return number

    def records(self, verb: str, number: int, by: str = "@chu-tich:hue.localhost") -> None:
        """What the bot writes into the audit log once something was done."""
        with self.engine.begin() as connection:
            audit.append(connection, [self.ledger.act(connection, by, verb, number, {})])

    def acknowledges(self, number: int, localpart: str, event_id: str = "$ack") -> bool:
        with self.engine.begin() as connection:
            return self.ledger.acknowledge(
                connection, number, self.directory.named(localpart).key, self.at, Means.REACTION, event_id
            )

    def moves(self, number: int, to: State, *among: State, reason: str | None = None) -> None:
        with self.engine.begin() as connection:
            self.ledger.move(connection, number, to, among, "@chu-tich:hue.localhost", reason)

    def follows(self, number: int) -> None:
        drift = self.ledger.reconcile(number)
        with self.engine.begin() as connection:
            self.ledger.follow(connection, number, drift)

    def writes_down(self, number: int) -> int:
        with self.engine.begin() as connection:
            return self.ledger.write_down(connection, number)

    def changes(self, localpart: str, **facts: object) -> Person:
        """What the register says of somebody from now on."""
        before = self.directory.named(localpart)
        after = replace(before, **facts)
        self.directory.people[self.directory.people.index(before)] = after
        return after


@pytest.fixture
def book(engine: Engine, bot: str) -> Book:
    units = (replace(unit, level=3) if unit.code == "SNV-VP" else unit for unit in UNITS)
    directory = SmallDirectory(*small_province().people, units=units)
    directory.rooms = dict(ROOMS)
    return Book(engine, bot, directory)
