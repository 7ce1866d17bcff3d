"""Accounts and memberships on the real Synapse: created, named, locked out, let in, moved."""

import asyncio
import time

import httpx
import pytest

from huep.secret_names import REGISTRATION, SERVICE_TOKEN
from huep.synapse_admin import (
    AccountRequest,
    JoinRule,
    MembershipRequest,
    PublishedPerson,
    RoomSpec,
    SynapseAdmin,
    SynapseRefused,
)
from tests.real.homeserver import CREATE, JOIN, LEAVE, LOCK, PASSWORD, RENAME, UNLOCK, Homeserver, synapse_database


async def test_only_people_of_the_register_can_be_registered(homeserver: Homeserver) -> None:
    await homeserver.admin.publish_people([PublishedPerson(homeserver.name("left"), "left")])
    for stem in ("stranger", "left"):
        result = await homeserver.act(CREATE, stem, "Ai Đó")
        assert (result.ok, result.code) == (False, "not_in_register")
        secret = homeserver.province.state.read_secret(REGISTRATION)
        async with SynapseAdmin(homeserver.url) as anyone:
            with pytest.raises(SynapseRefused) as refusal:
                await anyone.register(secret, homeserver.name(stem), PASSWORD)
        assert refusal.value.status == 429
        assert await homeserver.admin.user(homeserver.user_id(stem)) is None


async def test_open_registration_is_off(homeserver: Homeserver) -> None:
    async with httpx.AsyncClient(base_url=homeserver.url, timeout=60) as client:
        answer = await client.post("/_matrix/client/v3/register", json={"auth": {"type": "m.login.dummy"}})
    assert answer.status_code == 403


async def test_creating_twice_changes_nothing_and_another_name_is_taken_over(homeserver: Homeserver) -> None:
    await homeserver.person("an")
    again = await homeserver.act(CREATE, "an", "Nguyễn Văn An")
    assert (again.ok, again.changed) == (True, False)
    other = await homeserver.act(CREATE, "an", "Trần Văn An")
    assert (other.ok, other.changed) == (True, True)
    found = await homeserver.admin.user(homeserver.user_id("an"))
    assert found is not None
    assert (found.display_name, found.admin, found.locked) == ("Trần Văn An", False, False)


async def test_creating_an_account_that_is_locked_leaves_it_locked(homeserver: Homeserver) -> None:
    await homeserver.person("an")
    await homeserver.act(LOCK, "an")
    assert (await homeserver.act(CREATE, "an", "Nguyễn Văn An")).changed is False
    found = await homeserver.admin.user(homeserver.user_id("an"))
    assert found is not None and found.locked


async def test_locked_people_are_listed_too(homeserver: Homeserver) -> None:
    await homeserver.person("an")
    await homeserver.act(LOCK, "an")
    locked = {user.user_id for user in await homeserver.admin.users() if user.locked}
    assert homeserver.user_id("an") in locked


async def test_a_locked_person_cannot_log_in_and_comes_back_with_the_same_device(homeserver: Homeserver) -> None:
    session = await homeserver.logged_in("an")
    await homeserver.act(LOCK, "an")
    async with SynapseAdmin(homeserver.url) as anyone:
        with pytest.raises(SynapseRefused) as refusal:
            await anyone.log_in(homeserver.name("an"), PASSWORD, "test")
    assert refusal.value.errcode == "M_USER_LOCKED"
    assert (await homeserver.act(LOCK, "an")).changed is False
    assert (await homeserver.act(UNLOCK, "an")).changed is True
    answer = await homeserver.ask(session.access_token, "/_matrix/client/v3/account/whoami")
    assert answer.json()["device_id"] == session.device_id


async def test_who_left_but_is_not_locked_yet_reads_why_at_login(homeserver: Homeserver) -> None:
    await homeserver.logged_in("an")
    await homeserver.admin.publish_people([PublishedPerson(homeserver.name("an"), "left")])
    async with SynapseAdmin(homeserver.url) as anyone:
        with pytest.raises(SynapseRefused, match="không còn trong danh sách cán bộ") as refusal:
            await anyone.log_in(homeserver.name("an"), PASSWORD, "test")
    assert (refusal.value.status, refusal.value.errcode) == (403, "M_FORBIDDEN")


async def test_nobody_deactivates_themselves_and_nobody_renames_themselves(homeserver: Homeserver) -> None:
    session = await homeserver.logged_in("an")
    auth = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": homeserver.name("an")},
        "password": PASSWORD,
    }
    answer = await homeserver.ask(
        session.access_token, "/_matrix/client/v3/account/deactivate", "POST", json={"auth": auth}
    )
    assert answer.status_code == 403
    path = f"/_matrix/client/v3/profile/{session.user_id}/displayname"
    answer = await homeserver.ask(session.access_token, path, "PUT", json={"displayname": "Chủ tịch"})
    assert answer.status_code == 403
    found = await homeserver.admin.user(session.user_id)
    assert found is not None and not found.deactivated and found.display_name == "Nguyễn Văn An"


async def test_a_new_name_reaches_the_rooms_and_the_same_name_makes_no_event(homeserver: Homeserver) -> None:
    await homeserver.person("an")
    room = await homeserver.admin.create_room(RoomSpec("Phòng Tổng hợp", join_rule=JoinRule.PUBLIC))
    await homeserver.move(JOIN, "an", room)
    assert (await homeserver.act(RENAME, "an", "Nguyễn Văn An")).changed is False
    assert (await homeserver.act(RENAME, "an", "Nguyễn Thị An")).changed is True
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        member = await homeserver.admin.state(room, "m.room.member", homeserver.user_id("an"))
        if member and member["displayname"] == "Nguyễn Thị An":
            return
        await asyncio.sleep(0.2)
    pytest.fail("the new name did not reach the room")


async def test_a_newer_publication_stands_against_an_older_one(homeserver: Homeserver) -> None:
    name = homeserver.name("an")
    assert await homeserver.admin.publish_people([PublishedPerson(name, "left")], 10**9 + 7) == 1
    assert await homeserver.admin.publish_people([PublishedPerson(name, "active")], 10**9 + 6) == 0
    assert (await homeserver.act(CREATE, "an", "An")).code == "not_in_register"
    # Later tests publish without a version, which means newer than all.
    with synapse_database(homeserver.province) as connection:
        connection.execute("DELETE FROM huep_people WHERE localpart = %s", (name,))


async def test_without_the_projection_registration_refuses_and_chat_goes_on(homeserver: Homeserver) -> None:
    session = await homeserver.logged_in("an")
    await homeserver.admin.publish_people([PublishedPerson(homeserver.name("binh"), "active")])
    with synapse_database(homeserver.province) as connection:
        connection.execute("ALTER TABLE huep_people RENAME TO huep_people_away")
        try:
            assert (await homeserver.act(CREATE, "binh", "Bình")).code == "not_in_register"
            answer = await homeserver.ask(session.access_token, "/_matrix/client/v3/account/whoami")
            assert answer.status_code == 200
            async with SynapseAdmin(homeserver.url) as anyone:
                await anyone.log_in(homeserver.name("an"), PASSWORD, "test")
        finally:
            connection.execute("ALTER TABLE huep_people_away RENAME TO huep_people")
    assert (await homeserver.act(CREATE, "binh", "Bình")).changed


@pytest.mark.parametrize(
    "spec",
    [
        RoomSpec("Thảo luận", encrypted=True),
        RoomSpec("Đơn vị", space=True, join_rule=JoinRule.PUBLIC),
    ],
    ids=["invite-only", "public space"],
)
async def test_people_join_and_leave_the_rooms_of_the_service_account(homeserver: Homeserver, spec: RoomSpec) -> None:
    await homeserver.person("an")
    room = await homeserver.admin.create_room(spec)
    me = homeserver.user_id("an")
    assert (await homeserver.move(JOIN, "an", room)).changed is True
    assert me in await homeserver.admin.members(room)
    assert (await homeserver.move(JOIN, "an", room)).changed is False
    assert (await homeserver.move(LEAVE, "an", room)).changed is True
    assert me not in await homeserver.admin.members(room)
    assert (await homeserver.move(LEAVE, "an", room)).changed is False
    assert (await homeserver.move(JOIN, "an", room)).changed is True


async def test_accounts_made_together_are_accounts_like_any_other(homeserver: Homeserver) -> None:
    admin = homeserver.admin
    stems = ["an", "binh", "chi"]
    await admin.publish_people([PublishedPerson(homeserver.name(stem), "active") for stem in stems])
    created = await admin.act_on_accounts(
        [AccountRequest(stem, CREATE, homeserver.name(stem), f"Đặng Thị {stem.title()}") for stem in stems]
    )
    assert [(result.ok, result.changed) for result in created] == [(True, True)] * 3
    await admin.set_password(homeserver.user_id("an"), PASSWORD)
    async with SynapseAdmin(homeserver.url) as anyone:
        session = await anyone.log_in(homeserver.name("an"), PASSWORD, "test")
    search = await homeserver.ask(
        session.access_token,
        "/_matrix/client/v3/user_directory/search",
        "POST",
        json={"search_term": f"binh {homeserver.prefix}"},
    )
    (found,) = search.json()["results"]
    assert (found["user_id"], found["display_name"]) == (homeserver.user_id("binh"), "Đặng Thị Binh")
    room = await homeserver.ask(
        session.access_token,
        "/_matrix/client/v3/createRoom",
        "POST",
        json={"preset": "trusted_private_chat", "is_direct": True, "invite": [homeserver.user_id("chi")]},
    )
    sync = await homeserver.ask(session.access_token, "/_matrix/client/v3/sync", params={"timeout": "0"})
    assert room.json()["room_id"] in sync.json()["rooms"]["join"]
    shown = await admin.user(homeserver.user_id("chi"))
    assert shown is not None and (shown.admin, shown.locked, shown.deactivated) == (False, False, False)
    (again,) = await admin.act_on_accounts([AccountRequest("1", CREATE, homeserver.name("an"), "Đặng Thị An")])
    assert (again.ok, again.changed) == (True, False)


async def test_people_locked_together_are_out_and_come_back_together(homeserver: Homeserver) -> None:
    sessions = [await homeserver.logged_in(stem) for stem in ("an", "binh")]
    await homeserver.person("chi")
    whoami = "/_matrix/client/v3/account/whoami"
    for verb, status in ((LOCK, 401), (UNLOCK, 200)):
        results = await homeserver.admin.act_on_accounts(
            [AccountRequest(stem, verb, homeserver.name(stem)) for stem in ("an", "binh", "chi")]
        )
        assert [(result.ok, result.changed) for result in results] == [(True, True)] * 3
        answers = [await homeserver.ask(session.access_token, whoami) for session in sessions]
        assert [answer.status_code for answer in answers] == [status] * 2


async def test_an_account_that_exists_in_other_letters_is_not_made_a_second_time(homeserver: Homeserver) -> None:
    taken = homeserver.user_id("an").replace("@an", "@An")
    with synapse_database(homeserver.province) as connection:
        connection.execute("INSERT INTO users (name, creation_ts) VALUES (%s, 0)", (taken,))
    names = [homeserver.name(stem) for stem in ("an", "binh")]
    await homeserver.admin.publish_people([PublishedPerson(name, "active") for name in names])
    an, binh = await homeserver.admin.act_on_accounts([AccountRequest(name, CREATE, name, name) for name in names])
    assert (an.ok, an.code) == (False, "failed")
    assert (binh.ok, binh.changed) == (True, True)
    with synapse_database(homeserver.province) as connection:
        connection.execute("DELETE FROM users WHERE name = %s", (taken,))


async def test_forty_join_one_invite_only_room_and_thirty_nine_do_when_one_is_locked(homeserver: Homeserver) -> None:
    stems = [f"p{number}" for number in range(40)]
    people = [PublishedPerson(homeserver.name(stem), "active") for stem in stems]
    assert await homeserver.admin.publish_people(people) == 40
    created = await homeserver.admin.act_on_accounts(
        [AccountRequest(stem, CREATE, homeserver.name(stem), stem) for stem in stems]
    )
    assert all(result.changed for result in created)
    await homeserver.act(LOCK, "p7")
    room = await homeserver.admin.create_room(RoomSpec("Thảo luận", encrypted=True))
    results = await homeserver.admin.act_on_memberships(
        [MembershipRequest(stem, JOIN, homeserver.name(stem), room) for stem in stems]
    )
    assert [result.id for result in results] == stems
    assert [(result.id, result.code) for result in results if not result.ok] == [("p7", "locked")]
    joined = await homeserver.admin.members(room)
    assert joined >= {homeserver.user_id(stem) for stem in stems if stem != "p7"}
    assert homeserver.user_id("p7") not in joined


async def test_a_room_that_the_service_account_is_not_in_is_out_of_reach(homeserver: Homeserver) -> None:
    session = await homeserver.logged_in("an")
    await homeserver.person("binh")
    direct = {"is_direct": True, "invite": [homeserver.user_id("binh")]}
    made = await homeserver.ask(session.access_token, "/_matrix/client/v3/createRoom", "POST", json=direct)
    result = await homeserver.move(JOIN, "binh", made.json()["room_id"])
    assert (result.ok, result.code) == (False, "unknown_room")


async def test_the_service_account_is_out_of_reach(homeserver: Homeserver) -> None:
    service = homeserver.province.settings.accounts.service
    room = await homeserver.admin.create_room(RoomSpec("Phòng"))
    (locked,) = await homeserver.admin.act_on_accounts([AccountRequest("1", LOCK, service)])
    (left,) = await homeserver.admin.act_on_memberships([MembershipRequest("1", LEAVE, service, room)])
    assert (locked.code, left.code) == ("protected", "protected")


async def test_private_rooms_of_people_are_encrypted_and_announcement_rooms_stay_as_made(
    homeserver: Homeserver,
) -> None:
    session = await homeserver.logged_in("an")
    made = await homeserver.ask(
        session.access_token, "/_matrix/client/v3/createRoom", "POST", json={"preset": "trusted_private_chat"}
    )
    path = f"/_matrix/client/v3/rooms/{made.json()['room_id']}/state/m.room.encryption/"
    assert (await homeserver.ask(session.access_token, path)).json()["algorithm"] == "m.megolm.v1.aes-sha2"
    plain = await homeserver.admin.create_room(RoomSpec("Thông báo"))
    assert await homeserver.admin.state(plain, "m.room.encryption") is None
    rule = await homeserver.admin.state(plain, "m.room.join_rules")
    created = await homeserver.admin.state(plain, "m.room.create")
    assert rule is not None and rule["join_rule"] == "invite"
    assert created is not None and created["room_version"] == "11"


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 401), ({"Authorization": "Bearer " + "x" * 43}, 401), ({"X-Forwarded-For": "127.0.0.1"}, 403)],
    ids=["no token", "wrong token", "through a proxy"],
)
async def test_the_endpoints_serve_nobody_else(homeserver: Homeserver, headers: dict[str, str], status: int) -> None:
    token = homeserver.province.state.read_secret(SERVICE_TOKEN)
    given = {"Authorization": f"Bearer {token}", **headers} if "X-Forwarded-For" in headers else headers
    async with httpx.AsyncClient(base_url=homeserver.url, timeout=60) as client:
        for name in ("people", "accounts", "memberships", "roll"):
            answer = await client.post(f"/_synapse/client/huep/v1/{name}", headers=given, json={"actions": []})
            assert answer.status_code == status, answer.text
        assert (await client.get("/_synapse/client/huep/v1/people", headers=given)).status_code == status


async def test_a_bad_action_is_answered_with_its_key(homeserver: Homeserver) -> None:
    token = homeserver.province.state.read_secret(SERVICE_TOKEN)
    answer = await homeserver.ask(
        token,
        "/_synapse/client/huep/v1/accounts",
        "POST",
        json={"actions": [{"id": "1", "do": "lock", "localpart": "Ai Đó"}]},
    )
    assert (answer.status_code, answer.json()["errcode"]) == (400, "M_BAD_JSON")
    assert answer.json()["error"].startswith("actions[0].localpart:")


async def test_the_client_well_known_is_served(homeserver: Homeserver) -> None:
    async with httpx.AsyncClient(base_url=homeserver.url, timeout=60) as client:
        answer = await client.get("/.well-known/matrix/client")
    assert answer.json()["m.homeserver"]["base_url"].rstrip("/") == homeserver.province.settings.public_url
