"""Single people read again from the source: what a webhook's hint leads to."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection, text

from hr_provisioner.applying import recent
from hr_provisioner.applying.apply import Admit
from hr_provisioner.current import Current, KnownPerson
from hr_provisioner.directory.reader import read_some
from hr_provisioner.planning.actions import LockAccount, PersonAction, UnlockAccount
from hr_provisioner.planning.guard import PlanParked, is_dismissal, judge, with_guests
from hr_provisioner.planning.left_alone import LeftAlone
from hr_provisioner.planning.plan import Plan, PlanKind, make_plan
from hr_provisioner.records import Register
from hr_provisioner.register.person_rows import PeopleRead, read_people
from hr_provisioner.sources import Source, SourceError
from hr_provisioner.sources.source import SourceAway
from hr_provisioner.workplace import Workplace

AWAY_IN_VAIN = 2
"""So many people are asked for in vain, each with the patience of the source, before the others wait."""


@dataclass(frozen=True)
class Reread:
    """What the source says now of some people."""

    plan: Plan
    """Locks and unlocks: the fast lane's."""
    doors: tuple[LockAccount | UnlockAccount, ...]
    """The same, in the same order."""
    others: frozenset[str]
    """Officer codes of those of whom something else changed: the slow lane's."""
    unread: Mapping[str, SourceError]
    """Officer codes that the source did not answer, or not as a register does, and why."""
    current: Current
    """What the plan was made of."""

    def dismissals_only(self) -> "Reread":
        """What is left where the register is not believed as a whole: the rest waits for a full look at it.

        Guests go with whoever is dismissed.
        """
        dismissals = [place for place, door in enumerate(self.doors) if is_dismissal(door)]
        kept = with_guests(self.plan, dismissals, self.current)
        doors = tuple(self.doors[place] for place in kept)
        waiting = {door.who.officer_code for door in self.doors if door not in doors}
        return replace(self, plan=replace(self.plan, actions=doors), doors=doors, others=self.others | waiting)


def reread(place: Workplace, source: Source, officer_codes: Collection[str], protected: frozenset[str]) -> Reread:
    """Read these people again, and plan what opens or shuts their accounts today.

    Raises:
        SourceAway: the source does not answer at all.
    """
    with place.hr.connect() as connection:
        current = replace(read_some(connection, place.today, officer_codes), protected=protected)
        open_accounts = connection.execute(text("select count(*) from register.accounts where not locked")).scalar_one()
    unit_codes = frozenset(current.unit_by_code)
    read, unread = _read(source, officer_codes, unit_codes)
    of_read = replace(
        current, people=tuple(who for who in current.people if not _codes_of(who, current).isdisjoint(read))
    )
    plan = make_plan(_register(read.values()), of_read, place.today, place.policy)
    plan = replace(plan, kind=PlanKind.PERSON, open_accounts=open_accounts, left_alone=LeftAlone())
    doors = tuple(action for action in plan.actions if isinstance(action, LockAccount | UnlockAccount))
    others = (action for action in plan.actions if not isinstance(action, LockAccount | UnlockAccount))
    return Reread(
        replace(plan, actions=doors),
        doors,
        frozenset(action.who.officer_code for action in others if isinstance(action, PersonAction)),
        unread,
        of_read,
    )


def _read(
    source: Source, officer_codes: Collection[str], unit_codes: frozenset[str]
) -> tuple[dict[str, PeopleRead], dict[str, SourceError]]:
    """People by code, and whom the source would not tell of. Raises SourceAway where it answers for nobody."""
    read: dict[str, PeopleRead] = {}
    unread: dict[str, SourceError] = {}
    away: list[SourceAway] = []
    for code in sorted(officer_codes):
        if len(away) >= AWAY_IN_VAIN:
            unread[code] = away[-1]
            continue
        try:
            read[code] = read_people(source.person(code), unit_codes, frozenset())
        except SourceAway as error:
            away.append(error)
            unread[code] = error
        except SourceError as error:
            unread[code] = error
    if away and not read:
        raise away[-1]
    return read, unread


def _codes_of(who: KnownPerson, current: Current) -> frozenset[str]:
    """Whose rows decide about this person: their own, and those of a guest's sponsor."""
    guest = current.guests.get(who.key)
    return frozenset({who.officer_code, *([guest.sponsor.officer_code] if guest else [])})


def door_admission(place: Workplace, plan: Plan, current: Current) -> Admit:
    """Judges locks and unlocks in the transaction that writes their run down. Its refusal is PlanParked.

    `current` is what the plan was made of.
    """

    def admit(connection: Connection) -> None:
        recent.one_judgement_at_a_time(connection)
        verdict = judge(
            plan,
            recent.read_recent(connection, place.now(), beside_apply=True),
            place.settings.hr.limits,
            recent.read_unit_sizes(connection, _units_of(plan.actions), place.today),
            founding=False,
            current=current,
        )
        if verdict.parked:
            raise PlanParked(plan.sha256, verdict.trips, verdict.runs)

    return admit


def _register(read: Collection[PeopleRead]) -> Register:
    people = tuple(person for one in read for person in one.people)
    quarantined = tuple(bad for one in read for bad in one.quarantined)
    return Register(
        units=(),
        people=people,
        quarantined=quarantined,
        rows=sum(one.table.rows for one in read),
        sha256=hashlib.sha256(repr(people).encode()).hexdigest(),
    )


def _units_of(actions: Collection[object]) -> set[str]:
    return {action.who.unit_code for action in actions if isinstance(action, PersonAction) and action.who.unit_code}
