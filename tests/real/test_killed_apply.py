"""`kill -9` at random moments of applies of 500 actions: nothing is lost, nothing is done twice."""

import random
import sys
from collections import Counter
from dataclasses import replace
from uuid import UUID, uuid4

from sqlalchemy import text

from hr_provisioner.directory.audit_acts import act_of
from hr_provisioner.directory.reader import read_current
from hr_provisioner.planning import identity
from hr_provisioner.planning.plan import Plan
from hr_provisioner.records import PersonRecord, Register
from hr_provisioner.workplace import Workplace
from huep import audit
from huep.stack.accounts import open_admin
from tests.clients.apply_nursery import ACTOR as CHILD
from tests.clients.apply_nursery import Nursery, nursery
from tests.clients.editions import carry_out, left, person, planned, register, unit

KILLS = 10
ACTIONS = 500
LATEST_KILL_S = 0.4
KILLED_ANYWHERE = 0.3
"""Of so many kills the moment is random over all of a process; of the others it lies after their first act."""
LEAVERS, MOVERS, CORRECTED, NEW = 60, 160, 70, 70
NAME = "Người Bị Giết"


class Editions:
    """Two registers between which there are 500 actions, either way."""

    def __init__(self, place: Workplace) -> None:
        region = f"KIL{uuid4().hex[:6].upper()}"
        self.units = tuple(unit(f"{region}{end}", place) for end in "AB")
        self.old = tuple(self._person(f"{region}-{n:03}") for n in range(LEAVERS + MOVERS + CORRECTED))
        self.new = tuple(self._person(f"{region}-{n + 500:03}") for n in range(NEW))

    def _person(self, code: str) -> PersonRecord:
        return person(code, self.units[0].code, NAME)

    def first(self) -> Register:
        return register(self.units, self.old)

    def here(self) -> Register:
        return register(self.units, [*self.old, *self.new])

    def there(self) -> Register:
        leavers, movers = self.old[:LEAVERS], self.old[LEAVERS : LEAVERS + MOVERS]
        return register(
            self.units,
            [
                *map(left, leavers),
                *(replace(who, posts=(replace(who.posts[0], unit_code=self.units[1].code),)) for who in movers),
                *(replace(who, email=f"{who.officer_code}@hue.vn") for who in self.old[LEAVERS + MOVERS :]),
                *self.new,
            ],
        )


async def test_an_apply_killed_ten_times_loses_and_doubles_nothing(stack, place: Workplace) -> None:
    seed = random.SystemRandom().randrange(10**9)
    sys.stdout.write(f"seed {seed}\n")
    dice = random.Random(seed)
    province = Editions(place)
    await carry_out(place, await planned(place, province.first()))
    killed = in_the_middle = 0
    with nursery(stack.state) as children:
        editions = [province.there(), province.here()]
        while killed < KILLS:
            edition = editions[0]
            editions.reverse()
            plan = await planned(place, edition)
            assert len(plan.actions) >= ACTIONS
            kills, cut_off = kill_until_done(place, children, plan, dice, KILLS - killed)
            killed += kills
            in_the_middle += cut_off
            check_run(place, plan, kills)
            assert (await planned(place, edition)).actions == ()
            await check_accounts(place)
    assert in_the_middle >= KILLS / 2


def kill_until_done(place: Workplace, children: Nursery, plan: Plan, dice: random.Random, most: int) -> tuple[int, int]:
    """Kill applies of `plan` at random moments, until one is done; how many, and how many with something done."""
    kills = cut_off = 0
    while kills < most:
        known = states(place, plan)["done"]
        anywhere = dice.random() < KILLED_ANYWHERE
        if not children.killed(
            plan,
            dice.uniform(0, LATEST_KILL_S),
            lambda anywhere=anywhere, known=known: anywhere or states(place, plan)["done"] > known,
        ):
            return kills, cut_off
        kills += 1
        cut_off += 0 < states(place, plan)["done"] < len(plan.actions)
    children.start(plan)
    assert children.wait() == 0
    return kills, cut_off


def states(place: Workplace, plan: Plan) -> Counter[str]:
    """How many actions of runs of `plan` stand in which state."""
    query = text(
        "select state, count(*) as count from hr.run_actions join hr.runs using (run_id) where plan_hash = :plan group by state"
    )
    with place.hr.connect() as connection:
        return Counter(dict(map(tuple, connection.execute(query, {"plan": plan.sha256}))))


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
        act = act_of(action, CHILD, plan.sha256)
        assert 1 <= told[act.act, act.subject] <= 1 + kills, act


async def check_accounts(place: Workplace) -> None:
    """Homeserver and directory have the same accounts, each once, with the same locks and names."""
    async with open_admin(place.settings, place.state) as homeserver:
        users = await homeserver.users()
    with place.hr.connect() as connection:
        people = read_current(connection, place.today).people
    start = identity.localpart(NAME, identity.person_key("x"), ()).rpartition("-")[0]
    shown = {user.user_id: (user.locked, user.display_name) for user in users if user.user_id.startswith(f"@{start}-")}
    written = {
        place.settings.user_id(person.account.localpart): (person.account.locked, person.account.display_name)
        for person in people
        if person.account is not None and person.facts.full_name == NAME
    }
    assert shown == written
