"""Pure: the accounts of guests, by their sponsorships and by what the same plan does to their sponsors.

A guest's account is open while the sponsorship runs and the sponsor, with an open account, leads a unit. No register
lists guests, so none is asked.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date

from hr_provisioner.current import HR, Account, Current, Guest, KnownPerson
from hr_provisioner.planning import identity
from hr_provisioner.planning.actions import (
    GUESTS,
    CreateAccount,
    LockAccount,
    LockReason,
    PersonAction,
    RenameAccount,
    Subject,
    UnlockAccount,
    UpdatePerson,
)
from hr_provisioner.planning.outcome import after
from hr_provisioner.planning.people_plan import LOCK_REASONS, reason_of
from hr_provisioner.posts import holds
from huep.directory.model import PersonKey, Standing


def may_sponsor(person: KnownPerson, today: date) -> bool:
    """Whether this is a leader in service: head or deputy of a unit today, with an open account."""
    gone = person.facts.leaves_on is not None and person.facts.leaves_on < today
    if gone or person.account is None or person.account.locked:
        return False
    return any(post.standing is not Standing.STAFF and holds(post, today) for post in person.posts)


def is_open(guest: Guest, sponsor: KnownPerson, today: date) -> bool:
    """Whether the guest may have an open account today, `sponsor` being the guest's as they stand by then."""
    return guest.starts_on <= today <= guest.last_day and may_sponsor(sponsor, today)


def plan_guests(
    people: Iterable[KnownPerson],
    current: Current,
    earlier: Collection[PersonAction],
    used: set[str],
    today: date,
) -> Iterator[PersonAction]:
    """What the accounts of these guests lack, or have too much.

    Args:
        people: guests, as the directory knows them.
        current: the directory.
        earlier: what the plan does to the people of the register, sponsors among them.
        used: localparts that are taken; those given here are added.
        today: the day of the plan.
    """
    sponsors = _sponsors_after(current, earlier, today)
    for person in people:
        guest = current.guests[person.key]
        if person.account is not None and person.account.localpart in current.protected:
            continue
        opens = is_open(guest, sponsors[guest.sponsor.key], today)
        yield from _plan_guest(person, guest, current, used, today, opens=opens)


def out_by_now(current: Current, done: Collection[PersonAction], today: date) -> frozenset[PersonKey]:
    """Guests who have no right to an open account once `done` is done, whatever else of a plan waits."""
    sponsors = _sponsors_after(current, done, today)
    guests = current.guests.items()
    return frozenset(key for key, guest in guests if not is_open(guest, sponsors[guest.sponsor.key], today))


def _sponsors_after(current: Current, earlier: Collection[PersonAction], today: date) -> dict[PersonKey, KnownPerson]:
    sponsors = {guest.sponsor.key: guest.sponsor for guest in current.guests.values()}
    theirs = [action for action in earlier if action.who.key in sponsors]
    return dict(after(Current((), tuple(sponsors.values())), theirs, today).by_key)


def _plan_guest(
    person: KnownPerson, guest: Guest, current: Current, used: set[str], today: date, *, opens: bool
) -> Iterator[PersonAction]:
    facts = replace(person.facts, leaves_on=guest.last_day)
    who = Subject(person.key, person.officer_code, facts.full_name, GUESTS)
    shown = identity.guest_display_name(facts.full_name, guest.organisation)
    account = person.account
    if account is None:
        if opens:
            localpart = identity.guest_localpart(facts.full_name, person.key, used)
            used.add(localpart)
            yield CreateAccount(who, localpart, shown, facts, ())
        return
    yield from _doors(who, account, guest, current, opens=opens)
    if opens and account.localpart in current.drift.missing:
        yield CreateAccount(who, account.localpart, account.display_name, person.facts, (), again=True)
    if facts != person.facts:
        yield UpdatePerson(who, person.facts, facts, today)
    if opens and (shown != account.display_name or account.localpart in current.drift.misnamed):
        yield RenameAccount(who, account.localpart, account.display_name, shown)


def _doors(who: Subject, account: Account, guest: Guest, current: Current, *, opens: bool) -> Iterator[PersonAction]:
    if not opens and not account.locked:
        yield LockAccount(who, account.localpart, guest.last_day, reason=LockReason.SPONSORSHIP)
    elif opens and account.locked and account.lock_owner == HR:
        yield UnlockAccount(who, account.localpart, LOCK_REASONS.get(account.lock_reason or ""))
    elif account.localpart in current.drift.reopened:
        yield LockAccount(who, account.localpart, guest.last_day, again=True, reason=reason_of(account))
