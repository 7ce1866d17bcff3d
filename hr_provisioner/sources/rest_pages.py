"""Walking through a collection of a REST interface page by page: retries, conditional requests, no way off the host."""

import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from hr_provisioner.sources.source import SourceAway, SourceUnreadable
from huep.catalogue import Message

ATTEMPTS = 5
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 8.0
"""Each pause is twice the one before; a server's Retry-After counts up to this."""
TIMEOUT_S = 30.0
LARGEST_PAGE_BYTES = 32 * 1024 * 1024
LARGEST_COLLECTION_BYTES = 256 * 1024 * 1024
MOST_PAGES = 20_000
WALKS = 3
"""So often is a collection read that changes meanwhile."""

Json = dict[str, Any]


class NothingThere(SourceUnreadable):
    """404: of a whole collection a wrong address, of one person that the interface does not know them."""


@dataclass(frozen=True)
class KeptPage:
    """A page as the server sent it, and the mark by which it says whether the page is still so."""

    etag: str
    body: str


@dataclass(frozen=True)
class Collection:
    """All items of a collection, in its order."""

    items: tuple[Json, ...]
    total: int | None
    """What the server states."""
    pages: Mapping[str, KeptPage] = field(default_factory=dict)
    """By address, those that can be asked for conditionally next time."""


@dataclass(frozen=True)
class _Page:
    items: list[Json]
    next: str | None
    total: int | None
    kept: KeptPage


class RestPages:
    """A client of one interface. Use it as a context manager, or close it.

    `base`: the address below which collections lie; every page must be of its scheme, host and port.
    """

    def __init__(self, base: str, token: str, pause: Callable[[float], None] = time.sleep) -> None:
        self._base = base.rstrip("/") + "/"
        self._pause = pause
        self._client = httpx.Client(
            headers={"authorization": f"Bearer {token}", "accept": "application/json"},
            timeout=TIMEOUT_S,
            follow_redirects=False,
            # Proxies of the environment would see the token.
            trust_env=False,
            verify=ssl.create_default_context(),
        )

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> "RestPages":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, path: str, query: Mapping[str, str], kept: Mapping[str, KeptPage]) -> Collection:
        """The whole collection at `path`; pages of `kept` that the server calls unchanged are not sent again.

        Raises SourceUnreadable, also when the collection changes each time while it is being read.
        """
        first = str(httpx.URL(urljoin(self._base, path)).copy_merge_params(dict(query)))
        for _ in range(WALKS):
            collection = self._walk(first, kept)
            if collection is not None:
                return collection
            kept = {}
        raise SourceUnreadable(first, Message.of("unreadable-changing", attempts=WALKS))

    def _walk(self, first: str, kept: Mapping[str, KeptPage]) -> Collection | None:
        """None when it changed meanwhile: its total moved, or its beginning is another in the end."""
        items: list[Json] = []
        beginning: list[Json] = []
        pages: dict[str, KeptPage] = {}
        address: str | None = first
        totals: set[int] = set()
        size = 0
        while address is not None:
            if address in pages or len(pages) >= MOST_PAGES:
                raise SourceUnreadable(address, Message("unreadable-loop"))
            page = self._page(address, kept.get(address))
            pages[address] = page.kept
            size += len(page.kept.body)
            if size > LARGEST_COLLECTION_BYTES:
                raise _too_large(address, LARGEST_COLLECTION_BYTES)
            beginning = beginning or page.items
            items += page.items
            totals |= {page.total} if page.total is not None else set()
            if len(totals) > 1:
                return None
            address = self._next(first, address, page.next)
        total = next(iter(totals), None)
        if len(pages) > 1 and self._page(first, pages[first]).items != beginning:
            return None
        return Collection(tuple(items), total, {at: page for at, page in pages.items() if page.etag})

    def _next(self, first: str, address: str, following: str | None) -> str | None:
        """The address of the next page, from an address (whole or not) or from a cursor."""
        if not following:
            return None
        if following.startswith(("http:", "https:", "/", "?", "./")):
            found = urljoin(address, following)
        else:
            found = str(httpx.URL(first).copy_merge_params({"cursor": following}))
        if _host(found) != _host(self._base):
            raise SourceUnreadable(address, Message.of("unreadable-elsewhere", address=found))
        return found

    def _page(self, address: str, kept: KeptPage | None) -> _Page:
        etag, body = self._fetch(address, kept)
        try:
            content = json.loads(body)
            page: Json = {"items": content} if isinstance(content, list) else content
            items, following, total = page["items"], page.get("next"), page.get("total")
            if not all(isinstance(item, dict) for item in items):
                raise TypeError("items")  # noqa: TRY301
            known_total = None if total is None else int(total)
            return _Page(items, None if following is None else str(following), known_total, KeptPage(etag, body))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            said = f"{type(error).__name__}: {error}"
            raise SourceUnreadable(address, Message.of("unreadable-answer", error=said)) from error

    def _fetch(self, address: str, kept: KeptPage | None) -> tuple[str, str]:
        """Mark and text of a page; tries again what may pass."""
        headers = {"if-none-match": kept.etag} if kept and kept.etag else {}
        failure, pause = "", 0.0
        for attempt in range(ATTEMPTS):
            if attempt:
                self._pause(pause)
            pause = min(FIRST_PAUSE_S * 2**attempt, LONGEST_PAUSE_S)
            try:
                with self._client.stream("GET", address, headers=headers) as response:
                    if response.status_code == httpx.codes.NOT_MODIFIED and kept and headers:
                        return kept.etag, kept.body
                    if response.is_redirect:
                        target = urljoin(address, response.headers.get("location", ""))
                        raise SourceUnreadable(address, Message.of("unreadable-elsewhere", address=target))
                    if response.is_success:
                        return response.headers.get("etag", ""), _text(address, response)
                    failure = f"{response.status_code} {response.reason_phrase}"
                    if not (response.is_server_error or response.status_code == httpx.codes.TOO_MANY_REQUESTS):
                        status = str(response.status_code)
                        reason = Message.of("unreadable-http-status", status=status)
                        if response.status_code == httpx.codes.NOT_FOUND:
                            raise NothingThere(address, reason)
                        raise SourceUnreadable(address, reason)
                    pause = max(pause, _asked_pause(response))
            except httpx.HTTPError as error:
                failure = str(error) or type(error).__name__
        raise SourceAway(address, Message.of("unreadable-http", attempts=ATTEMPTS, error=failure))


def _text(address: str, response: httpx.Response) -> str:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > LARGEST_PAGE_BYTES:
            raise _too_large(address, LARGEST_PAGE_BYTES)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SourceUnreadable(address, Message.of("unreadable-answer", error=str(error))) from error


def _asked_pause(response: httpx.Response) -> float:
    said = response.headers.get("retry-after", "")
    return min(float(said), LONGEST_PAUSE_S) if said.isdigit() else 0.0


def _too_large(address: str, limit_bytes: int) -> SourceUnreadable:
    return SourceUnreadable(address, Message.of("unreadable-too-large", limit=limit_bytes // (1024 * 1024)))


def _host(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)
