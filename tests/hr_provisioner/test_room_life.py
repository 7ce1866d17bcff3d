"""What the rooms of every unit must be like on a day, and how they come to be so."""

from dataclasses import replace
from datetime import date, timedelta

from hr_provisioner.current import Current
from hr_provisioner.records import UnitRecord
from hr_provisioner.rooms.life import (
    Admit,
    Describe,
    Empower,
    Hang,
    Notify,
    PointTo,
    Rename,
    Reopen,
    Scene,
    Shut,
    heirs,
    moderators,
    open_look,
    steps,
    units_on,
    units_with_rooms,
    wanted,
    with_ancestors,
)
from hr_provisioner.rooms.looks import Purpose, Room, UnitRooms
from huep.directory.model import Standing, UnitKind
from huep.synapse_admin import JoinRule

from .golden_folder import scenarios

TODAY, YESTERDAY = date(2025, 7, 1), date(2025, 6, 30)
SINCE = date(2000, 1, 1)


def unit(code: str, parent: str | None = "TP", level: int = 1, **others: object) -> UnitRecord:
    record = UnitRecord(code, f"Đơn vị {code}", code, UnitKind.DEPARTMENT, level, parent, SINCE, None)
    return replace(record, **others)  # type: ignore[arg-type]


def province(*units: UnitRecord, **others: object) -> Scene:
    root = unit("TP", None, 0)
    scene = Scene(units_on([root, *units], TODAY), TODAY, deepest_level=2, public_above=200)
    return replace(scene, **others)  # type: ignore[arg-type]


def built(scene: Scene, *codes: str) -> dict[str, UnitRooms]:
    """Rooms as they stand when `scene` has been carried out for these units, all of them open."""
    standing: dict[str, UnitRooms] = {}
    for code in codes:
        record = scene.units[code]
        space = standing.get(record.parent_code or "")
        looks = {
            purpose: Room(
                f"!{code}-{purpose}",
                open_look(
                    replace(record, valid_to=None),
                    purpose,
                    scene,
                    parent=(space.space if space else None) if purpose is Purpose.SPACE else f"!{code}-space",
                    space_rule=None,
                ),
            )
            for purpose in Purpose
        }
        standing[code] = UnitRooms(looks)
    return standing


def carried_out(standing: dict[str, UnitRooms], scene: Scene) -> dict[str, UnitRooms]:
    return standing | wanted(scene, standing)


def taken(standing: dict[str, UnitRooms], scene: Scene, code: str, purpose: Purpose):
    """The steps that a room needs."""
    before, after = standing[code].by_purpose[purpose], wanted(scene, standing)[code].by_purpose[purpose]
    return steps(purpose, before.look, after.look, encrypted=purpose is Purpose.DISCUSSION)


def kinds(found: tuple[object, ...]) -> list[type]:
    return [type(step) for step in found]


# ---- Units


def test_a_unit_is_as_on_the_day_and_not_as_announced() -> None:
    old = unit("A", valid_to=TODAY + timedelta(days=9))
    new = unit("A", name="Tên mới", valid_from=TODAY + timedelta(days=9))
    assert units_on([new, old], TODAY)["A"] is old
    assert units_on([new, old], TODAY + timedelta(days=9))["A"] is new
    assert units_on([new], TODAY) == {}


def test_parents_get_rooms_before_their_children_and_deep_units_none() -> None:
    scene = province(unit("A1", "A", 2), unit("A11", "A1", 3), unit("B"), unit("A"))
    assert [found.code for found in units_with_rooms(scene)] == ["TP", "A", "B", "A1"]


def test_a_dissolved_unit_gets_no_rooms_from_its_day_on() -> None:
    assert [found.code for found in units_with_rooms(province(unit("A", valid_to=TODAY)))] == ["TP"]
    tomorrow = unit("A", valid_to=TODAY + timedelta(days=1))
    assert [found.code for found in units_with_rooms(province(tomorrow))] == ["TP", "A"]


def test_a_unit_needs_the_spaces_above_it() -> None:
    assert with_ancestors(["A1"], province(unit("A"), unit("A1", "A", 2)).units) == {"A1", "A", "TP"}


def test_heads_and_deputies_moderate_while_their_account_is_open() -> None:
    current: Current = next(found for found in scenarios() if found.name.startswith("02-")).current
    [person] = current.people
    day = date(2026, 3, 10)
    assert person.account is not None
    locked = replace(person.account, locked=True, lock_owner="hr")
    for standing in (Standing.HEAD, Standing.DEPUTY):
        leader = replace(person, posts=(replace(person.posts[0], standing=standing),))
        assert moderators(replace(current, people=(leader,)), day) == {"STC": {"nguyen-van-anh-aa2"}}
        assert moderators(replace(current, people=(replace(leader, account=locked),)), day) == {}
    assert moderators(current, day) == {}


# ---- Looks and steps


def test_rooms_that_are_as_wanted_are_left_alone() -> None:
    scene = province(unit("A"), unit("A1", "A", 2))
    assert wanted(scene, built(scene, "TP", "A", "A1")) == {}


def test_a_renamed_unit_renames_its_rooms_and_nothing_else() -> None:
    standing = built(province(unit("A")), "TP", "A")
    scene = province(unit("A", name="Sở Mới", short_name="SM"))
    assert taken(standing, scene, "A", Purpose.SPACE) == (Rename("Sở Mới"),)
    assert kinds(taken(standing, scene, "A", Purpose.DISCUSSION)) == [Rename, Describe]


def test_a_unit_below_another_parent_hangs_there_with_its_space_alone() -> None:
    standing = built(province(unit("A"), unit("B"), unit("A1", "A", 2)), "TP", "A", "B", "A1")
    scene = province(unit("A"), unit("B"), unit("A1", "B", 2))
    assert taken(standing, scene, "A1", Purpose.SPACE) == (Hang("!B-space", "!A-space", last=False),)
    assert taken(standing, scene, "A1", Purpose.DISCUSSION) == ()


def test_a_merged_unit_closes_its_rooms_and_points_to_the_same_room_of_the_new_one() -> None:
    standing = built(province(unit("A"), unit("N")), "TP", "A", "N")
    scene = province(unit("A", valid_to=TODAY, successors=("N",)), unit("N"))
    space = taken(standing, scene, "A", Purpose.SPACE)
    assert kinds(space) == [Rename, Describe, PointTo, Hang, Shut]
    assert space[3] == Hang("!TP-space", "!TP-space", last=True)
    talk = taken(standing, scene, "A", Purpose.DISCUSSION)
    assert kinds(talk) == [Rename, Describe, PointTo, Shut]
    assert isinstance(talk[2], PointTo)
    assert talk[2].room_id == "!N-discussion"
    assert "Đơn vị N" in talk[2].words
    assert kinds(taken(standing, scene, "A", Purpose.ANNOUNCEMENTS)) == [Rename, Describe, Notify, PointTo, Shut]


def test_a_split_unit_points_to_the_first_and_names_all() -> None:
    standing = built(province(unit("A"), unit("N"), unit("M")), "TP", "A", "N", "M")
    scene = province(unit("A", valid_to=TODAY, successors=("N", "M")), unit("N"), unit("M"))
    look = wanted(scene, standing)["A"].by_purpose[Purpose.DISCUSSION].look
    assert look.successors == ("!N-discussion", "!M-discussion")
    assert "Đơn vị N; Đơn vị M" in look.topic


def test_a_closing_that_was_carried_out_is_not_done_again() -> None:
    scene = province(unit("A", valid_to=TODAY, successors=("N",)), unit("N"))
    standing = carried_out(built(province(unit("A"), unit("N")), "TP", "A", "N"), scene)
    assert standing["A"].closed
    assert wanted(scene, standing) == {}


def test_a_dissolution_of_tomorrow_waits() -> None:
    standing = built(province(unit("A"), unit("N")), "TP", "A", "N")
    ends = TODAY + timedelta(days=1)
    scene = province(unit("A", valid_to=ends, successors=("N",)), unit("N"))
    assert wanted(scene, standing) == {}
    assert set(wanted(replace(scene, today=ends), standing)) == {"A"}


def test_the_pointer_goes_through_successors_that_were_dissolved_in_turn_and_up_to_a_unit_with_rooms() -> None:
    scene = province(
        unit("A", valid_to=TODAY, successors=("B",)),
        unit("B", valid_to=TODAY, successors=("C", "A", "KHONG-CO")),
        unit("P"),
        unit("P1", "P", 2),
        unit("C", "P1", 3),
    )
    assert heirs("A", scene) == ("P1",)


def test_a_pointer_that_nothing_replaces_stays() -> None:
    scene = province(unit("A", valid_to=TODAY, successors=("N",)), unit("N"))
    standing = carried_out(built(province(unit("A"), unit("N")), "TP", "A", "N"), scene)
    gone = province(unit("A", valid_to=TODAY, successors=("N",)), unit("N", valid_to=TODAY))
    assert set(wanted(gone, standing)) == {"N"}


def test_a_unit_without_successor_opens_its_old_rooms_again() -> None:
    open_again = province(unit("A"))
    closed = carried_out(built(open_again, "TP", "A"), province(unit("A", valid_to=TODAY)))
    found = taken(closed, open_again, "A", Purpose.SPACE)
    assert kinds(found) == [Rename, Describe, Hang, Reopen]
    assert wanted(open_again, carried_out(closed, open_again)) == {}


def test_rooms_with_a_tombstone_are_left_for_new_ones_to_take_their_place() -> None:
    scene = province(unit("A", valid_to=TODAY, successors=("N",)), unit("N"))
    standing = carried_out(built(province(unit("A"), unit("N")), "TP", "A", "N"), scene)
    assert standing["A"].replaced
    assert wanted(province(unit("A"), unit("N")), standing) == {}


def test_a_large_space_is_public_and_only_becomes_private_well_below_the_size() -> None:
    private = province(unit("A"))
    standing = built(private, "TP", "A")
    large = replace(private, sizes={"A": 201})
    assert taken(standing, large, "A", Purpose.SPACE) == (Admit(JoinRule.PUBLIC, None),)
    assert taken(standing, large, "A", Purpose.DISCUSSION) == (Admit(JoinRule.INVITE, None),)
    standing = carried_out(standing, large)
    assert wanted(replace(private, sizes={"A": 180}), standing) == {}
    assert taken(standing, private, "A", Purpose.DISCUSSION) == (Admit(JoinRule.RESTRICTED, "!A-space"),)


def test_the_space_of_the_province_is_public_whatever_its_size() -> None:
    look = built(province(), "TP")["TP"].by_purpose[Purpose.SPACE].look
    assert look.join_rule is JoinRule.PUBLIC


def test_power_goes_from_the_old_head_to_the_new_one_in_all_rooms() -> None:
    standing = built(province(unit("A"), moderators={"A": frozenset({"cu"})}), "TP", "A")
    scene = province(unit("A"), moderators={"A": frozenset({"moi"})})
    for purpose in Purpose:
        assert taken(standing, scene, "A", purpose) == (Empower(frozenset({"cu"}), frozenset({"moi"})),)


# ---- Services that announce


BOT = frozenset({"truyen-thong"})


def test_a_service_that_announces_has_power_in_the_announcements_of_every_unit_and_nowhere_else() -> None:
    rooms = built(province(unit("A"), announcers=BOT, moderators={"A": frozenset({"dau"})}), "TP", "A")
    power = {
        code: {purpose: room.look.moderators for purpose, room in of_unit.by_purpose.items()}
        for code, of_unit in rooms.items()
    }
    assert power["TP"] == {Purpose.SPACE: frozenset(), Purpose.ANNOUNCEMENTS: BOT, Purpose.DISCUSSION: frozenset()}
    assert power["A"] == {purpose: {"dau"} for purpose in Purpose} | {Purpose.ANNOUNCEMENTS: {"dau", *BOT}}


def test_rooms_from_before_a_service_announced_give_it_power_and_change_in_nothing_else() -> None:
    standing = built(province(unit("A")), "TP", "A")
    scene = province(unit("A"), announcers=BOT)
    assert set(wanted(scene, standing)) == {"TP", "A"}
    assert taken(standing, scene, "A", Purpose.ANNOUNCEMENTS) == (Empower(frozenset(), BOT),)
    assert taken(standing, scene, "A", Purpose.SPACE) == taken(standing, scene, "A", Purpose.DISCUSSION) == ()


def test_a_new_head_takes_nothing_from_a_service_that_announces() -> None:
    standing = built(province(unit("A"), announcers=BOT, moderators={"A": frozenset({"cu"})}), "TP", "A")
    scene = province(unit("A"), announcers=BOT, moderators={"A": frozenset({"moi"})})
    [step] = taken(standing, scene, "A", Purpose.ANNOUNCEMENTS)
    assert step == Empower(frozenset({"cu", *BOT}), frozenset({"moi", *BOT}))


def test_a_closed_room_takes_the_power_of_services_too() -> None:
    standing = built(province(unit("A"), announcers=BOT), "TP", "A")
    scene = province(unit("A", valid_to=TODAY), announcers=BOT)
    assert wanted(scene, standing)["A"].moderators == frozenset()
    assert taken(standing, scene, "A", Purpose.ANNOUNCEMENTS)[-1] == Shut()
    again = province(unit("A"), announcers=BOT)
    assert taken(carried_out(standing, scene), again, "A", Purpose.ANNOUNCEMENTS)[-1] == Reopen(BOT)


def test_the_reform_closes_142_units_at_once() -> None:
    districts = [unit(f"H{number}") for number in range(9)]
    communes = [unit(f"X{number}", f"H{number % 9}", 2) for number in range(133)]
    new = [unit(f"P{number}", valid_from=TODAY) for number in range(40)]
    codes = ["TP", *(record.code for record in (*districts, *communes))]
    standing = built(province(*districts, *communes), *codes)
    scene = province(
        *(replace(record, valid_to=TODAY) for record in districts),
        *(replace(record, valid_to=TODAY, successors=(f"P{n % 40}",)) for n, record in enumerate(communes)),
        *new,
    )
    standing |= built(scene, "TP", *(record.code for record in new))
    found = wanted(scene, standing)
    assert len(found) == 142
    assert all(rooms.closed for rooms in found.values())
    assert sum(rooms.replaced for rooms in found.values()) == 133
    assert wanted(scene, standing | found) == {}
