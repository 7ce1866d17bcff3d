"""One change of the bots' tables by an operator: all of it with its record in the audit log, or nothing."""

from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from huep import audit, clock
from huep.audit import Act
from huep.catalogue import Voice
from huep.database import Role, connect_as
from huep.errors import HuepError
from huep.settings import load_settings
from huep.state import locate_state


class NothingMeant(HuepError):
    """It was not said which."""


class NoSuchMessage(HuepError):
    """One of those meant is not there, or not in a state in which this can be done to it."""


class Numbered(Protocol):
    """What an operator sees of a row."""

    @property
    def number(self) -> int: ...


Record = TypeVar("Record", bound=Numbered)


def check_something_is_meant(say: Voice, numbers: Collection[int] | None, all_dead: bool) -> None:
    """Numbers, or all that are dead; never everything because nothing was said.

    Raises:
        NothingMeant: neither, or both.
    """
    if bool(numbers) == all_dead:
        raise NothingMeant(say("outbox-say-which"))


def change(
    state: Path | None,
    say: Voice,
    numbers: Collection[int],
    work: Callable[[Connection, datetime], tuple[Record, ...]],
    act_on: Callable[[Record], Act],
) -> int:
    """Do `work`, and record each of what it changed; returns how many.

    Raises:
        NoSuchMessage: it changed not all of `numbers`; nothing was done.
    """
    folder = locate_state(state)
    settings = load_settings(folder)
    engine, auditor = connect_as(settings, folder, Role.BOTS), connect_as(settings, folder, Role.AUDIT)
    try:
        with engine.begin() as connection:
            changed = work(connection, clock.now())
            untouched = set(numbers) - {record.number for record in changed}
            if untouched:
                raise NoSuchMessage(say("outbox-no-such", numbers=", ".join(map(str, sorted(untouched)))))
            audit.record(auditor, [act_on(record) for record in changed])
            return len(changed)
    finally:
        engine.dispose()
        auditor.dispose()
