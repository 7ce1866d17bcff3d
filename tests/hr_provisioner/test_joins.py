"""Joins over time, on a real database: leaders and days of the moment, grace, what is carried out in which order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

from hr_provisioner.reach import Reach
from hr_provisioner.rooms import joins as joins_module
from hr_provisioner.rooms.joins import Joins, JoinsFailed, RoomsFailed, Tally
from hr_provisioner.rooms.life import Scene
from hr_provisioner.rooms.store import keep_members
from hr_provisioner.rooms.upkeep import Upkeep
from huep.database import Role
from huep.settings import Settings
from huep.synapse_admin import ActionResult, MembershipRequest

BEFORE_MIDNIGHT = datetime(2026, 3, 10, 16, 59, tzinfo=UTC)
FIRST_DAY, NEXT_DAY = date(2026, 3, 10), date(2026, 3, 11)
SETTINGS = Settings(server_name="hue.localhost")
Deed = tuple[str, str, str]
"""join or leave, localpart, room ID."""


@dataclass
class Province:
    """Builder, keeper and homeserver at once; making rooms takes until after midnight."""

    hr: Engine
    at: datetime = BEFORE_MIDNIGHT
    built_for: list[Scene] = field(default_factory=list)
    kept_up_for: list[Scene] = field(default_factory=list)
    failed: tuple[str, ...] = ()
    refusing: bool = False
    seen: frozenset[str] = frozenset()
    deeds: list[Deed] = field(default_factory=list)

    async def build(self, units: Sequence[object], scene: Scene, _tell: object = None) -> int:
        self.built_for.append(scene)
        self.at += timedelta(minutes=5)
        return len(units)

    async def keep_up(self, scene: Scene, _tell: object = None, *, urgent: object = None) -> Upkeep:
        self.kept_up_for.append(scene)
        return Upkeep(0, self.failed)

    async def lift_rate_limits(self, _user_id: str) -> None: ...

    async def seen_users(self) -> frozenset[str]:
        return self.seen

    async def publish_people(self, people: Sequence[object], *, units: Sequence[object]) -> None: ...

    async def act_on_memberships(self, actions: Sequence[MembershipRequest]) -> list[ActionResult]:
        if not self.refusing:
            self.deeds += [(action.verb.value, action.localpart, action.room_id) for action in actions]
        return [ActionResult(action.id, not self.refusing, not self.refusing, error="no") for action in actions]

    def sql(self, statement: str, **values: object) -> list[tuple[Any, ...]]:
        with self.hr.begin() as connection:
            result = connection.execute(text(statement), values)
            return [tuple(row) for row in result] if result.returns_rows else []

    def opens(self, code: str) -> None:
        self.sql("insert into register.units values (:code)", code=code)
        self.sql(
            "insert into register.unit_periods (unit_code, valid_from, name, short_name, kind, level) "
            "values (:code, '2020-01-01', :code, :code, 'department', 1)",
            code=code,
        )
        self.sql("insert into register.unit_rooms values (:code, 'space', :room)", code=code, room=f"!{code}")

    def announces(self, code: str) -> None:
        """The unit has a room for announcements as well."""
        self.sql(
            "insert into register.unit_rooms values (:code, 'announcements', :room)", code=code, room=f"!{code}-tb"
        )

    def hires(self, name: str, unit: str, since: date = date(2024, 1, 1), standing: str = "staff") -> None:
        key = uuid4()
        self.sql(
            "insert into register.people (person_key, officer_code, full_name, folded_name) "
            "values (:key, :name, :name, :name)", key=key, name=name,
        )  # fmt: skip
        self.sql(
            "insert into register.accounts (person_key, user_id, display_name, locked) "
            "values (:key, :user_id, :name, false)", key=key, user_id=SETTINGS.user_id(name), name=name,
        )  # fmt: skip
        self.sql(
            "insert into register.posts (person_key, unit_code, position_code, position, standing, rank, kind, "
            "valid_from) values (:key, :unit, 'X', 'X', :standing, '', 'main', :since)",
            key=key, unit=unit, standing=standing, since=since,
        )  # fmt: skip

    def moves(self, unit: str) -> None:
        self.sql("update register.posts set unit_code = :unit", unit=unit)

    def joins(self, **rooms: object) -> Joins:
        settings = SETTINGS.model_copy(update={"rooms": SETTINGS.rooms.model_copy(update=rooms)})
        homeserver: Any = self
        return Joins(Reach(settings, self.hr, self.hr, homeserver, lambda: self.at))

    async def settle(self, **rooms: object) -> list[Deed]:
        """What is done at the homeserver by a whole run."""
        self.deeds.clear()
        await self.joins(**rooms).run(lambda _tally: None)
        return list(self.deeds)

    async def seats_anh(self) -> list[Deed]:
        """Two units, and a person brought into the rooms of the first."""
        self.opens("STC")
        self.opens("SNV")
        self.hires("anh", "STC")
        return await self.settle()


@pytest.fixture
def province(databases, monkeypatch: pytest.MonkeyPatch) -> Iterator[Province]:
    hr = databases.engine(Role.HR)
    made = Province(hr)
    monkeypatch.setattr(joins_module, "RoomBuilder", lambda *_: made)
    monkeypatch.setattr(joins_module, "RoomKeeper", lambda *_: made)
    monkeypatch.setattr(joins_module.audit, "record", lambda _engine, _acts: None)
    owner = databases.engine(Role.OWNER)
    everything = "truncate register.units, register.people, register.memberships cascade"
    with owner.begin() as connection:
        connection.execute(text(everything))
    yield made
    with owner.begin() as connection:
        connection.execute(text(everything))
    hr.dispose()
    owner.dispose()


async def test_joins_that_run_past_midnight_go_by_the_new_day_and_its_leaders(province: Province) -> None:
    province.opens("STC")
    province.hires("dau", "STC", since=NEXT_DAY, standing="head")
    await province.settle()
    assert province.built_for[0].today == FIRST_DAY
    assert province.built_for[0].moderators == {}
    assert province.kept_up_for[0].today == NEXT_DAY
    assert province.kept_up_for[0].moderators == {"STC": {"dau"}}


async def test_who_moves_is_in_the_new_rooms_at_once_and_leaves_the_old_after_the_grace(province: Province) -> None:
    assert await province.seats_anh() == [("join", "anh", "!STC")]
    province.moves("SNV")
    assert await province.settle() == [("join", "anh", "!SNV")]
    province.at += timedelta(days=6)
    assert await province.settle() == []
    province.at += timedelta(days=1)
    assert await province.settle() == [("leave", "anh", "!STC")]
    assert await province.settle() == []


async def test_moving_back_within_the_grace_is_never_leaving(province: Province) -> None:
    await province.seats_anh()
    province.moves("SNV")
    await province.settle()
    province.moves("STC")
    province.at += timedelta(days=30)
    await province.settle()
    assert ("leave", "anh", "!STC") not in province.deeds
    assert province.sql("select wanted, done, due_on from register.memberships where room_id = '!STC'") == [
        (True, True, None)
    ]


async def test_a_locked_person_leaves_after_the_same_grace(province: Province) -> None:
    province.opens("STC")
    province.hires("anh", "STC")
    await province.settle()
    province.sql("update register.accounts set locked = true, lock_owner = 'hr'")
    assert await province.settle() == []
    assert await province.settle(grace_days=0) == []
    province.at += timedelta(days=7)
    assert await province.settle() == [("leave", "anh", "!STC")]


async def test_without_grace_who_moves_is_out_at_once(province: Province) -> None:
    await province.seats_anh()
    province.moves("SNV")
    assert set(await province.settle(grace_days=0)) == {("leave", "anh", "!STC"), ("join", "anh", "!SNV")}


async def test_who_waited_to_leave_a_room_that_closes_stays_to_read(province: Province) -> None:
    await province.seats_anh()
    province.moves("SNV")
    await province.settle()
    province.sql("update register.unit_rooms set closed_on = '2026-03-12' where unit_code = 'STC'")
    with province.hr.begin() as connection:
        keep_members(connection, ["!STC"])
    province.at += timedelta(days=30)
    assert await province.settle() == []


async def test_nobody_joins_a_closed_room(province: Province) -> None:
    province.opens("STC")
    province.hires("anh", "STC")
    province.joins().register_wishes(frozenset())
    province.sql("update register.unit_rooms set closed_on = '2026-03-10'")
    with province.hr.begin() as connection:
        keep_members(connection, ["!STC"])
    assert await province.settle() == []


async def test_a_leaving_that_waits_is_not_counted_as_open(province: Province) -> None:
    await province.seats_anh()
    province.moves("SNV")
    tallies: list[Tally] = []
    await province.joins().run(tallies.append)
    assert (tallies[-1].done, tallies[-1].total) == (1, 1)


async def test_on_first_login_only_those_who_were_seen_are_brought_in(province: Province) -> None:
    province.opens("STC")
    province.opens("SNV")
    for name in ("anh", "binh"):
        province.hires(name, "STC")
    province.seen = frozenset({SETTINGS.user_id("anh")})
    assert await province.settle(joins="first_login") == [("join", "anh", "!STC")]
    province.seen = frozenset()
    province.moves("SNV")
    assert await province.settle(joins="first_login") == [("join", "anh", "!SNV")]


async def test_the_bot_that_announces_is_in_every_open_announcement_room_whoever_has_logged_in(
    province: Province,
) -> None:
    for unit in ("STC", "SNV", "XA"):
        province.opens(unit)
        province.announces(unit)
    province.sql("update register.unit_rooms set closed_on = '2026-03-01' where unit_code = 'XA'")
    bot = SETTINGS.accounts.broadcasts
    assert set(await province.settle(joins="first_login")) == {("join", bot, "!STC-tb"), ("join", bot, "!SNV-tb")}
    province.opens("MOI")
    province.announces("MOI")
    province.hires("anh", "MOI", standing="head")
    assert set(await province.settle()) == {
        ("join", "anh", "!MOI"),
        ("join", "anh", "!MOI-tb"),
        ("join", bot, "!MOI-tb"),
    }
    province.sql("update register.unit_rooms set closed_on = '2026-03-10' where unit_code = 'STC'")
    province.at += timedelta(days=30)
    assert await province.settle() == [], "it stays in a room that closes, as everybody does"


async def test_a_batch_holds_people_of_one_room_side_by_side_and_many_rooms(province: Province) -> None:
    for unit in ("A", "B", "C"):
        province.opens(unit)
        for number in range(60):
            province.hires(f"{unit.lower()}{number:02}", unit)
    deeds = await province.settle()
    assert len(deeds) == 180
    runs = [(room_id, len(list(group))) for room_id, group in groupby(deeds, key=lambda deed: deed[2])]
    assert runs == [("!A", 25), ("!B", 25), ("!C", 25)] * 2 + [("!A", 10), ("!B", 10), ("!C", 10)]


async def test_rooms_that_cannot_be_changed_keep_nobody_out_and_are_told_at_the_end(province: Province) -> None:
    province.opens("STC")
    province.hires("anh", "STC")
    province.failed = ("SNV: Synapse refused",)
    with pytest.raises(RoomsFailed, match="SNV: Synapse refused"):
        await province.settle()
    assert province.deeds == [("join", "anh", "!STC")]


async def test_what_cannot_be_brought_about_is_told_with_its_reason(province: Province) -> None:
    province.opens("STC")
    province.hires("anh", "STC")
    province.refusing = True
    with pytest.raises(JoinsFailed, match="no"):
        await province.settle()
