"""Nothing goes in clear into a room that is, or may be, encrypted; files and their limits."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bots.matrix import media
from bots.matrix.client import CryptoClient
from bots.matrix.contents import MESSAGE, reaction_content
from bots.matrix.device import Device
from bots.matrix.errors import EncryptionUnknown, FileRefused, RequestRefused, RoomEncrypted
from bots.matrix.file_kinds import PICTURES
from bots.matrix.port import Limits, MediaFile
from bots.matrix.sending import Sending
from bots.matrix.signing import Json
from bots.matrix.store.folder import FolderShelf
from tests.bots.test_client import BOT, ROOM, SmallHomeserver, client_of, state, sync
from tests.bots.test_trust import ANH
from tests.clients.devices import device_in

MEGOLM = {"algorithm": "m.megolm.v1.aes-sha2"}
NOT_FOUND = {"errcode": "M_NOT_FOUND", "error": "Event not found."}
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100


class Rooms(SmallHomeserver):
    """A room of which the state and the answer about its encryption are chosen; files in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.state: list[Json] = [
            state("m.room.member", BOT, {"membership": "join"}),
            state("m.room.member", ANH, {"membership": "join"}),
        ]
        self.encryption: Json | Exception = NOT_FOUND
        self.sent: list[tuple[str, Json]] = []
        self.files: dict[str, bytes] = {}

    async def request(self, method: str, path: str, body: Any = None, **more: object) -> Json:
        match path.split("?")[0].split("/v3/")[1].split("/"):
            case ["rooms", _, "state"]:
                return {"chunk": self.state}
            case ["rooms", _, "state", "m.room.encryption"]:
                if isinstance(self.encryption, Exception):
                    raise self.encryption
                return self.encryption
            case ["rooms", _, "send", kind, _]:
                self.sent.append((kind, body))
                return {"event_id": "$sent"}
            case ["upload"]:
                self.files[f"f{len(self.files)}"] = body
                return {"content_uri": f"mxc://hue.localhost/f{len(self.files) - 1}"}
        return await super().request(method, path, body, **more)

    async def download(self, path: str, most_bytes: int) -> bytes:
        return self.files[path.rsplit("/", 1)[1]]


@pytest.fixture
def server() -> Rooms:
    return Rooms()


@pytest.fixture
def client(server: Rooms, tmp_path: Path) -> Iterator[CryptoClient]:
    with device_in(tmp_path) as device:
        yield client_of(server, device)


async def say(client: CryptoClient) -> None:
    await Sending(client).event(ROOM, MESSAGE, {"msgtype": "m.text", "body": "kín"}, None)


async def test_in_a_room_that_the_server_says_is_not_encrypted_it_goes_in_clear(
    client: CryptoClient, server: Rooms
) -> None:
    await say(client)
    assert server.sent == [(MESSAGE, {"msgtype": "m.text", "body": "kín"})]
    assert ROOM not in client.rooms, "who is in it need not be known"


async def test_a_room_that_was_encrypted_a_moment_ago_is_encrypted_before_any_sync_says_so(
    client: CryptoClient, server: Rooms
) -> None:
    await say(client)
    server.encryption = MEGOLM
    await say(client)
    assert [kind for kind, _ in server.sent] == [MESSAGE, "m.room.encrypted"]


@pytest.mark.parametrize(
    "encryption",
    [
        {},
        {"algorithm": "m.megolm.v9"},
        {"algorithm": None},
        {"algorithm": ["m.megolm.v1.aes-sha2"]},
        {"errcode": "M_UNRECOGNIZED"},
        {"chunk": []},
    ],
)
async def test_where_it_cannot_be_told_nothing_is_sent(client: CryptoClient, server: Rooms, encryption: Json) -> None:
    server.encryption = encryption
    with pytest.raises(EncryptionUnknown, match="nothing was sent"):
        await say(client)
    assert server.sent == []
    server.state.append(state("m.room.encryption", "", encryption))
    client._complete_rooms.clear()
    await say(client)
    assert [kind for kind, _ in server.sent] == ["m.room.encrypted"], "a state event of any content turns it on"


async def test_where_the_server_does_not_answer_nothing_is_sent(client: CryptoClient, server: Rooms) -> None:
    server.encryption = RequestRefused(502, "", "", "GET state")
    with pytest.raises(RequestRefused):
        await say(client)
    assert server.sent == []


@pytest.mark.parametrize("later", [{}, {"algorithm": "m.none"}, {"algorithm": None}, NOT_FOUND])
@pytest.mark.parametrize("restart", [False, True])
async def test_no_later_state_turns_encryption_off(
    client: CryptoClient, server: Rooms, tmp_path: Path, later: Json, restart: bool
) -> None:
    server.state.append(state("m.room.encryption", "", MEGOLM))
    server.encryption = MEGOLM
    await say(client)
    server.encryption = later
    server.state[-1] = state("m.room.encryption", "", later)
    joined = {ROOM: {"timeline": {"events": [state("m.room.encryption", "", later)]}}}
    await client.take_in(sync(rooms={"join": joined}))
    if restart:
        await client.device.flush()
        client.device.close()
        client = client_of(server, Device.open(FolderShelf(tmp_path), BOT))
    await say(client)
    assert [kind for kind, _ in server.sent] == ["m.room.encrypted"] * 2
    client.device.close()


async def test_a_notice_in_clear_goes_where_the_server_has_just_said_that_the_room_is_not_encrypted(
    client: CryptoClient, server: Rooms
) -> None:
    sending = Sending(client)
    await sending.plain_notice(ROOM, "xác minh", None)
    assert [kind for kind, _ in server.sent] == [MESSAGE]
    server.encryption = {}
    with pytest.raises(EncryptionUnknown):
        await sending.plain_notice(ROOM, "xác minh", None)
    server.encryption = MEGOLM
    for _ in range(2):
        with pytest.raises(RoomEncrypted, match="nothing was sent"):
            await sending.plain_notice(ROOM, "xác minh", None)
        server.encryption = NOT_FOUND  # once encrypted, always encrypted
    assert len(server.sent) == 1


async def test_a_reaction_is_in_clear_everywhere(client: CryptoClient, server: Rooms) -> None:
    server.encryption = MEGOLM
    await Sending(client).event(ROOM, "m.reaction", reaction_content("$m", "👍"), None)
    assert server.sent == [("m.reaction", reaction_content("$m", "👍"))]


# Files


@pytest.mark.parametrize("encrypted", [True, False])
async def test_a_file_comes_back_as_it_went(client: CryptoClient, server: Rooms, encrypted: bool) -> None:
    server.encryption = MEGOLM if encrypted else NOT_FOUND
    file = await Sending(client).upload(ROOM, PNG, "image/png")
    assert (server.files["f0"] == PNG) is not encrypted
    assert (file.size_bytes, file.kind) == (len(PNG), "image/png")
    assert await media.download(server, file, Limits(kinds=PICTURES)) == PNG  # type: ignore[arg-type]


@pytest.fixture
async def kept(server: Rooms) -> MediaFile:
    return await media.upload(server, PNG, "image/png", encrypted=True)  # type: ignore[arg-type]


async def test_a_file_whose_bytes_were_changed_is_refused(server: Rooms, kept: MediaFile) -> None:
    server.files["f0"] = bytes([server.files["f0"][0] ^ 1]) + server.files["f0"][1:]
    with pytest.raises(FileRefused, match="does not fit"):
        await media.download(server, kept, Limits())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "AAAA"},
        {"iv": ""},
        {"iv": "x" * 90},
        {"iv": "AAAA"},
        {"sha256": ""},
        {"sha256": "!"},
        {"key": "\ud800"},
        {"url": "https://elsewhere/f0"},
        {"url": "mxc://[/f0"},
        {"url": ""},
        {"size_bytes": 10**12},
        {"kind": "application/pdf"},
    ],
)
async def test_a_file_that_is_not_what_it_should_be_is_refused(server: Rooms, kept: MediaFile, changes: Any) -> None:
    file = MediaFile(**{**kept.__dict__, **changes})
    with pytest.raises(FileRefused):
        await media.download(server, file, Limits(kinds=PICTURES))  # type: ignore[arg-type]


async def test_the_kind_is_told_by_the_content_and_not_by_the_senders_word(server: Rooms) -> None:
    program = await media.upload(server, b"MZ\x90\x00", "image/png", encrypted=True)  # type: ignore[arg-type]
    with pytest.raises(FileRefused, match="not of a kind"):
        await media.download(server, program, Limits(kinds=PICTURES))  # type: ignore[arg-type]
    odd = await media.upload(server, b"\xff\xd8\xff\xe0", "image/jpg", encrypted=True)  # type: ignore[arg-type]
    assert await media.download(server, odd, Limits(kinds=PICTURES))  # type: ignore[arg-type]
