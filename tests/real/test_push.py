"""Push in the real province: what the server takes, what reaches a phone through our gateway, what the doctor says."""

import asyncio
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from huep.secret_names import ADMIN_TOKEN
from huep.synapse_admin import Session
from tests.conftest import Province
from tests.real.homeserver import Homeserver, synapse_database

NOTIFY = "/_matrix/push/v1/notify"
VENDOR = f"https://matrix.org{NOTIFY}"


def pusher(url: str, push_key: str = "key", **changes: Any) -> dict[str, Any]:
    return {
        "kind": "http",
        "app_id": "io.element.android.x",
        "app_display_name": "Element X",
        "device_display_name": "Điện thoại",
        "lang": "vi",
        "pushkey": push_key,
        "data": {"url": url, "default_payload": {"cs": "secret"}},
        **changes,
    }


async def set_pusher(homeserver: Homeserver, session: Session, content: dict[str, Any]) -> httpx.Response:
    return await homeserver.ask(session.access_token, "/_matrix/client/v3/pushers/set", "POST", json=content)


async def pushers_of(homeserver: Homeserver, session: Session) -> list[dict[str, Any]]:
    answer = await homeserver.ask(session.access_token, "/_matrix/client/v3/pushers")
    return list(answer.json()["pushers"])


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (pusher(VENDOR), "matrix.org"),
        (pusher(f"http://127.0.0.1:8008{NOTIFY}"), "127.0.0.1"),
        (pusher(VENDOR, kind="email"), "thư điện tử"),
        (pusher(VENDOR, append=True), "matrix.org"),
    ],
)
async def test_a_pusher_to_the_outside_is_refused_with_a_sentence(
    homeserver: Homeserver, content: dict[str, Any], word: str
) -> None:
    session = await homeserver.logged_in("an")
    refused = await set_pusher(homeserver, session, content)
    assert (refused.status_code, refused.json()["errcode"]) == (403, "M_FORBIDDEN")
    assert word in refused.json()["error"]
    assert await pushers_of(homeserver, session) == []


async def test_a_phone_is_told_of_ids_alone_through_our_own_gateway(homeserver: Homeserver) -> None:
    session = await homeserver.logged_in("binh")
    topic = f"up{secrets.token_hex(8)}"
    settings = homeserver.province.settings
    taken = await set_pusher(homeserver, session, pusher(settings.push_gateway, f"{settings.push_url}/{topic}?up=1"))
    assert taken.status_code == 200, taken.text
    (kept,) = await pushers_of(homeserver, session)
    assert kept["data"]["format"] == "event_id_only"
    async with (
        httpx.AsyncClient(base_url=settings.push_url, timeout=30, trust_env=False) as phone,
        phone.stream("GET", f"/{topic}/json") as told,
    ):
        lines = told.aiter_lines()
        assert json.loads(await anext(lines))["event"] == "open"
        owner = homeserver.province.state.read_secret(ADMIN_TOKEN)
        room = {"name": "Họp kín", "invite": [session.user_id]}
        made = await homeserver.ask(owner, "/_matrix/client/v3/createRoom", "POST", json=room)
        assert made.status_code == 200, made.text
        async with asyncio.timeout(60):
            while (line := json.loads(await anext(lines)))["event"] != "message":
                pass
    notification = json.loads(line["message"])["notification"]
    assert notification["room_id"] == made.json()["room_id"]
    assert notification.keys() == {"event_id", "room_id", "prio", "counts", "devices"}
    assert "Họp" not in line["message"]


@contextmanager
def homeserver_yaml_with(province: Province, addition: str) -> Iterator[None]:
    file = province.state.synapse / "homeserver.yaml"
    before = file.read_text()
    file.write_text(f"{before}\n{addition}\n")
    try:
        yield
    finally:
        file.write_text(before)


def doctor(province: Province) -> tuple[int, list[dict[str, str]]]:
    done = province.huep("doctor", "--json", check=False)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads(done.stdout)


def fails(found: list[dict[str, str]]) -> list[str]:
    return [finding["where"] for finding in found if finding["severity"] == "fail"]


def test_the_doctor_finds_nothing_that_leaves_the_running_province(stack: Province) -> None:
    code, found = doctor(stack)
    assert fails(found) == []
    assert code == 0
    assert "Nothing leaves the building" in stack.huep("doctor").stdout


def test_the_doctor_reads_what_was_changed_by_hand(stack: Province) -> None:
    with homeserver_yaml_with(stack, "default_identity_server: https://vector.im\nreport_stats: true"):
        code, found = doctor(stack)
    assert (code, fails(found)) == (1, ["default_identity_server", "report_stats"])
    assert any("changed after Synapse started" in finding["said"] for finding in found)


async def test_the_doctor_names_pushers_of_earlier_times(homeserver: Homeserver) -> None:
    session = await homeserver.logged_in("chi")
    row = (session.user_id, "http", "old.app", "Old", "Old", "old-key", 0, json.dumps({"url": VENDOR}), "", 0, True)
    with synapse_database(homeserver.province) as database:
        database.execute(
            "INSERT INTO pushers (id, user_name, kind, app_id, app_display_name, device_display_name, pushkey, ts, data,"
            " profile_tag, last_stream_ordering, enabled)"
            " SELECT 1 + coalesce(max(id), 0), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s FROM pushers",
            row,
        )
        try:
            code, found = doctor(homeserver.province)
        finally:
            database.execute("DELETE FROM pushers WHERE user_name = %s", (session.user_id,))
    assert (code, [each["severity"] for each in found if VENDOR in each["said"]]) == (0, ["note"])
