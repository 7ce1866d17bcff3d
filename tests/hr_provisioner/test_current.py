"""Where the homeserver differs from the directory."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from hr_provisioner.current import (
    HR,
    NO_DRIFT,
    Account,
    Current,
    Drift,
    KnownPerson,
    Missing,
    PersonFacts,
    find_drift,
)
from hr_provisioner.planning import identity
from hr_provisioner.records import AbsenceRecord, PostRecord
from huep.directory.model import AbsenceKind, PostKind, Standing
from huep.synapse_model import HomeserverUser, Roll

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
        (known("@chief:hue.localhost"), [USER], Drift(reopened=IT)),
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
    assert find_drift([person], Roll(tuple(users))) == drift
    assert find_drift([person], Roll(tuple(users), frozenset({"oa"}))) == drift


def test_accounts_of_shards_that_agree_are_as_the_directory_has_them() -> None:
    assert find_drift([known(HR)], Roll((), frozenset({"an", "hoa"}))) == NO_DRIFT


POST = PostRecord("STC", "CV", "Chuyên viên", Standing.STAFF, "01.003", PostKind.MAIN, date(2024, 1, 1), None)
AWAY = AbsenceRecord(AbsenceKind.STUDY, date(2026, 1, 1), None)
SECOND = replace(known(), key=identity.person_key("2"), officer_code="2", account=None)
HERE = Current((), (known(), SECOND))


@pytest.mark.parametrize(
    "other",
    [
        replace(HERE, people=(known(),)),
        replace(HERE, people=(replace(known(), posts=(POST,)), SECOND)),
        replace(HERE, people=(replace(known(), facts=replace(FACTS, absence=AWAY)), SECOND)),
        replace(HERE, people=(replace(known(), facts=replace(FACTS, leaves_on=date(2026, 1, 1))), SECOND)),
        replace(HERE, people=(replace(known(), officer_code="3"), SECOND)),
        replace(HERE, people=(known(HR), SECOND)),
        replace(HERE, drift=Drift(missing=IT)),
        replace(HERE, protected=IT),
        replace(HERE, missing={SECOND.key: Missing(datetime(2026, 3, 1, tzinfo=UTC), 1)}),
        replace(HERE, twins_decided={("1", "2"): True}),
        replace(HERE, twins_decided={("1", "2"): False}),
    ],
)
def test_the_hash_covers_everything_that_a_plan_starts_from(other: Current) -> None:
    assert other.sha256() != HERE.sha256()


def test_the_hash_is_the_same_in_any_order() -> None:
    assert replace(HERE, people=(SECOND, known())).sha256() == HERE.sha256()
