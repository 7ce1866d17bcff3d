"""Whether a message of ours is in its room already: asked when the homeserver may have forgotten its transaction ID.

Synapse shows the transaction ID of an event to the device that sent it, for as long as the event lives
(Client-Server API, `unsigned.transaction_id`).
"""

import json
from urllib.parse import quote, urlencode

from bots.matrix.signing import Json
from bots.matrix.transport import Transport, path_of

PAGE = 100


async def find_sent(transport: Transport, user_id: str, room_id: str, transaction_id: str, since_ms: int) -> str | None:
    """The event that this device of `user_id` sent under `transaction_id`; looks back no further than `since_ms`."""
    query = {"dir": "b", "limit": str(PAGE), "filter": json.dumps({"senders": [user_id]})}
    while True:
        path = f"{path_of('rooms', room_id, 'messages')}?{urlencode(query, quote_via=quote)}"
        page = await transport.request("GET", path)
        events: list[Json] = page.get("chunk") or []
        for event in events:
            if (event.get("unsigned") or {}).get("transaction_id") == transaction_id:
                return str(event["event_id"])
        if page.get("end") is None or any(event["origin_server_ts"] < since_ms for event in events):
            return None
        query["from"] = str(page["end"])
