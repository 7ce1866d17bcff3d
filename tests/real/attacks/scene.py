"""Two units, their people and rooms: what the attacks are tried upon, made once for all of them."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx

from hr_provisioner.rooms.looks import Purpose, alias
from hr_provisioner.rooms.store import read_rooms
from huep import secret_names
from huep.activation_code import new_code
from huep.synapse_admin import AccountRequest, AccountVerb, PublishedDetails, PublishedPerson, PublishedUnit, Session
from tests.clients.sealed import sealed
from tests.clients.town import PASSWORD, Citizen, Town
from tests.conftest import Province
from tests.real.attacks.attack import By, Request, fill
from tests.synapse_modules.test_media_rules_kinds import picture

OFFICER = "CB-ATTACKED"


@dataclass
class Scene:
    """Who and what there is, by the names that attacks use."""

    province: Province
    town: Town
    http: httpx.AsyncClient
    names: dict[str, str] = field(default_factory=dict)
    tokens: dict[By, str] = field(default_factory=dict)
    read: dict[Path, int] = field(default_factory=dict)
    """How far each file of refusals was there before the attacks."""

    async def sends(self, request: Request, by: By, *, mark: str = "scene") -> httpx.Response:
        """`mark` is the client's name, and so stands in the log."""
        names = {**self.names, "once": uuid4().hex, "code": new_code()}
        headers = {"User-Agent": mark, **fill(request.headers, names)}
        token = self.tokens.get(by)
        if token is not None and "Authorization" not in headers and "access_token" not in request.params:
            headers["Authorization"] = f"Bearer {token}"
        body: dict[str, Any] = {}
        if request.content is not None:
            body = {"content": request.content}
        elif request.form is not None:
            body = {"data": fill(request.form, names)}
        elif request.body is not None:
            body = {"json": fill(request.body, names)}
        return await self.http.request(
            request.method, request.url(names), params=fill(request.params, names), headers=headers, **body
        )

    def refusals(self) -> list[str]:
        """What was written of refusals since the scene was set; each process of Synapse may have a file of its own."""
        lines: list[str] = []
        for file in self.province.state.logs.glob("*refused*.log"):
            with file.open("rb") as log:
                log.seek(self.read.get(file, 0))
                lines += log.read().decode().splitlines()
        return lines

    async def stands(self) -> dict[str, Any]:
        """Everything that the attacks aim at: the whole state of the rooms, the profiles, devices and standings."""
        found: dict[str, Any] = {}
        for name, room_id in self.names.items():
            if room_id.startswith("!"):
                found[name] = await self._state_of(room_id)
        for name, user_id in self.names.items():
            if user_id.startswith("@") and user_id.endswith(self.province.settings.server_name):
                found[name] = await self.as_admin(f"/_synapse/admin/v2/users/{quote(user_id)}")
                found[f"devices of {name}"] = await self.as_admin(f"/_synapse/admin/v2/users/{quote(user_id)}/devices")
        return found

    async def _state_of(self, room_id: str) -> dict[str, Any]:
        events = (await self.as_admin(f"/_synapse/admin/v1/rooms/{quote(room_id)}/state"))["state"]
        return {f"{event['type']} {event['state_key']}": event["content"] for event in events}

    async def as_admin(self, path: str) -> Any:
        answer = await self.http.get(path, headers={"Authorization": f"Bearer {self.names['admin_token']}"})
        stripped = answer.raise_for_status().json()
        for device in stripped.get("devices", ()) if "devices" in stripped else ():
            for seen in ("last_seen_ip", "last_seen_ts", "last_seen_user_agent"):
                device.pop(seen, None)
        stripped.pop("last_seen_ts", None)
        return stripped


@asynccontextmanager
async def scene_in(province: Province, town: Town) -> AsyncIterator[Scene]:
    """Set the scene; the people's own rate limits are lifted, so that only the refusal in question is met."""
    async with httpx.AsyncClient(base_url=province.url, timeout=60, trust_env=False) as http:
        yield await _Founding(Scene(province, town, http)).done()


class _Founding:
    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.town = scene.town
        self.names = scene.names
        self.sessions: dict[str, Session] = {}

    async def done(self) -> Scene:
        await self.scene.province.has_joined()
        for unit in ("A", "B"):
            self.town.opens(unit)
        people = {
            "staff": ("A", "staff"),
            "colleague": ("A", "staff"),
            "head": ("A", "head"),
            "locked": ("A", "staff"),
            "eager": ("A", "staff"),
            "their_head": ("B", "head"),
            "stranger": ("B", "staff"),
            "hidden": ("B", "staff"),
            "leader": ("B", "staff"),
        }
        for name, (unit, standing) in people.items():
            await self._hires(name, unit, standing)
        await self.town.settle()
        # A whole run puts Truyền thông into the announcement rooms, which must not come about amidst the attacks.
        await asyncio.to_thread(self.scene.province.joins)
        for unit, prefix in (("A", ""), ("B", "their_")):
            for purpose, room_id in self.town.rooms(unit).ids.items():
                self.names[f"{prefix}{purpose.value}"] = room_id
        settings = self.scene.province.settings
        self.names |= {
            "owner": settings.user_id(settings.accounts.service),
            "server": settings.server_name,
            "prefix": self.town.prefix.lower(),
            "alias": f"#{alias(self.town.code('A'), Purpose.DISCUSSION)}:{settings.server_name}",
            "province_space": self._province_space(),
        }
        self.names["admin_token"] = self.scene.province.state.read_secret(secret_names.ADMIN_TOKEN)
        await self._rooms()
        await self._traces()
        await self._told_otherwise()
        [locked] = await self.town.admin.act_on_accounts(
            [AccountRequest("1", AccountVerb.LOCK, self.names["locked"][1:].partition(":")[0])]
        )
        assert locked.ok
        self.scene.tokens |= {by: self.sessions[by.value].access_token for by in (By.STAFF, By.HEAD, By.LOCKED)}
        self.names["staff_token"] = self.sessions["staff"].access_token
        for file in self.scene.province.state.logs.glob("*refused*.log"):
            self.scene.read[file] = file.stat().st_size
        return self.scene

    async def _hires(self, name: str, unit: str, standing: str) -> None:
        citizen: Citizen = await self.town.hires(name.replace("_", "-"), unit, standing=standing)
        code = self.town.code(unit)
        details = PublishedDetails(
            f"{name} {self.town.prefix}",
            code,
            ("TINH", code),
            1,
            standing,
            "Chuyên viên",
            officer_code=f"{OFFICER}-{name}-{self.town.prefix}".upper(),
        )
        admin = self.town.admin
        await admin.publish_people([PublishedPerson(citizen.localpart, "active", details)])
        await admin.set_password(citizen.user_id, PASSWORD)
        await admin.lift_rate_limits(citizen.user_id)
        self.names[name] = citizen.user_id
        self.names[f"{name}_localpart"] = citizen.localpart
        self.names[f"{name}_officer"] = details.officer_code or ""
        self.sessions[name] = await admin.log_in(citizen.localpart, PASSWORD, name)
        self.names[f"{name}_device"] = self.sessions[name].device_id

    def _province_space(self) -> str:
        [(root,)] = self.town.sql("select unit_code from register.unit_periods where level = 0")
        return read_rooms(self.town.place.hr)[root].space or ""

    async def _told_otherwise(self) -> None:
        """In what Synapse is told, one of them leads the province and one is of a hidden unit.

        The register does not know that unit: what publishes the register's units beside these tests leaves it alone.
        """
        leads = PublishedDetails("Lãnh đạo", "TINH", ("TINH",), 0, "head", "Chủ tịch")
        unit = PublishedUnit(self.town.code("KIN"), "Thanh tra", "TINH", 1, hidden=True)
        is_hidden = PublishedDetails(
            f"hidden {self.town.prefix}", unit.code, ("TINH", unit.code), 1, "staff", "Thanh tra viên"
        )
        people = {"leader": leads, "hidden": is_hidden}
        await self.town.admin.publish_people(
            [PublishedPerson(self.names[f"{name}_localpart"], "active", told) for name, told in people.items()],
            units=[unit],
        )

    async def _rooms(self) -> None:
        await self._creates("own", "staff", name="Của nhân viên")
        await self._creates("team", "head", name="Tổ", invite=["{staff}"])
        await self._joins("staff", "team")
        await self._creates("dm", "staff", is_direct=True, preset="trusted_private_chat", invite=["{colleague}"])
        await self._joins("colleague", "dm")
        await self._creates("their_team", "their_head", name="Tổ của đơn vị khác", invite=["{stranger}"])
        await self._creates("their_dm", "stranger", is_direct=True, invite=["{their_head}"])
        # The service account enters rooms of people a moment after they are made.
        for room in ("own", "team", "their_team"):
            while self.names["owner"] not in await self.town.admin.members(self.names[room]):
                await asyncio.sleep(0.2)

    async def _traces(self) -> None:
        self.names["sealed"] = sealed()["ciphertext"]
        self.names["event"] = await self._says("head", "team", "m.room.encrypted", sealed())
        self.names["notice"] = await self._says("head", "announcements", "m.room.message", WORDS)
        self.names["their_event"] = await self._says("their_head", "their_announcements", "m.room.message", WORDS)
        self.names["own_event"] = await self._says("staff", "own", "m.room.encrypted", sealed())
        state = await self._asks("staff", "GET", "/rooms/{own}/state")
        self.names["name_event"] = next(event["event_id"] for event in state if event["type"] == "m.room.name")
        await self._asks("staff", "POST", "/keys/device_signing/upload", {"master_key": master_key("{staff}")})
        await self._asks("colleague", "POST", "/keys/upload", {"device_keys": device_keys("{colleague}")})
        made = await self._asks("stranger", "POST", "/_matrix/media/v1/create", {})
        self.names["their_media"] = _media_id(made)
        session = {"Authorization": f"Bearer {self.sessions['colleague'].access_token}"}
        kept = await self.scene.http.post("/_matrix/media/v3/upload", headers=session, content=picture("PNG"))
        self.names["picture"] = _media_id(kept.raise_for_status().json())

    async def _creates(self, room: str, by: str, **body: Any) -> None:
        self.names[room] = (await self._asks(by, "POST", "/createRoom", body))["room_id"]

    async def _joins(self, who: str, room: str) -> None:
        await self._asks(who, "POST", f"/join/{{{room}}}", {})

    async def _says(self, who: str, room: str, kind: str, content: Mapping[str, Any]) -> str:
        said = await self._asks(who, "PUT", f"/rooms/{{{room}}}/send/{kind}/{uuid4().hex}", content)
        return str(said["event_id"])

    async def _asks(self, who: str, method: str, path: str, body: Any = None) -> Any:
        answer = await self.scene.http.request(
            method,
            Request(method, path).url(self.names),
            headers={"Authorization": f"Bearer {self.sessions[who].access_token}"},
            json=fill(body, self.names),
        )
        assert answer.status_code == 200, f"{who} {method} {path}: {answer.text}"
        return answer.json()


WORDS = {"msgtype": "m.text", "body": "xin chào"}


def master_key(user_id: str) -> dict[str, Any]:
    """A new cross-signing identity."""
    public = _base64(os.urandom(32))
    return {"user_id": user_id, "usage": ["master"], "keys": {f"ed25519:{public}": public}}


def device_keys(signer: str) -> dict[str, Any]:
    """The colleague's device, signed by whomever; as the owner uploads it, or as somebody else would."""
    key = "ed25519:{colleague_device}" if signer == "{colleague}" else "ed25519:forged"
    return {
        "user_id": "{colleague}",
        "device_id": "{colleague_device}",
        "algorithms": ["m.megolm.v1.aes-sha2"],
        "keys": {"ed25519:{colleague_device}": "A" * 43, "curve25519:{colleague_device}": "B" * 43},
        "signatures": {signer: {key: "C" * 86}},
    }


def _media_id(made: Mapping[str, Any]) -> str:
    return str(made["content_uri"]).removeprefix("mxc://").partition("/")[2]


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode().rstrip("=")
