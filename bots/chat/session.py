"""One person's chat over a connection: the current room, what is typed, what comes in."""

import asyncio
import shutil
from collections.abc import Callable, Mapping

from bots.chat.conversation import MESSAGES, Conversation, NoPoll, block, one_line
from bots.chat.pictures import NotAPicture, half_blocks
from bots.matrix.connection import MatrixConnection
from bots.matrix.contents import POLL_RESPONSE, reaction_content, vote_content
from bots.matrix.errors import AccountLocked, MatrixError, ServerUnreachable, SessionEnded
from bots.matrix.port import Batch, Event, Image, Invite, RoomView, Text, TextMessage
from huep.catalogue import Locale

PICTURE_ROWS = 20
HEARD_AT_MOST = 1_000
MOST_NAMES = 3


class ChatSession:
    """Reads and writes in one room at a time; `show` gets each line that the person is to see."""

    def __init__(
        self, connection: MatrixConnection, locale: Locale, show: Callable[[str], None], *, interactive: bool = True
    ) -> None:
        self.connection = connection
        self.room_id = ""
        self._locale = locale
        self._show = show
        self._pictures = interactive
        self._echo = not interactive
        self._conversation = Conversation(connection.user_id, locale)
        self._rooms: tuple[RoomView, ...] = ()
        self._invites: dict[str, Invite] = {}
        self.heard: asyncio.Queue[Event] = asyncio.Queue(HEARD_AT_MOST)
        """Messages of others in the current room, for whoever waits for an answer."""

    async def open_room(self, room_id: str) -> None:
        """Make `room_id` the current room."""
        room = await self.connection.room(room_id)
        self.room_id = room_id
        self._conversation = Conversation(
            self.connection.user_id, self._locale, await self.connection.display_names(room_id)
        )
        title = self._title(room, self._conversation.names)
        self._say("room-open" if room.encrypted else "room-open-unencrypted", room=title)

    def _title(self, room: RoomView, names: Mapping[str, str]) -> str:
        """The room's name, else who else is in it."""
        others = sorted(room.members - {self.connection.user_id})
        shown = [one_line(names.get(user, "")) or one_line(user) for user in others[:MOST_NAMES]]
        return one_line(room.name or "") or ", ".join(shown) or one_line(room.room_id)

    async def take_in(self, batch: Batch) -> None:
        """Show what came, and remember how far we have read."""
        for invite in batch.invites:
            self._invites[invite.room_id] = invite
            self._say("invited", who=one_line(invite.inviter))
            self.connection.settle_invite(invite)
        for event in batch.events:
            if event.room_id == self.room_id:
                await self._show_event(event)
        await self.connection.commit(batch)

    async def listen(self) -> None:
        """Show what comes in, for ever; raises when this device is out."""
        while True:
            await self.take_in(await self.connection.next_batch())

    async def _show_event(self, event: Event) -> None:
        for line in self._conversation.lines(event):
            self._show(line)
        if isinstance(event, Image) and self._pictures:
            await self._show_picture(event)
        if isinstance(event, TextMessage) and event.sender != self.connection.user_id and not self.heard.full():
            self.heard.put_nowait(event)

    async def _show_picture(self, event: Image) -> None:
        columns = max(20, shutil.get_terminal_size().columns - 8)
        try:
            content = await self.connection.download(event.file)
            lines = await asyncio.to_thread(half_blocks, content, columns, PICTURE_ROWS)
        except (MatrixError, NotAPicture):
            self._say("picture-unreadable")
            return
        for line in lines:
            self._show(line)

    async def typed(self, line: str) -> bool:
        """Carry out what the person typed; False when they want to leave."""
        try:
            return await self._typed(line.strip())
        except (AccountLocked, SessionEnded):
            raise
        except ServerUnreachable:
            self._say("not-sent")
        except MatrixError as error:
            self._say("refused", reason=one_line(str(error)))
        return True

    async def _typed(self, line: str) -> bool:
        if not line:
            return True
        if not line.startswith("/"):
            await self.say(line)
            return True
        command, _, argument = line.partition(" ")
        argument = argument.strip()
        match command:
            case "/quit" | "/q":
                return False
            case "/rooms":
                await self._list_rooms()
            case "/join" if argument.isdigit():
                await self._join(int(argument))
            case "/vote" if argument.isdigit():
                await self._vote(int(argument))
            case "/react" if argument:
                await self._react(argument)
            case _:
                for shown in MESSAGES.text(self._locale, "help").split("\n"):
                    self._show(shown)
        return True

    async def say(self, text: str) -> str:
        """Write `text` into the current room; returns its event ID."""
        event_id = await self.connection.send_text(self.room_id, Text(text))
        self._conversation.last_message = event_id
        if self._echo:
            for line in block(MESSAGES.text(self._locale, "you"), text):
                self._show(line)
        return event_id

    async def _list_rooms(self) -> None:
        self._rooms = await self.connection.joined_rooms()
        names = [self._title(room, await self.connection.display_names(room.room_id)) for room in self._rooms]
        names += [MESSAGES.text(self._locale, "invited", {"who": invite.inviter}) for invite in self._invites.values()]
        for place, name in enumerate(names, start=1):
            here = "*" if place <= len(self._rooms) and self._rooms[place - 1].room_id == self.room_id else " "
            self._show(f"{here}{place:>3}. {one_line(name)}")

    async def _join(self, number: int) -> None:
        choices = [room.room_id for room in self._rooms] + list(self._invites)
        if not 1 <= number <= len(choices):
            self._say("no-such-room")
            return
        room_id = choices[number - 1]
        if self._invites.pop(room_id, None) is not None:
            await self.connection.join(room_id)
        await self.open_room(room_id)

    async def _vote(self, number: int) -> None:
        try:
            poll, answers = self._conversation.vote(number)
        except NoPoll:
            self._say("no-poll")
            return
        await self.connection.send_event(self.room_id, POLL_RESPONSE, vote_content(poll, answers))

    async def _react(self, key: str) -> None:
        if self._conversation.last_message is None:
            self._say("nothing-to-react-to")
            return
        content = reaction_content(self._conversation.last_message, key)
        await self.connection.send_event(self.room_id, "m.reaction", content)

    def _say(self, message: str, **arguments: str) -> None:
        self._show(f"  · {MESSAGES.text(self._locale, message, arguments)}")
