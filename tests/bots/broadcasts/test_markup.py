"""What is left of HTML of anybody's making."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.broadcasts.markup import MOST_CHARACTERS, TAGS, clean, marked, plain, readable

GOLDEN = [
    ("<p>Kính gửi <strong>các sở</strong>, <em>ban</em>, <u>ngành</u></p>",) * 2,
    ("<ol><li>một<li>hai</ol>", "<ol><li>một</li><li>hai</li></ol>"),
    ("<h1>Bão số 5</h1><h6>Tin nhanh</h6>", "<h3>Bão số 5</h3><h4>Tin nhanh</h4>"),
    ('<font color="red">khẩn</font><span data-mx-spoiler>kín</span>', "khẩnkín"),
    ('<a href="https://hue.gov.vn/x?a=1&b=2">xem</a>', '<a href="https://hue.gov.vn/x?a=1&amp;b=2">xem</a>'),
    ('<a href="  https://hue.gov.vn ">xem</a>', '<a href="https://hue.gov.vn">xem</a>'),
    ("a < b & c", "a &lt; b &amp; c"),
    ("đến&#8238;gnad&#x200b; &#xD800;", "đếngnad \ufffd"),
    ('<a href="https://hue.gov.vn/&#8238;x">xem</a>', "xem"),
]

HOSTILE = [
    "<script>alert(1)</script>",
    "<p onclick=alert(1) style='position:fixed'>x</p>",
    "<img src=x onerror=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src onerror=alert(1)&gt;'>",
    "<iframe src='https://evil.vn'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='//evil.vn'>x</a>",
    "<a href='/etc/passwd'>x</a>",
    "<a href='http://hue.gov.vn'>x</a>",
    "<a href='https://hue.gov.vn@evil.vn/'>x</a>",
    "<a href='https:\\\\evil.vn'>x</a>",
    "<<script>script>alert(1)<</script>/script>",
    "<form action='https://evil.vn'><input name=q></form>",
]

TAG = re.compile(r"<\s*/?\s*([a-zA-Z0-9-]+)([^>]*)>")


@pytest.mark.parametrize(("html", "kept"), GOLDEN)
def test_the_few_tags_are_kept_and_others_leave_their_text(html: str, kept: str) -> None:
    assert clean(html) == kept


@pytest.mark.parametrize("html", HOSTILE)
def test_nothing_that_acts_is_left(html: str) -> None:
    assert_harmless(clean(html))


@given(st.text(alphabet=st.sampled_from('<>/"=ahrefscipt:https.vn \tđ&#x;!-'), max_size=200))
def test_whatever_is_typed_comes_out_harmless_and_stays_as_it_is(html: str) -> None:
    cleaned = clean(html)
    assert_harmless(cleaned)
    assert clean(cleaned) == cleaned


def test_what_a_reply_quotes_is_not_repeated() -> None:
    assert clean("<mx-reply><blockquote>bí mật</blockquote></mx-reply>đã rõ") == "đã rõ"


def test_text_that_turns_its_direction_is_straightened() -> None:
    assert clean("an\u202etoàn\u2066") == "antoàn"
    assert readable("an\u202e\x00toàn\r\nhai") == "antoàn\nhai"


def test_nothing_takes_long_to_read() -> None:
    for made_of in ("<ul><li>", "<a><b><i>", "<div>", "<p><b>", "<", "&", "<!--"):
        begun = time.process_time()
        plain(made_of * (200_000 // len(made_of)))
        assert time.process_time() - begun < 5, made_of


def test_what_goes_beyond_an_event_is_cut_off() -> None:
    assert len(clean("a" * 2 * MOST_CHARACTERS)) == MOST_CHARACTERS


def test_plain_text_keeps_paragraphs_lists_and_addresses() -> None:
    html = (
        "<h3>Bão số 5</h3><p>Các\nxã <b>ven biển</b>:<br>trực</p><ol><li>Phú Vang</li><li>Phong Điền"
        '<ul><li>Điền Hải</li></ul></li></ol><p><a href="https://hue.gov.vn/bao">Xem thêm</a></p>'
    )
    assert plain(html) == (
        "Bão số 5\n\nCác xã ven biển:\ntrực\n\n1. Phú Vang\n2. Phong Điền\n• Điền Hải\n\n"
        "Xem thêm (https://hue.gov.vn/bao)"
    )


def test_a_link_that_says_its_address_says_it_once() -> None:
    assert plain('<a href="https://hue.gov.vn">https://hue.gov.vn</a>') == "https://hue.gov.vn"


def test_plain_text_is_shown_as_it_is_written() -> None:
    assert marked("a <b>\nc & d") == "a &lt;b&gt;<br>c &amp; d"
    assert plain(marked("a <b>\nc & d")) == "a <b>\nc & d"


def assert_harmless(html: str) -> None:
    for name, rest in TAG.findall(html):
        assert name in TAGS
        assert not rest or (name == "a" and re.fullmatch(r' href="https://[^"]*"', rest))
