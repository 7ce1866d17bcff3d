"""What waits, found by the beginning of its hash."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from hr_provisioner.language import OfficerError
from huep.catalogue import Message

SHORTEST_PREFIX = 6


class NotWaiting(OfficerError):
    """Nothing of this hash waits for approval."""

    def __init__(self, prefix: str) -> None:
        super().__init__(Message.of("approval-not-waiting", hash=prefix))


class Ambiguous(OfficerError):
    """The beginning of a hash is too short, or several begin so."""

    def __init__(self, prefix: str) -> None:
        super().__init__(Message.of("approval-ambiguous", hash=prefix, shortest=SHORTEST_PREFIX))


class Hashed(Protocol):
    """What has a hash."""

    @property
    def sha256(self) -> str: ...


T = TypeVar("T", bound=Hashed)


def only_one(waiting: Iterable[T], prefix: str) -> T:
    """The one of those that wait whose hash begins so. Raises NotWaiting, Ambiguous."""
    found = [one for one in waiting if one.sha256.startswith(prefix.lower())]
    if not found:
        raise NotWaiting(prefix)
    if len(found) > 1 or len(prefix) < SHORTEST_PREFIX:
        raise Ambiguous(prefix)
    return found[0]
