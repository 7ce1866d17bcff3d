"""What a cut-off run may have left on Synapse is brought back to what the directory says."""

from datetime import date
from uuid import uuid4

from hr_provisioner.applying.aftermath import aftermath
from hr_provisioner.applying.journal import Unsettled
from hr_provisioner.current import HR, Account, Current, KnownPerson, PersonFacts
from hr_provisioner.planning import identity
from hr_provisioner.planning.actions import CreateAccount, LockAccount, Subject
from huep.synapse_admin import AccountVerb, PublishedPerson

RUN = uuid4()
FACTS = PersonFacts("Lê Hoa", date(1990, 1, 1), None, None, None, None)


def known(code: str, localpart: str, *, lock_owner: str | None = None) -> KnownPerson:
    account = Account(localpart, f"Name of {localpart}", lock_owner is not None, lock_owner)
    return KnownPerson(identity.person_key(code), code, FACTS, (), account)


CURRENT = Current(
    (),
    (
        known("1", "open"),
        known("2", "gone", lock_owner=HR),
        known("3", "shut", lock_owner="@chief:x"),
        known("4", "other"),
    ),
)


def asked(do: str, *localparts: str) -> set[Unsettled]:
    return {Unsettled(RUN, do, identity.person_key(localpart), localpart) for localpart in localparts}


def test_a_lock_is_as_the_directory_has_it_whatever_was_asked() -> None:
    for do in ("lock_account", "unlock_account"):
        repair = aftermath(asked(do, "open", "gone", "shut"), CURRENT, ())
        assert [(request.localpart, request.verb) for request in repair.requests] == [
            ("open", AccountVerb.UNLOCK),
            ("gone", AccountVerb.LOCK),
            ("shut", AccountVerb.LOCK),
        ]
        assert len({request.id for request in repair.requests}) == 3


def test_a_lock_that_no_run_asked_for_stays() -> None:
    repair = aftermath(asked("rename_account", "open"), CURRENT, ())
    assert [(request.verb, request.display_name) for request in repair.requests] == [
        (AccountVerb.RENAME, "Name of open")
    ]
    assert repair.people == ()


def test_whoever_is_locked_is_published_as_gone_whoever_locked_them() -> None:
    people = aftermath(asked("lock_account", "open", "gone", "shut"), CURRENT, ()).people
    assert people == (
        PublishedPerson("open", "active"),
        PublishedPerson("gone", "left"),
        PublishedPerson("shut", "left"),
    )


def test_an_account_that_was_made_and_not_written_down_gets_the_name_of_the_new_plan() -> None:
    who = Subject(identity.person_key("9"), "9", "Lê Hoa", None)
    planned = [CreateAccount(who, "new", "Lê Hoa · STC", FACTS, ())]
    repair = aftermath(asked("create_account", "new"), CURRENT, planned)
    assert [(request.verb, request.display_name) for request in repair.requests] == [
        (AccountVerb.RENAME, "Lê Hoa · STC")
    ]
    assert repair.people == ()


def test_an_account_that_nobody_asks_for_any_more_is_let_in_no_more() -> None:
    repair = aftermath(asked("create_account", "new", "open"), CURRENT, ())
    assert repair.people == (PublishedPerson("new", "left"),)
    assert repair.requests == ()


def test_whom_the_plan_locks_anyhow_is_not_opened_before() -> None:
    who = Subject(identity.person_key("1"), "1", "Lê Hoa", None)
    assert aftermath(asked("lock_account", "open"), CURRENT, [LockAccount(who, "open", None)]).requests == ()
