"""`huep hr`: read a register, plan, apply, and bring people into their rooms."""

import asyncio
import getpass
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hr_provisioner import guard, show
from hr_provisioner.guard import Remark
from hr_provisioner.joins import Tally
from hr_provisioner.plan import Plan
from hr_provisioner.provisioning import Workplace, apply_register, open_workplace, run_joins
from hr_provisioner.register import read_register
from huep import clock
from huep.errors import HuepError
from huep.state import locate_state

PROGRESS_LINE_EVERY_S = 5.0
"""Where nobody watches a bar, one line in the log so often."""

RegisterFile = Annotated[
    Path, typer.Argument(help="Sổ nhân sự: .xlsx, .csv, hoặc thư mục chứa can-bo.csv và don-vi.csv.")
]
StateOption = Annotated[Path | None, typer.Option("--state", help="State folder; default $HUEP_STATE, else ./.huep")]

app = typer.Typer(help="HR register to accounts, units and rooms.", no_args_is_help=True)


class NotConfirmed(HuepError):
    """The officer looked at the plan and did not let it run."""


@app.command()
def read(file: RegisterFile) -> None:
    """Show what a register file holds, and every row that cannot be trusted."""
    show.show_register(Console(highlight=False), read_register(file))


@app.command()
def plan(
    file: RegisterFile,
    as_json: Annotated[bool, typer.Option("--json", help="The plan in canonical JSON, whole.")] = False,
    state: StateOption = None,
) -> None:
    """Show what `apply` would do today; nothing is changed."""
    console = Console(highlight=False)
    register = read_register(file)
    with open_workplace(locate_state(state)) as place:
        proposal = place.plan(register, clock.today())
        if as_json:
            sys.stdout.write(proposal.canonical + "\n")
            return
        _show_interrupted(console, place)
        show.show_register(console, register)
        refusal: HuepError | None = None
        remarks: tuple[Remark, ...] = ()
        try:
            remarks = guard.check(proposal)
        except guard.TooManyLocks as too_many:
            refusal = too_many
        show.show_plan(console, proposal, remarks, register)
        if refusal is not None:
            raise refusal


@app.command()
def apply(
    file: RegisterFile,
    urgent: Annotated[
        list[str] | None,
        typer.Option("--urgent", help="Officer code to bring into rooms first; the others are left to `hr joins`."),
    ] = None,
    actor: Annotated[str | None, typer.Option("--actor", help="Who answers for it; default: the user here.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    state: StateOption = None,
) -> None:
    """Carry out what `plan` shows. It can be cut off and run again at any time."""
    console = Console(highlight=False)
    register = read_register(file)

    def confirm(proposal: Plan, remarks: tuple[Remark, ...]) -> None:
        show.show_plan(console, proposal, remarks, register, briefly=yes)
        if proposal.actions and not yes and not typer.confirm("Thực hiện kế hoạch này?"):
            raise NotConfirmed("Nothing was done. / Chưa làm gì cả.")

    with open_workplace(locate_state(state)) as place:
        _show_interrupted(console, place)
        with show.StageBars(console) as bars:
            applied = asyncio.run(
                apply_register(
                    place,
                    register,
                    actor=actor or getpass.getuser(),
                    urgent=urgent or (),
                    confirm=confirm,
                    progress=bars.advance,
                )
            )
        if applied.plan.actions:
            show.show_report(console, applied.report)
        if urgent:
            console.print(f"[green]✓[/] {applied.urgent_memberships:,} lượt vào phòng khẩn; còn lại: `huep hr joins`.")
        else:
            _join(console, place)
    if applied.report.failed:
        raise typer.Exit(1)


@app.command()
def joins(state: StateOption = None) -> None:
    """Make the rooms of all units and bring everybody into theirs; ends when nothing is left."""
    with open_workplace(locate_state(state)) as place:
        _join(Console(highlight=False), place)


def _join(console: Console, place: Workplace) -> None:
    if console.is_terminal:
        with show.progress_bar(console) as bar:
            task = bar.add_task("Vào phòng", total=None)
            changed = asyncio.run(
                run_joins(place, lambda tally: bar.update(task, completed=tally.done, total=tally.total))
            )
    else:
        changed = asyncio.run(run_joins(place, _LogLines(console).tell))
    if changed is None:
        console.print("Việc đưa người vào phòng đang do một tiến trình khác làm (xem `huep status`).")
    else:
        console.print(f"[green]✓[/] Mọi người đã ở trong phòng của đơn vị mình ({changed:,} thay đổi).")


class _LogLines:
    """One line every few seconds, for a log."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last = 0.0

    def tell(self, tally: Tally) -> None:
        now = time.monotonic()
        if now - self._last < PROGRESS_LINE_EVERY_S:
            return
        self._last = now
        self._console.print(
            f"{tally.done:,}/{tally.total:,} lượt vào phòng, còn {tally.total - tally.done:,}, {tally.rate:.1f}/s, "
            f"{tally.units_built:,} đơn vị mới có phòng"
        )


def _show_interrupted(console: Console, place: Workplace) -> None:
    for run in place.interrupted()[:1]:
        at = run.started_at.astimezone(clock.PROVINCE_TIMEZONE)
        console.print(
            f"[yellow]![/] Lần chạy {at:%d/%m/%Y %H:%M} của {run.actor} bị ngắt khi đã làm {run.done:,} việc; "
            "kế hoạch dưới đây gồm phần còn lại."
        )
