"""Sponsorships in the directory's database, each change with its audit entry in the same transaction."""

import secrets
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection, exists, insert, select, update

from hr_provisioner.current import Guest, KnownPerson
from hr_provisioner.directory.reader import read_guests, read_some
from hr_provisioner.guests import rules
from hr_provisioner.guests.rules import GuestUnknown, Invited, SponsorUnknown
from hr_provisioner.planning.identity import CODE_ALPHABET, person_key
from hr_provisioner.workplace import Workplace
from huep import audit
from huep.audit import Act
from huep.directory.tables import guests, people
from huep.names import fold, normalise

CODE_PREFIX = "K-"
CODE_LENGTH = 6


@dataclass(frozen=True)
class Sponsored:
    """A guest of the directory."""

    person: KnownPerson
    guest: Guest

    @property
    def code(self) -> str:
        return self.person.officer_code


class Guests:
    """Takes guests in, extends and ends their sponsorships; accounts are for `settling` to open and to shut.

    Args:
        place: databases, settings and clock.
    """

    def __init__(self, place: Workplace) -> None:
        self._place = place

    def everybody(self) -> tuple[Sponsored, ...]:
        """All guests there ever were, by their last day, the latest first."""
        with self._place.hr.connect() as connection:
            found = _read(connection, self._place.today)
        return tuple(sorted(found.values(), key=lambda one: (one.guest.last_day, one.code), reverse=True))

    def named(self, code: str) -> Sponsored:
        """The guest of this code. Raises GuestUnknown."""
        with self._place.hr.connect() as connection:
            return _find(connection, code, self._place.today)

    def add(self, entry: Invited, sponsor_code: str) -> str:
        """Write a new guest down; the code that they bear from now on.

        Raises:
            SponsorUnknown, NotASponsor: nobody who may sponsor them.
        """
        today = self._place.today
        with self._place.hr.begin() as connection:
            sponsor = _sponsor(connection, sponsor_code, today)
            code = _new_code(connection)
            key = person_key(code)
            connection.execute(
                insert(people).values(
                    person_key=key,
                    officer_code=code,
                    full_name=entry.full_name,
                    folded_name=fold(entry.full_name),
                    leaves_on=entry.ends_on,
                )
            )
            connection.execute(
                insert(guests).values(
                    person_key=key,
                    sponsor_key=sponsor.key,
                    organisation=entry.organisation,
                    reason=entry.reason,
                    starts_on=entry.starts_on,
                    ends_on=entry.ends_on,
                    added_at=self._place.now(),
                    added_by=entry.by,
                )
            )
            self._record(entry.by, "guest.add", code, sponsor, starts_on=entry.starts_on, ends_on=entry.ends_on)
        return code

    def extend(self, code: str, ends_on: date, *, by: str, sponsor_code: str | None = None) -> Sponsored:
        """Let a guest stay until a later day, perhaps under another sponsor; one whose time is over comes back.

        Raises:
            EntryNeeded, GuestUnknown, SponsorUnknown, NotASponsor, NotAnExtension, BadDay: it cannot be so.
        """
        place, by = self._place, _named(by)
        with place.hr.begin() as connection:
            known = _find(connection, code, place.today)
            sponsor = known.guest.sponsor if sponsor_code is None else _sponsor(connection, sponsor_code, place.today)
            rules.check_sponsor(sponsor, place.today)
            longest = place.settings.hr.guests.longest_days
            handed_on = sponsor.key != known.guest.sponsor.key
            rules.check_extension(known.guest, ends_on, today=place.today, longest=longest, handed_on=handed_on)
            _change(connection, known, ends_on, sponsor_key=sponsor.key, ends_on=ends_on, ended_at=None, ended_by=None)
            self._record(by, "guest.extend", known.code, sponsor, before=known.guest.last_day, ends_on=ends_on)
            return _find(connection, known.code, place.today)

    def end(self, code: str, *, by: str) -> Sponsored:
        """End a sponsorship now.

        Raises:
            EntryNeeded, GuestUnknown, AlreadyEnded: it cannot be so.
        """
        place, by = self._place, _named(by)
        with place.hr.begin() as connection:
            known = _find(connection, code, place.today)
            if known.guest.ended_on is not None:
                raise rules.AlreadyEnded(known.code)
            ended = replace(known.guest, ended_on=place.today)
            _change(connection, known, ended.last_day, ended_at=place.now(), ended_by=by)
            self._record(by, "guest.end", known.code, known.guest.sponsor, before=known.guest.last_day)
            return _find(connection, known.code, place.today)

    def _record(self, by: str, act: str, code: str, sponsor: KnownPerson, **days: date) -> None:
        details = {"sponsor": sponsor.officer_code, **{name: day.isoformat() for name, day in days.items()}}
        audit.record(self._place.audit, [Act(by, act, code, details)])


def _named(by: str) -> str:
    by = normalise(by)
    if not by or len(by) > rules.LONGEST_ENTRY:
        raise rules.EntryNeeded
    return by


def _read(connection: Connection, today: date) -> dict[str, Sponsored]:
    current = read_guests(connection, today)
    return {one.officer_code: Sponsored(one, current.guests[one.key]) for one in current.people}


def _find(connection: Connection, code: str, today: date) -> Sponsored:
    found = _read(connection, today).get(normalise(code).upper())
    if found is None:
        raise GuestUnknown(code)
    return found


def _sponsor(connection: Connection, code: str, today: date) -> KnownPerson:
    written = normalise(code)
    current = read_some(connection, today, {written, written.upper()})
    found = current.by_code.get(written) or current.by_code.get(written.upper())
    if found is None or found.key in current.guests:
        raise SponsorUnknown(code)
    rules.check_sponsor(found, today)
    return found


def _change(connection: Connection, known: Sponsored, last_day: date, **values: object) -> None:
    """The person's own last day follows: by it a security lock that is lifted opens no door of somebody gone."""
    key = known.person.key
    connection.execute(update(guests).where(guests.c.person_key == key).values(**values))
    connection.execute(update(people).where(people.c.person_key == key).values(leaves_on=last_day))


def _new_code(connection: Connection) -> str:
    while True:
        code = CODE_PREFIX + "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)).upper()
        if not connection.execute(select(exists().where(people.c.officer_code == code))).scalar_one():
            return code
