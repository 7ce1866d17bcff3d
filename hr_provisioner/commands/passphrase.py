"""The passphrase of an officer's private key: from the terminal, or from a file for scripts; never an argument."""

from pathlib import Path
from typing import Annotated

import typer

from hr_provisioner.language import OfficerError
from huep.catalogue import Message, Voice

PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        envvar="HUEP_OFFICER_PASSPHRASE_FILE",
        help="For scripts: the first line of this file is the passphrase; otherwise it is asked for.",
    ),
]


class PassphraseUnreadable(OfficerError):
    """The file with the passphrase cannot be read."""

    def __init__(self, path: Path) -> None:
        super().__init__(Message.of("sign-passphrase-unreadable", path=str(path)))


def ask_passphrase(file: Path | None, say: Voice, *, new: bool = False) -> str:
    """The passphrase; a `new` one is asked for twice."""
    if file is None:
        asked: str = typer.prompt(say("sign-passphrase"), hide_input=True, confirmation_prompt=new)
        return asked
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PassphraseUnreadable(file) from error
    return lines[0] if lines else ""
