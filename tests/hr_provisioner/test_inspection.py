"""`huep hr inspect` shows what it understood and what not, also of files that reading refuses."""

import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hr_provisioner.cli import app
from hr_provisioner.register.inspection import InspectedTable, configuration_of, inspect_table
from hr_provisioner.register.register import read_register
from hr_provisioner.sources import open_source
from hr_provisioner.sources.columns import POSTS, PostColumn
from hr_provisioner.sources.source import SourceError, Table
from huep.hr_settings import ColumnSettings
from huep.secret_names import SOURCE_PASSWORD
from tests.hr_provisioner.test_sources import POSTS_ROWS, UNITS_ROWS, as_csv, write_edition, write_workbook
from tests.hr_provisioner.test_sources_encoding import TCVN3, in_windows_1258

HEADER = ["SO_HIEU_CB", "Tên nhân sự", "NS", "Hộp thư", "Mã cơ quan", "Chức danh", "Bậc LĐ", "Bắt đầu", "TT", "Ghi chú"]
ROWS = [
    [f"{n:04d}", f"Nguyễn Văn {name}", f"0{n}/01/1980", f"a{n}@hue.gov.vn", "H57.01", "Chuyên viên", "", "2025-03-01",
     "Đang làm việc", "ghi thêm"]
    for n, name in enumerate(("Ánh", "Bình", "Cúc", "Dũng"), start=1)
]  # fmt: skip
BAD = ["0009", "Lê Thị Hoa", "31/02/1980", "hoa@hue", "H57.01", "Trưởng phòng", "Trưởng", "2025-03-01", "Bận", ""]


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", "220")
    monkeypatch.setenv("HUEP_STATE", str(tmp_path / "nowhere"))
    monkeypatch.delenv("HUEP_LANG", raising=False)


def inspected(rows: list[list[str]]) -> InspectedTable:
    table = Table("can-bo.csv", tuple(rows[0]), iter(list(enumerate(rows))[1:]))
    return inspect_table(table, POSTS)


def test_headings_nobody_knows_are_guessed_from_name_and_values() -> None:
    table = inspected([HEADER, *ROWS, BAD])
    guessed = {column.heading: column.suggestion for column in table.columns if column.suggestion}
    assert guessed["SO_HIEU_CB"] is PostColumn.OFFICER_CODE
    assert guessed["Tên nhân sự"] is PostColumn.FULL_NAME
    assert guessed["Hộp thư"] is PostColumn.EMAIL
    assert guessed["Bắt đầu"] is PostColumn.VALID_FROM
    assert "Ghi chú" not in guessed
    assert "Mã cơ quan" not in guessed


def test_values_that_cannot_be_read_are_counted_where_they_stand() -> None:
    table = inspected(
        [["Ngày sinh", "Email", "Trạng thái", "Chức vụ"], *([r[2], r[3], r[8], r[5]] for r in (*ROWS, BAD))]
    )
    assert [(c.unreadable, c.unreadable_sample) for c in table.columns] == [
        (1, "31/02/1980"), (1, "hoa@hue"), (1, "Bận"), (0, ""),
    ]  # fmt: skip
    assert [column.filled for column in table.columns] == [5, 5, 5, 5]
    assert table.rows == 5
    assert PostColumn.OFFICER_CODE in table.missing


def test_the_lines_for_huep_toml_are_toml_and_open_the_file_once_completed(tmp_path: Path) -> None:
    lines = configuration_of([inspected([HEADER, *ROWS])])
    mapping = tomllib.loads(lines)["hr"]["source"]["columns"]
    assert mapping["posts"]["Mã cán bộ"] == "SO_HIEU_CB"
    assert '# "?" = "Ghi chú"' in lines
    mapping["posts"] |= {"Cấp": "Bậc LĐ", "Tình trạng": "TT", "Ngày sinh": "NS"}
    folder = write_edition(tmp_path, as_csv([HEADER, *ROWS]).encode())
    source = open_source(folder, ColumnSettings.model_validate(mapping))
    assert inspect_table(source.posts(), POSTS).missing == ()


def test_a_heading_with_quotes_stays_toml() -> None:
    table = inspected([['Số "hiệu" \\ CB', "Họ và tên"], ["0001", "Lê A"], ["0002", "Lê B"]])
    text = configuration_of([table])
    assert tomllib.loads(text.replace("# ", ""))["hr"]["source"]["columns"]["posts"]


def test_nothing_is_proposed_where_all_is_understood() -> None:
    assert configuration_of([inspected(POSTS_ROWS)]) == ""


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["inspect", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_a_sound_edition_is_shown_with_encoding_delimiter_and_statement(tmp_path: Path) -> None:
    posts = in_windows_1258(as_csv([["Ngày xuất: 01/12/2026 08:30"], *POSTS_ROWS, ["Tổng số: 2"]], ";"))
    code, shown = run(str(write_edition(tmp_path, posts)), "--lang", "en")
    assert code == 0
    for said in ("Windows-1258", 'delimiter ";"', "headings in row 2", "Exported at 01/12/2026 08:30", "states 3 rows"):
        assert said in shown
    assert "huep.toml" not in shown


def test_files_that_reading_refuses_are_shown_with_the_reason(tmp_path: Path) -> None:
    folder = write_edition(tmp_path, as_csv([HEADER, *ROWS, BAD]).encode(), TCVN3.encode("latin-1"))
    with pytest.raises(SourceError):
        read_register(folder)
    code, shown = run(str(folder))
    assert code == 1
    for said in ("SO_HIEU_CB", "Mã cán bộ?", "TCVN3", '"Mã cán bộ" = "SO_HIEU_CB"', "Thiếu cột bắt buộc"):
        assert said in shown


def test_a_file_that_breaks_off_is_shown_as_far_as_it_goes(tmp_path: Path) -> None:
    content = as_csv(POSTS_ROWS[:2]) + 'CB9,"Lê" Văn,H57,x,,01/01/2025,\n'
    code, shown = run(str(write_edition(tmp_path, content.encode())), "--lang", "en")
    assert code == 1
    assert "1 rows of data" in shown
    assert "row 3 is not CSV" in shown


def test_one_csv_of_any_name_is_told_to_be_posts_or_units(tmp_path: Path) -> None:
    for name, rows, title in (("a.csv", POSTS_ROWS, "Table of posts"), ("b.csv", UNITS_ROWS, "Table of units")):
        (tmp_path / name).write_text(as_csv(rows), "utf-8")
        code, shown = run(str(tmp_path / name), "--lang", "en")
        assert (code, title in shown) == (0, True)


def test_a_workbook_with_other_sheets_is_shown_sheet_by_sheet(tmp_path: Path) -> None:
    sheets: dict[str, list[list[object]]] = {
        "Sheet1": [list(r) for r in UNITS_ROWS],
        "Nhân sự": [list(r) for r in POSTS_ROWS],
    }
    _, shown = run(str(write_workbook(tmp_path / "so.xlsx", sheets)), "--lang", "en")
    assert "Table of units: " in shown
    assert "[Nhân sự]" in shown


@pytest.mark.parametrize("name", ["nowhere.csv", "nowhere.xlsx", "nowhere"])
def test_a_file_that_is_not_there_is_told(tmp_path: Path, name: str) -> None:
    code, shown = run(str(tmp_path / name), "--lang", "en")
    assert code == 1
    assert "o such file" in shown


def test_the_mapping_of_huep_toml_counts_and_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = tmp_path / "state"
    state.mkdir()
    mapped = '[hr.source.columns.posts]\n"Mã cán bộ" = "SO_HIEU"\n'
    (state / "huep.toml").write_text(f'server_name = "hue.localhost"\n{mapped}', "utf-8")
    rows = [["SO_HIEU", *POSTS_ROWS[0][1:]], *POSTS_ROWS[1:]]
    folder = write_edition(tmp_path / "so", as_csv(rows).encode())
    code, shown = run(str(folder), "--state", str(state), "--lang", "en")
    assert code == 0
    assert "huep.toml says so" in shown
    assert SOURCE_PASSWORD not in shown
