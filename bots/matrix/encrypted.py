"""What an encrypted event of a room says of itself in clear; pure."""

from bots.matrix.algorithms import MEGOLM
from bots.matrix.signing import Json


def session_id_of(event: Json) -> str | None:
    """The Megolm session of an encrypted event; None when it names none, whatever else stands there."""
    content = event.get("content")
    if not isinstance(content, dict) or content.get("algorithm") != MEGOLM:
        return None
    session_id = content.get("session_id")
    return session_id if isinstance(session_id, str) and session_id else None
