"""Keys of rooms through real Synapse: from a device as the bots have it to mautrix, and to one that never wakes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from mautrix.types import RoomID, RoomKeyWithheldCode

from bots.matrix import keyless
from bots.matrix.connection import MatrixConnection, connect_from_folder
from bots.matrix.port import Text
from bots.matrix.transport import Transport, path_of
from huep.synapse_admin import SynapseAdmin
from tests.bots.key_server import Phone, identity_keys
from tests.clients.lent_people import lend_person
from tests.clients.mautrix_client import mautrix_device
from tests.conftest import Person, Province

pytestmark = pytest.mark.filterwarnings("ignore:The sender_key field:DeprecationWarning")


@asynccontextmanager
async def sender(stack: Province, person: Person, folder: Path) -> AsyncIterator[MatrixConnection]:
    """A cross-signed device of `person`; the same again where `folder` holds one."""
    async with connect_from_folder(
        stack.url, folder, person.user_id, lambda: person.password, device_id="TESTSENDER", display_name="test"
    ) as connection:
        await connection.commit(await connection.next_batch())
        yield connection


@dataclass
class Sleeper:
    """A signed device that says nothing and has no one-time keys until it is told to."""

    phone: Phone
    transport: Transport
    since: str = ""
    received: list[Any] = field(default_factory=list)

    async def has_keys(self, count: int) -> None:
        keys = {}
        for number in range(count):
            claimed = self.phone.claimed()
            assert claimed is not None
            keys[f"signed_curve25519:KEY{number}"] = claimed["signed_curve25519:AAAA"]
        await self.transport.request("POST", path_of("keys", "upload"), {"one_time_keys": keys})

    async def wakes(self) -> None:
        """Take what was sent to it."""
        since = f"&since={self.since}" if self.since else ""
        answer = await self.transport.request("GET", f"{path_of('sync')}?timeout=0{since}")
        self.since = answer["next_batch"]
        for event in answer.get("to_device", {}).get("events", []):
            self.phone.take(event["type"], event["content"])


@asynccontextmanager
async def sleeper(stack: Province, person: Person) -> AsyncIterator[Sleeper]:
    async with SynapseAdmin(stack.url) as anyone:
        localpart = person.user_id.removeprefix("@").split(":")[0]
        session = await anyone.log_in(localpart, person.password, "test", "SLEEPER")
    phone, keys = Phone(person.user_id, "SLEEPER"), identity_keys(person.user_id)
    transport = Transport(stack.url, session.access_token)
    try:
        shown = {"device_keys": phone.shown(keys)}
        await transport.request("POST", path_of("keys", "upload"), shown)
        identity = keys.public(person.user_id, ("SLEEPER", "x"))
        del identity["master_key"]["signatures"][person.user_id]["ed25519:SLEEPER"]
        await transport.request("POST", path_of("keys", "device_signing", "upload"), identity)
        yield Sleeper(phone, transport)
    finally:
        await transport.close()


async def test_a_session_serves_a_restart_and_a_new_device_and_ends_when_somebody_leaves(
    stack: Province, tmp_path: Path
) -> None:
    person, colleague, leaver = [await lend_person(stack) for _ in range(3)]
    async with (
        mautrix_device(stack.url, colleague.user_id, colleague.password) as first,
        mautrix_device(stack.url, leaver.user_id, leaver.password) as gone,
    ):
        async with sender(stack, person, tmp_path / "d") as ours:
            wanted = {"preset": "private_chat", "invite": [colleague.user_id, leaver.user_id]}
            room_id = (await ours._client.transport.request("POST", path_of("createRoom"), wanted))["room_id"]
            for device in (first, gone):
                await device.join(room_id)
            await ours.commit(await ours.next_batch())
            await ours.send_text(room_id, Text("một"))
            assert (await gone.next_from(person.user_id)).body == "một"
        async with sender(stack, person, tmp_path / "d") as ours:
            await ours.send_text(room_id, Text("hai"))
            await first.until(lambda: len(first.encrypted) == 2, "two messages")
            one, two = (event.content.session_id for event in first.encrypted)
            assert one == two
            await gone.client.leave_room(RoomID(room_id))
            while leaver.user_id in (await ours.room(room_id)).members:
                await ours.commit(await ours.next_batch())
            await ours.send_text(room_id, Text("ba"))
            await first.until(lambda: len(first.received) == 3, "three messages that it can read")
            assert first.encrypted[2].content.session_id != one
            assert [message.body for message in first.received] == ["một", "hai", "ba"]


async def test_an_unsigned_device_is_told_so_once_a_session(stack: Province, tmp_path: Path) -> None:
    person, colleague = await lend_person(stack), await lend_person(stack)
    async with (
        mautrix_device(stack.url, colleague.user_id, colleague.password) as signed,
        mautrix_device(stack.url, colleague.user_id, colleague.password, cross_signed=False) as unsigned,
        sender(stack, person, tmp_path / "d") as ours,
    ):
        room_id = await ours.direct_room_with(colleague.user_id)
        await signed.join(room_id)
        for text in ("một", "hai"):
            await ours.send_text(room_id, Text(text))
        await signed.until(lambda: len(signed.received) == 2, "both messages")
        message = await unsigned.encrypted_from(person.user_id)
        refusal = await unsigned.refusal_for(message.content.session_id)
        assert refusal.code is RoomKeyWithheldCode.UNVERIFIED
        assert len(unsigned.withheld) == 1
        assert not await unsigned.is_given_the_key_of(message)


async def test_a_device_without_keys_reads_later_what_it_missed(
    stack: Province, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyless, "RETRY_WHEN_HEARD", keyless.RETRY_WHEN_HEARD * 0)
    person, colleague = await lend_person(stack), await lend_person(stack)
    async with sleeper(stack, colleague) as asleep, sender(stack, person, tmp_path / "d") as ours:
        room_id = await ours.direct_room_with(colleague.user_id)
        said = [await ours._client.encrypt_for(room_id, "m.room.message", {"body": body}) for body in ("một", "hai")]
        await asleep.wakes()
        assert [notice["code"] for notice in asleep.phone.withheld] == ["m.no_olm"]
        assert [device.peer.device_id for device in ours._client.key_health.keyless] == ["SLEEPER"]
        await asleep.has_keys(3)
        message = {"messages": {person.user_id: {"TESTSENDER": {}}}}
        await asleep.transport.request("PUT", path_of("sendToDevice", "m.dummy", "1"), message)
        while ours._client.key_health.keyless:
            await ours.commit(await ours.next_batch())
        await asleep.wakes()
        assert [asleep.phone.read(event) for event in said] == ["một", "hai"]
