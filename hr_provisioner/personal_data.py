"""Everything that HueP's own database holds of one person, for that person (Law 91/2025/QH15).

Secrets are left out: of an activation code there is only that it exists. So is what others are told of by the same
row: of a run the acts upon this person alone.
"""

import json
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Table, or_, select, text

from hr_provisioner.language import OfficerError
from hr_provisioner.planning.actions import plain
from hr_provisioner.planning.identity import person_key
from hr_provisioner.snapshots.content import content_of
from hr_provisioner.sources.columns import POSTS, PostColumn, rows_of
from hr_provisioner.tables import (
    activation_codes,
    approvals,
    hints,
    missing,
    officers,
    plans,
    quarantine,
    run_actions,
    runs,
    scim_resources,
    snapshots,
    source_reads,
    twins,
)
from huep.catalogue import Message
from huep.directory.tables import absences, accounts, guests, memberships, people, posts, roles
from huep.names import normalise

Rows = list[dict[str, object]]

SECRET_COLUMNS = frozenset({"code_hash"})
_CODE = list(PostColumn).index(PostColumn.OFFICER_CODE)

_AUDIT = text(
    "select seq, at, actor, act, subject, details from audit.entries "
    "where subject = any(:names) or actor = any(:names) order by seq"
)


class NobodyHeld(OfficerError):
    """Nothing is held under this officer code."""

    def __init__(self, code: str) -> None:
        super().__init__(Message.of("person-unknown", code=code))


def export(connection: Connection, code: str, now: datetime) -> dict[str, object]:
    """What is held of the person of this officer code, as JSON values, by table.

    Connection: `Role.HR`. Raises NobodyHeld.
    """
    officer_code = normalise(code).upper()
    known = connection.execute(select(people.c.person_key).where(people.c.officer_code == officer_code)).scalar()
    key = person_key(officer_code) if known is None else known
    account = connection.execute(select(accounts.c.user_id).where(accounts.c.person_key == key)).scalar()
    names = [name for name in (officer_code, account) if name is not None]
    held: dict[str, object] = {
        str(table): _rows(connection, table, condition) for table, condition in _conditions(key, officer_code, account)
    }
    held["hr.run_actions"] = _acts(connection, key)
    held["audit.entries"] = [
        {**row, "at": plain(row["at"]), "details": json.loads(row["details"])}
        for row in connection.execute(_AUDIT, {"names": names}).mappings()
    ]
    held["hr.snapshots"] = list(_snapshots_with(connection, officer_code))
    held["hr.plans"] = list(_plans_with(connection, key))
    held["hr.source_reads"] = _rows(connection, source_reads, source_reads.c.content.is_not(None), "source", "read_at")
    # A cached answer is of the whole register, and alone it does not say that this person is in it.
    if not any(rows for name, rows in held.items() if name != "hr.source_reads"):
        raise NobodyHeld(officer_code)
    return {"officer_code": officer_code, "person_key": str(key), "exported_at": now.isoformat(), "held": held}


def _conditions(key: UUID, code: str, user_id: str | None) -> Sequence[tuple[Table, ColumnElement[bool]]]:
    """Which rows of which table are this person's."""
    return (
        (people, people.c.person_key == key),
        (posts, posts.c.person_key == key),
        (absences, absences.c.person_key == key),
        (accounts, accounts.c.person_key == key),
        (roles, roles.c.person_key == key),
        (guests, guests.c.person_key == key),
        (memberships, memberships.c.user_id == (user_id or "")),
        (missing, missing.c.person_key == key),
        (twins, or_(twins.c.code_one == code, twins.c.code_other == code)),
        (quarantine, quarantine.c.officer_code == code),
        (activation_codes, activation_codes.c.person_key == key),
        (hints, hints.c.about == code),
        (scim_resources, (scim_resources.c.kind == "User") & (scim_resources.c.code == code)),
        (officers, officers.c.officer == code),
        (approvals, approvals.c.officer == code),
    )


def _rows(connection: Connection, table: Table, condition: ColumnElement[bool], *only: str) -> Rows:
    columns = [column for column in table.columns if column.name not in SECRET_COLUMNS]
    query = select(*(column for column in columns if not only or column.name in only)).where(condition)
    query = query.order_by(*table.primary_key.columns)
    return [{name: plain(value) for name, value in row.items()} for row in connection.execute(query).mappings()]


def _acts(connection: Connection, key: UUID) -> Rows:
    query = (
        select(runs.c.run_id, runs.c.started_at, runs.c.actor, run_actions.c.action, run_actions.c.state)
        .join(runs, runs.c.run_id == run_actions.c.run_id)
        .where(run_actions.c.action.contains(f'"key":"{key}"', autoescape=True))
        .order_by(runs.c.started_at, run_actions.c.number)
    )
    return [
        {name: json.loads(value) if name == "action" else plain(value) for name, value in row.items()}
        for row in connection.execute(query).mappings()
    ]


def _snapshots_with(connection: Connection, code: str) -> Iterator[dict[str, object]]:
    """The snapshots whose rows are still kept and name this person."""
    query = select(snapshots.c.snapshot_id, snapshots.c.source, snapshots.c.exported_at, snapshots.c.received_at).where(
        snapshots.c.content.is_not(None)
    )
    for row in connection.execute(query.order_by(snapshots.c.received_at)).mappings().all():
        table = content_of(connection, row["snapshot_id"]).posts()
        if any(normalise(cells.cells[_CODE]).upper() == code for cells in rows_of(table, POSTS)):
            yield {name: plain(value) for name, value in row.items()}


def _plans_with(connection: Connection, key: UUID) -> Iterator[dict[str, object]]:
    """The parked plans that have an act upon this person."""
    wanted = f'"{key}"'.encode()
    for row in connection.execute(select(plans).order_by(plans.c.made_at)).mappings():
        if row["content"] is not None and wanted in zlib.decompress(row["content"]):
            yield {name: plain(row[name]) for name in ("plan_hash", "kind", "made_at", "expires_at", "state")}
