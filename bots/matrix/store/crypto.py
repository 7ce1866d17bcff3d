"""The crypto store that nio's Olm machine saves into and loads from, over a vault."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from nio.crypto import DeviceStore, InboundGroupSession, OlmAccount, OlmDevice, OutgoingKeyRequest, Session

from bots.matrix.store.inbound import KeptInbound
from bots.matrix.store.olm import KeptOlm
from bots.matrix.store.outbound import KeptOutbound, KeptOutbounds
from bots.matrix.store.shelf import Kind
from bots.matrix.store.vault import Vault
from bots.matrix.trust import Identities


class CryptoStore:
    """In the place of nio's `MatrixStore`: the same methods, of which those that save write nothing before `flush`.

    A device is verified when its owner cross-signed it, and else gets no key; marking by hand does nothing.

    Args:
        vault: opened; making the store reads from it, and so blocks.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self.identities = Identities()
        self.pickle_key = vault.pickle_key
        self._account = next(map(json.loads, vault.read(Kind.ACCOUNT)), None)
        self._olm = KeptOlm(vault)
        self._inbound = KeptInbound(vault)
        self._outbound = KeptOutbounds(vault)
        self._peers = DeviceStore()
        for row in map(json.loads, vault.read(Kind.PEER)):
            # Not by its `add`, which compares with every device there is.
            self._peers[row["user_id"]][row["device_id"]] = OlmDevice(**row)
        present = {device.curve25519 for device in self._peers if not device.deleted}
        self._olm.forget_removed({device.curve25519 for device in self._peers} - present)
        self._encrypted_rooms = set(map(json.loads, vault.read(Kind.ENCRYPTED_ROOM)))
        self._key_requests = [OutgoingKeyRequest(**row) for row in map(json.loads, vault.read(Kind.KEY_REQUEST))]

    async def flush(self) -> None:
        """All changes so far are durable when it returns; see `Vault.flush`."""
        await self._vault.flush()

    def stop_writing(self) -> None:
        """Begin new sessions in every room and with every device.

        After a backup was put back, the present ones would go back to keys that were used since, and two messages under
        one key can be read by whoever has both.
        """
        self._outbound.drop_all()
        self._olm.stop_writing()

    # Our own keys

    def load_account(self) -> OlmAccount | None:
        if self._account is None:
            return None
        return OlmAccount.from_pickle(self._account["pickle"].encode(), self.pickle_key, self._account["shared"])

    def save_account(self, account: OlmAccount) -> None:
        # Long to pickle, and saved with every session made: the flush takes it as it then is.
        self._vault.put(Kind.ACCOUNT, (), lambda: self._pickled(account))

    def _pickled(self, account: OlmAccount) -> bytes:
        pickle = account.pickle(self.pickle_key).decode()
        return json.dumps({"shared": account.shared, "pickle": pickle}).encode()

    # Sessions

    def load_sessions(self) -> KeptOlm:
        return self._olm

    def save_session(self, curve_key: str, session: Session) -> None:
        self._olm.save(curve_key, session)

    def load_inbound_group_sessions(self) -> KeptInbound:
        return self._inbound

    def save_inbound_group_session(self, session: InboundGroupSession) -> None:
        self._inbound.save(session)

    def outbound(self) -> tuple[KeptOutbound, ...]:
        """The sessions with which we write, one a room."""
        return tuple(self._outbound)

    def keep_outbound(self, kept: KeptOutbound) -> None:
        self._outbound.keep(kept)

    def drop_outbound(self, room_id: str) -> None:
        self._outbound.drop(room_id)

    # Devices of others

    def load_device_keys(self) -> DeviceStore:
        return self._peers

    def save_device_keys(self, device_keys: Mapping[str, Mapping[str, OlmDevice]]) -> None:
        """Note devices, by user and device ID."""
        for user_id, devices in device_keys.items():
            for device_id, device in devices.items():
                content = {
                    "user_id": user_id,
                    "device_id": device_id,
                    "keys": device.keys,
                    "display_name": device.display_name,
                    "deleted": device.deleted,
                }
                self._vault.put(Kind.PEER, (user_id, device_id), json.dumps(content).encode())

    def is_device_verified(self, device: OlmDevice) -> bool:
        return self.identities.is_cross_signed(device.user_id, device.id, device.ed25519)

    def is_device_blacklisted(self, device: OlmDevice) -> bool:
        return not self.is_device_verified(device)

    def is_device_ignored(self, device: OlmDevice) -> bool:  # noqa: ARG002 - nio's signature
        return False

    def _not_by_hand(self, device: OlmDevice) -> bool:  # noqa: ARG002 - nio's signature
        return False

    verify_device = unverify_device = blacklist_device = unblacklist_device = _not_by_hand
    ignore_device = unignore_device = _not_by_hand

    def ignore_devices(self, devices: list[OlmDevice]) -> None: ...

    # Rooms and requests for keys

    def load_encrypted_rooms(self) -> set[str]:
        return set(self._encrypted_rooms)

    def save_encrypted_rooms(self, rooms: Iterable[str]) -> None:
        for room_id in set(rooms) - self._encrypted_rooms:
            self._encrypted_rooms.add(room_id)
            self._vault.put(Kind.ENCRYPTED_ROOM, (room_id,), json.dumps(room_id).encode())

    def delete_encrypted_room(self, room: str) -> None:
        self._encrypted_rooms.discard(room)
        self._vault.drop(Kind.ENCRYPTED_ROOM, (room,))

    def load_outgoing_key_requests(self) -> dict[str, OutgoingKeyRequest]:
        return {request.request_id: request for request in self._key_requests}

    def add_outgoing_key_request(self, key_request: OutgoingKeyRequest) -> None:
        content: dict[str, Any] = {
            field: getattr(key_request, field) for field in ("request_id", "session_id", "room_id", "algorithm")
        }
        self._vault.put(Kind.KEY_REQUEST, (key_request.request_id,), json.dumps(content).encode())

    def remove_outgoing_key_request(self, key_request: OutgoingKeyRequest) -> None:
        self._vault.drop(Kind.KEY_REQUEST, (key_request.request_id,))
