"""What anybody may send to a device or into a room: malformed, it costs itself, and the batch is done."""

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import vodozemac
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bots.matrix import connection as connections
from bots.matrix.client import MEGOLM, CryptoClient
from bots.matrix.connection import MatrixConnection
from bots.matrix.device import DeviceFolder, Session
from bots.matrix.events import event_of
from bots.matrix.journal import Journal
from bots.matrix.port import Batch, Event, TextMessage, Unreadable
from bots.matrix.signing import Json
from bots.matrix.trust import Origin
from tests.bots.test_client import BOT, ROOM, SmallHomeserver, sync
from tests.bots.test_trust import ANH, DEVICE


class SyncingHomeserver(SmallHomeserver):
    """Beside keys and rooms, the next answers of `/sync`."""

    def __init__(self) -> None:
        super().__init__()
        self.syncs: list[Json] = []

    async def request(self, method: str, path: str, body: Any = None, **more: object) -> Json:
        if "/sync?" in path:
            return self.syncs.pop(0)
        return await super().request(method, path, body, **more)


class Device:
    """The bot's device over its folder, as `connect` makes it."""

    def __init__(self, server: SyncingHomeserver, root: Path) -> None:
        self.server = server
        self.folder = DeviceFolder(root)
        self.client = CryptoClient(server, self.folder, Session(BOT, "HUEPBOT", "t"))  # type: ignore[arg-type]
        self.journal = Journal(self.folder.journal)
        self.connection = MatrixConnection(self.client, self.folder, self.journal)

    async def take(self, *timeline: Any, to_device: Any = (), **rooms: Any) -> Batch:
        """One whole batch, committed."""
        token = f"s{len(timeline)}"
        joined = {ROOM: {"timeline": {"events": list(timeline)}}}
        self.server.syncs.append(
            sync(next_batch=token, to_device={"events": list(to_device)}, rooms={"join": joined, **rooms})
        )
        batch = await self.connection.next_batch()
        await self.connection.commit(batch)
        assert self.journal.token == token
        return batch

    def close(self) -> None:
        self.journal.close()
        self.client.store.database.close()


class Sender:
    """A person's device that knows the bot's keys, and may misuse them."""

    def __init__(self, server: SyncingHomeserver, client: CryptoClient) -> None:
        self.owner = server.owner
        one_time_key = next(iter(server.uploads[0]["one_time_keys"].values()))["key"]
        self._bot_keys = client.olm.account.identity_keys
        self._olm = self.owner.account.create_outbound_session(
            vodozemac.Curve25519PublicKey.from_base64(self._bot_keys["curve25519"]),
            vodozemac.Curve25519PublicKey.from_base64(one_time_key),
        )
        self.group = vodozemac.GroupSession()
        self._session_key = self.group.session_key.to_base64()

    def to_device(self, plaintext: bytes) -> Json:
        kind, ciphertext = self._olm.encrypt(plaintext).to_parts()
        body = vodozemac_base64(ciphertext)
        content = {
            "algorithm": "m.olm.v1.curve25519-aes-sha2",
            "sender_key": self.owner.curve25519,
            "ciphertext": {self._bot_keys["curve25519"]: {"type": kind, "body": body}},
        }
        return {"type": "m.room.encrypted", "sender": ANH, "content": content}

    def room_key(self, **changes: Any) -> bytes:
        payload = {
            "type": "m.room_key",
            "sender": ANH,
            "sender_device": DEVICE,
            "keys": {"ed25519": self.owner.ed25519},
            "recipient": BOT,
            "recipient_keys": {"ed25519": self._bot_keys["ed25519"]},
            "content": {
                "algorithm": MEGOLM,
                "room_id": ROOM,
                "session_id": self.group.session_id,
                "session_key": self._session_key,
            },
        }
        return json.dumps(payload | changes).encode()

    def said(self, plaintext: bytes, event_id: str = "$e", **content: Any) -> Json:
        whole: Json = {
            "algorithm": MEGOLM,
            "session_id": self.group.session_id,
            "sender_key": self.owner.curve25519,
            "device_id": DEVICE,
            "ciphertext": self.group.encrypt(plaintext).to_base64(),
        }
        return in_room("m.room.encrypted", {k: v for k, v in (whole | content).items() if v is not ABSENT}, event_id)


ABSENT = object()


def vodozemac_base64(data: bytes) -> str:
    from bots.matrix.signing import encode

    return encode(data)


def in_room(kind: str, content: Any, event_id: str = "$e", **more: Any) -> Json:
    return {
        "type": kind,
        "content": content,
        "event_id": event_id,
        "sender": ANH,
        "origin_server_ts": 7,
        "room_id": ROOM,
        **more,
    }


def text(body: str) -> Json:
    return {"type": "m.room.message", "content": {"msgtype": "m.text", "body": body}}


def bodies(batch: Batch) -> list[str]:
    return [event.body for event in batch.events if isinstance(event, TextMessage)]


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
    assert device.journal.pending() == []


@pytest.mark.parametrize("sender_key", [ABSENT, "", None, 5])
async def test_a_key_that_comes_late_opens_what_named_no_sender_key(
    device: Device, sender: Sender, sender_key: Any
) -> None:
    said = sender.said(json.dumps(text("chào")).encode(), sender_key=sender_key)
    assert (await device.take(said)).events == ()
    assert len(device.journal.pending()) == 1
    assert bodies(await device.take(to_device=[sender.to_device(sender.room_key())])) == ["chào"]
    assert device.journal.pending() == []


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
    assert len(device.journal.pending()) == 1, "not yet committed"


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
    device.journal.keep_pending("$e", ROOM, row)
    device.connection = MatrixConnection(device.client, device.folder, device.journal)
    assert device.journal.pending() == []
    await device.take()


async def test_a_key_that_never_comes_ends_in_unreadable(
    device: Device, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "KEY_PATIENCE_S", 0.0)
    await device.take(sender.said(b"{}", sender_key=ABSENT))
    [event] = (await device.take()).events
    assert isinstance(event, Unreadable)


async def test_a_locked_crypto_store_is_not_passed_over(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    from peewee import OperationalError

    def locked(_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(device.client.olm, "handle_to_device_event", locked)
    with pytest.raises(OperationalError):
        await device.take(to_device=[garbage(device, 0, "x")])
    monkeypatch.setattr(device.client, "decrypted", lambda *_: (_ for _ in ()).throw(sqlite3.OperationalError("full")))
    with pytest.raises(sqlite3.OperationalError):
        await device.take(in_room("m.room.encrypted", {"algorithm": MEGOLM, "session_id": "s"}))


def invited(by: str) -> Json:
    member = {"type": "m.room.member", "state_key": BOT, "sender": by, "content": {"membership": "invite"}}
    return {"invite_state": {"events": [member]}}


async def test_an_invitation_comes_again_until_it_is_settled(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    [invite] = (await device.take(invite={"!new": invited(ANH)})).invites
    assert (invite.room_id, invite.inviter) == ("!new", ANH)
    assert (await device.take()).invites == (), "not at once"
    device.connection = MatrixConnection(device.client, device.folder, device.journal)
    assert (await device.take()).invites == (invite,), "a restart loses none"
    monkeypatch.setattr(connections, "INVITE_PAUSE_S", 0.0)
    assert (await device.take()).invites == (invite,)
    device.connection.settle_invite(invite)
    assert (await device.take()).invites == ()
    assert device.journal.invites() == []


@pytest.mark.parametrize("where", ["join", "leave"])
async def test_an_invitation_that_somebody_settled_elsewhere_is_forgotten(device: Device, where: str) -> None:
    await device.take(invite={"!new": invited(ANH)})
    rooms = {"join": {"!new": {}}} if where == "join" else {"leave": {"!new": {}}}
    device.server.syncs.append(sync(rooms=rooms))
    await device.connection.next_batch()
    assert device.journal.invites() == []


# Anything at all

NAMES = st.sampled_from(
    ["", "x", ROOM, ANH, BOT, DEVICE, MEGOLM, "m.thread", "m.replace", "m.text", "m.image", "\ud800"]
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), NAMES)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=5,
)
RELATION = {"rel_type": "m.thread", "event_id": "$x", "key": "k", "m.in_reply_to": {"event_id": "$y"}}
POLL = {"question": {"m.text": [{"body": "q"}]}, "answers": [{"id": "a", "org.matrix.msc1767.text": "b"}]}
FILE = {"url": "mxc://a/b", "key": {"k": "x"}, "iv": "x", "hashes": {"sha256": "x"}}
SAS = {"from_device": DEVICE, "transaction_id": "t", "method": "m.sas.v1", "key": "k", "mac": {"a": "b"}, "code": "c"}
TIMELINE: dict[str, Json] = {
    "m.room.message": {
        "msgtype": "m.text",
        "body": "x",
        "m.mentions": {"user_ids": [BOT]},
        "m.relates_to": RELATION,
        "m.new_content": {"body": "y"},
        "url": "mxc://a/b",
        "file": FILE,
    },
    "m.room.encrypted": {
        "algorithm": MEGOLM,
        "session_id": "s",
        "sender_key": "k",
        "device_id": "d",
        "ciphertext": "AAAA",
    },
    "m.reaction": {"m.relates_to": RELATION},
    "org.matrix.msc3381.poll.start": {"org.matrix.msc3381.poll.start": POLL},
    "m.poll.start": {"m.poll.start": POLL, "m.poll": POLL},
    "org.matrix.msc3381.poll.response": {
        "org.matrix.msc3381.poll.response": {"answers": ["a"]},
        "m.relates_to": RELATION,
    },
    "m.poll.response": {"m.selections": ["a"], "m.relates_to": RELATION},
    "org.matrix.msc3381.poll.end": {"m.relates_to": RELATION},
    "m.room.member": {"membership": "join", "displayname": "x", "avatar_url": "mxc://a/b"},
    "m.room.redaction": {"redacts": "$x", "reason": "r"},
    "m.room.encryption": {"algorithm": MEGOLM, "rotation_period_ms": 1, "rotation_period_msgs": 1},
    "m.room.name": {"name": "n"},
    "m.room.power_levels": {"users": {ANH: 100}, "events": {"m.room.name": 50}, "users_default": 0},
}
TO_DEVICE: dict[str, Json] = {
    "m.room.encrypted": {
        "algorithm": "m.olm.v1.curve25519-aes-sha2",
        "sender_key": "k",
        "ciphertext": {"k": {"type": 0, "body": "x"}},
    },
    "m.room_key_request": {
        "action": "request",
        "request_id": "r",
        "requesting_device_id": DEVICE,
        "body": {"algorithm": MEGOLM, "room_id": ROOM, "sender_key": "k", "session_id": "s"},
    },
    "m.key.verification.start": SAS
    | {
        "hashes": ["sha256"],
        "key_agreement_protocols": ["curve25519"],
        "message_authentication_codes": ["hkdf-hmac-sha256"],
        "short_authentication_string": ["decimal"],
    },
    "m.key.verification.accept": SAS | {"commitment": "x", "hash": "sha256"},
    "m.key.verification.key": SAS,
    "m.key.verification.mac": SAS | {"keys": "x"},
    "m.key.verification.cancel": SAS | {"reason": "r"},
    "m.dummy": {"x": 1},
    "m.room_key": {"algorithm": MEGOLM, "room_id": ROOM, "session_id": "s", "session_key": "k"},
}


@st.composite
def spoiled(draw: st.DrawFn, value: Any) -> Any:
    """`value` with something wrong somewhere in it."""
    if not isinstance(value, dict | list) or not value or draw(st.integers(0, 4)) == 0:
        return draw(ANYTHING)
    changed: Any = value.copy()
    place = draw(st.sampled_from(list(value) if isinstance(value, dict) else range(len(value))))
    if isinstance(changed, dict) and draw(st.integers(0, 4)) == 0:
        del changed[place]
    else:
        changed[place] = draw(spoiled(value[place]))
    return changed


@st.composite
def timeline_events(draw: st.DrawFn) -> Any:
    kind = draw(st.sampled_from(sorted(TIMELINE)))
    event = in_room(kind, TIMELINE[kind], f"${draw(st.integers(0, 10**9))}")
    if kind.startswith("m.room.") and kind not in ("m.room.message", "m.room.encrypted", "m.room.redaction"):
        event["state_key"] = draw(st.sampled_from(["", ANH, BOT]))
        event["unsigned"] = {"prev_content": {"membership": "invite"}}
    return draw(spoiled(event))


@st.composite
def to_device_events(draw: st.DrawFn) -> Any:
    kind = draw(st.sampled_from(sorted(TO_DEVICE)))
    return draw(spoiled({"type": kind, "sender": ANH, "content": TO_DEVICE[kind]}))


@settings(max_examples=300, deadline=None)
@given(event=timeline_events())
def test_no_event_is_too_odd_to_be_read(event: Any) -> None:
    found = event_of(ROOM, event, Origin.PLAIN)
    assert found is None or isinstance(found, Event)


@pytest.fixture
def fuzzed(tmp_path: Path) -> Iterator[tuple[Device, Sender, asyncio.Runner]]:
    server = SyncingHomeserver()
    device = Device(server, tmp_path)
    with asyncio.Runner() as runner:
        runner.run(device.client.upload_keys())
        runner.run(device.take())
        sender = Sender(server, device.client)
        runner.run(device.take(to_device=[sender.to_device(sender.room_key())]))
        yield device, sender, runner
    device.close()


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_whatever_comes_the_batch_is_done_and_the_next_message_read(
    fuzzed: tuple[Device, Sender, asyncio.Runner], data: st.DataObject
) -> None:
    device, sender, runner = fuzzed
    to_device = data.draw(st.lists(to_device_events(), max_size=2))
    payload = data.draw(spoiled(json.loads(sender.room_key())))
    timeline = data.draw(st.lists(timeline_events(), max_size=3))
    inside = data.draw(spoiled(text("x")))
    event_id = f"$u{data.draw(st.integers(0, 10**9))}"
    batch = runner.run(
        device.take(
            *timeline,
            sender.said(json.dumps(inside).encode(), f"{event_id}-inside"),
            sender.said(json.dumps(text("đến cuối")).encode(), event_id),
            to_device=[*to_device, sender.to_device(json.dumps(payload).encode())],
        )
    )
    assert "đến cuối" in bodies(batch)
