"""`kill -9` while ratchets are being written, and PostgreSQL stopped and started: none ever goes back."""

import asyncio
import multiprocessing
import os
import random
import secrets
import time
from pathlib import Path

import vodozemac
from nio.crypto import OlmAccount, Session

from bots.matrix.device import opened
from bots.matrix.progress import Progress
from bots.matrix.store.postgres import PostgresShelf
from huep import secret_names
from huep.database import Role
from huep.state import StateFolder
from tests.clients.running import Databases, first_settings, running_databases
from tests.real.device_store.sessions import olm_pair

SESSIONS = 40
KILLS = 8
MESSAGE = "x" * 100


def peer_key(number: int) -> str:
    return f"peer {number}"


def shelf_in(databases: Databases) -> PostgresShelf:
    return PostgresShelf(databases.engine(Role.BOTS), databases.state.secrets / secret_names.BOTS_STORE_KEY)


async def write_on(databases: Databases, user_id: str, tell: int) -> None:
    """Move all ratchets on with each flush, and tell of the messages only then; until killed."""
    async with opened(shelf_in(databases), user_id) as device:
        while True:
            said = []
            for number in range(SESSIONS):
                session = device.crypto.load_sessions().get(peer_key(number))
                assert session is not None
                kind, ciphertext = session.encrypt(MESSAGE).to_parts()
                device.crypto.save_session(peer_key(number), session)
                said.append(f"{number} {kind} {ciphertext.hex()}\n")
            await device.flush()
            os.write(tell, "".join(said).encode())


def killed_after(databases: Databases, user_id: str, seconds: float) -> list[str]:
    """What a process that writes on told until it was killed so long after its first word; half a line is none."""
    listen, tell = os.pipe()
    process = multiprocessing.get_context("fork").Process(
        target=lambda: asyncio.run(write_on(databases, user_id, tell)), daemon=True
    )
    process.start()
    os.close(tell)
    with os.fdopen(listen) as told:
        lines = [told.readline()]
        time.sleep(seconds)
        process.kill()
        lines += told.read().splitlines(keepends=True)
    process.join()
    return [line for line in lines if line.endswith("\n")]


def heard(theirs: list[Session], lines: list[str]) -> int:
    """Let the peers read what was told; a message of a ratchet that went back does not decrypt."""
    for line in lines:
        number, kind, ciphertext = line.split()
        message = vodozemac.AnyOlmMessage.from_parts(int(kind), bytes.fromhex(ciphertext))
        assert theirs[int(number)].decrypt(message) == MESSAGE
    return len(lines)


def test_killed_while_it_writes_no_ratchet_goes_back(databases: Databases) -> None:
    user_id = f"@killed-{secrets.token_hex(4)}:x"
    bot, peer = OlmAccount(), OlmAccount()
    pairs = [olm_pair(bot, peer) for _ in range(SESSIONS)]
    theirs: list[Session] = [pair[1] for pair in pairs]

    async def begin() -> None:
        async with opened(shelf_in(databases), user_id) as device:
            for number, (ours, _) in enumerate(pairs):
                device.crypto.load_sessions().add(peer_key(number), ours)
                device.crypto.save_session(peer_key(number), ours)

    async def end() -> None:
        async with opened(shelf_in(databases), user_id) as device:
            for number, session in enumerate(theirs):
                ours = device.crypto.load_sessions().get(peer_key(number))
                assert ours is not None
                assert session.decrypt(ours.encrypt("still in step")) == "still in step"

    asyncio.run(begin())
    for _ in range(KILLS):
        lines = killed_after(databases, user_id, random.uniform(0.0, 0.3))
        assert heard(theirs, lines) >= 1
    asyncio.run(end())


async def test_while_postgresql_is_started_again_a_flush_waits(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state")
    first_settings(state.root)
    with running_databases(state) as databases:
        shelf = shelf_in(databases)
        entering = opened(shelf, "@bot:x")
        device = await entering.__aenter__()
        device.journal.note(Progress("s1"))
        await device.flush()
        postgres = databases.postgres
    assert not postgres.ready()
    device.journal.note(Progress("s2"))
    flush = asyncio.create_task(device.flush())
    await asyncio.sleep(0.3)
    assert not flush.done()
    with postgres.running():
        await flush
        await entering.__aexit__(None, None, None)
        async with opened(shelf_in(databases), "@bot:x") as again:
            assert again.journal.kept().token == "s2"
