"""An HR officer reads Vietnamese, and English where it is asked for."""

from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from hr_provisioner.advisory import AlreadyRunning
from hr_provisioner.applying.apply import Failure, Report
from hr_provisioner.cli import app
from hr_provisioner.commands.running import NotConfirmed
from hr_provisioner.language import MESSAGES, OfficerError, speaking
from hr_provisioner.planning.guard import Remark, Unusual
from hr_provisioner.planning.plan import make_plan
from hr_provisioner.screens import show
from hr_provisioner.sources.source import SourceUnreadable
from huep.catalogue import Locale, Voice
from tests.hr_provisioner.golden_folder import Scenario, scenarios

UNITS = "Mã đơn vị,Tên đơn vị,Loại,Cấp bậc,Mã cấp trên\nH57,UBND thành phố Huế,Thành phố,0,\n"
PEOPLE = (
    "Mã cán bộ,Họ và tên,Ngày sinh,Mã đơn vị,Chức vụ,Cấp,Từ ngày,Tình trạng\nHUE1,,,H57,Giám đốc,Trưởng,01/01/2025,\n"
)


@pytest.fixture
def register(tmp_path: Path) -> Path:
    (tmp_path / "don-vi.csv").write_text(UNITS, "utf-8")
    (tmp_path / "can-bo.csv").write_text(PEOPLE, "utf-8")
    return tmp_path


@pytest.fixture(autouse=True)
def no_language_around(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("HUEP_LANG", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    return


VIETNAMESE = "Thiếu họ và tên."
ENGLISH = "The name is missing."


@pytest.mark.parametrize(
    ("arguments", "around", "says"),
    [
        ([], {}, VIETNAMESE),
        (["--lang", "en"], {}, ENGLISH),
        ([], {"HUEP_LANG": "en"}, ENGLISH),
        (["--lang", "vi"], {"HUEP_LANG": "en"}, VIETNAMESE),
    ],
)
def test_the_officer_chooses_the_language(
    register: Path, arguments: list[str], around: dict[str, str], says: str
) -> None:
    result = CliRunner().invoke(app, ["read", str(register), *arguments], env=around)
    assert result.exit_code == 0
    assert [sentence in result.output for sentence in (VIETNAMESE, ENGLISH)] == [says == VIETNAMESE, says == ENGLISH]


def test_a_language_that_nobody_speaks_is_refused(register: Path) -> None:
    assert CliRunner().invoke(app, ["read", str(register)], env={"HUEP_LANG": "fr"}).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "Không đọc được sổ {path}: không có tệp hay thư mục này."),
        (["--lang", "en"], "The register {path} cannot be read: there is no such file or folder."),
    ],
)
def test_a_register_that_is_not_there_is_told_in_the_same_language(
    tmp_path: Path, arguments: list[str], says: str
) -> None:
    path = tmp_path / "so.xls"
    refusal = CliRunner().invoke(app, ["read", str(path), *arguments]).exception
    assert isinstance(refusal, SourceUnreadable)
    assert str(refusal) == says.format(path=path)


@pytest.mark.parametrize(
    ("refusal", "says"),
    [
        (NotConfirmed, "Chưa làm gì cả."),
        (AlreadyRunning, "Một lần `huep hr apply` khác đang chạy: hãy chờ đến khi xong."),
    ],
)
def test_a_refusal_speaks_english_in_logs_and_vietnamese_to_the_officer(
    refusal: type[NotConfirmed | AlreadyRunning], says: str
) -> None:
    assert str(refusal()).isascii()
    with pytest.raises(OfficerError) as told, speaking(Locale.VI):
        raise refusal
    assert type(told.value) is refusal
    assert str(told.value) == says


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: scenario.name)
def test_every_plan_and_report_can_be_shown(scenario: Scenario, locale: Locale) -> None:
    plan = make_plan(scenario.register, scenario.current, scenario.today)
    console, say = Console(record=True, width=200, file=StringIO()), Voice(MESSAGES, locale)
    remarks = [Remark(what, 2_000, 1_000) for what in Unusual]
    names = {unit.code: unit.name for unit in scenario.register.units}
    for briefly in (False, True):
        show.show_plan(console, say, plan, remarks, names, briefly=briefly)
    show.show_register(console, say, scenario.register)
    show.show_report(console, say, Report(done=[], failed=[Failure(action, "[no] reason") for action in plan.actions]))
    shown = console.export_text()
    assert ("2.000" if locale is Locale.VI else "2,000") in shown
    assert shown.count("[no] reason") == len(plan.actions)
    assert f"{scenario.today:%d/%m/%Y}" in shown
    if locale is Locale.EN:
        assert not {"Kế hoạch", "Việc", "Khóa", "tài khoản", "Lý do"} & set(shown.replace(",", " ").split())


def test_the_last_day_of_a_leaver_is_shown_day_first() -> None:
    leaver = next(scenario for scenario in scenarios() if scenario.name == "03-explicit-leaver")
    plan = make_plan(leaver.register, leaver.current, leaver.today)
    days: set[date] = {action.leaves_on for action in plan.actions if hasattr(action, "leaves_on")}
    console = Console(record=True, width=200, file=StringIO())
    show.show_plan(console, Voice(MESSAGES, Locale.VI), plan, ())
    (day,) = days
    assert f"ngày làm việc cuối {day:%d/%m/%Y}" in console.export_text()
