"""What is said, as the content of Matrix events: the other direction of `events`; pure, for sending and for the outbox.

Stable names stand beside unstable ones where clients in the field still read only the latter (polls, MSC3381).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bots.matrix.port import MediaFile, PollAnswer, Text

Json = dict[str, Any]

POLL_START = "org.matrix.msc3381.poll.start"
POLL_RESPONSE = "org.matrix.msc3381.poll.response"
POLL_END = "org.matrix.msc3381.poll.end"
MESSAGE, REACTION, REDACTION = "m.room.message", "m.reaction", "m.room.redaction"
_PLAIN_TEXT = "org.matrix.msc1767.text"


def text_content(text: Text) -> Json:
    """The content of an `m.room.message` for `text`."""
    content = _words(text)
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


def edit_content(target: str, text: Text) -> Json:
    """The content of an `m.room.message` that puts `text` in the place of our message `target`.

    Its relation is the replacement alone: where the first wording stood in a thread, or answered, the new one does too.
    Nobody is told a second time, so the mentions stand in the new content only (specification, "m.mentions").
    """
    new = _words(text)
    fallback = {**new, "body": f"* {text.body}", "m.mentions": {}}
    if text.html is not None:
        fallback["formatted_body"] = f"* {text.html}"
    return {**fallback, "m.new_content": new, "m.relates_to": {"rel_type": "m.replace", "event_id": target}}


def _words(text: Text) -> Json:
    content: Json = {
        "msgtype": "m.notice" if text.notice else "m.text",
        "body": text.body,
        "m.mentions": {"user_ids": list(text.mentions)} if text.mentions else {},
    }
    if text.html is not None:
        content |= {"format": "org.matrix.custom.html", "formatted_body": text.html}
    return content


def reaction_content(target: str, key: str) -> Json:
    """The content of an `m.reaction` to `target`."""
    return {"m.relates_to": {"rel_type": "m.annotation", "event_id": target, "key": key}}


def poll_content(
    question: str, answers: Sequence[PollAnswer], *, most_choices: int = 1, disclosed: bool = True
) -> Json:
    """The content of a `POLL_START`; clients show one choice whatever `most_choices` says, so leave it at one.

    Raises:
        ValueError: no answers, or more than the specification's 20.
    """
    if not 1 <= len(answers) <= 20:
        raise ValueError(f"A poll has 1 to 20 answers, not {len(answers)}.")
    in_words = "\n".join([question, *(f"{place}. {answer.text}" for place, answer in enumerate(answers, start=1))])
    return {
        POLL_START: {
            "question": {_PLAIN_TEXT: question, "body": question, "msgtype": "m.text"},
            "kind": f"org.matrix.msc3381.poll.{'disclosed' if disclosed else 'undisclosed'}",
            "max_selections": most_choices,
            "answers": [{"id": answer.answer_id, _PLAIN_TEXT: answer.text} for answer in answers],
        },
        _PLAIN_TEXT: in_words,
    }


def vote_content(poll: str, answer_ids: Sequence[str]) -> Json:
    """The content of a `POLL_RESPONSE`; no answers take the vote back."""
    return {"m.relates_to": _reference(poll), POLL_RESPONSE: {"answers": list(answer_ids)}}


def poll_end_content(poll: str, result: str) -> Json:
    """The content of a `POLL_END`; `result` is the tally in words, for clients that count none."""
    return {"m.relates_to": _reference(poll), POLL_END: {}, _PLAIN_TEXT: result, "body": result}


def _reference(target: str) -> Json:
    return {"rel_type": "m.reference", "event_id": target}


@dataclass(frozen=True)
class Attachment:
    """A file to show in a room, once it was uploaded."""

    file: MediaFile
    name: str
    caption: str | None = None
    """Words beside it (MSC2530); clients that know none show the name."""
    size_px: tuple[int, int] | None = None
    """Width and height of a picture."""
    reply_to: str | None = None
    thread_root: str | None = None
    mentions: tuple[str, ...] = field(default=())


def file_content(attachment: Attachment) -> Json:
    """The content of an `m.room.message` of a picture, where the file is one, else of a file."""
    caption = Text(
        attachment.caption or attachment.name,
        reply_to=attachment.reply_to,
        thread_root=attachment.thread_root,
        mentions=attachment.mentions,
    )
    return enclosing(text_content(caption), attachment.file, attachment.name, attachment.size_px)


def enclosing(caption: Mapping[str, Any], file: MediaFile, name: str, size_px: tuple[int, int] | None = None) -> Json:
    """The content that shows `file` with a caption.

    Args:
        caption: the content of the message without the file; may be empty.
        file: where it lies.
        name: of the file.
        size_px: width and height of a picture.
    """
    info: Json = {"size": file.size_bytes, "mimetype": file.kind}
    if size_px is not None:
        info |= {"w": size_px[0], "h": size_px[1]}
    return {
        **(caption or text_content(Text(name))),
        "msgtype": "m.image" if (file.kind or "").startswith("image/") else "m.file",
        "filename": name,
        "info": {key: value for key, value in info.items() if value is not None},
        **_where(file),
    }


def _where(file: MediaFile) -> Mapping[str, Any]:
    if file.key is None:
        return {"url": file.url}
    return {
        "file": {
            "v": "v2",
            "url": file.url,
            "key": {"kty": "oct", "alg": "A256CTR", "ext": True, "k": file.key, "key_ops": ["encrypt", "decrypt"]},
            "iv": file.iv,
            "hashes": {"sha256": file.sha256},
        }
    }
