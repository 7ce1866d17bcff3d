"""Every address that Synapse's client and admin APIs serve, read from its own servlets: what no list of ours can forget."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

import synapse.rest.admin
import synapse.rest.client
import synapse.rest.media
from synapse.http.servlet import RestServlet

_GROUP = re.compile(r"\(\?P<(\w+)>")
_METHODS = ("GET", "PUT", "POST", "DELETE")


@dataclass(frozen=True, order=True)
class Address:
    """One method of one path; `{names}` stand where the path takes something."""

    path: str
    method: str


def addresses() -> Iterator[Address]:
    """Of each servlet the newest of its paths."""
    for package in (synapse.rest.client, synapse.rest.media, synapse.rest.admin):
        for servlet in _servlets(package):
            patterns = getattr(servlet, "PATTERNS", ())
            for method in _METHODS:
                if patterns and hasattr(servlet, f"on_{method}"):
                    yield Address(_example(patterns), method)


def _servlets(package: ModuleType) -> Iterator[type[RestServlet]]:
    inner = (
        importlib.import_module(found.name) for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
    )
    for module in (package, *inner):
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, RestServlet) and value.__module__ == module.__name__:
                yield value


def _example(patterns: "list[re.Pattern[str]]") -> str:
    """A path that one of `patterns` matches, v3 before the older ones."""
    paths = [_path(pattern.pattern) for pattern in patterns]
    return max(paths, key=lambda path: ("/v3/" in path, "/client/v1/" in path or "/admin/v" in path))


def _path(pattern: str) -> str:
    """The text of a regular expression: names for what is taken, one of each choice."""
    text = pattern.removeprefix("^").removesuffix("$").replace("\\", "")
    while "(" in text:
        start = text.index("(")
        end = _closing(text, start)
        named = _GROUP.match(text, start)
        inner = text[named.end() if named else start + 1 : end]
        word = f"{{{named[1]}}}" if named and not re.fullmatch(r"[\w/.|-]+", inner) else _one_of(inner.split("|"))
        text = f"{text[:start]}{word}{text[end + 1 :].removeprefix('?')}"
    return text.removesuffix("?").removesuffix("/")


def _one_of(choices: "list[str]") -> str:
    return next((choice for choice in ("v3", "v1") if choice in choices), choices[0])


def _closing(text: str, start: int) -> int:
    depth = 0
    for index in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[index], 0)
        if depth == 0:
            return index
    raise AssertionError(f"no closing bracket in {text}")
