"""Single people read again from the source: what a webhook's hint leads to."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, text

from hr_provisioner.applying import recent
from hr_provisioner.applying.apply import Admit
from hr_provisioner.directory.reader import read_some
from hr_provisioner.planning.actions import LockAccount, PersonAction, UnlockAccount
from hr_provisioner.planning.guard import PlanParked, judge
from hr_provisioner.planning.left_alone import LeftAlone
from hr_provisioner.planning.plan import Plan, PlanKind, make_plan
from hr_provisioner.records import Register
from hr_provisioner.register.person_rows import PeopleRead, read_people
from hr_provisioner.sources import Source
from hr_provisioner.workplace import Workplace


@dataclass(frozen=True)
class Reread:
    """What the source says now of some people."""

    plan: Plan
    """Locks and unlocks: the fast lane's."""
    doors: tuple[LockAccount | UnlockAccount, ...]
    """The same, in the same order."""
    others: frozenset[str]
    """Officer codes of those of whom something else changed: the slow lane's."""


def reread(place: Workplace, source: Source, officer_codes: Collection[str], protected: frozenset[str]) -> Reread:
    """Read these people again, and plan what opens or shuts their accounts today.

    Raises:
        SourceError: the source does not answer, or not as a register does.
    """
    with place.hr.connect() as connection:
        current = replace(read_some(connection, place.today, officer_codes), protected=protected)
        open_accounts = connection.execute(text("select count(*) from register.accounts where not locked")).scalar_one()
    unit_codes = frozenset(current.unit_by_code)
    read = [read_people(source.person(code), unit_codes, frozenset()) for code in sorted(officer_codes)]
    plan = make_plan(_register(read), current, place.today, place.policy)
    plan = replace(plan, kind=PlanKind.PERSON, open_accounts=open_accounts, left_alone=LeftAlone())
    doors = tuple(action for action in plan.actions if isinstance(action, LockAccount | UnlockAccount))
    others = (action for action in plan.actions if not isinstance(action, LockAccount | UnlockAccount))
    return Reread(
        replace(plan, actions=doors),
        doors,
        frozenset(action.who.officer_code for action in others if isinstance(action, PersonAction)),
    )


def door_admission(place: Workplace, plan: Plan) -> Admit:
    """Judges locks and unlocks in the transaction that writes their run down. Its refusal is PlanParked."""

    def admit(connection: Connection) -> None:
        recent.one_judgement_at_a_time(connection)
        verdict = judge(
            plan,
            recent.read_recent(connection, place.now(), beside_apply=True),
            place.settings.hr.limits,
            _unit_sizes(connection, place, plan.actions),
            founding=False,
        )
        if verdict.parked:
            raise PlanParked(plan.sha256, verdict.trips, verdict.runs)

    return admit


def _register(read: Sequence[PeopleRead]) -> Register:
    people = tuple(person for one in read for person in one.people)
    quarantined = tuple(bad for one in read for bad in one.quarantined)
    return Register(
        units=(),
        people=people,
        quarantined=quarantined,
        rows=sum(one.table.rows for one in read),
        sha256=hashlib.sha256(repr(people).encode()).hexdigest(),
    )


def _unit_sizes(connection: Connection, place: Workplace, actions: Sequence[object]) -> dict[str, int]:
    """Open accounts by unit of the main post, of the units concerned alone."""
    units = {action.who.unit_code for action in actions if isinstance(action, PersonAction)}
    query = text(
        """
        select p.unit_code, count(*) from register.posts p join register.accounts a using (person_key)
        where p.unit_code = any(:units) and p.kind = 'main' and not a.locked
          and p.valid_from <= :today and (p.valid_to is null or p.valid_to > :today)
        group by p.unit_code
        """
    )
    rows = connection.execute(query, {"units": sorted(filter(None, units)), "today": place.today})
    return {str(code): int(count) for code, count in rows}
