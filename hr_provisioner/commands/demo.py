"""`huep hr demo`: how `huep up --demo` brings an edition in, with two officers of its own who sign what waits."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from hr_provisioner.advisory import AlreadyRunning
from hr_provisioner.approvals.signing import Matter
from hr_provisioner.commands.desk import open_desk
from hr_provisioner.commands.running import Confirmation
from hr_provisioner.demo_data.officers import DemoOfficer, approve, demo_officers
from hr_provisioner.intake import SnapshotParked
from hr_provisioner.provisioning import Applied, apply_approved, apply_source
from hr_provisioner.screens import show
from hr_provisioner.sources import open_source
from hr_provisioner.workplace import Workplace
from huep.catalogue import Locale, Voice
from huep.options import LanguageOption, StateOption

ACTOR = "huep demo"
APPLY_ELSEWHERE_S = 600.0
"""So long an apply of the service, which looks for what was approved as the demo does, is waited for."""
POLL_S = 0.5

Done = TypeVar("Done")


def demo(
    edition: Annotated[Path, typer.Argument(help="An edition of the demo's register.")],
    urgent: Annotated[
        list[str] | None, typer.Option("--urgent", help="Officer code to bring into rooms first.")
    ] = None,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Apply an edition of the demo's register; two made-up officers approve whatever waits. Refuses real provinces."""
    with open_desk(language, state) as (console, say, place):
        officers = demo_officers(place)
        with show.StageBars(console, say) as bars:
            try:
                applied = asyncio.run(_apply(console, say, place, edition, bars, urgent))
            except SnapshotParked as waits:
                _sign(console, say, place, officers, Matter.SNAPSHOT, waits.sha256)
                applied = asyncio.run(_apply(console, say, place, edition, bars, urgent))
            reports = [applied.report]
            if applied.parked is not None:
                _sign(console, say, place, officers, Matter.PLAN, applied.parked.plan_sha256)
                reports += asyncio.run(
                    _in_turn(lambda: apply_approved(place, actor=ACTOR, confirm=lambda *_: None, progress=bars.advance))
                )
        for report in reports:
            if report.run_id is not None:
                show.show_report(console, say, report)
    if any(report.failed for report in reports):
        raise typer.Exit(1)


async def _apply(
    console: Console, say: Voice, place: Workplace, edition: Path, bars: show.StageBars, urgent: list[str] | None
) -> Applied:
    confirm = Confirmation(console, say, yes=True).confirm
    source = open_source(edition)
    return await _in_turn(
        lambda: apply_source(place, source, actor=ACTOR, urgent=urgent or (), confirm=confirm, progress=bars.advance)
    )


async def _in_turn(act: Callable[[], Awaitable[Done]]) -> Done:
    """The result of `act`, once no other apply is at work. Raises AlreadyRunning where that lasts too long."""
    deadline = time.monotonic() + APPLY_ELSEWHERE_S
    while True:
        try:
            return await act()
        except AlreadyRunning:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(POLL_S)


def _sign(
    console: Console,
    say: Voice,
    place: Workplace,
    officers: tuple[DemoOfficer, ...],
    matter: Matter,
    sha256: str,
) -> None:
    approve(place, officers, matter, sha256)
    names = " & ".join(officer.card.full_name for officer in officers)
    show.show_well(console, say(f"demo-signed-{matter.value}", sha256=sha256[:12], names=names))
