"""Who belongs in which rooms."""

from datetime import date

from hr_provisioner.membership import Known, changes, desired, home_unit, homes

from .golden_folder import scenarios

TODAY = date(2026, 3, 10)
ROOMS = {"TTH": ("!tth",), "STC": ("!stc-space", "!stc-talk"), "SNV": ("!snv",)}


def scenario(number: int):
    return next(found for found in scenarios() if found.name.startswith(f"{number:02d}-"))


def units():
    return scenario(2).current.unit_by_code


def test_people_below_the_deepest_level_belong_to_the_nearest_unit_above() -> None:
    assert home_unit("STC-VP", units(), deepest_level=2) == "STC-VP"
    assert home_unit("STC-VP", units(), deepest_level=1) == "STC"
    assert home_unit("STC-VP", units(), deepest_level=0) == "TTH"


def test_a_unit_that_nobody_knows_has_no_home() -> None:
    assert home_unit("KHONG-CO", units(), deepest_level=2) is None


def test_everyone_is_wanted_in_every_room_of_the_unit() -> None:
    found = homes(scenario(2).current, 2, TODAY)
    assert found == {"nguyen-van-anh-aa2": {"STC"}}
    assert desired(found, ROOMS) == {("!stc-space", "nguyen-van-anh-aa2"), ("!stc-talk", "nguyen-van-anh-aa2")}


def test_a_locked_person_is_wanted_nowhere() -> None:
    assert homes(scenario(10).current, 2, TODAY) == {}


def test_leaving_a_unit_is_leaving_its_rooms() -> None:
    known = {("!stc-talk", "anh"): Known(wanted=True, done=True), ("!snv", "anh"): Known(wanted=False, done=True)}
    moved = changes(frozenset({("!snv", "anh")}), known)
    assert moved.joins == {("!snv", "anh")}
    assert moved.leaves == {("!stc-talk", "anh")}


def test_what_is_wanted_already_is_not_written_again() -> None:
    for done in (True, False):
        same = changes(frozenset({("!snv", "anh")}), {("!snv", "anh"): Known(wanted=True, done=done)})
        assert not same.joins
        assert not same.leaves
