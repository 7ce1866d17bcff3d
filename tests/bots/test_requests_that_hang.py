"""Questions for keys that nobody answers for minutes: other events come in meanwhile, and what needs the answer waits."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bots.matrix import client as clients
from bots.matrix.errors import AccountLocked, MatrixError
from bots.matrix.port import Batch
from bots.matrix.signing import Json
from bots.matrix.trust import Origin
from tests.bots.devices import Device, Sender, SyncingHomeserver, bodies, text
from tests.bots.test_client import ROOM
from tests.bots.test_trust import ANH, Owner

BINH = "@binh:hue.localhost"
SOON_S = 2.0


class HangingHomeserver(SyncingHomeserver):
    """Answers `/keys/query` when it is let, with what is true by then, or with `error`."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = asyncio.Event()
        self.answers.set()
        self.error: MatrixError | None = None

    async def request(self, method: str, path: str, body: Any = None, **more: object) -> Json:
        if path.endswith("/keys/query"):
            await self.answers.wait()
            if self.error is not None:
                raise self.error
        return await super().request(method, path, body, **more)


@pytest.fixture
async def server() -> HangingHomeserver:
    server = HangingHomeserver()
    server.others.append(Owner(BINH, seed=50))
    return server


@pytest.fixture
async def device(server: HangingHomeserver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Device]:
    monkeypatch.setattr(clients, "QUEUE_PATIENCE_S", 0.01)
    device = Device(server, tmp_path)
    await device.client.upload_keys()
    await device.take()
    yield device
    await device.client.close()
    device.close()


@pytest.fixture
async def anh(device: Device) -> Sender:
    return await met(device, Sender(device.server, device.client))


@pytest.fixture
async def binh(device: Device) -> Sender:
    return await met(device, Sender(device.server, device.client, device.server.others[0]))


async def met(device: Device, sender: Sender) -> Sender:
    """Somebody whose device the bot knows, and whose session it has."""
    await device.take(said(sender, "$hello"), to_device=[sender.to_device(sender.room_key())])
    return sender


def said(sender: Sender, event_id: str) -> Json:
    return sender.said(json.dumps(text(event_id)).encode(), event_id)


async def soon(device: Device, *timeline: Json, **more: Any) -> Batch:
    async with asyncio.timeout(SOON_S):
        return await device.take(*timeline, **more)


async def test_others_are_heard_while_a_question_for_keys_hangs(
    device: Device, server: HangingHomeserver, anh: Sender, binh: Sender
) -> None:
    server.answers.clear()
    assert bodies(await soon(device, said(binh, "$one"), changed=[ANH])) == ["$one"]
    assert bodies(await soon(device, said(binh, "$two"))) == ["$two"]


async def test_who_is_asked_about_is_believed_only_when_the_answer_is_there(
    device: Device, server: HangingHomeserver, anh: Sender
) -> None:
    server.answers.clear()
    await soon(device, changed=[ANH])
    said_by_a_device_that_was_removed = asyncio.create_task(device.take(said(anh, "$one")))
    await asyncio.sleep(0.05)
    assert not said_by_a_device_that_was_removed.done()
    server.removed.add(ANH)
    server.answers.set()
    [event] = (await said_by_a_device_that_was_removed).events
    assert event.origin is Origin.UNSIGNED


async def test_no_key_goes_to_who_is_asked_about_before_the_answer_is_there(
    device: Device, server: HangingHomeserver, anh: Sender
) -> None:
    server.answers.clear()
    await soon(device, changed=[ANH])
    sending = asyncio.create_task(device.client.encrypt_for(ROOM, "m.room.message", {"body": "x"}))
    await asyncio.sleep(0.05)
    assert not sending.done()
    server.removed.add(ANH)
    server.answers.set()
    await sending
    assert server.to_device == []


async def test_an_account_that_is_locked_meanwhile_ends_with_the_sync_after(
    device: Device, server: HangingHomeserver, anh: Sender
) -> None:
    server.answers.clear()
    await soon(device, changed=[ANH])
    server.error = AccountLocked(401, "M_USER_LOCKED", "User account has been locked", "POST /keys/query")
    server.answers.set()
    await asyncio.sleep(0.01)
    with pytest.raises(AccountLocked):
        await soon(device)


async def test_what_hung_is_asked_again_with_a_later_sync(
    device: Device, server: HangingHomeserver, anh: Sender
) -> None:
    server.answers.clear()
    await soon(device, changed=[ANH])
    server.error = MatrixError("the connection ended")
    server.answers.set()
    await asyncio.sleep(0.01)
    server.error = None
    server.removed.add(ANH)
    await soon(device)
    assert device.client.identities[ANH].devices == {}


async def test_a_question_that_hangs_ends_with_the_client(
    device: Device, server: HangingHomeserver, anh: Sender
) -> None:
    before = asyncio.all_tasks()
    server.answers.clear()
    await soon(device, changed=[ANH])
    assert asyncio.all_tasks() - before
    await device.client.close()
    assert not asyncio.all_tasks() - before


async def test_a_sync_is_stopped_at_whatever_moment(device: Device, anh: Sender) -> None:
    """Also in the very step in which the question for keys is answered: a bot that goes on then never stops."""
    for steps in range(1_000_000):
        reading = asyncio.create_task(device.take(changed=[ANH]))
        for _ in range(steps):
            await asyncio.sleep(0)
        if reading.done():
            assert steps > 5
            return
        reading.cancel()
        await asyncio.wait({reading})
        assert reading.cancelled(), f"in step {steps}"
    raise AssertionError("the sync does not end")
