"""`huep bots news`: the declared sources, how they stand, and what one of them would say."""

from typing import Annotated

import typer

from huep.catalogue import Locale
from huep.options import LanguageOption, StateOption
from huep.state import locate_state

app = typer.Typer(help="Where news come from by themselves.", invoke_without_command=True)


@app.callback()
def list_(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """List every declared source: when it was last read or heard, what is the matter with it, how much it said."""
    if context.invoked_subcommand is None:
        from bots.broadcasts.news.trying import show_all  # half of the bots comes with it

        show_all(locate_state(state), language, for_programs=as_json)


@app.command()
def test(
    name: Annotated[str, typer.Argument(help="Of the source, as huep.toml declares it.")],
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Read one source once and show what would be announced; nothing is, and no mail is marked."""
    from bots.broadcasts.news.trying import show_one

    show_one(locate_state(state), language, name)
