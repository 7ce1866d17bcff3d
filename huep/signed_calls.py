"""Pure: is this webhook call from whom it should be, unaltered and of now?

The sender signs `TIMESTAMP.EVENT_ID.BODY` with HMAC-SHA256 under the shared secret, as Stripe and GitHub do:

    X-HueP-Timestamp: 1790000000          seconds since 1970
    X-HueP-Event: 8d1f...                 the sender's own id of the event: repeated calls with it count once
    X-HueP-Signature: v1=<hex digest>
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime

from huep.errors import HuepError

TIMESTAMP = "x-huep-timestamp"
EVENT = "x-huep-event"
SIGNATURE = "x-huep-signature"
SCHEME = "v1="

_EVENT_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_SECONDS = re.compile(r"[0-9]{1,12}")


class NotSigned(HuepError):
    """A call without a valid signature, or too old; the caller learns nothing more than this."""


def sign(secret: str, timestamp_s: int, event_id: str, body: bytes) -> str:
    """The value of `X-HueP-Signature`."""
    signed = b".".join((str(timestamp_s).encode(), event_id.encode(), body))
    return SCHEME + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def check(secret: str, headers: Mapping[str, str], body: bytes, now: datetime, tolerance_s: int) -> str:
    """The event ID of a call that is signed and at most `tolerance_s` away from `now`.

    Raises:
        NotSigned: the operator's log gets the reason, the caller a bare 401.
    """
    stated, event_id = headers.get(TIMESTAMP, ""), headers.get(EVENT, "")
    if not _SECONDS.fullmatch(stated):
        raise NotSigned(f"{TIMESTAMP} is not a number of seconds.")
    if not _EVENT_ID.fullmatch(event_id):
        raise NotSigned(f"{EVENT} is missing, or not 1 to 100 letters, digits and ._:-.")
    wanted = sign(secret, int(stated), event_id, body)
    if not hmac.compare_digest(wanted.encode(), headers.get(SIGNATURE, "").encode(errors="replace")):
        raise NotSigned(f"{SIGNATURE} does not fit the body.")
    if abs(now.timestamp() - int(stated)) > tolerance_s:
        raise NotSigned(f"{TIMESTAMP} is more than {tolerance_s} s away from this clock.")
    return event_id
