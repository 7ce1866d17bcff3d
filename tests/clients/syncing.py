"""A client that waits for news, in each way in which clients do; on plain HTTP, so that whatever it is given is seen."""

import json
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import httpx

V3 = "/_matrix/client/v3"
V2 = f"{V3}/sync"
SLIDING = "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync"
SETTLING_MS = 200
SETTLING_ROUNDS = 20
_NEWS = frozenset({"rooms", "to_device", "account_data", "presence", "device_lists"})


class Style(StrEnum):
    """How a client asks for news."""

    V2 = "v2"
    V2_FILTERED = "v2-filtered"
    """Without account data and presence."""
    SLIDING_DATA = "sliding-data"
    """With the extension for account data."""
    SLIDING_DEVICE = "sliding-device"
    """With the extension for to-device messages."""
    SLIDING_PLAIN = "sliding-plain"
    """With neither."""


@dataclass
class Syncing:
    """One connection of one session."""

    http: httpx.AsyncClient
    token: str
    style: Style
    position: str | None = None
    to_device: str | None = None

    async def next(self, timeout_ms: int) -> httpx.Response:
        """One request, with its answer of whatever status; the next goes on from there."""
        headers = {"Authorization": f"Bearer {self.token}"}
        query = {"timeout": str(timeout_ms if self.position else 0)}
        if self.style in (Style.V2, Style.V2_FILTERED):
            without = {"account_data": {"types": []}, "presence": {"types": []}}
            query["filter"] = json.dumps(without if self.style is Style.V2_FILTERED else {})
            query |= {"since": self.position} if self.position else {}
            answer = await self.http.get(V2, params=query, headers=headers)
        else:
            query |= {"pos": self.position} if self.position else {}
            answer = await self.http.post(SLIDING, params=query, headers=headers, json=self._sliding_body())
        if answer.status_code == HTTPStatus.OK:
            body = answer.json()
            self.position = body.get("next_batch") or body["pos"]
            self.to_device = body.get("extensions", {}).get("to_device", {}).get("next_batch", self.to_device)
        return answer

    async def settle(self) -> None:
        """Sync until nothing is new: a fresh session is followed by small changes of its own."""
        for _ in range(SETTLING_ROUNDS):
            if not has_news((await self.next(SETTLING_MS)).raise_for_status().json()):
                return
        raise AssertionError(f"{self.style} does not come to rest")

    def _sliding_body(self) -> dict[str, Any]:
        extensions: dict[str, Any] = {}
        if self.style is Style.SLIDING_DATA:
            extensions["account_data"] = {"enabled": True}
        if self.style is Style.SLIDING_DEVICE:
            extensions["to_device"] = {"enabled": True, **({"since": self.to_device} if self.to_device else {})}
        everything = {"ranges": [[0, 99]], "timeline_limit": 20, "required_state": []}
        return {"conn_id": self.style, "lists": {"all": everything}, "extensions": extensions}


def has_news(body: dict[str, Any]) -> bool:
    """Whether an answer tells of anything."""
    if "pos" not in body:
        return not _NEWS.isdisjoint(body)
    extensions = body.get("extensions", {})
    data = extensions.get("account_data", {})
    return bool(body.get("rooms") or extensions.get("to_device", {}).get("events") or any(data.values()))


def events_in(body: dict[str, Any]) -> set[str]:
    """The IDs of the events in the timelines of an answer."""
    rooms = body.get("rooms", {})
    if "pos" in body:
        timelines = [room.get("timeline", []) for room in rooms.values()]
    else:
        timelines = [room["timeline"]["events"] for room in rooms.get("join", {}).values()]
    return {event["event_id"] for timeline in timelines for event in timeline}
