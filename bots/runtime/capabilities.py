"""What a bot may change, as objects handed to acts: each with a twin that only says what it would do.

A handler has no other way to change anything: it holds neither engine nor connection. What the capability gathers is
committed together with the answer and the record of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sqlalchemy import Connection

from bots.runtime.outcome import Outgoing
from huep import audit
from huep.catalogue import Message
from huep.errors import HuepError

C = TypeVar("C")

Write = Callable[[Connection], None]


class ActNotRecorded(HuepError):
    """A capability used its power without a word for the audit log: nothing of it is carried out."""

    def __init__(self, capability: str) -> None:
        super().__init__(f"The capability {capability} acted without recording it: it must call Effects.record.")


@dataclass
class Effects:
    """What an act brings about, gathered while it runs and committed afterwards, all or nothing."""

    actor: str
    """The user ID of whoever confirmed it."""
    writes: list[Write] = field(default_factory=list)
    outgoing: list[Outgoing] = field(default_factory=list)
    acts: list[audit.Act] = field(default_factory=list)

    def write(self, write: Write) -> None:
        self.writes.append(write)

    def send(self, outgoing: Outgoing) -> None:
        self.outgoing.append(outgoing)

    def record(self, act: str, subject: str, details: Mapping[str, object]) -> None:
        """For the audit log, which cannot forget: never a secret, never the text of a message."""
        self.acts.append(audit.Act(self.actor, act, subject, details))


@dataclass
class Intentions:
    """What an act would bring about, in words: messages of the bot's catalogue, read out before it is confirmed."""

    sentences: list[Message] = field(default_factory=list)

    def say(self, message: Message) -> None:
        self.sentences.append(message)


@dataclass(frozen=True)
class Capability(Generic[C]):
    """A way to change something, and its dry-run twin; both offer the same interface `C`."""

    name: str
    exercise: Callable[[Effects], C]
    rehearse: Callable[[Intentions], C]
    of_power: bool = True
    """Over others: each use is recorded in the audit log, and consent counts from a verified device alone, not by
    reaction, which a server could forge. False for what somebody settles about themselves."""


def settled(capability: Capability[C], effects: Effects) -> tuple[Write, ...]:
    """The writes of a finished act, its record among them: no act without a record, no record of what was not done.

    Raises:
        ActNotRecorded: power was used and not recorded.
    """
    if not capability.of_power:
        return tuple(effects.writes)
    if (effects.writes or effects.outgoing) and not effects.acts:
        raise ActNotRecorded(capability.name)
    acts = tuple(effects.acts)
    return (*effects.writes, lambda connection: audit.append(connection, acts))
