"""Files that go with messages: kept sealed, uploaded when they are sent, gone from the database when they have arrived."""

import pytest
from sqlalchemy import Engine

from bots.matrix.contents import MESSAGE, text_content
from bots.matrix.errors import RequestRefused
from bots.matrix.port import File, Image, Text
from bots.runtime.outcome import MOST_ENCLOSED_BYTES, Enclosure, EnclosureTooLarge, Outgoing
from bots.testing.faults import Fault
from bots.testing.port import FakePort
from tests.bots.letters import rows
from tests.bots.post import Post

CHART = Enclosure("tien-do.png", "image/png", b"\x89PNG and what follows\n{", (640, 480))
TABLE = Enclosure("so.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK\x03\x04")


def chart(post: Post, enclosure: Enclosure = CHART, caption: str | None = None) -> Outgoing:
    content = {} if caption is None else text_content(Text(caption, reply_to="$asked"))
    return Outgoing(post.room_id, MESSAGE, content, enclosure=enclosure)


async def files(post: Post) -> list[File]:
    return [event for event in await post.read() if isinstance(event, File)]


@pytest.mark.parametrize("encrypted", [True, False])
async def test_a_chart_arrives_as_a_picture_with_its_caption_and_leaves_nothing_behind(
    engine: Engine, bot: str, encrypted: bool
) -> None:
    post = Post(engine, bot, encrypted=encrypted)
    post.puts(chart=chart(post, caption="Tiến độ"))
    await post.delivers()
    [picture] = await files(post)
    assert isinstance(picture, Image)
    assert (picture.body, picture.name, picture.reply_to) == ("Tiến độ", "tien-do.png", "$asked")
    assert (picture.file.key is not None) is encrypted
    assert await post.reader.download(picture.file) == CHART.data
    [sent] = post.said_in(post.room_id)
    info = sent.source["content"]["info"]
    assert (info["w"], info["h"], info["size"], info["mimetype"]) == (640, 480, len(CHART.data), "image/png")
    [row] = rows(engine, "select content, enclosure from bots.outbox where bot = :bot", bot=bot)
    assert (row.content, row.enclosure) == (None, None)


async def test_a_table_without_a_caption_is_a_file_of_its_name(engine: Engine, bot: str) -> None:
    post = Post(engine, bot)
    post.puts(table=chart(post, TABLE))
    await post.delivers()
    [file] = await files(post)
    assert (type(file), file.body, file.name) == (File, "so.xlsx", "so.xlsx")
    assert await post.reader.download(file.file) == TABLE.data


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.SPOILT, Fault.CUT, Fault.LIMITED])
async def test_a_lost_answer_or_a_lost_upload_leaves_one_message(engine: Engine, bot: str, fault: Fault) -> None:
    post = Post(engine, bot)
    post.network.breaks(fault, "/upload")
    post.network.breaks(fault, "/send/", times=2)
    post.puts(chart=chart(post))
    await post.delivers()
    assert len(await files(post)) == 1
    assert post.network.met[fault] == 3


async def test_what_follows_in_the_room_waits_for_the_file(engine: Engine, bot: str) -> None:
    post = Post(engine, bot)
    post.network.breaks(Fault.FAILED, "/upload")
    post.puts(chart=chart(post), words=post.words("và đây"))
    await post.delivers()
    assert [sent.source["content"]["body"] for sent in post.said_in(post.room_id)] == ["tien-do.png", "và đây"]


async def test_a_file_that_the_server_finds_too_large_is_dead_with_its_reason(engine: Engine, bot: str) -> None:
    class Strict(FakePort):
        async def upload(self, room_id: str, content: bytes, kind: str) -> None:  # type: ignore[override]
            raise RequestRefused(413, "M_TOO_LARGE", "Upload is too large", "POST /upload")

    post = Post(engine, bot)
    post.port = Strict(post.homeserver, post.user_id)
    post.puts(chart=chart(post))
    await post.delivers()
    [row] = rows(engine, "select state, error, enclosure from bots.outbox where bot = :bot", bot=bot)
    assert row.state == "dead" and "413" in row.error
    assert row.enclosure is not None, "an operator may have it sent after all"


def test_what_is_larger_than_the_outbox_takes_is_refused_before_it_is_kept(engine: Engine, bot: str) -> None:
    post = Post(engine, bot)
    large = Enclosure("lon.bin", "application/octet-stream", bytes(MOST_ENCLOSED_BYTES + 1))
    with pytest.raises(EnclosureTooLarge) as refused:
        post.puts(large=chart(post, large))
    assert (refused.value.name, refused.value.size_bytes) == ("lon.bin", MOST_ENCLOSED_BYTES + 1)
    assert rows(engine, "select 1 from bots.outbox where bot = :bot", bot=bot) == []


def test_the_database_reads_neither_the_file_nor_its_name(engine: Engine, bot: str) -> None:
    post = Post(engine, bot)
    post.puts(chart=chart(post, caption="Tiến độ"))
    [row] = rows(engine, "select content, enclosure from bots.outbox where bot = :bot", bot=bot)
    for part in (b"PNG", b"tien-do", "Tiến độ".encode()):
        assert part not in bytes(row.content) + bytes(row.enclosure)
