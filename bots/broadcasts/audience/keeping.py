"""An audience as JSON, for dialogs, drafts and the ledger."""

from typing import Any
from uuid import UUID

from huep.directory.audience import Audience
from huep.directory.model import Standing, UnitKind
from huep.errors import HuepError


class AudienceUnreadable(HuepError):
    """What was kept is no audience: it must reach nobody rather than everybody."""

    def __init__(self) -> None:
        super().__init__("What was kept as an audience is none.")


def dump_audience(audience: Audience) -> dict[str, Any]:
    """The conditions that are there, in one order, so that equal audiences are equal texts."""
    kept: dict[str, Any] = {
        "under": sorted(audience.under),
        "units": sorted(audience.units),
        "levels": sorted(audience.levels),
        "unit_kinds": sorted(kind.value for kind in audience.unit_kinds),
        "standings": sorted(standing.value for standing in audience.standings),
        "positions": sorted(audience.positions),
        "roles": sorted(audience.roles),
        "people": sorted(str(key) for key in audience.people),
        "any_of": [dump_audience(one) for one in audience.any_of],
        "excluding": [dump_audience(one) for one in audience.excluding],
    }
    return {name: values for name, values in kept.items() if values}


def load_audience(kept: Any) -> Audience:
    """The audience of `dump_audience`.

    Raises:
        AudienceUnreadable: it has a condition that is not known here, or a value that none can have.
    """
    if not isinstance(kept, dict) or not kept.keys() <= _READERS.keys():
        raise AudienceUnreadable
    try:
        # A condition without values would ask nothing, and so reach more people than were meant.
        if not all(isinstance(values, list) and values for values in kept.values()):
            raise AudienceUnreadable
        return Audience(**{name: _READERS[name](values) for name, values in kept.items()})
    except ValueError as error:
        raise AudienceUnreadable from error


def _texts(values: list[Any]) -> frozenset[str]:
    if not all(isinstance(value, str) for value in values):
        raise AudienceUnreadable
    return frozenset(values)


def _levels(values: list[Any]) -> frozenset[int]:
    if not all(isinstance(value, int) for value in values):
        raise AudienceUnreadable
    return frozenset(values)


def _audiences(values: list[Any]) -> tuple[Audience, ...]:
    return tuple(load_audience(value) for value in values)


_READERS: dict[str, Any] = {
    "under": _texts,
    "units": _texts,
    "levels": _levels,
    "unit_kinds": lambda values: frozenset(UnitKind(value) for value in _texts(values)),
    "standings": lambda values: frozenset(Standing(value) for value in _texts(values)),
    "positions": _texts,
    "roles": _texts,
    "people": lambda values: frozenset(UUID(value) for value in _texts(values)),
    "any_of": _audiences,
    "excluding": _audiences,
}
