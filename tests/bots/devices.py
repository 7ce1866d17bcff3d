"""A bot's device over a homeserver in memory, and a person's device that may misuse what it knows."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import vodozemac

from bots.matrix.algorithms import MEGOLM
from bots.matrix.client import CryptoClient
from bots.matrix.connection import MatrixConnection
from bots.matrix.device import Device as KeptDevice
from bots.matrix.errors import MatrixError
from bots.matrix.port import Batch, TextMessage
from bots.matrix.signing import Json, encode
from bots.matrix.store.folder import FolderShelf
from tests.bots.test_client import BOT, ROOM, SmallHomeserver, client_of, sync
from tests.bots.test_trust import ANH, DEVICE, Owner


class SyncingHomeserver(SmallHomeserver):
    """Beside keys and rooms, the next answers of `/sync`."""

    def __init__(self) -> None:
        super().__init__()
        self.syncs: list[Json | MatrixError] = []
        self.rooms: dict[str, list[Json]] = {}
        """Timelines of which `/messages` gives pages; the token of a place in one is its number behind a letter."""
        self.refusal: MatrixError | None = None
        """Raised for each page."""
        self.others: list[Owner] = []
        """People beside Anh, each with one signed device."""
        self.removed: set[str] = set()
        """User IDs whose device is gone."""

    async def request(self, method: str, path: str, body: Any = None, **more: object) -> Json:
        if "/sync?" in path:
            answer = self.syncs.pop(0)
            if isinstance(answer, MatrixError):
                raise answer
            return answer
        if "/messages?" in path:
            return self.page(urlsplit(path))
        answer = await super().request(method, path, body, **more)
        return self.shown(answer) if path.endswith("/keys/query") else answer

    def shown(self, answer: Json) -> Json:
        for section in answer:
            for other in self.others:
                answer[section] |= other.answer()[section]
        answer["device_keys"] |= {user_id: {} for user_id in self.removed}
        return answer

    def page(self, address: SplitResult) -> Json:
        if self.refusal is not None:
            raise self.refusal
        query = dict(parse_qsl(address.query))
        assert query["dir"] == "f"
        begin, until, limit = int(query["from"][1:]), int(query["to"][1:]), int(query["limit"])
        chunk = self.rooms[unquote(address.path.split("/")[5])][begin : min(until, begin + limit)]
        return {"chunk": chunk, "start": query["from"], **({"end": f"t{begin + len(chunk)}"} if chunk else {})}


class Device:
    """The bot's device over its folder, as `connect` makes it."""

    def __init__(self, server: SyncingHomeserver, root: Path, *, receipts: bool = False) -> None:
        self.server = server
        self._receipts = receipts
        self.kept = KeptDevice.open(FolderShelf(root), BOT)
        self.client = client_of(server, self.kept)
        self.journal = self.kept.journal
        self.restart()

    async def take(self, *timeline: Any, to_device: Any = (), changed: Any = (), **rooms: Any) -> Batch:
        """One whole batch, committed; `changed` are those whose devices did."""
        token = f"s{len(timeline)}"
        joined = {ROOM: {"timeline": {"events": list(timeline)}}}
        self.server.syncs.append(
            sync(
                next_batch=token,
                to_device={"events": list(to_device)},
                rooms={"join": joined, **rooms},
                device_lists={"changed": list(changed)},
            )
        )
        batch = await self.connection.next_batch()
        await self.connection.commit(batch)
        assert self.journal.kept().token == token
        return batch

    def restart(self) -> None:
        """What a new process would know; the crypto store stays open."""
        self.connection = MatrixConnection(self.client, receipts=self._receipts)

    def close(self) -> None:
        self.kept.close()


class Sender:
    """A person's device that knows the bot's keys, and may misuse them."""

    def __init__(self, server: SyncingHomeserver, client: CryptoClient, owner: Owner | None = None) -> None:
        self.owner = owner or server.owner
        one_time_key = server.uploads[0]["one_time_keys"].popitem()[1]["key"]
        self._bot_keys = client.olm.account.identity_keys
        self._olm = self.owner.account.create_outbound_session(
            vodozemac.Curve25519PublicKey.from_base64(self._bot_keys["curve25519"]),
            vodozemac.Curve25519PublicKey.from_base64(one_time_key),
        )
        self.group = vodozemac.GroupSession()
        self._session_key = self.group.session_key.to_base64()

    def to_device(self, plaintext: bytes) -> Json:
        kind, ciphertext = self._olm.encrypt(plaintext).to_parts()
        body = encode(ciphertext)
        content = {
            "algorithm": "m.olm.v1.curve25519-aes-sha2",
            "sender_key": self.owner.curve25519,
            "ciphertext": {self._bot_keys["curve25519"]: {"type": kind, "body": body}},
        }
        return {"type": "m.room.encrypted", "sender": self.owner.user_id, "content": content}

    def room_key(self, **changes: Any) -> bytes:
        payload = {
            "type": "m.room_key",
            "sender": self.owner.user_id,
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

    def exported(self, **changes: Any) -> Json:
        """The content of an `m.forwarded_room_key` of our session."""
        exported = vodozemac.InboundGroupSession(vodozemac.SessionKey(self._session_key)).export_at(0)
        assert exported is not None
        content: Json = {
            "algorithm": MEGOLM,
            "room_id": ROOM,
            "session_id": self.group.session_id,
            "session_key": exported.to_base64(),
            "sender_key": self.owner.curve25519,
            "sender_claimed_ed25519_key": self.owner.ed25519,
            "forwarding_curve25519_key_chain": [],
        }
        return content | changes

    def said(self, plaintext: bytes, event_id: str = "$e", **content: Any) -> Json:
        whole: Json = {
            "algorithm": MEGOLM,
            "session_id": self.group.session_id,
            "sender_key": self.owner.curve25519,
            "device_id": DEVICE,
            "ciphertext": self.group.encrypt(plaintext).to_base64(),
        }
        content = {key: value for key, value in (whole | content).items() if value is not ABSENT}
        return in_room("m.room.encrypted", content, event_id, sender=self.owner.user_id)


ABSENT = object()


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
    """What stands inside an encrypted message."""
    return {"type": "m.room.message", "room_id": ROOM, "content": {"msgtype": "m.text", "body": body}}


def bodies(batch: Batch) -> list[str]:
    return [event.body for event in batch.events if isinstance(event, TextMessage)]
