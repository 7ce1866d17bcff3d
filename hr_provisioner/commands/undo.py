"""`huep hr runs` and `undo`: what earlier runs did, and taking one of them back."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from hr_provisioner.applying.journal import Progress
from hr_provisioner.applying.run_history import Run, runs_of
from hr_provisioner.commands.desk import open_desk
from hr_provisioner.commands.options import ActorOption, YesOption, whoever
from hr_provisioner.commands.running import Confirmation, show_applied
from hr_provisioner.dates import moment
from hr_provisioner.provisioning import undo_run
from hr_provisioner.screens import show
from huep.catalogue import Locale, Voice
from huep.options import LanguageOption, StateOption

SHORT = 8
"""Characters of a run's ID that are shown; `undo` takes as few."""


def runs(
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many of the latest.")] = 20,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """List the latest runs with what they did; `undo` takes one of them back."""
    with open_desk(language, state) as (console, say, place):
        with place.hr.connect() as connection:
            latest = runs_of(connection, limit)
        if latest:
            console.print(_table(say, latest))
        else:
            show.show_well(console, say("runs-none"))


def _table(say: Voice, latest: Sequence[Run]) -> Table:
    headings = ("run", "began", "actor", "kind", "did", "left")
    table = Table(*(say(f"runs-{heading}") for heading in headings), title=say("runs-title"), title_justify="left")
    for run in latest:
        table.add_row(
            Text(str(run.run_id)[:SHORT]),
            Text(moment(run.started_at)),
            Text(run.actor),
            Text(_kind(say, run)),
            Text("\n".join(f"{say(f'action-{name}')}: {say.number(count)}" for name, count in run.done.items())),
            Text(_left(say, run)),
        )
    return table


def _kind(say: Voice, run: Run) -> str:
    kind = say(f"runs-kind-{run.kind.value}")
    if run.undoes is not None:
        kind += f" {str(run.undoes)[:SHORT]}"
    return f"{kind}, {say('runs-approved')}" if run.approved else kind


def _left(say: Voice, run: Run) -> str:
    counts = {progress: sum(run.counts.get(progress, {}).values()) for progress in Progress}
    said = [
        say(f"runs-{progress.value}", count=counts[progress])
        for progress in (Progress.STOOD, Progress.FAILED, Progress.OPEN)
        if counts[progress]
    ]
    return "\n".join(said)


def undo(
    run: Annotated[str, typer.Argument(help="The run, as `huep hr runs` lists it; its first characters do.")],
    actor: ActorOption = None,
    yes: YesOption = False,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Take a run back: names, locks, posts and units as before; accounts that it made stay, locked.

    What has changed since is left as it is. Where the guard would hold such a plan back, it waits for two officers.
    """
    with open_desk(language, state) as (console, say, place):
        with show.StageBars(console, say) as bars:
            confirm = Confirmation(console, say, yes).confirm
            applied = asyncio.run(undo_run(place, run, actor=whoever(actor), confirm=confirm, progress=bars.advance))
        show_applied(console, say, applied)
    if applied.report.failed:
        raise typer.Exit(1)
