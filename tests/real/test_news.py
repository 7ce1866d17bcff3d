"""News on a real Synapse: told by a system, by a feed and by mail, and read by independent clients within seconds."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from mautrix.types import RoomID
from sqlalchemy import text

from huep import secret_names
from huep.database import Role, connect_as
from huep.names import localpart_of
from huep.signed_calls import EVENT, SIGNATURE, TIMESTAMP, sign
from huep.state import new_secret
from huep.synapse_admin import MembershipRequest, MembershipVerb
from tests.clients.imap_server import ImapServer, imap_server
from tests.clients.mautrix_client import MautrixDevice, Seen
from tests.clients.news_origin import NewsOrigin, entry, news_origin, rss
from tests.clients.own_bot import OwnBot, own_bot
from tests.clients.running import free_port
from tests.clients.town import Town, founded
from tests.conftest import Province
from tests.real.test_announcement_rooms import announcements, citizen, phone

# Mautrix reads a deprecated field of the messages and warns of it each time.
pytestmark = pytest.mark.filterwarnings("ignore:The sender_key field:DeprecationWarning")

SECONDS = 10.0
SENDER = "van-thu@hue.gov.vn"
MAIL = f"From: {SENDER}\nSubject: Cắt điện toàn tuyến\nMessage-ID: <1@hue.gov.vn>\n\nTừ 8 giờ."
LATER = dict.fromkeys(("repeat_after", "direct_after", "deputy_after", "head_after", "list_after"), 24 * 60)
"""Nobody is asked again while the test runs."""


@dataclass
class Coast:
    """Truyền thông with all three kinds of sources, and who hears it."""

    bot: OwnBot
    user_id: str
    door: str
    secret: str
    portal: NewsOrigin
    mail: ImapServer
    plain: MautrixDevice
    """Of somebody whose unit's room is in clear, ..."""
    encrypted: MautrixDevice
    """... and encrypted."""
    head: MautrixDevice
    """Of who leads the unit that speaks, and so approves."""

    async def tells(self, event: str, title: str, *, secret: str | None = None, age_s: int = 0) -> httpx.Response:
        """A call as the disaster command makes it."""
        body = json.dumps({"title": title, "text": "Sơ tán ngay.", "severity": "đỏ"}, ensure_ascii=False).encode()
        stamp = int(time.time()) - age_s
        headers = {
            TIMESTAMP: str(stamp),
            EVENT: event,
            SIGNATURE: sign(secret or self.secret, stamp, event, body),
        }
        async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
            return await http.post(self.door, content=body, headers=headers)

    async def all_read(self, words: str) -> list[Seen]:
        """What each of the two shows that says so."""
        return list(
            await asyncio.gather(*(heard(device, self.user_id, words) for device in (self.plain, self.encrypted)))
        )

    def looks_at(self, source: str) -> None:
        """The minutes until the source is read again are over."""
        settings, state = self.bot.province.settings, self.bot.province.state
        engine = connect_as(settings, state, Role.BOTS)
        with engine.begin() as connection:
            connection.execute(
                text("update bots.news_sources set next_at = null where bot = :bot and source = :source"),
                {"bot": settings.accounts.broadcasts, "source": source},
            )
        engine.dispose()


def shown(device: MautrixDevice, sender: str, words: str) -> list[Seen]:
    return [one for one in device.seen.values() if one.sender == sender and words in one.content.get("body", "")]


async def heard(device: MautrixDevice, sender: str, words: str) -> Seen:
    await device.until(lambda: bool(shown(device, sender, words)), words)
    return shown(device, sender, words)[0]


def sources(unit: str, audience: str, portal: NewsOrigin, mail: ImapServer, port: int) -> dict[str, Any]:
    """`[broadcasts]` of huep.toml. What is not urgent would wait for the morning."""
    common = {"unit": unit, "audience": audience, "level": "urgent"}
    storm = {"name": "pctt", "title": "Ban Chỉ huy PTDS", "approval": False, "levels": {"đỏ": "urgent"}}
    feed = {"name": "cong", "title": "Cổng thông tin", "approval": False, "url": f"{portal.url}/rss"}
    mailbox = {"host": "localhost", "port": mail.port, "user": mail.user, "senders": [SENDER], "title": "Văn thư"}
    return {
        **LATER,
        "webhook_port": port,
        "webhooks": [common | storm],
        "feeds": [common | feed],
        "mailbox": common | mailbox,
    }


@pytest.fixture(scope="module")
async def coast(stack: Province, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Coast]:
    """Two units with a head and somebody of the staff, and the bot that speaks to both."""
    folder = tmp_path_factory.mktemp("news")
    await stack.has_joined()
    async with AsyncExitStack() as opened:
        town = await opened.enter_async_context(founded(stack.state))
        for name, rooms in (("K", {}), ("M", {"encrypt_announcements": True})):
            town.opens(name)
            await town.hires(f"dau-{name.lower()}", name, standing="head")
            await town.hires(f"nv-{name.lower()}", name)
            await town.joins(**rooms).serve_urgent([town.code(f"{who}-{name.lower()}") for who in ("dau", "nv")])
        port, secret = free_port(), new_secret()
        portal = await opened.enter_async_context(news_origin())
        mail = await opened.enter_async_context(imap_server(folder))
        opened.enter_context(pytest.MonkeyPatch.context()).setenv("SSL_CERT_FILE", str(mail.authority))
        portal.says("/rss", rss(entry(1, date="")))
        stack.state.write_secret(secret_names.news_secret("pctt"), secret)
        stack.state.write_secret(secret_names.news_secret("mail"), mail.password)
        audience = f"Đơn vị {town.code('K')}, Đơn vị {town.code('M')}"
        declared = sources(town.code("K"), audience, portal, mail, port)
        bot = await opened.enter_async_context(own_bot(stack, folder / "bot", "broadcasts", broadcasts=declared))
        user_id = stack.settings.user_id(bot.province.settings.accounts.broadcasts)
        for name in ("K", "M"):
            await lets_speak(town, announcements(town, name), user_id)
        people = [await opened.enter_async_context(phone(citizen(town, name))) for name in ("nv-k", "nv-m", "dau-k")]
        yield Coast(bot, user_id, f"http://127.0.0.1:{port}/news/pctt", secret, portal, mail, *people)


async def lets_speak(town: Town, room_id: RoomID, bot: str) -> None:
    """What the provisioner does for the bot of the province."""
    [joined] = await town.admin.act_on_memberships(
        [MembershipRequest("1", MembershipVerb.JOIN, localpart_of(bot), room_id)]
    )
    assert joined.ok, joined
    power = await town.state(room_id, "m.room.power_levels") or {}
    await town.admin.send_state(room_id, "m.room.power_levels", "", {**power, "users": {**power["users"], bot: 50}})


async def test_a_storm_warning_is_with_everybody_within_seconds_and_forged_ones_are_with_nobody(coast: Coast) -> None:
    assert (await coast.tells("bao-5", "Bão giả", secret=new_secret())).status_code == 401
    assert (await coast.tells("bao-5", "Bão cũ", age_s=3_600)).status_code == 401
    began = time.monotonic()
    answer = await coast.tells("bao-5", "Bão số 5 đổ bộ")
    in_clear, sealed = await coast.all_read("Bão số 5 đổ bộ")
    took_s = time.monotonic() - began
    assert answer.status_code == 202
    assert took_s < SECONDS
    assert (in_clear.encrypted, sealed.encrypted) == (False, True)
    for seen in (in_clear, sealed):
        assert f"Thông báo khẩn số {answer.json()['number']}" in seen.content["body"]
        assert "Tin tự động từ Ban Chỉ huy PTDS" in seen.content["body"]
        assert seen.content["m.mentions"] == {"room": True}

    again = await coast.tells("bao-5", "Bão số 5 lần nữa")
    assert (again.status_code, again.json()["number"]) == (409, answer.json()["number"])

    # What comes behind it has come last.
    coast.portal.says("/rss", rss(entry(2, "Thủy điện xả lũ", date=""), entry(1, date="")))
    coast.looks_at("cong")
    await coast.all_read("Thủy điện xả lũ 2")
    for device in (coast.plain, coast.encrypted):
        assert len(shown(device, coast.user_id, "Bão")) == 1
        assert not shown(device, coast.user_id, "Tin 1"), "it was there before"


async def test_what_comes_by_mail_goes_out_when_its_approver_says_so(coast: Coast) -> None:
    coast.mail.gets(MAIL.replace(SENDER, "ke-gian@evil.example"))
    coast.mail.gets(MAIL)
    coast.looks_at("mail")
    room_id = await coast.head.next_invitation()
    await coast.head.client.join_room_by_id(RoomID(room_id))
    asked = await heard(coast.head, coast.user_id, "trình bạn duyệt thông báo số")
    assert asked.encrypted
    number = asked.content["body"].split("thông báo số ")[1].split(".")[0]
    assert not shown(coast.plain, coast.user_id, "Cắt điện")
    await coast.head.say(room_id, f"duyệt {number}")
    await heard(coast.head, coast.user_id, f"Tôi sẽ gửi thông báo số {number}")
    await coast.head.say(room_id, "đồng ý")
    seen = await coast.all_read("Cắt điện toàn tuyến")
    assert [one.encrypted for one in seen] == [False, True]
    assert coast.mail.seen == set(coast.mail.mails)
