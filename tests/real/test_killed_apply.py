"""`kill -9` at random moments of applies of 500 actions: nothing is lost, nothing is done twice."""

import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from hr_provisioner import identity
from hr_provisioner.apply import Applier
from hr_provisioner.audit_acts import act_of
from hr_provisioner.directory_reader import read_current
from hr_provisioner.plan import Plan, make_plan
from hr_provisioner.records import PersonRecord, PostRecord, Register, UnitRecord
from hr_provisioner.workplace import Workplace, open_workplace
from huep import audit, clock
from huep.directory.model import PostKind, Standing, UnitKind
from huep.stack.accounts import open_admin
from tests.clients.apply_nursery import ACTOR, Nursery, nursery

KILLS = 10
ACTIONS = 500
LATEST_KILL_S = 0.9
LEAVERS, MOVERS, CORRECTED, NEW = 60, 160, 70, 70
SURNAME = "Người Bị Giết"


@pytest.fixture
def place(stack) -> Iterator[Workplace]:
    with open_workplace(stack.state) as opened:
        yield opened


@pytest.fixture
def province(place: Workplace) -> "Editions":
    with place.hr.connect() as connection:
        root = connection.execute(text("select unit_code from register.unit_periods where level = 0")).scalar_one()
    return Editions(f"KIL{uuid4().hex[:6].upper()}", root)


class Editions:
    """Two registers between which there are 500 actions, either way."""

    def __init__(self, region: str, root: str) -> None:
        self.units = tuple(
            UnitRecord(f"{region}{end}", f"Sở {region}{end}", f"{region}{end}", UnitKind.DEPARTMENT, 1, root,
                       date(2020, 1, 1), None)
            for end in "AB"
        )  # fmt: skip
        self.old = tuple(self.person(f"{region}-{n:03}") for n in range(LEAVERS + MOVERS + CORRECTED))
        self.new = tuple(self.person(f"{region}-{n + 500:03}") for n in range(NEW))

    def person(self, code: str) -> PersonRecord:
        post = PostRecord(
            self.units[0].code, "CV", "Chuyên viên", Standing.STAFF, "", PostKind.MAIN, date(2024, 1, 1), None
        )
        return PersonRecord(code, SURNAME, None, None, (post,), None, None, None)

    def first(self) -> Register:
        return _register(self.units, self.old)

    def here(self) -> Register:
        return _register(self.units, [*self.old, *self.new])

    def there(self) -> Register:
        yesterday = clock.today() - timedelta(days=1)
        leavers, movers = self.old[:LEAVERS], self.old[LEAVERS : LEAVERS + MOVERS]
        return _register(
            self.units,
            [
                *(replace(who, leaves_on=yesterday) for who in leavers),
                *(replace(who, posts=(replace(who.posts[0], unit_code=self.units[1].code),)) for who in movers),
                *(replace(who, email=f"{who.officer_code}@hue.vn") for who in self.old[LEAVERS + MOVERS :]),
                *self.new,
            ],
        )


def _register(units: Iterable[UnitRecord], people: Iterable[PersonRecord]) -> Register:
    members = tuple(people)
    return Register(tuple(units), members, (), len(members), uuid4().hex)


async def planned(place: Workplace, register: Register) -> Plan:
    """What `register` changes, in the directory or on the homeserver."""
    current = await place.current(ACTOR)
    return make_plan(register, current, place.today, place.policy)


async def apply(place: Workplace, plan: Plan) -> None:
    async with open_admin(place.settings, place.state) as homeserver:
        applier = Applier(place.settings, place.hr, place.audit, homeserver, ACTOR)
        assert (await applier.carry_out(plan, lambda _stage, _now, _all: None)).failed == []


async def test_an_apply_killed_ten_times_loses_and_doubles_nothing(stack, place: Workplace, province: Editions) -> None:
    seed = random.SystemRandom().randrange(10**9)
    sys.stdout.write(f"seed {seed}\n")
    dice = random.Random(seed)
    await apply(place, await planned(place, province.first()))
    killed = in_the_middle = 0
    with nursery(stack.state) as children:
        editions = [province.there(), province.here()]
        while killed < KILLS:
            register = editions[0]
            editions.reverse()
            plan = await planned(place, register)
            assert len(plan.actions) >= ACTIONS
            kills, cut_off = kill_until_done(place, children, plan, dice, KILLS - killed)
            killed += kills
            in_the_middle += cut_off
            check_run(place, plan, kills)
            assert (await planned(place, register)).actions == ()
            await check_accounts(place)
    assert in_the_middle >= KILLS / 2


def kill_until_done(place: Workplace, children: Nursery, plan: Plan, dice: random.Random, most: int) -> tuple[int, int]:
    """Kill applies of `plan` at random moments, until one is done; how many, and how many with something done."""
    kills = cut_off = 0
    while kills < most and children.killed(plan, dice.uniform(0, LATEST_KILL_S)):
        kills += 1
        cut_off += 0 < states(place, plan)["done"] < len(plan.actions)
    children.start(plan)
    assert children.wait() == 0
    return kills, cut_off


def states(place: Workplace, plan: Plan) -> Counter[str]:
    """How many actions of runs of `plan` stand in which state."""
    query = text(
        "select state, count(*) from hr.run_actions join hr.runs using (run_id) where plan_hash = :plan group by state"
    )
    with place.hr.connect() as connection:
        return Counter(dict(connection.execute(query, {"plan": plan.sha256}).tuples().all()))


def check_run(place: Workplace, plan: Plan, kills: int) -> None:
    """Every action of the plan is done once in the journal, and stands in the audit log, twice at most where killed."""
    assert states(place, plan) == {"done": len(plan.actions)}
    with place.hr.connect() as connection:
        runs = connection.execute(
            text("select run_id, finished_at from hr.runs where plan_hash = :plan"), {"plan": plan.sha256}
        ).all()
        told = Counter(
            (entry.act, entry.subject) for entry in audit.read(connection) if f'"plan":"{plan.sha256}"' in entry.details
        )
    assert len(runs) == 1
    assert isinstance(runs[0].run_id, UUID)
    assert runs[0].finished_at is not None
    for action in plan.actions:
        act = act_of(action, ACTOR, plan.sha256)
        assert 1 <= told[act.act, act.subject] <= 1 + kills, act


async def check_accounts(place: Workplace) -> None:
    """Homeserver and directory have the same accounts, each once, with the same locks and names."""
    async with open_admin(place.settings, place.state) as homeserver:
        users = await homeserver.users()
    with place.hr.connect() as connection:
        people = read_current(connection, place.today).people
    start = identity.localpart(SURNAME, identity.person_key("x"), ()).rpartition("-")[0]
    shown = {user.user_id: (user.locked, user.display_name) for user in users if user.user_id.startswith(f"@{start}-")}
    written = {
        place.settings.user_id(person.account.localpart): (person.account.locked, person.account.display_name)
        for person in people
        if person.account is not None and person.facts.full_name == SURNAME
    }
    assert shown == written
