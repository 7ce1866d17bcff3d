"""Reading back finds what was lost, and takes the work of the other lane for no loss."""

from dataclasses import replace

from hr_provisioner.applying.read_back import astray
from hr_provisioner.planning.actions import LockAccount, OpenUnit, RenameAccount, UnlockAccount
from tests.hr_provisioner.test_standing import LOCKED, OPEN, TODAY, UNIT, WHO


def test_a_later_lock_by_the_other_lane_is_no_loss_and_a_lost_lock_is() -> None:
    lock, unlock = LockAccount(WHO, "le-hoa", None), UnlockAccount(WHO, "le-hoa")
    assert astray(LOCKED, [unlock], TODAY, ()) == ()
    assert astray(OPEN, [lock], TODAY, ()) == ("1",)
    assert astray(OPEN, [lock], TODAY, {WHO.key}) == ()
    assert astray(OPEN, [RenameAccount(WHO, "le-hoa", "a", "b")], TODAY, {WHO.key}) == ("1",)
    assert astray(OPEN, [OpenUnit(replace(UNIT, name="Sở khác"))], TODAY, ()) == ("STC",)
