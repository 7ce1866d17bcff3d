"""Pure: which of all that happens in its rooms concerns a bot; the rest is neither kept nor answered.

| what | concerns the bot |
|---|---|
| its own | never |
| notice, which programs write and people forward | in a room of two; `middleware.no_programs` asks who sent it |
| message, file, picture | in a room of two; elsewhere where it names the bot, or replies to a message of the bot |
| what could not be read, question of a poll, edit | in a room of two |
| reaction, vote, end of a poll, redaction | where it is about a message of the bot |
| membership, upgrade of a room | never |

A dispatcher that wants more says so (`Dispatcher.listens_to`). An edit, or a redaction, of what is still open in the
inbox is obeyed there (`Inbox.obey`), wherever it was said.
"""

from bots.matrix.port import (
    Edit,
    Event,
    File,
    PollEnd,
    PollResponse,
    PollStart,
    Reaction,
    Redaction,
    RoomView,
    TextMessage,
    Unreadable,
)

DIRECT_ROOM_SIZE = 2


def concerns(event: Event, user_id: str, *, direct: bool, about_us: bool) -> bool:
    """Whether `event` is meant for the bot.

    Args:
        event: said in one of its rooms.
        user_id: the bot's.
        direct: whether nobody else is in the room, or asked into it.
        about_us: whether `target_of` the event is a message of the bot.
    """
    if event.sender == user_id:
        return False
    match event:
        case TextMessage(notice=True):
            return direct
        case TextMessage() | File():
            return direct or user_id in event.mentions or about_us
        case Unreadable() | PollStart() | Edit():
            return direct
        case Reaction() | PollResponse() | PollEnd() | Redaction():
            return about_us
        case _:
            return False


def target_of(event: Event) -> str | None:
    """The event that this one replies to, or is otherwise about."""
    match event:
        case TextMessage() | File():
            return event.reply_to
        case Reaction() | PollResponse() | PollEnd() | Redaction():
            return event.target
        case _:
            return None


def is_direct(room: RoomView) -> bool:
    """Whether it is a room of two: the bot and one person."""
    return len(room.members) <= DIRECT_ROOM_SIZE
