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
from hr_provisioner.language import MESSAGES, OfficerError, speaking
from hr_provisioner.plan import Plan
from hr_provisioner.provisioning import Workplace, apply_register, open_workplace, run_joins
from hr_provisioner.records import Register
from hr_provisioner.register import read_register
from huep import clock
from huep.catalogue import Locale, Message, Voice
from huep.options import LanguageOption, StateOption
from huep.state import locate_state

PROGRESS_LINE_EVERY_S = 5.0
"""Where nobody watches a bar, one line in the log so often."""

RegisterFile = Annotated[
    Path, typer.Argument(help="HR register: an .xlsx, or a folder with can-bo.csv and don-vi.csv.")
]

app = typer.Typer(help="HR register to accounts, units and rooms.", no_args_is_help=True)


class NotConfirmed(OfficerError):
    """The officer looked at the plan and did not let it run."""

    def __init__(self) -> None:
        super().__init__(Message("not-confirmed"))


@app.command()
def read(file: RegisterFile, language: LanguageOption = Locale.VI) -> None:
    """Show what a register file holds, and every row that cannot be trusted."""
    show.show_register(Console(highlight=False), Voice(MESSAGES, language), _read(file, language))


@app.command()
def plan(
    file: RegisterFile,
    as_json: Annotated[bool, typer.Option("--json", help="The plan in canonical JSON, whole.")] = False,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Show what `apply` would do today; nothing is changed."""
    console, say = Console(highlight=False), Voice(MESSAGES, language)
    register = _read(file, language)
    with speaking(language), open_workplace(locate_state(state)) as place:
        proposal = asyncio.run(place.plan(register, clock.today()))
        if as_json:
            sys.stdout.write(proposal.canonical + "\n")
            return
        _show_interrupted(console, say, place)
        show.show_register(console, say, register)
        refusal: guard.TooManyLocks | None = None
        remarks: tuple[Remark, ...] = ()
        try:
            remarks = guard.check(proposal)
        except guard.TooManyLocks as too_many:
            refusal = too_many
        show.show_plan(console, say, proposal, remarks, register)
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
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Carry out what `plan` shows. It can be cut off and run again at any time."""
    console, say = Console(highlight=False), Voice(MESSAGES, language)
    register = _read(file, language)

    def confirm(proposal: Plan, remarks: tuple[Remark, ...]) -> None:
        show.show_plan(console, say, proposal, remarks, register, briefly=yes)
        if proposal.actions and not yes and not typer.confirm(say("confirm")):
            raise NotConfirmed

    with speaking(language), open_workplace(locate_state(state)) as place:
        _show_interrupted(console, say, place)
        with show.StageBars(console, say) as bars:
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
            show.show_report(console, say, applied.report)
        if urgent:
            show.show_well(console, say("joins-urgent", count=applied.urgent_memberships))
        else:
            _join(console, say, place)
    if applied.report.failed:
        raise typer.Exit(1)


@app.command()
def joins(language: LanguageOption = Locale.VI, state: StateOption = None) -> None:
    """Make the rooms of all units and bring everybody into theirs; ends when nothing is left."""
    with open_workplace(locate_state(state)) as place:
        _join(Console(highlight=False), Voice(MESSAGES, language), place)


def _read(file: Path, language: Locale) -> Register:
    with speaking(language):
        return read_register(file)


def _join(console: Console, say: Voice, place: Workplace) -> None:
    if console.is_terminal:
        with show.progress_bar(console, say) as bar:
            task = bar.add_task(say("joins"), total=None)
            changed = asyncio.run(
                run_joins(place, lambda tally: bar.update(task, completed=tally.done, total=tally.total))
            )
    else:
        changed = asyncio.run(run_joins(place, _LogLines(console, say).tell))
    if changed is None:
        console.print(say("joins-elsewhere"))
    else:
        show.show_well(console, say("joins-done", count=changed))


class _LogLines:
    """One line every few seconds, for a log."""

    def __init__(self, console: Console, say: Voice) -> None:
        self._console = console
        self._say = say
        self._last = 0.0

    def tell(self, tally: Tally) -> None:
        now = time.monotonic()
        if now - self._last < PROGRESS_LINE_EVERY_S:
            return
        self._last = now
        self._console.print(
            self._say(
                "joins-progress",
                done=tally.done,
                total=tally.total,
                left=tally.total - tally.done,
                rate=tally.rate,
                units=tally.units_built,
            )
        )


def _show_interrupted(console: Console, say: Voice, place: Workplace) -> None:
    for run in place.interrupted()[:1]:
        at = run.started_at.astimezone(clock.PROVINCE_TIMEZONE)
        show.show_warning(console, say("interrupted", at=f"{at:%d/%m/%Y %H:%M}", actor=run.actor, done=run.done))
