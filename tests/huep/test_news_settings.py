"""Sources of news in huep.toml: off by default, and what is wrong is named by its key."""

from pathlib import Path

import pytest

from huep.errors import ConfigError
from huep.settings import Settings, load_settings
from huep.state import StateFolder

FEED = """
[[broadcasts.feeds]]
name = "cong"
unit = "HUE"
audience = "toàn tỉnh"
url = "https://hue.gov.vn/rss"
"""
WEBHOOK = """
[[broadcasts.webhooks]]
name = "bao"
unit = "HUE"
audience = "toàn tỉnh"
"""
MAILBOX = """
[broadcasts.mailbox]
unit = "HUE"
audience = "toàn tỉnh"
host = "mail.hue.gov.vn"
user = "tin"
senders = ["Van.Thu@hue.gov.vn"]
"""


def load(folder: Path, content: str) -> Settings:
    (folder / "huep.toml").write_text(f'server_name = "a.vn"\n{content}', "utf-8")
    return load_settings(StateFolder(folder))


def test_nothing_is_declared_at_first(tmp_path: Path) -> None:
    assert load(tmp_path, "").broadcasts.sources == ()


def test_everything_declared_is_a_source(tmp_path: Path) -> None:
    sources = load(tmp_path, FEED + WEBHOOK + MAILBOX).broadcasts.sources
    assert [source.name for source in sources] == ["cong", "bao", "mail"]
    assert all(source.approval for source in sources)


def test_senders_are_compared_in_lower_case(tmp_path: Path) -> None:
    mailbox = load(tmp_path, MAILBOX).broadcasts.mailbox
    assert mailbox is not None
    assert mailbox.senders == ("van.thu@hue.gov.vn",)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (FEED.replace("https://hue.gov.vn/rss", "ftp://hue.gov.vn/rss"), "broadcasts.feeds.0.url"),
        (FEED.replace("https://hue.gov.vn/rss", "https://ai:mat@hue.gov.vn/"), "broadcasts.feeds.0.url"),
        (FEED.replace('"cong"', '"Cổng tin"'), "broadcasts.feeds.0.name"),
        (FEED + 'level = "loud"', "broadcasts.feeds.0.level"),
        (FEED + "max_bytes = 100000000", "broadcasts.feeds.0.max_bytes"),
        (FEED + "every_minutes = 0", "broadcasts.feeds.0.every_minutes"),
        (FEED + 'adress = "x"', "broadcasts.feeds.0.adress"),
        (FEED.replace('unit = "HUE"', ""), "broadcasts.feeds.0.unit"),
        (FEED + FEED, "broadcasts: Value error, two of feeds, webhooks and mailbox are called 'cong'"),
        (WEBHOOK + '[broadcasts.webhooks.levels]\ndo = "red"', "broadcasts.webhooks.0.levels.do"),
        (MAILBOX + "approval = false", "broadcasts.mailbox.approval"),
        (MAILBOX.replace('"Van.Thu@hue.gov.vn"', ""), "broadcasts.mailbox.senders"),
        (MAILBOX.replace("Van.Thu@hue.gov.vn", "@hue.gov.vn"), "broadcasts.mailbox.senders.0"),
    ],
)
def test_a_bad_key_is_named(tmp_path: Path, content: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=r"huep\.toml") as refusal:
        load(tmp_path, content)
    assert complaint in str(refusal.value)
