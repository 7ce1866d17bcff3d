"""A member who sends malformed events of every type: the same again from the same seed."""

import json
import random
from collections.abc import Iterator
from itertools import count
from typing import Any

from bots.matrix.algorithms import MEGOLM
from bots.matrix.signing import Json
from tests.bots.devices import Sender, in_room, text
from tests.bots.test_client import BOT, ROOM
from tests.bots.test_trust import ANH, DEVICE

NAMES = (
    "", "x", ROOM, ANH, BOT, DEVICE, MEGOLM, "m.thread", "m.replace", "m.reference", "m.annotation", "m.text", "m.image",
    "m.olm.v1.curve25519-aes-sha2", "join", "invite", "ban", "\x00", "\ud800", "\u202e\u2066", "a\u0301" * 50, "𒐫" * 300,
)  # fmt: skip
NUMBERS = (0, -1, 1, 2**31, 2**53, 2**63, -(2**70), 10**300, 0.5, -0.0, 1e308, float("inf"), float("nan"))
DEEPEST = 300

RELATION = {"rel_type": "m.thread", "event_id": "$x", "key": "k", "m.in_reply_to": {"event_id": "$y"}}
POLL = {"question": {"m.text": [{"body": "q"}]}, "answers": [{"id": "a", "org.matrix.msc1767.text": "b"}]}
FILE = {"url": "mxc://a/b", "key": {"k": "x"}, "iv": "x", "hashes": {"sha256": "x"}}
SAS = {"from_device": DEVICE, "transaction_id": "t", "method": "m.sas.v1", "key": "k", "mac": {"a": "b"}, "code": "c"}
SAID: dict[str, Json] = {
    "m.room.message": {
        "msgtype": "m.text", "body": "x", "format": "org.matrix.custom.html", "formatted_body": "<b>x</b>",
        "m.mentions": {"user_ids": [BOT], "room": True}, "m.relates_to": RELATION, "m.new_content": {"body": "y"},
        "url": "mxc://a/b", "file": FILE, "info": {"size": 1, "mimetype": "image/png"}, "filename": "f",
    },
    "m.room.encrypted": {
        "algorithm": MEGOLM, "session_id": "s", "sender_key": "k", "device_id": "d", "ciphertext": "AAAA",
        "m.relates_to": RELATION,
    },
    "m.reaction": {"m.relates_to": RELATION},
    "m.room.redaction": {"redacts": "$x", "reason": "r"},
    "org.matrix.msc3381.poll.start": {"org.matrix.msc3381.poll.start": POLL},
    "m.poll.start": {"m.poll.start": POLL, "m.poll": POLL},
    "org.matrix.msc3381.poll.response": {
        "org.matrix.msc3381.poll.response": {"answers": ["a"]}, "m.relates_to": RELATION,
    },
    "m.poll.response": {"m.selections": ["a"], "m.relates_to": RELATION},
    "org.matrix.msc3381.poll.end": {"m.relates_to": RELATION, "org.matrix.msc1767.text": "r"},
    "m.sticker": {"body": "x", "url": "mxc://a/b", "info": {}},
    "m.call.invite": {"call_id": "c", "offer": {"sdp": "v=0", "type": "offer"}, "version": 1, "lifetime": 1},
    "m.key.verification.request": {"methods": ["m.sas.v1"], "to": BOT, "from_device": DEVICE},
}  # fmt: skip
STATE: dict[str, Json] = {
    "m.room.member": {"membership": "join", "displayname": "x", "avatar_url": "mxc://a/b"},
    "m.room.encryption": {"algorithm": MEGOLM, "rotation_period_ms": 1, "rotation_period_msgs": 1},
    "m.room.name": {"name": "n"},
    "m.room.topic": {"topic": "t"},
    "m.room.canonical_alias": {"alias": "#a:b", "alt_aliases": ["#c:d"]},
    "m.room.join_rules": {"join_rule": "invite", "allow": []},
    "m.room.history_visibility": {"history_visibility": "shared"},
    "m.room.guest_access": {"guest_access": "forbidden"},
    "m.room.power_levels": {"users": {ANH: 100}, "events": {"m.room.name": 50}, "users_default": 0},
    "m.room.tombstone": {"body": "b", "replacement_room": "!n:b"},
    "m.room.create": {"creator": ANH, "room_version": "11", "predecessor": {"room_id": "!o:b", "event_id": "$e"}},
    "m.space.child": {"via": ["b"]},
}
TO_DEVICE: dict[str, Json] = {
    "m.room.encrypted": {
        "algorithm": "m.olm.v1.curve25519-aes-sha2", "sender_key": "k", "ciphertext": {"k": {"type": 0, "body": "x"}},
    },
    "m.room_key_request": {
        "action": "request", "request_id": "r", "requesting_device_id": DEVICE,
        "body": {"algorithm": MEGOLM, "room_id": ROOM, "sender_key": "k", "session_id": "s"},
    },
    "m.room_key.withheld": {
        "algorithm": MEGOLM, "room_id": ROOM, "session_id": "s", "sender_key": "k", "code": "m.unverified",
    },
    "m.key.verification.start": SAS | {
        "hashes": ["sha256"], "key_agreement_protocols": ["curve25519"],
        "message_authentication_codes": ["hkdf-hmac-sha256"], "short_authentication_string": ["decimal"],
    },
    "m.key.verification.accept": SAS | {"commitment": "x", "hash": "sha256"},
    "m.key.verification.key": SAS,
    "m.key.verification.mac": SAS | {"keys": "x"},
    "m.key.verification.cancel": SAS | {"reason": "r"},
    "m.dummy": {"x": 1},
    "m.room_key": {"algorithm": MEGOLM, "room_id": ROOM, "session_id": "s", "session_key": "k"},
    "m.forwarded_room_key": {
        "algorithm": MEGOLM, "room_id": ROOM, "session_id": "s", "session_key": "k", "sender_key": "k",
        "sender_claimed_ed25519_key": "k", "forwarding_curve25519_key_chain": ["k"],
    },
    "m.secret.request": {"name": "m.cross_signing.master", "action": "request", "request_id": "r"},
    "m.secret.send": {"request_id": "r", "secret": "s"},
}  # fmt: skip
BESIDE: dict[str, Json] = {
    "m.typing": {"user_ids": [ANH]},
    "m.receipt": {"$x": {"m.read": {ANH: {"ts": 1}}}},
    "m.direct": {ANH: [ROOM]},
    "m.tag": {"tags": {"u": {"order": 0.5}}},
    "m.fully_read": {"event_id": "$x"},
    "m.presence": {"presence": "online", "last_active_ago": 1},
}
"""Ephemeral events, account data, presence."""


class Hostile:
    """Makes parts of syncs, most of which are wrong in one place, some in every place."""

    def __init__(self, seed: int, sender: Sender) -> None:
        self._dice = random.Random(seed)
        self._sender = sender
        self._numbers = count()

    def said(self) -> Any:
        """An event of a timeline."""
        kind = self._dice.choice(list(SAID))
        event = in_room(kind, SAID[kind], self._event_id())
        if self._dice.random() < 0.1:
            event["unsigned"] = {"transaction_id": "t", "prev_content": {}, "redacted_because": {"content": {}}}
        return self.spoiled(event)

    def cycle(self) -> list[Json]:
        """Two edits of one another, and an answer to itself."""
        first, second, third = (self._event_id() for _ in range(3))
        pairs = ((first, second, "m.replace"), (second, first, "m.replace"), (third, third, "m.thread"))
        return [
            in_room(
                "m.room.message",
                text(event_id)["content"] | {"m.relates_to": RELATION | {"rel_type": relation, "event_id": target}},
                event_id,
            )
            for event_id, target, relation in pairs
        ]

    def state(self) -> Any:
        kind = self._dice.choice(list(STATE))
        event = in_room(kind, STATE[kind], self._event_id(), state_key=self._dice.choice(["", ANH, BOT]))
        return self.spoiled(event | {"unsigned": {"prev_content": {"membership": "invite"}}})

    def encrypted(self) -> Any:
        """An encrypted event that opens, and holds what is malformed; or whose envelope is."""
        inside = self.spoiled(text("x") | {"room_id": ROOM})
        event = self._sender.said(json.dumps(inside).encode(), self._event_id())
        return self.spoiled(event) if self._dice.random() < 0.3 else event

    def to_device(self) -> Any:
        kind = self._dice.choice(list(TO_DEVICE))
        if self._dice.random() < 0.3:
            payload = json.loads(self._sender.room_key(type=kind, content=TO_DEVICE[kind]))
            return self._sender.to_device(json.dumps(self.spoiled(payload)).encode())
        return self.spoiled({"type": kind, "sender": ANH, "content": TO_DEVICE[kind]})

    def beside(self) -> Any:
        kind = self._dice.choice(list(BESIDE))
        return self.spoiled({"type": kind, "sender": ANH, "content": BESIDE[kind]})

    def anything(self) -> Iterator[tuple[str, Any]]:
        """For ever, the part of a sync (`said`, `state`, `to_device`, `beside`) with one event."""
        while True:
            part = self._dice.choice(
                ["said", "said", "encrypted", "state", "to_device", "to_device", "beside", "cycle"]
            )
            if part == "cycle":
                yield from (("said", event) for event in self.cycle())
            else:
                yield ("said" if part == "encrypted" else part), getattr(self, part)()

    def spoiled(self, value: Any) -> Any:
        """`value` with something wrong somewhere in it."""
        dice = self._dice
        if not isinstance(value, dict | list) or not value or dice.random() < 0.15:
            return self.junk()
        changed: Any = value.copy()
        place = dice.choice(list(value) if isinstance(value, dict) else range(len(value)))
        if isinstance(changed, dict) and dice.random() < 0.15:
            del changed[place]
        else:
            changed[place] = self.spoiled(value[place])
        return changed

    def junk(self, deep: int = 3) -> Any:
        """Any JSON value."""
        dice = self._dice
        match dice.randrange(8 if deep else 5):
            case 0:
                return dice.choice([None, True, False])
            case 1:
                return dice.choice(NUMBERS)
            case 2 | 3 | 4:
                return dice.choice(NAMES)
            case 5:
                return [self.junk(deep - 1) for _ in range(dice.randrange(3))]
            case 6:
                return {dice.choice(NAMES): self.junk(deep - 1) for _ in range(dice.randrange(3))}
        nested: Any = "x"
        for _ in range(dice.randrange(DEEPEST)):
            nested = [nested] if dice.random() < 0.5 else {"a": nested}
        return nested

    def _event_id(self) -> str:
        return f"$h{next(self._numbers)}"
