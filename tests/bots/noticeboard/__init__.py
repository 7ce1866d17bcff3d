"""Bảng tin: a bot for tests. It takes whole messages, shows them before it pins them, and hears beside its commands."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from bots.matrix.contents import Attachment, file_content, text_content
from bots.matrix.port import Event, File, MediaFile, Reaction, RoomView, Text, TextMessage
from bots.process.package import BotPackage
from bots.runtime.access import Caller
from bots.runtime.arguments import Asking, Choice, Kept, More, NotUnderstood, Reading, Understood
from bots.runtime.capabilities import Capability, Effects, Intentions
from bots.runtime.commands import Answer, Request, scene
from bots.runtime.dispatcher import Hearer
from bots.runtime.help import help_router
from bots.runtime.outcome import Enclosure, Outcome
from bots.runtime.parsers import AnyText
from bots.runtime.replies import paragraphs, said
from bots.runtime.router import Router
from huep.catalogue import Catalogue, Locale, Message
from tests.bots.desk import Desk

MESSAGES = Catalogue("tests.bots.noticeboard")
LONGEST_BODY = 5_000
NOTHING = "..."
"""No part of any note."""


@dataclass(frozen=True)
class Note:
    """What is to be pinned."""

    body: str = ""
    html: str | None = None
    files: tuple[tuple[str, MediaFile], ...] = ()

    def with_part(self, event: TextMessage | File) -> "Note":
        if isinstance(event, File):
            return replace(self, files=(*self.files, (event.name, event.file)))
        return replace(self, body=f"{self.body}\n{event.body}".strip(), html=event.html or self.html)

    @property
    def contents(self) -> tuple[Mapping[str, Any], ...]:
        """As it is pinned."""
        files = (file_content(Attachment(file, name)) for name, file in self.files)
        return (text_content(Text(self.body, self.html)), *files)


@dataclass(frozen=True)
class NoteWords:
    """A note of one message, or of `several`."""

    several: bool
    takes_anything: bool = True

    def read(self, words: str, _: Asking) -> Reading[Note]:
        return Understood(Note(words))

    def read_message(self, event: TextMessage | File, _: Asking, before: Note | None) -> Reading[Note] | More[Note]:
        if event.body == NOTHING:
            return NotUnderstood()
        note = (before or Note()).with_part(event)
        return More(note, Message.of("gathered", files=len(note.files))) if self.several else Understood(note)

    def offers(self, _: Asking) -> tuple[Choice[Note], ...]:
        return ()

    def written(self, value: Note, _: Locale) -> str:
        return value.body

    def dump(self, value: Note) -> Kept:
        return asdict(value)

    def load(self, kept: Kept, _: Asking) -> Note | None:
        return Note(kept["body"], kept["html"], tuple((name, MediaFile(**file)) for name, file in kept["files"]))


@dataclass(frozen=True)
class Pinned:
    """Of the act."""

    note: Note
    board: str


@dataclass(frozen=True)
class Quoted:
    """Of the question."""

    note: Note


class Pins(Protocol):
    """May pin a note."""

    def pin(self, pinned: Pinned) -> None: ...


class Board:
    """What is pinned, and what was heard beside commands."""

    def __init__(self) -> None:
        self.pinned: list[Pinned] = []
        self.heard: list[Event] = []
        self.label = ""
        """Of every board; another label makes another act of what was read out."""

    async def hear(self, event: Event, caller: Caller, room: RoomView) -> Outcome | None:
        """Reactions with a pin, and the words `đã rõ`."""
        pins = isinstance(event, Reaction) and event.key == "📌"
        if not pins and not (isinstance(event, TextMessage) and event.body == "đã rõ"):
            return None
        thanks = MESSAGES.text(Locale.VI, "heard", {"name": caller.person.full_name})
        return Outcome((said(room.room_id, Text(thanks)),), (lambda _: self.heard.append(event),))


@dataclass(frozen=True)
class PinsIt:
    """Pins."""

    board: Board
    effects: Effects

    def pin(self, pinned: Pinned) -> None:
        self.effects.write(lambda _: self.board.pinned.append(pinned))


@dataclass(frozen=True)
class ShowsIt:
    """The dry-run twin: shows what would be pinned."""

    board: Board
    intentions: Intentions

    def pin(self, pinned: Pinned) -> None:
        for content in pinned.note.contents:
            self.intentions.show({**content, "label": self.board.label})
        self.intentions.say(Message.of("would-pin", board=pinned.board))


def too_long(note: Note, _: Mapping[str, Any]) -> Message | None:
    return Message.of("too-long") if len(note.body) > LONGEST_BODY else None


def board_router(board: Board) -> Router:
    """The commands of Bảng tin."""
    router = Router("board", MESSAGES)
    router.include(help_router(MESSAGES))
    pins: Capability[Pins] = Capability(
        "pin", lambda effects: PinsIt(board, effects), lambda intentions: ShowsIt(board, intentions), of_power=False
    )

    @router.act(
        "pin",
        {Locale.VI: ("ghim tin", "ghim lên bảng {board}: {note}"), Locale.EN: ("pin a note",)},
        pins,
        scene=scene(Pinned, checks={"note": too_long}, note=NoteWords(several=True), board=AnyText()),
    )
    async def pin(_: Request, pinned: Pinned, keeper: Pins) -> Answer:
        keeper.pin(pinned)
        return paragraphs(MESSAGES.text(Locale.VI, "pinned"))

    @router.question(
        "quote",
        {Locale.VI: ("trích tin", "trích {note}"), Locale.EN: ("quote a note",)},
        scene=scene(Quoted, note=NoteWords(several=False)),
    )
    async def quote(_: Request, quoted: Quoted) -> Answer:
        text = paragraphs(quoted.note.html or quoted.note.body)
        return replace(
            text,
            files=(
                Enclosure("tin.txt", "text/plain", quoted.note.body.encode()),
                Enclosure("hinh.png", "image/png", b"\x89PNG\r\n\x1a\n", (1, 1)),
            ),
        )

    return router


def bot_of(board: Board) -> BotPackage:
    """Bảng tin, over this board."""

    def hears(_: object) -> Hearer:
        return board

    return BotPackage(
        name="board",
        title="Bảng tin",
        localpart=lambda _: "bang-tin",
        router=lambda _: board_router(board),
        hears=hears,
    )


class BoardDesk(Desk):
    """A desk of Bảng tin."""

    def __init__(self) -> None:
        self.board = Board()
        super().__init__(board_router(self.board), hearer=self.board)

    @property
    def pinned(self) -> list[tuple[str, Note]]:
        return [(pinned.board, pinned.note) for pinned in self.board.pinned]


async def asked(desk: Desk, *said: str) -> str:
    """What the bot says to the last of what An says."""
    answer = ""
    for one in said:
        answer = await desk.says("an", one)
    return answer
