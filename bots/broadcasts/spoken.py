"""What people say of an announcement, as typed values: what it says, and which one is meant."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from bots.broadcasts.markup import clean, marked, plain, readable
from bots.broadcasts.model import AttachedFile, Broadcast, Content
from bots.broadcasts.rendering import can_be_carried, named, shortened
from bots.language.phrases import bare
from bots.matrix.port import File, Image, MediaFile, TextMessage
from bots.runtime.access import Caller
from bots.runtime.arguments import (
    MOST_CHOICES,
    Asking,
    Choice,
    Kept,
    More,
    NotUnderstood,
    Reading,
    Understood,
)
from huep.catalogue import Locale, Message
from huep.names import fold

MOST_FILES = 10

_TEMPLATE = re.compile(r"(?:mau|template) (.+)")
_NUMBER = re.compile(r"(?:(?:thong bao|tin|so|announcement|number) )*(\d{1,9})")


class ContentWords:
    """What an announcement says: messages as they came, forwarded or with files; formatting of few tags stays.

    Args:
        templates: what the asker has kept, by folded names; `mẫu họp giao ban` is one of them.
    """

    takes_anything = True

    def __init__(self, templates: Callable[[Caller], Mapping[str, Content]] = lambda _: {}) -> None:
        self._templates = templates

    def read(self, words: str, asking: Asking) -> Reading[Content]:
        body = readable(words).strip()
        if not body:
            return NotUnderstood()
        return Understood(self._template(body, asking) or Content(body))

    def read_message(
        self, message: TextMessage | File, asking: Asking, before: Content | None
    ) -> Reading[Content] | More[Content]:
        """All messages so far, one below the other, and their files behind."""
        if isinstance(message, TextMessage) and (kept := self._template(message.body, asking)) is not None:
            return More(_joined(before or Content(""), kept), Message.of("content-so-far", files=len(kept.files)))
        new = _of_file(message) if isinstance(message, File) else _of_text(message)
        if new is None:
            return NotUnderstood()
        whole = _joined(before or Content(""), new)
        return More(whole, Message.of("content-so-far", files=len(whole.files)))

    def _template(self, words: str, asking: Asking) -> Content | None:
        name = _TEMPLATE.fullmatch(" ".join(fold(words).split()))
        return self._templates(asking.caller).get(name[1]) if name else None

    def offers(self, _: Asking) -> tuple[Choice[Content], ...]:
        return ()

    def written(self, value: Content, _: Locale) -> str:
        return shortened(value)

    def dump(self, value: Content) -> Kept:
        return asdict(value)

    def load(self, kept: Kept, _: Asking) -> Content | None:
        files = tuple(AttachedFile(MediaFile(**one["file"]), one["name"], one["picture"]) for one in kept["files"])
        return Content(kept["body"], kept["html"], files)


def content_fits(content: Content, _: Mapping[str, Any]) -> Message | None:
    """What is wrong with a content that no event could carry, or that says nothing."""
    if not can_be_carried(content):
        return Message.of("content-too-long")
    if len(content.files) > MOST_FILES:
        return Message.of("content-too-many-files", most=MOST_FILES)
    return None


class KnownBroadcast:
    """An announcement by its number, `17`, `số 17`, of those that whoever asks may ask about; others do not exist.

    Args:
        find: by its number, with the eyes of the caller.
        recent: those that are offered, the latest first.
    """

    takes_anything = False

    def __init__(
        self,
        find: Callable[[Caller, int], Broadcast | None],
        recent: Callable[[Caller], tuple[Broadcast, ...]],
    ) -> None:
        self._find = find
        self._recent = recent

    def read(self, words: str, asking: Asking) -> Reading[Broadcast]:
        said = _NUMBER.fullmatch(bare(words))
        found = self._find(asking.caller, int(said[1])) if said else None
        return NotUnderstood() if found is None else Understood(found)

    def offers(self, asking: Asking) -> tuple[Choice[Broadcast], ...]:
        recent = self._recent(asking.caller)[:MOST_CHOICES]
        return tuple(Choice(self.written(one, asking.locale), one) for one in recent)

    def written(self, value: Broadcast, _: Locale) -> str:
        return named(value)

    def dump(self, value: Broadcast) -> Kept:
        return value.number

    def load(self, kept: Kept, asking: Asking) -> Broadcast | None:
        return self._find(asking.caller, int(kept))


def _of_text(message: TextMessage) -> Content | None:
    html = clean(message.html) if message.html else ""
    body = plain(html) if html else readable(message.body).strip()
    return Content(body, html or None) if body else None


def _of_file(message: File) -> Content:
    name = readable(message.name or message.body).strip()
    caption = readable(message.body).strip() if message.body != message.name else ""
    return Content(caption, files=(AttachedFile(message.file, name, picture=isinstance(message, Image)),))


def _joined(before: Content, new: Content) -> Content:
    body = "\n\n".join(part.body for part in (before, new) if part.body)
    html = None
    if before.html is not None or new.html is not None:
        html = "<br><br>".join(part.html or marked(part.body) for part in (before, new) if part.body)
    return Content(body, html, before.files + new.files)
