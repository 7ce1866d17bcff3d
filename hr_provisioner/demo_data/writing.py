"""Writes the demo register: editions, cast and the list of what is wrong with the messy one."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from hr_provisioner.demo_data.cast import Cast, choose_cast
from hr_provisioner.demo_data.changes import Changes, edition_two
from hr_provisioner.demo_data.mess import Defect, make_mess
from hr_provisioner.demo_data.sheets import Sheets, sheets_of, write_csv, write_xlsx
from hr_provisioner.demo_data.staffing import edition_one, stream

FEWEST_PEOPLE = 200
"""Fewer cannot lead 60 units of the first level with something below them."""
MOST_PEOPLE = 200_000
CAST_FILE = "cast.json"


class Format(StrEnum):
    """What the files are."""

    CSV = "csv"
    XLSX = "xlsx"


class EditionName(StrEnum):
    """Which edition; the value names its folder (CSV) or file (XLSX)."""

    ONE = "edition-1"
    TWO = "edition-2"
    MESSY = "messy"


@dataclass(frozen=True)
class DemoFiles:
    """What was written; each path can be given to `read_register`."""

    folder: Path
    csv: Mapping[EditionName, Path]
    xlsx: Mapping[EditionName, Path]
    cast_path: Path
    cast: Cast
    changes: Changes
    defects: tuple[Defect, ...]
    """The mistakes of the messy edition."""
    people: int
    units: int

    def edition(self, name: EditionName) -> Path:
        """The edition in whichever format was written, CSV first."""
        return self.csv.get(name) or self.xlsx[name]


def write_demo(
    out: Path,
    people: int,
    seed: int,
    as_of: date,
    formats: Collection[Format] = (Format.CSV,),
    editions: Collection[EditionName] = tuple(EditionName),
) -> DemoFiles:
    """Write `edition-1`, `edition-2`, `messy` and `cast.json` under `out`; seed and day decide every byte.

    All editions are of the day `as_of`: what edition two changes has taken effect by then, and whoever leaves had
    their last day before it, so that both can be applied one after the other on that day.
    """
    if not FEWEST_PEOPLE <= people <= MOST_PEOPLE:
        raise ValueError(f"people must lie between {FEWEST_PEOPLE} and {MOST_PEOPLE}, not {people}")
    first = edition_one(people, seed, as_of)
    second, changes = edition_two(first, seed)
    cast = choose_cast(first, second, changes)
    defects: tuple[Defect, ...] = ()
    csv_paths: dict[EditionName, Path] = {}
    xlsx_paths: dict[EditionName, Path] = {}

    def mess() -> Sheets:
        nonlocal defects
        sheets, defects = make_mess(first, stream(seed, "mess"), cast.codes)
        return sheets

    makers: Mapping[EditionName, Callable[[], Sheets]] = {
        EditionName.ONE: lambda: sheets_of(first),
        EditionName.TWO: lambda: sheets_of(second),
        EditionName.MESSY: mess,
    }
    out.mkdir(parents=True, exist_ok=True)
    for name in EditionName:
        if name not in editions:
            continue
        sheets = makers[name]()
        if Format.CSV in formats:
            # Spreadsheets in Vietnamese write semicolons.
            delimiter = ";" if name is EditionName.MESSY else ","
            csv_paths[name] = write_csv(sheets, out / name.value, delimiter=delimiter)
        if Format.XLSX in formats:
            xlsx_paths[name] = write_xlsx(sheets, out / f"{name.value}.xlsx")
    return DemoFiles(
        folder=out,
        csv=csv_paths,
        xlsx=xlsx_paths,
        cast_path=cast.write(out / CAST_FILE),
        cast=cast,
        changes=changes,
        defects=defects,
        people=len(first.staff),
        units=len(first.units),
    )
