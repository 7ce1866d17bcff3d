"""What Synapse's modules may know of people and units: kept equal to the directory, by digest."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from types import MappingProxyType

from sqlalchemy import Connection, Engine, select

from hr_provisioner.activation.store import OpenCode, hashes_to_publish, redeem
from hr_provisioner.current import Account, Current, Guest, KnownPerson
from hr_provisioner.planning import identity
from hr_provisioner.planning.guest_plan import is_open
from hr_provisioner.posts import held_post, holds
from hr_provisioner.records import UnitRecord
from huep.audit import Act, record
from huep.clock import PROVINCE_TIMEZONE
from huep.directory.model import PersonKey
from huep.directory.tables import unit_rooms
from huep.synapse_admin import PublishedDetails, PublishedPerson, PublishedUnit, SynapseAdmin
from huep.synapse_model import Redemption

ACTIVATION_PAGE = "activation page"
"""The actor of what people do there: Synapse has no way into the audit log, so the provisioner tells it."""
ACTIVE, LEFT = "active", "left"


async def publish(
    engine: Engine,
    audit_engine: Engine,
    homeserver: SynapseAdmin,
    current: Current,
    now: datetime,
    today: date,
    *,
    renew: bool = False,
) -> int:
    """Tell Synapse what it knows otherwise, or not at all; returns how many people that were.

    First it is noted which activation codes were used since, here and in the audit log.

    Args:
        engine: of `Role.HR`, for the activation codes.
        audit_engine: of `Role.AUDIT`.
        homeserver: client with the service token.
        current: the directory as it stands.
        now: which codes still work.
        today: whose posts hold.
        renew: say that all is fresh though nothing changed; what is not renewed for two days counts as stale.
    """
    published = await homeserver.published()
    codes = await asyncio.to_thread(_codes, engine, audit_engine, current, published.redeemed, now)
    people = published.lacks_people(people_of(current, codes, today))
    rooms = await asyncio.to_thread(read_room_ids, engine)
    units = published.lacks_units(units_of(current, today, rooms))
    if people or units or renew:
        await homeserver.publish_people(people, units=units)
    return len(people)


def status_of(account: Account) -> str:
    """Who is locked is `left`, whoever locked it: Synapse's modules then refuse every login."""
    return LEFT if account.locked else ACTIVE


def people_of(current: Current, codes: Mapping[PersonKey, OpenCode], today: date) -> Iterator[PublishedPerson]:
    """One row for every account."""
    paths = {code: _path(code, current.unit_by_code) for code in current.unit_by_code}
    for person in current.people:
        account = person.account
        if account is None:
            continue
        if (guest := current.guests.get(person.key)) is not None:
            yield _guest(person, account, guest, paths, codes.get(person.key), today)
        else:
            details = _details(person, paths, current.unit_by_code, codes.get(person.key), today)
            yield PublishedPerson(account.localpart, status_of(account), details)


def units_of(
    current: Current, today: date, rooms: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> Iterator[PublishedUnit]:
    """The units that exist today, with their `rooms` by code."""
    for unit in current.units:
        if holds(unit, today):
            yield PublishedUnit(
                unit.code, unit.name, unit.parent_code, unit.level, rooms=tuple(rooms.get(unit.code, ()))
            )


def read_room_ids(engine: Engine) -> dict[str, list[str]]:
    """IDs of the rooms that units have, by unit code, each in order."""
    found: dict[str, list[str]] = {}
    with engine.connect() as connection:
        query = select(unit_rooms.c.unit_code, unit_rooms.c.room_id).order_by(unit_rooms.c.room_id)
        for code, room_id in connection.execute(query):
            found.setdefault(code, []).append(room_id)
    return found


async def publish_rooms(engine: Engine, homeserver: SynapseAdmin, current: Current, today: date) -> None:
    """Tell Synapse which room is whose, as soon as there are new ones: until then nobody enters them by themselves."""
    rooms = await asyncio.to_thread(read_room_ids, engine)
    if units := tuple(units_of(current, today, rooms)):
        await homeserver.publish_people((), units=units)


def _details(
    person: KnownPerson,
    paths: Mapping[str, tuple[str, ...]],
    units: Mapping[str, UnitRecord],
    code: OpenCode | None,
    today: date,
) -> PublishedDetails:
    post = held_post(person.posts, today)
    unit = units.get(post.unit_code) if post else None
    return PublishedDetails(
        full_name=person.facts.full_name,
        unit=unit.code if unit else None,
        units=paths.get(unit.code, ()) if unit else (),
        level=unit.level if unit else None,
        standing=post.standing.value if post else None,
        position=post.position if post else None,
        code_hash=code.code_hash if code else None,
        code_expires_at=code.expires_at if code else None,
        officer_code=person.officer_code,
    )


def _guest(
    person: KnownPerson,
    account: Account,
    guest: Guest,
    paths: Mapping[str, tuple[str, ...]],
    code: OpenCode | None,
    today: date,
) -> PublishedPerson:
    """Who finds and invites a guest goes by the units of the sponsor; a guest has no unit, level or standing."""
    post = held_post(guest.sponsor.posts, today)
    sponsor = guest.sponsor.account
    details = PublishedDetails(
        full_name=person.facts.full_name,
        unit=None,
        units=paths.get(post.unit_code, ()) if post else (),
        level=None,
        standing=None,
        position=identity.guest_position(guest.organisation),
        code_hash=code.code_hash if code else None,
        code_expires_at=code.expires_at if code else None,
        officer_code=person.officer_code,
        sponsor=sponsor.localpart if sponsor else "",
        until=datetime.combine(guest.last_day + timedelta(days=1), time(), PROVINCE_TIMEZONE),
    )
    status = status_of(account) if is_open(guest, guest.sponsor, today) else LEFT
    return PublishedPerson(account.localpart, status, details)


def _path(code: str, units: Mapping[str, UnitRecord]) -> tuple[str, ...]:
    path: list[str] = []
    above: str | None = code
    while above is not None and above in units and above not in path:
        path.append(above)
        above = units[above].parent_code
    return tuple(reversed(path))


def _codes(
    engine: Engine, audit_engine: Engine, current: Current, redeemed: Sequence[Redemption], now: datetime
) -> Mapping[PersonKey, OpenCode]:
    used = {one.localpart: one for one in redeemed}
    with engine.begin() as connection:
        acts = [
            Act(ACTIVATION_PAGE, "code.redeem", person.officer_code, _when(used[person.account.localpart]))
            for person in (current.people if used else ())
            if person.account is not None
            and person.account.localpart in used
            and _redeem(connection, person.key, used[person.account.localpart])
        ]
        record(audit_engine, acts)
        return hashes_to_publish(connection, now)


def _redeem(connection: Connection, key: PersonKey, one: Redemption) -> bool:
    return redeem(connection, key, one.code_hash, one.at)


def _when(one: Redemption) -> dict[str, object]:
    return {"localpart": one.localpart, "at": one.at.isoformat()}
