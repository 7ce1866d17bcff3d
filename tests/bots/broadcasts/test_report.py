"""The workbook for the record: everything that is kept of an announcement, and nothing that a spreadsheet executes."""

from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook

from bots.broadcasts.ledger import Record, Released
from bots.broadcasts.model import State
from bots.broadcasts.report import record_workbook
from bots.testing.province import person, post
from huep.catalogue import Catalogue, Locale, Voice
from huep.directory.audience import Audience
from huep.directory.model import Standing
from tests.bots.broadcasts.ledger.conftest import Book, book

__all__ = ["book"]

SAY = Voice(Catalogue("bots.broadcasts"), Locale.VI)
Table = list[list[object]]


@pytest.fixture
def record(book: Book) -> Record:
    book.directory.people.append(
        person("ke", "=HYPERLINK(1)", post("SNV-VP", "+Trưởng", Standing.HEAD)),
    )
    number = book.sends(Audience(standings=frozenset({Standing.HEAD, Standing.STAFF})))
    book.acknowledges(number, "an")
    book.at += timedelta(days=2, hours=1)
    book.acknowledges(number, "binh")
    book.at -= timedelta(days=1)
    book.changes("giam-doc", posts=(post("VYDA", "Chủ tịch", Standing.DEPUTY),))
    book.directory.people.append(person("moi", "Ngô Văn Mới", post("SNV", "Giám đốc Sở", Standing.HEAD)))
    book.changes("ke", locked=True)
    book.follows(number)
    book.moves(number, State.CLOSED, State.SENT)
    return book.ledger.record(number)


def at(moment: str) -> datetime:
    """A cell's moment, in the province's time."""
    return datetime.fromisoformat(moment)


def sheet(record: Record, name: str) -> Table:
    return CalamineWorkbook.from_filelike(BytesIO(record_workbook(record, SAY))).get_sheet_by_name(name).to_python()


def test_the_roll_up_stands_as_a_tree_with_percentages(record: Record) -> None:
    rows = sheet(record, "Tổng hợp")
    assert rows[0][0] == f"Thông báo số {record.broadcast.number} của UBND thành phố Huế"
    assert rows[2][:2] == ["Gửi lúc", at("2026-06-15 08:00")]
    assert rows[3][1] == at("2026-06-17 08:00")
    figures = {row[0]: row[1:7] for row in rows[6:]}
    assert figures == {
        "Sở Nội vụ": [4, 2, 0.5, 2, 1, 0],
        "Phòng Tổ chức biên chế": [2, 1, 0.5, 1, 0, 0],
        "Văn phòng Sở": [1, 1, 1, 0, 1, 0],
    }


def test_everybody_is_listed_with_what_became_of_them(record: Record) -> None:
    rows = {str(row[0]): row[1:] for row in sheet(record, "Danh sách")[1:]}
    assert rows["Nguyễn Thị An"][:7] == [
        "an:hue.localhost",
        "Chuyên viên",
        "Phòng Tổ chức biên chế",
        at("2026-06-15 08:00"),
        at("2026-06-15 08:00"),
        "biểu tượng",
        "",
    ]
    assert rows["Hồ Văn Bình"][6] == "muộn"
    assert rows["Trần Thị Hoà"][7:9] == [at("2026-06-16 09:00"), "đã chuyển vị trí, người kế nhiệm xác nhận"]
    assert rows["Ngô Văn Mới"][9] == "kế nhiệm Trần Thị Hoà"
    assert len(rows) == len(record.people) == 6


def test_the_log_has_every_entry_with_its_hash_and_the_end_of_the_chain(record: Record) -> None:
    rows = sheet(record, "Nhật ký")
    assert rows[0][4] == record.checked.head == rows[-1][6]
    assert [row[0] for row in rows[4:]] == list(range(1, record.checked.entries + 1))
    assert [row[5] for row in rows[5:]] == [row[6] for row in rows[4:-1]]


def test_no_cell_is_a_formula_nor_can_become_one(record: Record) -> None:
    rows = {str(row[0]): row for row in sheet(record, "Danh sách")}
    assert rows["'=HYPERLINK(1)"][2] == "'+Trưởng"
    with ZipFile(BytesIO(record_workbook(record, SAY))) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist() if "sheet" in name)


def test_every_reason_of_a_release_has_its_words(record: Record) -> None:
    for why in Released:
        line = replace(record.people[0], released=why, released_at=record.broadcast.made_at)
        assert sheet(replace(record, people=(line,)), "Danh sách")[1][9]
