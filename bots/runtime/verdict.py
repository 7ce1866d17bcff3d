"""Pure: what an error says of the message that met it, and how an operator is told."""

import traceback
from enum import StrEnum
from pathlib import Path

from bots.matrix.errors import (
    AccountLocked,
    BadAnswer,
    NoSuchRoom,
    RateLimited,
    RequestRefused,
    ServerUnreachable,
    SessionEnded,
)
from bots.runtime.patience import is_passing
from huep.errors import HuepError

SERVER_ERROR = 500
REQUEST_TIMEOUT = 408


class Verdict(StrEnum):
    """What is to be done about a failure."""

    OUT = "out"
    """The bot's own account or device is out: nothing more can be sent."""
    AWAY = "away"
    """The homeserver is not there, or cannot answer now: all messages meet the same."""
    SLOWER = "slower"
    """The homeserver asks us to wait."""
    DATABASE = "database"
    """HueP's database is away for now."""
    REFUSED = "refused"
    """This message is refused, and would be for ever."""
    OURS = "ours"
    """Nobody foresaw it: a mistake of ours, which may pass or may not."""


def verdict_of(error: BaseException) -> Verdict:
    """What `error` says; the same for sending a message and for dealing with an event."""
    match error:
        case AccountLocked() | SessionEnded():
            return Verdict.OUT
        case RateLimited():
            return Verdict.SLOWER
        case ServerUnreachable() | BadAnswer():
            return Verdict.AWAY
        case RequestRefused():
            passing = error.status >= SERVER_ERROR or error.status == REQUEST_TIMEOUT
            return Verdict.AWAY if passing else Verdict.REFUSED
        case NoSuchRoom():
            return Verdict.REFUSED
    return Verdict.DATABASE if is_passing(error) else Verdict.OURS


def described(error: BaseException) -> str:
    """For an operator: our own sentence, else the error's type and place; a foreign text may hold what people wrote."""
    if isinstance(error, HuepError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""
    return f"{type(error).__name__}{where}"
