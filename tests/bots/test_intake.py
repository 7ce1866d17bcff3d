"""What anybody may send to a device or into a room: malformed, it costs itself, and the batch is done."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from bots.matrix import invites, late_keys
from bots.matrix.algorithms import MEGOLM
from bots.matrix.port import Placed, Receipt, Unreadable
from bots.matrix.progress import Progress, WaitingEvent
from bots.matrix.signing import Json
from bots.matrix.trust import Origin
from huep.database import DatabaseUnreachable
from tests.bots.devices import ABSENT, Device, Sender, SyncingHomeserver, bodies, in_room, text
from tests.bots.test_client import BOT, ROOM, sync
from tests.bots.test_trust import ANH


@pytest.fixture
def server() -> SyncingHomeserver:
    return SyncingHomeserver()


@pytest.fixture
async def device(server: SyncingHomeserver, tmp_path: Path) -> Any:
    device = Device(server, tmp_path)
    await device.client.upload_keys()
    await device.take()
    yield device
    device.close()


@pytest.fixture
def sender(server: SyncingHomeserver, device: Device) -> Sender:
    return Sender(server, device.client)


async def test_a_key_and_its_message_arrive(device: Device, sender: Sender) -> None:
    said = sender.said(json.dumps(text("tôi là ai")).encode())
    batch = await device.take(said, to_device=[sender.to_device(sender.room_key())])
    assert bodies(batch) == ["tôi là ai"]
    assert batch.events[0].origin is Origin.CROSS_SIGNED


def garbage(device: Device, kind: Any, body: Any) -> Json:
    key = device.client.olm.account.identity_keys["curve25519"]
    content = {
        "algorithm": "m.olm.v1.curve25519-aes-sha2",
        "sender_key": Sender.__name__,
        "ciphertext": {key: {"type": kind, "body": body}},
    }
    return {"type": "m.room.encrypted", "sender": "@anybody:hue.localhost", "content": content}


@pytest.mark.parametrize("kind", [0, 1, 7, "0", None])
@pytest.mark.parametrize("body", ["garbage!", "AAAA", "", 5, None, {"a": 1}, ["x"]])
async def test_a_message_to_the_device_that_is_garbage_costs_itself_only(
    device: Device, sender: Sender, kind: Any, body: Any
) -> None:
    whole = sender.to_device(sender.room_key())
    said = sender.said(json.dumps(text("chào")).encode())
    batch = await device.take(said, to_device=[garbage(device, kind, body), whole])
    assert bodies(batch) == ["chào"], "the key behind the garbage was taken in"


@pytest.mark.parametrize("plaintext", [b"[]", b"5", b"null", b'"x"', b"{}", b'{"content":5}', b"not json", b"\xff"])
async def test_what_decrypts_to_no_event_is_nothing(device: Device, sender: Sender, plaintext: bytes) -> None:
    key = sender.to_device(sender.room_key())
    broken = sender.said(plaintext, "$broken")
    said = sender.said(json.dumps(text("chào")).encode(), "$whole")
    batch = await device.take(broken, said, to_device=[sender.to_device(plaintext), key])
    assert bodies(batch) == ["chào"]


@pytest.mark.parametrize("session_id", [{"a": 1}, ["x"], 5, None, "", True, ABSENT])
@pytest.mark.parametrize("sender_key", [ABSENT, "", "x", None, ["x"], {"a": 1}])
async def test_an_event_that_names_no_session_waits_for_no_key(
    device: Device, sender: Sender, session_id: Any, sender_key: Any
) -> None:
    batch = await device.take(sender.said(b"{}", session_id=session_id, sender_key=sender_key))
    assert batch.events == ()
    assert device.journal.kept().waiting == ()


@pytest.mark.parametrize("sender_key", [ABSENT, "", None, 5])
async def test_a_key_that_comes_late_opens_what_named_no_sender_key(
    device: Device, sender: Sender, sender_key: Any
) -> None:
    said = sender.said(json.dumps(text("chào")).encode(), sender_key=sender_key)
    assert (await device.take(said)).events == ()
    assert len(device.journal.kept().waiting) == 1
    assert bodies(await device.take(to_device=[sender.to_device(sender.room_key())])) == ["chào"]
    assert device.journal.kept().waiting == ()


async def test_what_stands_inside_says_neither_who_nor_when(device: Device, sender: Sender) -> None:
    forged = text("chào") | {"sender": "@chu-tich:hue.localhost", "origin_server_ts": 1, "event_id": "$other"}
    said = sender.said(json.dumps(forged).encode())
    [event] = (await device.take(said, to_device=[sender.to_device(sender.room_key())])).events
    assert (event.sender, event.sent_at_ms, event.event_id) == (ANH, 7, "$e")


async def test_what_waited_is_not_lost_when_the_batch_is_not_finished(
    device: Device, sender: Sender, server: SyncingHomeserver, tmp_path: Path
) -> None:
    await device.take(sender.said(json.dumps(text("chào")).encode()))
    server.syncs.append(sync(to_device={"events": [sender.to_device(sender.room_key())]}))
    assert bodies(await device.connection.next_batch()) == ["chào"]
    assert len(device.journal.kept().waiting) == 1, "not yet committed"


@pytest.mark.parametrize(
    "row",
    [
        "not json",
        "[]",
        "{}",
        json.dumps(in_room("m.room.encrypted", {"algorithm": MEGOLM, "session_id": {"a": 1}, "sender_key": "x"})),
        json.dumps(in_room("m.room.encrypted", {"algorithm": MEGOLM, "session_id": "s"}, "$another")),
        json.dumps(in_room("m.room.encrypted", {"algorithm": MEGOLM, "session_id": "s"}, sender=None)),
        json.dumps(in_room("m.room.encrypted", {"algorithm": MEGOLM, "session_id": "s"}, origin_server_ts="x")),
    ],
)
async def test_a_bad_row_that_waits_from_before_is_dropped(device: Device, row: str) -> None:
    await device.journal.advance(Progress("s", waiting=(WaitingEvent("$e", ROOM, row, 0),)))
    device.restart()
    assert (await device.take()).events == ()
    assert device.journal.kept().waiting == ()


async def test_a_key_that_never_comes_ends_in_unreadable(
    device: Device, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late_keys, "KEY_PATIENCE_MS", 0)
    await device.take(sender.said(b"{}", sender_key=ABSENT))
    [event] = (await device.take()).events
    assert isinstance(event, Unreadable)


async def test_a_store_that_is_away_is_not_passed_over(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: object) -> None:
        raise DatabaseUnreachable("away")

    monkeypatch.setattr(device.client.olm, "handle_to_device_event", away)
    with pytest.raises(DatabaseUnreachable):
        await device.take(to_device=[garbage(device, 0, "x")])
    monkeypatch.setattr(
        device.client.opening, "open", lambda *_: (_ for _ in ()).throw(sqlite3.OperationalError("full"))
    )
    with pytest.raises(sqlite3.OperationalError):
        await device.take(in_room("m.room.encrypted", {"algorithm": MEGOLM, "session_id": "s"}))


def invited(by: str) -> Json:
    member = {"type": "m.room.member", "state_key": BOT, "sender": by, "content": {"membership": "invite"}}
    return {"invite_state": {"events": [member]}}


async def test_an_invitation_comes_again_until_it_is_settled(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    [invite] = (await device.take(invite={"!new": invited(ANH)})).invites
    assert (invite.room_id, invite.inviter) == ("!new", ANH)
    assert (await device.take()).invites == (), "not at once"
    device.restart()
    assert (await device.take()).invites == (invite,), "a restart loses none"
    monkeypatch.setattr(invites, "INVITE_PAUSE_MS", 0)
    assert (await device.take()).invites == (invite,)
    device.connection.settle_invite(invite)
    assert (await device.take()).invites == ()
    await device.take()
    assert len(device.journal.kept().invites) == 1, "until a sync shows what became of it"


@pytest.mark.parametrize("where", ["join", "leave"])
async def test_an_invitation_that_somebody_settled_elsewhere_is_forgotten(device: Device, where: str) -> None:
    await device.take(invite={"!new": invited(ANH)})
    rooms = {"join": {"!new": {}}} if where == "join" else {"leave": {"!new": {}}}
    device.server.syncs.append(sync(rooms=rooms))
    await device.connection.commit(await device.connection.next_batch())
    assert device.journal.kept().invites == ()


@pytest.mark.parametrize("wanted", [True, False])
async def test_what_others_have_read_is_told_where_it_is_asked_for(
    server: SyncingHomeserver, tmp_path: Path, wanted: bool
) -> None:
    device = Device(server, tmp_path, receipts=wanted)
    await device.client.upload_keys()
    await device.take()
    sealed = in_room("m.room.encrypted", {"algorithm": MEGOLM, "session_id": "s"}, "$sealed")
    ours = in_room("m.room.message", {"msgtype": "m.text", "body": "x"}, "$ours", sender=BOT)
    read = {"$ours": {"m.read": {ANH: {"ts": 7}, BOT: {"ts": 8}}, "m.read.private": {ANH: {"ts": 9}}}}
    room = {
        "timeline": {"events": [sealed, ours]},
        "ephemeral": {"events": [{"type": "m.receipt", "content": read}]},
    }
    server.syncs.append(sync(rooms={"join": {ROOM: room}}))
    batch = await device.connection.next_batch()
    assert batch.receipts == ((Receipt(ROOM, ANH, "$ours", 7),) if wanted else ())
    assert batch.timeline == ((Placed(ROOM, "$sealed"), Placed(ROOM, "$ours", BOT)) if wanted else ())
    device.close()
