"""A member who sends malformed events of every type: no crash, no growth, and the next message is answered."""

import random
from itertools import islice
from pathlib import Path

import pytest

from bots.matrix.events import event_of
from bots.matrix.port import Event
from bots.matrix.trust import Origin
from tests.bots.devices import Device, Sender, SyncingHomeserver
from tests.bots.hostile import Hostile
from tests.bots.hostile_run import survive
from tests.bots.test_client import ROOM

EVENTS, WARM_UP = 1_500, 500
MOST_GROWN_BYTES = 8 * 1024 * 1024
SEED = random.SystemRandom().randrange(10**9)


async def test_a_hostile_member_costs_nobody_a_message(tmp_path: Path) -> None:
    survived = await survive(tmp_path, SEED, EVENTS, WARM_UP)
    assert survived.events >= EVENTS
    assert survived.grown_bytes < MOST_GROWN_BYTES


async def test_no_event_is_too_odd_to_be_read(tmp_path: Path) -> None:
    device = Device(SyncingHomeserver(), tmp_path)
    await device.client.upload_keys()
    hostile = Hostile(SEED, Sender(device.server, device.client))
    read = 0
    for part, source in islice(hostile.anything(), 2_000):
        if part in ("said", "state"):
            found = event_of(ROOM, source, Origin.PLAIN)
            assert found is None or isinstance(found, Event)
            read += found is not None
    device.close()
    assert read > 100, "not all of it is refused at the first look"


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_same_seed_is_the_same_hostility(tmp_path: Path, seed: int) -> None:
    device = Device(SyncingHomeserver(), tmp_path)
    await device.client.upload_keys()
    sender = Sender(device.server, device.client)

    def kinds() -> list[str]:
        return [part for part, _ in islice(Hostile(seed, sender).anything(), 50)]

    assert kinds() == kinds()
    device.close()
