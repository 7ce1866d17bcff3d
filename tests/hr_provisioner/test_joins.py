"""Joins that run long: the day and the leaders are those of the moment, not those of the start."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from hr_provisioner import joins as joins_module
from hr_provisioner.current import Current
from hr_provisioner.joins import Joins
from huep.directory.model import Standing
from huep.settings import Settings

from .golden_folder import scenarios

BEFORE_MIDNIGHT = datetime(2026, 3, 10, 16, 59, tzinfo=UTC)
FIRST_DAY, NEXT_DAY = date(2026, 3, 10), date(2026, 3, 11)


class Province:
    """Directory, builder and homeserver at once; making rooms takes until after midnight."""

    def __init__(self) -> None:
        self.at = BEFORE_MIDNIGHT
        self.days: list[date] = []
        self.built_for: list[Mapping[str, frozenset[str]]] = []
        self.handed_over: list[Mapping[str, frozenset[str]]] = []

    def read(self, today: date) -> Current:
        """From the next day on the only person is a head."""
        self.days.append(today)
        [current] = [found.current for found in scenarios() if found.name.startswith("02-")]
        [person] = current.people
        head = replace(person, posts=(replace(person.posts[0], standing=Standing.HEAD, valid_from=NEXT_DAY),))
        return replace(current, people=(head,))

    async def build(self, _units: Any, moderators: Mapping[str, frozenset[str]], _tell: Any = None) -> None:
        self.built_for.append(moderators)
        self.at = BEFORE_MIDNIGHT + timedelta(minutes=5)

    async def hand_over(self, moderators: Mapping[str, frozenset[str]]) -> int:
        self.handed_over.append(moderators)
        return 0

    async def lift_rate_limits(self, _user_id: str) -> None: ...


@pytest.fixture
def province() -> Province:
    return Province()


@pytest.fixture
def joins(province: Province, monkeypatch: pytest.MonkeyPatch) -> Joins:
    async def nothing(*_: object) -> int:
        return 0

    unused: Any = None
    homeserver: Any = province
    monkeypatch.setattr(joins_module, "RoomBuilder", lambda *_: province)
    made = Joins(Settings(server_name="hue.localhost"), unused, unused, homeserver, lambda: province.at)
    monkeypatch.setattr(made, "_current", province.read)
    monkeypatch.setattr(made, "register_wishes", lambda _urgent: None)
    monkeypatch.setattr(made, "_work_off", nothing)
    monkeypatch.setattr(made, "_counts", lambda: (0, 0))
    return made


async def test_joins_that_run_past_midnight_go_by_the_new_day(joins: Joins, province: Province) -> None:
    await joins.run(lambda _tally: None)
    assert province.days == [FIRST_DAY, NEXT_DAY]


async def test_moderation_goes_to_those_who_lead_once_the_rooms_are_made(joins: Joins, province: Province) -> None:
    await joins.run(lambda _tally: None)
    await joins.serve_urgent(["CB001"])
    assert province.built_for[0] == {}
    assert province.handed_over == [{"STC": {"nguyen-van-anh-aa2"}}] * 2
