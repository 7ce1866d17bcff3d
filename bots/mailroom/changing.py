"""One change of the bots' tables by an operator: all of it with its record in the audit log, or nothing."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

from rich.console import Console
from rich.text import Text
from sqlalchemy import Connection

from bots.mailroom import screen
from huep import audit, clock
from huep.audit import Act
from huep.catalogue import Locale, Voice
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

    @property
    def bot(self) -> str: ...


Record = TypeVar("Record", bound=Numbered)
Selected = TypeVar("Selected")
Details = dict[str, object]


@dataclass(frozen=True)
class Order:
    """What an operator orders, whatever it does.

    Args:
        numbers: of what it is done to; or none, and
        all_dead: to all that are dead. Never to everything because nothing was said.
        by: who answers for it.
        language: of what is said afterwards.
        state: the state folder.
    """

    numbers: Collection[int]
    all_dead: bool
    by: str
    language: Locale
    state: Path | None


def change(
    order: Order,
    selection: Selected,
    work: Callable[[Connection, Selected, datetime], tuple[Record, ...]],
    act: str,
    details: Callable[[Record], Details],
    done: str,
) -> None:
    """Do `work` to the selection, record each of what it changed as `act`, and say `done` with how many they were.

    Raises:
        NothingMeant: neither numbers nor all that are dead, or both.
        NoSuchMessage: it changed not all of the numbers; nothing was done.
    """
    say = Voice(screen.MESSAGES, order.language)
    if bool(order.numbers) == order.all_dead:
        raise NothingMeant(say("outbox-say-which"))
    folder = locate_state(order.state)
    settings = load_settings(folder)
    engine, auditor = connect_as(settings, folder, Role.BOTS), connect_as(settings, folder, Role.AUDIT)
    try:
        with engine.begin() as connection:
            changed = work(connection, selection, clock.now())
            untouched = set(order.numbers) - {record.number for record in changed}
            if untouched:
                raise NoSuchMessage(say("outbox-no-such", numbers=", ".join(map(str, sorted(untouched)))))
            acts = [Act(order.by, act, f"{record.bot} {record.number}", details(record)) for record in changed]
            audit.record(auditor, acts)
    finally:
        engine.dispose()
        auditor.dispose()
    Console(highlight=False).print(Text.assemble(("✓ ", "green"), say(done, count=len(changed))))
