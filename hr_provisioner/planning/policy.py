"""What the operator decides about planning (`[hr]` of huep.toml), with the moment at which a plan is made."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from hr_provisioner.current import Missing
from hr_provisioner.planning.identity import DEFAULT_FORM, DisplayForm
from huep.directory.model import AbsenceKind
from huep.hr_settings import HrSettings


@dataclass(frozen=True)
class PlanPolicy:
    """How names are shown, and when somebody who did not leave is locked."""

    now: datetime | None = None
    """The moment, aware; None: no absence is counted as due."""
    display_form: DisplayForm = DEFAULT_FORM
    long_leave_locks: frozenset[AbsenceKind] = frozenset()
    """Kinds of long leave during which the account is locked."""
    absent_snapshots: int = 3
    absent_for: timedelta = timedelta(hours=72)
    """Both must be reached before absence locks."""

    @classmethod
    def of(cls, settings: HrSettings, now: datetime) -> Self:
        """The policy of `[hr]`. Raises BadDisplayForm, naming the key."""
        return cls(
            now,
            DisplayForm.parse(settings.display_name),
            frozenset(settings.long_leave_locks),
            settings.snapshots.absent_snapshots,
            timedelta(hours=settings.snapshots.absent_hours),
        )

    def absence_is_due(self, missing: Missing | None) -> bool:
        """Whether somebody has been missing from enough whole snapshots for long enough."""
        if missing is None or self.now is None or missing.snapshots < self.absent_snapshots:
            return False
        return self.now - missing.first_missed_at >= self.absent_for


DEFAULT_POLICY = PlanPolicy()
