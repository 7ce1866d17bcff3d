"""What an attack is: one request of somebody without the right, and what must come of it. Values only."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import quote

CLIENT = "/_matrix/client/v3"
_NAME = re.compile(r"\{(\w+)\}")


class By(StrEnum):
    """Who tries."""

    STAFF = "staff"
    """An ordinary officer of the unit; in their own rooms they have all power that a person can have."""
    HEAD = "head"
    """Heads the unit, and moderates its rooms."""
    LOCKED = "locked"
    """Was logged in when the account was locked."""
    NOBODY = "nobody"
    """Has no session."""


@dataclass(frozen=True)
class Request:
    """What is sent. `{names}` in paths, parameters and JSON stand for people, rooms and events of the scene."""

    method: str
    path: str
    """Below the client API, or whole where it begins with `/_` or is the activation page's."""
    body: Any = None
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    content: bytes | None = None

    def url(self, names: Mapping[str, str]) -> str:
        path = fill(self.path, {name: quote(value, safe="") for name, value in names.items()})
        return path if path.startswith(("/_", "/kich-hoat")) else f"{CLIENT}{path}"


@dataclass(frozen=True)
class Attack:
    """One attempt, and what is expected."""

    name: str
    what: str
    """A sentence without subject for the page: "raises the own power in a unit's room"."""
    by: By
    request: Request
    status: int
    errcode: str | None = "M_FORBIDDEN"
    """None where the answer is a page, or Synapse has no code for it."""
    then: Request | None = None
    """Asked by the same person after an answer of 200, to see that nothing came of it."""
    without: str = ""
    """What the answer to that must not have; `{names}` too."""
    logged: str = ""
    """What synapse.log must have after an answer of 200; where empty, there was nothing that could be refused."""
    before: int = 0
    """How often the request is sent first, before the answer counts."""
    unseen: bool = False
    """Synapse refuses it before it looks whose session it is, and the log says `nobody`."""

    @property
    def refused(self) -> bool:
        return self.status >= 400

    @property
    def is_known(self) -> bool:
        """Whether the log can say who asked: not of a session that is refused."""
        return self.by in (By.STAFF, By.HEAD) and not self.unseen and self.errcode != "M_UNKNOWN_TOKEN"


def fill(value: Any, names: Mapping[str, str]) -> Any:
    """`value` with every `{name}` in its texts replaced; what is no name stays."""
    if isinstance(value, str):
        return _NAME.sub(lambda found: names.get(found[1], found[0]), value)
    if isinstance(value, Mapping):
        return {fill(key, names): fill(item, names) for key, item in value.items()}
    return [fill(item, names) for item in value] if isinstance(value, list) else value


def get(path: str, **params: str) -> Request:
    return Request("GET", path, params=params)


def post(path: str, body: Any = None, **params: str) -> Request:
    return Request("POST", path, {} if body is None else body, params)


def put(path: str, body: Any = None, **params: str) -> Request:
    return Request("PUT", path, {} if body is None else body, params)


def delete(path: str, body: Any = None) -> Request:
    return Request("DELETE", path, {} if body is None else body)


def state(room: str, kind: str, content: Mapping[str, Any], key: str = "") -> Request:
    """Set state in a room of the scene."""
    return put(f"/rooms/{{{room}}}/state/{quote(kind)}/{key}", content)


def send(room: str, kind: str, content: Mapping[str, Any]) -> Request:
    """Send a message into a room of the scene."""
    return put(f"/rooms/{{{room}}}/send/{quote(kind)}/{{once}}", content)


def act(room: str, verb: str, **body: Any) -> Request:
    """Invite, kick, ban and the like."""
    return post(f"/rooms/{{{room}}}/{verb}", body)
