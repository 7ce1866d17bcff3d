"""Structured logs without anything that people wrote, and without secrets.

What may stand in a log is named by our own code; what an exception says is not, since a value that somebody typed may
stand in it. So of exceptions other than our own the type and the place are kept, and never the words.
"""

import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from hashlib import sha256
from types import TracebackType
from typing import Any, TextIO

import structlog

from huep.errors import HuepError

REMOVED = "[removed]"
REQUEST = "request"
REQUEST_ID_LENGTH = 12

FORBIDDEN_KEYS = frozenset(
    {
        "access_token", "answer_text", "arguments", "authorization", "body", "caption", "ciphertext", "content",
        "formatted_body", "html", "key", "message", "password", "pickle", "question", "recovery_key", "secret", "seed",
        "seeds", "session_key", "source", "text", "token", "topic", "words",
    }
)  # fmt: skip
"""Names under which a message, a file or a secret would come; whatever lies under them is removed."""

_SECRETS = re.compile(
    r"syt_[A-Za-z0-9_=+/-]{8,}|syr_[A-Za-z0-9_=+/-]{8,}|Bearer\s+\S+"
    r"|(?:[1-9A-HJ-NP-Za-km-z]{4} ){11}[1-9A-HJ-NP-Za-km-z]{4}"
)
"""Access and refresh tokens as Synapse makes them, and recovery keys, wherever they stand."""

LONGEST_VALUE = 500
Fields = MutableMapping[str, Any]


def without_contents(_logger: Any, _method: str, fields: Fields) -> Fields:
    """Removes what must not be logged, whoever tries."""
    for name in fields:
        if name in FORBIDDEN_KEYS:
            fields[name] = REMOVED
        else:
            fields[name] = _clean(fields[name])
    return fields


def _clean(value: Any) -> Any:
    if isinstance(value, bool | int | float) or value is None:
        return value
    if isinstance(value, Mapping):
        return {name: REMOVED if name in FORBIDDEN_KEYS else _clean(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(item) for item in value]
    if isinstance(value, BaseException):
        return said_by(value)
    return _SECRETS.sub(REMOVED, str(value))[:LONGEST_VALUE]


def said_by(error: BaseException) -> str:
    """The type of an exception, and its sentence where it is one of ours."""
    name = type(error).__name__
    return f"{name}: {error}" if isinstance(error, HuepError) else name


def exception_without_words(_logger: Any, _method: str, fields: Fields) -> Fields:
    """In place of structlog's own: where it happened, and of what type, through all causes."""
    info = fields.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    elif isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if isinstance(info, tuple) and info[1] is not None:
        fields["exception"] = " <- ".join(_places(info[1]))
    return fields


def _places(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield f"{said_by(error)} at {_place(error.__traceback__)}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _place(trace: TracebackType | None) -> str:
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
    return " > ".join(frames[-6:]) or "?"


@contextmanager
def request(event_id: str) -> Iterator[None]:
    """Every line that is logged within carries the same short ID, made from what is being handled."""
    with structlog.contextvars.bound_contextvars(**{REQUEST: request_id(event_id)}):
        yield


def request_id(event_id: str) -> str:
    """The same for the same event or job for ever, so that a repetition is found beside the first try."""
    return sha256(event_id.encode()).hexdigest()[:REQUEST_ID_LENGTH]


class _OfLibraries(logging.Handler):
    """What libraries log: that they did, and where. Their words may be anybody's."""

    def emit(self, record: logging.LogRecord) -> None:
        place = f"{record.pathname}:{record.lineno} {record.funcName}"
        log = structlog.get_logger(record.name)
        log.log(record.levelno, "a library logged", library=record.name, place=place, exc_info=record.exc_info)


def log_to(stream: TextIO) -> None:
    """Set all logs of this process up, one line an event."""
    logging.basicConfig(handlers=[_OfLibraries()], level=logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            exception_without_words,
            without_contents,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(20),
        logger_factory=structlog.PrintLoggerFactory(stream),
    )
