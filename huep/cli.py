"""The `huep` command.

Sub-commands come from the entry-point group `huep.commands`, so this file imports no upper floor.
"""

import sys
from importlib.metadata import entry_points

import typer
from rich.console import Console

from huep.errors import HuepError

COMMAND_GROUP = "huep.commands"


def build() -> typer.Typer:
    """The whole command tree: an entry point gives either a `Typer` or a function."""
    app = typer.Typer(
        name="huep",
        help="HueP: the internal social network of a province's civil servants.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    for entry in sorted(entry_points(group=COMMAND_GROUP), key=lambda entry: entry.name):
        command = entry.load()
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=entry.name)
        else:
            app.command(name=entry.name)(command)
    return app


def main() -> None:
    """Run the command; a HuepError becomes its one sentence and its exit code."""
    try:
        build()()
    except HuepError as error:
        Console(stderr=True, highlight=False).print(f"[bold red]✗[/] {error}", soft_wrap=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
