"""Pure: may this plan run? Both limits are in force at once, a count and a share; nothing here can be forced."""

from dataclasses import dataclass
from enum import StrEnum
from math import floor

from hr_provisioner.actions import LockAccount, MovePerson, RenameAccount
from hr_provisioner.language import OfficerError
from hr_provisioner.plan import Plan
from huep.catalogue import Message


@dataclass(frozen=True)
class Limits:
    """Where a plan stops being believable; each is the larger of a count and a share of the open accounts."""

    locks: int = 25
    lock_share: float = 0.005
    renames: int = 50
    rename_share: float = 0.01
    move_share: float = 0.05
    quarantine_share: float = 0.01

    def most_locks(self, open_accounts: int) -> int:
        """The most accounts that one plan may lock."""
        return max(self.locks, floor(self.lock_share * open_accounts))


DEFAULT_LIMITS = Limits()


class TooManyLocks(OfficerError):
    """A plan would lock more people than leave a province in a day: the register is likelier to be wrong."""

    exit_code = 3

    def __init__(self, locks: int, limit: int, open_accounts: int) -> None:
        super().__init__(Message.of("too-many-locks", locks=locks, limit=limit, accounts=open_accounts))
        self.locks = locks
        self.limit = limit
        self.open_accounts = open_accounts


class Unusual(StrEnum):
    """What of a plan is counted."""

    QUARANTINED = "quarantined"
    ABSENT = "absent"
    RENAMES = "renames"
    MOVES = "moves"


@dataclass(frozen=True)
class Remark:
    """Something unusual that does not stop the plan."""

    what: Unusual
    count: int
    usual: int
    """Up to this many nobody would remark on it."""


def check(plan: Plan, limits: Limits = DEFAULT_LIMITS) -> tuple[Remark, ...]:
    """What an officer should look at before letting `plan` run.

    Raises:
        TooManyLocks: it must not run.
    """
    # A lock that the homeserver lost says nothing of the register, and was within the limit when it was new.
    locks = sum(isinstance(action, LockAccount) and not action.again for action in plan.actions)
    if locks > (limit := limits.most_locks(plan.open_accounts)):
        raise TooManyLocks(locks, limit, plan.open_accounts)
    accounts = plan.open_accounts
    candidates = (
        Remark(Unusual.QUARANTINED, plan.quarantined_rows, floor(limits.quarantine_share * plan.rows)),
        Remark(Unusual.ABSENT, len(plan.left_alone.absent), floor(limits.lock_share * accounts)),
        Remark(
            Unusual.RENAMES, _count(plan, RenameAccount), max(limits.renames, floor(limits.rename_share * accounts))
        ),
        Remark(Unusual.MOVES, _count(plan, MovePerson), floor(limits.move_share * accounts)),
    )
    return tuple(remark for remark in candidates if remark.count > remark.usual)


def _count(plan: Plan, kind: type) -> int:
    return sum(isinstance(action, kind) for action in plan.actions)
