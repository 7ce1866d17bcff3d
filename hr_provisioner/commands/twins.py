"""`huep hr twins`: pairs of officer codes that may be one person, side by side, and what a human decides of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from hr_provisioner.commands.desk import open_desk
from hr_provisioner.commands.options import ByOption
from hr_provisioner.current import CodePair, Current
from hr_provisioner.dates import day_first
from hr_provisioner.directory.reader import read_current
from hr_provisioner.planning.twin_decisions import TwinDecisions, decided
from hr_provisioner.planning.twins import Side, Twins, code_pair, find_twins, unite
from hr_provisioner.records import Register
from hr_provisioner.register.register import register_of
from hr_provisioner.screens import show
from hr_provisioner.snapshots.content import content_of
from hr_provisioner.snapshots.store import last_snapshot
from hr_provisioner.sources import open_source
from hr_provisioner.workplace import Workplace
from huep.catalogue import Locale, Voice
from huep.names import normalise
from huep.options import LanguageOption, StateOption

SIDE_BY_SIDE = ("name", "born", "unit", "position", "since", "email", "account")
"""What is shown of both codes, each a message `twins-…`."""

twins = typer.Typer(help="Officer codes that may be one person's.", invoke_without_command=True)


@twins.callback()
def pairs(
    context: typer.Context,
    register: Annotated[
        Path | None, typer.Option("--register", help="Look in this register, not in the last accepted one.")
    ] = None,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Show every pair that waits for a decision, both rows side by side."""
    if context.invoked_subcommand is not None:
        return
    with open_desk(language, state) as (console, say, place):
        found = _pairs(place, register)
    for pair in found:
        console.print(pair_table(say, pair))
    if found:
        console.print(Text(say("twins-how", count=len(found)), "dim"))
    else:
        show.show_well(console, say("twins-none"))


@twins.command()
def same(
    old: Annotated[str, typer.Argument(help="The code under which the person had the account till now.")],
    new: Annotated[str, typer.Argument(help="The code under which the person goes on.")],
    by: ByOption,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Decide that both codes are one person, who keeps the account and goes on under NEW."""
    with open_desk(language, state) as (console, say, place):
        alike = {pair.pair for pair in _pairs(place, None, asked=code_pair(normalise(old), normalise(new)))}
        localpart = TwinDecisions(place.hr, place.audit, place.now).same(old, new, by=by, alike=alike)
    show.show_well(console, say("twins-made-one", old=old, new=new, localpart=localpart))


@twins.command()
def different(
    one: Annotated[str, typer.Argument(help="One code.")],
    other: Annotated[str, typer.Argument(help="The other code.")],
    by: ByOption,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Decide that the codes are two people; the next plan gives both an account."""
    with open_desk(language, state) as (console, say, place):
        TwinDecisions(place.hr, place.audit, place.now).different(one, other, by=by)
    show.show_well(console, say("twins-made-two", one=one, other=other))


def _pairs(place: Workplace, path: Path | None, asked: CodePair | None = None) -> Sequence[Twins]:
    """Every pair that waits for a decision; the pair that is `asked` about waits whatever was decided before."""
    with place.hr.connect() as connection:
        settled = {pair: same for pair, same in decided(connection).items() if pair != asked}
        current = Current((), read_current(connection, place.today).people, twins_decided=settled)
        register: Register | None = None
        if path is not None:
            register = register_of(open_source(path, place.settings.hr.source.columns))
        elif (snapshot_id := last_snapshot(connection)) is not None:
            register = register_of(content_of(connection, snapshot_id))
    return () if register is None else find_twins(unite(register, current), current, place.today)


def pair_table(say: Voice, pair: Twins) -> Table:
    """Both sides beside each other, what differs in another colour."""
    table = Table("", pair.other.officer_code, pair.held.officer_code, title_justify="left")
    for label, one, other in zip(SIDE_BY_SIDE, _cells(say, pair.other), _cells(say, pair.held), strict=True):
        table.add_row(say(f"twins-{label}"), Text(one), Text(other, "" if one == other else "yellow"))
    return table


def _cells(say: Voice, side: Side) -> tuple[str, ...]:
    return (
        side.full_name,
        day_first(side.birth_date) if side.birth_date else "",
        side.unit_code or "",
        side.position or "",
        day_first(side.begins) if side.begins else "",
        side.email or "",
        side.localpart or say("twins-no-account"),
    )
