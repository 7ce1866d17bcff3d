"""Both boxes while PostgreSQL stops and dies, and while the homeserver refuses every fifth request."""

import asyncio
import random
import subprocess
from collections.abc import Iterator
from signal import Signals

import pytest
from sqlalchemy import Engine

from bots.matrix.errors import RateLimited, RequestRefused, ServerUnreachable
from huep.database import Role
from huep.schema import migrate
from huep.stack.parent import end_with_parent
from huep.state import StateFolder
from tests.bots.letters import ScriptedPort, SentMessages, message
from tests.bots.running import Echo, running, settled
from tests.clients.running import Databases, first_settings, running_databases
from tests.clients.waiting import until

ROOMS = 12


class Restartable:
    """A PostgreSQL that a test stops and kills."""

    def __init__(self, databases: Databases) -> None:
        self.databases = databases
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        postgres = self.databases.postgres
        with postgres.log.open("ab") as log:
            self._process = subprocess.Popen(
                postgres.command(), stdout=log, stderr=log, start_new_session=True, preexec_fn=end_with_parent
            )

    def end(self, how: Signals) -> None:
        """SIGINT stops it cleanly; SIGQUIT at once, so that it recovers at the next start."""
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait(60)


@pytest.fixture
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restartable]:
    """One for this test alone."""
    state = StateFolder(tmp_path_factory.mktemp("restarted") / "state")
    first_settings(state.root)
    with running_databases(state) as databases:
        owner = databases.engine(Role.OWNER)
        migrate(owner)
        owner.dispose()
    restartable = Restartable(databases)
    restartable.start()
    yield restartable
    restartable.end(Signals.SIGINT)


async def test_a_database_that_stops_and_dies_costs_time_and_no_answer(postgres: Restartable) -> None:
    engine = postgres.databases.engine(Role.BOTS)
    port = ScriptedPort()
    port.takes_s = 0.002
    asked = 0

    async def asking() -> None:
        nonlocal asked
        while True:
            port.says(*[message(f"{asked} {number}", room_id=f"!{number % ROOMS}") for number in range(4)])
            asked += 1
            await asyncio.sleep(0.02)

    async with running(engine, "restarted", port, Echo()):
        people = asyncio.create_task(asking())
        for how in (Signals.SIGINT, Signals.SIGQUIT):
            before = len(port.server.sent)
            await until(lambda before=before: len(port.server.sent) > before + 20, 60)
            await asyncio.to_thread(postgres.end, how)
            await asyncio.sleep(0.5)
            postgres.start()
        before = len(port.server.sent)
        await until(lambda: len(port.server.sent) > before + 20, 60)
        people.cancel()
        await asyncio.gather(people, return_exceptions=True)
        await until(lambda: len(port.committed) == asked and settled(engine, "restarted")(), 60)
    engine.dispose()
    answered = [sent.reply_to for sent in port.server.sent]
    assert sorted(map(str, answered)) == sorted(f"${turn} {number}" for turn in range(asked) for number in range(4))
    for room in range(ROOMS):
        turns = [int(body.split("$")[1].split()[0]) for body in port.server.bodies(f"!{room}")]
        assert turns == sorted(turns), "order is kept"


async def test_every_fifth_request_refused_and_restarts_amidst_leave_one_answer_to_each_question(
    engine: Engine, bot: str
) -> None:
    """Requests fail before or after their effect, and what was told last is told again to the next process."""
    dice = random.Random(20_260_601)
    server = SentMessages()

    def foul() -> Exception | None:
        errors = (
            RateLimited(429, "M_LIMIT_EXCEEDED", "", "PUT"),
            RequestRefused(500, "M_UNKNOWN", "", "PUT"),
            ServerUnreachable("http://test"),
        )
        return dice.choice(errors) if dice.random() < 0.2 else None

    server.before = server.after = foul
    questions = [message(f"{number}", room_id=f"!{number % ROOMS}") for number in range(300)]
    for first in range(0, len(questions), 60):
        port = ScriptedPort(server)
        port.takes_s = 0.001
        async with running(engine, bot, port, Echo()):
            for start in range(max(0, first - 20), first + 60, 10):
                port.says(*questions[start : start + 10])
                await asyncio.sleep(dice.uniform(0, 0.05))
            await until(port.coming.empty)
    port = ScriptedPort(server)
    async with running(engine, bot, port, Echo()):
        port.says(*questions[-20:])
        await until(lambda: bool(port.committed) and settled(engine, bot)(), 60)
    assert len(server.sent) == len(questions)
    for room in range(ROOMS):
        assert server.bodies(f"!{room}") == [f"re {event.event_id}" for event in questions[room::ROOMS]]
