"""Pure: whom a register mentions, whom it does not, and of whom that cannot be told."""

from dataclasses import dataclass

from hr_provisioner.current import Current
from hr_provisioner.planning.twins import unite
from hr_provisioner.records import Register
from huep.directory.model import PersonKey
from huep.names import fold, normalise


@dataclass(frozen=True)
class Presence:
    """Whom of the directory one register leaves out; everybody else it mentions, if only on a quarantined row."""

    missed: frozenset[PersonKey]
    doubtful: frozenset[PersonKey] = frozenset()
    """Perhaps behind a row whose officer code cannot be read: neither seen nor missed."""


def presence_of(register: Register, current: Current) -> Presence:
    """Whom of `current` the register does not mention, nor may mean; of two codes of one person either will do.

    Guests are none of the register's, and never missing from it.
    """
    register = unite(register, current)
    codes = {person.officer_code for person in register.people}
    codes |= {normalise(bad.officer_code) for bad in register.quarantined if bad.officer_code}
    left_out = [
        person for person in current.people if person.officer_code not in codes and person.key not in current.guests
    ]
    names = frozenset(register.nameless)
    # A row with neither code nor name may be anybody's.
    anybody = "" in names
    doubtful = frozenset(
        person.key for person in left_out if anybody or (names and fold(person.facts.full_name) in names)
    )
    return Presence(frozenset(person.key for person in left_out) - doubtful, doubtful)
