"""What the grammar makes of a phrase before it is an audience: parts, and what stands between them."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from bots.broadcasts.audience.lexicon import Joint
from huep.directory.model import PersonKey, Standing

Codes = frozenset[str]


class Sort(StrEnum):
    """What sort of thing a part names: parts of one sort make a list, others begin something new."""

    UNIT = "unit"
    GROUP = "group"
    EVERYWHERE = "everywhere"
    PERSON = "person"
    SUBJECT = "subject"


@dataclass(frozen=True)
class Subject:
    """Who of a place: all conditions hold together; nothing is everybody."""

    standings: frozenset[Standing] = frozenset()
    positions: Codes = frozenset()
    roles: frozenset[str] = frozenset()

    @property
    def is_everybody(self) -> bool:
        return not (self.standings or self.positions or self.roles)


EVERYBODY = Subject()


@dataclass(frozen=True)
class Place:
    """Where: units, in each way that the words can mean them."""

    choices: tuple[Codes, ...]
    """More than one where several units are called so. An empty set of codes is the whole province."""
    sort: Sort
    below: bool = False
    """Said with `thuộc`: with all units below, whatever the title."""
    only: bool = False
    """Said with `riêng`: without those below."""
    noun: str = field(default="", compare=False)
    """What a group was called: `các trường mầm non, tiểu học` leaves it out the second time."""


@dataclass(frozen=True)
class Part:
    """One item of a list."""

    subject: Subject = EVERYBODY
    places: tuple[Place, ...] = ()
    people: tuple[frozenset[PersonKey], ...] = ()
    """Choices, where it names people or a list of them."""
    sort: Sort = Sort.EVERYWHERE

    def at(self, *places: Place) -> "Part":
        """The same with more places."""
        return replace(self, places=(*self.places, *places))


@dataclass(frozen=True)
class Step:
    """A part with what stood before it."""

    joint: Joint
    part: Part
    comma: bool = False
    """A comma alone stood there."""
