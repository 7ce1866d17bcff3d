"""Titles above the heading and totals below the data are told from data, and what they state is taken."""

import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from hr_provisioner.register.register import register_of
from hr_provisioner.sources import Statement, open_source
from hr_provisioner.sources.columns import POSTS, UNITS, PostColumn, rows_of
from hr_provisioner.sources.layout import read_remarks
from huep.hr_settings import ColumnSettings
from tests.hr_provisioner.test_sources import POSTS_ROWS, UNITS_ROWS, as_csv, write_edition, write_workbook

TITLES = [
    ["ỦY BAN NHÂN DÂN THÀNH PHỐ HUẾ", "", "", "", "", "", ""],
    ["DANH SÁCH CÁN BỘ, CÔNG CHỨC", "", "", "", "", "", ""],
    ["Ngày xuất: 01/12/2026 08:30", "", "", "", "", "", ""],
    [],
]
TRAILER = [["Tổng số:", "2", "", "", "", "", ""], [], ["Người lập biểu", "", "", "Giám đốc"], ["", "", "", "(đã ký)"]]
EXPORTED = datetime(2026, 12, 1, 8, 30, tzinfo=timezone(timedelta(hours=7)))


def codes(path: Path) -> list[tuple[int, str]]:
    place = POSTS.columns.index(PostColumn.OFFICER_CODE)
    return [(row.number, row.cells[place]) for row in rows_of(open_source(path).posts(), POSTS)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_csv_with_titles_and_trailer_keeps_its_own_row_numbers(tmp_path: Path, delimiter: str) -> None:
    content = as_csv([*TITLES, *POSTS_ROWS, *TRAILER], delimiter).encode()
    folder = write_edition(tmp_path, content)
    assert codes(folder) == [(6, "CB1"), (7, "CB2")]
    assert open_source(folder).posts().shape.header_row == 5
    assert open_source(folder).origin.statement == Statement(EXPORTED, 3, whole=True)


def test_a_workbook_with_titles_and_trailer_is_read_alike(tmp_path: Path) -> None:
    titles: list[list[object]] = [list(row) for row in TITLES]
    titles[2] = ["Ngày xuất", datetime(2026, 12, 1, 8, 30)]  # noqa: DTZ001
    trailer: list[list[object]] = [["", "Tổng cộng", 2], [], ["Người lập biểu"]]
    rows = [*titles, *(list(row) for row in POSTS_ROWS), *trailer]
    units: list[list[object]] = [list(row) for row in UNITS_ROWS]
    path = write_workbook(tmp_path / "so.xlsx", {"Cán bộ": rows, "Đơn vị": units})
    assert codes(path) == [(6, "CB1"), (7, "CB2")]
    statement = open_source(path).origin.statement
    assert statement.rows == 3
    # A cell with a date format holds no time of day.
    assert statement.exported_at is not None
    assert statement.exported_at.date() == EXPORTED.date()


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        ("Tổng số: 2034", 2034),
        ("TỔNG CỘNG: 2.034 dòng", 2034),
        ("Tổng cộng 2 034 bản ghi.", 2034),
        ("Cộng: 7", 7),
        ("Số dòng: 12", 12),
        ("Total: 1,234 rows", 1234),
        ("Tổng số: 40 đơn vị", 40),
        ("Tổng số: 0", 0),
        ("Tổng số: 2034 người", None),
        ("Tổng số cán bộ nữ: 12", None),
        ("Số: 2034/QĐ-UBND", None),
        ("Số 15", None),
        ("Tổng công ty 36", None),
    ],
)
def test_only_a_number_of_rows_is_a_control_total(line: str, rows: int | None) -> None:
    assert read_remarks([[line]]).rows == rows
    head, _, tail = line.rpartition(" ")
    assert read_remarks([["", head, "", tail]]).rows == rows


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("Ngày xuất: 01/12/2026 08:30", EXPORTED),
        ("Xuất lúc 08:30 ngày 01/12/2026", EXPORTED),
        ("Xuất lúc 08 giờ 30, 1/12/2026", EXPORTED),
        ("Thời điểm kết xuất: 2026-12-01T08:30:00", EXPORTED),
        ("exported 2026-12-01 08:30", EXPORTED),
        ("Ngày xuất: 01/12/2026", EXPORTED.replace(hour=0, minute=0)),
        ("Ngày xuất: 31/02/2026", None),
        ("Huế, ngày 01 tháng 12 năm 2026", None),
        ("Xuất ngũ", None),
    ],
)
def test_when_it_was_exported_is_understood(line: str, moment: datetime | None) -> None:
    assert read_remarks([[line]]).exported_at == moment


def test_without_a_word_about_it_the_newest_file_says_when(tmp_path: Path) -> None:
    folder = write_edition(tmp_path, as_csv(POSTS_ROWS).encode())
    os.utime(folder / "can-bo.csv", (1_700_000_000, 1_700_000_000))
    os.utime(folder / "don-vi.csv", (1_600_000_000, 1_600_000_000))
    assert open_source(folder).origin.statement == Statement(
        datetime.fromtimestamp(1_700_000_000, UTC), None, whole=True
    )


def test_a_table_without_a_total_stands_in_the_total_with_its_rows(tmp_path: Path) -> None:
    units = as_csv([*UNITS_ROWS, ["Tổng số: 9"]]).encode()
    source = open_source(write_edition(tmp_path, as_csv(POSTS_ROWS).encode(), units))
    assert source.origin.statement.rows == 2 + 9
    assert register_of(source).rows == 3


@pytest.mark.parametrize("cut_at", [-3, -15, -25])
def test_a_file_cut_in_its_last_row_is_not_whole(tmp_path: Path, cut_at: int) -> None:
    rows = [*POSTS_ROWS, ["CB3", "Lê Thị Cúc", "H57", "Chuyên viên", "", "01/01/2025", "Đang làm việc"]]
    content = as_csv(rows).strip()
    assert open_source(write_edition(tmp_path, content.encode())).origin.statement.whole
    # The first cut leaves all cells there: nobody could tell.
    assert open_source(write_edition(tmp_path, content[:cut_at].encode())).origin.statement.whole == (cut_at == -3)


def test_rows_that_leave_out_their_empty_end_are_not_cut(tmp_path: Path) -> None:
    content = as_csv(POSTS_ROWS[:1]).strip() + "\nCB1,A B,H57,X\nCB2,C D,H57,Y"
    assert open_source(write_edition(tmp_path, content.encode())).origin.statement.whole


def test_a_subtotal_among_the_data_ends_nothing(tmp_path: Path) -> None:
    folder = write_edition(tmp_path, as_csv([*POSTS_ROWS[:2], ["Cộng: 1"], POSTS_ROWS[2]]).encode())
    assert [code for _, code in codes(folder)] == ["CB1", "Cộng: 1", "CB2"]


def test_a_short_row_below_the_data_is_data_unless_a_total_stands_above_it(tmp_path: Path) -> None:
    folder = write_edition(tmp_path, as_csv([*POSTS_ROWS, ["CB3", "Lê Cúc"]]).encode())
    assert [code for _, code in codes(folder)] == ["CB1", "CB2", "CB3"]


def test_a_title_and_a_trailer_alone_are_an_empty_table(tmp_path: Path) -> None:
    from hr_provisioner.sources.source import SourceEmpty

    with pytest.raises(SourceEmpty):
        open_source(write_edition(tmp_path, as_csv([*TITLES, POSTS_ROWS[0], *TRAILER]).encode())).posts()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("code", ["CB1", "CB2", "CB1234"])
def test_one_person_is_found_however_the_code_is_typed(tmp_path: Path, form: str, code: str) -> None:
    rows = [*TITLES, POSTS_ROWS[0], *POSTS_ROWS[1:], [" cb1 ", *POSTS_ROWS[1][1:]], *TRAILER]
    if form == "csv":
        folder = write_edition(tmp_path, as_csv(rows).encode())
    else:
        units: list[list[object]] = [list(row) for row in UNITS_ROWS]
        folder = write_workbook(tmp_path / "so.xlsx", {"Cán bộ": [list(row) for row in rows], "Đơn vị": units})
    found = [row.number for row in rows_of(open_source(folder).person(code), POSTS)]
    assert found == {"CB1": [6, 8], "CB2": [7], "CB1234": []}[code]


def test_one_person_is_found_line_by_line_where_no_cell_has_two_lines(tmp_path: Path) -> None:
    rows = [*TITLES, POSTS_ROWS[0], *([f"CB{n}", *POSTS_ROWS[1][1:]] for n in range(300)), *TRAILER]
    source = open_source(write_edition(tmp_path, as_csv(rows).encode()))
    for n in (0, 7, 299):
        assert [row.number for row in rows_of(source.person(f"CB{n}"), POSTS)] == [6 + n]
    assert list(rows_of(source.person("CB300"), POSTS)) == []


def test_the_mapping_outranks_names_and_aliases(tmp_path: Path) -> None:
    rows = [["SO_HIEU", "Mã nhân viên", *POSTS_ROWS[0][1:]], *([f"X{n}", *row] for n, row in enumerate(POSTS_ROWS[1:]))]
    columns = ColumnSettings(posts={"Mã cán bộ": "so hieu"})
    source = open_source(write_edition(tmp_path, as_csv(rows).encode()), columns)
    assert [row.cells[0] for row in rows_of(source.posts(), POSTS)] == ["X0", "X1"]
    assert [row.cells[0] for row in rows_of(source.units(), UNITS)] == ["H57"]
