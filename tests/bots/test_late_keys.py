"""Messages whose key stays away: told of once, asked for, read whenever the key comes; and none of it without bounds."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bots.matrix import late_keys
from bots.matrix.connection import MatrixConnection
from bots.matrix.late_keys import LateKeys, Waiter, waiter_of
from bots.matrix.port import TextMessage, Unreadable
from bots.matrix.progress import WaitingEvent
from bots.matrix.signing import Json
from bots.matrix.trust import Origin
from tests.bots.devices import Device, Sender, SyncingHomeserver, in_room, text
from tests.bots.test_client import ROOM
from tests.bots.test_trust import ANH


class Clock:
    """Moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 1, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def moves(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def device(tmp_path: Path, clock: Clock) -> AsyncIterator[Device]:
    device = Device(SyncingHomeserver(), tmp_path)
    device.restart = lambda: setattr(device, "connection", MatrixConnection(device.client, clock=clock))  # type: ignore[method-assign]
    device.restart()
    await device.client.upload_keys()
    await device.take()
    yield device
    device.close()


@pytest.fixture
def sender(device: Device) -> Sender:
    return Sender(device.server, device.client)


def hello(sender: Sender) -> Json:
    return sender.said(json.dumps(text("chào")).encode())


async def test_a_key_that_comes_hours_after_the_person_was_told_still_opens_the_message(
    device: Device, sender: Sender, clock: Clock
) -> None:
    await device.take(hello(sender))
    clock.moves(seconds=21)
    [told] = (await device.take()).events
    assert isinstance(told, Unreadable)
    assert (await device.take()).events == (), "told once"
    clock.moves(hours=5)
    device.restart()
    [late] = (await device.take(to_device=[sender.to_device(sender.room_key())])).events
    assert isinstance(late, TextMessage)
    assert (late.body, late.event_id, late.origin) == ("chào", told.event_id, Origin.CROSS_SIGNED)
    assert late.handling_id != told.handling_id, "whoever handled that it was unreadable has not handled it"
    assert device.journal.kept().waiting == ()


async def test_the_long_poll_ends_when_somebody_is_to_be_told(device: Device, sender: Sender, clock: Clock) -> None:
    await device.take(hello(sender))
    assert device.connection._intake.patience_ms(30_000) == late_keys.REQUEST_AFTER_MS[0]
    clock.moves(seconds=5)
    await device.take()
    assert device.connection._intake.patience_ms(30_000) == 15_000


async def test_after_a_week_nobody_waits(device: Device, sender: Sender, clock: Clock) -> None:
    await device.take(hello(sender))
    clock.moves(days=7)
    await device.take()
    assert device.journal.kept().waiting == ()


async def test_the_reason_for_which_a_key_is_withheld_is_handed_on(
    device: Device, sender: Sender, clock: Clock
) -> None:
    said = hello(sender)
    notice = {
        "type": "m.room_key.withheld",
        "sender": ANH,
        "content": {
            "algorithm": "m.megolm.v1.aes-sha2",
            "code": "m.unverified",
            "room_id": ROOM,
            "session_id": said["content"]["session_id"],
        },
    }
    await device.take(said, to_device=[notice])
    clock.moves(seconds=21)
    [told] = (await device.take()).events
    assert isinstance(told, Unreadable)
    assert told.withheld == "m.unverified"


async def test_what_was_taken_back_waits_for_no_key(device: Device, sender: Sender) -> None:
    await device.take(hello(sender))
    await device.take(in_room("m.room.redaction", {"redacts": "$e"}, "$r"))
    assert device.journal.kept().waiting == ()


# Asking


def requests(device: Device) -> list[Json]:
    """What was sent to all devices of the sender."""
    found = [body["messages"].get(ANH, {}).get("*") for body in device.server.to_device]
    return [content for content in found if content is not None]


async def test_the_senders_devices_are_asked_for_a_key_that_stays_away_and_told_once_it_has_come(
    device: Device, sender: Sender, clock: Clock
) -> None:
    await device.take(hello(sender))
    assert requests(device) == [], "most keys come a moment later"
    clock.moves(seconds=4)
    await device.take()
    [request] = requests(device)
    assert request["action"] == "request"
    assert request["body"]["session_id"] == sender.group.session_id
    await device.take()
    assert len(requests(device)) == 1
    await device.take(to_device=[sender.to_device(sender.room_key())])
    assert requests(device)[1] == {
        "action": "request_cancellation",
        "request_id": request["request_id"],
        "requesting_device_id": "HUEPBOT",
    }


async def test_it_is_asked_for_no_more_than_four_times(device: Device, sender: Sender, clock: Clock) -> None:
    await device.take(hello(sender))
    for _ in range(200):
        clock.moves(minutes=10)
        await device.take()
    assert len(requests(device)) == len(late_keys.REQUEST_AFTER_MS) - 1, "the first two fell together"


def forwarded(sender: Sender, **changes: Any) -> bytes:
    return sender.room_key(type="m.forwarded_room_key", content=sender.exported(**changes))


async def test_a_key_given_again_by_the_device_that_made_it_opens_the_message(device: Device, sender: Sender) -> None:
    await device.take(hello(sender))
    [late] = (await device.take(to_device=[sender.to_device(forwarded(sender))])).events
    assert isinstance(late, TextMessage)
    assert late.origin is Origin.CROSS_SIGNED


@pytest.mark.parametrize(
    "changes",
    [
        {"sender_key": "x" * 43},
        {"sender_claimed_ed25519_key": "x" * 43},
        {"session_id": "x"},
        {"session_key": "x"},
        {"session_key": None},
        {"algorithm": "m.olm.v1.curve25519-aes-sha2"},
        {"room_id": "!other:hue.localhost"},
    ],
)
async def test_a_key_given_by_anybody_else_or_for_anything_else_is_not_taken(
    device: Device, sender: Sender, changes: Json
) -> None:
    await device.take(hello(sender))
    assert (await device.take(to_device=[sender.to_device(forwarded(sender, **changes))])).events == ()


# Bounds


def waiting(number: int, user: str = ANH) -> Waiter:
    content = {"algorithm": "m.megolm.v1.aes-sha2", "session_id": f"s{number}"}
    source = in_room("m.room.encrypted", content, f"${user}{number}") | {"sender": user}
    waiter = waiter_of(WaitingEvent(source["event_id"], ROOM, json.dumps(source), number))
    assert waiter is not None
    return waiter


def test_one_sender_cannot_fill_the_place_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late_keys, "MOST_OF_SENDER", 3)
    monkeypatch.setattr(late_keys, "MOST_WAITING", 5)
    late = LateKeys([])
    late.add(waiting(0, "@binh:hue.localhost"))
    displaced = [event_id for number in range(10) for event_id in late.add(waiting(number))]
    assert displaced == [f"${ANH}{number}" for number in range(7)]
    assert "$@binh:hue.localhost0" in late
    for number in range(10):
        late.add(waiting(number, f"@u{number}:hue.localhost"))
    assert len(late) == 5


def test_requests_that_are_too_many_at_once_follow_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late_keys, "REQUESTS_AT_ONCE", 4)
    late = LateKeys(waiting(number).event for number in range(10))
    found = [request.content["body"]["session_id"] for _ in range(4) for request in late.requests(10_000, "HUEPBOT")]
    assert sorted(found) == sorted(f"s{number}" for number in range(10))
