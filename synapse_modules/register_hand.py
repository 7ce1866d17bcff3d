"""Whom the register is putting into a room at this moment, in this process.

Synapse asks its modules about every join and does not say who wants it. Who joins by themselves must belong to the
unit; whom the provisioner puts in, or room_rules brings back, belongs there by a decision that knows more than the
projection: second posts, days of grace.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

_now: Counter[tuple[str, str]] = Counter()


@contextmanager
def putting_in(user_id: str, room_id: str) -> Iterator[None]:
    """While it lasts, this person enters this room by the register's hand."""
    _now[user_id, room_id] += 1
    try:
        yield
    finally:
        _now[user_id, room_id] -= 1
        if not _now[user_id, room_id]:
            del _now[user_id, room_id]


def is_putting_in(user_id: str, room_id: str) -> bool:
    """Whether the register is putting this person into this room now."""
    return (user_id, room_id) in _now
