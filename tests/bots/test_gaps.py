"""A timeline that the server cut short is read to its end: in order, once, over restarts."""

import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bots.matrix import gaps
from bots.matrix.connection import MatrixConnection
from bots.matrix.errors import RequestRefused, ServerUnreachable
from bots.matrix.port import Batch, Placed, Receipt
from bots.matrix.signing import Json
from bots.matrix.store.shelf import Kind
from bots.matrix.store.vault import Found, Vault
from tests.bots.devices import Device, SyncingHomeserver, bodies, in_room, text
from tests.bots.test_client import BOT, ROOM, sync
from tests.bots.test_trust import ANH
from tests.clients.sealed import sealed

MISSED = 250


def said(number: int, room_id: str = ROOM) -> Json:
    return in_room("m.room.message", {"msgtype": "m.text", "body": str(number)}, f"${room_id}{number}")


def membership(kind: str) -> Json:
    return in_room("m.room.member", {"membership": kind}, f"${kind}", state_key=BOT)


def cut_short(until: int, *rooms: str, **more: Any) -> Json:
    """A sync up to place `until`, that shows of each room its last event only."""
    timeline = {"limited": True, "prev_batch": f"s{until - 1}"}
    joined = {room: {"timeline": timeline | {"events": [said(until - 1, room)]}, **more} for room in rooms or (ROOM,)}
    return sync(next_batch=f"s{until}", rooms={"join": joined})


@pytest.fixture
async def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Device]:
    monkeypatch.setattr(gaps, "PAGE_EVENTS", 20)
    monkeypatch.setattr(gaps, "PAGES_A_BATCH", 4)
    server = SyncingHomeserver()
    server.rooms[ROOM] = [said(number) for number in range(MISSED)]
    device = Device(server, tmp_path)
    await device.client.upload_keys()
    await device.take()
    yield device
    device.close()


async def following(device: Device, answer: Json, *, commit: bool = True) -> Batch:
    device.server.syncs.append(answer)
    batch = await device.connection.next_batch()
    if commit:
        await device.connection.commit(batch)
    return batch


def numbers(*found: int) -> list[str]:
    return [str(number) for number in found]


async def test_a_short_gap_is_read_with_the_sync_that_has_it(device: Device) -> None:
    batch = await following(device, cut_short(50))
    assert bodies(batch) == numbers(*range(50))
    assert device.journal.kept().gaps == ()


async def test_the_order_of_a_gap_is_told_as_it_is_read_and_its_receipts_at_once(device: Device) -> None:
    counting = MatrixConnection(device.client, receipts=True)
    receipt = {"type": "m.receipt", "content": {f"${ROOM}240": {"m.read": {ANH: {"ts": 7}}}}}
    device.server.syncs += [cut_short(MISSED, ephemeral={"events": [receipt]}), sync(), sync(), sync()]
    batches = [await counting.next_batch() for _ in range(4)]
    assert [batch.receipts for batch in batches] == [(Receipt(ROOM, ANH, f"${ROOM}240", 7),), (), (), ()]
    placed = [event for batch in batches for event in batch.timeline]
    assert placed == [Placed(ROOM, f"${ROOM}{number}") for number in range(MISSED)]
    assert len(batches[0].timeline) == 80


async def test_the_keys_of_a_gap_are_looked_for_in_one_go_and_beside_the_event_loop(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[bool, int]] = []
    find_all = Vault.find_all

    def noted(vault: Vault, kind: Kind, wanted: Sequence[Sequence[str]]) -> list[Found | None]:
        if kind is Kind.INBOUND:
            asked.append((threading.current_thread() is threading.main_thread(), len(wanted)))
        return find_all(vault, kind, wanted)

    monkeypatch.setattr(Vault, "find_all", noted)
    device.server.rooms[ROOM] = [in_room("m.room.encrypted", sealed(), f"${number}") for number in range(20)]
    await following(device, cut_short(20))
    assert asked[-1] == (False, 20)
    assert not any(on_the_loop for on_the_loop, _ in asked)


async def test_a_long_gap_goes_on_in_the_next_batches_and_what_is_new_waits_behind_it(device: Device) -> None:
    found = bodies(await following(device, cut_short(200)))
    assert found == numbers(*range(80)), "no more than a batch may hold"
    assert device.connection._intake.patience_ms(30_000) == 0, "the next sync waits for nothing"
    newer = {"join": {ROOM: {"timeline": {"events": [said(200), said(201)]}}}}
    found += bodies(await following(device, sync(next_batch="s202", rooms=newer)))
    while device.connection._intake.open_gaps:
        found += bodies(await following(device, sync(next_batch="s202")))
    assert found == numbers(*range(202))
    assert device.connection._intake.patience_ms(30_000) == 30_000


async def test_after_a_restart_a_gap_goes_on_behind_what_was_committed(device: Device) -> None:
    first = await following(device, cut_short(200))
    lost = await following(device, sync(next_batch="s200"), commit=False)
    device.restart()
    again = await following(device, sync(next_batch="s200"))
    assert bodies(again) == bodies(lost) == numbers(*range(80, 160))
    rest = await following(device, sync(next_batch="s200"))
    assert bodies(first) + bodies(again) + bodies(rest) == numbers(*range(200))


async def test_a_sync_that_was_not_committed_has_the_same_gap_after_a_restart(device: Device) -> None:
    await following(device, cut_short(50), commit=False)
    device.restart()
    assert bodies(await following(device, cut_short(50))) == numbers(*range(50))


@pytest.mark.parametrize("refusal", [ServerUnreachable("x"), RequestRefused(502, "", "", "x")])
async def test_a_gap_that_cannot_be_read_now_is_read_later(device: Device, refusal: Any) -> None:
    device.server.refusal = refusal
    assert bodies(await following(device, cut_short(50))) == []
    device.server.refusal = None
    assert bodies(await following(device, sync(next_batch="s50"))) == numbers(*range(50))


async def test_a_gap_in_a_room_that_is_closed_to_us_is_given_up(device: Device) -> None:
    device.server.refusal = RequestRefused(403, "M_FORBIDDEN", "", "x")
    await following(device, cut_short(50))
    assert device.journal.kept().gaps == ()
    device.server.refusal = None
    await following(device, cut_short(50))
    await following(device, sync(next_batch="s60", rooms={"leave": {ROOM: {}}}))
    assert device.journal.kept().gaps == ()


async def test_no_room_waits_for_the_gap_of_another(device: Device) -> None:
    device.server.rooms["!other"] = [said(number, "!other") for number in range(MISSED)]
    batch = await following(device, cut_short(200, ROOM, "!other"))
    assert {event.room_id for event in batch.events} == {ROOM, "!other"}


@pytest.mark.parametrize("restarts", [False, True])
async def test_of_a_room_that_we_enter_only_what_was_said_to_us_is_read(device: Device, restarts: bool) -> None:
    timeline = device.server.rooms[ROOM]
    timeline[10], timeline[120] = membership("invite"), membership("join")
    invited = {"invite_state": {"events": [membership("invite") | {"sender": "@anh:hue.localhost"}]}}
    [invite] = (await following(device, sync(next_batch="s5", rooms={"invite": {ROOM: invited}}))).invites
    device.connection.settle_invite(invite)
    await following(device, sync(next_batch="s115"))  # a key comes before our joining does
    if restarts:
        device.restart()
    found: list[str] = []
    device.server.syncs.append(cut_short(130, state={"events": [membership("join")]}))
    while device.server.syncs:
        batch = await device.connection.next_batch()
        await device.connection.commit(batch)
        found += bodies(batch)
        if device.connection._intake.open_gaps:
            device.server.syncs.append(sync(next_batch="s130"))
    assert found == numbers(*range(11, 120), *range(121, 130))


async def test_the_history_of_before_the_first_sync_is_no_gap(tmp_path: Path) -> None:
    device = Device(SyncingHomeserver(), tmp_path)
    batch = await following(device, cut_short(50))
    assert not batch.live
    assert device.journal.kept().gaps == ()
    device.close()


async def test_what_fails_on_the_way_is_asked_for_again_and_nothing_is_lost(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bots.matrix.syncing.RECONNECT_PAUSES_S", (0.0,))
    answer = sync(next_batch="s9", rooms={"join": {ROOM: {"timeline": {"events": [said(1)]}}}})
    failing = iter([True, False])
    taken_in = device.client.take_in

    async def take_in(found: Json) -> None:
        await taken_in(found)
        if next(failing):
            raise ServerUnreachable("x")

    monkeypatch.setattr(device.client, "take_in", take_in)
    device.server.syncs += [ServerUnreachable("x"), RequestRefused(500, "", "", "x"), answer, answer]
    assert bodies(await device.connection.next_batch()) == ["1"]
    assert device.server.syncs == []


async def test_our_own_messages_come_back_as_the_transactions_that_they_were(device: Device) -> None:
    ours = in_room("m.room.message", text("x")["content"], "$ours", unsigned={"transaction_id": "t1"})
    batch = await device.take(ours)
    assert batch.events == ()
    assert [(echo.event_id, echo.transaction_id) for echo in batch.echoes] == [("$ours", "t1")]
