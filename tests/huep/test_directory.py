"""The questions of the directory, asked with the bots' rights on a small province."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from uuid import UUID, uuid5

import pytest
from sqlalchemy import Connection, delete, insert, text

from huep.database import Role
from huep.directory import Audience, Directory
from huep.directory import tables as t
from huep.directory.matching import members
from huep.directory.model import AbsenceKind, PostKind, Standing, UnitKind
from huep.names import fold
from tests.conftest import Databases

TODAY = date(2026, 3, 16)
SPACE = UUID(int=7)


def key(code: str) -> UUID:
    return uuid5(SPACE, code)


UNITS = [
    ("TP", None, "Uỷ ban nhân dân thành phố", UnitKind.PROVINCE, 0),
    ("SNV", "TP", "Sở Nội vụ", UnitKind.DEPARTMENT, 1),
    ("SNV-VP", "SNV", "Văn phòng Sở", UnitKind.OFFICE, 2),
    ("SNV-VP-1", "SNV-VP", "Tổ một cửa", UnitKind.TEAM, 3),
    ("PVD", "TP", "Phường Vỹ Dạ", UnitKind.WARD, 1),
    ("PVD-VP", "PVD", "Văn phòng HĐND và UBND", UnitKind.OFFICE, 2),
]

# code, name, [(unit, position code, standing, kind, from, to)]
START = date(2020, 1, 1)
PEOPLE = [
    ("CT", "Nguyễn Văn An", [("TP", "CT", "head", "main", START, None)]),
    ("GD", "Trần Thị Bình", [("SNV", "GD", "head", "main", START, None)]),
    ("PGD1", "Lê Văn Cường", [("SNV", "PGD", "deputy", "main", date(2021, 1, 1), None)]),
    ("PGD2", "Phạm Thị Dung", [("SNV", "PGD", "deputy", "main", date(2022, 1, 1), None)]),
    ("CVP", "Đặng Huế", [("SNV-VP", "CVP", "head", "main", START, None), ("SNV", "PGD", "deputy", "concurrent", START, None)]),
    ("CV1", "Nguyễn Văn An", [("SNV-VP-1", "CV", "staff", "main", START, None), ("PVD-VP", "CV", "staff", "secondment", START, None)]),
    ("CTP", "Hồ Thị Lan", [("PVD", "CTP", "head", "main", START, date(2026, 3, 16))]),
    ("CV2", "Võ Minh", [("PVD-VP", "CV", "staff", "main", START, None)]),
    ("MOI", "Bùi Mới", [("PVD", "CTP", "head", "main", date(2026, 3, 17), None)]),
]  # fmt: skip


@pytest.fixture(scope="module")
def directory(databases: Databases) -> Iterator[Directory]:
    hr = databases.engine(Role.HR)
    people = [
        {"person_key": key(code), "officer_code": code, "full_name": name, "folded_name": fold(name)}
        for code, name, _ in PEOPLE
    ]
    periods = [
        {
            "unit_code": code,
            "parent_code": parent,
            "name": name,
            "short_name": code,
            "kind": kind.value,
            "level": level,
            "valid_from": START,
        }
        for code, parent, name, kind, level in UNITS
    ]
    posts = [
        {
            "person_key": key(code),
            "unit_code": unit,
            "position_code": position,
            "position": position.title(),
            "standing": standing,
            "rank": "Chuyên viên",
            "kind": kind,
            "valid_from": since,
            "valid_to": until,
        }
        for code, _, held in PEOPLE
        for unit, position, standing, kind, since, until in held
    ]
    accounts = [
        {"person_key": key(code), "user_id": f"@{code.lower()}:x", "display_name": name, "locked": code == "PGD2"}
        for code, name, _ in PEOPLE
    ]
    with hr.begin() as connection:
        connection.execute(insert(t.units), [{"unit_code": code} for code, *_ in UNITS])
        connection.execute(insert(t.unit_periods), periods)
        connection.execute(insert(t.people), people)
        connection.execute(insert(t.posts), posts)
        connection.execute(insert(t.accounts), accounts)
        connection.execute(insert(t.roles), {"person_key": key("CV2"), "role": "operator"})
    bots = databases.engine(Role.BOTS)
    yield Directory(bots, lambda: datetime(2026, 3, 16, 3, tzinfo=UTC))
    with hr.begin() as connection:
        for table in reversed(t.REGISTER.sorted_tables):
            connection.execute(delete(table))
    bots.dispose()
    hr.dispose()


@contextmanager
def register(databases: Databases) -> Iterator[Connection]:
    """A transaction of the provisioner's."""
    hr = databases.engine(Role.HR)
    with hr.begin() as connection:
        yield connection
    hr.dispose()


def codes(members: object) -> set[str]:
    return {member.user_id[1:].partition(":")[0].upper() for member in members}  # type: ignore[attr-defined]


def test_a_matrix_user_is_the_person_with_all_posts_of_today_the_main_one_first(directory: Directory) -> None:
    person = directory.person_of("@cvp:x")
    assert person is not None
    assert person.full_name == "Đặng Huế"
    assert [(post.unit_name, post.kind) for post in person.posts] == [
        ("Văn phòng Sở", PostKind.MAIN),
        ("Sở Nội vụ", PostKind.CONCURRENT),
    ]


def test_a_user_outside_the_register_is_nobody(directory: Directory) -> None:
    assert directory.person_of("@stranger:x") is None


def test_namesakes_stay_two(directory: Directory) -> None:
    first, second = directory.person_of("@ct:x"), directory.person_of("@cv1:x")
    assert first is not None
    assert second is not None
    assert first.full_name == second.full_name
    assert first.key != second.key


def test_a_role_that_no_post_gives_comes_with_the_person(directory: Directory) -> None:
    holder, other = directory.person_of("@cv2:x"), directory.person_of("@cv1:x")
    assert holder is not None and other is not None
    assert (holder.roles, other.roles) == ({"operator"}, frozenset())


def test_all_units_of_today_are_had_at_once(directory: Directory) -> None:
    assert {unit.code for unit in directory.units()} == {unit.code for unit in directory.units_under("TP")}


def test_units_under_a_unit_come_with_itself_and_behind_their_parents(directory: Directory) -> None:
    assert [unit.code for unit in directory.units_under("SNV")] == ["SNV", "SNV-VP", "SNV-VP-1"]
    assert len(directory.units_under("TP")) == len(UNITS)
    assert directory.units_under("KHÔNG") == ()


def test_the_path_leads_from_the_province_down(directory: Directory) -> None:
    assert [unit.code for unit in directory.path_to("SNV-VP-1")] == ["TP", "SNV", "SNV-VP", "SNV-VP-1"]


def test_the_head_leads_and_a_deputy_by_main_post_stands_in(directory: Directory) -> None:
    leadership = directory.leadership_of("SNV")
    assert leadership.head is not None
    assert leadership.stand_in is not None
    assert leadership.head.officer_code == "GD"
    assert leadership.stand_in.officer_code == "PGD1"
    assert leadership.acting == leadership.head


def test_when_the_head_is_on_leave_the_deputy_acts(databases: Databases, directory: Directory) -> None:
    hr = databases.engine(Role.HR)
    with hr.begin() as connection:
        connection.execute(
            insert(t.absences),
            {"person_key": key("GD"), "kind": AbsenceKind.MATERNITY.value, "valid_from": date(2026, 1, 1)},
        )
    try:
        acting = directory.leadership_of("SNV").acting
        assert acting is not None
        assert acting.officer_code == "PGD1"
    finally:
        with hr.begin() as connection:
            connection.execute(delete(t.absences))
        hr.dispose()


def test_a_post_ends_before_its_last_date_and_starts_on_its_first(directory: Directory) -> None:
    assert directory.leadership_of("PVD").head is None
    tomorrow = Directory(directory._engine, lambda: datetime(2026, 3, 16, 17, tzinfo=UTC))  # midnight in Huế
    head = tomorrow.leadership_of("PVD").head
    assert head is not None
    assert head.officer_code == "MOI"


def test_a_leader_sees_everything_below_and_staff_their_own_units(directory: Directory) -> None:
    assert directory.scope_of(key("CT")).led == {code for code, *_ in UNITS}
    deputy = directory.scope_of(key("PGD1"))
    assert deputy.sees("SNV-VP-1")
    assert not deputy.sees("PVD")
    staff = directory.scope_of(key("CV1"))
    assert staff.led == frozenset()
    assert staff.own == {"SNV-VP-1", "PVD-VP"}


AUDIENCES: list[tuple[Audience, set[str]]] = [
    (Audience(), {"CT", "GD", "PGD1", "CVP", "CV1", "CV2"}),
    (Audience(under=frozenset({"SNV"})), {"GD", "PGD1", "CVP", "CV1"}),
    (Audience(under=frozenset({"PVD"})), {"CV1", "CV2"}),
    (Audience(units=frozenset({"SNV", "PVD-VP"})), {"GD", "PGD1", "CVP", "CV1", "CV2"}),
    (Audience(levels=frozenset({0, 1})), {"CT", "GD", "PGD1", "CVP"}),
    (Audience(standings=frozenset({Standing.HEAD})), {"CT", "GD", "CVP"}),
    (Audience(positions=frozenset({"CV"}), under=frozenset({"SNV"})), {"CV1"}),
    (Audience(roles=frozenset({"operator"})), {"CV2"}),
    (Audience(people=frozenset({key("GD"), key("PGD2")})), {"GD"}),
    (Audience(unit_kinds=frozenset({UnitKind.OFFICE})), {"CVP", "CV1", "CV2"}),
    (Audience(excluding=(Audience(under=frozenset({"PVD"})),)), {"CT", "GD", "PGD1", "CVP"}),
    (
        Audience(excluding=(Audience(under=frozenset({"SNV"}), excluding=(Audience(positions=frozenset({"GD"})),)),)),
        {"CT", "GD", "CV2"},
    ),
    (
        Audience(any_of=(Audience(under=frozenset({"PVD"})), Audience(standings=frozenset({Standing.HEAD})))),
        {"CT", "GD", "CVP", "CV1", "CV2"},
    ),
    (Audience(any_of=(Audience(under=frozenset({"PVD"})), Audience())), {"CT", "GD", "PGD1", "CVP", "CV1", "CV2"}),
    (
        Audience(
            under=frozenset({"SNV"}),
            any_of=(Audience(positions=frozenset({"CV"})), Audience(positions=frozenset({"CTP"}))),
        ),
        {"CV1"},
    ),
    (
        Audience(
            any_of=(
                Audience(under=frozenset({"SNV"}), excluding=(Audience(under=frozenset({"PVD"})),)),
                Audience(positions=frozenset({"CT"})),
            ),
            excluding=(Audience(any_of=(Audience(positions=frozenset({"GD"})), Audience(levels=frozenset({0})))),),
        ),
        {"PGD1", "CVP"},
    ),
]


@pytest.mark.parametrize(("audience", "expected"), AUDIENCES)
def test_an_audience_is_who_meets_every_condition_and_no_exclusion(
    directory: Directory, audience: Audience, expected: set[str]
) -> None:
    assert codes(directory.audience(audience)) == expected


@pytest.mark.parametrize("audience", [audience for audience, _ in AUDIENCES])
def test_the_database_and_its_twin_find_the_same_members(directory: Directory, audience: Audience) -> None:
    people = [person for code, *_ in PEOPLE if (person := directory.person_of_code(code)) is not None]
    twin = members(audience, people, {unit.code: unit for unit in directory.units()})
    assert set(twin) == set(directory.audience(audience))


def test_a_member_is_there_by_the_first_post_that_belongs(directory: Directory) -> None:
    (by_secondment,) = (
        one for one in directory.audience(Audience(under=frozenset({"PVD"}))) if one.full_name == "Nguyễn Văn An"
    )
    assert (by_secondment.unit_code, by_secondment.position_code, by_secondment.standing) == (
        "PVD-VP",
        "CV",
        Standing.STAFF,
    )


def test_positions_are_those_that_somebody_holds_today(directory: Directory) -> None:
    assert dict(directory.positions()) == {"CT": "Ct", "CV": "Cv", "CVP": "Cvp", "GD": "Gd", "PGD": "Pgd"}


def test_announcement_rooms_are_the_open_ones(databases: Databases, directory: Directory) -> None:
    hr = databases.engine(Role.HR)
    rooms = [
        ("SNV", "announcements", "!a", None),
        ("SNV", "discussion", "!b", None),
        ("PVD", "announcements", "!c", TODAY),
        ("SNV-VP", "announcements", "!d", date(2026, 3, 17)),
    ]
    columns = ("unit_code", "purpose", "room_id", "closed_on")
    with hr.begin() as connection:
        connection.execute(insert(t.unit_rooms), [dict(zip(columns, room, strict=True)) for room in rooms])
    try:
        assert directory.announcement_rooms() == {"SNV": "!a", "SNV-VP": "!d"}
    finally:
        with hr.begin() as connection:
            connection.execute(delete(t.unit_rooms))
        hr.dispose()


def test_locked_people_and_posts_of_other_days_are_in_no_audience(directory: Directory) -> None:
    assert not {"PGD2", "CTP", "MOI"} & codes(directory.audience(Audience()))


def test_the_headcount_counts_each_person_once(directory: Directory) -> None:
    assert directory.headcount("SNV") == 4


@pytest.mark.parametrize(
    ("change", "undo"),
    [
        ("update register.accounts set locked = not locked", None),
        ("update register.people set full_name = reverse(full_name) where officer_code = 'GD'", None),
        ("update register.posts set valid_to = date '2026-03-20' where valid_to is null", "update register.posts set valid_to = null where valid_to = date '2026-03-20'"),
        ("update register.unit_periods set name = reverse(name)", None),
        ("insert into register.units values ('SYT'); insert into register.unit_periods (unit_code, name, short_name, kind, level, valid_from) values ('SYT', 'Sở Y tế', 'SYT', 'department', 1, date '2026-03-01')", "delete from register.unit_periods where unit_code = 'SYT'; delete from register.units where unit_code = 'SYT'"),
    ],
    ids=["locks", "names", "posts", "units", "a new unit"],
)  # fmt: skip
def test_the_fingerprint_is_another_one_after_a_change_and_the_same_without(
    databases: Databases, directory: Directory, change: str, undo: str | None
) -> None:
    before = directory.fingerprint()
    with register(databases) as hr:
        hr.execute(text(change))
    after = directory.fingerprint()
    with register(databases) as hr:
        hr.execute(text(undo or change))
    assert after != before
    assert directory.fingerprint() == before


def test_the_turn_of_the_day_alone_leaves_the_fingerprint_as_it_is(databases: Databases, directory: Directory) -> None:
    bots = databases.engine(Role.BOTS)
    tomorrow = Directory(bots, lambda: datetime(2026, 3, 17, 3, tzinfo=UTC))
    assert tomorrow.fingerprint() == directory.fingerprint()
    bots.dispose()
