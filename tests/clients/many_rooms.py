"""Announcements into hundreds of rooms by a bot that is killed meanwhile."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from uuid import uuid4

from sqlalchemy import Engine, create_engine, text

from bots.broadcasts.delivering import Part
from bots.broadcasts.desk import Desk
from bots.broadcasts.model import Addressee, Author, Broadcast, Content, Draft, Level, Reach, State, Wanted
from bots.runtime.preferences import DatabasePreferences
from bots.runtime.tools import Tools
from bots.sealing import Seal
from huep import clock, secret_names
from huep.database import SYNAPSE_DATABASE, Role, connect_as, database_url
from huep.directory.audience import Audience
from huep.directory.reader import Directory
from huep.names import localpart_of
from huep.stack.accounts import open_admin
from huep.synapse_admin import JoinRule, MembershipRequest, MembershipVerb, RoomSpec
from tests.clients.own_bot import OwnBot

ROOMS = 300
FOR = timedelta(days=1)
LATER = dict.fromkeys(("repeat_after", "direct_after", "deputy_after", "head_after", "list_after"), 24 * 60)
"""Nobody is asked again while the test runs."""
MADE_AT_ONCE = 8
LOOK_EVERY_S = 0.1
STANDS_STILL_S = 120.0
"""So long after the last message that it has sent, an outbox sends no more."""
NOTHING_MORE_S = 3.0
_TIMES = text(
    "select room_id, cast(json as json) -> 'content' ->> 'body' as body, count(*) as times "
    "from events join event_json using (event_id, room_id) "
    "where sender = :bot and type = 'm.room.message' and room_id = any(:rooms) group by 1, 2"
)


@dataclass
class Hall:
    """Rooms with the bot in them, and what was announced there."""

    desk: Desk
    rooms: tuple[str, ...]
    synapse: Engine
    said: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    def announce(self) -> None:
        """One more announcement to somebody in each room, as the desk sends them."""
        words, unit = f"Thông báo thử {uuid4().hex}", self.desk.tools.directory.units()[0]
        author = Author(uuid4(), self.desk.tools.user_id, "Người thử", "Chuyên viên", unit.code, unit.name)
        wanted = Wanted(Audience(), "Toàn tỉnh")
        # What is urgent waits for no morning.
        draft = Draft(Level.URGENT, Content(words), wanted, author, self.rooms[0], self.desk.tools.clock() + FOR)
        people = tuple(
            Addressee(uuid4(), f"@nobody-{number}:x", f"Người {number}", unit.code, "x", "Chuyên viên", "staff", room)
            for number, room in enumerate(self.rooms)
        )
        with self.desk.tools.engine.begin() as connection:
            number = self.desk.ledger.put(connection, draft, State.SENT)
            broadcast = Broadcast(number, draft, State.SENT, self.desk.tools.clock())
            self.desk.delivery.send(connection, broadcast, Reach(people, bystanders=0))
        self.said.append(words)
        self.numbers.append(number)

    def sent(self) -> int:
        """Messages that the outbox has given to the homeserver so far, of all announcements."""
        with self.desk.tools.engine.connect() as connection:
            outbox = self.desk.tools.outbox
            return sum(outbox.progress(connection, Part.WORDS.of(number)).sent for number in self.numbers)

    async def arrived(self) -> None:
        """Wait until the outbox has sent everything.

        Raises:
            TimeoutError: it stands still before.
        """
        sent, moved_at = -1, monotonic()
        while (now_sent := await asyncio.to_thread(self.sent)) < len(self.said) * len(self.rooms):
            if now_sent != sent:
                sent, moved_at = now_sent, monotonic()
            elif monotonic() - moved_at > STANDS_STILL_S:
                raise TimeoutError(f"{sent} messages of {len(self.said) * len(self.rooms)} were sent, and no more")
            await asyncio.sleep(LOOK_EVERY_S)

    def times(self) -> dict[tuple[str, str], int]:
        """How often each announcement stands in each room, as the homeserver has it."""
        found = dict.fromkeys(((words, room) for words in self.said for room in self.rooms), 0)
        with self.synapse.connect() as connection:
            for row in connection.execute(_TIMES, {"bot": self.desk.tools.user_id, "rooms": list(self.rooms)}):
                for words in self.said:
                    if words in (row.body or ""):
                        found[words, row.room_id] += row.times
        return found


@asynccontextmanager
async def hall(bot: OwnBot, rooms: int = ROOMS) -> AsyncIterator[Hall]:
    """So many rooms with `bot`, which is Truyền thông, in them."""
    settings, state = bot.province.settings, bot.province.state
    user_id = settings.user_id(settings.accounts.broadcasts)
    turns = asyncio.Semaphore(MADE_AT_ONCE)
    async with open_admin(settings, state) as admin:

        async def make(number: int) -> str:
            async with turns:
                return await admin.create_room(RoomSpec(f"Phòng thử {number}", join_rule=JoinRule.PUBLIC))

        ids = await asyncio.gather(*map(make, range(rooms)))
        localpart = localpart_of(user_id)
        joins = [MembershipRequest(room_id, MembershipVerb.JOIN, localpart, room_id) for room_id in ids]
        results = await admin.act_on_memberships(joins)
        assert all(result.ok for result in results), results
    engine = connect_as(settings, state, Role.BOTS)
    url = database_url(settings, state, Role.SYNAPSE, SYNAPSE_DATABASE)
    synapse = create_engine(url.set(drivername="postgresql+psycopg"))
    seal = Seal(state.read_secret(secret_names.BOTS_MAIL).encode())
    tools = Tools(
        settings=settings.model_copy(update={"broadcasts": settings.broadcasts.model_copy(update=LATER)}),
        engine=engine,
        directory=Directory(engine),
        preferences=DatabasePreferences(engine),
        clock=clock.now,
        user_id=user_id,
        bot=bot.name,
        seal=seal,
        secret=state.read_secret,
    )
    try:
        yield Hall(Desk.of(tools), tuple(ids), synapse)
    finally:
        engine.dispose()
        synapse.dispose()


async def announce_while_killed(hall: Hall, bot: OwnBot, kills: int, dice: random.Random) -> None:
    """Announce for as long as the bot is killed; each room has each announcement once."""
    hall.announce()
    killing = asyncio.create_task(bot.be_killed(kills, dice, hall.sent))
    while not killing.done():
        await hall.arrived()
        if not killing.done():
            await asyncio.to_thread(hall.announce)
    await killing
    await hall.arrived()
    await asyncio.sleep(NOTHING_MORE_S)
    assert bot.kills == kills
    times = await asyncio.to_thread(hall.times)
    assert len(times) == len(hall.said) * len(hall.rooms)
    assert set(times.values()) == {1}
