"""A device that takes in whatever a hostile member sends, and between it what somebody says in earnest."""

import gc
import json
import os
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from bots.matrix.port import Event, TextMessage
from tests.bots.devices import Device, Sender, SyncingHomeserver, text
from tests.bots.hostile import Hostile
from tests.bots.test_client import ROOM, sync

A_SYNC = 25
"""Events."""


@dataclass(frozen=True)
class Survived:
    """What it came to."""

    events: int
    grown_bytes: int
    """Resident memory at the end beside that after the first part."""


async def survive(folder: Path, seed: int, events: int, warm_up: int) -> Survived:
    """Take in so many malformed events; AssertionError where a good message among them is not read.

    Args:
        folder: of the device.
        seed: names it at a failure.
        events: that are sent altogether.
        warm_up: how many of them come before the memory is first measured.
    """
    server = SyncingHomeserver()
    device = Device(server, folder, receipts=True)
    try:
        await device.client.upload_keys()
        await device.take()
        sender = Sender(server, device.client)
        await device.take(to_device=[sender.to_device(sender.room_key())])
        hostile, sent, before = Hostile(seed, sender).anything(), 0, 0
        while sent < events:
            if not before and sent >= warm_up:
                before = resident_bytes()
            parts: dict[str, list[object]] = {"said": [], "state": [], "to_device": [], "beside": []}
            for part, event in islice(hostile, A_SYNC):
                parts[part].append(event)
            sent += A_SYNC
            earnest = sender.said(json.dumps(text("đến cuối")).encode(), f"$good{sent}")
            batch = await take(device, parts, earnest, sent)
            found = [event for event in batch if isinstance(event, TextMessage) and event.event_id == f"$good{sent}"]
            assert [event.body for event in found] == ["đến cuối"], f"seed {seed}, {sent} events"
            server.to_device.clear()
        return Survived(sent, resident_bytes() - before)
    finally:
        device.close()


async def take(device: Device, parts: dict[str, list[object]], earnest: object, number: int) -> tuple[Event, ...]:
    """One sync with all of that, committed; everything handed on can be kept by PostgreSQL."""
    room = {
        "timeline": {"events": [*parts["said"], *parts["state"][::2], earnest]},
        "state": {"events": parts["state"][1::2]},
        "ephemeral": {"events": parts["beside"]},
        "account_data": {"events": parts["beside"]},
    }
    answer = sync(
        next_batch=f"s{number}",
        rooms={"join": {ROOM: room}},
        to_device={"events": parts["to_device"]},
        account_data={"events": parts["beside"]},
        presence={"events": parts["beside"]},
    )
    # As it comes over the wire.
    device.server.syncs.append(json.loads(json.dumps(answer)))
    batch = await device.connection.next_batch()
    await device.connection.commit(batch)
    for event in (*batch.events, *batch.receipts, *batch.timeline):
        written = json.dumps(asdict(event), ensure_ascii=False, default=sorted)
        assert written.encode(), "UTF-8 takes it"
        assert "\\u0000" not in written
    return batch.events


def resident_bytes() -> int:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
