"""Typed client of Synapse: its admin API, the few client calls that a room owner makes, and our modules' endpoints."""

import hmac
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha1
from typing import Any, Self
from urllib.parse import quote

import httpx

from huep.synapse_http import SynapseHttp, SynapseRefused, SynapseUnreachable
from huep.synapse_model import (
    AccountRequest,
    AccountVerb,
    ActionResult,
    HomeserverUser,
    JoinRule,
    MembershipRequest,
    MembershipVerb,
    Published,
    PublishedDetails,
    PublishedPerson,
    PublishedUnit,
    Redemption,
    Roll,
    RoomSpec,
    Session,
)

__all__ = [
    "AccountRequest",
    "AccountVerb",
    "ActionResult",
    "HomeserverUser",
    "JoinRule",
    "MembershipRequest",
    "MembershipVerb",
    "Published",
    "PublishedDetails",
    "PublishedPerson",
    "PublishedUnit",
    "RoomSpec",
    "Session",
    "SynapseAdmin",
    "SynapseRefused",
    "SynapseUnreachable",
]

ACTIONS_A_REQUEST = 200
PEOPLE_A_REQUEST = 2_000
"""With all details about a megabyte, of the two that are served."""
USERS_A_PAGE = 1000
SEEN_A_PAGE = 10_000
"""Larger, for Synapse sorts all accounts anew for every page."""
ACCOUNTS_A_PAGE = 10_000

_CLIENT = "/_matrix/client/v3"
_ADMIN = "/_synapse/admin"
_HUEP = "/_synapse/client/huep/v1"


class SynapseAdmin:
    """One homeserver, as its service account and its provisioner see it.

    Args:
        base_url: where Synapse listens, `http://127.0.0.1:8008`.
        admin_token: access token of the service account, a server administrator.
        service_token: the shared token of our modules' endpoints.
        transport: what carries the requests; by default the network.

    Every method raises SynapseRefused where Synapse says no, and SynapseUnreachable where it says nothing.
    """

    def __init__(
        self,
        base_url: str,
        admin_token: str | None = None,
        service_token: str | None = None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._http = SynapseHttp(base_url, transport=transport)
        self._admin_token = admin_token
        self._service_token = service_token

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.close()

    # ---- The server

    async def version(self) -> str:
        """Synapse's version, `1.163.2`."""
        answer = await self._http.request("tell its version", "GET", f"{_ADMIN}/v1/server_version")
        return str(answer["server_version"])

    # ---- Accounts, one at a time

    async def register(
        self, shared_secret: str, localpart: str, password: str, *, admin: bool = False, display_name: str | None = None
    ) -> Session:
        """Make an account with the registration secret; for service accounts, which the modules' allow-list names."""
        path = f"{_ADMIN}/v1/register"
        nonce = str((await self._http.request("begin a registration", "GET", path))["nonce"])
        signed = "\x00".join((nonce, localpart, password, "admin" if admin else "notadmin"))
        body = {
            "nonce": nonce,
            "username": localpart,
            "displayname": display_name or localpart,
            "password": password,
            "admin": admin,
            "mac": hmac.new(shared_secret.encode(), signed.encode(), sha1).hexdigest(),
        }
        return _session(await self._http.request(f"register {localpart}", "POST", path, body=body))

    async def log_in(self, localpart: str, password: str, device_name: str, device_id: str | None = None) -> Session:
        """Open a session by password."""
        body = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": localpart},
            "password": password,
            "initial_device_display_name": device_name,
        }
        if device_id:
            body["device_id"] = device_id
        return _session(await self._http.request(f"log {localpart} in", "POST", f"{_CLIENT}/login", body=body))

    async def whoami(self) -> str:
        """The user ID to which the admin token belongs."""
        answer = await self._as_admin("say whose token this is", "GET", f"{_CLIENT}/account/whoami")
        return str(answer["user_id"])

    async def user(self, user_id: str) -> HomeserverUser | None:
        """One account; None where there is none."""
        try:
            answer = await self._as_admin(f"show {user_id}", "GET", f"{_ADMIN}/v2/users/{quote(user_id, safe='')}")
        except SynapseRefused as error:
            if error.errcode == "M_NOT_FOUND":
                return None
            raise
        return _user(answer)

    async def keys_of(self, user_id: str) -> dict[str, Any]:
        """What everybody sees of an account's devices and identity: the answer of `/keys/query`."""
        body: dict[str, Any] = {"device_keys": {user_id: []}}
        return await self._as_admin(f"show the keys of {user_id}", "POST", f"{_CLIENT}/keys/query", body=body)

    async def users(self) -> tuple[HomeserverUser, ...]:
        """Every account, locked and deactivated ones too."""
        found: list[HomeserverUser] = []
        position: str | None = "0"
        while position is not None:
            query = {"from": position, "limit": str(USERS_A_PAGE), "locked": "true", "deactivated": "true"}
            page = await self._as_admin("list its accounts", "GET", f"{_ADMIN}/v2/users", query=query)
            found += [_user(item) for item in page["users"]]
            position = page.get("next_token")
        return tuple(found)

    async def seen_users(self) -> frozenset[str]:
        """User IDs of all who have used a device; reads little more than their pages.

        Synapse notes the use of a device within some seconds.
        """
        found: set[str] = set()
        position: str | None = "0"
        while position is not None:
            # Sorted upwards, accounts that were never seen come last.
            query = {"from": position, "limit": str(SEEN_A_PAGE), "locked": "true", "order_by": "last_seen_ts"}
            page = await self._as_admin("list who was seen", "GET", f"{_ADMIN}/v2/users", query=query)
            seen = [str(item["name"]) for item in page["users"] if item.get("last_seen_ts") is not None]
            found.update(seen)
            position = page.get("next_token") if len(seen) == len(page["users"]) else None
        return frozenset(found)

    async def set_password(self, user_id: str, password: str, *, logout_devices: bool = False) -> None:
        """Give an account a password, leaving its devices logged in unless told otherwise."""
        await self._as_admin(
            f"set the password of {user_id}",
            "POST",
            f"{_ADMIN}/v1/reset_password/{quote(user_id, safe='')}",
            body={"new_password": password, "logout_devices": logout_devices},
            repeatable=True,
        )

    async def lift_rate_limits(self, user_id: str) -> None:
        """Free a service account or bot from Synapse's rate limits."""
        await self._as_admin(
            f"lift the rate limits of {user_id}",
            "POST",
            f"{_ADMIN}/v1/users/{quote(user_id, safe='')}/override_ratelimit",
            body={"messages_per_second": 0, "burst_count": 0},
            repeatable=True,
        )

    # ---- Rooms

    async def create_room(self, spec: RoomSpec) -> str:
        """Make a room or space; returns its ID."""
        answer = await self._as_admin(
            f"make the room {spec.name!r}", "POST", f"{_CLIENT}/createRoom", body=spec.as_json()
        )
        return str(answer["room_id"])

    async def room_of_alias(self, alias: str) -> str | None:
        """The room at an address, `#unit:server`; None where there is none."""
        try:
            answer = await self._as_admin(f"find {alias}", "GET", f"{_CLIENT}/directory/room/{quote(alias, safe='')}")
        except SynapseRefused as error:
            if error.errcode == "M_NOT_FOUND":
                return None
            raise
        return str(answer["room_id"])

    async def free_alias(self, alias: str) -> None:
        """Take an address away from the room that has it."""
        await self._as_admin(f"free {alias}", "DELETE", f"{_CLIENT}/directory/room/{quote(alias, safe='')}")

    async def send_state(self, room_id: str, kind: str, state_key: str, content: Mapping[str, Any]) -> None:
        """Set one piece of a room's state."""
        path = f"{_CLIENT}/rooms/{quote(room_id, safe='')}/state/{quote(kind, safe='')}/{quote(state_key, safe='')}"
        await self._as_admin(f"set {kind} in {room_id}", "PUT", path, body=content)

    async def state(self, room_id: str, kind: str, state_key: str = "") -> dict[str, Any] | None:
        """The content of one piece of a room's state; None where it is not set."""
        path = f"{_CLIENT}/rooms/{quote(room_id, safe='')}/state/{quote(kind, safe='')}/{quote(state_key, safe='')}"
        try:
            return await self._as_admin(f"show {kind} of {room_id}", "GET", path)
        except SynapseRefused as error:
            if error.errcode == "M_NOT_FOUND":
                return None
            raise

    async def place_in_space(
        self, space_id: str, child_id: str, server_name: str, *, order: str = "", suggested: bool = True
    ) -> None:
        """Show a room, or another space, below a space; `order` sorts it there."""
        content: dict[str, Any] = {"via": [server_name], "suggested": suggested}
        if order:
            content["order"] = order
        await self.send_state(space_id, "m.space.child", child_id, content)

    async def take_from_space(self, space_id: str, child_id: str) -> None:
        """Show a room, or another space, no longer below a space."""
        await self.send_state(space_id, "m.space.child", child_id, {})

    async def send_notice(self, room_id: str, words: str, once: str) -> None:
        """Say something in a room that is not encrypted; under the same ID `once` it is said only once."""
        path = f"{_CLIENT}/rooms/{quote(room_id, safe='')}/send/m.room.message/{quote(once, safe='')}"
        body = {"msgtype": "m.notice", "body": words}
        await self._as_admin(f"write into {room_id}", "PUT", path, body=body)

    async def members(self, room_id: str) -> frozenset[str]:
        """User IDs of those who are in a room."""
        path = f"{_ADMIN}/v1/rooms/{quote(room_id, safe='')}/members"
        answer = await self._as_admin(f"list the members of {room_id}", "GET", path)
        return frozenset(str(member) for member in answer["members"])

    # ---- Batches, by our modules inside Synapse

    async def published(self) -> Published:
        """What `publish_people` told before, by digest: for 60,000 people a few megabytes, and no write."""
        path = f"{_HUEP}/people"
        answer = await self._http.request("tell what is published", "GET", path, token=self._service_token)
        at_ms = answer["published_at"]
        return Published(
            answer["people"],
            answer["units"],
            None if at_ms is None else datetime.fromtimestamp(at_ms / 1000, UTC),
            tuple(
                Redemption(one["localpart"], one["code_hash"], datetime.fromtimestamp(one["redeemed_at"] / 1000, UTC))
                for one in answer["redeemed"]
            ),
        )

    async def publish_people(
        self, people: Sequence[PublishedPerson], version: int | None = None, *, units: Sequence[PublishedUnit] = ()
    ) -> int:
        """Tell Synapse whom the register knows; returns how many people were written.

        A row published under a higher version stays. Without a version these are the newest. Told nothing at all,
        Synapse takes what it knows for fresh.
        """
        written = 0
        for start in range(0, max(len(people), 1), PEOPLE_A_REQUEST):
            part = people[start : start + PEOPLE_A_REQUEST]
            body: dict[str, Any] = {"version": version, "people": [person.as_json() for person in part]}
            if start == 0 and units:
                body["units"] = [unit.as_json() for unit in units]
            answer = await self._as_service("publish people", "people", body)
            written += int(answer["published"])
        return written

    async def roll(self, localparts: Collection[str] | None = None) -> tuple[HomeserverUser, ...]:
        """The accounts with these localparts that exist, or all; locked and deactivated ones too.

        Reads 60,000 accounts in a fraction of the time that `users` needs.
        """
        found: list[HomeserverUser] = []
        if localparts is not None:
            wanted = sorted(localparts)
            for start in range(0, len(wanted), ACCOUNTS_A_PAGE):
                call = {"localparts": wanted[start : start + ACCOUNTS_A_PAGE]}
                found += map(_user, (await self._as_service("call the roll", "roll", call))["accounts"])
            return tuple(found)
        after: str | None = ""
        while after is not None:
            page = await self._as_service("call the roll", "roll", {"after": after or None, "limit": ACCOUNTS_A_PAGE})
            found += map(_user, page["accounts"])
            after = page["after"]
        return tuple(found)

    async def roll_of_differing(self, digests: Mapping[str, str]) -> Roll:
        """The accounts of those shards of which `digests` says something else, and every administrator.

        Args:
            digests: by shard, as `hr_provisioner.directory.shards` computes them. Where too much differs to be told at
                once, the whole roll is called.
        """
        answer = await self._as_service("call the roll", "roll", {"shards": dict(digests)})
        if answer["shards"] is None:
            return Roll(await self.roll())
        return Roll(tuple(map(_user, answer["accounts"])), frozenset(answer["shards"]))

    async def act_on_accounts(self, requests: Iterable[AccountRequest]) -> tuple[ActionResult, ...]:
        """Create, lock, unlock, rename: one result for each request, in order; repeating a batch changes nothing."""
        return await self._batches("act on accounts", "accounts", [request.as_json() for request in requests])

    async def act_on_memberships(self, requests: Iterable[MembershipRequest]) -> tuple[ActionResult, ...]:
        """Join and leave: one result for each request, in order; repeating a batch changes nothing."""
        return await self._batches("act on memberships", "memberships", [request.as_json() for request in requests])

    async def _batches(self, what: str, name: str, actions: list[dict[str, str]]) -> tuple[ActionResult, ...]:
        results: list[ActionResult] = []
        for start in range(0, len(actions), ACTIONS_A_REQUEST):
            answer = await self._as_service(what, name, {"actions": actions[start : start + ACTIONS_A_REQUEST]})
            results += [_result(item) for item in answer["results"]]
        return tuple(results)

    async def _as_admin(
        self,
        what: str,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
    ) -> dict[str, Any]:
        return await self._http.request(
            what, method, path, token=self._admin_token, body=body, query=query, repeatable=repeatable
        )

    async def _as_service(self, what: str, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return await self._http.request(
            what, "POST", f"{_HUEP}/{name}", token=self._service_token, body=body, repeatable=True
        )


def _session(answer: Mapping[str, Any]) -> Session:
    return Session(str(answer["user_id"]), str(answer["device_id"]), str(answer["access_token"]))


def _user(item: Mapping[str, Any]) -> HomeserverUser:
    return HomeserverUser(
        user_id=str(item["name"]),
        display_name=item.get("displayname"),
        admin=bool(item.get("admin")),
        locked=bool(item.get("locked")),
        deactivated=bool(item.get("deactivated")),
    )


def _result(item: Mapping[str, Any]) -> ActionResult:
    return ActionResult(
        id=str(item["id"]),
        ok=bool(item["ok"]),
        changed=bool(item.get("changed")),
        code=item.get("code"),
        error=item.get("error"),
    )
