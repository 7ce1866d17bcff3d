"""The directory's tables written action by action, in bulk; whatever has moved on since it was looked at is refused.

Every function takes the connection whose transaction it belongs to. The lanes write beside one another: each change of
an account names the state from which it starts, and a row that is no longer in that state takes the whole batch back.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, assert_never

from sqlalchemy import (
    BindParameter,
    Connection,
    Executable,
    Table,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from hr_provisioner.current import HR, PersonFacts
from hr_provisioner.planning.actions import (
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
    WithdrawUnit,
)
from hr_provisioner.posts import post_identity
from hr_provisioner.records import AbsenceRecord, PostRecord, UnitRecord
from huep.directory.model import PersonKey
from huep.directory.tables import absences, accounts, memberships, people, posts, unit_periods, units
from huep.errors import HuepError
from huep.names import fold

Rows = list[dict[str, Any]]

COMPARED = ("locks", "relocks", "unlocks", "names")
"""Statements that name the state from which they start: each must find it in every row."""


class MovedOn(HuepError):
    """Somebody else changed what these actions start from; nothing of them was written."""


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
        match action:
            case OpenUnit(unit):
                self._rows["units"].append({"unit_code": unit.code})
                self._rows["periods"].append(_period(unit))
            case CloseUnit(unit, valid_to, successors):
                self._rows["period_closings"].append(_end(unit, valid_to) | {"taking_over": " ".join(successors)})
            case ChangeUnit(before, after):
                self._add_unit_change(before, after)
            case WithdrawUnit(unit, restores):
                self._rows["period_withdrawals"].append({"of": unit.code, "since": unit.valid_from})
                if restores is not None:
                    self._rows["period_corrections"].append(_period(restores))
            case CreateAccount():
                self._add_person(action)
            case MovePerson():
                self._add_move(action)
            case UpdatePerson():
                self._add_update(action)
            case LockAccount(again=True):
                self._rows["relocks"].append({"of": action.who.key})
            case LockAccount():
                self._rows["locks"].append({"of": action.who.key, "why": action.reason.value})
            case UnlockAccount():
                self._rows["unlocks"].append({"of": action.who.key})
            case RenameAccount():
                self._rows["names"].append({"of": action.who.key, "shown": action.before, "to_show": action.after})
            case _:
                assert_never(action)

    def _add_unit_change(self, before: UnitRecord, after: UnitRecord) -> None:
        if after.valid_from == before.valid_from:
            self._rows["period_corrections"].append(_period(after))
            return
        if before.valid_to is None or before.valid_to > after.valid_from:
            self._rows["period_ends"].append(_end(before, after.valid_from))
        self._rows["periods"].append(_period(after))

    def _add_person(self, action: CreateAccount) -> None:
        key = action.who.key
        if action.again:
            self._rows["memberships_again"].append({"of": f"@{action.localpart}:{self._server_name}"})
            return
        self._rows["people"].append(
            {"person_key": key, "officer_code": action.who.officer_code, **_facts(action.facts)}
        )
        self._rows["posts"] += [_placed(key, post) for post in action.posts]
        if action.facts.absence is not None:
            self._rows["absences"].append(_absence(key, action.facts.absence))
        self._rows["accounts"].append(
            {
                "person_key": key,
                "user_id": f"@{action.localpart}:{self._server_name}",
                "display_name": action.display_name,
                "locked": False,
            }
        )

    def _add_move(self, action: MovePerson) -> None:
        key = action.who.key
        before = {post_identity(post): post for post in action.before}
        after = {post_identity(post): post for post in action.after}
        taken = [_placed(key, post) for identity, post in after.items() if identity not in before]
        self._rows["posts_reopened"] += taken
        self._rows["posts_again"] += taken
        for identity, post in before.items():
            stays = after.get(identity)
            if stays is not None and stays != post:
                self._rows["post_corrections"].append(_placed(key, stays))
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

    def execute(self, connection: Connection) -> None:
        """Ends before beginnings, and whatever is referred to before what refers to it."""
        for name, statement in _STATEMENTS.items():
            if rows := self._rows.get(name):
                touched = connection.execute(statement, rows).rowcount
                if name in COMPARED and touched != len(rows):
                    raise MovedOn(f"{len(rows) - touched} of {len(rows)} accounts have changed in the meantime")


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
        "successors": " ".join(unit.successors),
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


def _post_key(key: PersonKey, post: PostRecord) -> dict[str, Any]:
    return {
        "of": key,
        "at_unit": post.unit_code,
        "at_position": post.position_code,
        "as_kind": post.kind.value,
        "since": post.valid_from,
    }


def _placed(key: PersonKey, post: PostRecord) -> dict[str, Any]:
    return _post_key(key, post) | {
        "as_position": post.position,
        "as_standing": post.standing.value,
        "at_rank": post.rank,
        "until": post.valid_to,
    }


def _absence(key: PersonKey, absence: AbsenceRecord) -> dict[str, Any]:
    return {
        "person_key": key,
        "valid_from": absence.valid_from,
        "valid_to": absence.valid_to,
        "kind": absence.kind.value,
    }


def _replacing(table: Table, *key: str) -> Executable:
    statement = upsert(table)
    others = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in key}
    return statement.on_conflict_do_update(index_elements=list(key), set_=others)


def _statements() -> dict[str, Executable]:
    """In the order in which they run: ends before beginnings, and what is referred to before what refers to it."""
    of: BindParameter[Any] = bindparam("of")
    since: BindParameter[Any] = bindparam("since")
    ends: BindParameter[Any] = bindparam("ends")
    at_post = (
        posts.c.person_key == of,
        posts.c.unit_code == bindparam("at_unit"),
        posts.c.position_code == bindparam("at_position"),
        posts.c.kind == bindparam("as_kind"),
        posts.c.valid_from == since,
    )
    placed = {
        "person_key": "of",
        "unit_code": "at_unit",
        "position_code": "at_position",
        "kind": "as_kind",
        "valid_from": "since",
        "position": "as_position",
        "standing": "as_standing",
        "rank": "at_rank",
        "valid_to": "until",
    }
    values = {column: bindparam(name, type_=posts.c[column].type) for column, name in placed.items()}
    corrected = {column: values[column] for column in ("position", "standing", "rank", "valid_to")}
    at_period = (unit_periods.c.unit_code == of, unit_periods.c.valid_from == since)
    at_absence = (absences.c.person_key == of, absences.c.valid_from == since)
    account = accounts.c
    hrs_lock = (account.person_key == of, account.locked, account.lock_owner == HR)
    return {
        "units": upsert(units).on_conflict_do_nothing(),
        "period_ends": update(unit_periods).where(*at_period).values(valid_to=ends),
        "period_closings": update(unit_periods)
        .where(*at_period)
        .values(valid_to=ends, successors=bindparam("taking_over")),
        "period_withdrawals": delete(unit_periods).where(*at_period),
        "period_corrections": _replacing(unit_periods, "unit_code", "valid_from"),
        "periods": insert(unit_periods),
        "people": _replacing(people, "person_key"),
        "facts": update(people).where(people.c.person_key == of),
        "post_ends": update(posts).where(*at_post).values(valid_to=ends),
        "post_removals": delete(posts).where(*at_post),
        "post_corrections": update(posts).where(*at_post).values(corrected),
        "posts": insert(posts).values(values),
        # A post that ended here before is the same post where it goes on: its row opens again.
        "posts_reopened": update(posts).where(*at_post).values(corrected),
        "posts_again": insert(posts).from_select(
            list(values), select(*values.values()).where(~exists().where(*at_post))
        ),
        "absence_ends": update(absences).where(*at_absence).values(valid_to=ends),
        "absence_removals": delete(absences).where(*at_absence),
        "absences": _replacing(absences, "person_key", "valid_from"),
        "accounts": insert(accounts),
        "locks": update(accounts)
        .where(account.person_key == of, ~account.locked)
        .values(locked=True, lock_owner=HR, lock_reason=bindparam("why"), locked_at=func.now()),
        # Nothing changes, whoever owns the lock: that it stands is all that is asked.
        "relocks": update(accounts).where(account.person_key == of, account.locked).values(locked=True),
        "unlocks": update(accounts)
        .where(*hrs_lock)
        .values(locked=False, lock_owner=None, lock_reason=None, locked_at=None),
        "names": update(accounts)
        .where(account.person_key == of, account.display_name == bindparam("shown"))
        .values(display_name=bindparam("to_show")),
        "memberships_again": update(memberships).where(memberships.c.user_id == of).values(done=False),
    }


_STATEMENTS = _statements()
