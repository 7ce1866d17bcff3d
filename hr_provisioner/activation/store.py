"""Activation codes in `hr.activation_codes`, one a person, and who may be given one.

Every function takes the connection whose transaction it belongs to. No code in clear ever comes here.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert

from hr_provisioner.tables import activation_codes
from huep.activation_code import StoredCode
from huep.directory.model import PersonKey, PostKind
from huep.directory.tables import accounts, people, posts, unit_periods
from huep.names import localpart_of

_C = activation_codes.c


@dataclass(frozen=True)
class Recipient:
    """A person with an account, and the code that they have now, if any."""

    key: PersonKey
    officer_code: str
    full_name: str
    localpart: str
    locked: bool
    unit_code: str
    """Of the main post, else of any that holds; empty without one."""
    unit_name: str
    code: StoredCode | None

    def needs_one(self, now: datetime) -> bool:
        """Whether there is neither a code that still works nor one that was used: who activated is left alone."""
        return self.code is None or (self.code.used_at is None and self.code.expires_at <= now)


@dataclass(frozen=True)
class OpenCode:
    """What Synapse needs of a code that still works."""

    code_hash: str
    expires_at: datetime


def recipients(connection: Connection, today: date) -> tuple[Recipient, ...]:
    """Everybody who has an account, by unit and name; the locked too, so that they can be refused by name."""
    holds = and_(posts.c.valid_from <= today, or_(posts.c.valid_to.is_(None), posts.c.valid_to > today))
    stands = and_(
        unit_periods.c.valid_from <= today, or_(unit_periods.c.valid_to.is_(None), unit_periods.c.valid_to > today)
    )
    home = (
        select(posts.c.person_key, posts.c.unit_code)
        .ext(distinct_on(posts.c.person_key))
        .where(holds)
        .order_by(posts.c.person_key, posts.c.kind != PostKind.MAIN.value, posts.c.valid_from, posts.c.post_id)
        .subquery()
    )
    query = (
        select(
            people.c.person_key,
            people.c.officer_code,
            people.c.full_name,
            accounts.c.user_id,
            accounts.c.locked,
            home.c.unit_code,
            unit_periods.c.name,
            _C.code_hash,
            _C.expires_at,
            _C.used_at,
        )
        .join(accounts, accounts.c.person_key == people.c.person_key)
        .outerjoin(home, home.c.person_key == people.c.person_key)
        .outerjoin(unit_periods, and_(unit_periods.c.unit_code == home.c.unit_code, stands))
        .outerjoin(activation_codes, _C.person_key == people.c.person_key)
        .order_by(home.c.unit_code, people.c.full_name, people.c.officer_code)
    )
    return tuple(
        Recipient(
            key,
            officer_code,
            full_name,
            localpart_of(user_id),
            locked,
            unit_code or "",
            unit_name or unit_code or "",
            None if code_hash is None else StoredCode(code_hash, expires_at, used_at),
        )
        for key, officer_code, full_name, user_id, locked, unit_code, unit_name, code_hash, expires_at, used_at in (
            connection.execute(query)
        )
    )


def issue(
    connection: Connection, hashes: Mapping[PersonKey, str], issued_by: str, now: datetime, expires_at: datetime
) -> None:
    """Keep the hash of a new code for each person; whatever code they had is void from now on."""
    rows = [
        {
            "person_key": key,
            "code_hash": code_hash,
            "issued_at": now,
            "expires_at": expires_at,
            "issued_by": issued_by,
            "used_at": None,
        }
        for key, code_hash in hashes.items()
    ]
    if not rows:
        return
    statement = insert(activation_codes)
    replaced: dict[str, Any] = {name: statement.excluded[name] for name in rows[0] if name != "person_key"}
    connection.execute(statement.on_conflict_do_update(index_elements=["person_key"], set_=replaced), rows)


def stored_code(connection: Connection, key: PersonKey) -> StoredCode | None:
    """The code of a person, used or not; None where they have none."""
    query = select(_C.code_hash, _C.expires_at, _C.used_at).where(_C.person_key == key)
    row = connection.execute(query).first()
    return None if row is None else StoredCode(*row)


def redeem(connection: Connection, key: PersonKey, code_hash: str, now: datetime) -> bool:
    """Mark the code behind `code_hash` as used; False when it was used, replaced, revoked or expired meanwhile."""
    statement = (
        update(activation_codes)
        .where(_C.person_key == key, _C.code_hash == code_hash, _C.used_at.is_(None), _C.expires_at > now)
        .values(used_at=now)
    )
    return connection.execute(statement).rowcount == 1


def revoke(connection: Connection, keys: Collection[PersonKey]) -> int:
    """Make the codes of these people void; returns how many had one that was not used yet."""
    statement = delete(activation_codes).where(_C.person_key.in_(keys), _C.used_at.is_(None))
    return connection.execute(statement).rowcount


def hashes_to_publish(connection: Connection, now: datetime) -> Mapping[PersonKey, OpenCode]:
    """The codes that work now, of accounts that are not locked: what Synapse may know."""
    query = (
        select(_C.person_key, _C.code_hash, _C.expires_at)
        .join(accounts, accounts.c.person_key == _C.person_key)
        .where(_C.used_at.is_(None), _C.expires_at > now, ~accounts.c.locked)
    )
    return {key: OpenCode(code_hash, expires_at) for key, code_hash, expires_at in connection.execute(query)}
