"""RSS and Atom, read and cleaned in a process of its own: whatever a feed does to the parser, it does to nobody else.

`python -m bots.broadcasts.news.parsing KIND` reads from its standard input a line of JSON, the hashes of the keys that
are known, and then a feed, under limits of time and memory that it sets itself; it writes what it found as JSON. It has
no words of huep.toml, no database and no secret.
"""

import io
import json
import re
import resource
import sys
from calendar import timegm
from collections.abc import Collection, Mapping
from typing import Any

import feedparser

from bots.broadcasts.markup import clean, plain, readable
from bots.broadcasts.news.identity import key_hash

CPU_S = 10
MEMORY_BYTES = 768 * 2**20
MOST_ENTRIES = 200
"""Of one feed; portals give some tens."""
MOST_TEXT = 32_000
MOST_NAME = 1_000
_HALVES = re.compile(
    rb"&#(?:x0*d[89a-f][0-9a-f]{2}|0*5(?:529[6-9]|5[3-9]\d\d|6\d{3}|7[0-2]\d\d|73[0-3]\d|734[0-3]))(?![0-9a-f]);?",
    re.IGNORECASE,
)
"""Halves of characters by number, as some portals write each sign of two: the library falls over them."""
_SUBSET = re.compile(rb"<!DOCTYPE[^>\[]{0,2000}\[", re.IGNORECASE)


def declares_entities(body: bytes) -> bool:
    """Whether its DOCTYPE defines anything of its own, in an encoding of one or two bytes a letter: no feed does."""
    return _SUBSET.search(body.replace(b"\x00", b"")) is not None


def parsed(body: bytes, kind: str, known: Collection[str] = frozenset()) -> dict[str, Any]:
    """`{"feed": version or "", "complaint": type of the first mistake or null, "entries": [...], "known": [key, ...]}`.

    An entry is `{"key", "title", "body", "html", "link", "published_s"}`: title and body plain, html of few tags, each
    of the three possibly empty, each of the others possibly null. What is known is not cleaned, and no entry.

    Args:
        body: what the server sent. It is read from a stream: of a text the library would see whether it is an address.
        kind: its Content-Type, which may name the encoding.
        known: hashes of keys, in hexadecimal.
    """
    found = feedparser.parse(
        io.BytesIO(_HALVES.sub(b"", body)),
        response_headers={"content-type": kind},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    mistake = found.get("bozo_exception")
    entries = [(_key(entry), entry) for entry in found.entries[:MOST_ENTRIES]]
    told = [key for key, _ in entries if key and key_hash(key).hex() in known]
    return {
        "feed": found.get("version", ""),
        "complaint": type(mistake).__name__ if found.get("bozo") and mistake is not None else None,
        "entries": [_entry(key, entry) for key, entry in entries if key not in told],
        "known": told,
    }


def _key(entry: Mapping[str, Any]) -> str | None:
    """What its source knows it by: its id, or its address."""
    named = (readable(_text(entry.get(name), MOST_NAME) or "") for name in ("id", "link"))
    return next(filter(None, named), None)


def _entry(key: str | None, entry: Mapping[str, Any]) -> dict[str, Any]:
    contents = entry.get("content") or [{}]
    html = clean(_text(entry.get("summary") or contents[0].get("value"), MOST_TEXT) or "")
    moment = entry.get("published_parsed") or entry.get("updated_parsed")
    return {
        "key": key,
        "title": plain(_text(entry.get("title"), MOST_NAME) or ""),
        "body": plain(html),
        "html": html if len(html) <= MOST_TEXT else "",
        "link": _text(entry.get("link"), MOST_NAME),
        "published_s": None if moment is None else timegm(moment),
    }


def _text(value: object, most: int) -> str | None:
    return value[:most] if isinstance(value, str) and value.strip() else None


def _within_limits() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Read one feed from standard input."""
    known, body = json.loads(sys.stdin.buffer.readline()), sys.stdin.buffer.read()
    _within_limits()
    json.dump(parsed(body, sys.argv[1], frozenset(known)), sys.stdout)


if __name__ == "__main__":
    main()
