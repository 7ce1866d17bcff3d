"""After a run: what directory and homeserver show of whom it concerned, beside what was confirmed."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Self

from hr_provisioner.current import Account, Current, KnownPerson
from hr_provisioner.planning.actions import AccountAction, Action, ChangeUnit, CloseUnit, OpenUnit, WithdrawUnit
from hr_provisioner.planning.outcome import after
from huep.directory.model import PersonKey
from huep.errors import HuepError
from huep.settings import Settings
from huep.synapse_admin import AccountVerb, HomeserverUser, SynapseAdmin

LOOK_UPS_AT_ONCE = 8
LOOK_UPS_FOR_A_LIST = 1 / 30
"""One account in so many is looked up by itself for the time in which the whole list would be read."""


class NotAsPlanned(HuepError):
    """Reading back found something else than what the homeserver had confirmed."""

    @classmethod
    def any_more(cls, verb: AccountVerb, localpart: str) -> Self:
        """What was done to one account did not stay so."""
        return cls(
            f"Synapse had confirmed to {verb} the account {localpart}, and a moment later it was otherwise: "
            "somebody else changes accounts, see logs/synapse.log."
        )


def astray(stands: Current, done: Collection[Action], today: date, moved_on: Collection[PersonKey]) -> tuple[str, ...]:
    """Pure: officer codes and unit codes for which doing `done` once more would change the directory.

    A lock that the other lane set since is no loss; nor is one that it lifted, of people who have `moved_on`.
    """
    foreseen = after(stands, done, today)
    codes = []
    for action in done:
        match action:
            case OpenUnit(unit) | ChangeUnit(unit) | CloseUnit(unit) | WithdrawUnit(unit):
                if foreseen.unit_by_code.get(unit.code) != stands.unit_by_code.get(unit.code):
                    codes.append(unit.code)
            case _:
                key = action.who.key
                found, wanted = stands.by_key.get(key), foreseen.by_key[key]
                if found is None or not _arrived(found, wanted, lock_counts=key not in moved_on):
                    codes.append(action.who.officer_code)
    return tuple(dict.fromkeys(codes))


def _arrived(found: KnownPerson, wanted: KnownPerson, *, lock_counts: bool) -> bool:
    if found.account is None or wanted.account is None:
        return False
    if wanted.account.locked and not found.account.locked and lock_counts:
        return False
    locks_aside = replace(
        wanted.account,
        locked=found.account.locked,
        lock_owner=found.account.lock_owner,
        lock_reason=found.account.lock_reason,
    )
    return replace(wanted, account=locks_aside) == found


async def differing(
    settings: Settings, homeserver: SynapseAdmin, actions: Iterable[AccountAction], stands: Current
) -> dict[str, str]:
    """Accounts that `actions` concerned and that the homeserver shows otherwise than the directory: what is wrong.

    Args:
        settings: names the server.
        homeserver: client with the service token.
        actions: what was done.
        stands: the directory as it stands, with whom they concerned.
    """
    localparts = {action.localpart for action in actions}
    if not localparts:
        return {}
    wrong: dict[str, str] = {}
    found = {user.user_id: user for user in await homeserver.roll(localparts)}
    for person in stands.people:
        account = person.account
        if account is None or account.localpart not in localparts:
            continue
        user = found.get(settings.user_id(account.localpart))
        if user is None or (user.locked, user.display_name) != (account.locked, account.display_name):
            wrong[account.localpart] = _mismatch(account, user)
    return wrong


def _mismatch(account: Account, user: HomeserverUser | None) -> str:
    head = f"Synapse does not show the account {account.localpart} as the directory has it: "
    if user is not None and user.locked and not account.locked:
        return head + "it is locked there, and HR lifts no lock of others: ask the administrators who set it."
    found = "it is missing" if user is None else f"it is {'locked' if user.locked else 'open'}, {user.display_name!r}"
    return head + f"{found}. The next `huep hr apply` mends it; look at logs/synapse.log if this stays."
