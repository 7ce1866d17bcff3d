"""Who belongs in which rooms."""

from datetime import date

from hr_provisioner.rooms.membership import Known, arrived, changes, desired, home_unit, homes, sizes

from .golden_folder import scenarios

TODAY, LATER = date(2026, 3, 10), date(2026, 3, 17)
ROOMS = {"TTH": ("!tth",), "STC": ("!stc-space", "!stc-talk"), "SNV": ("!snv",)}
OPEN = frozenset({"!tth", "!stc-space", "!stc-talk", "!snv"})


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
    assert sizes(found) == {"STC": 1}


def test_a_locked_person_is_wanted_nowhere() -> None:
    assert homes(scenario(10).current, 2, TODAY) == {}


def test_leaving_a_unit_is_leaving_its_rooms_once_the_grace_is_over() -> None:
    known = {("!stc-talk", "anh"): Known(wanted=True, done=True), ("!snv", "anh"): Known(wanted=False, done=True)}
    moved = changes(frozenset({("!snv", "anh")}), known, OPEN, LATER)
    assert moved.joins == {("!snv", "anh")}
    assert moved.leaves == {("!stc-talk", "anh"): LATER}


def test_who_never_came_in_has_no_grace() -> None:
    known = {("!stc-talk", "anh"): Known(wanted=True, done=False)}
    assert changes(frozenset(), known, OPEN, LATER).leaves == {("!stc-talk", "anh"): None}


def test_moving_back_within_the_grace_takes_the_leaving_back() -> None:
    waiting = {("!stc-talk", "anh"): Known(wanted=False, done=False)}
    assert changes(frozenset({("!stc-talk", "anh")}), waiting, OPEN, LATER).joins == {("!stc-talk", "anh")}


def test_the_members_of_a_closed_room_stay_to_read() -> None:
    known = {("!closed", "anh"): Known(wanted=True, done=True)}
    assert changes(frozenset(), known, OPEN, LATER).leaves == {}


def test_what_is_wanted_already_is_not_written_again() -> None:
    for done in (True, False):
        same = changes(frozenset({("!snv", "anh")}), {("!snv", "anh"): Known(wanted=True, done=done)}, OPEN, LATER)
        assert not same.joins
        assert not same.leaves


def test_who_is_in_some_room_has_arrived_though_no_device_is_left() -> None:
    known = {("!snv", "anh"): Known(wanted=True, done=True), ("!snv", "binh"): Known(wanted=True, done=False)}
    assert arrived({"chi"}, known) == {"anh", "chi"}
