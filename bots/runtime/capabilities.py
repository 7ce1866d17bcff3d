"""What a bot may change, as objects handed to acts: each with a twin that only says what it would do.

A handler has no other way to change anything: it holds neither engine nor connection. What the capability gathers is
committed together with the answer and the record of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from bots.runtime.outcome import Outgoing
from huep import audit
from huep.catalogue import Message
from huep.errors import HuepError

C = TypeVar("C")

Write = Callable[[Connection], None]
Deed = Callable[[Connection], audit.Act]
"""A write that says, once it is done, what to record of it: the number that it gave, for instance."""


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
    deeds: list[Deed] = field(default_factory=list)

    def write(self, write: Write) -> None:
        self.writes.append(write)

    def send(self, outgoing: Outgoing) -> None:
        self.outgoing.append(outgoing)

    def record(self, act: str, subject: str, details: Mapping[str, object]) -> None:
        """For the audit log, which cannot forget: never a secret, never the text of a message."""
        self.acts.append(audit.Act(self.actor, act, subject, details))

    def enact(self, deed: Deed) -> None:
        """A write and its record in one, where what is to be recorded is known only when it is written."""
        self.deeds.append(deed)


@dataclass
class Intentions:
    """What an act would bring about: read out, and shown, before it is confirmed."""

    sentences: list[Message] = field(default_factory=list)
    """Messages of the bot's catalogue."""
    shown: list[Mapping[str, Any]] = field(default_factory=list)
    """Contents of `m.room.message`."""

    def say(self, message: Message) -> None:
        self.sentences.append(message)

    def show(self, content: Mapping[str, Any]) -> None:
        """A message as others will see it, such as `file_content` makes it; it is sent before what is read out."""
        self.shown.append(content)


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
    acts, deeds = tuple(effects.acts), tuple(effects.deeds)
    if not (capability.of_power or deeds):
        return tuple(effects.writes)
    if (effects.writes or effects.outgoing) and not (acts or deeds):
        raise ActNotRecorded(capability.name)
    # Last of all: until the transaction ends nobody else can append.
    return (
        *effects.writes,
        lambda connection: audit.append(connection, [*(deed(connection) for deed in deeds), *acts]),
    )
