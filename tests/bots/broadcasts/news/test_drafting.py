"""News as announcements: whatever a source tells, an event carries it, and the link leads to the whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.broadcasts.markup import https_address, marked, readable
from bots.broadcasts.model import Level
from bots.broadcasts.news.drafting import MOST_CHARACTERS, content_of
from bots.broadcasts.news.model import NewsItem
from bots.broadcasts.rendering import can_be_carried

LINK = "https://hue.gov.vn/tin/1"
DEAR = st.sampled_from(["ễ", "😀", "&", "'", '"', "<", "a "])
"""Characters that take several bytes as JSON or HTML."""


def item(title: str, body: str, html: str | None = None, link: str | None = LINK) -> NewsItem:
    return NewsItem("cong", "tin-1", title, body, Level.INFORMATION, "toàn tỉnh", html, link)


def test_what_an_event_carries_keeps_its_formatting() -> None:
    content = content_of(item("Bão số 5", "Gió cấp 12", "<p>Gió <b>cấp 12</b></p>"))
    assert content.body == f"Bão số 5\n\nGió cấp 12\n\n{LINK}"
    link = f'<p><a href="{LINK}">{LINK}</a></p>'
    assert content.html == f"<p><strong>Bão số 5</strong></p><p>Gió <b>cấp 12</b></p>{link}"


def test_what_is_too_long_is_cut_between_words_and_the_link_leads_on() -> None:
    content = content_of(item("Bão số 5", "sơ tán " * 2_000, "<p>" + "<b>sơ</b> tán " * 2_000 + "</p>"))
    assert content.body.endswith(f" …\n\n{LINK}")
    text = content.body.split("\n\n")[1]
    assert 1_000 < len(text) <= MOST_CHARACTERS
    assert {*text.removesuffix(" …").split(" ")} == {"sơ", "tán"}
    assert marked(text) in (content.html or "")
    assert can_be_carried(content)


@pytest.mark.parametrize("character", ["ễ", "😀", "&", "'", '"', "<", "a "])
def test_six_thousand_characters_of_several_bytes_are_still_carried(character: str) -> None:
    whole = item("Bão số 5", "x" + character * (MOST_CHARACTERS // len(character) - 2) + "x")
    content = content_of(whole)
    assert can_be_carried(content)
    assert LINK in content.body


def test_tags_that_outweigh_their_text_are_left_out_and_the_text_is_whole() -> None:
    content = content_of(item("Bão số 5", "Sơ tán ngay.", "<ul>" * 10_000 + "Sơ tán ngay."))
    assert content.body == f"Bão số 5\n\nSơ tán ngay.\n\n{LINK}"
    assert can_be_carried(content)


@given(st.builds(str.__mul__, DEAR, st.integers(0, 1_000)), DEAR, st.integers(0, 30_000), DEAR)
def test_whatever_a_source_tells_is_carried(title: str, character: str, count: int, of_link: str) -> None:
    link = https_address("https://hue.gov.vn/" + of_link.strip() * 980)
    assert link is not None
    body = readable(character * count).strip()
    content = content_of(item(title.strip(), body, link=link))
    assert can_be_carried(content)
    assert link in content.body
