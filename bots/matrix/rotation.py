"""When a room's Megolm session has served its time (specification, "m.room.encryption" and Megolm's rotation).

A session that somebody holds who should no longer hold it is never used again; one that somebody does not hold yet is
given to them as it stands.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from bots.matrix.trust import Peer

MS = timedelta(milliseconds=1)
SHORTEST_PERIOD, LONGEST_PERIOD = timedelta(hours=1), timedelta(days=30)
FEWEST_MESSAGES, MOST_MESSAGES = 10, 10_000
"""Whoever may change a room's settings could else have thousands of devices shared with anew at every word."""


@dataclass(frozen=True)
class RotationPolicy:
    """For how long, and how many messages, one session of a room serves."""

    period: timedelta = timedelta(days=7)
    messages: int = 100


def policy_of(content: Any) -> RotationPolicy:
    """What `m.room.encryption` asks for, within limits; what it does not say soundly is as the specification has it."""
    said: Mapping[str, Any] = content if isinstance(content, dict) else {}
    usual = RotationPolicy()
    period_ms, messages = said.get("rotation_period_ms"), said.get("rotation_period_msgs")
    return RotationPolicy(
        period=_within(period_ms, SHORTEST_PERIOD // MS, LONGEST_PERIOD // MS, usual.period // MS) * MS,
        messages=_within(messages, FEWEST_MESSAGES, MOST_MESSAGES, usual.messages),
    )


def _within(value: Any, least: int, most: int, usual: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        return usual
    return min(max(value, least), most)


class Reason(StrEnum):
    """Why a room needs a new session."""

    FIRST = "first"
    AGE = "age"
    MESSAGES = "messages"
    HOLDER_GONE = "holder_gone"
    """Somebody left, or a device was removed, lost its signature or changed its key."""


@dataclass(frozen=True)
class Served:
    """How long a session has been in use, and by whom it can be read."""

    created_at_ms: int
    messages: int
    holders: Set[Peer]
    """Every device that has the key or may have it."""


def why_rotate(served: Served | None, policy: RotationPolicy, entitled: Set[Peer], now_ms: int) -> Reason | None:
    """Why the next message needs a new session; None while the present one serves."""
    if served is None:
        return Reason.FIRST
    if not served.holders <= entitled:
        return Reason.HOLDER_GONE
    if served.messages >= policy.messages:
        return Reason.MESSAGES
    # A clock that was set back makes a session older, not younger.
    if not 0 <= now_ms - served.created_at_ms < policy.period // MS:
        return Reason.AGE
    return None
