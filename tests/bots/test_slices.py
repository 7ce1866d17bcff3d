"""Long work that shares the turns of the event loop."""

import asyncio
import gc
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bots.matrix import slices
from bots.matrix.slices import TURN_S, in_slices
from bots.process.running import run_bots
from huep.bots_settings import ALL
from huep.errors import HuepError
from huep.state import StateFolder

STEPS, STEP_S = 300, TURN_S / 50


@dataclass
class Works:
    """Works that begin together, by a clock that only their steps move."""

    now_s: float = 0.0
    done: list[int] = field(default_factory=list)
    """Which work made each step."""
    longest_turn_s: float = 0.0

    async def work(self, name: int) -> None:
        async for _ in in_slices(range(STEPS)):
            self.now_s += STEP_S
            self.done.append(name)

    async def run(self, works: int) -> None:
        together = asyncio.gather(*map(self.work, range(works)))
        while not together.done():
            began_s = self.now_s
            await asyncio.sleep(0)
            self.longest_turn_s = max(self.longest_turn_s, self.now_s - began_s)


@pytest.fixture
def works(monkeypatch: pytest.MonkeyPatch) -> Works:
    works = Works()
    monkeypatch.setattr(slices, "perf_counter", lambda: works.now_s)
    monkeypatch.setattr(slices, "_turn_ends", 0.0)
    return works


@pytest.mark.parametrize("number", [1, 2, 12])
async def test_works_that_begin_together_share_one_turn_of_the_loop(works: Works, number: int) -> None:
    await works.run(number)
    assert works.longest_turn_s < 1.5 * TURN_S
    assert len(works.done) == number * STEPS


async def test_of_two_works_neither_waits_for_the_end_of_the_other(works: Works) -> None:
    await works.run(2)
    assert set(works.done[:STEPS]) == set(works.done[-STEPS:]) == {0, 1}


async def test_what_the_bots_import_is_never_swept_while_they_run(tmp_path: Path) -> None:
    """A sweep of all of it would stop the event loop for 0.1 s, whatever it is doing."""
    with pytest.raises(HuepError):
        await run_bots(StateFolder(tmp_path), asyncio.Event(), packages=(), process=ALL)
    spared = gc.get_freeze_count()
    gc.unfreeze()
    assert spared > 100_000
