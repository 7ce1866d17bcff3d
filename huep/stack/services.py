"""The services of a province, as values for the supervisor."""

import asyncio
import sys
from collections.abc import Mapping
from signal import Signals

import httpx

from huep.bots_settings import ALL, BOT_NAMES, Processes
from huep.secret_names import REDIS
from huep.sections import local_url
from huep.settings import Settings
from huep.stack.bots import is_settled, read_standing
from huep.stack.logs import keep_small
from huep.stack.postgres import EmbeddedPostgres
from huep.stack.programs import NGINX, REDIS_SERVER, require
from huep.stack.service import Service
from huep.stack.synapse_config import proxy_file, redis_file, worker_file
from huep.stack.workers import Layout, Worker, layout_of
from huep.state import STATE_VARIABLE, StateFolder
from huep.synapse_http import open_http

HEALTH_TIMEOUT_S = 2.0
WORKERS_START_WITHIN_S = 240.0
"""They start beside each other, on however few cores there are."""


def huep_command(*arguments: str) -> tuple[str, ...]:
    """The command line of a `huep` sub-command, on the Python that runs now."""
    return (sys.executable, "-m", "huep.cli", *arguments)


def huep_environment(state: StateFolder) -> Mapping[str, str]:
    """What a `huep` sub-command needs to find the state folder."""
    return {STATE_VARIABLE: str(state.root), "PYTHONUNBUFFERED": "1"}


def postgres_service(postgres: EmbeddedPostgres) -> Service:
    """PostgreSQL; SIGINT is its fast, clean stop."""

    async def ready() -> bool:
        return await asyncio.to_thread(postgres.ready)

    return Service(
        name="postgres",
        title="PostgreSQL",
        command=tuple(postgres.command()),
        log=postgres.log,
        ready=ready,
        where=f"127.0.0.1:{postgres.settings.postgres.port}",
        stop_signal=Signals.SIGINT,
        stop_timeout_s=60.0,
    )


def synapse_service(settings: Settings, state: StateFolder) -> Service:
    """Synapse in one process, or its main one; ready when it answers /health."""
    layout = layout_of(settings)
    address = settings.synapse.local_url if layout is None else layout.main_url

    async def ready() -> bool:
        return await _is_healthy(address)

    return Service(
        name="synapse",
        title="Synapse",
        command=(sys.executable, "-m", "synapse.app.homeserver", "-c", str(state.synapse / "homeserver.yaml")),
        log=state.logs / "synapse.out.log",
        ready=ready,
        where=settings.public_url if layout is None else address,
    )


def worker_service(worker: Worker, state: StateFolder) -> Service:
    """One of Synapse's workers; ready when it answers /health."""

    async def ready() -> bool:
        return await _is_healthy(worker.local_url)

    configuration = (str(state.synapse / "homeserver.yaml"), str(worker_file(state, worker)))
    return Service(
        name=f"synapse-{worker.name}",
        title=f"Synapse {worker.name}",
        command=(
            sys.executable, "-m", "synapse.app.generic_worker", "-c", configuration[0], "-c", configuration[1],
        ),
        log=state.logs / f"synapse-{worker.name}.out.log",
        ready=ready,
        where=worker.local_url,
        start_timeout_s=WORKERS_START_WITHIN_S,
    )  # fmt: skip


def redis_service(layout: Layout, state: StateFolder) -> Service:
    """What Synapse's processes tell each other through; ready when it takes the password and answers."""
    password = state.read_secret(REDIS)

    async def ready() -> bool:
        return await _redis_answers(layout.redis_port, password)

    return Service(
        name="redis",
        title="Redis",
        command=(str(require(REDIS_SERVER)), str(redis_file(state))),
        log=state.logs / "redis.log",
        ready=ready,
        where=f"127.0.0.1:{layout.redis_port}",
    )


def proxy_service(settings: Settings, state: StateFolder) -> Service:
    """The proxy, nginx, before Synapse's processes; ready when it passes on the main one's /health."""

    async def ready() -> bool:
        return await _is_healthy(settings.synapse.local_url)

    return Service(
        name="nginx",
        title="nginx",
        command=(str(require(NGINX)), "-e", "stderr", "-p", str(state.run), "-c", str(proxy_file(state))),
        log=state.logs / "nginx.out.log",
        ready=ready,
        where=settings.public_url,
        before_start=lambda: keep_small(state.logs / "nginx.log"),
        has_children=True,
    )


def bots_services(settings: Settings, state: StateFolder) -> tuple[Service, ...]:
    """The bots, all in one process or one each, as `[bots] processes` says."""
    if settings.bots.processes is Processes.ONE:
        return (_bots_service(settings, state, ALL, "Bots", 0),)
    return tuple(_bots_service(settings, state, name, f"Bot {name}", place) for place, name in enumerate(BOT_NAMES))


def _bots_service(settings: Settings, state: StateFolder, process: str, title: str, place: int) -> Service:
    """One process of bots; ready when each of its bots serves, or cannot before somebody helps it."""
    standing = state.bots_standing(process)

    async def ready() -> bool:
        return is_settled(read_standing(standing))

    return Service(
        name="bots" if process == ALL else f"bot-{process}",
        title=title,
        command=huep_command("bots", "run", *(() if process == ALL else ("--bot", process))),
        log=state.logs / ("bots.log" if process == ALL else f"bot-{process}.log"),
        ready=ready,
        where=settings.bots.url(place),
        before_start=lambda: standing.unlink(missing_ok=True),
        environment=huep_environment(state),
    )


def hr_service(settings: Settings, state: StateFolder) -> Service:
    """The provisioner's schedule, webhook and SCIM; ready when it answers /health."""
    address = local_url(settings.hr.service.bind, settings.hr.service.port)

    async def ready() -> bool:
        return await _is_healthy(address)

    return Service(
        name="hr",
        title="HR service",
        command=huep_command("hr", "serve"),
        log=state.logs / "hr.log",
        ready=ready,
        where=address,
        environment=huep_environment(state),
    )


def push_service(settings: Settings, state: StateFolder) -> Service:
    """The push gateway; ready when it answers /health."""

    async def ready() -> bool:
        return await _is_healthy(settings.push.local_url)

    return Service(
        name="push",
        title="Push gateway",
        command=huep_command("push", "serve"),
        log=state.logs / "push.log",
        ready=ready,
        where=settings.push_url,
        environment=huep_environment(state),
    )


def joins_task(state: StateFolder) -> Service:
    """Brings people into the rooms of their units until nothing is left to do."""

    async def ready() -> bool:
        return True

    return Service(
        name="joins",
        title="Joining rooms",
        command=huep_command("hr", "joins"),
        log=state.logs / "joins.log",
        ready=ready,
        environment=huep_environment(state),
        once=True,
    )


async def _redis_answers(port: int, password: str) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        writer.write(_redis_words("AUTH", password) + _redis_words("PING"))
        async with asyncio.timeout(HEALTH_TIMEOUT_S):
            return [await reader.readline(), await reader.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()


def _redis_words(*words: str) -> bytes:
    encoded = [word.encode() for word in words]
    return b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in encoded)


async def _is_healthy(address: str) -> bool:
    try:
        async with open_http(address, HEALTH_TIMEOUT_S) as client:
            answer = await client.get("/health")
    except httpx.TransportError:
        return False
    return answer.status_code == httpx.codes.OK
