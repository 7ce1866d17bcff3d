"""One edition of the demo register as values: what a right reading of its files gives."""

from dataclasses import dataclass
from datetime import date

from hr_provisioner.demo_data.names import Gender
from hr_provisioner.records import PersonRecord, UnitRecord
from hr_provisioner.register.vocabulary import Status
from huep.directory.model import AbsenceKind


@dataclass(frozen=True)
class Staff:
    """A person with what the register also writes down and nothing reads."""

    record: PersonRecord
    gender: Gender
    status: Status | AbsenceKind

    @property
    def is_ordinary(self) -> bool:
        """In service, present, with one post that leads nothing: who may leave or move without leaving a gap."""
        posts = self.record.posts
        return (
            self.status is Status.WORKING
            and len(posts) == 1
            and posts[0].standing == "staff"
            and self.record.retires_on is None
        )


@dataclass(frozen=True)
class Edition:
    """The whole register on one day."""

    as_of: date
    units: tuple[UnitRecord, ...]
    staff: tuple[Staff, ...]

    def unit(self, code: str) -> UnitRecord:
        return next(unit for unit in self.units if unit.code == code)


def first_level_code(unit_code: str) -> str:
    """The code of the department or ward that a unit of the demo city belongs to, or of the city itself."""
    return ".".join(unit_code.split(".")[:2])
