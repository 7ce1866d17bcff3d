"""What `huep bots announcements` does, on the ledger of the HueP in a state folder."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.text import Text

from bots.broadcasts.desk import Desk
from bots.broadcasts.inspection import screen
from bots.broadcasts.inspection.proof import prove
from bots.broadcasts.ledger import Ledger, NoSuchBroadcast
from bots.broadcasts.package import BROADCASTS
from bots.broadcasts.rendering import MESSAGES
from bots.broadcasts.report import record_workbook
from bots.process.place import Place, opened
from huep import audit
from huep.catalogue import Locale, Voice
from huep.database import Role, connect_as
from huep.errors import HuepError
from huep.state import StateFolder


class NotExported(HuepError):
    """The file of an export cannot be written."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(f"Nothing was written to {file} ({why}): name a new file in a folder that is there.")


def list_all(folder: StateFolder, language: Locale, most: int, *, for_programs: bool) -> None:
    """The newest `most`, the latest first."""
    with _ledger(folder) as (_, ledger):
        rows = [screen.row_of(one, ledger.tallies(one.number)) for one in ledger.recent(most=most)]
    if for_programs:
        _print_json([screen.as_json(row) for row in rows])
    else:
        screen.show_rows(_console(), Voice(MESSAGES, language), rows)


def show_one(folder: StateFolder, language: Locale, number: int, *, for_programs: bool) -> None:
    """One of them with its roll-up and its chain. Raises NoSuchBroadcast."""
    with _ledger(folder) as (_, ledger):
        broadcast = ledger.find(number)
        if broadcast is None:
            raise NoSuchBroadcast(number)
        tallies, entries = ledger.tallies(number), ledger.entries(number)
    row = screen.row_of(broadcast, tallies)
    if for_programs:
        _print_json(screen.whole_as_json(row, tallies, entries))
    else:
        screen.show_whole(_console(), Voice(MESSAGES, language), row, tallies, entries)


def verify_all(folder: StateFolder, language: Locale, number: int | None, *, for_programs: bool) -> bool:
    """Whether all of them, or the one of that number, are what their chains and the audit log tell.

    Raises:
        ChainBroken: the audit log itself was changed.
        NoSuchBroadcast: neither ledger nor audit log know of one of that number.
    """
    say = Voice(MESSAGES, language)
    with _ledger(folder) as (place, ledger), Console(stderr=True).status(say("proof-audit")) as status:
        auditor = connect_as(place.settings, place.state, Role.HR)  # which reads the audit log, as the bots cannot
        try:
            with auditor.connect() as connection:
                proofs = []
                for proof in prove(ledger, BROADCASTS.localpart(place.settings), audit.read(connection), number):
                    proofs.append(proof)
                    status.update(say("proof-so-far", count=len(proofs)))
        finally:
            auditor.dispose()
    if for_programs:
        _print_json([screen.as_json(proof) for proof in proofs])
    else:
        screen.show_proofs(_console(), say, proofs)
    return all(proof.holds for proof in proofs)


def export_one(folder: StateFolder, language: Locale, number: int, file: Path, by: str) -> None:
    """Write the workbook of the record to a file that is not there yet.

    Raises:
        NoSuchBroadcast, LedgerBroken, NotExported.
    """
    say = Voice(MESSAGES, language)
    if file.exists():
        raise NotExported(file, "it is there already")
    with _ledger(folder) as (place, ledger), Console(stderr=True).status(say("proof-export", number=str(number))):
        record = ledger.record(number)
        workbook = record_workbook(record, say)
        # Recorded first: an export that nobody knows of is the worse of the two.
        with place.engine.begin() as connection:
            people = {"people": len(record.people)}
            audit.append(connection, [ledger.act(connection, by, "export", number, people)])
        _write_new(file, workbook)
    told = say("proof-exported", number=str(number), file=str(file), people=len(record.people))
    _console().print(Text.assemble(("✓ ", "green"), told), soft_wrap=True)


@contextmanager
def _ledger(folder: StateFolder) -> Iterator[tuple[Place, Ledger]]:
    with opened(folder) as place:
        yield place, Desk.of(place.tools(BROADCASTS)).ledger


def _write_new(file: Path, content: bytes) -> None:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
    except OSError as error:
        raise NotExported(file, error.strerror or "?") from error


def _console() -> Console:
    return Console(highlight=False)


def _print_json(value: object) -> None:
    _console().print_json(json.dumps(value, ensure_ascii=False))
