"""One edition of the HR register: file to validated records, with everything doubtful held back."""

from pathlib import Path

from hr_provisioner.records import Register
from hr_provisioner.register.person_rows import read_people
from hr_provisioner.register.unit_rows import read_units
from hr_provisioner.sources import Source, open_source


def read_register(path: Path) -> Register:
    """Read a folder with `can-bo.csv` and `don-vi.csv`, either file, or an `.xlsx` workbook.

    A row that cannot be trusted is quarantined, and its person or unit left out of the result; a unit below one that is
    left out is left out too. Raises SourceError when the register as a whole cannot be read.
    """
    return register_of(open_source(path))


def register_of(source: Source) -> Register:
    """Validate an opened source. Raises SourceError."""
    units = read_units(source.units())
    people = read_people(source.posts(), frozenset(unit.code for unit in units.units), units.held_codes)
    return Register(
        units=units.units,
        people=people.people,
        quarantined=units.quarantined + people.quarantined,
        rows=units.table.rows + people.table.rows,
        sha256=source.origin.sha256,
        nameless=people.nameless,
        posts_table=people.table,
        units_table=units.table,
    )
