"""The part of ntfy's HTTP protocol that HueP's gateway speaks, and Matrix's push gateway API in front of it.

ntfy is the app on the phones: it keeps one connection open for all apps and hands each its messages (UnifiedPush). The
names of topics are made by the app, and whoever knows one may write to it: nothing else protects them, so they are
taken only where they are long enough not to be guessed.
"""

import base64
import json
import re
import secrets
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from huep.push.addresses import origin

TOPIC = re.compile(r"up[A-Za-z0-9_-]{12,62}")
"""ntfy makes `up` and twelve letters or digits."""
MOST_TOPICS_AT_ONCE = 30
MOST_BODY_BYTES = 4096
"""UnifiedPush: what an application server may send."""
MOST_NOTIFICATION_BYTES = 16_384
"""Of Synapse, before the part that goes to the phone is measured."""
DISCOVERY = {"unifiedpush": {"gateway": "matrix"}}
ENDPOINT = {"unifiedpush": {"version": 1}}
_ID_LETTERS = string.ascii_letters + string.digits
_ID_LENGTH = 12
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"([0-9]{1,6})([smhd])")


class NotUnderstood(ValueError):
    """A request that this gateway cannot serve; the message says why, in English, for programs."""


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to be handed to a phone."""

    id: str
    topic: str
    time_s: int
    """Unix time."""
    body: bytes

    def as_json(self, keep_s: int) -> str:
        """As ntfy's subscribers read it, in one line."""
        content: dict[str, Any] = {
            "id": self.id,
            "time": self.time_s,
            "expires": self.time_s + keep_s,
            "event": "message",
            "topic": self.topic,
        }
        try:
            content["message"] = self.body.decode()
        except UnicodeDecodeError:
            content |= {"message": base64.b64encode(self.body).decode(), "encoding": "base64"}
        return json.dumps(content, ensure_ascii=False)


@dataclass(frozen=True)
class Since:
    """From where on a subscriber wants what it missed."""

    time_s: int | None = None
    """Unix time; None: see the others."""
    id: str | None = None
    """The last message that it has."""
    everything: bool = False

    @property
    def nothing(self) -> bool:
        return self == Since()


def new_id() -> str:
    """An ID as ntfy's are."""
    return "".join(secrets.choice(_ID_LETTERS) for _ in range(_ID_LENGTH))


def event(name: str, topics: Sequence[str], time_s: int) -> str:
    """`open` and `keepalive`, as ntfy's subscribers read them, in one line."""
    return json.dumps({"id": new_id(), "time": time_s, "event": name, "topic": ",".join(topics)})


def read_topics(text: str) -> tuple[str, ...]:
    """The topics of a path such as `upAbC…,upDeF…`.

    Raises:
        NotUnderstood: one of them is none, or there are too many.
    """
    topics = tuple(dict.fromkeys(text.split(",")))
    if len(topics) > MOST_TOPICS_AT_ONCE or not all(map(TOPIC.fullmatch, topics)):
        raise NotUnderstood("topics are 'up' and at least 12 letters or digits, 30 at most")
    return topics


def read_since(text: str | None, poll: bool, now_s: int) -> Since:
    """The parameter `since` of ntfy: `all`, `none`, a Unix time, a duration such as `10m`, or the ID of a message.

    Raises:
        NotUnderstood: it is none of these.
    """
    if text is None or text == "":
        return Since(everything=poll)
    if text in ("all", "latest"):
        return Since(everything=True)
    if text == "none":
        return Since()
    if duration := _DURATION.fullmatch(text):
        return Since(time_s=now_s - int(duration[1]) * _SECONDS[duration[2]])
    # An ID of digits alone is as good as impossible; a time has ten.
    if text.isascii() and text.isdigit():
        return Since(time_s=int(text))
    if len(text) == _ID_LENGTH and text.isascii() and text.isalnum():
        return Since(id=text)
    raise NotUnderstood("since is all, none, a Unix time, a duration, or the ID of a message")


@dataclass(frozen=True)
class Notification:
    """What Synapse sent: which topics it is for, and which push keys are none of ours."""

    topics: tuple[str, ...]
    rejected: tuple[str, ...]
    keys: tuple[str, ...]
    """All push keys, ours and others."""


def read_notification(content: object, own_url: str) -> Notification:
    """Matrix Push Gateway API, `POST /_matrix/push/v1/notify`; the push key of a device is the address of a topic.

    Raises:
        NotUnderstood: it has no devices, or none with a push key.
    """
    notification = content.get("notification") if isinstance(content, Mapping) else None
    devices = notification.get("devices") if isinstance(notification, Mapping) else None
    if not isinstance(devices, list) or not devices:
        raise NotUnderstood("notification.devices is missing")
    keys = [device.get("pushkey") if isinstance(device, Mapping) else None for device in devices]
    found = {key: topic_of(key, own_url) for key in keys if isinstance(key, str)}
    if not found:
        raise NotUnderstood("no device in notification.devices has a pushkey")
    return Notification(
        tuple(topic for topic in found.values() if topic),
        tuple(key for key, topic in found.items() if not topic),
        tuple(found),
    )


def topic_of(push_key: str, own_url: str) -> str | None:
    """The topic of an address that our own gateway gave out, `https://push.hue.gov.vn/upAbC…?up=1`; else None."""
    try:
        ours = origin(push_key) == origin(own_url)
    except ValueError:
        return None
    topic = urlsplit(push_key).path.removeprefix("/")
    return topic if ours and TOPIC.fullmatch(topic) else None
