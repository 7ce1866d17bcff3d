"""Trợ lý HueP on the running province: people talk to it, each with an encrypted device of their own."""

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from bots.assistant.process import device_id_of
from bots.matrix import connection as connections
from bots.matrix.connection import MatrixConnection, connect
from bots.matrix.errors import DeviceInUse, IdentityDiffers
from bots.matrix.port import Event, Text, TextMessage
from bots.matrix.trust import Origin
from tests.clients.lent_people import lend_person
from tests.conftest import Person, Province

ANSWER_S = 60.0


def bot_of(stack: Province) -> str:
    return stack.settings.user_id(stack.settings.accounts.assistant)


@asynccontextmanager
async def device(stack: Province, person: Person, folder: Path, **options: object) -> AsyncIterator[MatrixConnection]:
    """A cross-signed device of `person`; a new one unless `folder` holds one already."""
    async with connect(
        stack.url,
        folder,
        person.user_id,
        lambda: person.password,
        device_id=f"TEST{abs(hash(folder)) % 10**8}",
        display_name="test",
        **options,  # type: ignore[arg-type]
    ) as connection:
        yield connection


async def answer_to(connection: MatrixConnection, bot: str, event_id: str) -> TextMessage:
    """What the bot replies to `event_id`."""
    async with asyncio.timeout(ANSWER_S):
        while True:
            batch = await connection.next_batch()
            await connection.commit(batch)
            for event in batch.events:
                if isinstance(event, TextMessage) and event.sender == bot and event.reply_to == event_id:
                    return event


async def ask(connection: MatrixConnection, room_id: str, bot: str, text: str) -> TextMessage:
    return await answer_to(connection, bot, await connection.send_text(room_id, Text(text)))


async def test_people_are_answered_encrypted_by_a_device_its_owner_signed(stack: Province, tmp_path: Path) -> None:
    person, bot = await lend_person(stack), bot_of(stack)
    async with device(stack, person, tmp_path / "d") as connection:
        await connection.next_batch()
        room_id = await connection.direct_room_with(bot)
        for typed in ("tôi là ai", "TOI LA AI"):
            answer = await ask(connection, room_id, bot, typed)
            assert answer.origin is Origin.CROSS_SIGNED
            assert person.name in answer.body
            assert person.officer_code in answer.body
        tree = await ask(connection, room_id, bot, "don vi toi")
        assert "└─" in tree.body
        assert "bạn ở đây" in tree.body
        help_text = await ask(connection, room_id, bot, "?")
        assert "tôi là ai" in help_text.body
        unknown = await ask(connection, room_id, bot, "toi la gi")
        assert '"tôi là ai"' in unknown.body


async def test_what_was_asked_while_the_bot_was_down_is_answered_once_by_the_same_device(
    stack: Province, tmp_path: Path
) -> None:
    person, bot = await lend_person(stack), bot_of(stack)
    ready = stack.state.bots_ready
    before = json.loads(ready.read_text())
    async with device(stack, person, tmp_path / "d") as connection:
        await connection.next_batch()
        room_id = await connection.direct_room_with(bot)
        await ask(connection, room_id, bot, "tôi là ai")
        kill_bots(stack)
        asked = await connection.send_text(room_id, Text("đơn vị tôi"))
        answer = await answer_to(connection, bot, asked)
        assert "bạn ở đây" in answer.body
        after = await asyncio.to_thread(wait_for_ready, ready, before["at"])
        assert (after["device_id"], after["cross_signed"]) == (before["device_id"], True)
        more = [
            event async for event in messages_for(connection, 3.0) if event.sender == bot and event.reply_to == asked
        ]
        assert more == [], "one question, one answer"


async def messages_for(connection: MatrixConnection, seconds: float) -> AsyncIterator[TextMessage]:
    async for event in everything_for(connection, seconds):
        if isinstance(event, TextMessage):
            yield event


def kill_bots(stack: Province) -> None:
    """End the bots' process as a crash does; the supervisor starts it anew."""
    listing = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        pid, parent, arguments = line.split(None, 2) if line.split()[0].isdigit() else ("", "", "")
        if parent == str(stack.process.pid) and arguments.endswith("bots run"):
            os.kill(int(pid), signal.SIGKILL)
            return
    raise AssertionError(f"no bots' process below {stack.process.pid}:\n{listing}")


def wait_for_ready(path: Path, not_before: str) -> dict[str, object]:
    deadline = time.monotonic() + ANSWER_S
    while time.monotonic() < deadline:
        try:
            said = json.loads(path.read_text())
        except (OSError, ValueError):
            said = {"at": not_before}
        if said["at"] != not_before:
            return dict(said)
        time.sleep(0.1)
    raise AssertionError("the bots did not become ready again")


async def test_an_unsigned_device_gets_a_sentence_and_no_key(stack: Province, tmp_path: Path) -> None:
    person, bot = await lend_person(stack), bot_of(stack)
    async with device(stack, person, tmp_path / "signed") as first:
        await first.next_batch()
        room_id = await first.direct_room_with(bot)
        await ask(first, room_id, bot, "tôi là ai")
        with pytest.raises(IdentityDiffers, match="already has a cross-signing identity"):
            async with device(stack, person, tmp_path / "strict"):
                pass
        async with device(stack, person, tmp_path / "unsigned", need_identity=False) as second:
            assert not second.is_cross_signed()
            await second.next_batch()
            said = await ask(second, room_id, bot, "tôi là ai")
            assert said.origin is Origin.PLAIN
            assert "chưa được xác minh" in said.body
            assert person.name not in said.body
            readable = await ask(first, room_id, bot, "tôi là ai")
            assert person.name in readable.body
            unreadable = [event async for event in everything_for(second, 4.0) if event.event_id == readable.event_id]
            assert unreadable == [], "the unsigned device cannot read what the bot answers"


async def everything_for(connection: MatrixConnection, seconds: float) -> AsyncIterator[Event]:
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        try:
            batch = await asyncio.wait_for(connection.next_batch(), left)
        except TimeoutError:
            return
        for event in batch.events:
            yield event


async def test_a_message_in_clear_does_not_even_reach_the_bot(stack: Province, tmp_path: Path) -> None:
    person, bot = await lend_person(stack), bot_of(stack)
    async with device(stack, person, tmp_path / "d") as connection:
        await connection.next_batch()
        room_id = await connection.direct_room_with(bot)
        await ask(connection, room_id, bot, "?")
        session = json.loads((tmp_path / "d" / "session.json").read_text())
        async with httpx.AsyncClient(base_url=stack.url, trust_env=False) as http:
            sent = await http.put(
                f"/_matrix/client/v3/rooms/{room_id}/send/m.room.message/in-clear",
                json={"msgtype": "m.text", "body": "tôi là ai"},
                headers={"Authorization": f"Bearer {session['access_token']}"},
            )
        assert (sent.status_code, sent.json()["errcode"]) == (403, "M_FORBIDDEN")
        assert "mã hoá đầu cuối" in sent.json()["error"]


async def test_one_device_is_not_opened_twice(stack: Province) -> None:
    localpart = stack.settings.accounts.assistant
    with pytest.raises(DeviceInUse):
        async with connect(
            stack.url,
            stack.state.bots / localpart,
            bot_of(stack),
            str,
            device_id=device_id_of(localpart),
            display_name="x",
        ):
            pass
    done = subprocess.run(
        [sys.executable, "-m", "huep.cli", "bots", "run"],
        env={**os.environ, "HUEP_STATE": str(stack.state.root)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "Another process is using" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_bots_keys_are_for_the_services_user_alone(stack: Province) -> None:
    folder = stack.state.bots / stack.settings.accounts.assistant
    names = {path.name for path in folder.iterdir()}
    assert {"crypto.db", "cross-signing.json", "session.json", "journal.db", "pickle-key"} <= names
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    password = stack.state.read_secret(f"bot-{stack.settings.accounts.assistant}-password")
    token = json.loads((folder / "session.json").read_text())["access_token"]
    log = (stack.state.logs / "bots.log").read_text()
    assert "ready" in log
    assert password not in log
    assert token not in log


async def test_a_cut_timeline_is_filled_in(stack: Province, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device that was away for more events than one sync brings misses none of them."""
    person, bot = await lend_person(stack), bot_of(stack)
    monkeypatch.setitem(connections.SYNC_FILTER["room"]["timeline"], "limit", 2)
    async with device(stack, person, tmp_path / "d") as connection:
        await connection.next_batch()
        room_id = await connection.direct_room_with(bot)
        await ask(connection, room_id, bot, "tôi là ai")
        sent = [await connection.send_text(room_id, Text("?")) for _ in range(5)]
        await asyncio.sleep(4)
        answered = set()
        async with asyncio.timeout(ANSWER_S):
            while not set(sent) <= answered:
                batch = await connection.next_batch()
                answered |= {event.reply_to for event in batch.events if isinstance(event, TextMessage)}
