"""What people say of an announcement, as typed values."""

import json
from bisect import bisect_left
from dataclasses import replace
from typing import Any

import pytest

from bots.broadcasts.model import AttachedFile, Content
from bots.broadcasts.rendering import MOST_NAMED, Addressed, Copy, replacing
from bots.broadcasts.spoken import MOST_FILES, ContentWords, KnownBroadcast, content_fits
from bots.matrix.contents import MESSAGE
from bots.matrix.port import File, Image, MediaFile, TextMessage
from bots.matrix.trust import Origin
from bots.runtime.access import Caller
from bots.runtime.arguments import Asking, More, NotUnderstood, Understood
from bots.testing.province import person, post
from huep.catalogue import Locale, Message
from tests.bots.broadcasts.values import MONDAY, broadcast, draft

AN = Caller(person("an", "Nguyễn Thị An", post("SNV", "Chuyên viên")), None)
MEGOLM_AND_ENVELOPE_BYTES = 2_000
MOST_EVENT_BYTES_OF_MATRIX = 65_536
FILE = AttachedFile(MediaFile("mxc://hue/1"), "a")
ASKING = Asking(AN, Locale.VI, MONDAY)
HEADER: dict[str, Any] = {
    "room_id": "!a:hue",
    "event_id": "$a",
    "sender": "@an:hue",
    "sent_at_ms": 0,
    "origin": Origin.CROSS_SIGNED,
}


def gathered(*messages: TextMessage | File) -> Content:
    words, whole = ContentWords(), None
    for message in messages:
        read = words.read_message(message, ASKING, whole)
        assert isinstance(read, More)
        whole = read.value
    assert whole is not None
    assert words.load(words.dump(whole), ASKING) == whole
    return whole


def test_a_message_keeps_its_formatting_as_far_as_it_is_allowed() -> None:
    html = "<mx-reply>cũ</mx-reply><b>Họp</b> lúc <img src=x>14h"
    message = TextMessage(**HEADER, body="**Họp** lúc 14h", html=html)
    assert gathered(message) == Content("Họp lúc 14h", "<b>Họp</b> lúc 14h")


def test_pictures_and_words_are_gathered_in_the_order_in_which_they_came() -> None:
    file = MediaFile("mxc://hue/1", "key", "iv", "hash", 12, "image/png")
    picture = Image(**HEADER, body="Sơ đồ < phòng họp", name="so-do.png", file=file)
    bare = File(**HEADER, body="cong-van.pdf", name="cong-van.pdf", file=replace(file, url="mxc://hue/2"))
    whole = gathered(picture, bare, TextMessage(**HEADER, body="Họp", html="<i>Họp</i>"))
    assert whole.body == "Sơ đồ < phòng họp\n\nHọp"
    assert whole.html == "Sơ đồ &lt; phòng họp<br><br><i>Họp</i>"
    assert [(one.name, one.picture) for one in whole.files] == [("so-do.png", True), ("cong-van.pdf", False)]


def test_nothing_said_is_no_content() -> None:
    nothing = TextMessage(**HEADER, body=" \u200b ", html="<p></p>")
    assert ContentWords().read_message(nothing, ASKING, None) == NotUnderstood()
    assert ContentWords().read("  ", ASKING) == NotUnderstood()


def test_what_no_event_could_carry_is_refused() -> None:
    assert content_fits(Content("x" * 12_000), {}) == Message.of("content-too-long")
    assert content_fits(Content("x", files=(FILE,) * (MOST_FILES + 1)), {}) is not None


@pytest.mark.parametrize(
    ("letters", "html"), [("x", False), ("ế", False), ("<", False), ("Họp giao ban lúc 14 giờ. ", True)]
)
def test_the_longest_content_that_is_taken_still_fits_when_it_replaces_another_and_names_people(
    letters: str, html: bool
) -> None:
    def content(times: int) -> Content:
        return Content(letters * times, f"<b>{letters * times}</b>" if html else None)

    most = bisect_left(range(20_000), True, key=lambda times: content_fits(content(times), {}) is not None) - 1
    assert len(letters) * most > 1_000, "a page is taken"
    copy = Copy(draft(content=content(most)), 17, MONDAY)
    people = tuple((f"@nguyen-thi-hoa-{at}:hue.gov.vn", "Công Tằng Tôn Nữ Thị Mỹ Hoà") for at in range(MOST_NAMED))
    replacement = replacing("$" + "x" * 43, copy, Addressed(people, whole_room=False))
    inside = {"room_id": "!" + "x" * 43, "type": MESSAGE, "content": replacement}
    plain = json.dumps(inside, ensure_ascii=False, separators=(",", ":")).encode()
    assert len(plain) * 4 / 3 + MEGOLM_AND_ENVELOPE_BYTES < MOST_EVENT_BYTES_OF_MATRIX


def test_an_announcement_is_found_by_its_number_where_the_asker_may_know_of_it() -> None:
    known = KnownBroadcast(
        lambda _, number: broadcast() if number == 17 else None, lambda _: (broadcast(18), broadcast())
    )
    for said in ("17", "số 17", "tin 17", "thong bao so 17"):
        assert known.read(said, ASKING) == Understood(broadcast()), said
    assert known.read("18", ASKING) == NotUnderstood()
    assert known.read("mười bảy con", ASKING) == NotUnderstood()
    assert [one.label for one in known.offers(ASKING)] == ["18 · Họp giao ban lúc 14h", "17 · Họp giao ban lúc 14h"]
    assert known.load(known.dump(broadcast()), ASKING) == broadcast()
