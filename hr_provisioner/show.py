"""What an HR officer sees of a register, a plan and a run: Vietnamese tables."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from hr_provisioner.actions import (
    Action,
    ChangeUnit,
    CloseUnit,
    CreateAccount,
    LockAccount,
    MovePerson,
    OpenUnit,
    RenameAccount,
    Stage,
    UnlockAccount,
    UpdatePerson,
)
from hr_provisioner.apply import Report
from hr_provisioner.guard import Remark
from hr_provisioner.plan import Plan, post_identity
from hr_provisioner.records import PostRecord, Register

WORDS: dict[str, str] = {
    LockAccount.name: "Khóa tài khoản",
    UnlockAccount.name: "Mở lại tài khoản",
    CreateAccount.name: "Tạo tài khoản",
    RenameAccount.name: "Đổi tên hiển thị",
    MovePerson.name: "Thay đổi vị trí",
    UpdatePerson.name: "Cập nhật thông tin",
    OpenUnit.name: "Thêm đơn vị",
    ChangeUnit.name: "Đổi đơn vị",
    CloseUnit.name: "Giải thể đơn vị",
}
STAGES: dict[Stage, str] = {
    Stage.LOCK: "Khóa tài khoản",
    Stage.UNITS: "Đơn vị",
    Stage.UNLOCK: "Mở lại tài khoản",
    Stage.CREATE: "Tạo tài khoản",
    Stage.DIRECTORY: "Danh bạ",
    Stage.RENAME: "Đổi tên hiển thị",
    Stage.CLOSE_UNITS: "Giải thể đơn vị",
}
ACTIONS_SHOWN = 100
ACTIONS_SHOWN_A_KIND = 5
"""In a plan with more than ACTIONS_SHOWN."""
UNITS_SHOWN = 12
BAD_ROWS_SHOWN = 50
FAILURES_SHOWN = 20
CODES_SHOWN = 10


def show_register(console: Console, register: Register) -> None:
    """What was read, and what was held back with the reason."""
    console.print(
        f"Đọc {register.rows:,} dòng: {len(register.people):,} người, {len(register.units):,} đơn vị, "
        f"{len(register.quarantined):,} lỗi bị cách ly. [dim]sha256 {register.sha256[:16]}…[/]"
    )
    if not register.quarantined:
        return
    table = Table("Tệp", "Dòng", "Cột", "Giá trị", "Mã cán bộ", "Lý do", title="Dòng bị cách ly", title_justify="left")
    for bad in register.quarantined[:BAD_ROWS_SHOWN]:
        cells = (bad.source, str(bad.row), bad.column, bad.value, bad.officer_code or "", bad.reason)
        table.add_row(*(Text(cell) for cell in cells))
    console.print(table)
    _say_how_many_more(console, len(register.quarantined), BAD_ROWS_SHOWN)


def show_plan(
    console: Console, plan: Plan, remarks: Sequence[Remark], register: Register, *, briefly: bool = False
) -> None:
    """Totals by kind and unit, the people concerned, and whoever is left alone; `briefly`: totals alone."""
    if not plan.actions:
        console.print("[green]✓[/] Không có gì để làm: danh bạ đã khớp với sổ.")
    elif briefly:
        totals = Counter(action.name for action in plan.actions)
        console.print(", ".join(f"{word.lower()} {totals[name]:,}" for name, word in WORDS.items() if totals[name]))
    else:
        _show_totals(console, plan)
        _show_units(console, plan, {unit.code: unit.short_name for unit in register.units})
        _show_concerned(console, plan)
    _show_left_alone(console, plan)
    for remark in remarks:
        console.print(Text.assemble(("! ", "yellow"), str(remark)))
    console.print(f"[dim]Kế hoạch {plan.sha256} cho ngày {plan.today:%d/%m/%Y}[/]")


def _show_totals(console: Console, plan: Plan) -> None:
    totals = Counter(action.name for action in plan.actions)
    table = Table("Việc", "Số lượng", title="Kế hoạch", title_justify="left")
    table.columns[1].justify = "right"
    for name, word in WORDS.items():
        if totals[name]:
            table.add_row(word, f"{totals[name]:,}")
    console.print(table)


def _show_units(console: Console, plan: Plan, unit_names: Mapping[str, str]) -> None:
    by_unit: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for action in plan.actions:
        if not isinstance(action, OpenUnit | ChangeUnit | CloseUnit):
            by_unit[action.who.unit_code or "?"][action.name] += 1
    names = [name for name in WORDS if any(counted[name] for counted in by_unit.values())]
    if not names:
        return
    units = Table("Đơn vị", *(WORDS[name] for name in names), title="Theo đơn vị", title_justify="left")
    ranked = sorted(by_unit.items(), key=lambda entry: (-entry[1].total(), entry[0]))
    for code, counted in ranked[:UNITS_SHOWN]:
        units.add_row(
            Text(unit_names.get(code, code)), *(f"{counted[name]:,}" if counted[name] else "" for name in names)
        )
    console.print(units)
    _say_how_many_more(console, len(ranked), UNITS_SHOWN)


def _show_concerned(console: Console, plan: Plan) -> None:
    table = Table("Việc", "Đối tượng", "Chi tiết", title="Đối tượng có liên quan", title_justify="left")
    everything_fits = len(plan.actions) <= ACTIONS_SHOWN
    shown: Counter[str] = Counter()
    for action in plan.actions:
        if everything_fits or shown[action.name] < ACTIONS_SHOWN_A_KIND:
            shown[action.name] += 1
            subject, details = _described(action)
            table.add_row(WORDS[action.name], Text(subject), Text(details))
    console.print(table)
    _say_how_many_more(console, len(plan.actions), shown.total())


def _described(action: Action) -> tuple[str, str]:
    if isinstance(action, OpenUnit):
        return action.unit.code, action.unit.name
    if isinstance(action, ChangeUnit):
        return action.before.code, f"{action.before.name} → {action.after.name}, từ {action.after.valid_from:%d/%m/%Y}"
    if isinstance(action, CloseUnit):
        return action.before.code, f"từ {action.valid_to:%d/%m/%Y}"
    return f"{action.who.full_name} ({action.who.officer_code})", _person_details(action)


def _person_details(action: Action) -> str:
    if isinstance(action, LockAccount):
        return f"{action.localpart}, ngày làm việc cuối {action.leaves_on:%d/%m/%Y}"
    if isinstance(action, UnlockAccount):
        return action.localpart
    if isinstance(action, CreateAccount):
        return f"{action.localpart}, {action.display_name}"
    if isinstance(action, RenameAccount):
        return f"{action.before} → {action.after}"
    if isinstance(action, MovePerson):
        return "; ".join(_moves(action.before, action.after))
    if isinstance(action, UpdatePerson):
        words = {
            "full_name": "họ tên",
            "birth_date": "ngày sinh",
            "email": "thư điện tử",
            "retires_on": "ngày nghỉ hưu",
            "leaves_on": "ngày làm việc cuối",
            "absence": "vắng dài ngày",
        }
        before, after = vars(action.before), vars(action.after)
        return ", ".join(word for name, word in words.items() if before[name] != after[name])
    return ""


def _moves(before: Sequence[PostRecord], after: Sequence[PostRecord]) -> Iterator[str]:
    old = {post_identity(post): post for post in before}
    new = {post_identity(post): post for post in after}
    for identity, post in old.items():
        if identity not in new:
            yield f"thôi {post.position} ({post.unit_code})"
    for identity, post in new.items():
        if identity not in old:
            yield f"nhận {post.position} ({post.unit_code})"
        elif old[identity] != post:
            yield f"sửa {post.position} ({post.unit_code})"


def _show_left_alone(console: Console, plan: Plan) -> None:
    for codes, why in (
        (plan.left_alone.frozen, "đóng băng vì có dòng bị cách ly"),
        (plan.left_alone.absent, "không có trong sổ, giữ nguyên (vắng tên không bao giờ làm khóa tài khoản)"),
        (plan.left_alone.without_post, "không còn vị trí nào nhưng sổ không ghi thôi việc, giữ nguyên"),
        (plan.left_alone.awaiting, "chưa đến ngày nhận việc, chưa có tài khoản"),
    ):
        if codes:
            more = ", …" if len(codes) > CODES_SHOWN else ""
            console.print(Text(f"• {len(codes):,} người {why}: {', '.join(codes[:CODES_SHOWN])}{more}"))


def show_report(console: Console, report: Report) -> None:
    """What was done, and each failure with its reason."""
    mark = "[green]✓[/]" if not report.failed else "[yellow]![/]"
    console.print(f"{mark} Đã làm {len(report.done):,} việc, {len(report.failed):,} việc không được.")
    for failure in report.failed[:FAILURES_SHOWN]:
        subject, _ = _described(failure.action)
        console.print(Text.assemble(("✗ ", "red"), f"{WORDS[failure.action.name]} {subject}: {failure.error}"))
    _say_how_many_more(console, len(report.failed), FAILURES_SHOWN)


def _say_how_many_more(console: Console, total: int, shown: int) -> None:
    if total > shown:
        console.print(f"[dim]… và {total - shown:,} mục nữa (xem đầy đủ bằng --json)[/]")


class RateColumn(ProgressColumn):
    """Steps a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="dim")


def progress_bar(console: Console) -> Progress:
    """A bar with count, rate and the time that is left; only the end result is printed where nobody watches."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), RateColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, speed_estimate_period=10)


class StageBars:
    """One bar a stage; nothing is drawn before the first stage begins, so that a question can be asked till then."""

    def __init__(self, console: Console) -> None:
        self._bar = progress_bar(console)
        self._tasks: dict[Stage, TaskID] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._tasks:
            self._bar.stop()

    def advance(self, stage: Stage, settled: int, total: int) -> None:
        """So many more actions of this stage are settled."""
        if not self._tasks:
            self._bar.start()
        if stage not in self._tasks:
            self._tasks[stage] = self._bar.add_task(STAGES[stage], total=total)
        self._bar.advance(self._tasks[stage], settled)
