"""A Synapse that moved what storing a password needs is refused at the start, with the name of what moved."""

from types import SimpleNamespace
from typing import Any

import pytest
from synapse.config import ConfigError

from synapse_modules.homeserver_internals import Passwords


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
