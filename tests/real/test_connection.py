"""The connection on a real Synapse: gaps, keys that never arrived, hostile members, a locked account."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bots.matrix import gaps, syncing
from bots.matrix.connection import MatrixConnection, connect_from_folder
from bots.matrix.errors import AccountLocked
from bots.matrix.port import Text, TextMessage, Unreadable
from bots.matrix.signing import Json
from bots.matrix.trust import Origin
from tests.bots.hostile import NAMES, NUMBERS, SAID, TO_DEVICE
from tests.clients import js_sdk_client
from tests.clients.js_sdk_client import js_sdk_device
from tests.clients.lent_people import lend_person
from tests.clients.sealed import sealed
from tests.clients.speakers import JsSdkSpeaker
from tests.conftest import Person, Province
from tests.real.homeserver import LOCK, PASSWORD, Homeserver
from tests.real.listening import Listening

needs_js_sdk = pytest.mark.skipif(js_sdk_client.why_not() is not None, reason=js_sdk_client.why_not() or "")

MISSED = 45
HOSTILE_REQUESTS = 150


@asynccontextmanager
async def device(stack: Province, person: Person, folder: Path) -> AsyncIterator[MatrixConnection]:
    async with connect_from_folder(
        stack.url,
        folder,
        person.user_id,
        lambda: person.password,
        device_id=f"TEST-{folder.name}",  # nio gives its namesakes no key
        display_name="test",
    ) as connection:
        yield connection


@asynccontextmanager
async def two(stack: Province, folder: Path) -> AsyncIterator[tuple[MatrixConnection, MatrixConnection, str, Person]]:
    """Two people on our connection, in an encrypted room of both; the second's person last."""
    first, second = await lend_person(stack), await lend_person(stack)
    async with device(stack, first, folder / "first") as one, device(stack, second, folder / "second") as other:
        heard = Listening(other)
        await Listening(one).once()
        await heard.once()
        room_id = await one.direct_room_with(second.user_id)
        async with asyncio.timeout(60):
            while not (await heard.once()).invites:
                pass
        await other.join(room_id)
        await heard.until_joined(room_id, second.user_id)
        yield one, other, room_id, second


async def test_a_long_absence_is_caught_up_with_in_order_page_by_page_over_a_restart(
    stack: Province, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(syncing.FILTER["room"]["timeline"], "limit", 3)
    monkeypatch.setattr(gaps, "PAGE_EVENTS", 10)
    monkeypatch.setattr(gaps, "PAGES_A_BATCH", 1)
    async with two(stack, tmp_path) as (one, other, room_id, second):
        sent = [await one.send_text(room_id, Text(f"tin {number}")) for number in range(MISSED)]
        heard = Listening(other)
        while len(heard.events) < MISSED // 3:
            await heard.once()
        before = heard.events
        assert other._intake.open_gaps == 1
        await other.next_batch()  # handed on and not committed: comes again
    async with device(stack, second, tmp_path / "second") as again:
        rest = Listening(again)
        await rest.event(sent[-1])
    read = [event for event in (*before, *rest.events) if isinstance(event, TextMessage)]
    assert [event.event_id for event in read] == sent
    assert {event.origin for event in read} == {Origin.CROSS_SIGNED}


@needs_js_sdk
async def test_a_key_that_was_lost_on_the_way_is_asked_for_and_given_again_by_the_rust_sdk(
    stack: Province, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    us, them = await lend_person(stack), await lend_person(stack)
    async with (
        device(stack, us, tmp_path / "d") as connection,
        js_sdk_device(stack.url, them.user_id, them.password) as js,
    ):
        heard, speaker = Listening(connection), JsSdkSpeaker(js)
        await heard.once()
        room_id = await connection.direct_room_with(them.user_id)
        await speaker.join(room_id)
        await heard.until_joined(room_id, them.user_id)
        losing = True
        asked = syncing.sync

        async def sync(*how: Any, **else_how: Any) -> Json:
            answer = await asked(*how, **else_how)
            if losing:
                answer.pop("to_device", None)
            return answer

        monkeypatch.setattr(syncing, "sync", sync)
        said = await speaker.say(room_id, "chìa khoá của tin này bị mất trên đường")
        async with asyncio.timeout(60):
            while not connection._intake.waiting:
                await heard.once()
        losing = False
        heard.events = []
        event = await heard.event(said)
        if isinstance(event, Unreadable):
            heard.events = []
            event = await heard.event(said)
        assert isinstance(event, TextMessage)
        assert event.body == "chìa khoá của tin này bị mất trên đường"
        assert event.origin is Origin.CROSS_SIGNED, "given by the device that made it"


def spoiled(dice: random.Random, content: Json) -> Json:
    """The content with one of its values replaced."""
    junk: list[Any] = [
        *NAMES,
        *(number for number in NUMBERS if abs(number) < 2**53 and isinstance(number, int)),
        None,
        [],
        {},
    ]
    return content | {dice.choice(list(content)): dice.choice(junk)}


async def test_what_a_hostile_member_gets_past_synapse_stops_nobody(stack: Province, tmp_path: Path) -> None:
    dice = random.Random(5)
    async with two(stack, tmp_path) as (one, other, room_id, second):
        headers = {"Authorization": f"Bearer {one._transport.access_token}"}
        taken = 0
        async with httpx.AsyncClient(base_url=stack.url, headers=headers, timeout=60, trust_env=False) as http:
            for number in range(HOSTILE_REQUESTS):
                if number % 2:
                    kind = dice.choice(list(TO_DEVICE))
                    body: Json = {"messages": {second.user_id: {"*": spoiled(dice, TO_DEVICE[kind])}}}
                    path = f"/_matrix/client/v3/sendToDevice/{kind}/hostile-{number}"
                elif number % 4:
                    path, body = (
                        f"/_matrix/client/v3/rooms/{room_id}/send/m.room.encrypted/hostile-{number}",
                        sealed("x"),
                    )
                else:
                    kind = dice.choice(list(SAID))
                    path = f"/_matrix/client/v3/rooms/{room_id}/send/{kind}/hostile-{number}"
                    body = spoiled(dice, SAID[kind])
                answer = await http.put(path, content=json.dumps(body).encode())
                taken += answer.status_code == 200
        assert taken > HOSTILE_REQUESTS // 2, "much of it gets past the homeserver"
        earnest = await one.send_text(room_id, Text("vẫn đọc được chứ?"))
        event = await Listening(other).event(earnest)
        assert isinstance(event, TextMessage)
        assert other._intake.waiting > 10, "what can never be read waits for its key"


async def test_a_locked_account_ends_the_connection_and_says_so(
    stack: Province, homeserver: Homeserver, tmp_path: Path
) -> None:
    await homeserver.person("locked")
    await homeserver.admin.set_password(homeserver.user_id("locked"), PASSWORD)
    person = Person("locked", "", "", homeserver.user_id("locked"), PASSWORD)
    async with device(stack, person, tmp_path / "d") as connection:
        await connection.next_batch()
        assert (await homeserver.act(LOCK, "locked")).ok
        with pytest.raises(AccountLocked):
            while True:
                await connection.next_batch()
    with pytest.raises(AccountLocked):
        async with device(stack, person, tmp_path / "d"):
            pass
