"""A homeserver in memory with rooms full of devices, each with real keys, that can be made to fail."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import vodozemac

from bots.matrix.algorithms import MEGOLM, OLM
from bots.matrix.cross_signing import CrossSigningKeys
from bots.matrix.errors import RequestRefused
from bots.matrix.signing import SEED_BYTES, Json, SigningKey, canonical, decode
from bots.matrix.slices import in_slices

BOT, BOT_DEVICE = "@tro-ly:hue.localhost", "HUEPBOT"


@dataclass
class Phone:
    """Somebody's device: what it shows of keys, and what it can read of what it is sent."""

    user_id: str
    device_id: str
    account: vodozemac.Account = field(default_factory=vodozemac.Account)
    signed: bool = True
    one_time_keys: int = 20
    sessions: list[vodozemac.Session] = field(default_factory=list)
    room_keys: dict[str, vodozemac.InboundGroupSession] = field(default_factory=dict)
    received: list[Json] = field(default_factory=list)
    """What was inside the encrypted messages to it."""
    withheld: list[Json] = field(default_factory=list)

    @property
    def curve25519(self) -> str:
        return self.account.curve25519_key.to_base64()

    @property
    def ed25519(self) -> str:
        return self.account.ed25519_key.to_base64()

    def signature(self, payload: Json) -> str:
        return self.account.sign(canonical(payload)).to_base64()

    def shown(self, keys: CrossSigningKeys) -> Json:
        """As `/keys/query` shows it."""
        payload: Json = {
            "user_id": self.user_id,
            "device_id": self.device_id,
            "algorithms": [OLM, MEGOLM],
            "keys": {f"ed25519:{self.device_id}": self.ed25519, f"curve25519:{self.device_id}": self.curve25519},
        }
        signatures = {f"ed25519:{self.device_id}": self.signature(payload)}
        if self.signed:
            signatures[f"ed25519:{keys.self_signing.public}"] = keys.self_signing.sign(payload)
        return payload | {"signatures": {self.user_id: signatures}}

    def claimed(self) -> Json | None:
        """A one-time key, if any is left."""
        if self.one_time_keys <= 0:
            return None
        self.one_time_keys -= 1
        self.account.generate_one_time_keys(1)
        key = {"key": next(iter(self.account.one_time_keys.values())).to_base64()}
        self.account.mark_keys_as_published()
        signatures = {self.user_id: {f"ed25519:{self.device_id}": self.signature(key)}}
        return {"signed_curve25519:AAAA": key | {"signatures": signatures}}

    def take(self, event_type: str, content: Json) -> None:
        """What the server delivers."""
        if event_type != "m.room.encrypted":
            self.withheld.append(content)
            return
        message = content["ciphertext"][self.curve25519]
        inside = json.loads(self._opened(content["sender_key"], message["type"], decode(message["body"])))
        assert (inside["recipient"], inside["recipient_keys"]) == (self.user_id, {"ed25519": self.ed25519})
        self.received.append(inside)
        if inside["type"] == "m.room_key":
            key = vodozemac.InboundGroupSession(vodozemac.SessionKey(inside["content"]["session_key"]))
            known = self.room_keys.setdefault(inside["content"]["session_id"], key)
            if key.first_known_index < known.first_known_index:
                self.room_keys[inside["content"]["session_id"]] = key

    def _opened(self, sender_key: str, kind: int, body: bytes) -> bytes:
        message = vodozemac.AnyOlmMessage.from_parts(kind, body)
        before = message.to_pre_key() if kind == 0 else None
        for session in self.sessions:
            if before is None or session.session_matches(before):
                try:
                    return session.decrypt(message)
                except vodozemac.OlmDecryptionException:
                    continue
        assert before is not None, "a message on a session that nobody began"
        session, plaintext = self.account.create_inbound_session(
            vodozemac.Curve25519PublicKey.from_base64(sender_key), before
        )
        self.sessions.append(session)
        return plaintext

    def read(self, encrypted: Json) -> Any:
        """What a message into a room says; None without its key."""
        key = self.room_keys.get(encrypted["session_id"])
        if key is None:
            return None
        try:
            clear = key.decrypt(vodozemac.MegolmMessage.from_base64(encrypted["ciphertext"]))
        except vodozemac.MegolmDecryptionException:
            return None
        return json.loads(clear.plaintext)["content"]["body"]


def identity_keys(user_id: str) -> CrossSigningKeys:
    """Somebody's identity, the same each time."""
    seed = sum(user_id.encode()) % 200
    return CrossSigningKeys(*(SigningKey(bytes([seed + offset]) * SEED_BYTES) for offset in range(3)))


class KeyServer:
    """Answers what sharing keys asks; every room is encrypted and has the bot in it."""

    homeserver = "http://test"

    def __init__(self) -> None:
        self._phones_of: defaultdict[str, dict[str, Phone]] = defaultdict(dict)
        self._identities: dict[str, tuple[CrossSigningKeys, Json]] = {}
        self.members: defaultdict[str, set[str]] = defaultdict(set)
        self.encryption: Json = {"algorithm": MEGOLM}
        self.requests: list[tuple[str, Any]] = []
        """Last part of the path, and the body, of all that was asked."""
        self.before: Callable[[str, Any], None] = lambda path, body: None
        """May raise what the server should fail with; sees the path."""
        self.uploads: list[Json] = []
        self._transactions: set[str] = set()

    def joins(self, user_id: str, room_id: str, *devices: str, **options: Any) -> list[Phone]:
        self.members[room_id].add(user_id)
        return [self.adds(user_id, device, **options) for device in devices]

    def adds(self, user_id: str, device_id: str, **options: Any) -> Phone:
        keys = identity_keys(user_id)
        self._identities[user_id] = (keys, keys.public(user_id, ("X", "x")))
        phone = self._phones_of[user_id][device_id] = Phone(user_id, device_id, **options)
        return phone

    def puts_back(self, phone: Phone) -> None:
        self._phones_of[phone.user_id][phone.device_id] = phone

    def phone(self, user_id: str, device_id: str) -> Phone:
        return self._phones_of[user_id][device_id]

    def removes(self, user_id: str, device_id: str) -> None:
        del self._phones_of[user_id][device_id]

    def asked(self, what: str) -> list[Any]:
        """The bodies of all requests of one kind so far: query, claim, m.room.encrypted, m.room_key.withheld, state."""
        return [body for kind, body in self.requests if kind == what]

    async def request(self, method: str, path: str, body: Any = None, **_: object) -> Json:
        await asyncio.sleep(0)
        self.before(path, body)
        match [unquote(part) for part in path.split("/v3/")[1].split("/")]:
            case ["keys", "upload"]:
                self.uploads.append(body)
                return {"one_time_key_counts": {"signed_curve25519": 50}}
            case ["keys", "query"]:
                self.requests.append(("query", body))
                return await self._shown(body["device_keys"])
            case ["keys", "claim"]:
                self.requests.append(("claim", body))
                return {"one_time_keys": await self._claimed(body["one_time_keys"])}
            case ["sendToDevice", kind, transaction]:
                self.requests.append((kind, body))
                if transaction not in self._transactions:
                    self._transactions.add(transaction)
                    await self._deliver(kind, body["messages"])
                return {}
            case ["rooms", room_id, "state"]:
                self.requests.append(("state", room_id))
                return {"chunk": list(self.state(room_id))}
            case ["rooms", _, "send", _, _]:
                self.requests.append(("send", body))
                return {"event_id": f"${len(self.requests)}"}
        raise AssertionError(f"{method} {path}")

    def state(self, room_id: str) -> Iterator[Json]:
        """The room's state events."""
        yield state_event(room_id, "m.room.encryption", "", self.encryption)
        for user_id in sorted({BOT, *self.members[room_id]}):
            yield state_event(room_id, "m.room.member", user_id, {"membership": "join"})

    async def _shown(self, asked: Json) -> Json:
        answer: Json = {"device_keys": {}, "master_keys": {}, "self_signing_keys": {}}
        async for user_id in in_slices(asked.keys() & self._identities.keys()):
            keys, public = self._identities[user_id]
            answer["master_keys"][user_id] = public["master_key"]
            answer["self_signing_keys"][user_id] = public["self_signing_key"]
            answer["device_keys"][user_id] = {
                phone.device_id: phone.shown(keys) for phone in self._phones_of[user_id].values()
            }
        return answer

    async def _claimed(self, asked: Json) -> Json:
        given: dict[str, Json] = {}
        async for user_id, devices in in_slices(asked.items()):
            async for device_id in in_slices(devices):
                if (key := self._phones_of[user_id][device_id].claimed()) is not None:
                    given.setdefault(user_id, {})[device_id] = key
        return given

    async def _deliver(self, kind: str, messages: Json) -> None:
        async for user_id, contents in in_slices(messages.items()):
            async for device_id, content in in_slices(contents.items()):
                self._phones_of[user_id][device_id].take(kind, content)

    async def close(self) -> None:
        pass


def state_event(room_id: str, kind: str, state_key: str, content: Json) -> Json:
    return {
        "type": kind,
        "state_key": state_key,
        "content": content,
        "event_id": f"${kind}{state_key}",
        "sender": state_key or BOT,
        "origin_server_ts": 1,
        "room_id": room_id,
    }


def refused(status: int, what: str = "it") -> RequestRefused:
    return RequestRefused(status, "M_UNKNOWN", "no", what)
