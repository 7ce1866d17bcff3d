"""The workbook that an officer looks through before signing."""

from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from hr_provisioner.current import PersonFacts
from hr_provisioner.language import MESSAGES
from hr_provisioner.planning.actions import (
    ACTION_KINDS,
    Action,
    ChangeUnit,
    CloseUnit,
    CreateAccount,
    LockAccount,
    LockReason,
    MovePerson,
    OpenUnit,
    RenameAccount,
    UnlockAccount,
    UpdatePerson,
    WithdrawUnit,
)
from hr_provisioner.planning.guard import Counted, Trip
from hr_provisioner.planning.left_alone import Absent, LeftAlone
from hr_provisioner.planning.plan import Plan
from hr_provisioner.planning.twins import Side, Twins
from hr_provisioner.records import PostRecord, UnitRecord
from hr_provisioner.screens.plan_sheet import plan_workbook
from huep.catalogue import Locale, Voice
from huep.directory.model import PostKind, Standing, UnitKind
from huep.spreadsheets import LONGEST_CELL, safe
from tests.hr_provisioner.plans import TODAY, plan_of, subject

FORMULA = '=cmd|" /C calc"!A0'
VI = Voice(MESSAGES, Locale.VI)


def everything(name: str) -> tuple[Action, ...]:
    person = subject("CB1", name)
    post = PostRecord("SNV", "CV", name, Standing.STAFF, "", PostKind.MAIN, date(2024, 1, 1), None)
    facts = PersonFacts(name, date(1980, 2, 3), "a@hue.test", None, None, None)
    unit = UnitRecord("SNV", name, name, UnitKind.DEPARTMENT, 1, "H57", date(2020, 1, 1), None)
    return (
        LockAccount(person, "le-thi-thu", date(2026, 3, 9), reason=LockReason.DISMISSED),
        UnlockAccount(person, "le-thi-thu"),
        CreateAccount(person, "le-thi-thu", name, facts, (post,)),
        RenameAccount(person, "le-thi-thu", name, f"{name} khác"),
        MovePerson(person, (post,), (), TODAY),
        UpdatePerson(person, facts, PersonFacts(name, None, None, None, date(2026, 4, 1), None), TODAY),
        OpenUnit(unit),
        ChangeUnit(unit, unit),
        CloseUnit(unit, TODAY, ("KHAC",)),
        WithdrawUnit(unit, None),
    )


def plan(name: str) -> Plan:
    held = Side(name, name, None, None, None, None, None, None)
    left = LeftAlone(
        frozen=(name,),
        absent=(Absent("CB8", None, 0), Absent("CB9", datetime(2026, 3, 1, tzinfo=UTC), 2)),
        twins=(Twins(held, held),),
    )
    return plan_of(everything(name), 10, left_alone=left)


def sheets(content: bytes) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_every_deed_is_one_row_with_before_after_and_reason() -> None:
    found = sheets(plan_workbook(plan("Lê Thị Thử"), (), VI, {"SNV": "Sở Nội vụ"}))
    assert list(found) == ["Tổng hợp", "Chi tiết", "Giữ nguyên"]
    heading, *rows = found["Chi tiết"]
    assert heading == ["Việc", "Mã", "Họ tên hoặc đơn vị", "Đơn vị", "Hiện nay", "Sẽ là", "Lý do"]
    assert {row[0] for row in rows} == {MESSAGES.text(Locale.VI, f"action-{name}") for name in ACTION_KINDS}
    assert rows[0] == [
        "Khóa tài khoản",
        "CB1",
        "Lê Thị Thử",
        "Sở Nội vụ (SNV)",
        "đang mở",
        "bị khóa",
        "buộc thôi việc, khóa ngay, ngày làm việc cuối 09/03/2026",
    ]


def test_totals_are_counted_by_unit_and_the_limits_stand_above() -> None:
    rows = sheets(plan_workbook(plan("Lê Thị Thử"), (Trip(Counted.LOCKS, 26, 25),), VI, {}))["Tổng hợp"]
    assert plan("Lê Thị Thử").sha256 in str(rows[0][0])
    assert rows[1][0] == "Khóa 26 tài khoản trong 24 giờ (ngưỡng 25)"
    assert rows[-2][0] == "SNV"
    assert rows[-2][1:] == [1.0] * len(ACTION_KINDS)
    assert rows[-1][0] == "Tổng cộng"


def test_who_is_left_alone_is_listed_with_the_reason() -> None:
    rows = sheets(plan_workbook(plan("CB7"), (), VI, {}))["Giữ nguyên"]
    assert ["CB9", "vắng trong sổ", "vắng 2 kỳ, từ 01/03/2026"] in rows
    assert [row[0] for row in rows[1:]] == ["CB7", "CB8", "CB9", "CB7"]


def test_birth_dates_and_addresses_are_not_shown() -> None:
    for rows in sheets(plan_workbook(plan("Lê Thị Thử"), (), VI, {})).values():
        shown = " ".join(str(cell) for row in rows for cell in row)
        assert "1980" not in shown
        assert "a@hue.test" not in shown


@pytest.mark.parametrize("name", [FORMULA, "+1", "-1", "@SUM(A1)", "\t=1"])
@pytest.mark.parametrize("locale", Locale)
def test_no_cell_starts_a_formula(name: str, locale: Locale) -> None:
    content = plan_workbook(plan(name), (), Voice(MESSAGES, locale), {"SNV": name})
    for rows in sheets(content).values():
        for cell in (cell for row in rows for cell in row if isinstance(cell, str)):
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_text_longer_than_a_cell_is_cut() -> None:
    assert len(safe("=" + "a" * 40_000)) == LONGEST_CELL
