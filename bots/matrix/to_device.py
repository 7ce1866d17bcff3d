"""Sending messages to devices: batches, a transaction ID for each, and what the server refuses."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

import structlog

from bots.matrix.batches import batches_of, patiently, refused_of
from bots.matrix.signing import Json
from bots.matrix.transport import Transport, path_of

log = structlog.get_logger(__name__)

Device = tuple[str, str]
"""User ID and device ID."""


class ToDevice:
    """The way to other devices."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def send(self, event_type: str, messages: Mapping[Device, Json]) -> frozenset[Device]:
        """Send one message to each of these devices; returns those whose message the server refuses.

        Raises:
            MatrixError: the server is away, or refuses all; what it took is with the devices nevertheless.
        """

        async def ask(devices: Sequence[Device]) -> None:
            body: dict[str, Json] = {}
            for user_id, device_id in devices:
                body.setdefault(user_id, {})[device_id] = messages[user_id, device_id]
            # The same ID at every attempt: what arrived although its answer was lost is not delivered twice.
            path = path_of("sendToDevice", event_type, str(uuid4()))
            await patiently(lambda: self._transport.request("PUT", path, {"messages": body}))

        refused: frozenset[Device] = frozenset()
        for batch in batches_of(list(messages)):
            refused |= await refused_of(batch, ask)
        for user_id, device_id in refused:
            log.warning("the server refused a message to a device", user_id=user_id, device_id=device_id)
        return refused
