"""Pure: a register, the directory as it stands, and a day become a plan.

The register is compared with what the directory holds; each difference is one action. Where the homeserver lost what
the directory knows (`Drift`), the same actions bring it back.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from functools import cached_property

from hr_provisioner.current import Current, KnownPerson
from hr_provisioner.planning.actions import Action, as_json, canonical, plain
from hr_provisioner.planning.guest_plan import plan_guests
from hr_provisioner.planning.left_alone import LeftAlone
from hr_provisioner.planning.people_plan import PeoplePlan
from hr_provisioner.planning.policy import DEFAULT_POLICY, PlanPolicy
from hr_provisioner.planning.twins import find_twins, unite
from hr_provisioner.planning.unit_plan import plan_units
from hr_provisioner.records import Register
from huep.names import normalise


class PlanKind(StrEnum):
    """What a plan comes from."""

    REGISTER = "register"
    """A whole register."""
    PERSON = "person"
    """Single people's doors: read again for a webhook, or what runs at once of a plan that is parked."""
    UNDO = "undo"
    """A run that is taken back."""


@dataclass(frozen=True)
class Plan:
    """Everything that would be done, in order; a value to show, hash, approve and apply."""

    today: date
    register_sha256: str
    """Of the register read; of a plan that takes a run back, the hash of that run's plan."""
    current_sha256: str
    """Of the directory that it was made of; empty for a plan without actions, which nobody approves or runs."""
    rows: int
    """Data rows of the register, good and bad."""
    quarantined_rows: int
    open_accounts: int
    """Unlocked accounts before the plan; the guard measures against it."""
    actions: tuple[Action, ...]
    left_alone: LeftAlone
    kind: PlanKind = field(default=PlanKind.REGISTER, kw_only=True)

    @cached_property
    def canonical(self) -> str:
        """Canonical JSON; two plans are the same when this is. `hr_provisioner.planning.plan_json` reads it."""
        content = {part.name: plain(getattr(self, part.name)) for part in fields(self) if part.name != "actions"}
        return canonical(content | {"actions": [as_json(action) for action in self.actions]})

    @cached_property
    def sha256(self) -> str:
        """Names the plan in journal, audit and approvals."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()


def in_order(actions: Iterable[Action]) -> tuple[Action, ...]:
    """As a plan runs them: by stage, otherwise as they come."""
    return tuple(sorted(actions, key=lambda action: action.stage))


def make_plan(register: Register, current: Current, today: date, policy: PlanPolicy = DEFAULT_POLICY) -> Plan:
    """Everything in which `current` differs from what `register` says holds on `today`."""
    register = unite(register, current)
    units = plan_units(register, current, today)
    people = PeoplePlan(
        current,
        units.known,
        _quarantined_codes(register) | _codes_of_guests(register, current),
        find_twins(register, current, today),
        today,
        policy,
    )
    for record in sorted(register.people, key=lambda record: record.officer_code):
        people.consider(record)
    listed = {record.officer_code for record in register.people}
    guests: list[KnownPerson] = []
    for person in sorted(current.people, key=lambda person: person.officer_code):
        if person.key in current.guests:
            guests.append(person)
        elif person.officer_code not in listed:
            people.consider_unlisted(person)
    of_guests = plan_guests(guests, current, people.actions, people.used, today) if guests else ()
    actions = in_order([*units.actions, *people.actions, *of_guests])
    return Plan(
        today=today,
        register_sha256=register.sha256,
        current_sha256=current.sha256() if actions else "",
        rows=register.rows,
        quarantined_rows=len({(bad.source, bad.row) for bad in register.quarantined}),
        open_accounts=current.open_accounts,
        actions=actions,
        left_alone=people.left_alone(),
    )


def _codes_of_guests(register: Register, current: Current) -> frozenset[str]:
    """Codes that the register gives to somebody else: a guest's account is nobody's but the guest's."""
    taken = {current.by_key[key].officer_code for key in current.guests if key in current.by_key}
    return frozenset(taken.intersection(record.officer_code for record in register.people)) if taken else frozenset()


def _quarantined_codes(register: Register) -> frozenset[str]:
    return frozenset(normalise(bad.officer_code) for bad in register.quarantined if bad.officer_code)
