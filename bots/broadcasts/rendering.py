"""An announcement as people see it: the contents of the events that carry it into one room.

The first event has the words, each file follows as an event of its own. The same functions make the preview, so that
what is confirmed is what is sent.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any
from uuid import UUID

from bots.broadcasts.markup import marked
from bots.broadcasts.model import AttachedFile, Author, Broadcast, Content, Draft, Level, Wanted
from bots.matrix.contents import Attachment, edit_content, file_content, text_content
from bots.matrix.port import Text
from huep.catalogue import Catalogue, Locale, Voice
from huep.clock import PROVINCE_TIMEZONE
from huep.directory.audience import Audience

MESSAGES = Catalogue("bots.broadcasts")
VOICE = Voice(MESSAGES, Locale.VI)
"""What is said to many is said in Vietnamese; what is answered to one, in their language."""

MOST_NAMED = 50
"""People of a room who are named, and whose phones ring; of more, the audience alone is said."""

MOST_EVENT_BYTES = 45_000
"""Of JSON as it is encrypted: in base64, with its envelope around it, an event holds no more than 65,536."""

SHORTENED_TO = 60
"""Characters of a content, where it is named in a list."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Addressed:
    """To whom an announcement speaks in one room."""

    people: tuple[tuple[str, str], ...] = ()
    """User ID and full name; empty where everybody in the room is meant, or the room is a direct one."""
    whole_room: bool = True
    """Whether nobody in the room is a bystander, so that the room itself may be called."""

    @property
    def named(self) -> tuple[tuple[str, str], ...]:
        """Those whose names stand in it."""
        return () if self.whole_room or len(self.people) > MOST_NAMED else self.people


EVERYBODY = Addressed()

# Stand-ins for those who speak and hear, by which `can_be_carried` measures: names of 30 letters with marks.
_LONG_NAME = "ễ" * 10 + "n" * 20
_LONG_ID = "@" + "x" * 43
_MANY = Addressed(((_LONG_ID, _LONG_NAME),) * MOST_NAMED, whole_room=False)
_LONG_WINDED = (
    Wanted(Audience(), ""),
    Author(UUID(int=0), _LONG_ID, _LONG_NAME, _LONG_NAME * 3, "", _LONG_NAME * 3),
    _LONG_ID,
)
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Copy:
    """A draft, and what it is called by then; the preview has no number yet."""

    draft: Draft
    number: int | None = None
    edited_at: datetime | None = None

    @classmethod
    def of(cls, broadcast: Broadcast, edited_at: datetime | None = None) -> "Copy":
        return cls(broadcast.draft, broadcast.number, edited_at)


def first_event(copy: Copy, to: Addressed = EVERYBODY) -> Json:
    """The content of the event with the words."""
    content = text_content(words(copy, to))
    if copy.draft.level is Level.URGENT and to.whole_room:
        content["m.mentions"] = {"room": True}
    return content


def events(copy: Copy, to: Addressed = EVERYBODY) -> tuple[Json, ...]:
    """The contents of all events that carry the announcement into a room, in their order."""
    return (first_event(copy, to), *(file_event(file) for file in copy.draft.content.files))


def file_event(file: AttachedFile) -> Json:
    """A file that lies in the media store already, shown again: its key is in the event."""
    return file_content(Attachment(file.file, file.name))


def replacing(target: str, copy: Copy, to: Addressed = EVERYBODY) -> Json:
    """The content of the event that puts these words in the place of those of our event `target`."""
    return edit_content(target, words(copy, to))


def can_be_carried(content: Content) -> bool:
    """Whether an event holds it even where it replaces another, with as many names above it as there may be."""
    draft = Draft(Level.IMPORTANT, content, *_LONG_WINDED, deadline=_SOME_DAY)
    replacement = replacing("$" * len(_LONG_ID), Copy(draft, 10**9, _SOME_DAY), _MANY)
    return len(json.dumps(replacement, ensure_ascii=False, separators=(",", ":")).encode()) <= MOST_EVENT_BYTES


def words(copy: Copy, to: Addressed = EVERYBODY) -> Text:
    """Heading, to whom, what is said, by whom, and what is asked: plain and formatted."""
    draft = copy.draft
    above = [head(copy)]
    if to.named:
        above.append(VOICE("announcement-to", names=", ".join(name for _, name in to.named)))
    elif not to.whole_room and _leaves_people_out(draft.wanted.audience):
        # Who is left out by name is told to the author, not to everybody around.
        above.append(VOICE("announcement-to-some", count=len(to.people)))
    elif not to.whole_room:
        above.append(VOICE("announcement-to", names=draft.wanted.words))
    below = [one for one in (_signature(draft), _edited(copy), _asked(copy)) if one]
    said = draft.content
    formatted = [f"<b>{escape(above[0])}</b>", *(f"<i>{escape(one)}</i>" for one in above[1:])]
    blocks = ["<br>".join(formatted), said.html or marked(said.body), "<br>".join(map(escape, below))]
    return Text(
        body="\n\n".join(part for part in ("\n".join(above), said.body, "\n".join(below)) if part),
        html="<br><br>".join(block for block in blocks if block),
        notice=draft.level is Level.INFORMATION,
        mentions=tuple(user_id for user_id, _ in to.named),
    )


def head(copy: Copy) -> str:
    """`📢 Thông báo quan trọng số 17 · Sở Nội vụ`; without a number before it has one."""
    return VOICE(f"announcement-head-{copy.draft.level}", number=_number(copy), unit=copy.draft.author.unit_name)


def again(broadcast: Broadcast, names: Sequence[tuple[str, str]], target: str | None) -> Json:
    """An urgent announcement is called to mind, naming who is missing in the room; a reply to it where it is known."""
    named = names[:MOST_NAMED]
    left = len(names) - len(named)
    listed = ", ".join(name for _, name in named)
    if left:
        listed = VOICE("and-more", names=listed, count=left)
    body = VOICE("announcement-again", number=str(broadcast.number), names=listed)
    return text_content(Text(body, escape(body), reply_to=target, mentions=tuple(user_id for user_id, _ in named)))


def reminder(broadcast: Broadcast) -> Json:
    """One person is asked once more, in their direct chat; a sign to it counts as one to the announcement."""
    deadline = broadcast.draft.deadline
    body = VOICE(
        "announcement-reminder",
        number=str(broadcast.number),
        unit=broadcast.draft.author.unit_name,
        beginning=shortened(broadcast.draft.content),
        deadline="" if deadline is None else moment(deadline),
    )
    return line(body)


def shortened(content: Content) -> str:
    """The beginning of a content, in one line; of one without words the names of its files."""
    text = " ".join(content.body.split()) or ", ".join(file.name for file in content.files)
    return text if len(text) <= SHORTENED_TO else f"{text[:SHORTENED_TO].rstrip()}…"


def named(broadcast: Broadcast) -> str:
    """An announcement in a list: `17 · Lịch họp giao ban`."""
    return f"{broadcast.number} · {shortened(broadcast.draft.content)}"


def line(text: str, *, notice: bool = False) -> Json:
    """The content of a message of plain lines beside an announcement."""
    return text_content(Text(text, "<br>".join(escape(one) for one in text.split("\n")), notice=notice))


def moment(at: datetime) -> str:
    """`17:00 ngày 19/06/2026`, in the province's time."""
    local = at.astimezone(PROVINCE_TIMEZONE)
    return VOICE("moment", time=f"{local:%H:%M}", day=f"{local:%d/%m/%Y}")


def _leaves_people_out(audience: Audience) -> bool:
    left_out = any(one.people or any(part.people for part in one.any_of) for one in audience.excluding)
    return left_out or any(_leaves_people_out(one) for one in (*audience.any_of, *audience.excluding))


def _signature(draft: Draft) -> str:
    author = draft.author
    if draft.origin is not None:
        return VOICE("announcement-from-source", source=author.full_name)
    return VOICE("announcement-signed", name=author.full_name, position=author.position)


def _edited(copy: Copy) -> str:
    return "" if copy.edited_at is None else VOICE("announcement-edited", moment=moment(copy.edited_at))


def _asked(copy: Copy) -> str:
    match copy.draft.level:
        case Level.URGENT:
            return VOICE("announcement-asks-now", number=_number(copy))
        case Level.IMPORTANT if copy.draft.deadline is not None:
            return VOICE("announcement-asks", number=_number(copy), deadline=moment(copy.draft.deadline))
    return ""


def _number(copy: Copy) -> str:
    return VOICE("announcement-number-later") if copy.number is None else str(copy.number)
