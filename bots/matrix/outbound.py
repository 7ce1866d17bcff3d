"""The Megolm sessions with which we write into rooms: made, used, and kept so that a restart goes on with them."""

import json
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from nio.crypto.sessions import derive_pickle_key
from vodozemac import GroupSession, PickleException

from bots.matrix.algorithms import MEGOLM
from bots.matrix.rotation import Served
from bots.matrix.signing import Json
from bots.matrix.store.outbound import KeptOutbound
from bots.matrix.trust import Peer
from huep import clock

log = structlog.get_logger(__name__)

STEPS_AHEAD = 16
"""The store holds a session so many messages further on, and is written only when that is used up.

No message number is ever used twice, as two texts under one key would be: a restart goes on behind the gap.
"""


class OutboundStore(Protocol):
    """What the crypto store offers for these sessions; nothing is durable before its `flush`."""

    pickle_key: str

    def keep_outbound(self, kept: KeptOutbound) -> None: ...

    def drop_outbound(self, room_id: str) -> None: ...

    def outbound(self) -> tuple[KeptOutbound, ...]: ...


@dataclass
class Outbound:
    """One room's session in use."""

    room_id: str
    group: GroupSession
    created_at_ms: int
    messages: int
    shared_with: set[Peer]
    """Devices that surely have the key: they are not sent it again."""
    tried: set[Peer]
    """Devices that may have it besides: sending it to them began, and no answer says that it arrived."""
    told: set[Peer] | None
    """Devices without the key that were told so; None where a restart forgot whom we told."""
    kept_up_to: int
    """Message number from which on the store is behind."""

    @property
    def session_id(self) -> str:
        return self.group.session_id

    @property
    def served(self) -> Served:
        return Served(self.created_at_ms, self.messages, self.shared_with | self.tried)

    def room_key(self) -> Json:
        """The content of the `m.room_key` that opens what is said from now on."""
        return {
            "algorithm": MEGOLM,
            "room_id": self.room_id,
            "session_id": self.session_id,
            "session_key": self.group.session_key.to_base64(),
        }


class Outbounds:
    """The sessions of all rooms.

    Args:
        olm: nio's `Olm`; it gets an inbound copy of every session, to read what we said ourselves.
        store: where they are kept.
    """

    def __init__(self, olm: Any, store: OutboundStore, now: clock.Clock = clock.now) -> None:
        self._olm = olm
        self._store = store
        self._now = now
        self._pickle_key = derive_pickle_key(store.pickle_key)
        self._by_room = {
            kept.room_id: outbound for kept in store.outbound() if (outbound := self._opened(kept)) is not None
        }

    def _opened(self, kept: KeptOutbound) -> Outbound | None:
        try:
            pickle = kept.pickle if isinstance(kept.pickle, str) else kept.pickle.decode()
            group = GroupSession.from_pickle(pickle, self._pickle_key)
        except PickleException:
            log.warning("a kept session cannot be opened, so the room gets a new one", room_id=kept.room_id)
            return None
        return Outbound(
            kept.room_id,
            group,
            kept.created_at_ms,
            kept.messages,
            shared_with={Peer(*peer) for peer in kept.shared_with},
            tried={Peer(*peer) for peer in kept.tried},
            told=None,
            kept_up_to=group.message_index,
        )

    def get(self, room_id: str) -> Outbound | None:
        return self._by_room.get(room_id)

    def renew(self, room_id: str) -> Outbound:
        """A new session for the room, shared with nobody, instead of the present one."""
        group = GroupSession()
        own = self._olm.account.identity_keys
        key = group.session_key.to_base64()
        self._olm.inbound_group_store.expect(room_id, group.session_id)
        self._olm.create_group_session(own["curve25519"], own["ed25519"], room_id, group.session_id, key)
        outbound = Outbound(room_id, group, self.now_ms(), 0, set(), set(), set(), kept_up_to=0)
        self._by_room[room_id] = outbound
        self.keep(outbound)
        return outbound

    def drop(self, room_id: str) -> None:
        """The next message into this room begins a new session."""
        if self._by_room.pop(room_id, None) is not None:
            self._store.drop_outbound(room_id)

    def encrypt(self, outbound: Outbound, event_type: str, content: Json) -> Json:
        """The `m.room.encrypted` content; flush the store before it is sent."""
        inside = {"type": event_type, "content": content, "room_id": outbound.room_id}
        ciphertext = outbound.group.encrypt(
            json.dumps(inside, ensure_ascii=False, separators=(",", ":")).encode()
        ).to_base64()
        outbound.messages += 1
        if outbound.group.message_index > outbound.kept_up_to:
            self.keep(outbound)
        encrypted = {
            "algorithm": MEGOLM,
            "sender_key": self._olm.account.identity_keys["curve25519"],
            "device_id": self._olm.device_id,
            "session_id": outbound.session_id,
            "ciphertext": ciphertext,
        }
        if "m.relates_to" in content:
            encrypted["m.relates_to"] = content["m.relates_to"]
        return encrypted

    def keep(self, outbound: Outbound) -> None:
        """Give the store the session as it will be some messages from now, and who has its key; not one given up."""
        if self._by_room.get(outbound.room_id) is not outbound:
            return
        ahead = GroupSession.from_pickle(outbound.group.pickle(self._pickle_key), self._pickle_key)
        for _ in range(STEPS_AHEAD):
            ahead.encrypt(b"")
        outbound.kept_up_to = ahead.message_index
        self._store.keep_outbound(
            KeptOutbound(
                outbound.room_id,
                outbound.session_id,
                ahead.pickle(self._pickle_key),
                outbound.created_at_ms,
                outbound.messages + STEPS_AHEAD,
                frozenset(outbound.shared_with),
                frozenset(outbound.tried),
            )
        )

    def now_ms(self) -> int:
        return int(self._now().timestamp() * 1000)
