"""The directory's tables, read as a `Current` and written action by action; everything in bulk.

Every function takes the connection whose transaction it belongs to.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, Connection, Table, bindparam, delete, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from hr_provisioner.actions import (
    Action,
    ChangeUnit,
    CloseUnit,
    CreateAccount,
    LockAccount,
    MovePerson,
    OpenUnit,
    RenameAccount,
    UnlockAccount,
    UpdatePerson,
)
from hr_provisioner.current import HR, Account, Current, KnownPerson, PersonFacts
from hr_provisioner.plan import post_identity, post_order
from hr_provisioner.records import AbsenceRecord, PostRecord, UnitRecord
from huep.directory.model import AbsenceKind, PersonKey, PostKind, Standing, UnitKind
from huep.directory.tables import absences, accounts, memberships, people, posts, unit_periods, units
from huep.names import fold, localpart_of

Rows = list[dict[str, Any]]


def read_current(connection: Connection, today: date) -> Current:
    """What the directory brings to a plan: units in their latest period, posts and absences that are not over."""
    return Current(_read_units(connection), _read_people(connection, today))


def _read_units(connection: Connection) -> tuple[UnitRecord, ...]:
    p = unit_periods.c
    query = select(
        p.unit_code, p.name, p.short_name, p.kind, p.level, p.parent_code, p.valid_from, p.valid_to
    ).order_by(p.valid_from)
    latest = {
        code: UnitRecord(code, name, short_name, UnitKind(kind), level, parent, valid_from, valid_to)
        for code, name, short_name, kind, level, parent, valid_from, valid_to in connection.execute(query)
    }
    return tuple(latest.values())


def _read_people(connection: Connection, today: date) -> tuple[KnownPerson, ...]:
    held = _read_posts(connection, today)
    away = _read_absences(connection, today)
    account_of = {
        key: Account(localpart_of(user_id), display_name, locked, lock_owner)
        for key, user_id, display_name, locked, lock_owner in connection.execute(
            select(
                accounts.c.person_key,
                accounts.c.user_id,
                accounts.c.display_name,
                accounts.c.locked,
                accounts.c.lock_owner,
            )
        )
    }
    p = people.c
    query = select(
        p.person_key, p.officer_code, p.full_name, p.birth_date, p.email, p.retires_on, p.leaves_on
    ).order_by(p.officer_code)
    return tuple(
        KnownPerson(
            key,
            officer_code,
            PersonFacts(full_name, birth_date, email, retires_on, leaves_on, away.get(key)),
            tuple(sorted(held.get(key, ()), key=post_order)),
            account_of.get(key),
        )
        for key, officer_code, full_name, birth_date, email, retires_on, leaves_on in connection.execute(query)
    )


def _read_posts(connection: Connection, today: date) -> dict[PersonKey, list[PostRecord]]:
    p = posts.c
    query = select(
        p.person_key, p.unit_code, p.position_code, p.position, p.standing, p.rank, p.kind, p.valid_from, p.valid_to
    ).where(or_(p.valid_to.is_(None), p.valid_to > today))
    kinds, standings = {kind.value: kind for kind in PostKind}, {standing.value: standing for standing in Standing}
    held: defaultdict[PersonKey, list[PostRecord]] = defaultdict(list)
    for key, unit, position_code, position, standing, rank, kind, valid_from, valid_to in connection.execute(query):
        held[key].append(
            PostRecord(unit, position_code, position, standings[standing], rank, kinds[kind], valid_from, valid_to)
        )
    return held


def _read_absences(connection: Connection, today: date) -> dict[PersonKey, AbsenceRecord]:
    a = absences.c
    query = (
        select(a.person_key, a.kind, a.valid_from, a.valid_to)
        .where(or_(a.valid_to.is_(None), a.valid_to > today))
        .order_by(a.valid_from)
    )
    return {
        key: AbsenceRecord(AbsenceKind(kind), valid_from, valid_to)
        for key, kind, valid_from, valid_to in connection.execute(query)
    }


def write(connection: Connection, actions: Sequence[Action], server_name: str) -> None:
    """Bring the directory to what `actions` leave behind; all or none, within the caller's transaction."""
    batch = _Batch(server_name)
    for action in actions:
        batch.add(action)
    batch.execute(connection)


class _Batch:
    """Statements gathered by table and kind, so that a thousand actions are a dozen round trips."""

    def __init__(self, server_name: str) -> None:
        self._server_name = server_name
        self._rows: defaultdict[str, Rows] = defaultdict(list)

    def add(self, action: Action) -> None:
        if isinstance(action, OpenUnit | ChangeUnit | CloseUnit):
            self._add_unit(action)
        elif isinstance(action, CreateAccount):
            self._add_person(action)
        elif isinstance(action, MovePerson):
            self._add_move(action)
        elif isinstance(action, UpdatePerson):
            self._add_update(action)
        else:
            self._add_account_change(action)

    def _add_unit(self, action: OpenUnit | ChangeUnit | CloseUnit) -> None:
        if isinstance(action, OpenUnit):
            self._rows["units"].append({"unit_code": action.unit.code})
            self._rows["periods"].append(_period(action.unit))
        elif isinstance(action, CloseUnit):
            self._rows["period_ends"].append(_end(action.before, action.valid_to))
        elif action.after.valid_from == action.before.valid_from:
            self._rows["period_corrections"].append({**_period(action.after)})
        else:
            ends = action.after.valid_from
            if action.before.valid_to is None or action.before.valid_to > ends:
                self._rows["period_ends"].append(_end(action.before, ends))
            self._rows["periods"].append(_period(action.after))

    def _add_person(self, action: CreateAccount) -> None:
        key = action.who.key
        if action.again:
            self._rows["memberships_again"].append({"of": f"@{action.localpart}:{self._server_name}"})
            return
        self._rows["people"].append(
            {"person_key": key, "officer_code": action.who.officer_code, **_facts(action.facts)}
        )
        self._rows["posts"] += [_post(key, post) for post in action.posts]
        if action.facts.absence is not None:
            self._rows["absences"].append(_absence(key, action.facts.absence))
        self._rows["accounts"].append(
            {
                "person_key": key,
                "user_id": f"@{action.localpart}:{self._server_name}",
                "display_name": action.display_name,
                "locked": False,
                "lock_owner": None,
            }
        )

    def _add_move(self, action: MovePerson) -> None:
        key = action.who.key
        before = {post_identity(post): post for post in action.before}
        after = {post_identity(post): post for post in action.after}
        self._rows["posts"] += [_post(key, post) for identity, post in after.items() if identity not in before]
        for identity, post in before.items():
            stays = after.get(identity)
            if stays is not None and stays != post:
                self._rows["post_corrections"].append(_correction(key, stays))
            elif stays is None and post.valid_from >= action.on:
                self._rows["post_removals"].append(_post_key(key, post))
            elif stays is None:
                self._rows["post_ends"].append(_post_key(key, post) | {"ends": action.on})

    def _add_update(self, action: UpdatePerson) -> None:
        key = action.who.key
        self._rows["facts"].append({"of": key, **_facts(action.after)})
        before, after = action.before.absence, action.after.absence
        if before == after:
            return
        if before is not None and (after is None or after.valid_from != before.valid_from):
            if before.valid_from >= action.on:
                self._rows["absence_removals"].append({"of": key, "since": before.valid_from})
            else:
                self._rows["absence_ends"].append({"of": key, "since": before.valid_from, "ends": action.on})
        if after is not None:
            self._rows["absences"].append(_absence(key, after))

    def _add_account_change(self, action: LockAccount | UnlockAccount | RenameAccount) -> None:
        key = action.who.key
        if isinstance(action, RenameAccount):
            self._rows["names"].append({"of": key, "display_name": action.after})
        else:
            locked = isinstance(action, LockAccount)
            self._rows["locks"].append({"of": key, "locked": locked, "lock_owner": HR if locked else None})

    def execute(self, connection: Connection) -> None:
        """Ends before beginnings, and whatever is referred to before what refers to it."""
        of: BindParameter[Any] = bindparam("of")
        since: BindParameter[Any] = bindparam("since")
        at_post = (
            posts.c.person_key == of,
            posts.c.unit_code == bindparam("at_unit"),
            posts.c.position_code == bindparam("at_position"),
            posts.c.kind == bindparam("as_kind"),
            posts.c.valid_from == since,
        )
        at_period = (unit_periods.c.unit_code == of, unit_periods.c.valid_from == since)
        at_absence = (absences.c.person_key == of, absences.c.valid_from == since)
        statements = {
            "units": insert(units),
            "period_ends": update(unit_periods).where(*at_period).values(valid_to=bindparam("ends")),
            "period_corrections": _replacing(unit_periods, "unit_code", "valid_from"),
            "periods": insert(unit_periods),
            "people": _replacing(people, "person_key"),
            "facts": update(people).where(people.c.person_key == of),
            "post_ends": update(posts).where(*at_post).values(valid_to=bindparam("ends")),
            "post_removals": delete(posts).where(*at_post),
            "post_corrections": update(posts).where(*at_post),
            "posts": insert(posts),
            "absence_ends": update(absences).where(*at_absence).values(valid_to=bindparam("ends")),
            "absence_removals": delete(absences).where(*at_absence),
            "absences": _replacing(absences, "person_key", "valid_from"),
            "accounts": insert(accounts),
            "locks": update(accounts).where(accounts.c.person_key == of),
            "names": update(accounts).where(accounts.c.person_key == of),
            "memberships_again": update(memberships).where(memberships.c.user_id == of).values(done=False),
        }
        for name, statement in statements.items():
            if rows := self._rows.get(name):
                connection.execute(statement, rows)


def _replacing(table: Table, *key: str) -> Any:
    statement = upsert(table)
    others = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in key}
    return statement.on_conflict_do_update(index_elements=list(key), set_=others)


def _period(unit: UnitRecord) -> dict[str, Any]:
    return {
        "unit_code": unit.code,
        "valid_from": unit.valid_from,
        "valid_to": unit.valid_to,
        "parent_code": unit.parent_code,
        "name": unit.name,
        "short_name": unit.short_name,
        "kind": unit.kind.value,
        "level": unit.level,
    }


def _end(unit: UnitRecord, ends: date) -> dict[str, Any]:
    return {"of": unit.code, "since": unit.valid_from, "ends": ends}


def _facts(facts: PersonFacts) -> dict[str, Any]:
    return {
        "full_name": facts.full_name,
        "folded_name": fold(facts.full_name),
        "birth_date": facts.birth_date,
        "email": facts.email,
        "retires_on": facts.retires_on,
        "leaves_on": facts.leaves_on,
    }


def _post(key: PersonKey, post: PostRecord) -> dict[str, Any]:
    return {
        "person_key": key,
        "unit_code": post.unit_code,
        "position_code": post.position_code,
        "position": post.position,
        "standing": post.standing.value,
        "rank": post.rank,
        "kind": post.kind.value,
        "valid_from": post.valid_from,
        "valid_to": post.valid_to,
    }


def _post_key(key: PersonKey, post: PostRecord) -> dict[str, Any]:
    return {
        "of": key,
        "at_unit": post.unit_code,
        "at_position": post.position_code,
        "as_kind": post.kind.value,
        "since": post.valid_from,
    }


def _correction(key: PersonKey, post: PostRecord) -> dict[str, Any]:
    return _post_key(key, post) | {
        "position": post.position,
        "standing": post.standing.value,
        "rank": post.rank,
        "valid_to": post.valid_to,
    }


def _absence(key: PersonKey, absence: AbsenceRecord) -> dict[str, Any]:
    return {
        "person_key": key,
        "valid_from": absence.valid_from,
        "valid_to": absence.valid_to,
        "kind": absence.kind.value,
    }
