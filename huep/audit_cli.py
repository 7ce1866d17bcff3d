"""`huep audit`: prove that the record of all acts is whole, and take it off this host."""

import base64
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from huep import audit
from huep.catalogue import Catalogue, Locale, Voice
from huep.database import Role, connect_as
from huep.options import LanguageOption, StateOption
from huep.settings import load_settings
from huep.state import locate_state

MESSAGES = Catalogue("huep")

app = typer.Typer(help="The hash-chained record of every act of power.", no_args_is_help=True)


class HeadDiffers(audit.ChainBroken):
    """The chain holds in itself, and is not the one whose head was kept elsewhere."""


@app.command()
def verify(
    head: Annotated[
        str | None, typer.Option("--head", help="ENTRIES:HASH as printed earlier and kept elsewhere.")
    ] = None,
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Follow the chain from its first entry to its last; prints the head, to be kept off this host."""
    folder = locate_state(state)
    engine = connect_as(load_settings(folder), folder, Role.HR)
    try:
        with engine.connect() as connection:
            count, last = audit.verify(_passing(audit.read(connection), head))
    finally:
        engine.dispose()
    console = Console(highlight=False)
    say = Voice(MESSAGES, language)
    console.print(Text.assemble(("✓ ", "green"), say("audit-holds", count=count)))
    console.print(say("audit-head", head=f"{count}:{last}"), soft_wrap=True)


@app.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="Where to write; default: standard output.")] = None,
    state: StateOption = None,
) -> None:
    """Write every entry as one line of JSON, hashes in base64."""
    folder = locate_state(state)
    engine = connect_as(load_settings(folder), folder, Role.HR)
    try:
        with engine.connect() as connection:
            if file is None:
                sys.stdout.writelines(map(_line, audit.read(connection)))
            else:
                with file.open("w", encoding="utf-8") as out:
                    out.writelines(map(_line, audit.read(connection)))
    finally:
        engine.dispose()


def _passing(entries: Iterable[audit.Entry], head: str | None) -> Iterator[audit.Entry]:
    """`entries` as they are, if the one named by `head` is among them with its hash."""
    number, _, known = (head or "").partition(":")
    found = head is None
    for entry in entries:
        found = found or (str(entry.seq) == number and entry.hash.hex() == known)
        yield entry
    if not found:
        raise HeadDiffers(
            f"The chain holds in itself, but entry {number} is not the one whose hash was kept elsewhere: "
            "the whole log was written anew."
        )


def _line(entry: audit.Entry) -> str:
    content = {
        "seq": entry.seq,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "act": entry.act,
        "subject": entry.subject,
        "details": json.loads(entry.details),
        "previous_hash": base64.b64encode(entry.previous_hash).decode(),
        "hash": base64.b64encode(entry.hash).decode(),
    }
    return json.dumps(content, ensure_ascii=False) + "\n"
