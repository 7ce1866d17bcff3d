"""Synapse's own parts, looked up by name and checked for what is needed of them."""

import inspect
from collections.abc import Callable
from typing import Any

from synapse.config import ConfigError
from synapse.module_api import ModuleApi
from synapse.util import SYNAPSE_VERSION

TESTED_WITH = "1.163"


def moved(what: str) -> ConfigError:
    """What stops Synapse at its start: `what` is not where it was."""
    return ConfigError(
        f"synapse_modules: Synapse {SYNAPSE_VERSION} has no {what}; HueP is tested with Synapse {TESTED_WITH}: "
        "install that one, or a newer HueP"
    )


def homeserver_of(api: ModuleApi) -> Any:
    """Synapse's HomeServer, which knows all handlers of this process."""
    return attribute(api, "_hs", "ModuleApi")


def store_of(homeserver: Any) -> Any:
    """The main data store."""
    return attribute(call(homeserver, "get_datastores"), "main", "Databases")


def attribute(owner: object, name: str, owner_name: str) -> Any:
    """What `owner` has under `name`."""
    try:
        return getattr(owner, name)
    except AttributeError as error:
        raise moved(f"{owner_name}.{name}") from error


def made_with(owner: type[Any], name: str) -> None:
    """That `owner` is made with a parameter of this name."""
    if name not in inspect.signature(owner).parameters:
        raise moved(f"{owner.__name__}.{name}")


def speaks_of(function: Callable[..., Any], *words: str) -> None:
    """That the code of `function` has these names or texts; what it keeps in itself no signature shows."""
    known = {*function.__code__.co_names, *map(repr, function.__code__.co_consts)}
    for word in words:
        if word not in known and repr(word) not in known:
            raise moved(f"{word!r} in {function.__qualname__}")


def call(owner: object, name: str) -> Any:
    """What the method `name` of `owner` gives, called without arguments."""
    return attribute(owner, name, type(owner).__name__)()


def function(owner: object, name: str, parameters: tuple[str, ...]) -> Callable[..., Any]:
    """The function `name` of `owner`, which has at least these parameters."""
    owner_name = owner.__name__ if isinstance(owner, type) else type(owner).__name__
    function: Callable[..., Any] = attribute(owner, name, owner_name)
    known = inspect.signature(function).parameters
    for parameter in parameters:
        if parameter not in known:
            raise moved(f"parameter {parameter!r} of {owner_name}.{name}")
    return function
