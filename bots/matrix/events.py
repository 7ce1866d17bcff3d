"""Matrix event JSON to the frozen events of `port`; knows neither nio nor a server."""

import re
from collections.abc import Mapping
from typing import Any, TypeGuard

from bots.matrix.port import (
    Edit,
    Event,
    File,
    Image,
    MediaFile,
    Membership,
    MembershipChange,
    PollAnswer,
    PollEnd,
    PollResponse,
    PollStart,
    Reaction,
    Redaction,
    RoomReplaced,
    TextMessage,
)
from bots.matrix.trust import Origin

POLL_PREFIXES = ("org.matrix.msc3381.poll.", "m.poll.")
MOST_POLL_ANSWERS = 20
LATEST_MOMENT_MS = 253_370_764_800_000
"""The year 9999, where Python's calendar ends."""
LARGEST_NUMBER = 2**53
TEXT_TYPES = ("m.text", "m.notice", "m.emote")
FILE_TYPES = ("m.file", "m.audio", "m.video")

Json = Mapping[str, Any]

_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")
"""What a Python string may hold and UTF-8, or PostgreSQL, may not."""


def event_of(room_id: str, source: Json, origin: Origin) -> Event | None:
    """The event in `source`, decrypted before; None for what no bot or terminal needs, or what is malformed."""
    try:
        return _event_of(room_id, source, origin)
    except Exception:  # noqa: BLE001 - anybody may send anything
        return None


def _event_of(room_id: str, source: Json, origin: Origin) -> Event | None:
    content, kind = source["content"], str(source["type"])
    relation = content.get("m.relates_to") or {}
    common: dict[str, Any] = {
        "room_id": room_id,
        "event_id": _text(source["event_id"]),
        "sender": _text(source["sender"]),
        "sent_at_ms": _moment(source["origin_server_ts"]),
        "origin": origin,
        "thread_root": _text(relation["event_id"]) if relation.get("rel_type") == "m.thread" else None,
    }
    if "state_key" in source:
        return _state(kind, source, content, common)
    if kind == "m.room.message":
        return _message(content, relation, common)
    if kind == "m.reaction":
        return Reaction(**common, target=_text(relation["event_id"]), key=_text(relation["key"]))
    if kind == "m.room.redaction" and origin is Origin.PLAIN:  # the server, which says who may, reads no other
        return Redaction(**common, target=_text(content.get("redacts") or source["redacts"]))
    for prefix in POLL_PREFIXES:
        if kind.startswith(prefix):
            return _poll(kind.removeprefix(prefix), prefix, content, relation, common)
    return None


def is_text(value: Any) -> TypeGuard[str]:
    """Whether it is a string that UTF-8, and PostgreSQL, can hold."""
    return isinstance(value, str) and _NOT_TEXT.search(value) is None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return _NOT_TEXT.sub("\N{REPLACEMENT CHARACTER}", value)


def _optional_text(value: Any) -> str | None:
    return _text(value) if isinstance(value, str) else None


def _moment(milliseconds: Any) -> int:
    moment = int(milliseconds)
    if not 0 <= moment <= LATEST_MOMENT_MS:
        raise ValueError
    return moment


def _state(kind: str, source: Json, content: Json, common: dict[str, Any]) -> Event | None:
    if kind == "m.room.tombstone" and source["state_key"] == "":
        return RoomReplaced(**common, replacement=_text(content["replacement_room"]))
    if kind == "m.room.member":
        before = Membership(_membership_before(source))
        now = Membership(content["membership"])
        return (
            None
            if now is before
            else MembershipChange(**common, user_id=_text(source["state_key"]), membership=now, before=before)
        )
    return None


def _membership_before(source: Json) -> Any:
    before = (source.get("unsigned") or {}).get("prev_content") or {}
    return before.get("membership", Membership.LEAVE)


def _message(content: Json, relation: Json, common: dict[str, Any]) -> Event | None:
    if relation.get("rel_type") == "m.replace":
        new = content.get("m.new_content") or content
        return Edit(
            **common,
            target=_text(relation["event_id"]),
            body=_text(new["body"]),
            html=_html(new),
            mentions=_mentions(new),
        )
    kind = content.get("msgtype")
    if kind in TEXT_TYPES:
        return TextMessage(
            **common,
            body=_without_reply_quote(_text(content["body"]), relation),
            html=_html(content),
            notice=kind == "m.notice",
            reply_to=_reply_to(relation),
            mentions=_mentions(content),
            mentions_room=(content.get("m.mentions") or {}).get("room") is True,
        )
    if kind == "m.image" or kind in FILE_TYPES:
        body = _text(content.get("body", ""))
        return (Image if kind == "m.image" else File)(
            **common,
            body=body,
            name=_optional_text(content.get("filename")) or body,
            file=_media_file(content),
            reply_to=_reply_to(relation),
            mentions=_mentions(content),
        )
    return None


def _html(content: Json) -> str | None:
    formatted = content.get("format") == "org.matrix.custom.html"
    return _optional_text(content.get("formatted_body")) if formatted else None


def _mentions(content: Json) -> frozenset[str]:
    return frozenset(_text(user) for user in (content.get("m.mentions") or {}).get("user_ids", ()))


def _reply_to(relation: Json) -> str | None:
    target = (relation.get("m.in_reply_to") or {}).get("event_id")
    return None if target is None or relation.get("is_falling_back") else _text(target)


def _without_reply_quote(body: str, relation: Json) -> str:
    """Older clients put the message answered, each line behind `> `, before the answer."""
    if "m.in_reply_to" not in relation or not body.startswith("> "):
        return body
    lines = body.split("\n")
    while lines and lines[0].startswith(">"):
        lines.pop(0)
    return "\n".join(lines).strip() or body


def _media_file(content: Json) -> MediaFile:
    info = content.get("info") or {}
    said: dict[str, Any] = {"size_bytes": _size(info.get("size")), "kind": _optional_text(info.get("mimetype"))}
    file = content.get("file")
    if file is None:
        return MediaFile(_text(content["url"]), **said)
    return MediaFile(
        _text(file["url"]), _text(file["key"]["k"]), _text(file["iv"]), _text(file["hashes"]["sha256"]), **said
    )


def _size(said: Any) -> int | None:
    return said if type(said) is int and 0 <= said < LARGEST_NUMBER else None


def _poll(step: str, prefix: str, content: Json, relation: Json, common: dict[str, Any]) -> Event | None:
    if step == "start":
        poll = content.get(f"{prefix}start") or content["m.poll"]
        answers = tuple(
            PollAnswer(_text(answer.get("id") or answer["m.id"]), _extensible_text(answer))
            for answer in poll["answers"][:MOST_POLL_ANSWERS]
        )
        return PollStart(
            **common,
            question=_extensible_text(poll["question"]),
            answers=answers,
            most_choices=_most_choices(poll.get("max_selections")),
            disclosed=not str(poll.get("kind")).endswith("undisclosed"),
        )
    if step == "response":
        chosen = (content.get(f"{prefix}response") or {}).get("answers") or content.get("m.selections") or ()
        target = _text(relation["event_id"])
        return PollResponse(**common, target=target, answer_ids=tuple(_text(answer) for answer in chosen))
    if step == "end":
        return PollEnd(**common, target=_text(relation["event_id"]), body=_extensible_text(content))
    return None


def _most_choices(said: Any) -> int:
    return said if type(said) is int and 1 <= said <= MOST_POLL_ANSWERS else 1


def _extensible_text(block: Json) -> str:
    text = block.get("org.matrix.msc1767.text") or block.get("m.text") or block.get("body") or ""
    if isinstance(text, list):
        text = text[0]["body"]
    return _text(text)
