"""Options that the commands share: who answers for what is done, and whether to ask first."""

import getpass
from typing import Annotated

import typer

ActorOption = Annotated[str | None, typer.Option("--actor", help="Who answers for it; default: the user here.")]
ByOption = Annotated[str, typer.Option("--by", help="Your name: you answer for it.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def whoever(actor: str | None = None) -> str:
    """The name that the audit log keeps: the actor named, or whoever is logged in on this machine."""
    return actor or getpass.getuser()
