"""Feeds as portals give them, and as those do who mean harm; all over real connections."""

import asyncio
import gzip
import resource
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from bots.broadcasts.model import Level
from bots.broadcasts.news import feeds, fetching
from bots.broadcasts.news.feeds import FeedReading, Hostile, NotAFeed, parsed_apart, read_feed
from bots.broadcasts.news.fetching import (
    NOTHING_KNOWN,
    LedElsewhere,
    LedInCircles,
    NotAnswered,
    PlainOutside,
    TookTooLong,
    TooLarge,
    Validators,
)
from bots.broadcasts.news.identity import key_hash
from huep.news_settings import FeedSettings
from tests.clients.news_origin import NewsOrigin, entry, news_origin, rss

NOW = datetime(2026, 6, 15, 1, 30, tzinfo=UTC)

ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Cổng</title><id>urn:x</id>
<entry><id>urn:tin:1</id><title type="html">Bão &amp;lt;số&amp;gt; 5</title><link href="https://hue.gov.vn/1"/>
<updated>2026-06-15T08:00:00+07:00</updated><content type="html">&lt;p&gt;Gió cấp 10&lt;/p&gt;</content></entry></feed>"""

ENTITIES = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "{}">]>
<rss version="2.0"><channel><title>&b;</title></channel></rss>""".format("&a;" * 50)

OUTSIDE_ENTITY = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<rss version="2.0"><channel><title>t</title><item><title>&x;</title></item></channel></rss>"""


@pytest.fixture
async def portal() -> AsyncIterator[NewsOrigin]:
    async with news_origin() as origin:
        yield origin


def source(url: str, **settings: object) -> FeedSettings:
    return FeedSettings(**{"name": "cong", "unit": "HUE", "audience": "toàn tỉnh", "url": url, **settings})


async def read(url: str, known: Validators = NOTHING_KNOWN, *, inside: bool = True, **settings: object) -> FeedReading:
    reading = await read_feed(source(url, **settings), lambda _: inside, NOW, known)
    assert reading is not None
    return reading


async def test_rss_gives_items_the_oldest_first(portal: NewsOrigin) -> None:
    reading = await read(portal.says("/rss", rss(entry(2), entry(1))), level="important")
    assert [item.title for item in reading.items] == ["Tin 1", "Tin 2"]
    first = reading.items[0]
    assert (first.key, first.body, first.html) == ("tin-1", "Nội dung 1", "<p>Nội dung 1</p>")
    assert (first.link, first.level, first.audience) == ("https://hue.gov.vn/tin/1", Level.IMPORTANT, "toàn tỉnh")
    assert first.published_at == datetime(2026, 6, 15, 1, 0, tzinfo=UTC)
    assert reading.complaint is None


async def test_atom_is_read_too(portal: NewsOrigin) -> None:
    (item,) = (await read(portal.says("/atom", ATOM, "application/atom+xml"))).items
    assert (item.key, item.title, item.body) == ("urn:tin:1", "Bão <số> 5", "Gió cấp 10")


async def test_what_did_not_change_is_not_sent_again(portal: NewsOrigin) -> None:
    url = portal.says("/rss", rss(entry(1)), ETag='"7"')
    reading = await read(url)
    assert reading.validators == Validators(etag='"7"')
    assert await read_feed(source(url), lambda _: True, NOW, reading.validators) is None


@pytest.mark.parametrize("encoding", ["utf-16", "windows-1258", "iso-8859-1"])
async def test_other_encodings_are_read_as_they_are_declared(portal: NewsOrigin, encoding: str) -> None:
    title = "Tin cà phê"
    body = rss(entry(1, title=title), encoding=encoding).replace("Cổng", "C").replace("Nội", "N")
    url = portal.says("/rss", body.encode(encoding), "text/xml")
    assert (await read(url)).items[0].title == f"{title} 1"


async def test_dates_that_are_missing_or_ahead_count_as_none(portal: NewsOrigin) -> None:
    dates = ["Mon, 15 Jun 2099 08:00:00 +0700", "hôm qua", "", "Mon, 15 Jun 99999999 08:00:00 +0700"]
    reading = await read(portal.says("/rss", rss(*(entry(n, date=date) for n, date in enumerate(dates)))))
    assert [item.published_at for item in reading.items] == [None] * 4


async def test_an_item_without_an_id_is_known_by_its_link_or_its_words(portal: NewsOrigin) -> None:
    linked = "<item><title>A</title><link>https://hue.gov.vn/a</link></item>"
    bare = "<item><title>B</title></item>"
    items = (await read(portal.says("/rss", rss(linked, bare, "<item></item>")))).items
    assert [item.key[:20] for item in items][1] == "https://hue.gov.vn/a"
    assert len(items) == 2
    assert len(items[0].key) == 64


async def test_what_acts_in_an_item_is_gone(portal: NewsOrigin) -> None:
    text = '<script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:x">chữ</a>'
    (item,) = (await read(portal.says("/rss", rss(entry(1, "A&lt;script&gt;x&lt;/script&gt;", text))))).items
    assert (item.title, item.html) == ("A 1", "<p>chữ 1</p>")


async def test_what_is_told_already_is_named_and_not_cleaned(portal: NewsOrigin) -> None:
    url = portal.says("/rss", rss(entry(3), entry(2), entry(1)))
    told = {key_hash(key).hex() for key in ("tin-1", "tin-3", "tin-9")}
    reading = await read_feed(source(url), lambda _: True, NOW, told=told)
    assert reading is not None
    assert [item.key for item in reading.items] == ["tin-2"]
    assert reading.told == ("tin-3", "tin-1")


async def test_an_id_that_nobody_sees_is_none(portal: NewsOrigin) -> None:
    unseen = (entry(number).replace(f"tin-{number}<", "&#8203;<") for number in (1, 2))
    items = (await read(portal.says("/rss", rss(*unseen)))).items
    assert [item.key for item in items] == ["https://hue.gov.vn/tin/2", "https://hue.gov.vn/tin/1"]


async def test_half_a_character_in_one_item_spoils_no_other(portal: NewsOrigin) -> None:
    reading = await read(
        portal.says("/rss", rss(entry(2, "Bão &#55357;&#56832; &#xD83D;&#xde00;", "gió &#55296;"), entry(1)))
    )
    assert [item.title for item in reading.items] == ["Tin 1", "Bão 2"]


async def test_a_dtd_elsewhere_is_not_fetched(portal: NewsOrigin) -> None:
    doctype = f'<!DOCTYPE rss SYSTEM "{portal.url}/x.dtd">'
    url = portal.says("/rss", rss(entry(1)).replace("<rss", doctype + "<rss", 1))
    assert len((await read(url)).items) == 1
    assert [request.path for request in portal.asked] == ["/rss"]


async def test_of_a_broken_feed_what_can_be_read_is_and_the_fault_is_named(portal: NewsOrigin) -> None:
    reading = await read(portal.says("/rss", rss(entry(2), entry(1))[:-60]))
    assert "tin-2" in {item.key for item in reading.items}
    assert reading.complaint == "SAXParseException"


async def test_a_long_feed_gives_its_newest_items(portal: NewsOrigin) -> None:
    reading = await read(portal.says("/rss", rss(*(entry(n) for n in range(1_000, 0, -1)))))
    assert len(reading.items) == 200
    assert reading.items[-1].key == "tin-1000"


@pytest.mark.parametrize("body", [ENTITIES, OUTSIDE_ENTITY])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
async def test_entities_are_refused(portal: NewsOrigin, body: str, encoding: str) -> None:
    with pytest.raises(Hostile):
        await read(portal.says("/rss", body.encode(encoding)))


async def test_entities_in_an_encoding_that_hides_them_are_not_expanded(portal: NewsOrigin) -> None:
    hidden = '<?xml version="1.0" encoding="utf-7"?>' + OUTSIDE_ENTITY.partition("?>")[2]
    url = portal.says("/rss", hidden.encode("ascii").replace(b"<!DOCTYPE", b"+ADw-!DOCTYPE"))
    try:
        items = (await read(url)).items
    except NotAFeed:
        return
    assert not any("root:" in item.title for item in items)


@pytest.mark.parametrize("body", ["http://127.0.0.1:{port}/other", "/etc/passwd", "file:///etc/passwd", ""])
async def test_a_body_that_is_an_address_is_not_followed(portal: NewsOrigin, body: str) -> None:
    portal.says("/other", rss(entry(1)))
    url = portal.says("/rss", body.format(port=portal.url.rpartition(":")[2]))
    with pytest.raises(NotAFeed):
        await read(url)
    assert [request.path for request in portal.asked] == ["/rss"]


async def test_a_body_that_names_a_file_is_not_opened(portal: NewsOrigin, tmp_path: Path) -> None:
    file = tmp_path / "rss"
    file.write_text(rss(entry(1)), "utf-8")
    with pytest.raises(NotAFeed):
        await read(portal.says("/rss", str(file)))


@pytest.mark.parametrize("kind", ["image/png", "application/octet-stream", "application/json"])
async def test_another_kind_of_content_is_refused(portal: NewsOrigin, kind: str) -> None:
    with pytest.raises(NotAFeed, match=kind):
        await read(portal.says("/rss", rss(entry(1)), kind))


async def test_a_page_that_is_no_feed_is_refused(portal: NewsOrigin) -> None:
    with pytest.raises(NotAFeed):
        await read(portal.says("/rss", "<html><body><h1>Bảo trì</h1></body></html>", "text/html"))


async def test_more_than_may_be_is_not_read_to_its_end(portal: NewsOrigin) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(TooLarge):
        await read(portal.floods("/rss", 1_000_000_000), max_bytes=100_000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


async def test_a_bomb_is_not_unpacked(portal: NewsOrigin) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    url = portal.packs("/rss", bytes(60_000_000))
    with pytest.raises(TooLarge):
        await read(url, max_bytes=100_000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


async def test_what_is_packed_well_is_read(portal: NewsOrigin) -> None:
    assert len((await read(portal.packs("/rss", rss(entry(1)).encode()))).items) == 1


async def test_what_is_packed_badly_or_otherwise_is_refused(portal: NewsOrigin) -> None:
    torn = gzip.compress(rss(entry(1)).encode())[:-9]
    for headers, body in (({"Content-Encoding": "gzip"}, torn), ({"Content-Encoding": "br"}, b"x")):
        with pytest.raises(NotAnswered):
            await read(portal.says("/rss", body, **headers))


async def test_who_answers_drop_by_drop_is_left(portal: NewsOrigin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "ALL_WITHIN_S", 0.5)
    async with asyncio.timeout(5):
        with pytest.raises(TookTooLong):
            await read(portal.drips("/rss", 0.05))


async def test_who_does_not_answer_is_left(portal: NewsOrigin, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(_: web.Request) -> web.Response:
        await asyncio.sleep(60)
        return web.Response()

    monkeypatch.setattr(fetching, "EACH_STEP_WITHIN_S", 0.3)
    with pytest.raises(TookTooLong):
        await read(portal.does("/rss", never))


async def test_redirects_within_one_origin_are_followed(portal: NewsOrigin) -> None:
    portal.says("/new", rss(entry(1)))
    assert len((await read(portal.sends_on("/rss", "/new", 301))).items) == 1


async def test_nobody_is_followed_to_another_origin(portal: NewsOrigin) -> None:
    async with news_origin() as other:
        other.says("/rss", rss(entry(1)))
        for to in (
            other.url + "/rss",
            other.url.replace("http:", ""),
            "file:///etc/passwd",
            "gopher://x/",
            "http://[x",
        ):
            with pytest.raises((LedElsewhere, NotAnswered)):
                await read(portal.sends_on("/rss", to))
        assert other.asked == []


async def test_loops_of_redirects_end(portal: NewsOrigin) -> None:
    portal.sends_on("/b", "/a")
    with pytest.raises(LedInCircles):
        await read(portal.sends_on("/a", "/b"))
    for number in range(50):
        portal.sends_on(f"/on{number}", f"/on{number + 1}")
    with pytest.raises(LedInCircles):
        await read(portal.url + "/on0")
    assert len(portal.asked) < 10


async def test_without_tls_nothing_is_fetched_from_outside(portal: NewsOrigin) -> None:
    with pytest.raises(PlainOutside):
        await read(portal.says("/rss", rss(entry(1))), inside=False)
    assert portal.asked == []


@pytest.mark.parametrize("status", [401, 404, 500, 204, 304])
async def test_an_error_is_named_by_its_number_alone(portal: NewsOrigin, status: int) -> None:
    with pytest.raises(NotAnswered, match=str(status)) as refusal:
        await read(portal.fails("/rss", status))
    assert "secret words" not in str(refusal.value)


async def test_nobody_there_is_said() -> None:
    with pytest.raises(NotAnswered):
        await read("http://127.0.0.1:9/rss")


async def test_no_proxy_of_the_environment_is_asked(portal: NewsOrigin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:9")
    assert len((await read(portal.says("/rss", rss(entry(1))))).items) == 1


async def test_a_feed_that_takes_long_to_clean_holds_up_nothing_else(
    portal: NewsOrigin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "PARSED_WITHIN_S", 2.0)
    portal.says("/rss", rss(*(entry(number, text="<ul>" * 6_400) for number in range(70))))
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            longest = max(longest, time.monotonic() - before)

    ticking = asyncio.create_task(tick())
    with pytest.raises(Hostile):
        await read(portal.url + "/rss")
    ticking.cancel()
    assert longest < 2


async def test_a_feed_that_keeps_the_parser_busy_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "PARSED_WITHIN_S", 2.0)
    deep = b'<?xml version="1.0"?><rss version="2.0"><channel><item>' + b"<a>" * 3_000_000
    begun = time.monotonic()
    with pytest.raises(Hostile):
        await parsed_apart("cong", deep, "text/xml")
    assert time.monotonic() - begun < 10
