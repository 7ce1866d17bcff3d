"""Names of people and units, and words of whoever asks, are words in every answer: never HTML, never a mention."""

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from bots.testing.province import SERVER, UNITS, SmallDirectory, small_province
from tests.bots.desk import Desk

HOSTILE = '<img src=x onerror="1"> <b>@room</b> &lt;i&gt; <a href="https://matrix.to/#/@chu-tich:hue">{ $name }</a>'
ALLOWED = {"b", "br", "p", "ul", "li", "code"}
SAID = (
    "tôi là ai", "who am i", "đơn vị tôi", "trợ giúp", f"trợ giúp {HOSTILE}", HOSTILE, f"{HOSTILE} có bao nhiêu người",
    "Sở Nội vụ có bao nhiêu người", "SNV có bao nhiêu người", "giờ yên lặng", f"giờ yên lặng từ {HOSTILE}", "22h", HOSTILE,
    "thôi", "đổi ngôn ngữ", HOSTILE, "thôi",
)  # fmt: skip


class Tags(HTMLParser):
    """Which elements a client would make, and the words between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: list[Any] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.names.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture
def directory() -> SmallDirectory:
    """Where everything is called something hostile."""
    units = tuple(replace(unit, name=f"{unit.name} {HOSTILE}") for unit in UNITS)
    people = small_province().people
    return SmallDirectory(
        *(
            replace(
                person,
                full_name=f"{person.full_name} {HOSTILE}",
                posts=tuple(
                    replace(post, position=HOSTILE, unit_name=f"{post.unit_name} {HOSTILE}") for post in person.posts
                ),
            )
            for person in people
        ),
        units=units,
    )


@pytest.mark.parametrize("who", ["an", "giam-doc", "chu-tich"])
async def test_whatever_things_are_called_answers_are_words(directory: SmallDirectory, who: str) -> None:
    desk = Desk(directory=directory)
    for said in SAID:
        await desk.says(who, said)
    contents = [message.content for message in desk.sent]
    assert len(contents) == len(SAID)
    assert any(HOSTILE in content["body"] for content in contents), "the names were said"
    shown = [Tags(content["formatted_body"]) for content in contents if "formatted_body" in content]
    assert any("<img" in tags.words for tags in shown)
    assert set[str]().union(*(tags.names for tags in shown)) <= ALLOWED
    assert [tags.attributes for tags in shown if tags.attributes] == []
    assert all(content["m.mentions"] == {"user_ids": [f"@{who}:{SERVER}"]} for content in contents)
