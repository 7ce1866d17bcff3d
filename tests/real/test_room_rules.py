"""room_rules on the real Synapse: what a person with a client of their own tries, and what stands afterwards."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import psycopg
import pytest

from hr_provisioner.rooms.looks import Purpose
from huep.synapse_admin import JoinRule, PublishedDetails, PublishedPerson, PublishedUnit, RoomSpec, Session
from synapse_modules.room_rules.departures import Departure, _select_departures
from synapse_modules.room_rules.refusals import SENTENCES, Refusal
from tests.clients.sealed import sealed
from tests.clients.town import Citizen, Town
from tests.real.homeserver import JOIN, LEAVE, Homeserver, synapse_database

CLIENT = "/_matrix/client/v3"
WORDS = {"msgtype": "m.text", "body": "xin chào"}
BACK_WITHIN_S = 30.0


class Someone:
    """A person with a session, and the few requests that these tests make."""

    def __init__(self, homeserver: Homeserver, session: Session) -> None:
        self._homeserver = homeserver
        self.session = session
        self.user_id = session.user_id

    async def asks(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        return await self._homeserver.ask(self.session.access_token, f"{CLIENT}{path}", method, json=body or {})

    async def creates(self, **body: Any) -> str:
        answer = await self.asks("POST", "/createRoom", body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["room_id"])

    async def sends(self, room_id: str, kind: str, content: dict[str, Any]) -> httpx.Response:
        return await self.asks("PUT", f"/rooms/{quote(room_id)}/send/{quote(kind)}/{uuid4()}", content)

    async def sets(self, room_id: str, kind: str, content: dict[str, Any], key: str = "") -> httpx.Response:
        return await self.asks("PUT", f"/rooms/{quote(room_id)}/state/{quote(kind)}/{quote(key)}", content)

    async def does(self, room_id: str, act: str, **body: Any) -> httpx.Response:
        return await self.asks("POST", f"/rooms/{quote(room_id)}/{act}", body)

    async def state(self, room_id: str, kind: str, key: str = "") -> dict[str, Any]:
        answer = await self.asks("GET", f"/rooms/{quote(room_id)}/state/{quote(kind)}/{quote(key)}")
        return answer.json() if answer.status_code == 200 else {}


async def someone(homeserver: Homeserver, stem: str, standing: str | None = "head") -> Someone:
    session = await homeserver.logged_in(stem)
    if standing is not None:
        details = PublishedDetails(stem, "PHONG", ("TINH", "SO", "PHONG"), 2, standing, None)
        await homeserver.admin.publish_people([PublishedPerson(homeserver.name(stem), "active", details)])
    return Someone(homeserver, session)


def assert_refused(answer: httpx.Response, refusal: Refusal) -> None:
    assert (answer.status_code, answer.json()["errcode"]) == (403, "M_FORBIDDEN"), answer.text
    assert answer.json()["error"] == SENTENCES[refusal]


async def until(holds: Callable[[], Awaitable[bool]], what: str) -> None:
    deadline = time.monotonic() + BACK_WITHIN_S
    while not await holds():
        assert time.monotonic() < deadline, f"not within {BACK_WITHIN_S} s: {what}"
        await asyncio.sleep(0.3)


async def looked_after(homeserver: Homeserver) -> None:
    """Everybody who left a room before this has been looked at: somebody who leaves after them is back already."""
    last = await someone(homeserver, "chot")
    room = await homeserver.admin.create_room(RoomSpec("Thảo luận", encrypted=True))
    assert (await homeserver.move(JOIN, "chot", room)).changed
    assert (await last.does(room, "leave")).status_code == 200

    async def back() -> bool:
        return last.user_id in await homeserver.admin.members(room)

    await until(back, "who left last back in the room")


def owner_of(homeserver: Homeserver) -> str:
    return str(homeserver.province.settings.user_id(homeserver.province.settings.accounts.service))


# ---- Making rooms

PUBLIC = {"type": "m.room.join_rules", "state_key": "", "content": {"join_rule": "public"}}
WORLD = {
    "type": "m.room.history_visibility",
    "state_key": "",
    "content": {"history_visibility": "world_readable"},
}
SPACE = {"creation_content": {"type": "m.space"}}


@pytest.mark.parametrize(
    ("standing", "body", "refusal"),
    [
        ("head", {"preset": "public_chat"}, Refusal.PUBLIC),
        ("head", {"initial_state": [PUBLIC]}, Refusal.PUBLIC),
        ("head", {"initial_state": [WORLD]}, Refusal.WORLD_READABLE),
        ("head", {"visibility": "public"}, Refusal.PUBLISHED),
        ("head", {"room_version": "12"}, Refusal.ROOM_VERSION),
        ("head", {"room_alias_name": "cua-toi"}, Refusal.ALIAS),
        ("head", {"invite": ["@ai:matrix.org"]}, Refusal.FEDERATED),
        ("head", {"invite_3pid": [{"medium": "email", "address": "ai@example.com"}]}, Refusal.BY_ADDRESS),
        ("head", {"power_level_content_override": {"events": {"m.room.power_levels": 101}}}, Refusal.POWER),
        ("head", {"creation_content": {"predecessor": {"room_id": "!x:test"}}}, Refusal.ROOM_VERSION),
        ("staff", SPACE, Refusal.MAY_NOT_CREATE_SPACE),
        (None, SPACE, Refusal.MAY_NOT_CREATE_SPACE),
    ],
)
async def test_a_room_that_must_not_be_is_not_made(
    homeserver: Homeserver, standing: str | None, body: dict[str, Any], refusal: Refusal
) -> None:
    person = await someone(homeserver, "an", standing)
    assert_refused(await person.asks("POST", "/createRoom", body), refusal)


async def test_a_member_cannot_be_put_into_the_first_state(homeserver: Homeserver) -> None:
    person = await someone(homeserver, "an")
    smuggled = {"type": "m.room.member", "state_key": "@x:y", "content": {"membership": "invite"}}
    assert_refused(await person.asks("POST", "/createRoom", {"initial_state": [smuggled]}), Refusal.MALFORMED)


async def test_a_room_of_people_is_encrypted_closed_and_never_without_an_administrator(homeserver: Homeserver) -> None:
    an, binh = await someone(homeserver, "an"), await someone(homeserver, "binh", "staff")
    owner = owner_of(homeserver)
    broken = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "none"}}
    room = await an.creates(name="Tổ tin học", invite=[binh.user_id], initial_state=[broken], room_version="9")
    assert await an.state(room, "m.room.encryption") == {"algorithm": "m.megolm.v1.aes-sha2"}
    created = await an.state(room, "m.room.create")
    assert (created["m.federate"], created["room_version"]) == (False, "11")
    assert (await binh.asks("POST", f"/join/{quote(room)}")).status_code == 200

    async def entered() -> bool:
        return owner in await homeserver.admin.members(room)

    await until(entered, "the service account in the room")
    power = await an.state(room, "m.room.power_levels")
    assert power["users"] == {an.user_id: 100, owner: 100}
    for act in ("kick", "ban"):
        assert (await an.does(room, act, user_id=owner)).status_code == 403
    lowered = {**power, "users": {an.user_id: 100, owner: 0}}
    assert (await an.sets(room, "m.room.power_levels", lowered)).status_code == 403
    assert (await an.does(room, "leave")).status_code == 200
    given = {**power, "users": {**power["users"], binh.user_id: 100}}
    await homeserver.admin.send_state(room, "m.room.power_levels", "", given)
    assert (await binh.sets(room, "m.room.name", {"name": "Tổ tin học mới"})).status_code == 200
    # A room of people is theirs: who leaves stays out.
    await looked_after(homeserver)
    assert an.user_id not in await homeserver.admin.members(room)


async def test_a_room_that_its_maker_leaves_at_once_has_an_administrator(homeserver: Homeserver) -> None:
    an, binh = await someone(homeserver, "an"), await someone(homeserver, "binh", "staff")
    owner = owner_of(homeserver)
    room = await an.creates(name="Tổ tin học", invite=[binh.user_id])
    assert (await binh.asks("POST", f"/join/{quote(room)}")).status_code == 200
    assert (await an.does(room, "leave")).status_code == 200

    async def entered() -> bool:
        return owner in await homeserver.admin.members(room)

    await until(entered, "the service account in the room")
    power = await binh.state(room, "m.room.power_levels")
    assert power["users"][owner] == 100
    await homeserver.admin.send_state(
        room, "m.room.power_levels", "", {**power, "users": {**power["users"], binh.user_id: 100}}
    )
    assert (await binh.sets(room, "m.room.name", {"name": "Tổ tin học mới"})).status_code == 200


async def test_of_many_invited_into_a_direct_message_at_once_nobody_new_comes_in(homeserver: Homeserver) -> None:
    an, binh, chi, dung = [await someone(homeserver, stem, "staff") for stem in ("an", "binh", "chi", "dung")]
    room = await an.creates(preset="trusted_private_chat", is_direct=True, invite=[binh.user_id])
    assert (await binh.does(room, "leave")).status_code == 200
    answers = await asyncio.gather(
        *(an.does(room, "invite", user_id=who.user_id) for who in (chi, dung, chi, dung, binh))
    )
    assert [answer.status_code for answer in answers] == [403] * 4 + [200]
    for answer in answers[:4]:
        assert_refused(answer, Refusal.DIRECT)


async def test_a_direct_message_is_of_two_and_stays_so(homeserver: Homeserver) -> None:
    an, binh, chi = [await someone(homeserver, stem, "staff") for stem in ("an", "binh", "chi")]
    room = await an.creates(preset="trusted_private_chat", is_direct=True, invite=[binh.user_id])
    assert await an.state(room, "m.room.encryption") == {"algorithm": "m.megolm.v1.aes-sha2"}
    assert (await binh.asks("POST", f"/join/{quote(room)}")).status_code == 200
    for person in (an, binh):
        assert_refused(await person.does(room, "invite", user_id=chi.user_id), Refusal.DIRECT)
        member = await person.sets(room, "m.room.member", {"membership": "invite"}, chi.user_id)
        assert_refused(member, Refusal.DIRECT)
        knock = await person.sets(room, "m.room.join_rules", {"join_rule": "knock"})
        assert_refused(knock, Refusal.DIRECT)
    assert (await an.does(room, "leave")).status_code == 200
    assert (await binh.does(room, "invite", user_id=an.user_id)).status_code == 200
    assert owner_of(homeserver) not in await homeserver.admin.members(room)


async def test_a_group_may_grow(homeserver: Homeserver) -> None:
    an, binh, chi = [await someone(homeserver, stem) for stem in ("an", "binh", "chi")]
    room = await an.creates(invite=[binh.user_id], preset="private_chat")
    assert (await an.does(room, "invite", user_id=chi.user_id)).status_code == 200
    assert_refused(await an.does(room, "invite", user_id="@ai:matrix.org"), Refusal.FEDERATED)


# ---- What is said and set


async def test_words_in_clear_are_refused_and_what_may_stay_plain_is_not(homeserver: Homeserver) -> None:
    an, binh = await someone(homeserver, "an"), await someone(homeserver, "binh")
    rooms = [
        await an.creates(name="Nhóm"),
        await an.creates(is_direct=True, invite=[binh.user_id]),
        await an.creates(**SPACE),
    ]
    for room in rooms[:2]:
        for kind in ("m.room.message", "m.sticker", "m.poll.start", "vn.example.anything"):
            assert_refused(await an.sends(room, kind, WORDS), Refusal.PLAIN)
        assert_refused(await an.sends(room, "m.room.encrypted", WORDS), Refusal.NOT_ENCRYPTED_AT_ALL)
        sent = await an.sends(room, "m.room.encrypted", sealed())
        assert sent.status_code == 200
        of = {"rel_type": "m.annotation", "event_id": sent.json()["event_id"]}
        assert (await an.sends(room, "m.reaction", {"m.relates_to": {**of, "key": "👍"}})).status_code == 200
        long = {"m.relates_to": {**of, "key": "rất dài " * 20}}
        assert_refused(await an.sends(room, "m.reaction", long), Refusal.NO_REACTION)
        hangup = {"call_id": "1", "party_id": "D", "version": "1", "reason": "user_hangup"}
        assert (await an.sends(room, "m.call.hangup", hangup)).status_code == 200
        redaction = f"/rooms/{quote(room)}/redact/{quote(of['event_id'])}"
        assert_refused(await an.asks("PUT", f"{redaction}/{uuid4()}", {"reason": "gửi nhầm"}), Refusal.REASON)
        assert (await an.asks("PUT", f"{redaction}/{uuid4()}")).status_code == 200
        beside = sealed(**{"vn.example.words": "xin chào"})
        assert_refused(await an.sends(room, "m.room.encrypted", beside), Refusal.NOT_ENCRYPTED_AT_ALL)
        bare = sealed(ciphertext="xin chào anh chị em " * 20)
        assert_refused(await an.sends(room, "m.room.encrypted", bare), Refusal.NOT_ENCRYPTED_AT_ALL)
    assert_refused(await an.sends(rooms[2], "m.room.message", WORDS), Refusal.PLAIN)


@pytest.mark.parametrize(
    ("kind", "content", "refusal"),
    [
        ("m.room.encryption", {}, Refusal.ENCRYPTION_FIXED),
        ("m.room.encryption", {"algorithm": "none"}, Refusal.ENCRYPTION_FIXED),
        ("m.room.join_rules", {"join_rule": "public"}, Refusal.PUBLIC),
        ("m.room.history_visibility", {"history_visibility": "world_readable"}, Refusal.WORLD_READABLE),
        ("m.room.tombstone", {"body": "x", "replacement_room": "!x:test"}, Refusal.ROOM_VERSION),
        ("m.room.policy", {"via": "outside.example"}, Refusal.OUTSIDE_POLICY),
        ("vn.example.words", WORDS, Refusal.UNKNOWN_STATE),
        ("im.vector.modular.widgets", {"url": "https://outside.example"}, Refusal.WIDGET),
        ("m.beacon_info", {"description": "ở nhà", "live": True}, Refusal.LOCATION),
        ("m.room.server_acl", {"allow": ["*"]}, Refusal.UNKNOWN_STATE),
    ],
)
async def test_the_maker_of_a_room_cannot_open_it(
    homeserver: Homeserver, kind: str, content: dict[str, Any], refusal: Refusal
) -> None:
    an = await someone(homeserver, "an")
    room = await an.creates(name="Nhóm")
    before = await an.state(room, kind)
    assert_refused(await an.sets(room, kind, content), refusal)
    assert await an.state(room, kind) == before


async def test_a_call_is_announced_in_the_room_and_a_membership_holds_no_words(homeserver: Homeserver) -> None:
    an = await someone(homeserver, "an")
    room = await an.creates(name="Nhóm")
    key, kind = f"_{an.user_id}_DEVICE", "org.matrix.msc3401.call.member"
    session = {"application": "m.call", "call_id": "", "scope": "m.room", "device_id": "DEVICE", "expires": 14400000}
    assert (await an.sets(room, kind, session, key)).status_code == 200
    elsewhere = {**session, "foci_preferred": [{"type": "livekit", "livekit_service_url": "https://outside.example"}]}
    assert_refused(await an.sets(room, kind, elsewhere, key), Refusal.OUTSIDE_CALL)
    joined = {"membership": "join", "vn.example.words": "xin chào"}
    assert_refused(await an.sets(room, "m.room.member", joined, an.user_id), Refusal.UNKNOWN_STATE)


async def test_nobody_publishes_or_upgrades(homeserver: Homeserver) -> None:
    an = await someone(homeserver, "an")
    room = await an.creates(name="Nhóm")
    listing = await an.asks("PUT", f"/directory/list/room/{quote(room)}", {"visibility": "public"})
    assert_refused(listing, Refusal.PUBLISHED)
    for version in ("11", "12"):
        assert_refused(await an.does(room, "upgrade", new_version=version), Refusal.ROOM_VERSION)
    assert await an.state(room, "m.room.tombstone") == {}


async def test_a_refusal_is_in_the_log_with_who_and_where_and_not_with_what(homeserver: Homeserver) -> None:
    an = await someone(homeserver, "an")
    room = await an.creates(name="Nhóm")
    words = f"chuyện riêng {uuid4()}"
    assert_refused(await an.sends(room, "m.room.message", {"msgtype": "m.text", "body": words}), Refusal.PLAIN)
    province = homeserver.province

    async def logged() -> bool:
        return f"check_event_for_spam of {an.user_id}, m.room.message, {room} refused: plain" in province.synapse_log

    await until(logged, "the line in the log")
    assert words not in province.synapse_log


# ---- The service account's rooms


async def test_a_public_space_takes_whom_the_register_knows(homeserver: Homeserver) -> None:
    space = await homeserver.admin.create_room(RoomSpec("Toàn tỉnh", space=True, join_rule=JoinRule.PUBLIC))
    an = await someone(homeserver, "an")
    await homeserver.admin.publish_people([PublishedPerson(homeserver.name("an"), "left")])
    assert_refused(await an.asks("POST", f"/join/{quote(space)}"), Refusal.NOT_IN_REGISTER)
    assert (await homeserver.move(JOIN, "an", space)).ok is False
    with synapse_database(homeserver.province) as connection:
        connection.execute("DELETE FROM huep_people WHERE localpart = %s", (homeserver.name("an"),))
    assert_refused(await an.asks("POST", f"/join/{quote(space)}"), Refusal.NOT_IN_REGISTER)
    await homeserver.admin.publish_people([PublishedPerson(homeserver.name("an"), "active")])
    assert_refused(await an.asks("POST", f"/join/{quote(space)}"), Refusal.OTHER_UNIT)
    await belongs_to(homeserver, "TINH", 0, space)
    assert (await an.asks("POST", f"/join/{quote(space)}")).status_code == 200
    # Who came in by themselves may go again.
    assert (await an.does(space, "leave")).status_code == 200
    await looked_after(homeserver)
    assert an.user_id not in await homeserver.admin.members(space)


async def belongs_to(homeserver: Homeserver, code: str, level: int, room: str) -> None:
    """Say that the room is this unit's; the prefix keeps the unit this test's own."""
    unit = PublishedUnit(f"{homeserver.prefix}-{code}", "Đơn vị", None, level, rooms=(room,))
    await homeserver.admin.publish_people((), units=[unit])


async def test_into_a_units_public_space_come_its_own_people_and_whom_the_register_puts_in(
    homeserver: Homeserver,
) -> None:
    space = await homeserver.admin.create_room(RoomSpec("Sở", space=True, join_rule=JoinRule.PUBLIC))
    an, binh, chi = [await someone(homeserver, stem) for stem in ("an", "binh", "chi")]
    await belongs_to(homeserver, "SO", 1, space)
    own = f"{homeserver.prefix}-SO"
    details = PublishedDetails("An", f"{own}-PHONG", ("TINH", own, f"{own}-PHONG"), 2, "staff", None)
    newcomer = await someone(homeserver, "dung")
    await homeserver.admin.publish_people([PublishedPerson(homeserver.name("dung"), "active", details)])
    assert (await newcomer.asks("POST", f"/join/{quote(space)}")).status_code == 200
    for stranger in (an, binh):
        assert_refused(await stranger.asks("POST", f"/join/{quote(space)}"), Refusal.OTHER_UNIT)
    for stem in ("binh", "chi"):
        assert (await homeserver.move(JOIN, stem, space)).changed
    assert_refused(await an.asks("POST", f"/join/{quote(space)}"), Refusal.OTHER_UNIT)
    assert {binh.user_id, chi.user_id, newcomer.user_id} <= set(await homeserver.admin.members(space))


async def test_the_register_puts_nobody_into_rooms_of_people_nor_takes_them_out(homeserver: Homeserver) -> None:
    an, binh = await someone(homeserver, "an"), await someone(homeserver, "binh", "staff")
    room = await an.creates(name="Tổ tin học")
    owner = owner_of(homeserver)

    async def entered() -> bool:
        return owner in await homeserver.admin.members(room)

    await until(entered, "the service account in the room")
    for verb, stem in ((JOIN, "binh"), (LEAVE, "an")):
        result = await homeserver.move(verb, stem, room)
        assert (result.ok, result.code) == (False, "unknown_room")
    inside = await homeserver.admin.members(room)
    assert an.user_id in inside and binh.user_id not in inside


async def test_whom_the_register_put_in_is_brought_back_until_it_takes_them_out(homeserver: Homeserver) -> None:
    an = await someone(homeserver, "an")
    rooms = [
        await homeserver.admin.create_room(RoomSpec("Thảo luận", encrypted=True)),
        await homeserver.admin.create_room(RoomSpec("Đơn vị", space=True, join_rule=JoinRule.PUBLIC)),
    ]
    for room in rooms:
        assert (await homeserver.move(JOIN, "an", room)).changed
        assert (await an.does(room, "leave")).status_code == 200
    for room in rooms:

        async def inside(room: str = room) -> bool:
            return an.user_id in await homeserver.admin.members(room)

        await until(inside, "back in the room")
        assert (await homeserver.move(LEAVE, "an", room)).changed
    await looked_after(homeserver)
    for room in rooms:
        assert an.user_id not in await homeserver.admin.members(room)


class Reading:
    """What a query of the modules uses of Synapse's LoggingTransaction."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._cursor = connection.cursor()

    def execute(self, sql: str, arguments: tuple[object, ...] = ()) -> None:
        self._cursor.execute(sql.replace("?", "%s"), arguments)

    def fetchone(self) -> Any:
        return self._cursor.fetchone()

    def __iter__(self) -> Any:
        return iter(self._cursor)


async def test_who_left_while_the_register_was_stale_comes_back_when_it_is_fresh(homeserver: Homeserver) -> None:
    an = await someone(homeserver, "an")
    room = await homeserver.admin.create_room(RoomSpec("Thảo luận", encrypted=True))
    await belongs_to(homeserver, "TINH", 0, room)
    assert (await homeserver.move(JOIN, "an", room)).changed
    departure, owner = Departure(room, an.user_id), owner_of(homeserver)
    with synapse_database(homeserver.province) as connection:
        reading: Any = Reading(connection)
        stale = "UPDATE huep_projection SET published_at = %s"
        connection.execute(stale, (1,))
        try:
            assert (await an.does(room, "leave")).status_code == 200
            assert _select_departures(reading, owner, departure) == [departure]
            assert departure in _select_departures(reading, owner, None)

            async def put_off() -> bool:
                return f"The register is stale: {departure}" in homeserver.province.synapse_log

            await until(put_off, "the departure looked at, and put off")
            assert an.user_id not in await homeserver.admin.members(room)
        finally:
            connection.execute(stale, (int(time.time() * 1000),))

        async def inside() -> bool:
            return an.user_id in await homeserver.admin.members(room)

        await until(inside, "back in the room")
        assert _select_departures(reading, owner, departure) == []
        assert (await homeserver.move(LEAVE, "an", room)).changed
        assert _select_departures(reading, owner, departure) == []


async def of_town(town: Town, homeserver: Homeserver, citizen: Citizen) -> Someone:
    await town.admin.set_password(citizen.user_id, "mot-mat-khau-dai")
    return Someone(homeserver, await town.admin.log_in(citizen.localpart, "mot-mat-khau-dai", "test"))


async def test_a_units_rooms_keep_members_name_and_moderators_whatever_is_tried(
    town: Town, homeserver: Homeserver
) -> None:
    town.opens("A")
    boss, colleague = await town.hires("dau", "A", standing="head"), await town.hires("binh", "A")
    stranger = await someone(homeserver, "la")
    await town.settle()
    rooms = town.rooms("A").ids
    head, staff = await of_town(town, homeserver, boss), await of_town(town, homeserver, colleague)
    owner = owner_of(homeserver)
    for purpose, room in rooms.items():
        services = town.settings.accounts.announcers if purpose is Purpose.ANNOUNCEMENTS else ()
        power = await town.state(room, "m.room.power_levels") or {}
        assert [power[act] for act in ("invite", "kick", "ban", "state_default")] == [100] * 4
        assert power["users"] == {owner: 100, head.user_id: 50} | dict.fromkeys(
            map(town.settings.user_id, services), 50
        )
        before = {kind: await town.state(room, kind) for kind in ("m.room.name", "m.room.join_rules")}
        raised = {**power, "users": {**power["users"], head.user_id: 100}}
        for person, other in ((head, staff), (staff, head)):
            for answer in (
                await person.does(room, "invite", user_id=stranger.user_id),
                await person.sets(room, "m.room.member", {"membership": "invite"}, stranger.user_id),
                await person.does(room, "kick", user_id=other.user_id),
                await person.does(room, "ban", user_id=other.user_id),
                await person.does(room, "kick", user_id=owner),
                await person.sets(room, "m.room.name", {"name": "Của tôi"}),
                await person.sets(room, "m.room.join_rules", {"join_rule": "public"}),
                await person.sets(room, "m.room.power_levels", raised),
                await person.sets(room, "m.room.encryption", {}),
                await person.sets(room, "m.space.child", {"via": ["x"]}, "!x:test"),
                await person.sets(room, "vn.example.anything", {}),
                await person.does(room, "upgrade", new_version="11"),
            ):
                assert answer.status_code == 403, answer.text
        assert await town.state(room, "m.room.power_levels") == power
        assert {kind: await town.state(room, kind) for kind in before} == before
        assert (await head.sets(room, "m.room.topic", {"topic": "Tuần này"})).status_code == 200
    assert (await stranger.asks("POST", f"/join/{quote(rooms[Purpose.DISCUSSION])}")).status_code == 403
    announcements = rooms[Purpose.ANNOUNCEMENTS]
    assert (await head.sends(announcements, "m.room.message", WORDS)).status_code == 200
    assert (await staff.sends(announcements, "m.room.message", WORDS)).status_code == 403
    assert_refused(await head.sends(rooms[Purpose.DISCUSSION], "m.room.message", WORDS), Refusal.PLAIN)
    assert_refused(await head.sets(announcements, "m.room.name", {"name": "Của tôi"}), Refusal.UNIT_ROOM)
    for room in rooms.values():
        assert (await staff.does(room, "leave")).status_code == 200

    async def back() -> bool:
        return await town.inside(colleague, "A") == [True] * 3

    await until(back, "the colleague in the unit's rooms")


async def test_only_messages_are_redacted(homeserver: Homeserver) -> None:
    an = await someone(homeserver, "an")
    room = await an.creates(name="Nhóm")
    state = (await an.asks("GET", f"/rooms/{quote(room)}/state")).json()
    for kind in ("m.room.name", "m.room.encryption"):
        (event_id,) = [event["event_id"] for event in state if event["type"] == kind]
        redacted = await an.asks("PUT", f"/rooms/{quote(room)}/redact/{quote(event_id)}/{uuid4()}")
        assert_refused(redacted, Refusal.STATE_STAYS)
    assert (await an.asks("GET", f"/rooms/{quote(room)}/state/m.room.name")).json() == {"name": "Nhóm"}


@pytest.mark.parametrize("visibility", ["x", None])
async def test_no_word_makes_a_room_public(homeserver: Homeserver, visibility: str | None) -> None:
    an, binh = await someone(homeserver, "an"), await someone(homeserver, "binh")
    body = {"is_direct": True, "invite": [binh.user_id], "visibility": visibility}
    assert_refused(await an.asks("POST", "/createRoom", body), Refusal.PUBLISHED)


async def test_a_direct_message_becomes_no_room_of_many(homeserver: Homeserver) -> None:
    an, binh, chi = [await someone(homeserver, name) for name in ("an", "binh", "chi")]
    owner = homeserver.province.settings.user_id(homeserver.province.settings.accounts.service)
    room = await an.creates(is_direct=True, preset="trusted_private_chat", invite=[binh.user_id])
    levels = (await an.asks("GET", f"/rooms/{quote(room)}/state/m.room.power_levels")).json()
    levels["users"][owner] = 100
    await an.asks("PUT", f"/rooms/{quote(room)}/state/m.room.power_levels", levels)
    for stranger in (owner, chi.user_id):
        asked = await an.asks("POST", f"/rooms/{quote(room)}/invite", {"user_id": stranger})
        assert_refused(asked, Refusal.DIRECT)
