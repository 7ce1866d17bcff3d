"""Reading JSON in which anybody may have put anything.

Python's parser gives up at about a thousand objects within objects. A homeserver parses an event by itself and hands it
on inside the answer of a sync, some levels deeper: what it just takes would stop a client at every start for ever.
"""

import json
import re
from typing import Any

DEEPEST = 100
"""Objects within objects; in what lies deeper nobody ever said anything."""

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{]|[\]}]', re.DOTALL)


def parse(text: bytes) -> Any:
    """The JSON value of `text`; where it is nested too deeply to be read, null stands for what lies below DEEPEST.

    Raises:
        ValueError: it is no JSON.
    """
    try:
        return json.loads(text)
    except RecursionError:
        return json.loads(_cut(text))


def _cut(text: bytes) -> bytes:
    kept, depth, kept_until, cut_from = bytearray(), 0, 0, None
    for token in _TOKEN.finditer(text):
        match token[0]:
            case b"[" | b"{":
                depth += 1
                if depth > DEEPEST and cut_from is None:
                    cut_from = token.start()
            case b"]" | b"}":
                if depth > DEEPEST and depth - 1 == DEEPEST and cut_from is not None:
                    kept += text[kept_until:cut_from] + b"null"
                    kept_until, cut_from = token.end(), None
                depth -= 1
            case _:
                continue
    return bytes(kept + text[kept_until:])
