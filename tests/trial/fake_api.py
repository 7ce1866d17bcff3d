"""A ModuleApi that plays a small homeserver in memory; time and Deferreds are the reactor's own."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from synapse.api.errors import SynapseError
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThreadPool

from synapse_modules.homeserver_internals.acts import NewAccount

SERVER = "hue.localhost"
NOW_MS = 1_700_000_000_000


def later(seconds: float = 0.0) -> "Deferred[None]":
    return deferLater(reactor, seconds, lambda: None)  # type: ignore[arg-type]


@dataclass
class FakeAccount:
    display_name: str | None
    admin: bool = False
    locked: bool = False
    deactivated: bool = False
    has_devices: bool = False


@dataclass
class FakeApi:
    """What the modules use of ModuleApi, and a record of what they asked for."""

    accounts: dict[str, FakeAccount] = field(default_factory=dict)
    register: dict[str, str] | None = field(default_factory=dict)
    """Localpart to status; None when the table is missing."""
    published_at_ms: int | None = NOW_MS
    callbacks: dict[str, Any] = field(default_factory=dict)
    log: list[tuple[str, ...]] = field(default_factory=list)
    rename_errors: list[Exception] = field(default_factory=list)
    broken_localparts: set[str] = field(default_factory=set)
    broken_rooms: set[str] = field(default_factory=set)
    running: int = 0
    most_running: int = 0
    server_name: str = SERVER
    public_baseurl: str = "https://chat.hue.example/"
    worker_app: str | None = None
    worker_name: str | None = None
    people: dict[str, Any] | None = field(default_factory=dict)
    """Localpart to Colleague; None when the table is missing."""
    now_ms: int = NOW_MS
    background: list[tuple[str, Callable[..., Any]]] = field(default_factory=list)
    """What was asked to run in the background, by its name."""
    resources: dict[str, Any] = field(default_factory=dict)
    """By path."""

    inside: set[tuple[str, str]] = field(default_factory=set)
    """User ID and room of those who are in."""
    calls: list[Any] = field(default_factory=list)
    """The CallMember of devices that take part in calls."""

    def _remember(self, **callbacks: Any) -> None:
        self.callbacks.update(callbacks)

    register_spam_checker_callbacks = _remember
    register_account_validity_callbacks = _remember
    register_third_party_rules_callbacks = _remember
    register_media_repository_callbacks = _remember

    def register_web_resource(self, path: str, resource: Any) -> None:
        self.resources[path] = resource

    def register_cached_function(self, cached_func: Any) -> None:
        pass

    async def invalidate_cache(self, cached_func: Any, keys: tuple[Any, ...]) -> None:
        cached_func.invalidate(keys)

    def should_run_background_tasks(self) -> bool:
        return True

    def looping_background_call(self, function: Callable[..., Any], msec: float, desc: str | None = None) -> None:
        self.background.append((f"every {msec:.0f} ms", function))

    def run_as_background_process(self, desc: str, function: Callable[..., Any]) -> None:
        self.background.append((desc, function))

    def is_mine(self, user_id: str) -> bool:
        return user_id.endswith(f":{self.server_name}")

    def get_qualified_user_id(self, localpart: str) -> str:
        return f"@{localpart}:{self.server_name}"

    def get_current_time_msec(self) -> int:
        return self.now_ms

    async def defer_to_thread(self, function: Callable[..., Any], *arguments: Any) -> Any:
        await later()
        return function(*arguments)

    async def defer_to_threadpool(self, pool: Any, function: Callable[..., Any], *arguments: Any) -> Any:
        return await deferToThreadPool(reactor, pool, function, *arguments)

    async def sleep(self, seconds: float) -> None:
        self.log.append(("sleep", str(seconds)))
        await later()

    async def get_userinfo_by_id(self, user_id: str) -> Any:
        await later()
        account = self.accounts.get(_localpart(user_id)) if self.is_mine(user_id) else None
        return None if account is None else SimpleNamespace(locked=account.locked)

    async def run_db_interaction(self, desc: str, func: Callable[..., Any], *arguments: Any) -> Any:
        """Plays the queries by their names."""
        await later()
        if desc in ("huep_people_read", "huep_people_left"):
            if self.register is None:
                raise RuntimeError('relation "huep_people" does not exist')
            from synapse_modules.projection import Reading, RegisterStatus

            if desc == "huep_people_left":
                self.log.append((desc,))
            known = {name: RegisterStatus(status) for name, status in self.register.items()}
            asked = arguments[0] if arguments else [name for name in known if known[name] is RegisterStatus.LEFT]
            return Reading({name: known[name] for name in asked if name in known}, self.published_at_ms)
        if desc == "huep_accounts_find":
            from synapse_modules.account_lifecycle.rules import Account

            found = {user_id: self.accounts.get(_localpart(user_id)) for user_id in arguments[0]}
            return {
                user_id: Account(one.display_name, one.admin, one.locked, one.deactivated)
                for user_id, one in found.items()
                if one is not None
            }
        if desc in ("huep_colleagues_read", "huep_titles_put_back"):
            if self.people is None:
                raise RuntimeError('relation "huep_people" does not exist')
            if desc == "huep_colleagues_read":
                return {name: self.people[name] for name in arguments[0] if name in self.people}
            self.log.append(("titles", *(arguments[1] or ["everybody"])))
            return 1
        if desc == "huep_call_members":
            return [member for member in self.calls if member.user_id in arguments[0]]
        raise AssertionError(desc)

    async def get_room_state(self, room_id: str, wanted: list[tuple[str, str]]) -> dict[Any, Any]:
        await later()
        joined = SimpleNamespace(content={"membership": "join"})
        return {
            (kind, who): joined for kind, who in wanted if kind == "m.room.member" and (who, room_id) in self.inside
        }

    async def register_user(self, localpart: str, display_name: str | None) -> str:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        await later(0.01)
        self.running -= 1
        if localpart in self.broken_localparts:
            raise RuntimeError("the disk is full, secret-token-123")
        if (self.register or {}).get(localpart) != "active":
            raise SynapseError(429, "Rate limited")
        self.accounts[localpart] = FakeAccount(display_name)
        self.log.append(("create", localpart))
        return self.get_qualified_user_id(localpart)

    async def set_displayname(self, user_id: Any, name: str) -> None:
        await later()
        self.accounts[user_id.localpart].display_name = name
        self.log.append(("rename", user_id.localpart, name))
        if self.rename_errors:
            raise self.rename_errors.pop(0)

    async def create_and_send_event_into_room(self, event: dict[str, Any]) -> None:
        await later()
        assert event["content"] == {}
        if event["room_id"] in self.broken_rooms:
            raise SynapseError(403, "no")
        self.log.append(("call ended", _localpart(event["sender"]), event["type"], event["state_key"]))


@dataclass
class FakeInternals:
    """HomeserverInternals on a FakeApi."""

    api: FakeApi

    together_error: Exception | None = None
    waking_error: Exception | None = None
    set_locked_of_synapse: Callable[[str, bool], Awaitable[None]] | None = None

    def lock_through(self, set_locked: Callable[[str, bool], Awaitable[None]]) -> None:
        self.set_locked_of_synapse = set_locked

    async def register(self, accounts: Sequence[NewAccount]) -> None:
        await later()
        if self.together_error:
            raise self.together_error
        for account in accounts:
            self.api.accounts[_localpart(account.user_id)] = FakeAccount(account.display_name)
        self.api.log.append(("create together", *(_localpart(account.user_id) for account in accounts)))

    async def lock(self, user_ids: Collection[str]) -> frozenset[str]:
        await self._set_locked(user_ids, True)
        return frozenset(user_id for user_id in user_ids if self.api.accounts[_localpart(user_id)].has_devices)

    async def unlock(self, user_ids: Collection[str]) -> None:
        await self._set_locked(user_ids, False)

    async def _set_locked(self, user_ids: Collection[str], locked: bool) -> None:
        await later()
        if self.together_error and len(user_ids) > 1:
            raise self.together_error
        for user_id in user_ids:
            self.api.accounts[_localpart(user_id)].locked = locked
        self.api.log.append(("lock" if locked else "unlock", *map(_localpart, user_ids)))

    async def send_to_all_devices(self, sender: str, user_ids: Collection[str]) -> None:
        await later()
        if self.waking_error:
            raise self.waking_error
        assert sender == self.api.get_qualified_user_id("huep")
        self.api.log.append(("to_device", *sorted(map(_localpart, user_ids))))


def _localpart(user_id: str) -> str:
    return user_id[1:].partition(":")[0]
