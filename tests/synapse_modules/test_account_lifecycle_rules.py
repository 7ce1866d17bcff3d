"""What an action means for the state that is found, as tables."""

import pytest

from synapse_modules.account_lifecycle.requests import (
    AccountAction,
    AccountVerb,
    MembershipAction,
    MembershipVerb,
)
from synapse_modules.account_lifecycle.rules import (
    SENTENCES,
    Account,
    Membership,
    Refusal,
    Step,
    decide_account,
    decide_membership,
)

PROTECTED = frozenset({"huep"})
NAME = "Nguyễn Văn An"


def account(
    name: str | None = NAME, *, admin: bool = False, locked: bool = False, deactivated: bool = False
) -> Account:
    return Account(name, admin, locked, deactivated)


@pytest.mark.parametrize(
    ("verb", "found", "expected"),
    [
        (AccountVerb.CREATE, None, Step.CREATE),
        (AccountVerb.CREATE, account(), Step.NOTHING),
        (AccountVerb.CREATE, account(locked=True), Step.NOTHING),
        (AccountVerb.CREATE, account("Trần Văn An"), Step.RENAME),
        (AccountVerb.CREATE, account("Trần Văn An", locked=True), Step.RENAME),
        (AccountVerb.CREATE, account(deactivated=True), Refusal.DEACTIVATED),
        (AccountVerb.LOCK, None, Refusal.UNKNOWN_ACCOUNT),
        (AccountVerb.LOCK, account(), Step.LOCK),
        (AccountVerb.LOCK, account(locked=True), Step.NOTHING),
        (AccountVerb.UNLOCK, account(locked=True), Step.UNLOCK),
        (AccountVerb.UNLOCK, account(), Step.NOTHING),
        (AccountVerb.UNLOCK, None, Refusal.UNKNOWN_ACCOUNT),
        (AccountVerb.RENAME, account(), Step.NOTHING),
        (AccountVerb.RENAME, account("Nguyễn An"), Step.RENAME),
        (AccountVerb.RENAME, account(None), Step.RENAME),
        (AccountVerb.RENAME, None, Refusal.UNKNOWN_ACCOUNT),
    ],
)
def test_what_an_account_action_means(verb: AccountVerb, found: Account | None, expected: Step | Refusal) -> None:
    assert decide_account(AccountAction("1", verb, "an-k1", NAME), found, PROTECTED) is expected


@pytest.mark.parametrize("verb", AccountVerb)
def test_service_accounts_and_administrators_are_out_of_reach(verb: AccountVerb) -> None:
    assert decide_account(AccountAction("1", verb, "huep", NAME), account(), PROTECTED) is Refusal.PROTECTED
    assert decide_account(AccountAction("1", verb, "huep", NAME), None, PROTECTED) is Refusal.PROTECTED
    assert decide_account(AccountAction("1", verb, "an-k1", NAME), account(admin=True), PROTECTED) is Refusal.PROTECTED


@pytest.mark.parametrize(
    ("verb", "found", "person", "owner", "expected"),
    [
        (MembershipVerb.JOIN, account(), None, "join", Step.JOIN),
        (MembershipVerb.JOIN, account(), "leave", "join", Step.JOIN),
        (MembershipVerb.JOIN, account(), "invite", "join", Step.JOIN),
        (MembershipVerb.JOIN, account(), "join", "join", Step.NOTHING),
        (MembershipVerb.JOIN, account(), "ban", "join", Refusal.BANNED),
        (MembershipVerb.JOIN, account(locked=True), None, "join", Refusal.LOCKED),
        (MembershipVerb.JOIN, account(deactivated=True), None, "join", Refusal.DEACTIVATED),
        (MembershipVerb.JOIN, None, None, "join", Refusal.UNKNOWN_ACCOUNT),
        (MembershipVerb.JOIN, account(), None, None, Refusal.UNKNOWN_ROOM),
        (MembershipVerb.JOIN, account(), None, "invite", Refusal.UNKNOWN_ROOM),
        (MembershipVerb.JOIN, account(admin=True), None, "join", Refusal.PROTECTED),
        (MembershipVerb.LEAVE, account(), "join", "join", Step.LEAVE),
        (MembershipVerb.LEAVE, account(locked=True), "join", "join", Step.LEAVE),
        (MembershipVerb.LEAVE, account(), "invite", "join", Step.LEAVE),
        (MembershipVerb.LEAVE, account(), "leave", "join", Step.NOTHING),
        (MembershipVerb.LEAVE, account(), "ban", "join", Step.NOTHING),
        (MembershipVerb.LEAVE, account(), None, "join", Step.NOTHING),
        (MembershipVerb.LEAVE, account(), "join", None, Refusal.UNKNOWN_ROOM),
    ],
)
def test_what_a_membership_action_means(
    verb: MembershipVerb, found: Account | None, person: str | None, owner: str | None, expected: Step | Refusal
) -> None:
    action = MembershipAction("1", verb, "an-k1", "!r:hue.localhost")
    assert decide_membership(action, found, Membership(person, owner), PROTECTED) is expected


def test_the_owner_of_the_rooms_cannot_be_made_to_leave_them() -> None:
    action = MembershipAction("1", MembershipVerb.LEAVE, "huep", "!r:hue.localhost")
    assert decide_membership(action, account(), Membership("join", "join"), PROTECTED) is Refusal.PROTECTED


def test_every_refusal_says_in_words_what_is_the_matter() -> None:
    assert set(SENTENCES) == set(Refusal)
