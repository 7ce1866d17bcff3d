"""Ten thousand malformed events and more, of every type, into one device."""

import random
from pathlib import Path

import pytest

from tests.bots.hostile_run import survive
from tests.soak.conftest import Tell

EVENTS, WARM_UP = 40_000, 10_000
MOST_GROWN_BYTES = 16 * 1024 * 1024

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]


async def test_a_hostile_member_breaks_and_fills_nothing(tmp_path: Path, dice: random.Random, tell: Tell) -> None:
    survived = await survive(tmp_path, dice.randrange(10**9), EVENTS, WARM_UP)
    tell(f"{survived.events} malformed events; memory grew by {survived.grown_bytes / 2**20:.1f} MiB behind {WARM_UP}")
    assert survived.grown_bytes < MOST_GROWN_BYTES
