"""The org tree on a real homeserver: units open, move, are renamed, merged, split, dissolved; people keep reading."""

import asyncio
from datetime import timedelta
from urllib.parse import quote

from hr_provisioner.rooms.looks import Purpose, alias
from hr_provisioner.rooms.store import read_rooms
from huep.synapse_admin import PublishedDetails, PublishedPerson
from tests.clients.town import Town


async def test_units_are_merged_split_renamed_and_moved_and_their_people_read_on(town: Town) -> None:
    for name in ("A", "B", "C", "S", "R", "P"):
        town.opens(name)
    town.opens("M", parent="R")
    head, staff = await town.hires("dau", "A", standing="head"), await town.hires("binh", "A")
    other = await town.hires("cuong", "S")
    stays = await town.hires("moc", "M")
    await town.settle()
    old, split = town.rooms("A"), town.rooms("S")
    talk = old.ids[Purpose.DISCUSSION]
    assert await staff.says(talk, "trước khi sáp nhập") == 200
    assert await head.says(old.ids[Purpose.ANNOUNCEMENTS], "họp lúc 8 giờ") == 200

    for name in ("N", "S1", "S2"):
        town.opens(name, since=town.today, called=f"Phường {name}")
    for name in ("A", "B", "C"):
        town.ends(name, "N")
    town.ends("S", "S1", "S2")
    town.ends("R")
    town.opens("R", since=town.today, called="Sở Tên Mới")
    town.ends("M")
    town.opens("M", parent="P", since=town.today)
    town.puts(head, "N", standing="head")
    town.puts(staff, "N")
    town.puts(other, "S2")
    await town.settle()

    new = town.rooms("N")
    for purpose, room_id in old.ids.items():
        assert (await town.state(room_id, "m.room.tombstone") or {})["replacement_room"] == new.ids[purpose]
        assert (await town.state(room_id, "m.room.name") or {})["name"].endswith("(đã đóng)")
        assert head.user_id not in (await town.state(room_id, "m.room.power_levels") or {})["users"]
    assert await staff.reads(talk) == ["trước khi sáp nhập"]
    assert await staff.says(talk, "còn ai không?") == 403
    told = await staff.reads(old.ids[Purpose.ANNOUNCEMENTS])
    assert told[-1] == "họp lúc 8 giờ"
    assert len(told) == 2
    assert "Phường N" in told[0]
    assert await head.says(old.ids[Purpose.ANNOUNCEMENTS], "còn ai không?") == 403
    assert await town.inside(staff, "A") == [True] * 3
    assert await town.inside(staff, "N") == [True] * 3
    assert await staff.says(new.ids[Purpose.DISCUSSION], "chào phường mới") == 200
    assert await head.says(new.ids[Purpose.ANNOUNCEMENTS], "họp lúc 9 giờ") == 200

    stone = await town.state(split.ids[Purpose.DISCUSSION], "m.room.tombstone") or {}
    assert stone["replacement_room"] == town.rooms("S1").ids[Purpose.DISCUSSION]
    assert "Phường S1; Phường S2" in stone["body"]
    assert await town.inside(other, "S2") == [True] * 3

    renamed = town.rooms("R").ids[Purpose.SPACE]
    assert await town.state(renamed, "m.room.name") == {"name": "Sở Tên Mới"}
    moved, parent = town.rooms("M").ids[Purpose.SPACE], town.rooms("P").ids[Purpose.SPACE]
    assert await town.state(renamed, "m.space.child", moved) == {}
    assert (await town.state(parent, "m.space.child", moved) or {})["via"] == [town.settings.server_name]
    assert await town.inside(stays, "M") == [True] * 3

    [(root,)] = town.sql("select unit_code from register.unit_periods where level = 0")
    top = read_rooms(town.place.hr)[root].ids[Purpose.SPACE]
    closed_child = await town.state(top, "m.space.child", old.ids[Purpose.SPACE]) or {}
    assert (closed_child["order"], closed_child["suggested"]) == ("~", False)
    async with staff.client() as client:
        answer = await client.get(f"/../v1/rooms/{quote(top)}/hierarchy", params={"max_depth": "1", "limit": "500"})
        shown = {room["room_id"] for room in answer.raise_for_status().json()["rooms"]}
    assert new.ids[Purpose.SPACE] in shown
    assert await town.settle() == 0


async def test_who_moves_is_in_the_new_rooms_at_once_and_out_of_the_old_ones_after_the_grace(town: Town) -> None:
    town.opens("X")
    town.opens("Y")
    who = await town.hires("chi", "X", standing="head")
    urgent = [town.code("chi")]
    await town.joins().serve_urgent(urgent)
    assert await town.inside(who, "X") == [True] * 3
    town.puts(who, "Y")
    await town.joins().serve_urgent(urgent)
    assert await town.inside(who, "Y") == [True] * 3
    assert await town.inside(who, "X") == [True] * 3
    due = "select distinct due_on from register.memberships where user_id = :who and not wanted and not done"
    assert town.sql(due, who=who.user_id) == [(town.today + timedelta(days=7),)]
    assert town.rooms("X").moderators == town.settings.accounts.announcers
    power = await town.state(town.rooms("X").ids[Purpose.DISCUSSION], "m.room.power_levels") or {}
    assert who.user_id not in power["users"]

    town.puts(who, "X")
    await town.joins().serve_urgent(urgent)
    assert await town.inside(who, "X") == [True] * 3
    town.puts(who, "Y")
    await town.joins().serve_urgent(urgent)
    past = "update register.memberships set due_on = :today where user_id = :who and due_on is not null"
    town.sql(past, today=town.today, who=who.user_id)
    await town.joins().serve_urgent(urgent)
    assert await town.inside(who, "X") == [False] * 3
    assert await town.inside(who, "Y") == [True] * 3


async def test_a_unit_that_opens_again_opens_its_rooms_or_gets_new_ones(town: Town) -> None:
    for name in ("D", "E", "F"):
        town.opens(name)
    who, other = await town.hires("dung", "D"), await town.hires("em", "E")
    urgent = [town.code("dung"), town.code("em")]
    await town.joins().serve_urgent(urgent)
    before, replaced = town.rooms("D").ids, town.rooms("E").ids
    town.ends("D")
    town.ends("E", "F")
    await town.settle()
    assert await who.says(before[Purpose.DISCUSSION], "?") == 403
    assert await town.state(before[Purpose.DISCUSSION], "m.room.tombstone") is None

    town.sql("update register.unit_periods set valid_to = null where unit_code like :ours", ours=f"{town.prefix}-%")
    await town.settle()
    assert town.rooms("D").ids == before
    assert await who.says(before[Purpose.DISCUSSION], "lại có phòng") == 200
    assert not ({*town.rooms("E").ids.values()} & {*replaced.values()})
    address = f"#{alias(town.code('E'), Purpose.DISCUSSION)}:{town.settings.server_name}"
    assert await town.admin.room_of_alias(address) == town.rooms("E").ids[Purpose.DISCUSSION]
    assert await town.inside(other, "E") == [True] * 3
    assert await other.reads(replaced[Purpose.DISCUSSION]) == []


async def test_a_large_space_lets_its_people_in_and_its_rooms_do_not(town: Town) -> None:
    town.opens("L")
    town.opens("K")
    member, guest = await town.hires("lan", "L"), await town.hires("khach", "K")
    late = await town.hires("muon", "K")
    details = PublishedDetails("muon", town.code("L"), (town.code("L"),), 1, "staff", None)
    await town.admin.publish_people([PublishedPerson(late.localpart, "active", details)])
    large = town.joins(public_above=0)
    await large.serve_urgent([town.code("lan")])
    await large.serve_urgent([town.code("lan")])
    rooms = town.rooms("L")
    assert await town.inside(member, "L") == [True] * 3
    for who, status in ((guest, 403), (late, 200)):
        async with who.client() as client:
            entered = await client.post(f"/rooms/{quote(rooms.ids[Purpose.SPACE])}/join", json={})
            refused = await client.post(f"/rooms/{quote(rooms.ids[Purpose.DISCUSSION])}/join", json={})
        assert (entered.status_code, refused.status_code) == (status, 403)


async def test_on_first_login_only_those_who_logged_in_are_brought_in(stack, town: Town) -> None:
    await stack.has_joined()
    town.opens("V")
    who, asleep = await town.hires("van", "V"), await town.hires("vo", "V")
    lazy, urgent = town.joins(joins="first_login"), [town.code("van"), town.code("vo")]
    await lazy.serve_urgent(urgent)
    assert await town.inside(who, "V") == [False] * 3
    async with who.client() as client:
        await client.get("/account/whoami")
    while who.user_id not in await town.admin.seen_users():
        await asyncio.sleep(0.5)
    await lazy.serve_urgent(urgent)
    assert await town.inside(who, "V") == [True] * 3
    assert await town.inside(asleep, "V") == [False] * 3
