"""Pure: when so much fails in a row that something is wrong with the whole, the rest is not tried.

What only no longer fits the directory says nothing of the whole: an approved plan may be days old.
"""

from hr_provisioner.applying.journal import Outcome, Progress
from huep.errors import HuepError

FAILURES_IN_A_ROW = 10


class BreakerOpen(HuepError):
    """So many actions failed one after the other that something is wrong with the whole."""


class Breaker:
    """Counts failures in a row; once open it stays so."""

    def __init__(self) -> None:
        self._done = 0
        self._in_a_row = 0
        self._last_error: str | None = None
        self._open = False

    def note(self, outcome: Outcome) -> None:
        """Count one outcome."""
        if outcome.refused:
            return
        if outcome.progress is Progress.FAILED:
            self._last_error = outcome.error
            self._in_a_row += 1
            self._open |= self._in_a_row >= FAILURES_IN_A_ROW
        else:
            self._done += 1
            self._in_a_row = 0

    def check(self) -> None:
        """Go on, or not.

        Raises:
            BreakerOpen: ten in a row have failed.
        """
        if self._open:
            raise BreakerOpen(
                f"{FAILURES_IN_A_ROW} actions in a row failed, the last one because: {self._last_error}; "
                f"{self._done} were done and stay done: look at the homeserver, then run `huep hr apply` again, "
                "which does the rest."
            )
