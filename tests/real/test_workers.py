"""Synapse in several processes behind nginx: people notice nothing, and what must happen in one process does."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from huep.activation_code import FAILURES_OF_A_PERSON, new_code
from huep.settings import load_settings
from huep.stack.accounts import open_admin
from huep.stack.programs import NGINX, REDIS_SERVER, find
from huep.state import StateFolder
from huep.synapse_admin import PublishedDetails, PublishedPerson, Session
from synapse_modules.directory_rules.everybody import READ_AGAIN_AFTER_MS
from synapse_modules.media_rules.rules import MEGABYTE
from tests.clients.running import first_settings, start_huep, stop_huep
from tests.clients.sealed import sealed
from tests.clients.syncing import SLIDING, V3, Style, Syncing
from tests.conftest import WORKERS, Province
from tests.real.homeserver import LOCK, PASSWORD, Homeserver
from tests.real.test_media_rules import upload
from tests.synapse_modules.test_media_rules_kinds import picture, windows_program


@pytest.fixture(scope="module")
def province(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """The shared province where it runs with workers, else one without people."""
    if find(NGINX) is None or find(REDIS_SERVER) is None:
        pytest.skip("workers need nginx and redis-server: apt-get install nginx-light redis-server")
    if WORKERS:
        yield request.getfixturevalue("stack")
        return
    folder = tmp_path_factory.mktemp("workers")
    state = StateFolder(folder / "state")
    first_settings(state.root)
    process = start_huep(state.root, "--workers", log=folder / "up.log")
    yield Province(state, load_settings(state), process)
    assert stop_huep(process) == 0


@pytest.fixture
async def homeserver(province: Province) -> Any:
    async with open_admin(province.settings, province.state) as admin:
        yield Homeserver(province, admin)


SOMEWHERE = PublishedDetails("Lê Thị B", "PHONG", ("TINH", "SO", "PHONG"), 2, "staff", None)


async def colleague(homeserver: Homeserver, stem: str, full_name: str = "Nguyễn Văn An") -> Session:
    session = await homeserver.logged_in(stem)
    details = PublishedDetails(f"{full_name} {homeserver.prefix}", "PHONG", ("TINH", "SO", "PHONG"), 2, "head", None)
    await homeserver.admin.publish_people([PublishedPerson(homeserver.name(stem), "active", details)])
    return session


async def direct(homeserver: Homeserver, session: Session, *others: str) -> str:
    body = {
        "preset": "trusted_private_chat",
        "is_direct": True,
        "invite": [homeserver.user_id(stem) for stem in others],
    }
    made = await homeserver.ask(session.access_token, f"{V3}/createRoom", "POST", json=body)
    return str(made.raise_for_status().json()["room_id"])


async def settled(homeserver: Homeserver, session: Session) -> str:
    """A sync token after which nothing happens by itself."""
    async with httpx.AsyncClient(base_url=homeserver.url, timeout=60) as http:
        client = Syncing(http, session.access_token, Style.V2)
        await client.settle()
    return str(client.position)


def running(province: Province) -> dict[str, dict[str, Any]]:
    content = json.loads((province.state.run / "status.json").read_text("utf-8"))
    return {service["name"]: service for service in content["services"]}


def test_status_lists_every_process(province: Province) -> None:
    services = running(province)
    names = [
        "postgres",
        "redis",
        "synapse",
        "synapse-persister",
        "synapse-media",
        "synapse-generic-1",
        "synapse-generic-2",
    ]
    assert [name for name in services if not name.startswith(("bots", "hr", "joins", "push"))] == [*names, "nginx"]
    assert {services[name]["state"] for name in names} == {"ready"}


async def test_a_message_reaches_whoever_syncs_and_a_lock_ends_the_sync_of_another_process(
    homeserver: Homeserver,
) -> None:
    an, binh = await colleague(homeserver, "an"), await colleague(homeserver, "binh")
    room = await direct(homeserver, an, "binh")
    assert (await homeserver.ask(binh.access_token, f"{V3}/join/{quote(room)}", "POST")).status_code == 200
    since = await settled(homeserver, binh)
    sync = f"{V3}/sync"
    waiting = asyncio.create_task(homeserver.ask(binh.access_token, sync, params={"timeout": "30000", "since": since}))
    await asyncio.sleep(0.5)
    assert not waiting.done()
    path = f"{V3}/rooms/{quote(room)}/send/m.room.encrypted/1"
    event = (await homeserver.ask(an.access_token, path, "PUT", json=sealed())).raise_for_status().json()["event_id"]
    got = (await asyncio.wait_for(waiting, 10)).json()
    assert event in {one["event_id"] for one in got["rooms"]["join"][room]["timeline"]["events"]}

    since = await settled(homeserver, binh)
    open_syncs = [
        asyncio.create_task(homeserver.ask(binh.access_token, sync, params={"timeout": "30000", "since": since})),
        asyncio.create_task(
            homeserver.ask(
                binh.access_token, SLIDING, "POST", params={"timeout": "30000"},
                json={"conn_id": "1", "lists": {}, "extensions": {"account_data": {"enabled": True}}},
            )
        ),
    ]  # fmt: skip
    await asyncio.sleep(0.5)
    assert (await homeserver.act(LOCK, "binh")).changed
    await asyncio.wait_for(asyncio.gather(*open_syncs), 10)
    for path in (sync, f"{V3}/rooms/{quote(room)}/messages?dir=b", f"{V3}/account/whoami", f"{V3}/devices"):
        refused = await homeserver.ask(binh.access_token, path)
        assert (refused.status_code, refused.json()["errcode"]) == (401, "M_USER_LOCKED"), path


async def test_of_two_invitations_at_once_into_a_direct_message_one_is_refused(homeserver: Homeserver) -> None:
    an, first = await colleague(homeserver, "an"), await colleague(homeserver, "b0")
    others = [f"b{number}" for number in range(1, 4)]
    for stem in others:
        await homeserver.person(stem)
        await homeserver.admin.publish_people([PublishedPerson(homeserver.name(stem), "active", SOMEWHERE)])
    room = await direct(homeserver, an, "b0")
    path = f"{V3}/rooms/{quote(room)}"
    left = await homeserver.ask(first.access_token, f"{path}/leave", "POST", json={})
    assert left.status_code == 200
    # One room ID, written in different ways, and both ways of inviting.
    spellings = [f"{V3}/rooms/{spelled}" for spelled in (quote(room, safe=""), room, quote(room).replace(":", "%3a"))]
    answers = await asyncio.gather(
        *(
            homeserver.ask(an.access_token, f"{spelled}/invite", "POST", json={"user_id": homeserver.user_id(stem)})
            for spelled, stem in zip(spellings, others, strict=True)
        ),
        homeserver.ask(
            an.access_token,
            f"{path}/state/m.room.member/{quote(homeserver.user_id('b0'))}", "PUT", json={"membership": "invite"},
        ),
    )  # fmt: skip
    assert sorted(answer.status_code for answer in answers) == [200, 403, 403, 403]


async def test_a_picture_goes_up_and_down_and_a_disguised_program_does_not(homeserver: Homeserver) -> None:
    an = await colleague(homeserver, "an")
    content = picture("PNG")
    sent = await upload(homeserver, an.access_token, content, "image/png")
    uri = sent.raise_for_status().json()["content_uri"].removeprefix("mxc://")
    got = await homeserver.ask(an.access_token, f"/_matrix/client/v1/media/download/{uri}")
    assert got.content == content
    refused = await upload(homeserver, an.access_token, windows_program(), "image/png")
    assert (refused.status_code, refused.json()["errcode"]) == (403, "M_FORBIDDEN")
    config = (await homeserver.ask(an.access_token, "/_matrix/client/v1/media/config")).json()
    assert config["m.upload.size"] == homeserver.province.settings.media.largest_mb * MEGABYTE


async def test_clients_find_people_with_and_without_diacritics(homeserver: Homeserver) -> None:
    asker = await colleague(homeserver, "hoi", "Trần Thị Hỏi")
    await colleague(homeserver, "an", "Nguyễn Văn Ân")

    async def found(typed: str, version: str = "v3") -> dict[str, Any]:
        body = {"search_term": f"{typed} {homeserver.prefix}", "limit": 5}
        path = f"/_matrix/client/{version}/user_directory/search"
        answer = await homeserver.ask(asker.access_token, path, "POST", json=body)
        return dict(answer.raise_for_status().json())

    deadline = time.monotonic() + 2 * READ_AGAIN_AFTER_MS / 1000
    while not (await found("Nguyễn Văn Ân"))["results"]:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.5)
    for typed, version in (("Nguyễn Văn Ân", "v3"), ("nguyen van an", "v3"), ("NGUYEN an", "r0")):
        answer = await found(typed, version)
        assert [result["user_id"] for result in answer["results"]] == [homeserver.user_id("an")], typed
        assert set(answer["results"][0]) == {"user_id", "display_name", "avatar_url"}
        assert answer["limited"] is False


async def test_the_page_of_activation_counts_failures_whatever_addresses_are_invented(homeserver: Homeserver) -> None:
    async with httpx.AsyncClient(base_url=homeserver.url, timeout=60) as visitor:
        page = await visitor.get("/kich-hoat")
        assert page.status_code == 200 and "<form" in page.text
        fields = {"officer": f"KHONG-CO-{homeserver.prefix}", "password": PASSWORD, "again": PASSWORD}
        answers = [
            await visitor.post(
                "/kich-hoat", data={**fields, "code": new_code()}, headers={"X-Forwarded-For": f"10.0.0.{number}"}
            )
            for number in range(FAILURES_OF_A_PERSON + 1)
        ]
    assert [answer.status_code for answer in answers] == [403] * FAILURES_OF_A_PERSON + [429]


async def test_the_provisioners_endpoints_serve_nothing_that_came_through_a_proxy(homeserver: Homeserver) -> None:
    token = homeserver.province.state.read_secret("module-service-token")
    for name in ("people", "accounts", "memberships", "roll"):
        path = f"/_synapse/client/huep/v1/{name}"
        for headers in ({"X-Forwarded-For": "127.0.0.1"}, {"Forwarded": "for=127.0.0.1"}):
            async with httpx.AsyncClient(base_url=homeserver.url, timeout=60) as client:
                refused = await client.post(path, json={}, headers={"Authorization": f"Bearer {token}", **headers})
            assert (refused.status_code, refused.json()["errcode"]) == (403, "M_FORBIDDEN")
    assert (await homeserver.ask("wrong", "/_synapse/client/huep/v1/people")).status_code == 401


async def test_no_client_reaches_what_processes_say_to_each_other(homeserver: Homeserver) -> None:
    for path in ("/_synapse/replication/", "/_matrix/federation/v1/version", "/_matrix/key/v2/server"):
        async with httpx.AsyncClient(base_url=homeserver.url, timeout=60) as client:
            assert (await client.get(path)).status_code == 404


async def test_nginx_comes_back_with_its_port_after_a_kill(homeserver: Homeserver) -> None:
    victim = running(homeserver.province)["nginx"]["pid"]
    os.kill(victim, signal.SIGKILL)
    await back(homeserver.province, "nginx", victim)
    async with httpx.AsyncClient(base_url=homeserver.url, timeout=60) as client:
        assert (await client.get("/health")).text == "OK"


async def back(province: Province, name: str, ended: int) -> None:
    deadline = time.monotonic() + 240
    while (now := running(province)[name])["pid"] in (None, ended) or now["state"] != "ready":
        assert time.monotonic() < deadline, now
        await asyncio.sleep(0.2)
