"""Who finds and reaches whom on the real Synapse, over HTTP as a client would; and what `huep explain` says of it."""

import asyncio
import time
from typing import Any
from urllib.parse import quote

import pytest

from huep.synapse_admin import PublishedDetails, PublishedPerson, PublishedUnit, Session
from synapse_modules.directory_rules.everybody import READ_AGAIN_AFTER_MS
from synapse_modules.directory_rules.rules import NOT_REACHABLE
from tests.clients.syncing import V3
from tests.real.homeserver import LOCK, Homeserver


async def employed(
    homeserver: Homeserver, stem: str, *units: str, standing: str = "staff", position: str = "Chuyên viên"
) -> Session:
    """Somebody with a post in the last of `units`, logged in."""
    session = await homeserver.logged_in(stem)
    path = ("TINH", *(homeserver.name(unit) for unit in units))
    details = PublishedDetails(
        full_name=f"Người {stem} {homeserver.prefix}",
        unit=path[-1],
        units=path,
        level=len(units),
        standing=standing,
        position=position,
    )
    await homeserver.admin.publish_people([PublishedPerson(homeserver.name(stem), "active", details)])
    return session


async def comes_to_find(homeserver: Homeserver, session: Session, stem: str) -> bool:
    """Our own search looks at most every five seconds for who is new."""
    deadline = time.monotonic() + 2 * READ_AGAIN_AFTER_MS / 1000
    while not (is_found := await found(homeserver, session, stem)) and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
    return is_found


async def found(homeserver: Homeserver, session: Session, stem: str) -> bool:
    answer = await homeserver.ask(
        session.access_token,
        f"{V3}/user_directory/search",
        "POST",
        json={"search_term": homeserver.name(stem), "limit": 10},
    )
    return homeserver.user_id(stem) in {result["user_id"] for result in answer.raise_for_status().json()["results"]}


async def create(homeserver: Homeserver, session: Session, *invited: str) -> Any:
    body = {
        "preset": "trusted_private_chat",
        "is_direct": True,
        "invite": [homeserver.user_id(stem) for stem in invited],
    }
    return await homeserver.ask(session.access_token, f"{V3}/createRoom", "POST", json=body)


async def rooms_of(homeserver: Homeserver, session: Session) -> list[str]:
    return (await homeserver.ask(session.access_token, f"{V3}/joined_rooms")).json()["joined_rooms"]


async def test_colleagues_find_and_reach_each_other_and_the_red_list_only_whom_it_may(homeserver: Homeserver) -> None:
    clerk = await employed(homeserver, "clerk", "phuong")
    doctor = await employed(homeserver, "doctor", "syt")
    chair = await employed(homeserver, "chair", standing="head", position="Chủ tịch")
    director = await employed(homeserver, "director", "syt", standing="head", position="Giám đốc")
    assert await comes_to_find(homeserver, clerk, "doctor")
    assert (await create(homeserver, clerk, "doctor")).status_code == 200
    for asker in (clerk, doctor):
        assert not await found(homeserver, asker, "chair")
        before = await rooms_of(homeserver, asker)
        refused = await create(homeserver, asker, "chair")
        assert (refused.status_code, refused.json()["error"]) == (403, NOT_REACHABLE)
        assert await rooms_of(homeserver, asker) == before
    for asker in (director, chair):
        finds = comes_to_find if asker is director else found
        assert await finds(homeserver, asker, "chair") is (asker is director)
    assert (await create(homeserver, director, "chair")).status_code == 200
    assert (await create(homeserver, chair, "clerk")).status_code == 200


async def test_a_hidden_unit_is_found_from_inside_and_from_above_alone(homeserver: Homeserver) -> None:
    hidden = homeserver.name("thanh-tra")
    await homeserver.admin.publish_people([], units=[PublishedUnit(hidden, "Thanh tra", "TINH", 2, hidden=True)])
    inspector = await employed(homeserver, "inspector", "syt", "thanh-tra")
    chief = await employed(homeserver, "chief", "syt", "thanh-tra", standing="head")
    director = await employed(homeserver, "director", "syt", standing="head")
    doctor = await employed(homeserver, "doctor", "syt")
    for asker, sees in ((chief, True), (director, True), (doctor, False)):
        finds = comes_to_find if sees else found
        assert await finds(homeserver, asker, "inspector") is sees
    assert await comes_to_find(homeserver, inspector, "doctor")
    mayor = await employed(homeserver, "mayor", "phuong", standing="head")
    room = (await create(homeserver, mayor)).json()["room_id"]
    invitation = await homeserver.ask(
        mayor.access_token,
        f"{V3}/rooms/{quote(room)}/invite",
        "POST",
        json={"user_id": homeserver.user_id("inspector")},
    )
    assert (invitation.status_code, invitation.json()["error"]) == (403, NOT_REACHABLE)
    nobody = await homeserver.ask(
        mayor.access_token, f"{V3}/rooms/{quote(room)}/invite", "POST", json={"user_id": homeserver.user_id("nobody")}
    )
    assert (nobody.status_code, nobody.json()) == (invitation.status_code, invitation.json())


async def test_a_locked_person_is_invited_by_nobody_from_that_moment(homeserver: Homeserver) -> None:
    clerk = await employed(homeserver, "clerk", "phuong")
    await employed(homeserver, "doctor", "syt")
    assert (await create(homeserver, clerk, "doctor")).status_code == 200
    await homeserver.act(LOCK, "doctor")
    assert not await found(homeserver, clerk, "doctor")
    assert (await create(homeserver, clerk, "doctor")).status_code == 403


async def test_an_invitation_by_address_asks_no_identity_server(homeserver: Homeserver) -> None:
    mayor = await employed(homeserver, "mayor", "phuong", standing="head")
    room = (await create(homeserver, mayor)).json()["room_id"]
    third = {"medium": "email", "address": "a@b.vn", "id_server": "127.0.0.1:1", "id_access_token": "x"}
    for path, body in ((f"rooms/{quote(room)}/invite", third), ("createRoom", {"invite_3pid": [third]})):
        assert (await homeserver.ask(mayor.access_token, f"{V3}/{path}", "POST", json=body)).status_code == 403


async def test_nobody_changes_their_own_name_anywhere(homeserver: Homeserver) -> None:
    clerk = await employed(homeserver, "clerk", "phuong")
    await employed(homeserver, "doctor", "syt")
    me = quote(homeserver.user_id("clerk"))
    room = (await create(homeserver, clerk, "doctor")).json()["room_id"]
    for method, body in (("PUT", {"displayname": "Chủ tịch"}), ("PUT", {"displayname": ""}), ("DELETE", None)):
        answer = await homeserver.ask(clerk.access_token, f"{V3}/profile/{me}/displayname", method, json=body)
        assert answer.status_code == 403
    state = f"{V3}/rooms/{quote(room)}/state/m.room.member/{me}"
    member = {"membership": "join", "displayname": "Chủ tịch"}
    await homeserver.ask(clerk.access_token, state, "PUT", json=member)
    assert (await homeserver.ask(clerk.access_token, state)).json()["displayname"] == "Nguyễn Văn An"
    profile = await homeserver.ask(clerk.access_token, f"{V3}/profile/{me}")
    assert profile.json()["displayname"] == "Nguyễn Văn An"


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_position_and_unit_in_the_profile_are_put_back_before_the_answer(
    homeserver: Homeserver, method: str
) -> None:
    code = homeserver.name("phuong")
    await homeserver.admin.publish_people([], units=[PublishedUnit(code, "Phường An Cựu", "TINH", 1)])
    clerk = await employed(homeserver, "clerk", "phuong")
    profile = f"{V3}/profile/{quote(homeserver.user_id('clerk'))}"
    for field in ("vn.huep.position", "vn.huep.unit", "vn.huep.position"):
        body = {field: "Chủ tịch"} if method == "PUT" else None
        answer = await homeserver.ask(clerk.access_token, f"{profile}/{field}", method, json=body)
        assert answer.status_code == 200
        shown = (await homeserver.ask(clerk.access_token, profile)).json()
        assert (shown["vn.huep.position"], shown["vn.huep.unit"]) == ("Chuyên viên", "Phường An Cựu")
    other = await homeserver.ask(clerk.access_token, f"{profile}/vn.example.own", "PUT", json={"vn.example.own": "x"})
    assert other.status_code == 200
    assert (await homeserver.ask(clerk.access_token, profile)).json()["vn.example.own"] == "x"


async def test_a_hidden_unit_does_not_stand_in_the_profile(homeserver: Homeserver) -> None:
    hidden = homeserver.name("thanh-tra")
    await homeserver.admin.publish_people([], units=[PublishedUnit(hidden, "Thanh tra", "TINH", 1, hidden=True)])
    inspector = await employed(homeserver, "inspector", "thanh-tra")
    profile = f"{V3}/profile/{quote(homeserver.user_id('inspector'))}"
    await homeserver.ask(inspector.access_token, f"{profile}/vn.huep.unit", "PUT", json={"vn.huep.unit": "Thanh tra"})
    assert (
        not {"vn.huep.unit", "vn.huep.position"} & (await homeserver.ask(inspector.access_token, profile)).json().keys()
    )


async def test_explain_says_what_the_server_does(homeserver: Homeserver) -> None:
    clerk = await employed(homeserver, "clerk", "phuong")
    chair = await employed(homeserver, "chair", standing="head", position="Chủ tịch")
    names = f"Người clerk {homeserver.prefix}", homeserver.user_id("chair")
    unlisted = homeserver.province.huep("explain", *names).stdout
    assert unlisted.count("✗") == 3
    assert "danh sách hạn chế liên hệ" in unlisted
    english = homeserver.province.huep("explain", homeserver.name("chair"), names[0], "--lang", "en").stdout
    assert english.count("✓") == 3
    assert "head or deputy of a unit in which the other works" in english
    room = (await create(homeserver, chair, "clerk")).json()["room_id"]
    await homeserver.ask(clerk.access_token, f"{V3}/join/{quote(room)}", "POST", json={})
    shared = homeserver.province.huep("explain", *names).stdout
    assert (shared.count("✗"), shared.count("✓")) == (2, 1)


async def test_explain_finds_people_by_officer_code_and_names_namesakes(homeserver: Homeserver) -> None:
    officer, head = homeserver.province.person("officer"), homeserver.province.person("head")
    assert homeserver.province.huep("explain", officer.officer_code, head.officer_code).stdout.count("✓") == 3
    nobody = homeserver.province.huep("explain", "Không Ai Cả", officer.user_id, check=False)
    assert nobody.returncode == 1
    assert "Nobody is called" in nobody.stderr
    for stem in ("mot", "hai"):
        await homeserver.person(stem)
        details = PublishedDetails(f"Trùng Tên {homeserver.prefix}", None, (), None, None, None)
        await homeserver.admin.publish_people([PublishedPerson(homeserver.name(stem), "active", details)])
    several = homeserver.province.huep("explain", f"trung ten {homeserver.prefix}", officer.user_id, check=False)
    assert several.returncode == 1
    assert homeserver.name("mot") in several.stderr and homeserver.name("hai") in several.stderr


async def test_our_own_search_goes_by_unit_and_position_and_leaves_no_gaps(homeserver: Homeserver) -> None:
    code = homeserver.name("phuong")
    await homeserver.admin.publish_people([], units=[PublishedUnit(code, f"Phường {code}", "TINH", 1)])
    clerk = await employed(homeserver, "clerk", "syt")
    await employed(homeserver, "ward", "phuong", position="Công chức địa chính")
    await employed(homeserver, "chair", standing="head", position="Chủ tịch")

    async def results(term: str, session: Session = clerk, **body: object) -> list[str]:
        path = "/_synapse/client/huep/v1/directory/search"
        answer = await homeserver.ask(session.access_token, path, "POST", json={"search_term": term, **body})
        return [result["user_id"] for result in answer.raise_for_status().json()["results"]]

    async with asyncio.timeout(20):
        while not await results(homeserver.user_id("ward")):
            await asyncio.sleep(0.5)
    for term in (f"dia chinh phuong {code}", f"Địa chính {homeserver.prefix}", homeserver.user_id("ward")):
        assert await results(term) == [homeserver.user_id("ward")]
    assert await results(f"chủ tịch {homeserver.prefix}") == []
    assert await results(homeserver.user_id("ward"), limit=0) == []
    assert await results("tro ly huep") == [homeserver.province.settings.user_id("tro-ly")]
    await homeserver.act(LOCK, "ward")
    assert await results(homeserver.user_id("ward")) == []
    nobody = await homeserver.ask(
        "wrong", "/_synapse/client/huep/v1/directory/search", "POST", json={"search_term": "an"}
    )
    assert nobody.status_code == 401
