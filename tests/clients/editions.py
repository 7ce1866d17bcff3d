"""Small registers of units and people that no other test has, and carrying them out without guard or snapshots."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

from sqlalchemy import text

from hr_provisioner.applying.apply import Applier, Report
from hr_provisioner.planning.plan import Plan, make_plan
from hr_provisioner.records import PersonRecord, PostRecord, Register, UnitRecord
from hr_provisioner.workplace import Workplace
from huep import clock
from huep.directory.model import PostKind, Standing, UnitKind
from huep.stack.accounts import open_admin

ACTOR = "test"


def unit(code: str, place: Workplace) -> UnitRecord:
    """A department below the province of `place`."""
    with place.hr.connect() as connection:
        root = connection.execute(text("select unit_code from register.unit_periods where level = 0")).scalar_one()
    return UnitRecord(code, f"Sở {code}", code, UnitKind.DEPARTMENT, 1, root, date(2020, 1, 1), None)


def person(code: str, unit_code: str, name: str = "Lê Thị Thử", standing: Standing = Standing.STAFF) -> PersonRecord:
    """Somebody with one post since 2024."""
    post = PostRecord(unit_code, "CV", "Chuyên viên", standing, "01.003", PostKind.MAIN, date(2024, 1, 1), None)
    return PersonRecord(code, name, None, None, (post,), None, None, None)


def register(units: Iterable[UnitRecord], people: Iterable[PersonRecord]) -> Register:
    """An edition that lists these, and nobody else."""
    members = tuple(people)
    return Register(tuple(units), members, (), len(members), uuid4().hex)


def left(who: PersonRecord) -> PersonRecord:
    """The same person, gone since yesterday."""
    return replace(who, leaves_on=clock.today() - timedelta(days=1))


async def planned(place: Workplace, edition: Register) -> Plan:
    """What `edition` changes, in the directory or on the homeserver."""
    return make_plan(edition, await place.current(ACTOR), place.today, place.policy)


async def carry_out(place: Workplace, plan: Plan, **options: object) -> Report:
    """Carry a plan out in the slow lane; nothing of it may fail."""
    async with open_admin(place.settings, place.state) as homeserver:
        applier = Applier(place.reach(homeserver), ACTOR)
        report = await applier.carry_out(plan, lambda _stage, _now, _all: None, **options)
    assert report.failed == []
    return report


async def accounts(place: Workplace, codes: Iterable[str]) -> dict[str, tuple[bool, str | None]]:
    """Locked and display name, by officer code, as the homeserver shows them; those who have an account."""
    query = text(
        "select p.officer_code, a.user_id from register.people p join register.accounts a using (person_key) "
        "where p.officer_code = any(:codes)"
    )
    with place.hr.connect() as connection:
        owner_of = {user_id: code for code, user_id in connection.execute(query, {"codes": list(codes)})}
    async with open_admin(place.settings, place.state) as homeserver:
        users = await homeserver.users()
    return {owner_of[user.user_id]: (user.locked, user.display_name) for user in users if user.user_id in owner_of}
