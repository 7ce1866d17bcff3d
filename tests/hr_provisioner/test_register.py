"""What a register says is either taken over rightly or held back with the row, the cell and the reason."""

import csv
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hr_provisioner.dates import ImpossibleDate, day_first, parse_date
from hr_provisioner.language import MESSAGES
from hr_provisioner.records import Quarantined, Register
from hr_provisioner.register.register import read_register
from hr_provisioner.sources.cells import Fault, read_date, read_email, same_name
from hr_provisioner.sources.columns import PostColumn as P
from hr_provisioner.sources.columns import UnitColumn as U
from huep.catalogue import Locale
from huep.directory.model import AbsenceKind, PostKind, Standing, UnitKind
from huep.names import normalise

Row = Mapping[P, str]
UnitRow = Mapping[U, str]

CITY = {U.CODE: "H57", U.NAME: "UBND thành phố Huế", U.KIND: "Thành phố", U.LEVEL: "0"}
HOME_AFFAIRS = {
    U.CODE: "H57.02",
    U.NAME: "Sở Nội vụ",
    U.SHORT_NAME: "SNV",
    U.KIND: "Sở, ban, ngành",
    U.LEVEL: "1",
    U.PARENT_CODE: "H57",
    U.VALID_FROM: "01/03/2025",
}
OFFICE = {
    U.CODE: "H57.02.01",
    U.NAME: "Văn phòng Sở",
    U.KIND: "Phòng",
    U.LEVEL: "2",
    U.PARENT_CODE: "H57.02",
    U.VALID_FROM: "2025-03-01",
}
ANH = {
    P.OFFICER_CODE: "HUE001",
    P.FULL_NAME: "Nguyễn Văn Anh",
    P.BIRTH_DATE: "31/12/1980",
    P.EMAIL: "nvanh@hue.example",
    P.UNIT_CODE: "H57.02",
    P.POSITION_CODE: "CV",
    P.POSITION: "Chuyên viên",
    P.STANDING: "Nhân viên",
    P.RANK: "Chuyên viên",
    P.KIND: "Chính",
    P.VALID_FROM: "01/03/2025",
    P.STATUS: "Đang làm việc",
}
BINH = {**ANH, P.OFFICER_CODE: "HUE002", P.FULL_NAME: "Trần Thị Bình", P.EMAIL: "ttbinh@hue.example"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def read(folder: Path, people: Iterable[Row], units: Iterable[UnitRow] = (CITY, HOME_AFFAIRS, OFFICE)) -> Register:
    for name, columns, rows in (("can-bo.csv", list(P), people), ("don-vi.csv", list(U), units)):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows([row.get(column, "") for column in columns] for row in rows)  # type: ignore[attr-defined]
    return read_register(folder)


def said(held: Quarantined) -> str:
    """The reason in Vietnamese; it must also have words in English."""
    assert MESSAGES.render(Locale.EN, held.reason).endswith(".")
    return MESSAGES.render(Locale.VI, held.reason)


def test_a_sound_row_becomes_a_person_with_a_post(folder: Path) -> None:
    register = read(folder, [ANH])
    (person,) = register.people
    assert (person.officer_code, person.full_name) == ("HUE001", "Nguyễn Văn Anh")
    assert person.birth_date == date(1980, 12, 31)
    assert person.email == "nvanh@hue.example"
    (post,) = person.posts
    assert (post.unit_code, post.position, post.standing) == ("H57.02", "Chuyên viên", Standing.STAFF)
    assert (post.kind, post.valid_from, post.valid_to) == (PostKind.MAIN, date(2025, 3, 1), None)
    assert (person.absence, person.retires_on, person.leaves_on) == (None, None, None)
    assert (register.quarantined, register.rows) == ((), 4)


def test_units_become_a_tree_and_a_missing_short_name_is_the_name(folder: Path) -> None:
    city, home_affairs, office = read(folder, [ANH]).units
    assert (city.kind, city.level, city.parent_code, city.short_name) == (
        UnitKind.PROVINCE,
        0,
        None,
        "UBND thành phố Huế",
    )
    assert (home_affairs.kind, home_affairs.short_name, home_affairs.valid_from) == (
        UnitKind.DEPARTMENT,
        "SNV",
        date(2025, 3, 1),
    )
    assert (office.parent_code, office.level) == ("H57.02", 2)


def test_rows_of_one_code_are_one_person_with_several_posts(folder: Path) -> None:
    second = {**ANH, P.UNIT_CODE: "H57.02.01", P.KIND: "Kiêm nhiệm", P.STANDING: "Trưởng", P.STATUS: ""}
    third = {**ANH, P.UNIT_CODE: "H57", P.KIND: "biet phai", P.EMAIL: ""}
    register = read(folder, [ANH, BINH, second, third])
    anh, binh = register.people
    assert [post.kind for post in anh.posts] == [PostKind.MAIN, PostKind.CONCURRENT, PostKind.SECONDMENT]
    assert [post.standing for post in anh.posts] == [Standing.STAFF, Standing.HEAD, Standing.STAFF]
    assert anh.email == "nvanh@hue.example"
    assert len(binh.posts) == 1
    assert register.quarantined == ()


def test_a_row_that_stands_there_twice_is_one_post(folder: Path) -> None:
    assert len(read(folder, [ANH, ANH]).people[0].posts) == 1


def test_last_days_are_inclusive_in_the_file_and_half_open_in_the_record(folder: Path) -> None:
    row = {
        **ANH,
        P.LAST_VALID: "30/06/2026",
        P.STATUS: "Nghỉ thai sản",
        P.STATUS_FROM: "01/01/2026",
        P.STATUS_LAST: "30/06/2026",
    }
    (person,) = read(folder, [row]).people
    assert person.posts[0].valid_to == date(2026, 7, 1)
    assert person.absence is not None
    assert (person.absence.kind, person.absence.valid_from, person.absence.valid_to) == (
        AbsenceKind.MATERNITY,
        date(2026, 1, 1),
        date(2026, 7, 1),
    )


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("Nghỉ thai sản", AbsenceKind.MATERNITY),
        ("đi học", AbsenceKind.STUDY),
        ("NGHI OM", AbsenceKind.SICK),
        ("Tạm đình chỉ", AbsenceKind.SUSPENSION),
    ],
)
def test_each_long_leave_is_understood(folder: Path, status: str, kind: AbsenceKind) -> None:
    (person,) = read(folder, [{**ANH, P.STATUS: status, P.STATUS_FROM: "2026-01-01"}]).people
    assert person.absence is not None
    assert person.absence.kind is kind
    assert person.leaves_on is None


def test_who_left_has_a_last_day(folder: Path) -> None:
    (person,) = read(folder, [{**ANH, P.STATUS: "Đã nghỉ việc", P.LAST_DAY: "15/10/2026"}]).people
    assert person.leaves_on == date(2026, 10, 15)


def test_who_retired_left_the_day_before_unless_the_register_says_otherwise(folder: Path) -> None:
    retired = {**ANH, P.STATUS: "Nghỉ hưu", P.RETIRES_ON: "01/11/2026"}
    stated = {**BINH, P.STATUS: "Nghỉ hưu", P.RETIRES_ON: "01/11/2026", P.LAST_DAY: "20/10/2026"}
    anh, binh = read(folder, [retired, stated]).people
    assert (anh.retires_on, anh.leaves_on) == (date(2026, 11, 1), date(2026, 10, 31))
    assert binh.leaves_on == date(2026, 10, 20)


@pytest.mark.parametrize("word", ["Buộc thôi việc", "KỶ LUẬT BUỘC THÔI VIỆC", "sa thai", "dismissed"])
def test_an_urgent_dismissal_needs_no_last_day_and_no_post(folder: Path, word: str) -> None:
    at_once = {**ANH, P.STATUS: word}
    with_day = {**BINH, P.STATUS: word, P.LAST_DAY: "15/10/2026", P.UNIT_CODE: "", P.POSITION: ""}
    register = read(folder, [at_once, with_day])
    anh, binh = register.people
    assert (anh.dismissed, anh.leaves_on) == (True, None)
    assert (binh.dismissed, binh.leaves_on, binh.posts) == (True, date(2026, 10, 15), ())
    assert register.quarantined == ()


def test_nobody_else_is_dismissed(folder: Path) -> None:
    left = {**BINH, P.STATUS: "Đã nghỉ việc", P.LAST_DAY: "15/10/2026"}
    assert [person.dismissed for person in read(folder, [ANH, left]).people] == [False, False]


@pytest.mark.parametrize("code", ["HUE\u200b001", "\ufeffHUE001", "hue001\u2060"])
def test_characters_without_a_width_are_no_part_of_a_code(folder: Path, code: str) -> None:
    assert [person.officer_code for person in read(folder, [{**ANH, P.OFFICER_CODE: code}]).people] == ["HUE001"]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Ðặng Thị Mỹ", "Đặng Thị Mỹ"),
        ("Nguyễn\u200b Văn Anh", "Nguyễn Văn Anh"),
        ("Y Ñ'Hiêng Kbuôr", "Y Ñ'Hiêng Kbuôr"),
        ("Nguyễn Thị Lan (B)", "Nguyễn Thị Lan (B)"),
        ("Tôn Nữ Thị-Huệ 2", "Tôn Nữ Thị-Huệ 2"),
    ],
)
def test_names_as_people_bear_and_type_them_are_taken(folder: Path, typed: str, name: str) -> None:
    (person,) = read(folder, [{**ANH, P.FULL_NAME: typed}]).people
    assert person.full_name == name


def test_a_row_whose_code_cannot_be_read_leaves_its_name_behind(folder: Path) -> None:
    register = read(folder, [ANH, {**BINH, P.OFFICER_CODE: "4.6E+07"}, {**BINH, P.OFFICER_CODE: "?", P.FULL_NAME: "§"}])
    assert register.nameless == ("tran thi binh", "")


def test_the_register_tells_what_its_tables_look_like(folder: Path) -> None:
    rows = [
        ANH,
        ANH,
        {**BINH, P.BIRTH_DATE: "07/31/1980", P.STATUS: " "},
        {column: column.value for column in P},
    ]
    table = read(folder, rows).posts_table
    assert (table.rows, table.repeated, table.headings_again) == (4, 1, (5,))
    assert (table.filled["Ngày sinh"], table.filled["Tình trạng"], table.filled["Ngày làm việc cuối"]) == (4, 3, 1)
    assert table.month_first == {"Ngày sinh": 1}
    assert table.faults["Ngày sinh"] == 2


def test_a_column_that_the_file_lacks_is_told_from_an_empty_one(folder: Path) -> None:
    read(folder, [ANH])
    path = folder / "can-bo.csv"
    path.write_text(path.read_text("utf-8").replace("Ngày nghỉ hưu", "Ghi chú"), "utf-8")
    filled = read_register(folder).posts_table.filled
    assert "Ngày nghỉ hưu" not in filled
    assert filled["Ngày làm việc cuối"] == 0


def test_a_coming_retirement_is_not_a_leaving(folder: Path) -> None:
    (person,) = read(folder, [{**ANH, P.RETIRES_ON: "01/02/2027"}]).people
    assert (person.retires_on, person.leaves_on) == (date(2027, 2, 1), None)


def test_who_left_and_lost_the_post_is_still_seen_leaving(folder: Path) -> None:
    row = {**ANH, P.UNIT_CODE: "", P.POSITION: "", P.STATUS: "Đã nghỉ việc", P.LAST_DAY: "15/10/2026"}
    (person,) = read(folder, [row]).people
    assert (person.posts, person.leaves_on) == ((), date(2026, 10, 15))


def test_shared_and_missing_email_holds_nobody_back(folder: Path) -> None:
    shared = {**BINH, P.EMAIL: ANH[P.EMAIL]}
    missing = {**BINH, P.OFFICER_CODE: "HUE003", P.EMAIL: ""}
    register = read(folder, [ANH, shared, missing])
    assert [person.email for person in register.people] == ["nvanh@hue.example", "nvanh@hue.example", None]
    assert register.quarantined == ()


BAD_CELLS = [
    (P.OFFICER_CODE, "", "Thiếu mã cán bộ"),
    (P.OFFICER_CODE, "HUE 001?", "Mã chỉ gồm"),
    (P.OFFICER_CODE, "46200123.0", "biến mã này thành số"),
    (P.OFFICER_CODE, "4.62E+07", "biến mã này thành số"),
    (P.OFFICER_CODE, "1.2e05", "biến mã này thành số"),
    (P.FULL_NAME, " \u00a0", "Thiếu họ và tên"),
    (P.FULL_NAME, "NguyÔn V¨n §¹t", "ký tự lạ"),
    (P.FULL_NAME, "Nguyễn Văn Аnh", "ký tự lạ"),
    (P.FULL_NAME, "\u202eNguyễn Văn Anh", "ký tự lạ"),
    (P.FULL_NAME, "Anh · SNV", "ký tự lạ"),
    (P.FULL_NAME, "31/12/1980", "ký tự lạ"),
    (P.FULL_NAME, "#NAME?", "công thức"),
    (P.FULL_NAME, "Nguyễn " * 40, "dài hơn 120"),
    (P.POSITION, "#N/A", "công thức"),
    (P.POSITION, "=1+1", "công thức"),
    (P.POSITION, "Chuyên\x07viên", "ký tự ẩn"),
    (P.POSITION, "Chuyên \ufffd viên", "ký tự ẩn"),
    (P.POSITION, "x" * 301, "dài hơn 300"),
    (P.RANK, "#REF!", "công thức"),
    (P.POSITION_CODE, "#VALUE!", "công thức"),
    (P.BIRTH_DATE, "31/02/1980", "Ngày không có thật"),
    (P.BIRTH_DATE, "1980", "Ngày không có thật"),
    (P.BIRTH_DATE, "01/01/1080", "Ngày không có thật"),
    (P.BIRTH_DATE, "01/01/2026", "Ngày sinh sau"),
    (P.EMAIL, "nvanh at hue", "Thư công vụ"),
    (P.UNIT_CODE, "H57.99", "Không có đơn vị nào mang mã này"),
    (P.UNIT_CODE, "", "Thiếu mã đơn vị"),
    (P.POSITION, "", "Thiếu chức vụ"),
    (P.STANDING, "Sếp", "Không hiểu giá trị"),
    (P.KIND, "Phụ", "Không hiểu giá trị"),
    (P.VALID_FROM, "", "Thiếu ngày bắt đầu"),
    (P.VALID_FROM, "2025-13-01", "Ngày không có thật"),
    (P.LAST_VALID, "28/02/2025", "Ngày kết thúc trước"),
    (P.STATUS, "Biến mất", "Không hiểu giá trị"),
    (P.LAST_DAY, "01/01/2020", "Ngày làm việc cuối trước"),
]


@pytest.mark.parametrize(("column", "value", "reason"), BAD_CELLS)
def test_a_bad_cell_holds_its_person_back_and_nobody_else(folder: Path, column: P, value: str, reason: str) -> None:
    register = read(folder, [BINH, {**ANH, column: value}])
    assert [person.officer_code for person in register.people] == ["HUE002"]
    (held,) = register.quarantined
    assert (held.row, held.column, held.value) == (3, column.value, normalise(value))
    assert reason in said(held)
    assert held.source.endswith("can-bo.csv")
    assert held.officer_code == (None if column is P.OFFICER_CODE else "HUE001")


@pytest.mark.parametrize(
    ("status", "column", "reason"),
    [
        ("Đi học", P.STATUS_FROM, "Thiếu ngày bắt đầu của tình trạng"),
        ("Đã nghỉ việc", P.LAST_DAY, "phải có ngày làm việc cuối"),
        ("Nghỉ hưu", P.LAST_DAY, "phải có ngày làm việc cuối"),
    ],
)
def test_a_status_without_its_day_is_held_back(folder: Path, status: str, column: P, reason: str) -> None:
    (held,) = read(folder, [{**ANH, P.STATUS: status}]).quarantined
    assert held.column == column.value
    assert reason in said(held)


def test_every_fault_of_a_row_is_told_at_once(folder: Path) -> None:
    register = read(folder, [{**ANH, P.FULL_NAME: "", P.EMAIL: "x", P.UNIT_CODE: "H99", P.VALID_FROM: "nay"}])
    assert [held.column for held in register.quarantined] == [P.FULL_NAME, P.EMAIL, P.UNIT_CODE]
    assert register.people == ()


def test_a_bad_row_freezes_the_person_of_the_sound_rows_too(folder: Path) -> None:
    second = {**ANH, P.UNIT_CODE: "H57.77", P.KIND: "Kiêm nhiệm"}
    for rows in ([ANH, second, BINH], [second, ANH, BINH]):
        register = read(folder, rows)
        assert [person.officer_code for person in register.people] == ["HUE002"]
        assert len(register.quarantined) == 1


def test_a_code_used_for_two_people_freezes_both_and_names_the_first(folder: Path) -> None:
    register = read(folder, [ANH, {**BINH, P.OFFICER_CODE: "HUE001"}])
    assert register.people == ()
    (held,) = register.quarantined
    assert (held.row, held.column, held.officer_code) == (3, "Mã cán bộ", "HUE001")
    assert said(held) == 'Mã này đã là của "Nguyễn Văn Anh", sinh 31/12/1980, ở dòng 2.'


def test_a_long_register_counts_its_rows_without_dots(folder: Path) -> None:
    others = [{**BINH, P.OFFICER_CODE: f"HUE{n:05}"} for n in range(1_000, 2_000)]
    (held,) = read(folder, [*others, {**ANH, P.BIRTH_DATE: ""}, {**BINH, P.OFFICER_CODE: "HUE001"}]).quarantined
    assert said(held) == 'Mã này đã là của "Nguyễn Văn Anh", ở dòng 1002.'


def test_the_same_name_with_another_birth_date_is_another_person(folder: Path) -> None:
    register = read(folder, [ANH, {**ANH, P.BIRTH_DATE: "01/01/1981", P.UNIT_CODE: "H57"}])
    assert register.people == ()
    assert register.quarantined[0].column == P.OFFICER_CODE


def test_where_the_tone_stands_makes_no_other_name() -> None:
    assert same_name("Lê Thị Hoà", "LÊ THỊ HÒA")
    assert not same_name("Lê Văn Hùng", "Lê Văn Hưng")
    assert not same_name("Lê Văn Dũng", "Lê Văn Dụng")


def test_rows_of_one_person_that_disagree_on_leaving_freeze_the_person(folder: Path) -> None:
    left = {**ANH, P.UNIT_CODE: "H57", P.STATUS: "Đã nghỉ việc", P.LAST_DAY: "01/10/2026"}
    register = read(folder, [ANH, left])
    assert register.people == ()
    assert register.quarantined[0].column == P.STATUS


def test_cells_to_the_right_of_the_header_hold_the_row_back(folder: Path) -> None:
    read(folder, [ANH, BINH])
    path = folder / "can-bo.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines[:2], f"{lines[2]},thừa", ""]), encoding="utf-8")
    register = read_register(folder)
    assert [person.officer_code for person in register.people] == ["HUE001"]
    assert register.quarantined[0].row == 3


BAD_UNITS = [
    ({U.NAME: ""}, U.NAME, "Thiếu tên"),
    ({U.NAME: "#REF!"}, U.NAME, "công thức"),
    ({U.SHORT_NAME: "=A1"}, U.SHORT_NAME, "công thức"),
    ({U.KIND: "Câu lạc bộ"}, U.KIND, "Không hiểu giá trị"),
    ({U.LEVEL: "hai"}, U.LEVEL, "Cấp bậc phải là số"),
    ({U.LEVEL: "1"}, U.LEVEL, "lớn hơn cấp bậc 1"),
    ({U.PARENT_CODE: "H57.98"}, U.PARENT_CODE, "Không có đơn vị cấp trên"),
    ({U.PARENT_CODE: ""}, U.PARENT_CODE, "mã cấp trên"),
    ({U.PARENT_CODE: "H57.02.01"}, U.PARENT_CODE, "quay vòng"),
    ({U.VALID_FROM: "30/02/2025"}, U.VALID_FROM, "Ngày không có thật"),
    ({U.LAST_VALID: "01/01/2025"}, U.LAST_VALID, "Ngày kết thúc trước"),
]


@pytest.mark.parametrize(("change", "column", "reason"), BAD_UNITS)
def test_a_bad_unit_is_held_back_with_who_works_there(
    folder: Path, change: dict[U, str], column: U, reason: str
) -> None:
    in_office = {**BINH, P.UNIT_CODE: "H57.02.01"}
    register = read(folder, [ANH, in_office], [CITY, HOME_AFFAIRS, {**OFFICE, **change}])
    assert [unit.code for unit in register.units] == ["H57", "H57.02"]
    assert [person.officer_code for person in register.people] == ["HUE001"]
    unit_held, person_held = register.quarantined
    assert (unit_held.row, unit_held.column) == (4, column.value)
    assert reason in said(unit_held)
    assert "tạm giữ" in said(person_held)


def test_successors_are_codes_between_spaces_commas_and_semicolons(folder: Path) -> None:
    split = {**OFFICE, U.LAST_VALID: "30/06/2026", U.SUCCESSORS: " h57.02, H57;H57.02 "}
    assert read(folder, [ANH], [CITY, HOME_AFFAIRS, split]).units[2].successors == ("H57.02", "H57")


@pytest.mark.parametrize(
    ("successors", "reason"),
    [("H57.02 H57.99", "đơn vị kế thừa"), ("H57.02 ???", "Mã chỉ gồm"), ("H57.02.01", "đơn vị kế thừa")],
)
def test_a_successor_that_nobody_knows_is_listed_and_the_unit_kept(folder: Path, successors: str, reason: str) -> None:
    in_office = {**ANH, P.UNIT_CODE: "H57.02.01"}
    register = read(folder, [in_office], [CITY, HOME_AFFAIRS, {**OFFICE, U.SUCCESSORS: successors}])
    assert register.units[2].successors == ()
    assert len(register.people) == 1
    (held,) = register.quarantined
    assert (held.row, held.column, held.officer_code) == (4, "Đơn vị kế thừa", None)
    assert reason in said(held)


def test_units_in_a_circle_are_all_held_back(folder: Path) -> None:
    one = {**HOME_AFFAIRS, U.CODE: "A", U.PARENT_CODE: "C"}
    two = {**HOME_AFFAIRS, U.CODE: "B", U.PARENT_CODE: "A", U.LEVEL: "2"}
    three = {**HOME_AFFAIRS, U.CODE: "C", U.PARENT_CODE: "B", U.LEVEL: "3"}
    below = {**HOME_AFFAIRS, U.CODE: "D", U.PARENT_CODE: "B", U.LEVEL: "4"}
    register = read(folder, [ANH], [CITY, HOME_AFFAIRS, one, two, three, below])
    assert [unit.code for unit in register.units] == ["H57", "H57.02"]
    reasons = {held.row: said(held) for held in register.quarantined}
    assert all("quay vòng" in reasons[row] for row in (4, 5, 6))
    assert "tạm giữ" in reasons[7]


def test_everything_below_a_held_unit_is_held(folder: Path) -> None:
    register = read(folder, [ANH, BINH], [CITY, {**HOME_AFFAIRS, U.NAME: ""}, OFFICE])
    assert [unit.code for unit in register.units] == ["H57"]
    assert register.people == ()


def test_a_unit_code_used_twice_at_one_time_is_held_and_at_two_times_is_history(folder: Path) -> None:
    again = {**OFFICE, U.NAME: "Phòng khác"}
    assert [unit.code for unit in read(folder, [ANH], [CITY, HOME_AFFAIRS, OFFICE, again]).units] == ["H57", "H57.02"]
    assert len(read(folder, [ANH], [CITY, HOME_AFFAIRS, OFFICE, OFFICE]).units) == 3
    before = {**OFFICE, U.NAME: "Văn phòng cũ", U.VALID_FROM: "01/01/2024", U.LAST_VALID: "28/02/2025"}
    register = read(folder, [ANH], [CITY, HOME_AFFAIRS, before, OFFICE])
    assert [unit.name for unit in register.units][2:] == ["Văn phòng cũ", "Văn phòng Sở"]


days = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31))
spaces = st.text(alphabet=" \t\u00a0\u2009\u3000", max_size=3)


@given(day=days, before=spaces, after=spaces)
def test_both_date_styles_give_the_day_whatever_stands_around(day: date, before: str, after: str) -> None:
    for text in (
        day.isoformat(),
        day_first(day),
        f"{day.day}/{day.month}/{day.year}",
        f"{day.day:02d}.{day.month:02d}.{day.year}",
        f"{day.isoformat()} 00:00:00",
    ):
        assert read_date(f"{before}{text}{after}") == day


@given(text=st.text(alphabet="0123456789/-. ", max_size=12))
def test_what_is_taken_for_a_date_is_one(text: str) -> None:
    value = read_date(text)
    if isinstance(value, date):
        numbers = sorted(int(part) for part in text.strip().replace("/", "-").replace(".", "-").split("-"))
        assert numbers == sorted((value.year, value.month, value.day))
    else:
        assert isinstance(value, Fault) or not text.strip()


@pytest.mark.parametrize(
    "text", ["31/04/2026", "29/02/2025", "2026-00-10", "12/31/1980", "1/1/80", "29587", "1/2-2020"]
)
def test_days_that_no_calendar_has_are_impossible(text: str) -> None:
    with pytest.raises(ImpossibleDate):
        parse_date(text)


vietnamese_words = st.lists(
    st.sampled_from(["Nguyễn", "Thị", "Đặng", "Huế", "Trường", "Ước", "Ỷ", "Lê", "Hoàng", "Công"]),
    min_size=1,
    max_size=5,
)


@given(words=vietnamese_words, gaps=st.lists(spaces.filter(bool), min_size=6, max_size=6), decomposed=st.booleans())
def test_names_come_out_composed_and_with_single_spaces(words: list[str], gaps: list[str], decomposed: bool) -> None:
    typed = gaps[0] + "".join(word + gap for word, gap in zip(words, gaps[1:], strict=False))
    if decomposed:
        typed = unicodedata.normalize("NFD", typed)
    assert normalise(typed) == " ".join(words)


@pytest.mark.parametrize(
    "text", ["a@b", "a b@hue.example", "@hue.example", "a@hue..example", "a@-hue.example", "á@hue.vn"]
)
def test_what_is_no_address_is_a_fault(text: str) -> None:
    assert isinstance(read_email(text), Fault)


def test_addresses_come_out_in_small_letters() -> None:
    assert read_email(" NVAnh.snv@Hue.Example ") == "nvanh.snv@hue.example"
