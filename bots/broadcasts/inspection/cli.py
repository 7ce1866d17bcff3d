"""`huep bots announcements`: list, show, verify, export."""

from pathlib import Path
from typing import Annotated

import typer

from huep.catalogue import Locale
from huep.options import LanguageOption, StateOption
from huep.state import locate_state

app = typer.Typer(help="What was announced, who acknowledged it, and the proof of both.", no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]
Number = Annotated[int, typer.Argument(help="Number of an announcement, as `list` shows it.", min=1)]


@app.command("list")
def list_(
    most: Annotated[int, typer.Option("--most", min=1, max=100_000, help="The newest so many.")] = 50,
    as_json: JsonOption = False,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """List announcements, the newest first; what they say is not shown."""
    from bots.broadcasts.inspection.looking import list_all  # half of the bots comes with it

    list_all(locate_state(state), language, most, for_programs=as_json)


@app.command()
def show(
    number: Number, as_json: JsonOption = False, language: LanguageOption = Locale.VI, state: StateOption = None
) -> None:
    """Show how far one has come, by unit, and everything that happened to it; not what it says."""
    from bots.broadcasts.inspection.looking import show_one

    show_one(locate_state(state), language, number, for_programs=as_json)


@app.command()
def verify(
    number: Annotated[int | None, typer.Argument(help="Of one announcement; all by default.", min=1)] = None,
    as_json: JsonOption = False,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Prove that nothing was changed: rows against chain, chain against audit log; exit code 1 where something was."""
    from bots.broadcasts.inspection.looking import verify_all

    if not verify_all(locate_state(state), language, number, for_programs=as_json):
        raise typer.Exit(1)


@app.command()
def export(
    number: Number,
    file: Annotated[Path, typer.Argument(help="A new file, XLSX, for its owner alone: it holds names.")],
    by: Annotated[str, typer.Option("--by", help="Your name, for the audit log.")],
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Write the workbook of the record: the roll-up, everybody by name, the chain; that it was done is audited."""
    from bots.broadcasts.inspection.looking import export_one

    export_one(locate_state(state), language, number, file, by)
