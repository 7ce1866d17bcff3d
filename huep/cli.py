"""The `huep` command.

Sub-commands come from the entry-point group `huep.commands`, so this file imports no upper floor.
"""

import errno
import sys
from importlib.metadata import entry_points

import typer
from rich.console import Console
from rich.text import Text

from huep.errors import HuepError

COMMAND_GROUP = "huep.commands"


def build(asked_for: str | None = None) -> typer.Typer:
    """The command tree: an entry point gives either a `Typer` or a function.

    Args:
        asked_for: the sub-command about to be run; the others are then not imported, which halves the start-up time.
    """
    app = typer.Typer(
        name="huep",
        help="HueP: the internal social network of a province's civil servants.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    app.callback()(_keep_sub_commands)
    entries = entry_points(group=COMMAND_GROUP)
    for entry in sorted(
        (entries.select(name=asked_for) if asked_for else None) or entries, key=lambda entry: entry.name
    ):
        command = entry.load()
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=entry.name)
        else:
            app.command(name=entry.name)(command)
    return app


def _keep_sub_commands() -> None:
    # Without a callback typer makes a lone command the whole program.
    pass


def main() -> None:
    """Run the command; a HuepError becomes its one sentence and its exit code."""
    try:
        build(sys.argv[1] if len(sys.argv) > 1 else None)()
    except HuepError as error:
        _say(str(error))
        sys.exit(error.exit_code)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        _say(f"The disk is full ({error.filename or 'no file named'}): free some space and try again.")
        sys.exit(1)


def _say(sentence: str) -> None:
    Console(stderr=True).print(Text.assemble(("✗ ", "bold red"), sentence), soft_wrap=True)


if __name__ == "__main__":
    main()
