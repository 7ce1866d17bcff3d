"""Who is somebody to a bot: asked of the directory each time, so that a lock or a move holds from the next message on."""

from dataclasses import replace

import pytest

from bots.runtime.access import SEE_ALL, Access, Caller, Role
from bots.testing.province import SERVER, SmallDirectory, SmallPreferences, person, post, small_province
from huep.directory.model import AbsenceKind, Person, PostKind, Standing

AN = f"@an:{SERVER}"
HEAD = person("truong", "Lê Quang Minh", post("SNV-TC", "Trưởng phòng", Standing.HEAD))
DEPUTY = person("pho", "Phạm Thị Mai", post("SNV-TC", "Phó Trưởng phòng", Standing.DEPUTY))


def caller(who: Person, *others: Person) -> Caller:
    found = Access(SmallDirectory(who, *others), SmallPreferences()).caller(str(who.user_id))
    assert found is not None
    return found


def test_a_locked_person_is_nobody_to_a_bot() -> None:
    an = person("an", "Nguyễn Thị An", post("SNV-VP", "Chuyên viên"))
    directory = SmallDirectory(an)
    access = Access(directory, SmallPreferences())
    found = access.caller(AN)
    assert found is not None and found.person == an
    directory.people = [replace(an, locked=True)]
    assert access.caller(AN) is None
    directory.people = [an]
    assert access.caller(AN) is not None


def test_a_head_directs_the_unit_and_all_below() -> None:
    found = caller(person("giam-doc", "Trần Thị Hoà", post("SNV", "Giám đốc Sở", Standing.HEAD)))
    assert found.roles == {Role.UNIT_HEAD, Role.STAFF}
    assert found.scope.led == found.directs == {"SNV", "SNV-TC", "SNV-VP"}
    assert not found.scope.sees("VYDA")


def test_a_deputy_sees_and_does_not_direct_while_the_head_is_there() -> None:
    found = caller(DEPUTY, HEAD)
    assert found.roles == {Role.DEPUTY, Role.STAFF}
    assert (found.scope.led, found.directs) == ({"SNV-TC"}, frozenset())


@pytest.mark.parametrize("others", [(), (replace(HEAD, absence=AbsenceKind.STUDY),), (replace(HEAD, locked=True),)])
def test_a_deputy_directs_while_the_head_is_away_locked_or_missing(others: tuple[Person, ...]) -> None:
    found = caller(DEPUTY, *others)
    assert found.roles == {Role.ACTING_HEAD, Role.STAFF}
    assert found.directs == {"SNV-TC"}


@pytest.mark.parametrize("absence", AbsenceKind)
def test_leadership_and_granted_roles_rest_while_somebody_is_away(absence: AbsenceKind) -> None:
    found = caller(replace(HEAD, absence=absence, roles=frozenset({"hr_officer", "operator"})), DEPUTY)
    assert found.roles == {Role.STAFF}
    assert (found.scope.led, found.directs) == (frozenset(), frozenset())
    assert found.scope.sees("SNV-TC"), "one's own unit stays one's own"


def test_who_leads_the_province_sees_all_of_it() -> None:
    found = caller(person("chu-tich", "Nguyễn Văn Phương", post("HUE", "Chủ tịch", Standing.HEAD)))
    assert found.roles == {Role.PROVINCE_LEADER, Role.STAFF}
    assert found.scope.led == found.directs == {"HUE", "SNV", "SNV-TC", "SNV-VP", "VYDA"}


def test_a_vice_chair_sees_all_and_directs_it_only_for_an_absent_chair() -> None:
    vice = person("pho-chu-tich", "Hoàng Hải", post("HUE", "Phó Chủ tịch", Standing.DEPUTY))
    chair = person("chu-tich", "Nguyễn Văn Phương", post("HUE", "Chủ tịch", Standing.HEAD))
    present, away = caller(vice, chair), caller(vice, replace(chair, absence=AbsenceKind.SICK))
    assert present.roles == away.roles == {Role.PROVINCE_LEADER, Role.STAFF}
    assert (present.directs, "VYDA" in away.directs) == (frozenset(), True)


def test_a_second_post_counts_as_the_first_does() -> None:
    found = caller(
        person(
            "hai-noi",
            "Đỗ Thành",
            post("SNV-TC", "Chuyên viên"),
            post("VYDA", "Chủ tịch phường", Standing.HEAD, PostKind.CONCURRENT),
        )
    )
    assert found.roles == {Role.UNIT_HEAD, Role.STAFF}
    assert (found.scope.led, found.scope.own) == ({"VYDA"}, {"SNV-TC", "VYDA"})


def test_roles_that_no_post_gives_come_from_the_directory_and_only_those_that_are_known() -> None:
    found = caller(
        person("x", "X", post("VYDA", "Chuyên viên"), roles=frozenset({"operator", "province_leader", "king"}))
    )
    assert found.roles == {Role.OPERATOR, Role.STAFF}


@pytest.mark.parametrize("role", sorted(SEE_ALL))
def test_some_granted_roles_see_every_unit_and_direct_none(role: Role) -> None:
    found = caller(person("x", "X", post("VYDA", "Chuyên viên"), roles=frozenset({role.value})))
    assert found.roles == {role, Role.STAFF}
    assert found.scope.led == {"HUE", "SNV", "SNV-TC", "SNV-VP", "VYDA"}
    assert found.directs == frozenset()


def test_an_operator_sees_no_more_than_anybody_else() -> None:
    found = caller(person("x", "X", post("VYDA", "Kỹ sư"), roles=frozenset({"operator"})))
    assert found.scope.led == frozenset()


def test_somebody_unknown_or_without_a_post_is_nobody() -> None:
    access = Access(SmallDirectory(person("khach", "Khách")), SmallPreferences())
    assert access.caller(f"@khach:{SERVER}") is None
    assert access.caller(f"@la:{SERVER}") is None
    assert Access(small_province(), SmallPreferences()).caller(AN) is not None
