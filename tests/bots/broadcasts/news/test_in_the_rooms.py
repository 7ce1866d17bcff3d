"""News as people get them, from Truyền thông as it runs: told by another system, seen in the rooms of units."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from bots.broadcasts.desk import Desk
from bots.broadcasts.model import Level
from bots.broadcasts.news.announcing import Announces, Understands
from bots.broadcasts.news.intake import Intake
from bots.broadcasts.news.model import NewsItem
from bots.broadcasts.package import BROADCASTS
from bots.testing.kit import Stage, kit
from bots.testing.province import post
from huep.broadcasts_settings import BroadcastsSettings
from huep.directory.model import Standing
from huep.names import localpart_of
from huep.news_settings import WebhookSettings
from huep.signed_calls import EVENT, SIGNATURE, TIMESTAMP, sign
from tests.bots.broadcasts.town import Town, hears_until, says_and_agrees
from tests.clients.running import Databases, free_port

SECRET = "of forty characters, shared with one only"
WITHIN_S = 5.0


class Tells:
    """The system of the disaster command, with its stage."""

    def __init__(self, stage: Stage, port: int) -> None:
        self.stage = stage
        self.url = f"http://127.0.0.1:{port}/news/pctt"

    async def tells(self, event: str, **content: str) -> dict[str, Any]:
        body = json.dumps(content, ensure_ascii=False).encode()
        stamp = int(self.stage.clock().timestamp())
        headers = {TIMESTAMP: str(stamp), EVENT: event, SIGNATURE: sign(SECRET, stamp, event, body)}
        async with httpx.AsyncClient(trust_env=False) as http, asyncio.timeout(20):
            while True:
                try:
                    answer = await http.post(self.url, content=body, headers=headers)
                    break
                except httpx.ConnectError:
                    await asyncio.sleep(0.05)
        assert answer.status_code == 202, answer.text
        return dict(answer.json())


@asynccontextmanager
async def telling(databases: Databases, **settings: Any) -> AsyncIterator[Tells]:
    port = free_port()
    declared = {
        "name": "pctt",
        "title": "Ban Chỉ huy PTDS",
        "unit": "SNV",
        "audience": "Sở Nội vụ",
        "levels": {"đỏ": "urgent"},
    }
    broadcasts = BroadcastsSettings(webhooks=(WebhookSettings(**{**declared, **settings}),), webhook_port=port)
    databases.state.write_secret("news-pctt", SECRET)
    place = replace(databases, settings=databases.settings.model_copy(update={"broadcasts": broadcasts}))
    async with kit(BROADCASTS, place, at=datetime(2026, 6, 15, 1, 30, tzinfo=UTC)) as stage:
        yield Tells(stage, port)


async def test_a_storm_warning_is_in_the_rooms_within_seconds(databases: Databases) -> None:
    async with telling(databases, approval=False, audience="tất cả mọi người") as system:
        town = Town(system.stage)
        town.opens_rooms("SNV", "HUE")
        begun = time.monotonic()
        told = await system.tells("bao-5", title="Bão số 5 đổ bộ", text="Sơ tán ngay.", severity="đỏ")
        while not (town.seen("SNV") and town.seen("HUE")):
            assert time.monotonic() - begun < WITHIN_S
            await asyncio.sleep(0.01)
        for unit in ("SNV", "HUE"):
            (posted,) = town.seen(unit)
            assert posted.body.startswith(f"🚨 Thông báo khẩn số {told['number']} · Sở Nội vụ")
            assert "Bão số 5 đổ bộ\n\nSơ tán ngay." in posted.body
            assert "Tin tự động từ Ban Chỉ huy PTDS" in posted.body
            assert posted.content["m.mentions"]["room"] is True


async def test_whoever_answers_for_a_source_may_take_its_news_back(databases: Databases) -> None:
    async with telling(databases, approval=False) as system:
        town = Town(system.stage)
        town.opens_rooms("SNV")
        director = await system.stage.person("giam-doc")
        told = await system.tells("nham", title="Bão số 6", severity="đỏ")
        await system.stage.rest()
        assert len(town.seen("SNV")) == 1
        await director.hears(f"Thông báo số {told['number']}")
        await director.says(f"thu hồi tin {told['number']}")
        await director.hears(means="would-withdraw")
        await director.says("đồng ý")
        await director.hears(means="withdrawn")
        await system.stage.rest()
        assert town.seen("SNV") == []


async def test_news_that_need_it_go_out_when_they_are_approved(databases: Databases) -> None:
    async with telling(databases) as system:
        town = Town(system.stage)
        town.opens_rooms("SNV")
        director, an = await system.stage.person("giam-doc"), await system.stage.person("an")
        told = await system.tells("van-ban", title="Quyết định 15", text="Có hiệu lực.")
        await director.hears("Quyết định 15")
        await director.hears(means="asked-to-approve", name="Ban Chỉ huy PTDS")
        await an.says(f"duyệt {told['number']}")
        await an.hears(means="ask-approve-broadcast")
        assert town.seen("SNV") == []
        await director.says(f"duyệt {told['number']}")
        await director.hears("Quyết định 15")
        await director.hears(means="would-reach")
        await director.says("đồng ý")
        await director.hears(means="approved")
        await system.stage.rest()
        assert "Quyết định 15" in town.seen("SNV")[0].body


async def test_news_that_somebody_submits_again_are_their_own_and_judged_by_their_rights(databases: Databases) -> None:
    async with telling(databases) as system:
        town = Town(system.stage)
        town.opens_rooms("SNV", "VYDA")
        director, chairman = await system.stage.person("giam-doc"), await system.stage.person("chu-tich")
        number = (await system.tells("van-ban", title="Quyết định 15", text="Có hiệu lực."))["number"]
        await hears_until(director, "asked-to-approve")
        await says_and_agrees(director, f"trả lại {number}: cần thêm phường", "would-return")
        await director.says(f"gửi lại {number}")
        await hears_until(director, "would-send-again")
        await director.says("sửa người nhận")
        await hears_until(director, "ask-send-again-wanted")
        await says_and_agrees(director, "Phường Vỹ Dạ", "would-ask")
        await hears_until(director, "announced-for-approval")
        assert town.seen("VYDA") == []
        await director.says("chờ duyệt")
        await director.hears(means="awaiting-none")
        assert "Trần Thị Hoà" in await hears_until(chairman, "asked-to-approve")
        await says_and_agrees(chairman, f"duyệt {number}", "would-approve", "approved")
        await system.stage.rest()
        (posted,) = town.seen("VYDA")
        assert posted.body.startswith(f"📢 Thông báo số {number} · Sở Nội vụ")
        assert "Giám đốc" in posted.body
        assert "Tin tự động" not in posted.body


@pytest.mark.parametrize("approval", [True, False])
async def test_whoever_answers_for_news_words_them_anew_wherever_they_went(
    databases: Databases, approval: bool
) -> None:
    async with telling(databases, audience="tất cả mọi người", approval=approval) as system:
        town = Town(system.stage)
        town.opens_rooms("SNV", "HUE")
        director = await system.stage.person("giam-doc")
        number = (await system.tells("van-ban", title="Quyết định 15", text="Có hiệu lực."))["number"]
        if approval:
            await hears_until(director, "asked-to-approve")
            await says_and_agrees(director, f"duyệt {number}", "would-approve")
        await system.stage.rest()
        await says_and_agrees(director, f"sửa tin {number}: Quyết định 16", "would-edit")
        await hears_until(director, "edited")
        await system.stage.rest()
        for unit in ("SNV", "HUE"):
            assert "Quyết định 16" in town.seen(unit)[0].body


async def test_whoever_no_longer_leads_words_no_news_anew(databases: Databases) -> None:
    async with telling(databases, audience="tất cả mọi người") as system:
        Town(system.stage).opens_rooms("SNV")
        director = await system.stage.person("giam-doc")
        number = (await system.tells("van-ban", title="Quyết định 15", text="Có hiệu lực."))["number"]
        await hears_until(director, "asked-to-approve")
        await says_and_agrees(director, f"duyệt {number}", "would-approve")
        await system.stage.rest()
        people = system.stage.directory.people
        elsewhere = (post("VYDA", "Chủ tịch", Standing.HEAD),)
        people[:] = [replace(one, posts=elsewhere) if one.user_id == director.user_id else one for one in people]
        await director.says(f"sửa tin {number}: Quyết định 16")
        await hears_until(director, "edit-not-alone")


async def test_who_has_the_post_now_finds_what_was_put_before_who_has_lost_it(databases: Databases) -> None:
    async with telling(databases) as system:
        town = Town(system.stage)
        town.opens_rooms("SNV")
        before, after, chairman = [await system.stage.person(name) for name in ("giam-doc", "binh", "chu-tich")]
        told = await system.tells("van-ban", title="Quyết định 15", text="Có hiệu lực.")
        await hears_until(before, "asked-to-approve")
        people = system.stage.directory.people
        [held] = before.person.posts
        posts = {before.user_id: (post("VYDA", "Chuyên viên"),), after.user_id: (held,)}
        people[:] = [replace(one, posts=posts.get(str(one.user_id), one.posts)) for one in people]
        await before.says(f"duyệt {told['number']}")
        await before.hears(means="rights-not-responsible")
        await chairman.says("chờ duyệt")
        await chairman.hears(means="awaiting-some")
        await says_and_agrees(after, f"duyệt {told['number']}", "would-approve", "approved")
        await system.stage.rest()
        assert "Quyết định 15" in town.seen("SNV")[0].body


async def test_whoever_is_named_approves_though_they_lead_nothing(databases: Databases) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town = Town(stage)
        town.opens_rooms("SNV")
        an = await stage.person("an")
        settings = stage.tools.settings.model_copy(update={"server_name": stage.world.server_name})
        tools = replace(stage.tools, settings=settings)
        source = WebhookSettings(name="pctt", unit="SNV", audience="Sở Nội vụ", approver=localpart_of(an.user_id))
        intake = Intake(tools, Announces(Desk.of(tools)), Understands(tools))
        item = NewsItem(source.name, "van-ban", "Quyết định 15", "Có hiệu lực.", Level.INFORMATION, source.audience)
        told = await asyncio.to_thread(intake.take, source, item)
        await an.hears("Quyết định 15")
        await an.hears(means="asked-to-approve")
        await an.says("chờ duyệt")
        await an.hears("Quyết định 15")
        await an.says(f"duyệt {told.number}")
        await an.hears("Quyết định 15")
        await an.hears(means="would-reach")
        await an.says("đồng ý")
        await an.hears(means="approved")
        await stage.rest()
        assert "Quyết định 15" in town.seen("SNV")[0].body
