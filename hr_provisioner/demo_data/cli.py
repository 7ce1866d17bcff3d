"""`huep demo-data`: an HR register as a department of home affairs would export it, made from a seed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from threading import Timer
from typing import Annotated

import typer
from rich.console import Console

from hr_provisioner.dates import ImpossibleDate, parse_date
from hr_provisioner.demo_data.writing import (
    FEWEST_PEOPLE,
    MOST_PEOPLE,
    DemoFiles,
    EditionName,
    Format,
    write_demo,
)
from hr_provisioner.language import MESSAGES
from huep.catalogue import Locale, Voice
from huep.clock import today
from huep.errors import HuepError
from huep.options import LanguageOption

SPINNER_AFTER_S = 2.0


class OutNotWritable(HuepError):
    """The folder for the demo register cannot be written."""


class FormatChoice(StrEnum):
    """`--format`."""

    CSV = "csv"
    XLSX = "xlsx"
    BOTH = "both"


class EditionChoice(StrEnum):
    """`--edition`."""

    ONE = "1"
    TWO = "2"
    MESSY = "messy"
    ALL = "all"


_FORMATS = {
    FormatChoice.CSV: (Format.CSV,),
    FormatChoice.XLSX: (Format.XLSX,),
    FormatChoice.BOTH: (Format.CSV, Format.XLSX),
}
_EDITIONS = {
    EditionChoice.ONE: (EditionName.ONE,),
    EditionChoice.TWO: (EditionName.TWO,),
    EditionChoice.MESSY: (EditionName.MESSY,),
    EditionChoice.ALL: tuple(EditionName),
}


def _day(text: str) -> date:
    try:
        return parse_date(text.strip())
    except ImpossibleDate as error:
        raise typer.BadParameter("write the day as 2026-12-31 or 31/12/2026") from error


def demo_data(
    people: Annotated[int, typer.Option(min=FEWEST_PEOPLE, max=MOST_PEOPLE, help="How many people.")] = 2_000,
    seed: Annotated[int, typer.Option(help="The same seed and day give the same files.")] = 1,
    out: Annotated[Path, typer.Option(help="Folder to write into; it is made when missing.")] = Path("demo-data"),
    as_of: Annotated[
        date | None, typer.Option(parser=_day, metavar="DATE", help="Day of the register; today by default.")
    ] = None,
    file_format: Annotated[FormatChoice, typer.Option("--format", help="Which files.")] = FormatChoice.CSV,
    edition: Annotated[EditionChoice, typer.Option(help="Which editions.")] = EditionChoice.ALL,
    language: LanguageOption = Locale.VI,
) -> None:
    """Write a demo HR register of Huế: 40 wards and communes, departments, schools, health centres and their people.

    edition-1 is clean; messy is the same as hurried hands typed it; edition-2 follows with starts, moves, renames,
    leavers and returns, all in effect by the same day. cast.json names the people of the demo's story.
    """
    say = Voice(MESSAGES, language)
    with _late_spinner(say("demo-writing")):
        try:
            files = write_demo(out, people, seed, as_of or today(), _FORMATS[file_format], _EDITIONS[edition])
        except OSError as error:
            raise OutNotWritable(f"{out} cannot be written: {error.strerror}; choose another with --out.") from error
    _report(files, say)


def _report(files: DemoFiles, say: Voice) -> None:
    console = Console(highlight=False)
    total = say("demo-written", people=files.people, units=files.units, folder=str(files.folder))
    console.print(total, soft_wrap=True, markup=False)
    for path in (*files.csv.values(), *files.xlsx.values(), files.cast_path):
        console.print(f"  {path.name}", soft_wrap=True, markup=False)


@contextmanager
def _late_spinner(text: str) -> Iterator[None]:
    """Something turns only when it takes long enough for a person to wonder."""
    status = Console(stderr=True).status(text)
    timer = Timer(SPINNER_AFTER_S, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        status.stop()
