"""Where the homeserver differs from the directory."""

from dataclasses import replace
from datetime import date

import pytest

from hr_provisioner import identity
from hr_provisioner.current import HR, NO_DRIFT, Account, Drift, KnownPerson, PersonFacts, find_drift
from huep.synapse_model import HomeserverUser

FACTS = PersonFacts("Lê Hoa", date(1990, 1, 1), None, None, None, None)
IT = frozenset({"hoa"})
USER = HomeserverUser("@hoa:hue.localhost", "Lê Hoa", admin=False, locked=False, deactivated=False)
LOCKED_USER = replace(USER, locked=True)


def known(lock_owner: str | None = None) -> KnownPerson:
    account = Account("hoa", "Lê Hoa", lock_owner is not None, lock_owner)
    return KnownPerson(identity.person_key("1"), "1", FACTS, (), account)


@pytest.mark.parametrize(
    ("person", "users", "drift"),
    [
        (known(), [USER], NO_DRIFT),
        (known(HR), [LOCKED_USER], NO_DRIFT),
        (known(HR), [USER], Drift(reopened=IT)),
        (known("@chief:hue.localhost"), [USER], NO_DRIFT),
        (known(), [LOCKED_USER], NO_DRIFT),
        (known(), [], Drift(missing=IT)),
        (known(HR), [], NO_DRIFT),
        (known(), [replace(USER, display_name="Hoa")], Drift(misnamed=IT)),
        (known(), [replace(USER, display_name=None, deactivated=True)], NO_DRIFT),
        (known(HR), [replace(USER, admin=True)], NO_DRIFT),
        (replace(known(), account=None), [], NO_DRIFT),
    ],
)
def test_what_the_homeserver_lost_is_drift(person: KnownPerson, users: list[HomeserverUser], drift: Drift) -> None:
    assert find_drift([person], users) == drift
