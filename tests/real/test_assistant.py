"""Trợ lý HueP on the running province: people talk to it, each with an encrypted device of their own."""

import asyncio
import contextlib
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
from typing import Any

import httpx
import psycopg
import pytest

from bots.matrix import syncing
from bots.matrix.connection import MatrixConnection, connect_from_folder
from bots.matrix.contents import reaction_content
from bots.matrix.errors import DeviceInUse, IdentityDiffers
from bots.matrix.port import Event, Text, TextMessage
from bots.matrix.store.postgres import PostgresShelf
from bots.matrix.trust import Origin
from huep import secret_names
from huep.bots_settings import ALL
from huep.database import Role, connect_as
from tests.clients.lent_people import lend_person
from tests.clients.waiting import until
from tests.conftest import Person, Province
from tests.real.homeserver import synapse_database

ANSWER_S = 60.0


def bot_of(stack: Province) -> str:
    return stack.settings.user_id(stack.settings.accounts.assistant)


@asynccontextmanager
async def device(stack: Province, person: Person, folder: Path, **options: object) -> AsyncIterator[MatrixConnection]:
    """A cross-signed device of `person`; a new one unless `folder` holds one already."""
    async with connect_from_folder(
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
    standing = stack.state.bots_standing(ALL)
    before = json.loads(standing.read_text())
    async with device(stack, person, tmp_path / "d") as connection:
        await connection.next_batch()
        room_id = await connection.direct_room_with(bot)
        await ask(connection, room_id, bot, "tôi là ai")
        kill_bots(stack)
        asked = await connection.send_text(room_id, Text("đơn vị tôi"))
        answer = await answer_to(connection, bot, asked)
        assert "bạn ở đây" in answer.body
        after = await asyncio.to_thread(wait_for_ready, standing, before["pid"])
        assert after["device"]["device_id"] == before["bots"][0]["device"]["device_id"]
        assert after["device"]["signed"]
        more = [
            event async for event in messages_for(connection, 3.0) if event.sender == bot and event.reply_to == asked
        ]
        assert more == [], "one question, one answer"


async def test_an_act_waits_for_consent_and_a_dialog_outlives_the_bot(stack: Province, tmp_path: Path) -> None:
    person, bot = await lend_person(stack), bot_of(stack)
    async with device(stack, person, tmp_path / "d") as connection:
        await connection.next_batch()
        room_id = await connection.direct_room_with(bot)
        assert "bắt đầu" in (await ask(connection, room_id, bot, "giờ yên lặng")).body
        kill_bots(stack)
        assert "kết thúc" in (await ask(connection, room_id, bot, "22h")).body
        read_out = await ask(connection, room_id, bot, "6h sáng")
        assert "từ 22:00 đến 06:00" in read_out.body
        await connection.send_event(room_id, "m.reaction", reaction_content(read_out.event_id, "✅"))
        assert "Xong" in (await answer_to(connection, bot, read_out.event_id)).body
        assert "từ 22:00 đến 06:00" in (await ask(connection, room_id, bot, "giờ yên lặng của tôi")).body


async def test_a_head_is_told_of_the_unit_and_nobody_else_learns_that_one_can_ask(
    stack: Province, tmp_path: Path
) -> None:
    head, staff = await lend_person(stack, heads=True), await lend_person(stack, heads=False)
    bot = bot_of(stack)
    answers = {}
    for who in (head, staff):
        async with device(stack, who, tmp_path / who.officer_code) as connection:
            await connection.next_batch()
            room_id = await connection.direct_room_with(bot)
            unit = (await ask(connection, room_id, bot, "đơn vị tôi")).body.partition(" ← ")[0].rpartition("─ ")[2]
            answers[who] = [
                (await ask(connection, room_id, bot, said)).body for said in (f"{unit} có bao nhiêu người", "trợ giúp")
            ]
    assert "có tài khoản" in answers[head][0]
    assert "chưa hiểu câu này" in answers[staff][0]
    assert ["bao nhiêu người" in answers[who][1] for who in (head, staff)] == [True, False]


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


def wait_for_ready(path: Path, not_by: int) -> dict[str, Any]:
    """What a process other than that one says of its first bot, once it is ready."""
    deadline = time.monotonic() + ANSWER_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, ValueError):
            said = json.loads(path.read_text())
            if said["pid"] != not_by and said["bots"][0]["state"] == "ready":
                return dict(said["bots"][0])
        time.sleep(0.1)
    raise AssertionError("the bots did not become ready again")


async def test_an_unsigned_device_is_told_in_a_room_of_its_own_and_gets_no_key(stack: Province, tmp_path: Path) -> None:
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
            await second.send_text(room_id, Text("tôi là ai"))
            notice_room, said = await notice_for(second, bot)
            assert notice_room != room_id
            assert "chưa được xác minh" in said
            assert person.name not in said
            readable = await ask(first, room_id, bot, "tôi là ai")
            assert person.name in readable.body
            unreadable = [event async for event in everything_for(second, 4.0) if event.event_id == readable.event_id]
            assert unreadable == [], "the unsigned device cannot read what the bot answers"


async def notice_for(connection: MatrixConnection, bot: str) -> tuple[str, str]:
    """The room to which the bot invites, and what it says there in clear."""
    async with asyncio.timeout(ANSWER_S):
        while True:
            batch = await connection.next_batch()
            for invite in batch.invites:
                if invite.inviter == bot:
                    await connection.join(invite.room_id)
            for event in batch.events:
                if isinstance(event, TextMessage) and event.sender == bot and event.origin is Origin.PLAIN:
                    return event.room_id, event.body


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
        async with httpx.AsyncClient(base_url=stack.url, trust_env=False) as http:
            sent = await http.put(
                f"/_matrix/client/v3/rooms/{room_id}/send/m.room.message/in-clear",
                json={"msgtype": "m.text", "body": "tôi là ai"},
                headers={"Authorization": f"Bearer {connection._transport.access_token}"},
            )
        assert (sent.status_code, sent.json()["errcode"]) == (403, "M_FORBIDDEN")
        assert "mã hóa đầu cuối" in sent.json()["error"]


async def test_one_device_is_not_opened_twice(stack: Province) -> None:
    engine = connect_as(stack.settings, stack.state, Role.BOTS)
    shelf = PostgresShelf(engine, stack.state.secrets / secret_names.BOTS_STORE_KEY)
    with pytest.raises(DeviceInUse):
        await asyncio.to_thread(shelf.open, bot_of(stack))
    engine.dispose()
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
    key_file = stack.state.secrets / secret_names.BOTS_STORE_KEY
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert not (stack.state.bots / stack.settings.accounts.assistant).exists(), "all of it is in the database"
    password = stack.state.read_secret(secret_names.bot_password(stack.settings.accounts.assistant))
    log = (stack.state.logs / "bots.log").read_text()
    assert "ready" in log
    for secret in (password, key_file.read_text().strip(), "syt_"):
        assert secret not in log


async def test_a_cut_timeline_is_filled_in(stack: Province, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device that was away for more events than one sync brings misses none of them."""
    person, bot = await lend_person(stack), bot_of(stack)
    monkeypatch.setitem(syncing.FILTER["room"]["timeline"], "limit", 2)
    async with device(stack, person, tmp_path / "d") as connection:
        await connection.next_batch()
        room_id = await connection.direct_room_with(bot)
        await ask(connection, room_id, bot, "tôi là ai")
        with synapse_database(stack) as database:
            before = messages(database, bot, room_id)
            sent = [await connection.send_text(room_id, Text("?")) for _ in range(5)]
            await until(lambda: messages(database, bot, room_id) >= before + len(sent))
        answered = set()
        async with asyncio.timeout(ANSWER_S):
            while not set(sent) <= answered:
                batch = await connection.next_batch()
                answered |= {event.reply_to for event in batch.events if isinstance(event, TextMessage)}


def messages(database: psycopg.Connection[Any], sender: str, room_id: str) -> int:
    """How many of that sender the homeserver has in that room."""
    query = "select count(*) from events where sender = %s and room_id = %s and type = 'm.room.encrypted'"
    [(count,)] = database.execute(query, (sender, room_id)).fetchall()
    return int(count)
