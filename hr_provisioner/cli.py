"""`huep hr`: the commands of the provisioner, in the order in which an officer meets them.

Only the module of the command about to be run is imported: together they take more than a second.
"""

import sys
from importlib import import_module

import typer

NAME = "hr"
COMMANDS = {
    "inspect": "inspect:inspect",
    "read": "register:read",
    "plan": "register:plan",
    "apply": "register:apply",
    "joins": "register:joins",
    "parked": "approvals:parked",
    "approve": "approvals:approve",
    "approvals": "approvals:signatures",
    "withdraw": "approvals:withdraw",
    "officers": "officers:officers",
    "runs": "undo:runs",
    "undo": "undo:undo",
    "twins": "twins:twins",
    "lock": "locks:lock",
    "unlock": "locks:unlock",
    "guests": "guests:guests",
    "codes": "codes:codes",
    "roles": "roles:roles",
    "person": "personal_data:person",
    "demo": "demo:demo",
    "serve": "service:serve",
}
"""Name of a command, or of a group of them: module below `hr_provisioner.commands`, and what of it."""


def build(asked_for: str | None = None) -> typer.Typer:
    """The commands, or the one asked for where there is one of that name."""
    built = typer.Typer(help="HR register to accounts, units and rooms.", no_args_is_help=True)
    built.callback()(_keep_sub_commands)
    for name in [asked_for] if asked_for in COMMANDS else COMMANDS:
        module, _, attribute = COMMANDS[name].partition(":")
        command = getattr(import_module(f"hr_provisioner.commands.{module}"), attribute)
        if isinstance(command, typer.Typer):
            built.add_typer(command, name=name)
        else:
            built.command(name=name)(command)
    return built


def _keep_sub_commands() -> None:
    # Without a callback typer makes a lone command the whole program.
    pass


app = build(sys.argv[2] if sys.argv[1:2] == [NAME] and len(sys.argv) > 2 else None)
