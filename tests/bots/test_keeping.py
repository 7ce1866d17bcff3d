"""A bot is started again when it crashes, stays down where an operator is needed, and never takes another with it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bots.health.vitals import BotState, Vitals
from bots.matrix.errors import AccountLocked, DeviceInUse, IdentityDiffers, ServerUnreachable
from bots.process import keeping
from bots.process.keeping import NEED_AN_OPERATOR, Keeper
from tests.clients.waiting import until

NOW = datetime(2026, 2, 16, 8, 0, tzinfo=UTC)


class Life:
    """What a bot does at each start: the failures one after another, then it serves until it is stopped."""

    def __init__(self, stop: asyncio.Event, *failures: Exception) -> None:
        self.stop = stop
        self.failures = list(failures)
        self.starts = 0
        self.serving = asyncio.Event()

    async def __call__(self) -> None:
        self.starts += 1
        if self.failures:
            raise self.failures.pop(0)
        self.serving.set()
        await self.stop.wait()


def keeper(serve: Callable[[], Awaitable[None]], pauses: list[int] | None = None) -> tuple[Keeper, Vitals]:
    vitals = Vitals("assistant", "@tro-ly:hue.localhost")

    def pause_s(failures: int) -> float:
        if pauses is not None:
            pauses.append(failures)
        return 0.0

    return Keeper(vitals, serve, lambda: None, lambda: NOW, pause_s), vitals


async def test_a_bot_that_crashes_is_started_again_with_longer_and_longer_pauses() -> None:
    stop, pauses = asyncio.Event(), list[int]()
    life = Life(stop, KeyError("x"), ServerUnreachable("http://x"), ValueError("y"))
    keep, vitals = keeper(life, pauses)
    running = asyncio.create_task(keep.keep(stop))
    await asyncio.wait_for(life.serving.wait(), 5)
    assert (life.starts, vitals.restarts, pauses) == (4, 3, [1, 2, 3])
    stop.set()
    await asyncio.wait_for(running, 5)
    assert vitals.state is BotState.STOPPED


@pytest.mark.parametrize(
    "error", [AccountLocked(401, "M_USER_LOCKED", "locked", "GET /sync"), IdentityDiffers("whose keys are not here")]
)
async def test_a_locked_or_lost_account_stays_down_and_says_so_and_comes_back_when_it_is_helped(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(error, NEED_AN_OPERATOR)
    stop = asyncio.Event()
    life = Life(stop, error)
    keep, vitals = keeper(life)
    running = asyncio.create_task(keep.keep(stop))
    await until(lambda: vitals.state is BotState.DOWN)
    assert life.starts == 1
    assert vitals.note == str(error)
    running.cancel()
    monkeypatch.setattr(keeping, "LOOK_AGAIN_S", 0.0)
    life.failures.append(error)
    running = asyncio.create_task(keep.keep(stop))
    await asyncio.wait_for(life.serving.wait(), 5)
    stop.set()
    await running


async def test_a_bot_that_another_process_has_ends_this_process() -> None:
    stop = asyncio.Event()
    keep, vitals = keeper(Life(stop, DeviceInUse(Path("/x"))))
    with pytest.raises(DeviceInUse):
        await keep.keep(stop)
    assert vitals.state is BotState.STOPPED


async def test_stopping_does_not_wait_for_a_pause() -> None:
    stop = asyncio.Event()
    keep, vitals = keeper(Life(stop, AccountLocked(401, "M_USER_LOCKED", "locked", "GET /sync")))
    running = asyncio.create_task(keep.keep(stop))
    await until(lambda: vitals.state is BotState.DOWN)
    stop.set()
    await asyncio.wait_for(running, 5)
    assert vitals.state is BotState.STOPPED


async def test_one_that_crashes_for_ever_leaves_the_others_alone() -> None:
    stop = asyncio.Event()
    broken, sound = Life(stop, *(ServerUnreachable("http://x") for _ in range(50))), Life(stop)
    keepers = [keeper(broken), keeper(sound)]
    running = [asyncio.create_task(keep.keep(stop)) for keep, _ in keepers]
    await asyncio.wait_for(broken.serving.wait(), 5)
    assert (sound.starts, keepers[1][1].restarts) == (1, 0)
    stop.set()
    await asyncio.gather(*running)
