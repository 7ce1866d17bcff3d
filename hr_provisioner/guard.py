"""Pure: may this plan run? Both limits are in force at once, a count and a share; nothing here can be forced."""

from dataclasses import dataclass
from math import floor

from hr_provisioner.actions import LockAccount, MovePerson, RenameAccount
from hr_provisioner.plan import Plan
from huep.errors import HuepError


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


class TooManyLocks(HuepError):
    """A plan would lock more people than leave a province in a day: the register is likelier to be wrong."""

    exit_code = 3

    def __init__(self, locks: int, limit: int, open_accounts: int) -> None:
        super().__init__(locks, limit, open_accounts)
        self.locks = locks
        self.limit = limit
        self.open_accounts = open_accounts

    def __str__(self) -> str:
        return (
            f"The plan would lock {self.locks} of {self.open_accounts} open accounts, and at most {self.limit} may be "
            "locked at once: nothing was done; check the last days of service in the register with `huep hr plan`, "
            "or hand the leavers in with several smaller registers. / "
            f"Kế hoạch khóa {self.locks} trên {self.open_accounts} tài khoản, vượt mức {self.limit}: chưa làm gì cả, "
            "hãy kiểm tra cột ngày thôi việc trong sổ."
        )


@dataclass(frozen=True)
class Remark:
    """Something unusual that does not stop the plan."""

    what: str
    count: int
    usual: int
    """Up to this many nobody would remark on it."""

    def __str__(self) -> str:
        return f"{self.what}: {self.count} (thường không quá {self.usual})"


def check(plan: Plan, limits: Limits = DEFAULT_LIMITS) -> tuple[Remark, ...]:
    """What an officer should look at before letting `plan` run.

    Raises:
        TooManyLocks: it must not run.
    """
    locks = _count(plan, LockAccount)
    if locks > (limit := limits.most_locks(plan.open_accounts)):
        raise TooManyLocks(locks, limit, plan.open_accounts)
    accounts = plan.open_accounts
    candidates = (
        Remark("Hàng bị cách ly", plan.quarantined_rows, floor(limits.quarantine_share * plan.rows)),
        Remark("Người vắng trong sổ", len(plan.left_alone.absent), floor(limits.lock_share * accounts)),
        Remark(
            "Đổi tên hiển thị", _count(plan, RenameAccount), max(limits.renames, floor(limits.rename_share * accounts))
        ),
        Remark("Chuyển vị trí", _count(plan, MovePerson), floor(limits.move_share * accounts)),
    )
    return tuple(remark for remark in candidates if remark.count > remark.usual)


def _count(plan: Plan, kind: type) -> int:
    return sum(isinstance(action, kind) for action in plan.actions)
