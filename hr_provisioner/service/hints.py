"""What others told the service: an inbox in `hr.hints`, each event handled once, whatever restarts.

A hint says who changed and never what: the person is read again from the source.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from hr_provisioner.tables import hints

EVERYBODY = "*"
"""About the whole register: the nightly run, or a change of more than one person."""


LOCKED = "locked"
"""Outcome of a hint that led to a lock."""
FORGOTTEN = "forgotten:"
"""Begins the ID of an event of which only the times are left."""


class HintState(StrEnum):
    """How far a hint came."""

    OPEN = "open"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Hint:
    """One thing to look at again."""

    event_id: str
    about: str
    """An officer code, or EVERYBODY."""
    received_at: datetime


@dataclass(frozen=True)
class Settled:
    """What came of a hint."""

    event_id: str
    state: HintState
    outcome: str


def take_in(connection: Connection, event_id: str, about: str, now: datetime) -> bool:
    """Write a hint down; False when this event was told before."""
    statement = insert(hints).values(event_id=event_id, about=about, received_at=now, state=HintState.OPEN.value)
    done = connection.execute(statement.on_conflict_do_nothing().returning(hints.c.event_id))
    return done.first() is not None


def about_people(connection: Connection, limit: int) -> list[Hint]:
    """The oldest open hints about single people."""
    return _open(connection, hints.c.about != EVERYBODY, limit)


def about_everybody(connection: Connection, now: datetime) -> list[Hint]:
    """All open hints about the whole register that are due: one look at it settles them together."""
    return _open(connection, (hints.c.about == EVERYBODY) & (hints.c.received_at <= now), None)


def _open(connection: Connection, which: ColumnElement[bool], limit: int | None) -> list[Hint]:
    query = (
        select(hints.c.event_id, hints.c.about, hints.c.received_at)
        .where(hints.c.state == HintState.OPEN.value, which)
        .order_by(hints.c.received_at)
        .limit(limit)
    )
    return [Hint(*row) for row in connection.execute(query)]


def settle(connection: Connection, settled: Iterable[Settled], now: datetime) -> None:
    """Write down what came of some hints."""
    rows = [{"of": one.event_id, "to": one.state.value, "because": one.outcome} for one in settled]
    if rows:
        statement = (
            update(hints)
            .where(hints.c.event_id == bindparam("of"))
            .values(state=bindparam("to"), outcome=bindparam("because"), settled_at=now)
        )
        connection.execute(statement, rows)


def state_of(connection: Connection, event_id: str) -> tuple[HintState, str | None] | None:
    """State and outcome of an event; None for one that nobody told of."""
    row = connection.execute(select(hints.c.state, hints.c.outcome).where(hints.c.event_id == event_id)).first()
    return None if row is None else (HintState(row.state), row.outcome)


def forget(connection: Connection, now: datetime, keep: timedelta) -> int:
    """Delete what was settled longer ago than `keep`; returns how many.

    Of those that led to a lock the times stay, for the figure of how long that takes, and nothing else.
    """
    old = (hints.c.state != HintState.OPEN.value) & (hints.c.settled_at < now - keep)
    led_to_lock = hints.c.outcome == LOCKED
    nameless = func.concat(FORGOTTEN, func.gen_random_uuid())
    emptied = connection.execute(
        update(hints).where(old, led_to_lock, hints.c.about != "").values(event_id=nameless, about="")
    ).rowcount
    return emptied + connection.execute(delete(hints).where(old, hints.c.outcome.is_distinct_from(LOCKED))).rowcount


def open_count(connection: Connection) -> int:
    """How many hints wait."""
    query = select(func.count()).select_from(hints).where(hints.c.state == HintState.OPEN.value)
    return int(connection.execute(query).scalar_one())
