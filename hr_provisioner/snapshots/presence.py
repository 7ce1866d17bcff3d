"""Pure: whom a register mentions, whom it does not, and of whom that cannot be told."""

from dataclasses import dataclass

from hr_provisioner.current import Current
from hr_provisioner.planning.twins import unite
from hr_provisioner.records import Register
from huep.directory.model import PersonKey
from huep.names import fold, normalise


@dataclass(frozen=True)
class Presence:
    """People of the directory, as one register mentions them; who is in neither set is missing from it."""

    mentioned: frozenset[PersonKey]
    """On a row that can be trusted, or on a quarantined one."""
    doubtful: frozenset[PersonKey]
    """Perhaps behind a row whose officer code cannot be read: neither seen nor missed."""


def presence_of(register: Register, current: Current) -> Presence:
    """Everybody of `current` whom the register mentions or may mean; of two codes of one person either will do."""
    register = unite(register, current)
    codes = {person.officer_code for person in register.people}
    codes |= {normalise(bad.officer_code) for bad in register.quarantined if bad.officer_code}
    mentioned = frozenset(person.key for person in current.people if person.officer_code in codes)
    names = frozenset(register.nameless)
    if not names:
        return Presence(mentioned, frozenset())
    # A row with neither code nor name may be anybody's.
    anybody = "" in names
    doubtful = frozenset(
        person.key
        for person in current.people
        if person.officer_code not in codes and (anybody or fold(person.facts.full_name) in names)
    )
    return Presence(mentioned, doubtful)
