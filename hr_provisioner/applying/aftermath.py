"""Pure: what brings Synapse back to the directory after a run that was cut off between the two.

A run asks Synapse first and then writes down what was done. What it asked for last may stand on Synapse and nowhere
else, and the next register, corrected perhaps, need not ask for it again: its plan starts from the directory.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import count

from hr_provisioner.applying.journal import Unsettled
from hr_provisioner.current import Current
from hr_provisioner.directory.publishing import LEFT, status_of
from hr_provisioner.planning.actions import Action, CreateAccount, LockAccount, RenameAccount, UnlockAccount
from huep.synapse_admin import AccountRequest, AccountVerb, PublishedPerson


@dataclass(frozen=True)
class Aftermath:
    """Whom to publish anew and what to ask of Synapse before a plan runs; where all is well, it changes nothing."""

    people: tuple[PublishedPerson, ...]
    requests: tuple[AccountRequest, ...]


def aftermath(unsettled: Collection[Unsettled], current: Current, planned: Iterable[Action]) -> Aftermath:
    """The lock or name that the directory has, for every account in `unsettled`; a lock that no run asked for stays.

    Nothing is opened that `planned` is about to lock: whom a run was cut off locking stays locked.
    An account that was made and not written down gets the name under which `planned` makes it; one that nobody asks
    for any more is published as left, and has no password.
    """
    planned = tuple(planned)
    to_lock = {action.localpart for action in planned if isinstance(action, LockAccount)}
    numbers = map(str, count())
    people: list[PublishedPerson] = []
    requests: list[AccountRequest] = []
    asked = {(deed.do, deed.localpart) for deed in unsettled}
    unknown = {deed.localpart for deed in unsettled if deed.do == CreateAccount.name}
    for person in current.people:
        account = person.account
        if account is None:
            continue
        localpart = account.localpart
        unknown.discard(localpart)
        lock_asked = (LockAccount.name, localpart) in asked or (UnlockAccount.name, localpart) in asked
        if lock_asked and (account.locked or localpart not in to_lock):
            verb = AccountVerb.LOCK if account.locked else AccountVerb.UNLOCK
            people.append(PublishedPerson(localpart, status_of(account)))
            requests.append(AccountRequest(next(numbers), verb, localpart))
        if (RenameAccount.name, localpart) in asked:
            requests.append(AccountRequest(next(numbers), AccountVerb.RENAME, localpart, account.display_name))
    for action in planned:
        if isinstance(action, CreateAccount) and action.localpart in unknown:
            unknown.discard(action.localpart)
            requests.append(AccountRequest(next(numbers), AccountVerb.RENAME, action.localpart, action.display_name))
    people += [PublishedPerson(localpart, LEFT) for localpart in sorted(unknown)]
    return Aftermath(tuple(people), tuple(requests))
