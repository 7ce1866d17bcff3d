"""What an action means for the state that is found: each decision is a step to take, or a refusal with its reason."""

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum

from synapse_modules.account_lifecycle.requests import (
    AccountAction,
    AccountVerb,
    MembershipAction,
    MembershipVerb,
)


class Refusal(StrEnum):
    """Why an action was not carried out; the machine's word in `code` of a result."""

    PROTECTED = "protected"
    UNKNOWN_ACCOUNT = "unknown_account"
    DEACTIVATED = "deactivated"
    NOT_IN_REGISTER = "not_in_register"
    LOCKED = "locked"
    UNKNOWN_ROOM = "unknown_room"
    BANNED = "banned"
    FAILED = "failed"


SENTENCES = {
    Refusal.PROTECTED: "service accounts and server administrators are out of reach",
    Refusal.UNKNOWN_ACCOUNT: "there is no such account: create it first",
    Refusal.DEACTIVATED: "the account was deactivated: an administrator must reactivate it first",
    Refusal.NOT_IN_REGISTER: "the register does not know this person as active: publish the person first",
    Refusal.LOCKED: "the account is locked: unlock it before it joins rooms",
    Refusal.UNKNOWN_ROOM: "the service account is not in this room, so it is no unit room",
    Refusal.BANNED: "the person is banned from this room: lift the ban first",
    Refusal.FAILED: "it failed inside Synapse: see synapse.log",
}


class Step(StrEnum):
    """What is to be done."""

    NOTHING = "nothing"
    CREATE = "create"
    LOCK = "lock"
    UNLOCK = "unlock"
    RENAME = "rename"
    JOIN = "join"
    LEAVE = "leave"


@dataclass(frozen=True)
class Account:
    """An account as it is found on the homeserver."""

    display_name: str | None
    admin: bool
    locked: bool
    deactivated: bool
    avatar_url: str | None = None


@dataclass(frozen=True)
class Membership:
    """Where a person and the service account stand in one room."""

    of_person: str | None
    of_room_owner: str | None


def decide_account(action: AccountAction, account: Account | None, protected: Set[str]) -> Step | Refusal:
    """The step that brings `account` to what `action` asks for; NOTHING when it is there already.

    Creating an account that exists gives it the name asked for, and never touches its lock: a localpart is derived from
    one person's key, so the account is what an earlier creation left that was never written down.
    """
    if action.localpart in protected or (account is not None and account.admin):
        return Refusal.PROTECTED
    if account is None:
        return Step.CREATE if action.verb is AccountVerb.CREATE else Refusal.UNKNOWN_ACCOUNT
    if account.deactivated:
        return Refusal.DEACTIVATED
    match action.verb:
        case AccountVerb.CREATE | AccountVerb.RENAME:
            return Step.NOTHING if account.display_name == action.display_name else Step.RENAME
        case AccountVerb.LOCK:
            return Step.NOTHING if account.locked else Step.LOCK
        case AccountVerb.UNLOCK:
            return Step.UNLOCK if account.locked else Step.NOTHING


def decide_membership(
    action: MembershipAction, account: Account | None, membership: Membership, protected: Set[str]
) -> Step | Refusal:
    """The step that brings a membership to what `action` asks for; NOTHING when it is there already.

    A locked person may leave rooms, and joins none.
    """
    if action.localpart in protected or (account is not None and account.admin):
        return Refusal.PROTECTED
    if account is None:
        return Refusal.UNKNOWN_ACCOUNT
    if membership.of_room_owner != "join":
        return Refusal.UNKNOWN_ROOM
    present = membership.of_person
    if action.verb is MembershipVerb.LEAVE:
        return Step.LEAVE if present in ("join", "invite", "knock") else Step.NOTHING
    if present == "join":
        return Step.NOTHING
    if account.deactivated:
        return Refusal.DEACTIVATED
    if account.locked:
        return Refusal.LOCKED
    return Refusal.BANNED if present == "ban" else Step.JOIN
