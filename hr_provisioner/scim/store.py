"""SCIM resources in `hr.scim_resources`. Every function takes the connection whose transaction it belongs to.

Somebody who was set inactive keeps the day on which that happened, and somebody who was deleted stays as a trace: a
register must say who left, for whoever is merely missing from it is never locked by that.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from scim2_models import (
    Context,
    Meta,
    PreconditionFailedException,
    Resource,
    UniquenessException,
)
from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from hr_provisioner.scim.model import POLICY, RESOURCES
from hr_provisioner.scim.rows import Content, officer_code, unit_code
from hr_provisioner.tables import scim_changes, scim_resources
from huep import clock
from huep.hr_settings import SourceKind
from huep.names import normalise

_T = scim_resources.c


@dataclass(frozen=True)
class Stored:
    """One resource as it is kept."""

    resource_id: UUID
    kind: str
    code: str | None
    """Officer code or unit code."""
    content: str
    version: int
    created_at: datetime
    modified_at: datetime
    left_on: date | None
    deleted: bool

    @property
    def etag(self) -> str:
        """Weak, because equal content may be written twice."""
        return f'W/"{self.version}"'

    def resource(self, base_url: str = "") -> Resource[Any]:
        """The resource with id and meta; locations begin with `base_url`, which ends without a slash."""
        model = RESOURCES[self.kind]
        resource = model.model_validate_json(self.content, scim_policy=POLICY)
        resource.id = str(self.resource_id)
        resource.meta = Meta(
            resource_type=self.kind,
            created=self.created_at,
            last_modified=self.modified_at,
            location=f"{base_url}/{self.kind}s/{self.resource_id}",
            version=self.etag,
        )
        return resource


def name_key(user_name: str) -> str:
    """What of a userName counts: its case does not (RFC 7643, section 4.1.1)."""
    return normalise(user_name).lower()


def code_of(kind: str, content: Content) -> str | None:
    """Officer code of a User, unit code of a Group."""
    return officer_code(content) if kind == "User" else unit_code(content)


def add(connection: Connection, kind: str, resource: Resource[Any], now: datetime) -> Stored:
    """Keep a new resource. A trace of somebody who was deleted under the same code gives way to it.

    Raises:
        UniquenessException: another one has this userName, officer code or unit code.
    """
    new_id = uuid4()
    changed = _changed(kind, new_id, resource, None, now)
    _make_way(connection, kind, changed["code"])
    row = {"resource_id": new_id, "kind": kind, "version": 1, "created_at": now, "deleted": False, **changed}
    try:
        # Within a savepoint, so that a refusal leaves the caller's transaction as it was.
        with connection.begin_nested():
            connection.execute(insert(scim_resources), row)
    except IntegrityError as error:
        raise _taken(kind) from error
    _note_change(connection, now)
    return Stored(**{key: value for key, value in row.items() if key in Stored.__dataclass_fields__})


def find(connection: Connection, kind: str, resource_id: str) -> Stored | None:
    """The resource of this id, None where there is none or it was deleted."""
    try:
        key = UUID(resource_id)
    except ValueError:
        return None
    query = select(scim_resources).where(_T.kind == kind, _T.resource_id == key, ~_T.deleted)
    row = connection.execute(query).mappings().first()
    return None if row is None else _stored(row)


def replace(connection: Connection, before: Stored, resource: Resource[Any], now: datetime) -> Stored:
    """Keep another content of a resource.

    Raises:
        PreconditionFailedException: somebody else changed it since it was read.
        UniquenessException: another one has this userName, officer code or unit code.
    """
    values = _changed(before.kind, before.resource_id, resource, before.left_on, now)
    if values["code"] != before.code:
        _make_way(connection, before.kind, values["code"])
    statement = (
        update(scim_resources)
        .where(_T.resource_id == before.resource_id, _T.version == before.version, ~_T.deleted)
        .values(version=before.version + 1, **values)
        .returning(scim_resources)
    )
    try:
        with connection.begin_nested():
            row = connection.execute(statement).mappings().first()
    except IntegrityError as error:
        raise _taken(before.kind) from error
    if row is None:
        raise PreconditionFailedException
    _note_change(connection, now)
    return _stored(row)


def remove(connection: Connection, before: Stored, now: datetime) -> None:
    """Take a resource away from SCIM. One with a code stays as a trace of somebody who left, or of a closed unit.

    Raises:
        PreconditionFailedException: somebody else changed it since it was read.
    """
    at = and_(_T.resource_id == before.resource_id, _T.version == before.version, ~_T.deleted)
    if before.code is None:
        done = connection.execute(delete(scim_resources).where(at))
    else:
        values = {
            "name": str(before.resource_id),
            "deleted": True,
            "left_on": before.left_on or _yesterday(now),
            "version": before.version + 1,
            "modified_at": now,
        }
        done = connection.execute(update(scim_resources).where(at).values(**values))
    if done.rowcount == 0:
        raise PreconditionFailedException
    _note_change(connection, now)


def count(connection: Connection, kinds: Sequence[str], where: Sequence[ColumnElement[bool]] = ()) -> int:
    """How many resources there are, without those deleted."""
    query = select(func.count()).select_from(scim_resources).where(_T.kind.in_(kinds), ~_T.deleted, *where)
    return int(connection.execute(query).scalar_one())


def page(
    connection: Connection,
    kinds: Sequence[str],
    where: Sequence[ColumnElement[bool]] = (),
    *,
    offset: int = 0,
    limit: int | None = None,
) -> Iterator[Stored]:
    """Resources in the order in which they were made, without those deleted."""
    query = (
        select(scim_resources)
        .where(_T.kind.in_(kinds), ~_T.deleted, *where)
        .order_by(_T.created_at, _T.resource_id)
        .offset(offset)
        .limit(limit)
    )
    return map(_stored, connection.execute(query).mappings())


def everything(connection: Connection) -> Iterator[Stored]:
    """All resources with the traces of the deleted, by kind and code: what a register is made of."""
    query = select(scim_resources).order_by(_T.kind, _T.code, _T.resource_id)
    return map(_stored, connection.execute(query).mappings())


def forget(connection: Connection, now: datetime, keep: timedelta) -> int:
    """Delete the traces of whom the sender deleted longer ago than `keep`; returns how many."""
    old = delete(scim_resources).where(_T.deleted, _T.modified_at < now - keep)
    forgotten = connection.execute(old).rowcount
    if forgotten:
        _note_change(connection, now)
    return forgotten


def changed_at(connection: Connection) -> datetime | None:
    """When anything was last written or forgotten; None before the first write."""
    latest: datetime | None = connection.execute(select(scim_changes.c.changed_at)).scalar_one_or_none()
    return latest


def _note_change(connection: Connection, now: datetime) -> None:
    """Other content, later time: whatever the clock says, no two states of the store share one."""
    statement = upsert(scim_changes).values(store=SourceKind.SCIM.value, changed_at=now)
    later = func.greatest(statement.excluded.changed_at, scim_changes.c.changed_at + timedelta(microseconds=1))
    connection.execute(statement.on_conflict_do_update(index_elements=["store"], set_={"changed_at": later}))


def _make_way(connection: Connection, kind: str, code: str | None) -> None:
    """A trace of somebody who was deleted gives way to whoever is written under the same code."""
    if code is not None:
        connection.execute(delete(scim_resources).where(_T.kind == kind, _T.code == code, _T.deleted))


def _changed(
    kind: str, resource_id: UUID, resource: Resource[Any], left_on: date | None, now: datetime
) -> dict[str, Any]:
    """The columns that follow from the content."""
    inactive = kind == "User" and getattr(resource, "active", None) is False
    kept = resource.model_copy(update={"id": None, "meta": None}).model_dump(scim_ctx=Context.DEFAULT)
    return {
        "name": name_key(getattr(resource, "user_name", "")) if kind == "User" else str(resource_id),
        "code": code_of(kind, kept),
        "external_id": resource.external_id,
        "content": json.dumps(kept, ensure_ascii=False),
        "left_on": (left_on or _yesterday(now)) if inactive else None,
        "modified_at": now,
    }


def _yesterday(now: datetime) -> date:
    """A leaver is locked when the last day is over: who is to be locked now had it yesterday."""
    return clock.today(lambda: now) - timedelta(days=1)


def _stored(row: RowMapping) -> Stored:
    return Stored(**{name: row[name] for name in Stored.__dataclass_fields__})


def _taken(kind: str) -> UniquenessException:
    what = "userName or employeeNumber" if kind == "User" else "unit code"
    return UniquenessException(detail=f"Another {kind} has this {what}.")
