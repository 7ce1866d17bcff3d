"""`huep hr`: the commands of the provisioner, in the order in which an officer meets them."""

from collections.abc import Callable

import typer

from hr_provisioner.commands import (
    approvals,
    codes,
    demo,
    inspect,
    locks,
    officers,
    personal_data,
    register,
    service,
    twins,
    undo,
)

app = typer.Typer(help="HR register to accounts, units and rooms.", no_args_is_help=True)

COMMANDS: tuple[Callable[..., None], ...] = (
    inspect.inspect,
    register.read,
    register.plan,
    register.apply,
    register.joins,
    approvals.approve,
    approvals.withdraw,
    undo.runs,
    undo.undo,
    locks.lock,
    locks.unlock,
    personal_data.person,
    demo.demo,
    service.serve,
)
GROUPS = {
    "parked": approvals.parked,
    "approvals": approvals.signatures,
    "officers": officers.officers,
    "codes": codes.codes,
    "twins": twins.twins,
}

for command in COMMANDS:
    app.command()(command)
for name, group in GROUPS.items():
    app.add_typer(group, name=name)
