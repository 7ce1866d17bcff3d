"""`huep hr read | plan | apply | joins`: from a register to accounts and rooms."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hr_provisioner.commands.approval_files import write_new
from hr_provisioner.commands.desk import open_desk
from hr_provisioner.commands.joining import join
from hr_provisioner.commands.options import ActorOption, YesOption, whoever
from hr_provisioner.commands.running import Confirmation, show_applied
from hr_provisioner.dates import moment
from hr_provisioner.language import MESSAGES, speaking
from hr_provisioner.planning.guard import PlanParked
from hr_provisioner.proposal import Proposal
from hr_provisioner.provisioning import Confirm, apply_approved, apply_source, approved_snapshots, preview
from hr_provisioner.register.register import register_of
from hr_provisioner.screens import show
from hr_provisioner.screens.plan_sheet import plan_workbook
from hr_provisioner.sources import Source, open_configured, open_source
from hr_provisioner.workplace import Workplace
from huep.catalogue import Locale, Message, Voice
from huep.hr_settings import ColumnSettings
from huep.options import LanguageOption, StateOption
from huep.settings import load_settings
from huep.state import locate_state

RegisterFile = Annotated[
    Path | None,
    typer.Argument(
        help="HR register: an .xlsx, or a folder with can-bo.csv and don-vi.csv; default: the source in huep.toml."
    ),
]


def read(
    file: Annotated[Path, typer.Argument(help="An .xlsx, or a folder with can-bo.csv and don-vi.csv.")],
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Show what a register file holds, and every row that cannot be trusted; needs no running HueP."""
    folder = locate_state(state)
    columns = load_settings(folder).hr.source.columns if folder.config_file.exists() else ColumnSettings()
    with speaking(language):
        show.show_register(Console(highlight=False), Voice(MESSAGES, language), register_of(open_source(file, columns)))


def plan(
    file: RegisterFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="The plan in canonical JSON, whole.")] = False,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help="Write the plan as a workbook for the officer.")] = None,
    actor: ActorOption = None,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Show what `apply` would do today; nothing is changed."""
    with open_desk(language, state) as (console, say, place):
        reading, proposal = asyncio.run(preview(place, _open(place, file), whoever(actor)))
        if xlsx is not None:
            write_new(xlsx, plan_workbook(proposal.plan, proposal.verdict.trips, say, proposal.unit_names))
        if as_json:
            sys.stdout.write(proposal.plan.canonical + "\n")
            return
        _show_interrupted(console, say, place)
        show.show_register(console, say, reading.register)
        show.show_plan(console, say, proposal.plan, proposal.remarks, proposal.unit_names)
        for doubt in reading.doubts:
            show.show_warning(console, say("plan-snapshot-doubt", why=doubt))
        if proposal.verdict.parked:
            show.show_warning(console, say.render(_would_be_parked(proposal)))


def apply(
    file: RegisterFile = None,
    urgent: Annotated[
        list[str] | None,
        typer.Option("--urgent", help="Officer code to bring into rooms first; the others are left to `hr joins`."),
    ] = None,
    approved: Annotated[
        bool, typer.Option("--approved", help="Only what two officers approved: parked plans and registers.")
    ] = False,
    actor: ActorOption = None,
    yes: YesOption = False,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Carry out what two officers approved, then what `plan` shows. It can be cut off and run again at any time."""
    who = whoever(actor)
    with open_desk(language, state) as (console, say, place):
        confirmation = Confirmation(console, say, yes)
        _show_interrupted(console, say, place)
        failed = False
        with show.StageBars(console, say) as bars:
            for report in asyncio.run(
                apply_approved(place, actor=who, confirm=confirmation.confirm_approved, progress=bars.advance)
            ):
                show.show_report(console, say, report)
                failed |= bool(report.failed)
        sources = list(approved_snapshots(place)) if approved or file is None else []
        if not approved:
            sources.append(_open(place, file))
        for source in sources:
            failed |= _apply_register(console, say, place, source, confirmation.confirm, who, urgent)
        if approved and not sources:
            join(console, say, place)
    if failed:
        raise typer.Exit(1)


def joins(language: LanguageOption = Locale.VI, state: StateOption = None) -> None:
    """Make the rooms of all units and bring everybody into theirs; ends when nothing is left."""
    with open_desk(language, state) as (console, say, place):
        join(console, say, place)


def _apply_register(
    console: Console,
    say: Voice,
    place: Workplace,
    source: Source,
    confirm: Confirm,
    actor: str,
    urgent: list[str] | None,
) -> bool:
    """Whether something failed."""
    with show.StageBars(console, say) as bars:
        applied = asyncio.run(
            apply_source(place, source, actor=actor, urgent=urgent or (), confirm=confirm, progress=bars.advance)
        )
    show_applied(console, say, applied)
    if urgent:
        show.show_well(console, say("joins-urgent", count=applied.urgent_memberships))
    else:
        join(console, say, place)
    return bool(applied.report.failed)


def _open(place: Workplace, file: Path | None) -> Source:
    if file is not None:
        return open_source(file, place.settings.hr.source.columns)
    return open_configured(place.settings, place.state, place.hr)


def _would_be_parked(proposal: Proposal) -> Message:
    return PlanParked(proposal.plan.sha256, proposal.verdict.trips).message


def _show_interrupted(console: Console, say: Voice, place: Workplace) -> None:
    for run in place.interrupted()[:1]:
        show.show_warning(console, say("interrupted", at=moment(run.started_at), actor=run.actor, done=run.done))
