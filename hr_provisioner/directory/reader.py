"""The directory's tables read as a `Current`: the whole of it, or whom some actions concern.

Every function takes the connection whose transaction it belongs to. Rows are fetched all at once: one by one, it is the
driver that takes most of the time for 60,000 people.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import Connection, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from hr_provisioner.current import Account, Current, Guest, KnownPerson, PersonFacts
from hr_provisioner.planning.actions import Action, ChangeUnit, CloseUnit, CreateAccount, OpenUnit, WithdrawUnit
from hr_provisioner.posts import post_order
from hr_provisioner.records import AbsenceRecord, PostRecord, UnitRecord
from huep import clock
from huep.database import among
from huep.directory.model import AbsenceKind, PersonKey, PostKind, Standing, UnitKind
from huep.directory.tables import absences, accounts, guests, people, posts, unit_periods
from huep.names import localpart_of


def read_current(connection: Connection, today: date) -> Current:
    """What the directory brings to a plan: units in their latest period, posts and absences that are not over."""
    known = _read_people(connection, today, None)
    return Current(_read_units(connection), known, guests=_read_guests(connection, today, known))


def read_concerned(connection: Connection, today: date, actions: Collection[Action], server_name: str) -> Current:
    """All units, and the people whom `actions` concern or whose account names they ask for."""
    keys: set[PersonKey] = set()
    user_ids: set[str] = set()
    for action in actions:
        match action:
            case OpenUnit() | ChangeUnit() | CloseUnit() | WithdrawUnit():
                continue
            case CreateAccount():
                user_ids.add(f"@{action.localpart}:{server_name}")
        keys.add(action.who.key)
    if user_ids:
        taken = select(accounts.c.person_key).where(among(accounts.c.user_id, user_ids))
        keys.update(connection.execute(taken).scalars())
    return Current(_read_units(connection), _read_people(connection, today, keys) if keys else ())


def read_some(connection: Connection, today: date, officer_codes: Collection[str]) -> Current:
    """All units, the people of these codes whom the directory knows, and whomever they sponsor."""
    keys = set(
        connection.execute(select(people.c.person_key).where(among(people.c.officer_code, officer_codes))).scalars()
    )
    keys |= set(connection.execute(select(guests.c.person_key).where(among(guests.c.sponsor_key, keys))).scalars())
    known = _read_people(connection, today, keys)
    return Current(_read_units(connection), known, guests=_read_guests(connection, today, known))


def read_guests(connection: Connection, today: date) -> Current:
    """All units, and nobody but the guests."""
    keys = set(connection.execute(select(guests.c.person_key)).scalars())
    known = _read_people(connection, today, keys) if keys else ()
    return Current(_read_units(connection), known, guests=_read_guests(connection, today, known))


def _read_units(connection: Connection) -> tuple[UnitRecord, ...]:
    p = unit_periods.c
    query = select(
        p.unit_code, p.name, p.short_name, p.kind, p.level, p.parent_code, p.valid_from, p.valid_to, p.successors
    ).order_by(p.valid_from)
    latest = {
        code: UnitRecord(
            code, name, short_name, UnitKind(kind), level, parent, valid_from, valid_to, tuple(successors.split())
        )
        for code, name, short_name, kind, level, parent, valid_from, valid_to, successors in connection.execute(
            query
        ).all()
    }
    return tuple(latest.values())


def _read_people(connection: Connection, today: date, keys: Collection[PersonKey] | None) -> tuple[KnownPerson, ...]:
    # By officer code, not by key: hashing a UUID is Python's own work, and there are hundreds of thousands.
    held = _read_posts(connection, today, keys)
    last_unit = _read_last_units(connection, today, keys)
    away = _read_absences(connection, today, keys)
    p, a = people.c, accounts.c
    query = (
        select(
            p.person_key,
            p.officer_code,
            p.full_name,
            p.birth_date,
            p.email,
            p.retires_on,
            p.leaves_on,
            a.user_id,
            a.display_name,
            a.locked,
            a.lock_owner,
            a.lock_reason,
        )
        .join_from(people, accounts, isouter=True)
        .where(among(p.person_key, keys))
        .order_by(p.officer_code)
    )
    return tuple(
        KnownPerson(
            key,
            code,
            PersonFacts(full_name, birth_date, email, retires_on, leaves_on, away.get(code)),
            tuple(sorted(held[code], key=post_order)) if code in held else (),
            None if user_id is None else Account(localpart_of(user_id), shown, locked, lock_owner, lock_reason),
            last_unit.get(code),
        )
        for (
            key,
            code,
            full_name,
            birth_date,
            email,
            retires_on,
            leaves_on,
            user_id,
            shown,
            locked,
            lock_owner,
            lock_reason,
        ) in connection.execute(query).all()
    )


def _read_guests(connection: Connection, today: date, known: Collection[KnownPerson]) -> dict[PersonKey, Guest]:
    """The guests among `known`; a sponsor need not be."""
    by_key = {person.key: person for person in known}
    rows = [row for row in connection.execute(select(guests)).all() if row.person_key in by_key]
    if elsewhere := {row.sponsor_key for row in rows} - by_key.keys():
        by_key |= {person.key: person for person in _read_people(connection, today, elsewhere)}
    return {
        row.person_key: Guest(
            row.organisation,
            by_key[row.sponsor_key],
            row.starts_on,
            row.ends_on,
            _day(row.ended_at),
        )
        for row in rows
    }


def _day(at: datetime | None) -> date | None:
    return None if at is None else clock.today(lambda: at)


def _read_posts(connection: Connection, today: date, keys: Collection[PersonKey] | None) -> dict[str, list[PostRecord]]:
    p = posts.c
    query = (
        select(
            people.c.officer_code,
            p.unit_code,
            p.position_code,
            p.position,
            p.standing,
            p.rank,
            p.kind,
            p.valid_from,
            p.valid_to,
        )
        .join_from(posts, people)
        .where(or_(p.valid_to.is_(None), p.valid_to > today), among(p.person_key, keys))
    )
    kinds, standings = {kind.value: kind for kind in PostKind}, {standing.value: standing for standing in Standing}
    held: defaultdict[str, list[PostRecord]] = defaultdict(list)
    for code, unit, position_code, position, standing, rank, kind, valid_from, valid_to in connection.execute(
        query
    ).all():
        held[code].append(
            PostRecord(unit, position_code, position, standings[standing], rank, kinds[kind], valid_from, valid_to)
        )
    return held


def _read_last_units(connection: Connection, today: date, keys: Collection[PersonKey] | None) -> dict[str, str]:
    p = posts.c
    query = (
        select(people.c.officer_code, p.unit_code)
        .ext(distinct_on(p.person_key))
        .join_from(posts, people)
        .where(p.valid_to <= today, among(p.person_key, keys))
        .order_by(p.person_key, p.valid_to.desc(), p.kind != PostKind.MAIN.value, p.unit_code)
    )
    return {code: unit for code, unit in connection.execute(query).all()}  # noqa: C416 - rows are no pairs to mypy


def _read_absences(connection: Connection, today: date, keys: Collection[PersonKey] | None) -> dict[str, AbsenceRecord]:
    a = absences.c
    query = (
        select(people.c.officer_code, a.kind, a.valid_from, a.valid_to)
        .join_from(absences, people)
        .where(or_(a.valid_to.is_(None), a.valid_to > today), among(a.person_key, keys))
        .order_by(a.valid_from)
    )
    return {
        code: AbsenceRecord(AbsenceKind(kind), valid_from, valid_to)
        for code, kind, valid_from, valid_to in connection.execute(query).all()
    }
