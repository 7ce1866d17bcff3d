"""What the assistant answers, as values that know neither Matrix nor a language."""

from dataclasses import dataclass

from huep.catalogue import Locale
from huep.directory.model import AbsenceKind, PostKind, Standing, Unit


@dataclass(frozen=True)
class PostLine:
    """One post as its holder reads it."""

    position: str
    unit_name: str
    kind: PostKind


@dataclass(frozen=True)
class Leader:
    """Whom to turn to."""

    full_name: str
    position: str
    unit_name: str
    standing: Standing
    """HEAD, or who stands in for an absent or missing head."""


@dataclass(frozen=True)
class Card:
    """The answer to "tôi là ai"."""

    full_name: str
    officer_code: str
    posts: tuple[PostLine, ...]
    unit_path: tuple[Unit, ...]
    """From the province to the unit of the main post."""
    leader: Leader | None
    """Who leads the person: the unit's, or for its own head the next one above."""
    absence: AbsenceKind | None


@dataclass(frozen=True)
class UnitView:
    """The answer to "đơn vị tôi"."""

    path: tuple[Unit, ...]
    """From the province to the unit itself, which is the last."""
    below: tuple[Unit, ...]
    """The units directly under it."""
    leader: Leader | None
    headcount: int
    """People with an open account in the unit and below it."""

    @property
    def unit(self) -> Unit:
        return self.path[-1]


@dataclass(frozen=True)
class UnitChoice:
    """A unit that somebody asks about."""

    unit: Unit


@dataclass(frozen=True)
class LanguageChoice:
    """The language in which somebody wants to be answered."""

    locale: Locale
