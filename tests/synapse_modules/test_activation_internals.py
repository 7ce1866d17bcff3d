"""A Synapse that moved what storing a password needs is refused at the start, with the name of what moved."""

from types import SimpleNamespace
from typing import Any

import pytest
from synapse.config import ConfigError
from synapse.logging.context import ContextRequest, LoggingContext

from synapse_modules.homeserver_internals.passwords import PasswordChanges, Passwords


class Store:
    """What a password is stored with, and what was done with it."""

    def __init__(self) -> None:
        self.done: list[tuple[Any, ...]] = []
        self.db_pool = SimpleNamespace(simple_update_one_txn=self.update)

    def update(self, txn: Any, table: str, keyvalues: Any, updatevalues: Any) -> None:
        self.done.append((table, keyvalues, updatevalues))

    def get_user_by_id(self, user_id: str) -> None: ...

    def _invalidate_cache_and_stream(self, txn: Any, cache_func: Any, keys: Any) -> None:
        self.done.append((cache_func.__name__, keys))


async def hashed(password: str) -> str:
    return f"hash of {password}"


def api(store: Any, hash_function: Any = hashed) -> Any:
    homeserver = SimpleNamespace(
        get_datastores=lambda: SimpleNamespace(main=store),
        get_auth_handler=lambda: SimpleNamespace(hash=hash_function),
    )
    return SimpleNamespace(_hs=homeserver)


async def test_a_password_is_hashed_first_and_stored_where_it_is_told() -> None:
    store = Store()
    write = await Passwords(api(store)).prepare("@an:hue.localhost", "mat khau")
    assert store.done == []
    write(SimpleNamespace())  # type: ignore[arg-type]
    assert store.done == [
        ("users", {"name": "@an:hue.localhost"}, {"password_hash": "hash of mat khau"}),
        ("get_user_by_id", ("@an:hue.localhost",)),
    ]


@pytest.mark.parametrize("name", ["get_user_by_id", "_invalidate_cache_and_stream"])
def test_what_is_gone_from_the_store_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Store, name)
    with pytest.raises(ConfigError, match=name):
        Passwords(api(Store()))


def test_what_is_gone_from_the_handler_is_named() -> None:
    async def other(secret: str) -> str:
        return secret

    with pytest.raises(ConfigError, match=r"'password' of .*hash"):
        Passwords(api(Store(), other))


def request(url: str, requester: str | None) -> ContextRequest:
    return ContextRequest(
        request_id="1", ip_address="", site_tag="", requester=requester, authenticated_entity=None, method="POST",
        url=url, protocol="", user_agent="",
    )  # fmt: skip


async def test_a_password_that_somebody_chose_is_asked_about_and_no_other() -> None:
    asked: list[tuple[str | None, str]] = []

    async def check(user_id: str | None, password: str) -> None:
        asked.append((user_id, password))
        if password == "weak":
            raise ValueError

    handler = SimpleNamespace(hash=hashed)
    PasswordChanges(SimpleNamespace(_hs=SimpleNamespace(get_auth_handler=lambda: handler))).ask(check)  # type: ignore[arg-type]
    for url, requester in (
        ("/_matrix/client/v3/account/password", "@an:hue.localhost"),
        ("/_matrix/client/r0/account/password?x=1", None),
        ("/_synapse/admin/v2/users/@an:hue.localhost", "@huep:hue.localhost"),
        ("/kich-hoat", None),
    ):
        with LoggingContext(name="test", server_name="hue.localhost", request=request(url, requester)):
            assert await handler.hash("mat khau") == "hash of mat khau"
    assert asked == [("@an:hue.localhost", "mat khau"), (None, "mat khau")]
    refused = request("/_matrix/client/v3/account/password", None)
    with LoggingContext(name="test", server_name="hue.localhost", request=refused), pytest.raises(ValueError):
        await handler.hash("weak")


def test_a_handler_that_hashes_otherwise_is_named_for_changes_too() -> None:
    async def other(secret: str) -> str:
        return secret

    with pytest.raises(ConfigError, match=r"'password' of .*hash"):
        PasswordChanges(api(Store(), other))
