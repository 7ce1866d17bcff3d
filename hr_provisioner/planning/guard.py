"""Pure: may this plan run, or must two officers approve it first? Nothing here can be forced.

Each limit is the larger of a count and a share of the open accounts, or of the units, and holds for 24 hours: what ran
in them without approval counts too, from whichever lane it came. What only brings the homeserver back to the directory
(`again`) is not counted: it says nothing of the register, and was within the limits when it was new. Nor are guests:
each was let in, and let go, by an officer's own act; so what is over of theirs waits for no one's plan.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import reduce
from math import floor
from types import MappingProxyType

from hr_provisioner.current import Current
from hr_provisioner.language import OfficerError
from hr_provisioner.planning.actions import (
    GUESTS,
    Action,
    ChangeUnit,
    CloseUnit,
    CreateAccount,
    LockAccount,
    LockReason,
    MovePerson,
    PersonAction,
    RenameAccount,
    UnlockAccount,
    UpdatePerson,
    WithdrawUnit,
)
from hr_provisioner.planning.guest_plan import out_by_now
from hr_provisioner.planning.plan import Plan
from huep.catalogue import Message
from huep.hr_settings import LimitSettings, SnapshotSettings


class Counted(StrEnum):
    """What the guard counts; the value is the name of the action, where it is one."""

    LOCKS = LockAccount.name
    UNLOCKS = UnlockAccount.name
    CREATES = CreateAccount.name
    RENAMES = RenameAccount.name
    MOVES = MovePerson.name
    UPDATES = UpdatePerson.name
    UNITS = "units"
    """Changed, dissolved or withdrawn; new units harm nobody."""


COUNTED_AS: Mapping[str, Counted] = MappingProxyType(
    {what.value: what for what in Counted if what is not Counted.UNITS}
    | dict.fromkeys((ChangeUnit.name, CloseUnit.name, WithdrawUnit.name), Counted.UNITS)
)
"""As what the actions of a name are counted; of the others nothing is."""


_NO_GUESTS = Current((), ())


@dataclass(frozen=True)
class Recent:
    """What ran in the last 24 hours without approval (`hr_provisioner.applying.recent`)."""

    counts: Mapping[Counted, int] = field(default_factory=dict)
    locks_by_unit: Mapping[str, int] = field(default_factory=dict)
    """Unit code to locks of people whose main post is there."""
    dismissals: int = 0
    """Urgent dismissals among the locks."""

    def count(self, what: Counted) -> int:
        """How many ran; 0 where none did."""
        return self.counts.get(what, 0)


@dataclass(frozen=True)
class Trip:
    """One limit that a plan is over."""

    what: Counted
    count: int
    """In 24 hours, the plan's own included."""
    limit: int
    unit: str | None = None
    """Code of the unit, where the limit is one unit's own."""

    @property
    def message(self) -> Message:
        """One sentence for the officer."""
        if self.unit is not None:
            return Message.of("guard-trip-unit", count=self.count, limit=self.limit, unit=self.unit)
        return Message.of(f"guard-trip-{self.what.name.lower()}", count=self.count, limit=self.limit)


@dataclass(frozen=True)
class Verdict:
    """What of a plan may run without approval."""

    trips: tuple[Trip, ...]
    """Empty: the whole plan may run. Else it is parked."""
    runs: tuple[int, ...]
    """Places in `plan.actions` of what may run now; of a parked plan urgent dismissals, and the locks of guests whose
    sponsorship is over all the same."""

    @property
    def parked(self) -> bool:
        """Whether the rest waits for two officers."""
        return bool(self.trips)


class PlanParked(OfficerError):
    """A plan is over a limit and waits for two officers."""

    exit_code = 3

    def __init__(self, plan_sha256: str, trips: Collection[Trip], runs: Collection[int] = ()) -> None:
        super().__init__(Message.of("guard-parked", sha256=plan_sha256[:12], trips=told(trips)))
        self.plan_sha256 = plan_sha256
        self.verdict = Verdict(tuple(trips), tuple(runs))


def told(trips: Collection[Trip]) -> Message:
    """All trips as one sentence; `trips` is not empty."""
    messages = [trip.message for trip in trips]
    return reduce(lambda before, after: Message.of("guard-and", first=before, second=after), messages)


def judge(
    plan: Plan,
    recent: Recent,
    limits: LimitSettings,
    unit_sizes: Mapping[str, int],
    *,
    founding: bool,
    units: int = 0,
    current: Current = _NO_GUESTS,
) -> Verdict:
    """Whether `plan`, of whatever kind, runs by itself.

    Args:
        plan: what is to be done.
        recent: what ran in the last 24 hours without approval.
        limits: the section `[hr.limits]`.
        unit_sizes: open accounts by unit (`hr_provisioner.posts.home_unit`), as the directory has them now; need not be
            told of a plan that locks nobody.
        founding: the plan comes from the register with which the province begins; its accounts are not limited.
        units: how many units stand now; need not be told of a plan that changes none.
        current: what the plan was made of; need not be told of a plan that locks no guest.
    """
    trips = (*_trips(plan, recent, limits, units, founding=founding), *_unit_trips(plan, recent, limits, unit_sizes))
    if not trips:
        return Verdict((), tuple(range(len(plan.actions))))
    dismissals = [place for place, action in enumerate(plan.actions) if is_dismissal(action)]
    dismissals = dismissals[: max(0, limits.dismissals_a_day - recent.dismissals)]
    return Verdict(trips, with_guests(plan, dismissals, current))


def with_guests(plan: Plan, dismissals: Collection[int], current: Current) -> tuple[int, ...]:
    """The places of `dismissals`, and of the locks of guests that stand though nothing else of `plan` is done.

    Whose sponsor goes by what waits, waits too: the register may be wrong about the sponsor.
    """
    guests = {
        place: action.who.key
        for place, action in enumerate(plan.actions)
        if isinstance(action, LockAccount) and action.who.unit_code == GUESTS
    }
    if not guests:
        return tuple(sorted(dismissals))
    done = [action for place in dismissals if isinstance(action := plan.actions[place], PersonAction)]
    out = out_by_now(current, done, plan.today)
    return tuple(sorted({*dismissals, *(place for place, key in guests.items() if key in out)}))


def counted(action: Action) -> Counted | None:
    """As what `action` is counted; None where nothing limits it, or where it only repairs the homeserver."""
    match action:
        case LockAccount(again=True) | CreateAccount(again=True):
            return None
        case RenameAccount() if action.before == action.after:
            return None
        case _ if isinstance(action, PersonAction) and action.who.unit_code == GUESTS:
            return None
        case _:
            return COUNTED_AS.get(action.name)


def is_dismissal(action: Action) -> bool:
    """Whether `action` is the lock of an urgent dismissal (buộc thôi việc)."""
    return isinstance(action, LockAccount) and action.reason is LockReason.DISMISSED and not action.again


def share_of(accounts: int, share: float) -> int:
    """So many of `accounts`, rounded down; the share is taken as it is written, so that 29% of 100 is 29."""
    return floor(Fraction(str(share)) * accounts)


def _trips(plan: Plan, recent: Recent, limits: LimitSettings, units: int, *, founding: bool) -> Iterator[Trip]:
    # As the province stood 24 hours ago, so that a limit does not grow or shrink with what it let pass.
    accounts = plan.open_accounts + recent.count(Counted.LOCKS)
    accounts = max(0, accounts - recent.count(Counted.CREATES) - recent.count(Counted.UNLOCKS))
    most = {
        Counted.LOCKS: max(limits.locks, share_of(accounts, limits.lock_share)),
        Counted.UNLOCKS: max(limits.unlocks, share_of(accounts, limits.unlock_share)),
        Counted.RENAMES: max(limits.renames, share_of(accounts, limits.rename_share)),
        # A single person may always move or begin, however small the province.
        Counted.MOVES: max(1, share_of(accounts, limits.move_share)),
        Counted.CREATES: max(1, share_of(accounts, limits.create_share)),
        Counted.UPDATES: max(limits.updates, share_of(accounts, limits.update_share)),
        Counted.UNITS: max(limits.units, share_of(units, limits.unit_share)),
    }
    planned = Counter(filter(None, map(counted, plan.actions)))
    for what, limit in most.items():
        if founding and what is Counted.CREATES:
            continue
        count = planned[what] + recent.count(what)
        if planned[what] and count > limit:
            yield Trip(what, count, limit)


def _unit_trips(plan: Plan, recent: Recent, limits: LimitSettings, unit_sizes: Mapping[str, int]) -> Iterator[Trip]:
    planned = Counter(
        action.who.unit_code
        for action in plan.actions
        if isinstance(action, LockAccount) and counted(action) and action.who.unit_code
    )
    for unit, locks in sorted(planned.items()):
        before = recent.locks_by_unit.get(unit, 0)
        size = unit_sizes.get(unit, 0) + before
        limit = share_of(size, limits.unit_lock_share)
        if size > limits.unit_size and locks + before > limit:
            yield Trip(Counted.LOCKS, locks + before, limit, unit)


class Unusual(StrEnum):
    """What of a plan is worth a look though it stops nothing."""

    QUARANTINED = "quarantined"
    ABSENT = "absent"
    REPAIRS = "repairs"
    UNITS = "units"


@dataclass(frozen=True)
class Remark:
    """Something unusual that does not stop the plan."""

    what: Unusual
    count: int
    usual: int
    """Up to this many nobody would remark on it."""


def remarks(
    plan: Plan, limits: LimitSettings | None = None, snapshots: SnapshotSettings | None = None
) -> tuple[Remark, ...]:
    """What an officer should look at before letting `plan` run; the defaults of `[hr]` where none are given."""
    limits, snapshots = limits or LimitSettings(), snapshots or SnapshotSettings()
    few = share_of(plan.open_accounts, limits.lock_share)
    repairs = sum(isinstance(action, LockAccount | CreateAccount) and action.again for action in plan.actions)
    closed = sum(isinstance(action, CloseUnit | WithdrawUnit) for action in plan.actions)
    candidates = (
        Remark(Unusual.QUARANTINED, plan.quarantined_rows, share_of(plan.rows, snapshots.quarantine_share)),
        Remark(Unusual.ABSENT, len(plan.left_alone.absent), few),
        Remark(Unusual.REPAIRS, repairs, max(limits.locks, few)),
        Remark(Unusual.UNITS, closed, limits.units),
    )
    return tuple(remark for remark in candidates if remark.count > remark.usual)
