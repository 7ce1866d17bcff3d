"""Asking for keys that stayed away, and taking in what is given again (specification, "Key requests").

nio takes a key that was asked for only from other devices of our own account; a bot has one device. Here it is taken
from the device that made the session, which may give its own key to whom it will, and from nobody else.
"""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import structlog
from nio.crypto import InboundGroupSession

from bots.matrix.algorithms import MEGOLM
from bots.matrix.errors import MatrixError
from bots.matrix.late_keys import KeyRequest
from bots.matrix.signing import Json
from bots.matrix.sync_answer import section
from bots.matrix.transport import Transport, path_of

log = structlog.get_logger(__name__)

FORWARDED = "m.forwarded_room_key"


async def send_key_requests(transport: Transport, requests: Iterable[KeyRequest]) -> None:
    """Send each to all devices of its user; one that cannot be sent now is made again in time, so nothing is raised."""
    for request in requests:
        body: Json = {"messages": {request.user_id: {"*": request.content}}}
        try:
            await transport.request("PUT", path_of("sendToDevice", "m.room_key_request", str(uuid4())), body)
        except MatrixError as error:
            log.warning("a request for a key was not sent", user_id=request.user_id, error=type(error).__name__)


def take_in_forwarded(olm: Any, sender: str, sender_key: str, payload: Json) -> InboundGroupSession | None:
    """Keep the session of an `m.forwarded_room_key`, where the device that made it has sent it; None for any other.

    Args:
        olm: nio's machine.
        sender: user ID of whose Olm message it came in.
        sender_key: Curve25519 key of the device that wrote that message.
        payload: what stood in it, the recipient checked.
    """
    content = section(payload, "content")
    signing_key = section(payload, "keys").get("ed25519")
    from_its_maker = (
        content.get("sender_key") == sender_key
        and content.get("sender_claimed_ed25519_key") == signing_key
        and isinstance(signing_key, str)
    )
    if content.get("algorithm") != MEGOLM or not from_its_maker:
        log.warning("a key was given by another than its maker", sender=sender)
        return None
    session = InboundGroupSession.import_session(content["session_key"], signing_key, sender_key, content["room_id"])
    if session.id != content.get("session_id") or not olm.inbound_group_store.add(session):
        return None
    olm.save_inbound_group_session(session)
    return session
