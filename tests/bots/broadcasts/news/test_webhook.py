"""What other systems tell: signed, of now, once, and at once; everything else is refused and says which field it was."""

import asyncio
import gzip
import json
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from bots.broadcasts.model import Level
from bots.broadcasts.news.web import MOST_BODY_BYTES
from bots.runtime.doorbell import listen
from bots.runtime.outbox import CHANNEL
from huep.news_settings import WebhookSettings
from huep.signed_calls import EVENT, SIGNATURE, TIMESTAMP, sign
from tests.bots.broadcasts.news.conftest import ROOM, Desk, MakeDesk
from tests.clients.running import free_port

SECRET = "of forty characters, shared with one only"
STORM = {
    "title": "Bão số 5 đổ bộ",
    "text": "Gió cấp 12 từ 18 giờ.\nSơ tán ngay.",
    "severity": "đỏ",
    "field": "ven biển",
    "link": "https://pctt.hue.gov.vn/bao-5",
}


@dataclass
class Caller:
    """Another system, with the secret."""

    desk: Desk
    http: httpx.AsyncClient

    def signed(self, body: bytes, event: str, secret: str = SECRET, at: datetime | None = None) -> dict[str, str]:
        stamp = int((at or self.desk.clock()).timestamp())
        return {TIMESTAMP: str(stamp), EVENT: event, SIGNATURE: sign(secret, stamp, event, body)}

    async def tells(self, content: Any, event: str = "e-1", name: str = "pctt") -> httpx.Response:
        body = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
        return await self.http.post(f"/news/{name}", content=body, headers=self.signed(body, event))


def webhook(**settings: Any) -> WebhookSettings:
    declared = {
        "name": "pctt",
        "title": "Ban Chỉ huy phòng thủ dân sự",
        "unit": "SNV",
        "audience": "toàn sở",
        "approval": False,
        "levels": {"đỏ": "urgent", "vàng": "important", "xanh": "information"},
        "audiences": {"ven biển": "các xã ven biển"},
    }
    return WebhookSettings(**{**declared, **settings})


@pytest.fixture
async def caller(desk_of: MakeDesk) -> AsyncIterator[Caller]:
    async with calling(desk_of) as made:
        yield made


class calling:  # noqa: N801 - a context manager
    """A newsroom whose door is open, and who calls there."""

    def __init__(self, desk_of: MakeDesk, **settings: Any) -> None:
        port = free_port()
        self.desk = desk_of(webhooks=[webhook(**settings)], webhook_port=port)
        self.desk.secrets["news-pctt"] = SECRET
        self.http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30)
        self.stop = asyncio.Event()

    async def __aenter__(self) -> Caller:
        self.running = asyncio.create_task(self.desk.room.run(self.stop))
        async with asyncio.timeout(20):
            while True:
                try:
                    await self.http.get("/")
                    break
                except httpx.ConnectError:
                    await asyncio.sleep(0.02)
        return Caller(self.desk, self.http)

    async def __aexit__(self, *_: object) -> None:
        self.stop.set()
        await self.running
        await self.http.aclose()


async def test_a_storm_warning_is_with_the_sender_when_the_call_is_answered(caller: Caller) -> None:
    rung = asyncio.Event()
    hearing = asyncio.create_task(listen(caller.desk.tools.engine, caller.desk.tools.bot, {CHANNEL: rung.set}))
    async with asyncio.timeout(20):
        await rung.wait()
        rung.clear()
        begun = time.monotonic()
        answer = await caller.tells(STORM)
        await rung.wait()
        took_s = time.monotonic() - begun
    hearing.cancel()
    assert answer.status_code == 202
    (draft,) = caller.desk.announced
    assert answer.json() == {"event": "e-1", "number": _number(caller.desk), "waiting": False}
    assert (draft.level, draft.wanted.words, draft.origin) == (
        Level.URGENT,
        "các xã ven biển",
        "Ban Chỉ huy phòng thủ dân sự",
    )
    assert draft.content.body == f"{STORM['title']}\n\n{STORM['text']}\n\n{STORM['link']}"
    assert caller.desk.posted(ROOM) == 1
    assert took_s < 3


async def test_without_severity_and_field_it_is_as_declared(caller: Caller) -> None:
    assert (await caller.tells({"title": "Lịch họp"})).status_code == 202
    (draft,) = caller.desk.announced
    assert (draft.level, draft.wanted.words, draft.content.body) == (Level.INFORMATION, "toàn sở", "Lịch họp")


async def test_formatted_text_is_cleaned(caller: Caller) -> None:
    await caller.tells({"title": "A", "html": "<p>Sơ tán <b>ngay</b><script>x</script></p>"})
    (draft,) = caller.desk.announced
    assert draft.content.html == "<p><strong>A</strong></p><p>Sơ tán <b>ngay</b></p>"


async def test_the_same_event_again_is_refused_and_changes_nothing(caller: Caller) -> None:
    body = json.dumps(STORM).encode()
    headers = caller.signed(body, "e-1")
    first = await caller.http.post("/news/pctt", content=body, headers=headers)
    for again in (
        await caller.http.post("/news/pctt", content=body, headers=headers),
        await caller.tells({"title": "khác"}, "e-1"),
    ):
        assert (again.status_code, again.json()["number"]) == (409, first.json()["number"])
    assert len(caller.desk.announced) == 1


async def test_the_same_warning_under_another_event_is_another_one(caller: Caller) -> None:
    assert [(await caller.tells(STORM, event)).status_code for event in ("e-1", "e-2")] == [202, 202]
    assert len(caller.desk.announced) == 2


async def test_one_event_told_twenty_times_at_once_is_announced_once(caller: Caller) -> None:
    answers = await asyncio.gather(*(caller.tells(STORM) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 19
    assert (len(caller.desk.announced), caller.desk.posted(ROOM)) == (1, 1)


async def test_many_events_told_at_once_are_each_announced_once(desk_of: MakeDesk) -> None:
    async with calling(desk_of, most_per_hour=100) as caller:
        events = [f"e-{number}" for number in range(40)]
        answers = await asyncio.gather(*(caller.tells({"title": event}, event) for event in events))
        assert {answer.status_code for answer in answers} == {202}
        assert sorted(caller.desk.titles) == sorted(events)


async def test_who_is_not_whom_it_should_be_is_refused(caller: Caller) -> None:
    body, now = json.dumps(STORM).encode(), caller.desk.clock()
    good = caller.signed(body, "e-1")
    for headers, sent in (
        ({}, body),
        (caller.signed(body, "e-1", "another secret"), body),
        (good, body.replace(b"5", b"6")),
        ({**good, EVENT: "e-2"}, body),
        ({**good, TIMESTAMP: str(int(now.timestamp()) + 1)}, body),
        ({**good, SIGNATURE: "v1="}, body),
        ({**good, SIGNATURE: good[SIGNATURE][:-1]}, body),
        ({**good, SIGNATURE: b"v1=\xff\xed\xa0\x80"}, body),
        ({**good, EVENT: b"\xff"}, body),
        ({**good, TIMESTAMP: "١٢٣".encode()}, body),
        (caller.signed(body, "e-1", at=now - timedelta(seconds=310)), body),
        (caller.signed(body, "e-1", at=now + timedelta(seconds=310)), body),
        (caller.signed(body, "../../e", at=now), body),
    ):
        answer = await caller.http.post("/news/pctt", content=sent, headers=headers)
        assert (answer.status_code, answer.json()) == (401, {"error": "not signed, or not in time"})
    assert caller.desk.announced == []


async def test_a_call_recorded_an_hour_ago_is_worth_nothing(caller: Caller) -> None:
    body = json.dumps(STORM).encode()
    headers = caller.signed(body, "e-1")
    caller.desk.clock.moves(timedelta(hours=1))
    assert (await caller.http.post("/news/pctt", content=body, headers=headers)).status_code == 401


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "the body is not JSON"),
        (b"\xff\xfe", "the body is not JSON"),
        (b"[" * 100_000, "the body is not JSON"),
        ([], "the body: "),
        ({}, "title: "),
        ({"title": ""}, "title: "),
        ({"title": " \u200b"}, "title: "),
        ({"title": "a" * 301}, "title: "),
        ({"title": ["a"]}, "title: "),
        ({"title": "a", "text": "b" * 20_001}, "text: "),
        ({"title": "a", "severity": "tím"}, "severity: must be one of vàng, xanh, đỏ"),
        ({"title": "a", "field": "núi"}, "field: must be one of ven biển"),
        ({"title": "a", "link": "http://hue.gov.vn"}, "link: "),
        ({"title": "a", "link": "javascript:alert(1)"}, "link: "),
        ({"title": "a", "published_at": "hôm qua"}, "published_at: "),
        ({"title": "a", "published_at": "2026-06-15T08:00:00"}, "published_at: "),
        ({"title": "a", "published_at": "2020-06-15T08:00:00+07:00"}, "published_at: "),
        ({"title": "a", "published_at": "2099-06-15T08:00:00+07:00"}, "published_at: "),
        ({"title": "a", "level": "urgent"}, "level: "),
    ],
)
async def test_what_cannot_be_used_is_named_by_its_field(caller: Caller, content: Any, said: str) -> None:
    answer = await caller.tells(content)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(said)
    assert caller.desk.announced == []
    assert (await caller.tells({"title": "nay đúng"})).status_code == 202


async def test_what_is_huge_or_packed_is_not_taken_in(caller: Caller) -> None:
    assert (await caller.tells(b" " * (MOST_BODY_BYTES + 1))).status_code == 413
    bomb = gzip.compress(bytes(50_000_000))
    headers = {**caller.signed(bomb, "e-1"), "Content-Encoding": "gzip"}
    assert (await caller.http.post("/news/pctt", content=bomb, headers=headers)).status_code == 415


async def test_another_path_or_method_leads_nowhere(caller: Caller) -> None:
    assert (await caller.tells(STORM, name="khac")).status_code == 404
    assert (await caller.http.get("/news/pctt")).status_code == 405


async def test_it_listens_on_loopback_alone(caller: Caller) -> None:
    port = caller.desk.tools.settings.broadcasts.webhook_port
    with socket.create_server(("127.0.0.2", port)):
        assert (await caller.tells(STORM)).status_code == 202


@pytest.mark.parametrize("secret", [None, "too short to be one"])
async def test_without_a_good_secret_nobody_is_heard(desk_of: MakeDesk, secret: str | None) -> None:
    async with calling(desk_of) as caller:
        caller.desk.secrets.clear()
        if secret is not None:
            caller.desk.secrets["news-pctt"] = secret
        assert (await caller.tells(STORM)).status_code == 503


async def test_what_cannot_be_announced_now_is_said_and_may_be_told_again(desk_of: MakeDesk) -> None:
    async with calling(desk_of, audience="không ai hiểu") as caller:
        answer = await caller.tells({"title": "A"})
        assert answer.status_code == 503
        assert "không ai hiểu" in answer.json()["error"]
        assert (await caller.tells(STORM)).status_code == 202


async def test_no_flood_of_small_news_holds_back_a_storm_warning(desk_of: MakeDesk) -> None:
    async with calling(desk_of, most_per_hour=2) as caller:
        small = [await caller.tells({"title": f"Văn bản {n}", "severity": "xanh"}, f"v-{n}") for n in range(5)]
        assert [answer.json()["waiting"] for answer in small] == [False, False, True, True, True]
        storm = await caller.tells(STORM, "bao")
        assert storm.json()["waiting"] is False
        assert caller.desk.titles[-1] == STORM["title"]
        caller.desk.clock.moves(timedelta(hours=1))
        async with asyncio.timeout(10):
            while len(caller.desk.announced) < 5:
                await asyncio.sleep(0.05)


async def test_it_waits_for_approval_where_that_is_declared(desk_of: MakeDesk) -> None:
    async with calling(desk_of, approval=True) as caller:
        assert (await caller.tells(STORM)).status_code == 202
        assert caller.desk.approvers == [caller.desk.directory.named("giam-doc").key]


async def test_when_it_was_last_heard_is_kept(caller: Caller) -> None:
    await caller.tells(STORM)
    with caller.desk.tools.engine.connect() as connection:
        assert caller.desk.room.intake.store.state_of(connection, "pctt").read_at is not None


def _number(desk: Desk) -> int:
    with desk.tools.engine.connect() as connection:
        found = text("select number from bots.news_items where bot = :bot and state = 'announced'")
        return int(connection.execute(found, {"bot": desk.tools.bot}).scalar_one())
