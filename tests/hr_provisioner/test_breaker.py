"""Ten failures in a row stop the rest of a plan."""

import pytest

from hr_provisioner.applying.breaker import FAILURES_IN_A_ROW, Breaker, BreakerOpen
from hr_provisioner.applying.journal import Deed, Outcome
from hr_provisioner.planning import identity
from hr_provisioner.planning.actions import LockAccount, Subject

WHO = Subject(identity.person_key("1"), "1", "Lê Hoa", None)


def test_the_breaker_opens_after_ten_failures_in_a_row_and_stays_open() -> None:
    breaker = Breaker()
    deed = Deed(WHO.key, "", 0, LockAccount(WHO, "le-hoa", None))
    for _ in range(3):
        for _ in range(FAILURES_IN_A_ROW - 1):
            breaker.note(Outcome(deed, "no"))
        breaker.check()
        breaker.note(Outcome(deed))
    for _ in range(FAILURES_IN_A_ROW):
        breaker.note(Outcome(deed, "no"))
    breaker.note(Outcome(deed, stood=True))
    with pytest.raises(BreakerOpen):
        breaker.check()


def test_what_no_longer_fits_the_directory_says_nothing_of_the_whole() -> None:
    breaker = Breaker()
    deed = Deed(WHO.key, "", 0, LockAccount(WHO, "le-hoa", None))
    for _ in range(FAILURES_IN_A_ROW * 3):
        breaker.note(Outcome(deed, "its posts have changed", refused=True))
    for _ in range(FAILURES_IN_A_ROW - 1):
        breaker.note(Outcome(deed, "Synapse is away"))
        breaker.note(Outcome(deed, "its posts have changed", refused=True))
    breaker.check()
    breaker.note(Outcome(deed, "Synapse is away"))
    with pytest.raises(BreakerOpen):
        breaker.check()
