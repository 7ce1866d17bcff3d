"""Addresses of push gateways, in one form, so that two spellings of one address are equal."""

from urllib.parse import urlsplit

NOTIFY_PATH = "/_matrix/push/v1/notify"
"""Matrix Push Gateway API: the only path that a gateway has."""
_DEFAULT_PORTS = {"http": 80, "https": 443}


def gateway_address(text: object) -> str:
    """`https://host[:port]/_matrix/push/v1/notify`, host in lower case, without the port that goes without saying.

    Raises:
        ValueError: it is no address of a gateway; the message says why.
    """
    if not isinstance(text, str):
        raise ValueError("it is not a text")  # noqa: TRY004 - pydantic turns ValueError alone into a sentence
    parts = urlsplit(text)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError(f"{text!r} is not an http or https address")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ValueError(f"{text!r} has more than scheme, host, port and path")
    if parts.path != NOTIFY_PATH:
        raise ValueError(f"{text!r} does not end with {NOTIFY_PATH}")
    return origin(text) + NOTIFY_PATH


def origin(text: str) -> str:
    """Scheme, host and port of an address: `https://push.hue.gov.vn`.

    Raises:
        ValueError: it has none.
    """
    parts = urlsplit(text)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError(f"{text!r} is not an http or https address")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
