"""Who is meant: a description of people by unit, level, position and role, with exclusions."""

from dataclasses import dataclass, field

from huep.directory.model import PersonKey, Standing, UnitKind


@dataclass(frozen=True)
class Audience:
    """People with an account that is not locked, through a post that meets every condition given.

    An empty condition excludes nobody, so `Audience()` is the whole province.
    """

    under: frozenset[str] = frozenset()
    """Codes of units: theirs and all units below."""
    units: frozenset[str] = frozenset()
    """Codes of units: theirs alone, without those below."""
    levels: frozenset[int] = frozenset()
    """Levels of the post's unit; 0 is the province."""
    unit_kinds: frozenset[UnitKind] = frozenset()
    standings: frozenset[Standing] = frozenset()
    positions: frozenset[str] = frozenset()
    """Position codes."""
    roles: frozenset[str] = frozenset()
    people: frozenset[PersonKey] = frozenset()
    any_of: tuple["Audience", ...] = field(default=())
    """The post belongs to at least one of these too, where there are any: a union."""
    excluding: tuple["Audience", ...] = field(default=())
    """Whoever belongs to one of these does not belong."""
