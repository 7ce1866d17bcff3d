"""`huep bots news` on a real database: what operators see of the sources, and try without consequences."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.clients.imap_server import imap_server
from tests.clients.news_origin import entry, news_origin, rss
from tests.clients.running import Databases, run_huep

DECLARED = """
[[broadcasts.feeds]]
name = "cong"
unit = "SNV"
audience = "Sở Nội vụ"
url = "{feed}"
[[broadcasts.webhooks]]
name = "pctt"
unit = "SNV"
audience = "Sở Nội vụ"
[broadcasts.mailbox]
unit = "SNV"
audience = "Sở Nội vụ"
host = "localhost"
port = {imap}
user = "tin"
senders = ["van-thu@hue.gov.vn"]
"""


@pytest.fixture
def declared(databases: Databases) -> Iterator[Path]:
    """huep.toml, whose sources are undone afterwards."""
    file = databases.state.config_file
    before = file.read_text("utf-8")
    yield file
    file.write_text(before, "utf-8")


def declare(file: Path, feed: str = "http://127.0.0.1:9/rss", imap: int = 9) -> None:
    file.write_text(file.read_text("utf-8") + DECLARED.format(feed=feed, imap=imap), "utf-8")


async def news(databases: Databases, *arguments: str, code: int = 0, **environment: str) -> str:
    done = await asyncio.to_thread(
        run_huep, databases.state.root, "bots", "news", *arguments, check=False, env=environment
    )
    assert done.returncode == code, done.stdout + done.stderr
    return str(done.stdout + done.stderr)


async def test_without_sources_it_says_so(databases: Databases) -> None:
    assert "Chưa khai báo" in await news(databases)


async def test_every_declared_source_is_listed(databases: Databases, declared: Path, engine: Engine) -> None:
    declare(declared, "https://hue.gov.vn/rss?key=x")
    bot = databases.settings.accounts.broadcasts
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into bots.news_sources (bot, source, read_at, failures, error) "
                "values (:bot, 'cong', now(), 4, 'https://hue.gov.vn answered 500.')"
            ),
            {"bot": bot},
        )
    listed = await news(databases)
    for words in ("cong", "https://hue.gov.vn", "answered 500", "pctt", "/news/pctt", "tin @ localhost:9"):
        assert words in listed
    assert "key=x" not in listed
    feed, webhook, mailbox = json.loads(await news(databases, "--json"))
    assert (feed["name"], feed["failures"], webhook["kind"], mailbox["read_at"]) == ("cong", 4, "webhook", None)
    with engine.begin() as connection:
        connection.execute(text("delete from bots.news_sources where bot = :bot"), {"bot": bot})


async def test_a_feed_is_tried_without_consequences(databases: Databases, declared: Path, engine: Engine) -> None:
    async with news_origin() as portal:
        old = entry(1, date="Mon, 15 Jun 2020 08:00:00 +0700")
        undated = entry(2, date="")
        declare(declared, portal.says("/rss", rss(undated, old)))
        shown = await news(databases, "test", "cong", "--lang", "en")
    assert "Tin 2\n\nNội dung 2\n\nhttps://hue.gov.vn/tin/2" in shown
    assert "1 new item would be announced" in shown
    with engine.connect() as connection:
        found = text("select count(*) from bots.news_items where bot = :bot")
        assert connection.execute(found, {"bot": databases.settings.accounts.broadcasts}).scalar_one() == 0


async def test_a_mailbox_is_tried_without_marking_anything(
    databases: Databases, declared: Path, tmp_path: Path
) -> None:
    async with imap_server(tmp_path) as server:
        server.gets("From: van-thu@hue.gov.vn\nSubject: Cắt điện\n\nTừ 8 giờ".encode())
        server.gets("From: ai-do@hue.gov.vn\nSubject: Khác\n\nx".encode())
        databases.state.write_secret("news-mail", server.password)
        declare(declared, imap=server.port)
        shown = await news(databases, "test", "mail", "--lang", "en", SSL_CERT_FILE=str(server.authority))
    assert "Từ 8 giờ" in shown
    assert "One mail is passed over" in shown
    assert server.seen == set()


async def test_of_a_webhook_its_address_and_its_secret_are_named(databases: Databases, declared: Path) -> None:
    declare(declared)
    shown = await news(databases, "test", "pctt", "--lang", "en")
    assert "http://127.0.0.1:8016/news/pctt" in shown
    assert "secrets/news-pctt" in shown
    assert "speaks for the unit 'SNV', which there is not today" in shown


async def test_what_cannot_be_read_is_said_in_one_sentence(databases: Databases, declared: Path) -> None:
    declare(declared)
    assert "cannot be reached" in await news(databases, "test", "cong", code=1)
    assert "cong, pctt, mail" in await news(databases, "test", "khac", code=2)
