"""The lines that a person sees, on a connection that answers from memory."""

from typing import Any

from bots.chat.session import ChatSession
from bots.matrix.port import Batch, Image, Invite, MediaFile, RoomView
from bots.matrix.trust import Origin
from huep.catalogue import Locale

AN, BOT = "@an:hue.localhost", "@tro-ly:hue.localhost"
FORGED = "Phòng\n03:26 Hồ Văn Bình: đồng ý\u202e"


class SmallConnection:
    """Two rooms: the direct one with the assistant, and one whose name somebody chose badly."""

    user_id = AN

    def __init__(self) -> None:
        self.rooms = {
            "!direct": RoomView("!direct", True, frozenset({AN, BOT})),
            "!named": RoomView("!named", True, frozenset({AN, BOT}), FORGED),
        }
        self.committed: list[str] = []
        self.settled: list[Invite] = []
        self.file = b""

    async def room(self, room_id: str) -> RoomView:
        return self.rooms[room_id]

    async def joined_rooms(self) -> tuple[RoomView, ...]:
        return tuple(self.rooms.values())

    async def display_names(self, room_id: str) -> dict[str, str]:
        return {AN: "Nguyễn Thị An", BOT: "Trợ lý HueP"}

    async def download(self, file: MediaFile) -> bytes:
        return self.file

    async def commit(self, batch: Batch) -> None:
        self.committed.append(batch.token)

    def settle_invite(self, invite: Invite) -> None:
        self.settled.append(invite)


def a_session(connection: SmallConnection) -> tuple[ChatSession, list[str]]:
    lines: list[str] = []
    found: Any = connection
    return ChatSession(found, Locale.VI, lines.append), lines


async def test_a_direct_room_is_called_after_the_other_person() -> None:
    session, lines = a_session(SmallConnection())
    await session.open_room("!direct")
    assert "Trợ lý HueP" in lines[0]
    lines.clear()
    await session.typed("/rooms")
    assert lines[0].endswith("1. Trợ lý HueP")
    assert BOT not in "".join(lines)


async def test_the_name_of_a_room_is_one_line() -> None:
    session, lines = a_session(SmallConnection())
    await session.typed("/rooms")
    await session.open_room("!named")
    assert all(line.isprintable() for line in lines)


async def test_an_invitation_is_told_once_and_stays_in_the_list() -> None:
    connection = SmallConnection()
    session, lines = a_session(connection)
    invite = Invite("!new", BOT)
    await session.take_in(Batch("t", invites=(invite,)))
    assert connection.settled == [invite]
    lines.clear()
    await session.typed("/rooms")
    assert BOT in lines[-1]


async def test_a_picture_that_cannot_be_shown_costs_a_sentence() -> None:
    from tests.bots.test_conversation import bomb

    for content in (bomb(60_000, 60_000), bomb(12_000, 12_000), b"x"):
        connection = SmallConnection()
        connection.file = content
        session, lines = a_session(connection)
        await session.open_room("!direct")
        picture = Image(
            room_id="!direct",
            event_id="$e",
            sender=BOT,
            sent_at_ms=1,
            origin=Origin.CROSS_SIGNED,
            body="x",
            file=MediaFile("mxc://a/b"),
        )
        await session.take_in(Batch("t", events=(picture,)))
        assert "không hiện được ảnh" in lines[-1]
        assert connection.committed == ["t"]
