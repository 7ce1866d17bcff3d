"""What becomes of news: once each, in their time, past whom they should pass, whatever goes wrong on the way."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from bots.broadcasts.model import Draft, Level
from bots.broadcasts.news import newsroom
from bots.broadcasts.news.feeds import FeedReading, read_feed
from bots.broadcasts.news.intake import READ_AT_ONCE
from bots.broadcasts.news.model import AudienceNotUnderstood, ItemState, NewsItem, NewsNotAnnounced, ReachesNobody
from bots.broadcasts.news.store import KEPT_FOR
from huep.directory.model import Leadership, PersonKey
from huep.names import localpart_of
from huep.news_settings import FeedSettings, WebhookSettings
from tests.bots.broadcasts.news.conftest import OPERATORS, ROOM, Desk, MakeDesk
from tests.clients.news_origin import NewsOrigin, entry, news_origin, rss
from tests.clients.running import free_port

QUARTER = timedelta(minutes=15)


@pytest.fixture
async def portal() -> AsyncIterator[NewsOrigin]:
    async with news_origin() as origin:
        yield origin


def feed(portal: NewsOrigin, **settings: Any) -> FeedSettings:
    declared = {"name": "cong", "title": "Cổng tin", "unit": "SNV", "audience": "toàn sở", "url": portal.url + "/rss"}
    return FeedSettings(**{**declared, "approval": False, **settings})


async def later(desk: Desk, source: FeedSettings, by: timedelta = QUARTER) -> None:
    desk.clock.moves(by)
    await desk.room.look(source)


async def begun(desk_of: MakeDesk, portal: NewsOrigin, **settings: Any) -> tuple[Desk, FeedSettings]:
    """A feed that was read once, with one item in it."""
    source = feed(portal, **settings)
    desk = desk_of(feeds=[source])
    portal.says("/rss", rss(entry(1)))
    await desk.room.look(source)
    return desk, source


async def test_what_a_feed_had_before_it_was_declared_is_not_announced(desk_of: MakeDesk, portal: NewsOrigin) -> None:
    desk, source = await begun(desk_of, portal)
    await later(desk, source)
    assert desk.titles == []


async def test_each_new_item_is_announced_once(desk_of: MakeDesk, portal: NewsOrigin) -> None:
    desk, source = await begun(desk_of, portal)
    portal.says("/rss", rss(entry(3), entry(2), entry(1)))
    await later(desk, source)
    await later(desk, source)
    await later(desk_of(feeds=[source]), source)
    assert desk.titles == ["Tin 2", "Tin 3"]
    assert desk.posted(ROOM) == 2


async def test_what_is_known_is_not_cleaned_again_and_not_forgotten(
    desk_of: MakeDesk, portal: NewsOrigin, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, source = await begun(desk_of, portal)
    readings: list[FeedReading] = []

    async def read(*arguments: Any) -> FeedReading | None:
        reading = await read_feed(*arguments)
        assert reading is not None
        readings.append(reading)
        return reading

    monkeypatch.setattr(newsroom, "read_feed", read)
    portal.says("/rss", rss(entry(2), entry(1)))
    for _ in range(3):
        await later(desk, source, KEPT_FOR - timedelta(days=1))
    assert [len(reading.items) for reading in readings] == [1, 0, 0]
    assert [sorted(reading.told) for reading in readings] == [["tin-1"], ["tin-1", "tin-2"], ["tin-1", "tin-2"]]
    assert desk.titles == []


async def test_what_a_portal_words_anew_is_the_same_news(desk_of: MakeDesk, portal: NewsOrigin) -> None:
    desk, source = await begun(desk_of, portal)
    portal.says("/rss", rss(entry(2)))
    await later(desk, source)
    portal.says("/rss", rss(entry(2, "Đính chính", "Nội dung khác"), entry(1, "Đính chính")))
    await later(desk, source)
    assert desk.titles == ["Tin 2"]


async def test_it_speaks_as_its_unit_to_whom_it_says(desk_of: MakeDesk, portal: NewsOrigin) -> None:
    desk, source = await begun(desk_of, portal, level="important", acknowledge_within_hours=5)
    portal.says("/rss", rss(entry(2)))
    await later(desk, source)
    (draft,) = desk.announced
    assert (draft.author.unit_code, draft.author.unit_name, draft.origin) == ("SNV", "Sở Nội vụ", "Cổng tin")
    leader = desk.directory.named("giam-doc")
    assert (draft.author.key, draft.author.full_name, draft.room_id) == (leader.key, "Cổng tin", leader.user_id)
    assert (draft.wanted.words, draft.level) == ("toàn sở", Level.IMPORTANT)
    assert draft.deadline is not None
    assert timedelta(hours=4, minutes=59) < draft.deadline - desk.clock() <= timedelta(hours=5)
    assert draft.content.body == "Tin 2\n\nNội dung 2\n\nhttps://hue.gov.vn/tin/2"


async def test_without_anything_said_whoever_leads_the_unit_approves(desk_of: MakeDesk, portal: NewsOrigin) -> None:
    desk, source = await begun(desk_of, portal, approval=True)
    portal.says("/rss", rss(entry(2)))
    await later(desk, source)
    assert desk.approvers == [desk.directory.named("giam-doc").key]


async def test_who_is_named_approves_and_while_away_whoever_leads_the_unit(
    desk_of: MakeDesk, portal: NewsOrigin
) -> None:
    desk, source = await begun(desk_of, portal, approval=True)
    for number, approver in ((2, "an"), (3, "truong-phong"), (4, "khoa")):
        portal.says("/rss", rss(entry(number)))
        source = source.model_copy(update={"approver": localpart(desk, approver)})
        await later(desk, source)
    names = [desk.directory.named(name).key for name in ("an", "giam-doc", "giam-doc")]
    assert desk.approvers == names


async def test_where_nobody_answers_for_it_nothing_goes_out_and_it_is_tried_again(
    desk_of: MakeDesk, portal: NewsOrigin, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, source = await begun(desk_of, portal, approval=True)
    portal.says("/rss", rss(entry(2)), ETag='"2"')
    with monkeypatch.context() as without:
        without.setattr(desk.directory, "leadership_of", lambda _: Leadership(None, None))
        await later(desk, source)
    assert desk.titles == []
    assert "nobody leads SNV" in (_state(desk, source).error or "")
    await later(desk, source, timedelta(hours=6))
    assert desk.titles == ["Tin 2"]


async def test_for_a_unit_that_nobody_leads_whoever_leads_the_one_above_answers(
    desk_of: MakeDesk, portal: NewsOrigin
) -> None:
    desk, source = await begun(desk_of, portal, approval=True, unit="SNV-VP")
    portal.says("/rss", rss(entry(2)))
    await later(desk, source)
    assert desk.approvers == [desk.directory.named("giam-doc").key]


@pytest.mark.parametrize(
    ("settings", "said"), [({"unit": "X"}, "'X'"), ({"audience": "không ai hiểu"}, "không ai hiểu")]
)
async def test_what_huep_toml_says_wrongly_is_said_and_nothing_goes_out(
    desk_of: MakeDesk, portal: NewsOrigin, settings: dict[str, str], said: str
) -> None:
    desk, source = await begun(desk_of, portal, **settings)
    portal.says("/rss", rss(entry(2)))
    await later(desk, source)
    assert desk.titles == []
    assert said in (_state(desk, source).error or "")


async def test_one_item_that_fails_holds_back_no_other(desk_of: MakeDesk, portal: NewsOrigin) -> None:
    desk, source = await begun(desk_of, portal)
    portal.says("/rss", rss(entry(3), entry(2)), ETag='"3"')
    desk.refuses.append(NewsNotAnnounced("not now"))
    await later(desk, source)
    assert desk.titles == ["Tin 3"]
    assert desk.posted(ROOM) == 1
    await later(desk, source, timedelta(hours=1))
    assert desk.titles == ["Tin 3", "Tin 2"]


async def test_an_end_in_the_middle_leaves_nothing_half_done(desk_of: MakeDesk, portal: NewsOrigin) -> None:
    desk, source = await begun(desk_of, portal)
    portal.says("/rss", rss(entry(2)))
    desk.refuses.append(RuntimeError("power is gone"))
    with pytest.raises(RuntimeError):
        await later(desk, source)
    assert (desk.titles, desk.posted(ROOM)) == ([], 0)
    again = desk_of(feeds=[source])
    await later(again, source)
    assert (again.titles, again.posted(ROOM)) == (["Tin 2"], 1)


async def test_old_news_under_new_keys_are_no_news(desk_of: MakeDesk, portal: NewsOrigin) -> None:
    desk, source = await begun(desk_of, portal)
    renumbered = entry(1).replace("tin-1<", "moi-1<")
    archived = entry(9, date="Mon, 15 Jun 2020 08:00:00 +0700")
    portal.says("/rss", rss(renumbered, archived))
    await later(desk, source)
    assert desk.titles == []


async def test_what_exceeds_the_hour_waits_for_the_next(desk_of: MakeDesk, portal: NewsOrigin) -> None:
    desk, source = await begun(desk_of, portal, most_per_hour=2)
    portal.says("/rss", rss(*(entry(number) for number in range(6, 1, -1))))
    await later(desk, source)
    assert desk.titles == ["Tin 2", "Tin 3"]
    assert desk.posted(OPERATORS) == 1
    await later(desk, source)
    assert len(desk.titles) == 2
    await later(desk_of(feeds=[source]), source, timedelta(hours=1))
    assert desk.titles == ["Tin 2", "Tin 3", "Tin 4", "Tin 5"]
    await later(desk, source, timedelta(hours=1))
    await later(desk, source, timedelta(hours=1))
    assert desk.titles == ["Tin 2", "Tin 3", "Tin 4", "Tin 5", "Tin 6"]


async def test_urgent_news_go_first_and_one_that_fails_holds_back_no_other(desk_of: MakeDesk) -> None:
    source = WebhookSettings(name="pctt", unit="SNV", audience="toàn sở", approval=False, most_per_hour=1)
    desk = desk_of(webhooks=[source])
    for title in ("Tin 1", "Tin 2", "Khẩn 1", "Khẩn 2", "Khẩn 3"):
        level = Level.URGENT if title.startswith("Khẩn") else Level.INFORMATION
        desk.room.intake.take(source, NewsItem(source.name, title, title, "", level, source.audience))
    desk.clock.moves(timedelta(hours=1))
    desk.refuses.append(NewsNotAnnounced("not now"))
    with pytest.raises(NewsNotAnnounced, match="not now"):
        desk.room.intake.release(source)
    assert desk.titles == ["Tin 1", "Khẩn 1", "Khẩn 3", "Tin 2"]
    desk.clock.moves(timedelta(hours=1))
    assert desk.room.intake.release(source) == 1
    assert desk.titles[-1] == "Khẩn 2"


async def test_many_that_fail_hold_back_no_other_of_their_level(desk_of: MakeDesk) -> None:
    source = WebhookSettings(name="pctt", unit="SNV", audience="toàn sở", approval=False, most_per_hour=1)
    desk = desk_of(webhooks=[source])
    failing = 2 * READ_AT_ONCE + 1
    for title in ("Tin 0", *(f"Hỏng {number}" for number in range(failing)), "Tin 1"):
        desk.room.intake.take(source, NewsItem(source.name, title, title, "", Level.INFORMATION, source.audience))
    desk.clock.moves(timedelta(hours=1))
    desk.refuses.extend(NewsNotAnnounced("not now") for _ in range(failing))
    with pytest.raises(NewsNotAnnounced, match="not now"):
        desk.room.intake.release(source)
    assert desk.titles == ["Tin 0", "Tin 1"]


@pytest.mark.parametrize("refusal", [AudienceNotUnderstood("sở cũ"), ReachesNobody("sở cũ")])
async def test_an_audience_that_is_refused_is_prepared_once_and_holds_back_no_other(
    desk_of: MakeDesk, monkeypatch: pytest.MonkeyPatch, refusal: NewsNotAnnounced
) -> None:
    source = WebhookSettings(name="pctt", unit="SNV", audience="toàn sở", approval=False, most_per_hour=1)
    desk = desk_of(webhooks=[source])
    for level in (Level.INFORMATION, Level.URGENT):
        told = [("Đầu", "toàn sở"), *((f"Hỏng {number}", "sở cũ") for number in range(30)), ("Cuối", "toàn sở")]
        for title, audience in told:
            item = NewsItem(source.name, f"{title} {level}", f"{title} {level}", "", level, audience)
            desk.room.intake.take(source, item)
    desk.clock.moves(timedelta(hours=1))
    desk.understood.clear()

    def announce(connection: Connection, draft: Draft, approver: PersonKey | None) -> int:
        if draft.wanted.words == "sở cũ":
            raise refusal
        return desk.announce(connection, draft, approver)

    monkeypatch.setattr(desk.room.intake, "_announce", announce)
    with pytest.raises(type(refusal)):
        desk.room.intake.release(source)
    assert desk.titles[2:] == ["Cuối urgent", "Cuối information"]
    assert desk.understood.count("sở cũ") == 1
    desk.clock.moves(timedelta(hours=1))
    with pytest.raises(type(refusal)):
        desk.room.intake.release(source)
    assert desk.understood.count("sở cũ") == 2


async def test_what_has_waited_a_day_is_let_go(desk_of: MakeDesk, portal: NewsOrigin) -> None:
    desk, source = await begun(desk_of, portal, most_per_hour=1)
    portal.says("/rss", rss(entry(3), entry(2)))
    await later(desk, source)
    desk.clock.moves(timedelta(hours=25))
    await later(desk, source)
    assert desk.titles == ["Tin 2"]
    with desk.tools.engine.connect() as connection:
        counts = desk.room.intake.store.counts(connection, [source.name])[source.name]
    assert counts == {ItemState.KNOWN: 1, ItemState.ANNOUNCED: 1, ItemState.STALE: 1}


async def test_what_waits_is_sealed(desk_of: MakeDesk, portal: NewsOrigin) -> None:
    desk, source = await begun(desk_of, portal, most_per_hour=1)
    portal.says("/rss", rss(entry(3, "Bí mật"), entry(2)))
    await later(desk, source)
    with desk.tools.engine.connect() as connection:
        rows = connection.exec_driver_sql("select * from bots.news_items").mappings().all()
        assert not any("mật".encode() in bytes(value) for row in rows for value in row.values() if _is_bytes(value))
        (waiting,) = desk.room.intake.store.waiting(connection, source.name, Level.INFORMATION, 0, 10)
    assert waiting.item.title == "Bí mật 3"


async def test_a_source_that_cannot_be_read_is_asked_ever_less_and_operators_hear_of_it_once(
    desk_of: MakeDesk, portal: NewsOrigin
) -> None:
    desk, source = await begun(desk_of, portal)
    portal.fails("/rss", 500)
    for hours in (1, 1, 2):
        await later(desk, source, timedelta(hours=hours))
    assert (_state(desk, source).failures, desk.posted(OPERATORS)) == (3, 1)
    asked = len(portal.asked)
    await later(desk, source)
    assert len(portal.asked) == asked
    await later(desk, source, timedelta(hours=6))
    assert (_state(desk, source).failures, desk.posted(OPERATORS)) == (4, 1)
    portal.says("/rss", rss(entry(2)))
    await later(desk, source, timedelta(hours=6))
    assert desk.titles == ["Tin 2"]
    assert (_state(desk, source).failures, _state(desk, source).error) == (0, None)


async def test_nobody_is_asked_before_the_time(desk_of: MakeDesk, portal: NewsOrigin) -> None:
    desk, source = await begun(desk_of, portal, every_minutes=30)
    await later(desk, source)
    assert len(portal.asked) == 1
    await later(desk, source)
    assert len(portal.asked) == 2


async def test_what_is_known_is_asked_with(desk_of: MakeDesk, portal: NewsOrigin) -> None:
    source = feed(portal)
    desk = desk_of(feeds=[source])
    portal.says("/rss", rss(entry(1)), ETag='"1"')
    await desk.room.look(source)
    await later(desk, source)
    await later(desk, source)
    assert [request.headers.get("If-None-Match") for request in portal.asked] == [None, '"1"', '"1"']


async def test_a_broken_feed_is_read_as_far_as_it_goes_and_named(desk_of: MakeDesk, portal: NewsOrigin) -> None:
    desk, source = await begun(desk_of, portal)
    portal.says("/rss", rss(entry(3), entry(2))[:-60])
    await later(desk, source)
    assert "Tin 3" in desk.titles
    assert "SAXParseException" in (_state(desk, source).error or "")


async def test_operators_hear_at_the_start_of_what_could_not_be_announced(desk_of: MakeDesk) -> None:
    storm = WebhookSettings(name="pctt", unit="SNV", audience="toàn sở", audiences={"ven biển": "không ai hiểu"})
    desk = desk_of(webhooks=[storm], webhook_port=free_port())
    stop = asyncio.Event()
    running = asyncio.create_task(desk.room.run(stop))
    async with asyncio.timeout(20):
        while not desk.posted(OPERATORS):
            await asyncio.sleep(0.05)
        stop.set()
        await running
    assert desk.posted(OPERATORS) == 1


async def test_all_sources_are_looked_after_until_it_ends(desk_of: MakeDesk, portal: NewsOrigin) -> None:
    first = feed(portal)
    second = replace_name(first, "hai", portal.url + "/hai")
    desk = desk_of(feeds=[first, second], webhooks=[])
    portal.says("/rss", rss(entry(1)))
    portal.fails("/hai", 500)
    stop = asyncio.Event()
    running = asyncio.create_task(desk.room.run(stop))
    async with asyncio.timeout(20):
        while _state(desk, first).read_at is None or _state(desk, second).failures == 0:
            await asyncio.sleep(0.05)
        portal.says("/rss", rss(entry(2), entry(1)))
        desk.clock.moves(QUARTER)
        while not desk.titles:
            await asyncio.sleep(0.05)
        stop.set()
        await running


def localpart(desk: Desk, name: str) -> str:
    return localpart_of(str(desk.directory.named(name).user_id))


def replace_name(source: FeedSettings, name: str, url: str) -> FeedSettings:
    return source.model_copy(update={"name": name, "url": url})


def _state(desk: Desk, source: FeedSettings | WebhookSettings) -> Any:
    with desk.tools.engine.connect() as connection:
        return desk.room.intake.store.state_of(connection, source.name)


def _is_bytes(value: object) -> bool:
    return isinstance(value, bytes | memoryview)
