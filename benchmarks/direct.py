"""An announcement to 500 people who have no room with the bot yet: each is made one, asked in, and written to.

The bot is the one that serves a province, with its device, its outbox and its jobs, in this process. Each of the people
has a cross-signed device that does not sync meanwhile, as their phones at night.
"""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from time import perf_counter

from benchmarks.announcer import alive, tools_of
from benchmarks.crowd import bring_keys, log_in
from benchmarks.figures import Figure
from benchmarks.lone_synapse import LoneSynapse, lone_synapse
from bots.broadcasts.delivering import Part
from bots.broadcasts.desk import Desk
from bots.broadcasts.model import Author, Broadcast, Content, Draft, Level, State, Wanted
from bots.runtime.tools import Tools
from bots.testing.province import SmallDirectory, person, post
from huep import clock
from huep.directory.audience import Audience
from huep.directory.model import Standing
from huep.names import localpart_of

PEOPLE = 500
OPEN_FOR = timedelta(days=1)
ONE_TIME_KEYS = 2
WORDS = "Bão số 5 đổ bộ chiều nay, các đơn vị trực 24/24."
LOOK_EVERY_S = 0.1
WITHIN_S = 900.0


def measure() -> Iterator[Figure]:
    """`broadcast_direct_500_s`: from the sending until the homeserver has the message to the last of them."""
    with asyncio.Runner() as runner:
        yield runner.run(_measure())


async def _measure() -> Figure:
    async with lone_synapse() as lone:
        directory = await _people(lone)
        tools = tools_of(lone, directory)
        author = str(directory.people[0].user_id)
        chat = await lone.make_room("chat", [localpart_of(one) for one in (author, tools.user_id)], encrypted=False)
        async with alive(lone, tools):
            started = perf_counter()
            number = await asyncio.to_thread(_send, Desk.of(tools), directory, chat)
            async with asyncio.timeout(WITHIN_S):
                while await asyncio.to_thread(_written_to, tools, number) < PEOPLE:  # noqa: ASYNC110 - looked at, not told
                    await asyncio.sleep(LOOK_EVERY_S)
            return Figure("broadcast_direct_500_s", perf_counter() - started, "s")


async def _people(lone: LoneSynapse) -> SmallDirectory:
    """A head and 500 people below, with accounts and devices."""
    people = (person(f"nv-{number}", f"Người {number}", post("SNV", "Chuyên viên")) for number in range(PEOPLE))
    head = person("giam-doc", "Trần Thị Hoà", post("SNV", "Giám đốc Sở", Standing.HEAD))
    directory = SmallDirectory(head, *people).on(lone.settings.server_name, "1a")
    user_ids = [str(one.user_id) for one in directory.people]
    await lone.make_people([localpart_of(user_id) for user_id in user_ids])
    await bring_keys(lone.url, log_in(lone.database, [(user_id, "PHONE") for user_id in user_ids]), ONE_TIME_KEYS)
    return directory


def _send(desk: Desk, directory: SmallDirectory, chat: str) -> int:
    """As its author's consent would have it sent; returns its number."""
    head = directory.people[0]
    author = Author(head.key, str(head.user_id), head.full_name, "Giám đốc Sở", "SNV", "Sở Nội vụ")
    # What is urgent waits for no morning.
    draft = Draft(Level.URGENT, Content(WORDS), Wanted(Audience(), "Sở Nội vụ"), author, chat, clock.now() + OPEN_FOR)
    reach = desk.ledger.reach(Audience(), head.key)
    with desk.tools.engine.begin() as connection:
        number = desk.ledger.put(connection, draft, State.SENT)
        desk.delivery.send(connection, Broadcast(number, draft, State.SENT, clock.now()), reach)
    return number


def _written_to(tools: Tools, number: int) -> int:
    with tools.engine.connect() as connection:
        return tools.outbox.progress(connection, Part.WORDS.of(number)).sent
