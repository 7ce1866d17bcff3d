"""What every cruel test has: dice whose seed is known, and a voice that is heard when it passes too."""

import os
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from huep.state import StateFolder
from tests.clients.running import first_settings

SEED_VARIABLE = "HUEP_SOAK_SEED"

Tell = Callable[[str], None]


@pytest.fixture
def tell(capfd: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> Iterator[Tell]:
    """Prints a line past pytest's capturing."""

    def say(line: str) -> None:
        with capfd.disabled():
            sys.stdout.write(f"\n  {line}")
            sys.stdout.flush()

    say(f"{request.node.name}:")
    yield say
    say("")


@pytest.fixture
def dice(tell: Tell) -> random.Random:
    """Random moments; the same again with the seed in the environment."""
    seed = int(os.environ.get(SEED_VARIABLE) or random.SystemRandom().randrange(10**9))
    tell(f"seed {SEED_VARIABLE}={seed}")
    return random.Random(seed)


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    """An empty state folder with its ports chosen."""
    first_settings(tmp_path / "state")
    return StateFolder(tmp_path / "state")
