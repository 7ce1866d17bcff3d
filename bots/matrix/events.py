"""Matrix event JSON to the frozen events of `port`, and texts to content; knows neither nio nor a server."""

from collections.abc import Mapping
from typing import Any

from bots.matrix.port import (
    Edit,
    Event,
    Image,
    MediaFile,
    PollAnswer,
    PollEnd,
    PollResponse,
    PollStart,
    Reaction,
    Text,
    TextMessage,
)
from bots.matrix.trust import Origin

POLL_PREFIXES = ("org.matrix.msc3381.poll.", "m.poll.")
MOST_POLL_ANSWERS = 20
LATEST_MOMENT_MS = 253_370_764_800_000
"""The year 9999, where Python's calendar ends."""
TEXT_TYPES = ("m.text", "m.notice", "m.emote")

Json = Mapping[str, Any]


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
        "event_id": str(source["event_id"]),
        "sender": str(source["sender"]),
        "sent_at_ms": _moment(source["origin_server_ts"]),
        "origin": origin,
        "thread_root": str(relation["event_id"]) if relation.get("rel_type") == "m.thread" else None,
    }
    if kind == "m.room.message":
        return _message(content, relation, common)
    if kind == "m.reaction":
        return Reaction(**common, target=str(relation["event_id"]), key=str(relation["key"]))
    for prefix in POLL_PREFIXES:
        if kind.startswith(prefix):
            return _poll(kind.removeprefix(prefix), prefix, content, relation, common)
    return None


def _moment(milliseconds: Any) -> int:
    moment = int(milliseconds)
    if not 0 <= moment <= LATEST_MOMENT_MS:
        raise ValueError
    return moment


def _message(content: Json, relation: Json, common: dict[str, Any]) -> Event | None:
    if relation.get("rel_type") == "m.replace":
        new = content.get("m.new_content") or content
        return Edit(**common, target=str(relation["event_id"]), body=str(new["body"]))
    kind = content.get("msgtype")
    if kind in TEXT_TYPES:
        return TextMessage(
            **common,
            body=_without_reply_quote(str(content["body"]), relation),
            notice=kind == "m.notice",
            reply_to=_reply_to(relation),
            mentions=frozenset(str(user) for user in (content.get("m.mentions") or {}).get("user_ids", ())),
        )
    if kind == "m.image":
        return Image(**common, body=str(content.get("body", "")), file=_media_file(content))
    return None


def _reply_to(relation: Json) -> str | None:
    target = (relation.get("m.in_reply_to") or {}).get("event_id")
    return None if target is None or relation.get("is_falling_back") else str(target)


def _without_reply_quote(body: str, relation: Json) -> str:
    """Older clients put the message answered, each line behind `> `, before the answer."""
    if "m.in_reply_to" not in relation or not body.startswith("> "):
        return body
    lines = body.split("\n")
    while lines and lines[0].startswith(">"):
        lines.pop(0)
    return "\n".join(lines).strip() or body


def _media_file(content: Json) -> MediaFile:
    file = content.get("file")
    if file is None:
        return MediaFile(url=str(content["url"]))
    return MediaFile(str(file["url"]), str(file["key"]["k"]), str(file["iv"]), str(file["hashes"]["sha256"]))


def _poll(step: str, prefix: str, content: Json, relation: Json, common: dict[str, Any]) -> Event | None:
    if step == "start":
        poll = content.get(f"{prefix}start") or content["m.poll"]
        answers = tuple(
            PollAnswer(str(answer.get("id") or answer["m.id"]), _extensible_text(answer))
            for answer in poll["answers"][:MOST_POLL_ANSWERS]
        )
        return PollStart(**common, question=_extensible_text(poll["question"]), answers=answers)
    if step == "response":
        chosen = (content.get(f"{prefix}response") or {}).get("answers") or content.get("m.selections") or ()
        target = str(relation["event_id"])
        return PollResponse(**common, target=target, answer_ids=tuple(str(answer) for answer in chosen))
    if step == "end":
        return PollEnd(**common, target=str(relation["event_id"]))
    return None


def _extensible_text(block: Json) -> str:
    text = block.get("org.matrix.msc1767.text") or block.get("body") or block.get("m.text") or ""
    if isinstance(text, list):
        text = text[0]["body"]
    return str(text)


def text_content(text: Text) -> dict[str, Any]:
    """The content of an `m.room.message` for `text`."""
    content: dict[str, Any] = {
        "msgtype": "m.notice" if text.notice else "m.text",
        "body": text.body,
        "m.mentions": {"user_ids": list(text.mentions)} if text.mentions else {},
    }
    if text.html is not None:
        content |= {"format": "org.matrix.custom.html", "formatted_body": text.html}
    if text.thread_root is not None:
        content["m.relates_to"] = {
            "rel_type": "m.thread",
            "event_id": text.thread_root,
            "is_falling_back": text.reply_to is None,
            "m.in_reply_to": {"event_id": text.reply_to or text.thread_root},
        }
    elif text.reply_to is not None:
        content["m.relates_to"] = {"m.in_reply_to": {"event_id": text.reply_to}}
    return content


def reaction_content(target: str, key: str) -> dict[str, Any]:
    """The content of an `m.reaction` to `target`."""
    return {"m.relates_to": {"rel_type": "m.annotation", "event_id": target, "key": key}}


def vote_content(poll: str, answer_ids: tuple[str, ...]) -> dict[str, Any]:
    """The content of an `org.matrix.msc3381.poll.response`."""
    return {
        "m.relates_to": {"rel_type": "m.reference", "event_id": poll},
        "org.matrix.msc3381.poll.response": {"answers": list(answer_ids)},
    }
