"""Everything that bots and people say to each other, both ways, against two clients that share no code with the bots.

Our side is the connection on which every bot stands, as a person's device; both other clients hold to MSC4153.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TypeVar

import pytest

from bots.matrix.connection import MatrixConnection, connect_from_folder
from bots.matrix.contents import (
    MESSAGE,
    POLL_END,
    POLL_RESPONSE,
    POLL_START,
    REACTION,
    Attachment,
    edit_content,
    file_content,
    poll_content,
    poll_end_content,
    reaction_content,
    vote_content,
)
from bots.matrix.file_kinds import PICTURES
from bots.matrix.port import (
    Edit,
    Event,
    File,
    Image,
    Limits,
    PollAnswer,
    PollEnd,
    PollResponse,
    PollStart,
    Reaction,
    Redaction,
    Text,
    TextMessage,
)
from bots.matrix.trust import Origin
from bots.testing.faults import Fault, Network
from bots.testing.proxy import fault_proxy
from tests.clients import js_sdk_client
from tests.clients.js_sdk_client import js_sdk_device
from tests.clients.lent_people import lend_person
from tests.clients.mautrix_client import mautrix_device
from tests.clients.speakers import JsSdkSpeaker, MautrixSpeaker, Related, Speaker
from tests.conftest import Person, Province
from tests.real.listening import Listening

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
PAPER = b"%PDF-1.7\n" + bytes(range(256)) * 8

# Mautrix reads a deprecated field of the messages and warns of it each time.
pytestmark = pytest.mark.filterwarnings("ignore:The sender_key field:DeprecationWarning")
needs_js_sdk = pytest.mark.skipif(js_sdk_client.why_not() is not None, reason=js_sdk_client.why_not() or "")


@dataclass
class Talk:
    """We and somebody on another client, in an encrypted room of two."""

    us: MatrixConnection
    them: Speaker
    person: Person
    room_id: str
    heard: Listening
    network: Network
    """Between them and the homeserver."""

    async def hears(self, event_id: str) -> Event:
        """Their event as it comes out of our port, from a device that its owner signed."""
        event = await self.heard.event(event_id)
        assert event.sender == self.person.user_id
        return event


@pytest.fixture(scope="module", params=["mautrix", pytest.param("matrix-js-sdk", marks=needs_js_sdk)])
async def talk(
    request: pytest.FixtureRequest, stack: Province, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Talk]:
    us, them = await lend_person(stack), await lend_person(stack)
    folder = tmp_path_factory.mktemp("device")
    async with connect_from_folder(
        stack.url, folder, us.user_id, lambda: us.password, device_id="FEATURES", display_name="test"
    ) as connection:
        heard = Listening(connection)
        await heard.once()
        async with fault_proxy(stack.url, network := Network()) as way:
            if request.param == "mautrix":
                async with mautrix_device(way.url, them.user_id, them.password) as device:
                    yield await begin(connection, MautrixSpeaker(device), them, heard, network)
            else:
                async with js_sdk_device(way.url, them.user_id, them.password) as js_device:
                    yield await begin(connection, JsSdkSpeaker(js_device), them, heard, network)


async def begin(us: MatrixConnection, them: Speaker, person: Person, heard: Listening, network: Network) -> Talk:
    room_id = await us.direct_room_with(person.user_id)
    await them.join(room_id)
    await heard.until_joined(room_id, person.user_id)
    return Talk(us, them, person, room_id, heard, network)


Kind = TypeVar("Kind", bound=Event)


def of(kind: type[Kind], event: Event) -> Kind:
    assert isinstance(event, kind), event
    if not isinstance(event, Reaction | Redaction):
        assert event.origin is Origin.CROSS_SIGNED
    return event


async def test_words(talk: Talk) -> None:
    theirs = of(TextMessage, await talk.hears(await talk.them.say(talk.room_id, "Chào anh, em là Hằng")))
    assert theirs.body == "Chào anh, em là Hằng"
    ours = await talk.them.sees(
        talk.room_id, await talk.us.send_text(talk.room_id, Text("Chào Hằng", "<b>Chào</b> Hằng"))
    )
    assert (ours.type, ours.encrypted) == (MESSAGE, True)
    assert (ours.content["body"], ours.content["formatted_body"]) == ("Chào Hằng", "<b>Chào</b> Hằng")


async def test_edits(talk: Talk) -> None:
    first = await talk.them.say(talk.room_id, "họp lúc 8 giờ")
    edit = of(Edit, await talk.hears(await talk.them.say(talk.room_id, "họp lúc 9 giờ", Related(edits=first))))
    assert (edit.target, edit.body) == (first, "họp lúc 9 giờ")
    ours = await talk.us.send_text(talk.room_id, Text("họp ở tầng 2"))
    changed = await talk.us.send_event(talk.room_id, MESSAGE, edit_content(ours, Text("họp ở tầng 3")))
    if isinstance(talk.them, JsSdkSpeaker):
        shown = await talk.them.sees(talk.room_id, ours, lambda seen: seen.content["body"] == "họp ở tầng 3")
        assert shown.type == MESSAGE
    else:
        seen = (await talk.them.sees(talk.room_id, changed)).content
        assert seen["m.relates_to"] == {"rel_type": "m.replace", "event_id": ours}
        assert seen["m.new_content"]["body"] == "họp ở tầng 3"


async def test_replies(talk: Talk) -> None:
    ours = await talk.us.send_text(talk.room_id, Text("Ai đi Quảng Điền?"))
    theirs = of(TextMessage, await talk.hears(await talk.them.say(talk.room_id, "Em ạ", Related(reply_to=ours))))
    assert (theirs.reply_to, theirs.body, theirs.thread_root) == (ours, "Em ạ", None)
    seen = await talk.them.sees(
        talk.room_id, await talk.us.send_text(talk.room_id, Text("Cảm ơn em", reply_to=theirs.event_id))
    )
    assert seen.content["m.relates_to"]["m.in_reply_to"] == {"event_id": theirs.event_id}


async def test_threads(talk: Talk) -> None:
    root = await talk.us.send_text(talk.room_id, Text("Góp ý dự thảo ở đây"))
    await talk.them.sees(talk.room_id, root)
    talk.network.breaks(Fault.DELAYED, "/send/m.room.encrypted")  # the sync shows it first
    theirs = of(TextMessage, await talk.hears(await talk.them.say(talk.room_id, "Điều 3", Related(thread_root=root))))
    assert (theirs.thread_root, theirs.reply_to) == (root, None)
    ours = await talk.us.send_text(talk.room_id, Text("Đã ghi", thread_root=root, reply_to=theirs.event_id))
    seen = await talk.them.sees(talk.room_id, ours, lambda seen: seen.thread_root == root)
    assert seen.content["body"] == "Đã ghi"


async def test_reactions(talk: Talk) -> None:
    ours = await talk.us.send_text(talk.room_id, Text("Xong"))
    await talk.them.sees(talk.room_id, ours)
    theirs = of(Reaction, await talk.hears(await talk.them.react(talk.room_id, ours, "👍")))
    assert (theirs.target, theirs.key, theirs.origin) == (ours, "👍", Origin.PLAIN)
    said = await talk.them.say(talk.room_id, "Em gửi rồi ạ")
    await talk.hears(said)
    seen = await talk.them.sees(
        talk.room_id, await talk.us.send_event(talk.room_id, REACTION, reaction_content(said, "✅"))
    )
    assert (seen.content["m.relates_to"]["key"], seen.content["m.relates_to"]["event_id"]) == ("✅", said)


async def test_mentions(talk: Talk) -> None:
    named = Related(mentions=(talk.us.user_id,))
    theirs = of(TextMessage, await talk.hears(await talk.them.say(talk.room_id, "mời anh xem", named)))
    assert theirs.mentions == {talk.us.user_id}
    text = Text("mời em xem", mentions=(talk.person.user_id,))
    seen = await talk.them.sees(talk.room_id, await talk.us.send_text(talk.room_id, text))
    assert seen.content["m.mentions"] == {"user_ids": [talk.person.user_id]}


async def test_polls_of_theirs(talk: Talk) -> None:
    poll = of(PollStart, await talk.hears(await talk.them.ask(talk.room_id, "Họp lúc nào?", ["Sáng", "Chiều"])))
    assert poll.question == "Họp lúc nào?"
    assert [answer.text for answer in poll.answers] == ["Sáng", "Chiều"]
    chosen = poll.answers[1].answer_id
    await talk.us.send_event(talk.room_id, POLL_RESPONSE, vote_content(poll.event_id, [chosen]))
    theirs = await talk.hears(await talk.them.vote(talk.room_id, poll.event_id, poll.answers[0].answer_id))
    assert of(PollResponse, theirs).answer_ids == (poll.answers[0].answer_id,)
    end = of(PollEnd, await talk.hears(await talk.them.end(talk.room_id, poll.event_id, "Sáng 1, Chiều 1")))
    assert (end.target, end.body) == (poll.event_id, "Sáng 1, Chiều 1")
    votes = await talk.us.relations(talk.room_id, poll.event_id, "m.reference")
    found = [vote for vote in votes if isinstance(vote, PollResponse)]
    assert [(vote.sender, vote.answer_ids) for vote in found] == [
        (talk.us.user_id, (chosen,)),
        (talk.person.user_id, (poll.answers[0].answer_id,)),
    ]


async def test_polls_of_ours(talk: Talk) -> None:
    answers = (PollAnswer("a", "Có"), PollAnswer("b", "Không"))
    ours = await talk.us.send_event(talk.room_id, POLL_START, poll_content("Đi Chủ nhật xanh?", answers))
    seen = await talk.them.sees(talk.room_id, ours)
    assert seen.type == POLL_START
    vote = of(PollResponse, await talk.hears(await talk.them.vote(talk.room_id, ours, "b")))
    assert (vote.target, vote.answer_ids) == (ours, ("b",))
    ended = await talk.us.send_event(talk.room_id, POLL_END, poll_end_content(ours, "Có 0, Không 1"))
    closed = await talk.them.sees(talk.room_id, ended)
    assert (closed.type, closed.content["m.relates_to"]["event_id"]) == (POLL_END, ours)


@pytest.mark.parametrize(
    ("content", "name", "kind", "event_type"),
    [(PICTURE, "rác ở chợ.png", "image/png", Image), (PAPER, "công văn 12.pdf", "application/pdf", File)],
)
async def test_pictures_and_files(talk: Talk, content: bytes, name: str, kind: str, event_type: type[File]) -> None:
    theirs = await talk.hears(await talk.them.show(talk.room_id, content, name, kind))
    assert type(theirs) is event_type
    assert isinstance(theirs, File)
    assert (theirs.name, theirs.file.kind, theirs.file.size_bytes) == (name, kind, len(content))
    assert theirs.file.key is not None
    limits = Limits(100_000, PICTURES if event_type is Image else None)
    assert await talk.us.download(theirs.file, limits) == content
    file = await talk.us.upload(talk.room_id, content, kind)
    sent = await talk.us.send_event(talk.room_id, MESSAGE, file_content(Attachment(file, name)))
    seen = await talk.them.sees(talk.room_id, sent)
    assert (seen.content["filename"], seen.content["info"]["mimetype"]) == (name, kind)
    assert await talk.them.opens(seen.content) == content


async def test_redactions(talk: Talk) -> None:
    said = await talk.them.say(talk.room_id, "gửi nhầm")
    await talk.hears(said)
    redaction = of(Redaction, await talk.hears(await talk.them.redact(talk.room_id, said)))
    assert redaction.target == said
    ours = await talk.us.send_text(talk.room_id, Text("cũng nhầm"))
    await talk.them.sees(talk.room_id, ours)
    await talk.us.redact(talk.room_id, ours)
    await talk.them.sees(talk.room_id, ours, lambda seen: seen.redacted)
