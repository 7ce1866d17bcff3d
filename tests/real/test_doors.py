"""Every door that a lock shuts, tried by clients over HTTP; docs/modules/account_guard.md names the test of each."""

import asyncio
import time
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from huep.secret_names import ADMIN_TOKEN
from huep.synapse_admin import AccountRequest, JoinRule, RoomSpec, Session, SynapseAdmin, SynapseRefused
from synapse_modules.account_guard.rules import LOCKED
from tests.clients.sealed import sealed
from tests.clients.syncing import V3, Style, Syncing, events_in
from tests.clients.waiting import until
from tests.real.homeserver import LOCK, PASSWORD, UNLOCK, Homeserver, synapse_database

WITHIN_S = 2.0
"""a lock shuts everything within two seconds; a busy machine keeps that too."""
JITTER_S = 5.0
"""`push.jitter_delay` of the rendered configuration."""
CALL_MEMBER = "org.matrix.msc3401.call.member"


async def lock_by_provisioner(homeserver: Homeserver, stem: str) -> None:
    assert (await homeserver.act(LOCK, stem)).changed


async def lock_in_a_batch(homeserver: Homeserver, stem: str) -> None:
    await homeserver.person("other")
    results = await homeserver.admin.act_on_accounts(
        [AccountRequest(name, LOCK, homeserver.name(name)) for name in (stem, "other")]
    )
    assert all(result.changed for result in results)


async def lock_by_admin_api(homeserver: Homeserver, stem: str) -> None:
    await put_locked(homeserver, stem, True)


async def put_locked(homeserver: Homeserver, stem: str, locked: bool) -> None:
    path = f"/_synapse/admin/v2/users/{homeserver.user_id(stem)}"
    answer = await homeserver.ask(admin_token(homeserver), path, "PUT", json={"locked": locked})
    assert answer.json()["locked"] is locked, answer.text


def admin_token(homeserver: Homeserver) -> str:
    return str(homeserver.province.state.read_secret(ADMIN_TOKEN))


async def direct_room(homeserver: Homeserver, maker: Session, other: Session) -> str:
    """A direct message that both are in."""
    body = {"preset": "trusted_private_chat", "is_direct": True, "invite": [other.user_id]}
    room = (await homeserver.ask(maker.access_token, f"{V3}/createRoom", "POST", json=body)).json()["room_id"]
    (await homeserver.ask(other.access_token, f"{V3}/join/{quote(room)}", "POST", json={})).raise_for_status()
    return str(room)


async def say(homeserver: Homeserver, session: Session, room: str) -> str:
    """The ID of a message as encrypted ones look."""
    path = f"{V3}/rooms/{quote(room)}/send/m.room.encrypted/{uuid4().hex}"
    return str(
        (await homeserver.ask(session.access_token, path, "PUT", json=sealed())).raise_for_status().json()["event_id"]
    )


def is_locked_out(answer: httpx.Response) -> bool:
    body = answer.json()
    return answer.status_code == 401 and (body.get("errcode"), body.get("soft_logout")) == ("M_USER_LOCKED", True)


@pytest.mark.parametrize(
    "lock",
    [lock_by_provisioner, lock_in_a_batch, lock_by_admin_api],
    ids=["by the provisioner", "in a batch", "by the admin API"],
)
async def test_a_lock_ends_every_open_sync_at_once_and_nothing_said_after_it_is_read(
    homeserver: Homeserver, lock: Any
) -> None:
    locked, other = [await homeserver.logged_in(stem) for stem in ("an", "binh")]
    room = await direct_room(homeserver, other, locked)
    async with httpx.AsyncClient(base_url=homeserver.url, timeout=60) as http:
        clients = [Syncing(http, locked.access_token, style) for style in Style]
        await asyncio.gather(*(client.settle() for client in clients))
        heard = await say(homeserver, other, room)
        answers = await asyncio.gather(*(client.next(30_000) for client in clients))
        assert [heard in events_in(answer.json()) for answer in answers] == [True] * len(clients)
        await asyncio.gather(*(client.settle() for client in clients))
        waiting = [asyncio.create_task(client.next(30_000)) for client in clients]
        assert not (await asyncio.wait(waiting, timeout=0.7))[0], "they wait for the lock to end them"
        await lock(homeserver, "an")
        begun = time.monotonic()
        await say(homeserver, other, room)
        ended = await asyncio.wait_for(asyncio.gather(*waiting), WITHIN_S)
        assert time.monotonic() - begun < WITHIN_S
        assert {str(client.style): is_locked_out(answer) for client, answer in zip(clients, ended, strict=True)} == {
            str(style): True for style in Style
        }
        again = [await client.next(0) for client in clients]
        assert all(map(is_locked_out, again))


async def test_the_locked_read_in_vietnamese_that_they_are_and_whom_to_ask(homeserver: Homeserver) -> None:
    session = await homeserver.logged_in("an")
    await homeserver.act(LOCK, "an")
    refused = await homeserver.ask(session.access_token, f"{V3}/account/whoami")
    assert is_locked_out(refused) and refused.json()["error"] == LOCKED
    async with SynapseAdmin(homeserver.url) as anyone:
        with pytest.raises(SynapseRefused, match="đang bị khóa") as refusal:
            await anyone.log_in(homeserver.name("an"), PASSWORD, "test")
    assert refusal.value.errcode == "M_USER_LOCKED"


async def test_a_refresh_token_is_useless_while_locked_and_serves_again_after_it(homeserver: Homeserver) -> None:
    await homeserver.logged_in("an")
    body = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": homeserver.name("an")},
        "password": PASSWORD,
        "refresh_token": True,
    }
    async with httpx.AsyncClient(base_url=homeserver.url, timeout=60) as http:
        tokens = (await http.post(f"{V3}/login", json=body)).raise_for_status().json()
        await homeserver.act(LOCK, "an")
        refresh = {"refresh_token": tokens["refresh_token"]}
        assert is_locked_out(await http.post(f"{V3}/refresh", json=refresh))
        await homeserver.act(UNLOCK, "an")
        fresh = (await http.post(f"{V3}/refresh", json=refresh)).raise_for_status().json()
        whoami = await homeserver.ask(fresh["access_token"], f"{V3}/account/whoami")
        assert whoami.json()["device_id"] == tokens["device_id"]


@pytest.mark.parametrize(
    "lock", [lock_by_provisioner, lock_by_admin_api], ids=["by the provisioner", "by the admin API"]
)
async def test_openid_tokens_are_revoked_and_no_more_are_given_out(homeserver: Homeserver, lock: Any) -> None:
    sessions = [await homeserver.logged_in(stem) for stem in ("an", "binh")]
    for session in sessions:
        path = f"{V3}/user/{quote(session.user_id)}/openid/request_token"
        assert (await homeserver.ask(session.access_token, path, "POST", json={})).status_code == 200
    await lock(homeserver, "an")
    with synapse_database(homeserver.province) as connection:
        left = connection.execute(
            "SELECT user_id FROM open_id_tokens WHERE user_id = ANY(%s)", ([session.user_id for session in sessions],)
        ).fetchall()
    assert left == [(sessions[1].user_id,)]
    path = f"{V3}/user/{quote(sessions[0].user_id)}/openid/request_token"
    assert is_locked_out(await homeserver.ask(sessions[0].access_token, path, "POST", json={}))


async def test_turn_credentials_live_minutes_and_none_are_given_to_the_locked(homeserver: Homeserver) -> None:
    session = await homeserver.logged_in("an")
    given = (await homeserver.ask(session.access_token, f"{V3}/voip/turnServer")).json()
    assert given["username"].endswith(session.user_id)
    assert given["ttl"] == 60 * homeserver.province.settings.turn.credential_minutes <= 600
    await homeserver.act(LOCK, "an")
    assert is_locked_out(await homeserver.ask(session.access_token, f"{V3}/voip/turnServer"))


async def test_the_locked_are_neither_invited_nor_joined_to_rooms_by_anybody(homeserver: Homeserver) -> None:
    session = await homeserver.logged_in("an")
    await homeserver.person("binh")
    await homeserver.act(LOCK, "binh")
    locked = homeserver.user_id("binh")
    body = {"preset": "trusted_private_chat", "is_direct": True}
    refused = await homeserver.ask(session.access_token, f"{V3}/createRoom", "POST", json={**body, "invite": [locked]})
    assert refused.status_code == 403
    room = (await homeserver.ask(session.access_token, f"{V3}/createRoom", "POST", json=body)).json()["room_id"]
    invite = f"{V3}/rooms/{quote(room)}/invite"
    assert (await homeserver.ask(session.access_token, invite, "POST", json={"user_id": locked})).status_code == 403
    member = f"{V3}/rooms/{quote(room)}/state/m.room.member/{quote(locked)}"
    invited = await homeserver.ask(session.access_token, member, "PUT", json={"membership": "invite"})
    assert invited.status_code == 403
    public = await homeserver.admin.create_room(RoomSpec("Cả tỉnh", space=True, join_rule=JoinRule.PUBLIC))
    forced = await homeserver.ask(
        admin_token(homeserver), f"/_synapse/admin/v1/join/{quote(public)}", "POST", json={"user_id": locked}
    )
    assert (forced.status_code, forced.json()["errcode"]) == (403, "M_FORBIDDEN")
    assert locked not in await homeserver.admin.members(public)


async def test_no_phone_is_told_of_anything_while_its_person_is_locked_and_again_after_it(
    homeserver: Homeserver,
) -> None:
    locked, other, sender = [await homeserver.logged_in(stem) for stem in ("an", "binh", "chi")]
    rooms = [await direct_room(homeserver, sender, session) for session in (locked, other)]
    gateway = homeserver.province.gateway
    for session in (locked, other):
        pusher = {
            "kind": "http",
            "app_id": "vn.huep.test",
            "pushkey": session.user_id,
            "app_display_name": "Test",
            "device_display_name": "Test",
            "lang": "vi",
            "data": {"url": gateway.url, "format": "event_id_only"},
        }
        (await homeserver.ask(session.access_token, f"{V3}/pushers/set", "POST", json=pusher)).raise_for_status()
    said = time.monotonic()
    for room in rooms:
        await say(homeserver, sender, room)
    # Synapse holds each push back by a part of its jitter: it is about to push when the lock comes.
    await homeserver.act(LOCK, "an")
    before = gateway.pushed[locked.user_id]
    await until(lambda: gateway.pushed[other.user_id] == 1, JITTER_S + 10)
    await asyncio.sleep(max(0.0, said + JITTER_S + 0.5 - time.monotonic()))
    assert gateway.pushed[locked.user_id] == before
    await homeserver.act(UNLOCK, "an")
    await say(homeserver, sender, rooms[0])
    await until(lambda: gateway.pushed[locked.user_id] > before, JITTER_S + 10)


async def test_the_directory_answers_the_locked_nothing_and_shows_them_to_nobody(homeserver: Homeserver) -> None:
    sessions = [await homeserver.logged_in(stem) for stem in ("an", "binh")]
    search = "/_synapse/client/huep/v1/directory/search"
    await homeserver.act(LOCK, "an")
    term = {"search_term": homeserver.prefix}
    assert is_locked_out(await homeserver.ask(sessions[0].access_token, search, "POST", json=term))
    for path in (search, f"{V3}/user_directory/search"):
        found = (await homeserver.ask(sessions[1].access_token, path, "POST", json=term)).raise_for_status().json()
        assert sessions[0].user_id not in {result["user_id"] for result in found["results"]}


async def test_a_call_that_a_locked_person_is_in_ends_for_them_alone(homeserver: Homeserver) -> None:
    locked, other = [await homeserver.logged_in(stem) for stem in ("an", "binh")]
    room = await direct_room(homeserver, locked, other)
    paths = {}
    for session in (locked, other):
        key = f"_{session.user_id}_{session.device_id}_m.call"
        paths[session.user_id] = f"{V3}/rooms/{quote(room)}/state/{CALL_MEMBER}/{quote(key)}"
        content = {"application": "m.call", "call_id": "", "device_id": session.device_id, "expires": 14_400_000}
        joined = await homeserver.ask(session.access_token, paths[session.user_id], "PUT", json=content)
        joined.raise_for_status()
    await homeserver.act(LOCK, "an")
    seen = {user: (await homeserver.ask(other.access_token, path)).json() for user, path in paths.items()}
    assert seen[locked.user_id] == {}
    assert seen[other.user_id]["application"] == "m.call"


async def test_unlock_gives_back_the_session_the_devices_and_the_keys(homeserver: Homeserver) -> None:
    session = await homeserver.logged_in("an")
    keys = {
        "user_id": session.user_id,
        "device_id": session.device_id,
        "algorithms": ["m.megolm.v1.aes-sha2"],
        "keys": {f"curve25519:{session.device_id}": "a" * 43, f"ed25519:{session.device_id}": "b" * 43},
        "signatures": {session.user_id: {f"ed25519:{session.device_id}": "c" * 86}},
    }
    one_time = {"signed_curve25519:AAAA": {"key": "d" * 43, "signatures": {}}}
    upload = {"device_keys": keys, "one_time_keys": one_time}
    (await homeserver.ask(session.access_token, f"{V3}/keys/upload", "POST", json=upload)).raise_for_status()

    async def own() -> tuple[Any, ...]:
        devices = await homeserver.ask(session.access_token, f"{V3}/devices")
        query = {"device_keys": {session.user_id: []}}
        known = await homeserver.ask(session.access_token, f"{V3}/keys/query", "POST", json=query)
        counts = await homeserver.ask(session.access_token, f"{V3}/keys/upload", "POST", json={})
        return (
            {device["device_id"] for device in devices.json()["devices"]},
            known.json()["device_keys"],
            counts.json()["one_time_key_counts"],
        )

    before = await own()
    await homeserver.act(LOCK, "an")
    await put_locked(homeserver, "an", False)
    assert await own() == before
    async with httpx.AsyncClient(base_url=homeserver.url, timeout=60) as http:
        for style in Style:
            await Syncing(http, session.access_token, style).settle()
