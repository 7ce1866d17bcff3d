"""The runtime's own sentences as answers, and answers as events to send."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any

from bots.matrix.contents import MESSAGE, text_content
from bots.matrix.port import Reaction, RoomEvent, Text
from bots.runtime.commands import Answer, Command
from bots.runtime.dialogs import Dialog
from bots.runtime.outcome import Outgoing
from huep.catalogue import Argument, Catalogue, Locale

MESSAGES = Catalogue("bots.runtime")


def sentence(locale: Locale, name: str, **arguments: Argument) -> Answer:
    """One sentence of the runtime; nothing is awaited in return, so no phone rings."""
    text = MESSAGES.text(locale, name, arguments)
    return Answer(text, escape(text), rings=False)


def paragraphs(*texts: str) -> Answer:
    """Plain lines, one under the other."""
    lines = [line for text in texts for line in text.split("\n")]
    return Answer("\n".join(lines), "<br>".join(escape(line) for line in lines))


def numbered(labels: Sequence[str]) -> str:
    """Choices, each with the number by which it can be chosen."""
    return "\n".join(f"{number}. {label}" for number, label in enumerate(labels, start=1))


def not_understood(locale: Locale, likeliest: Sequence[Command]) -> Answer:
    """What is said to whatever is no command of this person's, and to what they may not use: it is the same thing."""
    phrases = [command.to_type(locale) for command in likeliest]
    if len(phrases) == 1:
        return sentence(locale, "not-understood-one", first=phrases[0])
    first, second = phrases
    return sentence(locale, "not-understood", first=first, second=second)


def said(room_id: str, text: Text) -> Outgoing:
    """A message that answers nothing, as jobs send it."""
    return Outgoing(room_id, MESSAGE, text_content(text))


def outgoing(event: RoomEvent, answer: Answer) -> Outgoing:
    """The answer as a reply to `event`, in its thread, naming who wrote it."""
    text = Text(
        body=answer.body,
        html=answer.html if answer.rings else None,
        notice=not answer.rings,
        reply_to=event.target if isinstance(event, Reaction) else event.event_id,
        thread_root=event.thread_root,
        mentions=(event.sender,),
    )
    return said(event.room_id, text)


def answered(event: RoomEvent, answer: Answer) -> tuple[Outgoing, ...]:
    """The answer to `event`, and its files behind it."""
    files = (
        replace(said(event.room_id, Text(file.name, thread_root=event.thread_root)), enclosure=file)
        for file in answer.files
    )
    return (outgoing(event, answer), *files)


def shown(event: RoomEvent, content: Mapping[str, Any]) -> Outgoing:
    """A message as others will see it, in the thread of `event`."""
    place = text_content(Text("", thread_root=event.thread_root))
    relation = {key: value for key, value in place.items() if key == "m.relates_to"}
    return Outgoing(event.room_id, MESSAGE, {**content, **relation})


def timed_out(dialog: Dialog, command: Command, *, quietly: bool) -> Outgoing:
    """That the bot waits no longer for an answer to what it asked; `quietly` makes no phone ring."""
    text = Text(
        body=MESSAGES.text(dialog.locale, "dialog-timed-out", {"title": command.title(dialog.locale)}),
        notice=True,
        reply_to=dialog.cause,
        mentions=() if quietly else (dialog.user_id,),
    )
    return said(dialog.room_id, text)
