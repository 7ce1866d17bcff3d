"""The slow lane of the service: what cannot be done now stops nothing else, and is tried again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from hr_provisioner.advisory import AlreadyRunning
from hr_provisioner.applying.breaker import BreakerOpen
from hr_provisioner.intake import SnapshotParked
from hr_provisioner.service import belief, hints, registers
from hr_provisioner.service.hints import EVERYBODY
from hr_provisioner.service.registers import Registers
from hr_provisioner.sources.source import SourceAway
from hr_provisioner.workplace import Workplace
from huep.catalogue import Message
from huep.hr_settings import SourceKind
from tests.hr_provisioner.service.conftest import NOW, TODAY, Homeserver, found, locked, record

AWAY = SourceAway("rest", Message.of("unreadable-http", attempts=5, error="503"))
PARKED = SnapshotParked("0" * 64, (Message("unreadable-loop"),))


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lane(place: Workplace, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Registers:
    found(place, record("CB1", leaves_on=TODAY - timedelta(days=1)), record("CB2", leaves_on=TODAY), record("CB3"))

    async def nothing(*_: object, **_named: object) -> None: ...

    monkeypatch.setattr(registers, "renew_publication", nothing)
    monkeypatch.setattr(registers, "run_joins", nothing)
    return Registers(replace(place, now=clock), Homeserver(), lambda: None)


def night(place: Workplace, at: datetime = NOW) -> None:
    with place.hr.begin() as connection:
        hints.take_in(connection, f"nightly-{at}", EVERYBODY, at)


def applying(monkeypatch: pytest.MonkeyPatch, becomes: Callable[[], object]) -> list[None]:
    """What an apply of the register comes to; tells how often it was tried."""
    tried: list[None] = []

    async def apply(*_: object, **_named: object) -> object:
        tried.append(None)
        return becomes()

    monkeypatch.setattr(registers, "apply_source", apply)
    return tried


def failing(error: Exception) -> Callable[[], object]:
    def fail() -> object:
        raise error

    return fail


def state(place: Workplace) -> str:
    with place.hr.connect() as connection:
        return str(connection.execute(text("select state from hr.hints")).scalar_one())


async def test_a_register_that_does_not_answer_is_asked_again_and_leavers_are_locked_meanwhile(
    lane: Registers, place: Workplace, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = applying(monkeypatch, failing(AWAY))
    night(place)
    await lane.work_off()
    assert (state(place), locked(place)) == ("open", {"CB1": "left"})
    await lane.work_off()
    assert len(tried) == 1
    clock.at += timedelta(minutes=6)
    await lane.work_off()
    assert len(tried) == 2
    clock.at += timedelta(hours=6)
    await lane.work_off()
    assert state(place) == "failed"


async def test_an_apply_of_an_officer_costs_no_night(
    lane: Registers, place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    applying(monkeypatch, failing(AlreadyRunning()))
    night(place)
    with pytest.raises(AlreadyRunning):
        await lane.work_off()
    assert (state(place), locked(place)) == ("open", {"CB1": "left"})


async def test_leavers_are_locked_though_the_register_is_parked(
    lane: Registers, place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    applying(monkeypatch, failing(PARKED))
    night(place)
    await lane.work_off()
    assert (state(place), locked(place)) == ("done", {"CB1": "left"})
    with place.hr.connect() as connection:
        assert belief.is_held(connection, SourceKind.FILES)


async def test_more_leavers_than_the_guard_allows_wait_for_officers(
    lane: Registers, place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    found(place, *(record(f"NN{n}", leaves_on=TODAY - timedelta(days=1)) for n in range(60)))
    applying(monkeypatch, failing(PARKED))
    for _ in range(2):
        night(place, NOW)
        await lane.work_off()
    assert locked(place) == {}, "one limit holds for all of them"
    with place.hr.connect() as connection:
        assert connection.execute(text("select kind, state from hr.plans")).all() == [("person", "parked")]


async def test_one_approved_plan_that_fails_stops_neither_the_others_nor_the_register(
    lane: Registers, place: Workplace, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried_out: list[str] = []

    async def apply(*_: object, prefix: str, **_named: object) -> None:
        carried_out.append(prefix)
        if prefix == "bad":
            raise BreakerOpen("ten in a row")

    monkeypatch.setattr(registers, "apply_approved", apply)
    monkeypatch.setattr(Registers, "_approved_plans", lambda _self: ["bad", "good"])
    tried = applying(monkeypatch, failing(PARKED))
    night(place)
    assert await lane.work_off()
    assert (carried_out, len(tried), state(place)) == (["bad", "good"], 1, "done")
    await lane.work_off()
    assert carried_out == ["bad", "good", "good"]
    clock.at += timedelta(minutes=16)
    await lane.work_off()
    assert carried_out[3:] == ["bad", "good"]


def test_who_asks_after_the_look_is_served_with_the_next(lane: Registers, place: Workplace, clock: Clock) -> None:
    lane.ask()
    with place.hr.begin() as connection:
        connection.execute(text("update hr.hints set state = 'done'"))
    lane.ask()
    lane.ask()
    with place.hr.connect() as connection:
        assert hints.about_everybody(connection, clock.at) == []
        assert len(hints.about_everybody(connection, clock.at + timedelta(minutes=5))) == 1
