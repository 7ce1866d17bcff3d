"""HueP's own push gateway, spoken to over raw HTTP as Synapse and the ntfy app do."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import Mock

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request

from huep.push import callers, kept
from huep.push import topics as limits
from huep.push.addresses import NOTIFY_PATH, gateway_address
from huep.push.protocol import (
    MOST_BODY_BYTES,
    Message,
    Notification,
    NotUnderstood,
    Since,
    read_notification,
    read_since,
    read_topics,
    topic_of,
)
from huep.push.topics import Topics
from huep.push.web import application

OWN = "https://push.hue.gov.vn"
TOPIC, OTHER = "upAbCdEf123456", "upZyXwVu654321"
KEY = f"{OWN}/{TOPIC}?up=1"
KEEP_S = 3600
BEGIN_S = 1_700_000_000


@dataclass
class Gateway:
    """A gateway on loopback, its clock, and a client."""

    http: "TestClient[Any, Any]"
    topics: Topics
    clock: list[int] = field(default_factory=list)

    async def notify(self, *keys: str, **content: Any) -> dict[str, Any]:
        devices = [{"app_id": "io.element.android", "pushkey": key} for key in keys]
        async with self.http.post(NOTIFY_PATH, json={"notification": {**content, "devices": devices}}) as answer:
            assert answer.status == 200
            return await answer.json()

    async def poll(self, topics: str = TOPIC, since: str | None = None) -> list[dict[str, Any]]:
        query = {"poll": "1"} | ({} if since is None else {"since": since})
        async with self.http.get(f"/{topics}/json", params=query) as answer:
            assert answer.status == 200
            return [json.loads(line) for line in (await answer.text()).splitlines()]


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    clock = [BEGIN_S]
    topics = Topics(KEEP_S, lambda: clock[0])
    app = application(topics, OWN, lambda: clock[0], keepalive_s=0.2)
    async with TestClient(TestServer(app)) as http:
        yield Gateway(http, topics, clock)


async def lines(answer: aiohttp.ClientResponse, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while len(found) < count:
        line = json.loads(await asyncio.wait_for(answer.content.readline(), 10))
        if line["event"] != "keepalive":
            found.append(line)
    return found


async def test_an_app_finds_that_this_is_a_matrix_gateway(gateway: Gateway) -> None:
    async with gateway.http.get(NOTIFY_PATH) as answer:
        assert await answer.json() == {"unifiedpush": {"gateway": "matrix"}}
    async with gateway.http.get(f"/{TOPIC}", params={"up": "1"}) as answer:
        assert await answer.json() == {"unifiedpush": {"version": 1}}
    async with gateway.http.get(f"/{TOPIC}/auth") as answer:
        assert await answer.json() == {"success": True}
    async with gateway.http.get("/v1/health") as answer:
        assert await answer.json() == {"healthy": True}


async def test_a_phone_that_listens_gets_what_synapse_sends(gateway: Gateway) -> None:
    async with gateway.http.get(f"/{TOPIC},{OTHER}/json") as phone:
        (opened,) = await lines(phone, 1)
        assert (opened["event"], opened["topic"]) == ("open", f"{TOPIC},{OTHER}")
        assert await gateway.notify(KEY, event_id="$1", room_id="!a", counts={"unread": 2}) == {"rejected": []}
        (message,) = await lines(phone, 1)
    assert (message["event"], message["topic"], message["expires"]) == ("message", TOPIC, BEGIN_S + KEEP_S)
    assert json.loads(message["message"])["notification"]["event_id"] == "$1"


async def test_a_phone_that_listens_by_web_socket_gets_the_same(gateway: Gateway) -> None:
    async with gateway.http.ws_connect(f"/{TOPIC}/ws") as phone:
        assert (await phone.receive_json(timeout=10))["event"] == "open"
        await gateway.notify(KEY, event_id="$1")
        while (message := await phone.receive_json(timeout=10))["event"] == "keepalive":
            pass
        assert json.loads(message["message"])["notification"]["event_id"] == "$1"
    assert await eventually_nobody_listens(gateway)


async def eventually_nobody_listens(gateway: Gateway) -> bool:
    for _ in range(100):
        if not gateway.topics._listened:
            return True
        await asyncio.sleep(0.02)
    return False


async def test_a_phone_that_went_away_is_forgotten(gateway: Gateway) -> None:
    async with gateway.http.get(f"/{TOPIC}/json") as phone:
        await lines(phone, 1)
        phone.close()
    assert await eventually_nobody_listens(gateway)


async def test_a_gateway_that_stops_breaks_off_so_that_phones_come_back(gateway: Gateway) -> None:
    async with gateway.http.get(f"/{TOPIC}/json") as stream, gateway.http.ws_connect(f"/{TOPIC}/ws") as socket:
        await lines(stream, 1)
        await socket.receive_json(timeout=10)
        stopping = asyncio.create_task(gateway.http.server.close())
        with pytest.raises(aiohttp.ClientError):
            while await asyncio.wait_for(stream.content.readline(), 10):
                pass
        while (await socket.receive(timeout=10)).type is aiohttp.WSMsgType.TEXT:
            pass
        assert socket.close_code == aiohttp.WSCloseCode.ABNORMAL_CLOSURE
        await stopping


async def test_a_silent_connection_says_that_it_is_there(gateway: Gateway) -> None:
    async with gateway.http.get(f"/{TOPIC}/json") as phone:
        await phone.content.readline()
        assert json.loads(await asyncio.wait_for(phone.content.readline(), 10))["event"] == "keepalive"


async def test_a_phone_that_was_off_gets_what_it_missed_once(gateway: Gateway) -> None:
    await gateway.notify(KEY, event_id="$1")
    gateway.clock[0] += 60
    await gateway.notify(KEY, event_id="$2")
    first, second = await gateway.poll()
    assert await gateway.poll(since=first["id"]) == [second]
    assert await gateway.poll(since=second["id"]) == []
    assert await gateway.poll(since="10s") == [second]
    assert await gateway.poll(since=str(BEGIN_S)) == [first, second]
    assert await gateway.poll(since="none") == []
    async with gateway.http.get(f"/{TOPIC}/json", params={"since": first["id"]}) as phone:
        assert (await lines(phone, 2))[1] == second


async def test_what_is_too_old_is_gone(gateway: Gateway) -> None:
    await gateway.notify(KEY, event_id="$1")
    gateway.clock[0] += KEEP_S + 1
    assert await gateway.poll() == []


async def test_nobody_gets_what_is_for_another_topic(gateway: Gateway) -> None:
    await gateway.notify(KEY, event_id="$1")
    assert await gateway.poll(OTHER) == []


async def test_a_push_key_of_another_server_is_rejected_for_good(gateway: Gateway) -> None:
    foreign = f"https://ntfy.example/{TOPIC}?up=1"
    assert await gateway.notify(foreign, KEY) == {"rejected": [foreign]}
    assert len(await gateway.poll()) == 1


async def test_who_knows_the_topic_writes_to_it_with_bytes_as_they_are(gateway: Gateway) -> None:
    async with gateway.http.post(f"/{TOPIC}", data=b"\xff\x00secret", params={"up": "1"}) as answer:
        assert answer.status == 200
        assert (await answer.json())["encoding"] == "base64"
    (message,) = await gateway.poll()
    assert (message["message"], message["encoding"]) == ("/wBzZWNyZXQ=", "base64")


@pytest.mark.parametrize(
    "path", ["/news", "/up", "/upshort", "/upAbCdEf12345%2F", "/upAbCdEf123456.x", "/UPAbCdEf123456"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
async def test_a_topic_that_could_be_guessed_is_none(gateway: Gateway, path: str, method: str) -> None:
    async with gateway.http.request(method, path, data=b"x") as answer:
        assert answer.status in (404, 405)
    async with gateway.http.get(f"{path}/json", params={"poll": "1"}) as answer:
        assert answer.status == 404


async def test_too_much_is_refused(gateway: Gateway) -> None:
    async with gateway.http.post(f"/{TOPIC}", data=bytes(MOST_BODY_BYTES + 1)) as answer:
        assert answer.status == 413
    assert await gateway.notify(KEY, event_id="$" + "x" * MOST_BODY_BYTES) == {"rejected": [KEY]}
    async with gateway.http.post(NOTIFY_PATH, data=bytes(100_000)) as answer:
        assert answer.status == 413
    assert await gateway.poll() == []


async def test_a_notification_that_is_too_long_rejects_each_of_its_keys(gateway: Gateway) -> None:
    foreign = f"https://ntfy.example/{TOPIC}?up=1"
    devices = ["x", {"pushkey": 7}, {}, {"pushkey": KEY}, {"pushkey": foreign}, "y" * MOST_BODY_BYTES]
    async with gateway.http.post(NOTIFY_PATH, json={"notification": {"devices": devices}}) as answer:
        assert (answer.status, await answer.json()) == (200, {"rejected": [KEY, foreign]})
    assert await gateway.poll() == []


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{", b'{"notification": {}}', b'{"notification": {"devices": []}}', b"\xff", b"[" * 16_000,
        b'{"notification": {"devices": ["' + b"x" * MOST_BODY_BYTES + b'"]}}',
    ],
)  # fmt: skip
async def test_a_notification_that_is_none_is_refused(gateway: Gateway, body: bytes) -> None:
    async with gateway.http.post(NOTIFY_PATH, data=body) as answer:
        assert answer.status == 400


async def test_a_since_that_is_none_is_refused(gateway: Gateway) -> None:
    async with gateway.http.get(f"/{TOPIC}/json", params={"poll": "1", "since": "yesterday"}) as answer:
        assert answer.status == 400


def test_little_is_kept_of_one_topic() -> None:
    topics = Topics(KEEP_S, lambda: BEGIN_S)
    ids = [topics.publish(TOPIC, b"x").id for _ in range(limits.MOST_KEPT + 5)]
    assert topics.missed([TOPIC], Since(everything=True)) == ids[5:]
    assert len(topics._kept) == limits.MOST_KEPT


class Province:
    """Topics with a clock of their own."""

    def __init__(self) -> None:
        self.now_s = BEGIN_S
        self.topics = Topics(KEEP_S, lambda: self.now_s)

    def write(self, topic: str, body: bytes = b"x") -> None:
        self.topics.publish(topic, body)

    def listen_once(self, topic: str) -> None:
        with self.topics.listening([topic]):
            pass

    def bodies(self, topic: str = TOPIC) -> list[bytes]:
        ids = self.topics.missed([topic], Since(everything=True))
        return [message.body for message_id in ids if (message := self.topics.message(message_id)) is not None]


def room_for(monkeypatch: pytest.MonkeyPatch, messages: int) -> None:
    """Of one byte each."""
    monkeypatch.setattr(kept, "MOST_BYTES", messages * (kept.MESSAGE_BYTES + 1))


def test_strangers_push_out_nothing_that_a_phone_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    room_for(monkeypatch, 4)
    province = Province()
    province.write(OTHER, b"1")
    province.listen_once(TOPIC)
    province.write(TOPIC, b"2")
    province.listen_once(OTHER)
    for number in range(10):
        province.write(f"upStranger{number:06}")
    assert (province.bodies(TOPIC), province.bodies(OTHER)) == ([b"2"], [b"1"])
    assert list(province.topics._unheard) == ["upStranger000008", "upStranger000009"]


def test_all_messages_together_have_one_budget_and_the_oldest_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_BYTES", 100_000)
    province = Province()
    names = [f"upHeard{number:08}" for number in range(50)]
    for name in names:
        province.listen_once(name)
        for _ in range(4):
            province.write(name, bytes(MOST_BODY_BYTES))
            assert province.topics._kept.bytes <= 100_000
    assert len(province.topics._kept) == 100_000 // (MOST_BODY_BYTES + kept.MESSAGE_BYTES)
    assert not province.bodies(names[0])
    assert len(province.bodies(names[-1])) == 4
    assert sum(len(entry.kept) for entry in province.topics._left.values()) == len(province.topics._kept)


def test_messages_without_a_body_are_not_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_BYTES", 10 * kept.MESSAGE_BYTES)
    province = Province()
    for number in range(50):
        province.write(f"upEmpty{number:08}", b"")
    assert len(province.topics._kept) == len(province.topics._unheard) == 10


def test_after_a_restart_every_phone_of_the_province_gets_what_came_before_it_was_back() -> None:
    province = Province()
    names = [f"upPhone{number:08}" for number in range(60_000)]
    for name in names:
        province.write(name, bytes(300))
    assert all(province.bodies(name) for name in names)


def test_what_is_too_old_is_freed_at_the_next_message() -> None:
    province = Province()
    province.listen_once(TOPIC)
    province.write(TOPIC)
    province.write("upStranger000001")
    province.now_s += KEEP_S + 1
    province.write(OTHER)
    assert len(province.topics._kept) == 1
    assert province.topics._kept.bytes == kept.MESSAGE_BYTES + 1
    assert (len(province.topics._left), list(province.topics._unheard)) == (0, [OTHER])


def test_a_topic_is_heard_for_as_long_as_messages_are_kept_and_not_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    room_for(monkeypatch, 2)
    province = Province()
    province.listen_once(TOPIC)
    province.now_s += KEEP_S
    province.write(TOPIC, b"1")
    for number in range(5):
        province.write(f"upStranger{number:06}")
    assert province.bodies() == [b"1"]
    province.now_s += KEEP_S + 1
    province.write(TOPIC, b"2")
    for number in range(5):
        province.write(f"upStranger{number:06}")
    assert province.bodies() == []


def test_topics_are_bounded_and_those_of_phones_go_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_TOPICS", 3)
    province = Province()
    province.listen_once(TOPIC)
    for number in range(10):
        province.write(f"upStranger{number:06}")
    assert len(province.topics._kept) == 2
    assert list(province.topics._left) == [TOPIC]
    with province.topics.listening([TOPIC, OTHER, "upThird0000000"]):
        with pytest.raises(limits.Full):
            province.write("upFourth000000")
        with pytest.raises(limits.Full):
            province.listen_once("upFourth000000")
    assert len(province.topics._listened) == 0


async def test_a_gateway_without_room_lets_synapse_try_again(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_TOPICS", 0)
    notification = {"notification": {"devices": [{"pushkey": KEY}]}}
    async with gateway.http.post(NOTIFY_PATH, json=notification) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
    async with gateway.http.get(f"/{TOPIC}/json") as answer:
        assert answer.status == 503


def from_address(address: str) -> dict[str, str]:
    """As the TLS proxy on this host names it, behind what the caller made up."""
    return {"X-Forwarded-For": f"198.51.100.9, {address}"}


@pytest.mark.parametrize(("first", "neighbour"), [("192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:db8::2")])
async def test_an_address_keeps_so_many_connections(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, first: str, neighbour: str
) -> None:
    monkeypatch.setattr(callers, "MOST_CONNECTIONS", 1)
    async with gateway.http.get(f"/{TOPIC}/json", headers=from_address(first)) as phone:
        await lines(phone, 1)
        for way in ("json", "ws", "json?poll=1"):
            async with gateway.http.get(f"/{TOPIC}/{way}", headers=from_address(neighbour)) as refused:
                assert refused.status == 429
        for others in (from_address("192.0.2.2"), {}):
            async with gateway.http.get(f"/{TOPIC}/json", headers=others) as answer:
                assert answer.status == 200
        phone.close()
    assert await eventually_nobody_listens(gateway)
    async with gateway.http.get(f"/{TOPIC}/json", headers=from_address(neighbour)) as answer:
        assert answer.status == 200


async def test_an_address_brings_so_many_new_topics_an_hour(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "MOST_NEW_TOPICS", 2)

    async def write(topic: str, headers: dict[str, str]) -> int:
        async with gateway.http.post(f"/{topic}", data=b"x", headers=headers) as answer:
            return answer.status

    office = from_address("192.0.2.1")
    assert [await write(topic, office) for topic in (TOPIC, TOPIC, OTHER, "upThird0000000")] == [200, 200, 200, 429]
    async with gateway.http.get("/upThird0000000/json", headers=office) as answer:
        assert answer.status == 429
    assert await write("upThird0000000", {}) == 200
    assert await write("upThird0000000", office) == 200
    gateway.clock[0] += 3600
    assert await write("upFourth000000", office) == 200


@pytest.mark.parametrize(
    ("peer", "own", "header", "counted"),
    [
        ("127.0.0.1", "127.0.0.1", None, None), ("::1", "::1", None, None), ("10.1.0.5", "10.1.0.5", None, None),
        ("127.0.0.1", "127.0.0.1", "192.0.2.1", "192.0.2.1"), ("127.0.0.1", "127.0.0.1", "unknown", None),
        ("192.0.2.7", "10.1.0.5", "192.0.2.1", "192.0.2.7"), ("192.0.2.7", "10.1.0.5", None, "192.0.2.7"),
        ("::ffff:192.0.2.7", "::", None, "192.0.2.7"), ("2001:db8::7", "2001:db8:1::5", None, "2001:db8::/64"),
    ],
)  # fmt: skip
def test_only_a_proxy_on_this_host_names_another_address(
    peer: str, own: str, header: str | None, counted: str | None
) -> None:
    transport = Mock(get_extra_info={"peername": (peer, 1), "sockname": (own, 2)}.get)
    headers = {} if header is None else {"X-Forwarded-For": header}
    request = make_mocked_request("GET", f"/{TOPIC}", headers=headers, transport=transport)
    assert callers.address_of(request) == counted


async def test_a_phone_that_takes_nothing_holds_no_messages(gateway: Gateway) -> None:
    with gateway.topics.listening([TOPIC]) as queue:
        for _ in range(limits.MOST_KEPT * 2):
            gateway.topics.publish(TOPIC, b"x")
        waiting = [queue.get_nowait() for _ in range(queue.qsize())]
    there = [message_id for message_id in waiting if message_id and gateway.topics.message(message_id)]
    assert len(there) == limits.MOST_KEPT


async def test_the_topic_of_a_phone_that_is_there_is_never_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_TOPICS", 2)
    topics = Topics(KEEP_S, lambda: BEGIN_S)
    with topics.listening([TOPIC]) as queue:
        for number in range(5):
            with topics.listening([f"upGuest{number:08}"]):
                pass
        topics.publish(TOPIC, b"x")
        assert queue.get_nowait() in topics.missed([TOPIC], Since(everything=True))
    assert len(topics._left) == 2


async def test_who_reads_too_slowly_is_cut_off_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_BEHIND", 4)
    topics = Topics(KEEP_S, lambda: BEGIN_S)
    with topics.listening([TOPIC]) as queue:
        for _ in range(10):
            topics.publish(TOPIC, b"x")
        read = [queue.get_nowait() for _ in range(queue.qsize())]
    assert len(read) == 4
    assert read[-1] is None


@pytest.mark.parametrize(
    ("text", "poll", "since"),
    [
        (None, False, Since()), (None, True, Since(everything=True)), ("all", False, Since(everything=True)),
        ("none", True, Since()), ("1700000000", False, Since(time_s=1_700_000_000)),
        ("10m", False, Since(time_s=BEGIN_S - 600)), ("12h", False, Since(time_s=BEGIN_S - 43_200)),
        ("AbCdEf123456", False, Since(id="AbCdEf123456")),
    ],
)  # fmt: skip
def test_since_is_read_as_ntfy_does(text: str | None, poll: bool, since: Since) -> None:
    assert read_since(text, poll, BEGIN_S) == since


@pytest.mark.parametrize("text", ["x", "10y", "-1", "AbCdEf12345", "AbCdEf12345!", "１２３"])
def test_another_since_is_not_understood(text: str) -> None:
    with pytest.raises(NotUnderstood):
        read_since(text, False, BEGIN_S)


def test_a_topic_is_asked_for_once_and_not_too_many_together() -> None:
    assert read_topics(f"{TOPIC},{OTHER},{TOPIC}") == (TOPIC, OTHER)
    with pytest.raises(NotUnderstood):
        read_topics(",".join(f"upMany{number:010}" for number in range(31)))


@pytest.mark.parametrize(
    ("key", "topic"),
    [
        (KEY, TOPIC), (f"{OWN}/{TOPIC}", TOPIC), (f"{OWN}:443/{TOPIC}", TOPIC),
        (f"http://push.hue.gov.vn/{TOPIC}", None), (f"{OWN}.evil.example/{TOPIC}", None), (f"{OWN}/{TOPIC}/x", None),
        (f"{OWN}/news", None), (TOPIC, None), ("", None),
    ],
)  # fmt: skip
def test_a_push_key_leads_to_a_topic_of_ours_alone(key: str, topic: str | None) -> None:
    assert topic_of(key, OWN) == topic


def test_devices_without_a_push_key_are_passed_over() -> None:
    content = {"notification": {"devices": [{}, "x", {"pushkey": 7}, {"pushkey": KEY}]}}
    assert read_notification(content, OWN) == Notification((TOPIC,), (), (KEY,))


def test_vietnamese_text_stays_readable() -> None:
    assert "đô thị" in Message("1", TOPIC, BEGIN_S, "đô thị".encode()).as_json(1)


@pytest.mark.parametrize("text", ["https://a.vn", "a.vn/_matrix/push/v1/notify", "https:///_matrix/push/v1/notify", 7])
def test_an_address_that_is_no_gateways_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match=r"not|end"):
        gateway_address(text)
