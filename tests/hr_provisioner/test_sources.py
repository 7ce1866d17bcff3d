"""The same register is read whatever delimiter, encoding or file format it comes in."""

import csv
import hashlib
import io
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from hr_provisioner.sources import open_source
from hr_provisioner.sources.columns import POSTS, UNITS, PostColumn, rows_of
from hr_provisioner.sources.source import ColumnMissing, ColumnRepeated, SourceEmpty, SourceUnreadable, Table

POSTS_ROWS = [
    ["Mã cán bộ", "Họ và tên", "Mã đơn vị", "Chức vụ", "Cấp", "Từ ngày", "Tình trạng"],
    ["CB1", "Nguyễn Văn Ánh", "H57", 'Trưởng "phòng", tổ; nhóm', "Trưởng", "01/03/2025", "Đang làm việc"],
    ["CB2", "Tôn Nữ\nDiệu Huế", "H57", "Chuyên viên", "", "2025-07-01", "Đi học"],
]
UNITS_ROWS = [
    ["Mã đơn vị", "Tên đơn vị", "Loại", "Cấp bậc", "Mã cấp trên"],
    ["H57", "UBND thành phố Huế", "Thành phố", "0", ""],
]


def as_csv(rows: list[list[str]], delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


def write_edition(folder: Path, posts: bytes, units: bytes | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "can-bo.csv").write_bytes(posts)
    (folder / "don-vi.csv").write_bytes(as_csv(UNITS_ROWS).encode() if units is None else units)
    return folder


def cells(table: Table) -> list[list[str]]:
    return [list(table.header), *(list(row) for _, row in table.rows)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_delimiter_and_encoding_gives_the_same_cells(tmp_path: Path, delimiter: str, encoding: str) -> None:
    folder = write_edition(tmp_path, as_csv(POSTS_ROWS, delimiter).encode(encoding))
    assert cells(open_source(folder).posts()) == POSTS_ROWS


def test_utf16_with_big_endian_mark_is_read(tmp_path: Path) -> None:
    folder = write_edition(tmp_path, b"\xfe\xff" + as_csv(POSTS_ROWS, "\t").encode("utf-16-be"))
    assert cells(open_source(folder).posts()) == POSTS_ROWS


def test_the_folder_and_either_file_open_the_same_edition(tmp_path: Path) -> None:
    folder = write_edition(tmp_path, as_csv(POSTS_ROWS).encode())
    origins = {open_source(path).origin for path in (folder, folder / "can-bo.csv", folder / "don-vi.csv")}
    assert len(origins) == 1


def test_the_origin_names_both_files_and_digests_their_bytes(tmp_path: Path) -> None:
    posts, units = as_csv(POSTS_ROWS).encode(), as_csv(UNITS_ROWS).encode()
    origin = open_source(write_edition(tmp_path, posts, units)).origin
    assert origin.files == (tmp_path / "can-bo.csv", tmp_path / "don-vi.csv")
    assert origin.sha256 == hashlib.sha256(posts + units).hexdigest()


def test_rows_are_counted_as_a_spreadsheet_counts_and_blank_ones_are_passed_over(tmp_path: Path) -> None:
    rows = [POSTS_ROWS[0], POSTS_ROWS[1], [""] * 7, [" ", "\u00a0", "", "", "", "", ""], POSTS_ROWS[2]]
    table = open_source(write_edition(tmp_path, as_csv(rows).encode())).posts()
    assert [row.number for row in rows_of(table, POSTS)] == [2, 5]


def write_workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(number, column, cell, day)
                    else:
                        sheet.write(number, column, cell)
    return path


def test_workbook_cells_become_text_dates_iso_and_whole_numbers_whole(tmp_path: Path) -> None:
    header: list[object] = ["Mã cán bộ", "Ngày sinh", "Từ ngày", "Cấp bậc", "Hệ số"]
    row: list[object] = ["CB1", date(1980, 12, 31), datetime(2025, 7, 1, 8, 30), 3, 2.34]  # noqa: DTZ001
    path = write_workbook(tmp_path / "so.xlsx", {"can bo": [header, row], "ĐƠN VỊ": [["Mã"], ["H57"]]})
    source = open_source(path)
    assert [number for number, _ in source.posts().rows] == [2]
    assert cells(source.posts())[1] == ["CB1", "1980-12-31", "2025-07-01", "3", "2.34"]
    assert cells(source.units()) == [["Mã"], ["H57"]]
    assert source.origin.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_workbook_without_the_sheet_says_which_sheet_and_what_it_has(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "so.xlsx", {"Cán bộ": [["Mã cán bộ"], ["CB1"]], "Trang 2": [["x"]]})
    with pytest.raises(SourceUnreadable, match=r'no sheet "Đơn vị", only "Cán bộ", "Trang 2"'):
        open_source(path).units()


def test_a_file_that_is_no_workbook_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "gia.xlsx"
    path.write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(SourceUnreadable, match=r"gia\.xlsx.*not an XLSX workbook"):
        open_source(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "can-bo.csv").write_text("x")
    with pytest.raises(SourceUnreadable, match=r"don-vi\.csv"):
        open_source(tmp_path)
    with pytest.raises(SourceUnreadable, match=r"nowhere.*no such file"):
        open_source(tmp_path / "nowhere")


def test_another_kind_of_file_is_refused_with_what_is_expected(tmp_path: Path) -> None:
    (tmp_path / "so.docx").write_text("x")
    with pytest.raises(SourceUnreadable, match=r"so\.docx.*expected an \.xlsx workbook"):
        open_source(tmp_path / "so.docx")


def test_bytes_of_another_encoding_are_refused_with_their_place(tmp_path: Path) -> None:
    content = "Mã cán bộ,Họ và tên\n".encode() + b"CB1,\xff\xfe\n"
    with pytest.raises(SourceUnreadable, match=r"can-bo\.csv.*byte \d+ is not UTF-8"):
        open_source(write_edition(tmp_path, content)).posts()


def test_broken_quotes_are_refused_with_their_row(tmp_path: Path) -> None:
    content = as_csv(POSTS_ROWS[:2]) + 'CB9,"Lê" Văn,H57,x,,01/01/2025,\n'
    table = open_source(write_edition(tmp_path, content.encode())).posts()
    with pytest.raises(SourceUnreadable, match=r"can-bo\.csv.*row 3 is not CSV"):
        list(table.rows)


@pytest.mark.parametrize("content", ["", "\n\n", as_csv(POSTS_ROWS[:1])], ids=["nothing", "blank", "headings alone"])
def test_an_empty_table_is_refused_by_name(tmp_path: Path, content: str) -> None:
    with pytest.raises(SourceEmpty, match=r"can-bo\.csv"):
        open_source(write_edition(tmp_path, content.encode())).posts()


def test_missing_columns_are_named_with_their_file(tmp_path: Path) -> None:
    without = [[row[0], row[1], row[2], row[3], row[4]] for row in POSTS_ROWS]
    table = open_source(write_edition(tmp_path, as_csv(without).encode())).posts()
    with pytest.raises(ColumnMissing, match=r'can-bo\.csv lacks the column "Từ ngày", "Tình trạng"'):
        rows_of(table, POSTS)


def test_a_column_that_stands_there_twice_is_refused(tmp_path: Path) -> None:
    doubled = [[*row, row[1]] for row in POSTS_ROWS]
    doubled[0][-1] = "Họ tên"
    table = open_source(write_edition(tmp_path, as_csv(doubled).encode())).posts()
    with pytest.raises(ColumnRepeated, match=r'can-bo\.csv has the column "Họ và tên" twice'):
        rows_of(table, POSTS)


def test_headings_are_found_without_diacritics_decorated_and_in_any_order(tmp_path: Path) -> None:
    typed = ["MA CAN BO (*)", "ho_va_ten", " Mã đơn vị:", "chức danh", "CẤP", "từ  ngày", "trang thai"]
    rows = [typed[::-1], *(row[::-1] for row in POSTS_ROWS[1:])]
    table = open_source(write_edition(tmp_path, as_csv(rows).encode())).posts()
    first = next(rows_of(table, POSTS))
    by_column = dict(zip(PostColumn, first.cells, strict=True))
    assert by_column[PostColumn.OFFICER_CODE] == "CB1"
    assert by_column[PostColumn.POSITION] == POSTS_ROWS[1][3]
    assert by_column[PostColumn.EMAIL] == ""


def test_the_two_forms_do_not_confuse_level_and_standing() -> None:
    units = Table("x", ("Mã đơn vị", "Tên", "Loại", "Cấp", "Mã cấp trên"), iter([(2, ["A", "B", "Sở", "1", "H57"])]))
    assert next(rows_of(units, UNITS)).cells == ("A", "B", "", "Sở", "1", "H57", "", "", "")
