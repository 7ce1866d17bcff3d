"""How a poisoned register is written down: a numbered function that spoils a sound export, and how it must end."""

from collections.abc import Callable
from dataclasses import dataclass

from hr_provisioner.snapshots.refusals import SnapshotRefused
from hr_provisioner.sources.source import SourceError

from .province import Export

Spoil = Callable[[Export], Export]


@dataclass(frozen=True)
class Poison:
    """One poisoned register."""

    name: str
    spoil: Spoil
    refusal: type[SnapshotRefused | SourceError] | None
    """None: it is parked."""
    reasons: frozenset[str]
    """Messages of which each must be among the reasons for parking."""


POISONS: list[Poison] = []


def refused(refusal: type[SnapshotRefused | SourceError]) -> Callable[[Spoil], Spoil]:
    """It must be refused with this very type."""

    def register(spoil: Spoil) -> Spoil:
        POISONS.append(Poison(spoil.__name__.removeprefix("poison_"), spoil, refusal, frozenset()))
        return spoil

    return register


def parked(*reasons: str) -> Callable[[Spoil], Spoil]:
    """It must wait for two officers, for these reasons at least."""

    def register(spoil: Spoil) -> Spoil:
        POISONS.append(Poison(spoil.__name__.removeprefix("poison_"), spoil, None, frozenset(reasons)))
        return spoil

    return register
