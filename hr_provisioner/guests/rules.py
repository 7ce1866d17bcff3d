"""Pure: whom a leader may sponsor, until when, and what the officer reads where it cannot be."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from hr_provisioner.current import Guest, KnownPerson
from hr_provisioner.dates import ImpossibleDate, day_first, parse_date
from hr_provisioner.language import OfficerError
from hr_provisioner.planning.guest_plan import is_open, may_sponsor
from hr_provisioner.sources.cells import Fault, read_name, read_text
from huep.catalogue import Message
from huep.names import normalise

LONGEST_ENTRY = 200
"""Characters of a name, an organisation or a reason."""


class SponsorUnknown(OfficerError):
    """Nobody of the register has this code."""

    def __init__(self, code: str) -> None:
        super().__init__(Message.of("guests-sponsor-unknown", code=code))


class NotASponsor(OfficerError):
    """The officer leads no unit, has left, or is locked."""

    def __init__(self, sponsor: KnownPerson, *, gone: bool) -> None:
        name, code = sponsor.facts.full_name, sponsor.officer_code
        super().__init__(
            Message.of("guests-sponsor-gone" if gone else "guests-sponsor-no-leader", name=name, code=code)
        )


class BadDay(OfficerError):
    """The last day is no day, lies behind, or too far ahead."""


class EntryNeeded(OfficerError):
    """Name, organisation, reason or the officer's own name is missing, or longer than `LONGEST_ENTRY`."""

    def __init__(self) -> None:
        super().__init__(Message.of("guests-needed", longest=LONGEST_ENTRY))


class StrangeCharacters(OfficerError):
    """Name or organisation hold what no name holds."""

    def __init__(self) -> None:
        super().__init__(Message("guests-name-characters"))


class GuestUnknown(OfficerError):
    """No guest has this code."""

    def __init__(self, code: str) -> None:
        super().__init__(Message.of("guests-unknown", code=code))


class NotAnExtension(OfficerError):
    """The sponsorship lasts until that day already."""

    def __init__(self, ends_on: date) -> None:
        super().__init__(Message.of("guests-not-shorter", day=day_first(ends_on)))


class AlreadyEnded(OfficerError):
    """Somebody ended the sponsorship before."""

    def __init__(self, code: str) -> None:
        super().__init__(Message.of("guests-already-ended", code=code))


class GuestState(StrEnum):
    """How a guest stands; the value ends the name of the message that says it."""

    OPEN = "open"
    DUE = "due"
    """The sponsorship runs, and the account is not made yet."""
    COMING = "coming"
    OVER = "over"
    ENDED = "ended"
    SPONSORLESS = "sponsorless"
    LOCKED = "locked"
    """Though the sponsorship runs: a security lock, or a run that was taken back."""


@dataclass(frozen=True)
class Invited:
    """A guest as an officer enters them, checked."""

    full_name: str
    organisation: str
    reason: str
    starts_on: date
    ends_on: date
    by: str


def invited(
    full_name: str,
    organisation: str,
    reason: str,
    starts_on: date,
    ends_on: date,
    by: str,
    *,
    today: date,
    longest: int,
) -> Invited:
    """What was entered, in one form; at most `longest` days lie between the first day, or today, and the last.

    Raises:
        EntryNeeded, StrangeCharacters, BadDay: it cannot be so.
    """
    name, place = read_name(full_name), read_text(organisation)
    if isinstance(name, Fault) or isinstance(place, Fault):
        raise StrangeCharacters
    entry = Invited(name, place, normalise(reason), starts_on, ends_on, normalise(by))
    for text in (entry.full_name, entry.organisation, entry.reason, entry.by):
        if not text or len(text) > LONGEST_ENTRY:
            raise EntryNeeded
    if ends_on < starts_on:
        raise BadDay(Message.of("guests-ends-before-start", ends=day_first(ends_on), starts=day_first(starts_on)))
    check_last_day(ends_on, today=today, longest=longest, starts_on=starts_on)
    return entry


def check_last_day(ends_on: date, *, today: date, longest: int, starts_on: date | None = None) -> None:
    """Raises BadDay where the day lies behind, or more than `longest` days after today or a later beginning."""
    if ends_on < today:
        raise BadDay(Message.of("guests-ends-past", day=day_first(ends_on)))
    latest = max(today, starts_on or today) + timedelta(days=longest)
    if ends_on > latest:
        message = Message.of("guests-ends-too-far", day=day_first(ends_on), longest=longest, latest=day_first(latest))
        raise BadDay(message)


def check_sponsor(sponsor: KnownPerson, today: date) -> None:
    """Raises NotASponsor where this is no leader in service with an open account."""
    if may_sponsor(sponsor, today):
        return
    account, leaves_on = sponsor.account, sponsor.facts.leaves_on
    gone = account is None or account.locked or (leaves_on is not None and leaves_on < today)
    raise NotASponsor(sponsor, gone=gone)


def check_extension(guest: Guest, ends_on: date, *, today: date, longest: int, handed_on: bool = False) -> None:
    """Raises NotAnExtension or BadDay; a sponsorship that was ended or is over may be taken up again.

    `handed_on`: another leader sponsors the guest from now on, for whom the last day may stay as it is.
    """
    check_last_day(ends_on, today=today, longest=longest, starts_on=guest.starts_on)
    earliest = guest.ends_on if handed_on else guest.ends_on + timedelta(days=1)
    if guest.ended_on is None and ends_on < earliest:
        raise NotAnExtension(guest.ends_on)


def standing(person: KnownPerson, guest: Guest, today: date) -> GuestState:
    """How the guest stands today, by the directory."""
    if guest.ended_on is not None:
        return GuestState.ENDED
    if guest.last_day < today:
        return GuestState.OVER
    if not may_sponsor(guest.sponsor, today):
        return GuestState.SPONSORLESS
    if not is_open(guest, guest.sponsor, today):
        return GuestState.COMING
    if person.account is None:
        return GuestState.DUE
    return GuestState.LOCKED if person.account.locked else GuestState.OPEN


def read_day(text: str) -> date:
    """A day as officers write it, `31/12/2026`. Raises BadDay."""
    try:
        return parse_date(normalise(text))
    except ImpossibleDate as error:
        raise BadDay(Message.of("guests-day-impossible", text=text)) from error
