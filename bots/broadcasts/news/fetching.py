"""Fetching one declared address: bounded in time, size and steps, and never anywhere else."""

import asyncio
import ssl
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

import httpx

from huep.errors import HuepError
from huep.push.addresses import origin

ALL_WITHIN_S = 30.0
EACH_STEP_WITHIN_S = 10.0
MOST_REDIRECTS = 5
ACCEPTED = "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1"
MOST_HEADER_CHARACTERS = 500
"""Of an ETag or date that is kept and shown again."""
_LED_ON = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER, 307, 308}


class SourceUnreadable(HuepError):
    """A source could not be read; the sentence says why, with nothing of what it holds."""


class TooLarge(SourceUnreadable):
    """More than huep.toml allows, packed or unpacked."""


class TookTooLong(SourceUnreadable):
    """It answered too slowly, or not at all."""


class LedElsewhere(SourceUnreadable):
    """It wants us to go to a place that huep.toml does not declare."""


class LedInCircles(SourceUnreadable):
    """It sends us on and on."""


class PlainOutside(SourceUnreadable):
    """An address without TLS lies outside the building."""


class NotAnswered(SourceUnreadable):
    """Nobody is there, or the answer is an error."""


@dataclass(frozen=True)
class Validators:
    """By what a server knows what we have already (RFC 9110, section 13)."""

    etag: str | None = None
    last_modified: str | None = None

    def headers(self) -> dict[str, str]:
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in named.items() if value}


NOTHING_KNOWN = Validators()


@dataclass(frozen=True)
class Fetched:
    """What lay there."""

    body: bytes
    """Unpacked."""
    kind: str
    """The Content-Type, as it was given."""
    validators: Validators


@cache
def _authorities() -> ssl.SSLContext:
    """The system's certificate authorities, to which an operator may add the province's own."""
    return ssl.create_default_context()


async def fetch(
    url: str, max_bytes: int, holds_url: Callable[[str], bool], known: Validators = NOTHING_KNOWN
) -> Fetched | None:
    """What lies at `url`; None where it is what we have already.

    Args:
        url: as huep.toml declares it.
        max_bytes: of the content, unpacked.
        holds_url: whether the host of an address is of the building.
        known: what came with the content that we have.

    Raises:
        SourceUnreadable: one of the above.
    """
    try:
        async with (
            asyncio.timeout(ALL_WITHIN_S),
            httpx.AsyncClient(verify=_authorities(), timeout=EACH_STEP_WITHIN_S, trust_env=False) as http,
        ):
            return await _follow(http, url, max_bytes, holds_url, known)
    except (TimeoutError, httpx.TimeoutException) as error:
        raise TookTooLong(f"{origin(url)} did not answer within {ALL_WITHIN_S:.0f} s.") from error
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise NotAnswered(f"{origin(url)} cannot be reached ({type(error).__name__}).") from error


async def _follow(
    http: httpx.AsyncClient, url: str, max_bytes: int, holds_url: Callable[[str], bool], known: Validators
) -> Fetched | None:
    address, home, seen = url, origin(url), {url}
    for _ in range(MOST_REDIRECTS + 1):
        if urlsplit(address).scheme == "http" and not await asyncio.to_thread(holds_url, address):
            raise PlainOutside(f"{home} lies outside the building: huep.toml must name it with https.")
        headers = {"Accept": ACCEPTED, "Accept-Encoding": "gzip", "User-Agent": "HueP", **known.headers()}
        async with http.stream("GET", address, headers=headers) as answer:
            if answer.status_code not in _LED_ON:
                return await _read(answer, home, max_bytes, known)
            address, there = _led_on(address, answer.headers.get("Location", ""))
        if there != home:
            raise LedElsewhere(f"{home} sends us on to {there}: declare that address, if it is meant.")
        if address in seen:
            break
        seen.add(address)
    raise LedInCircles(f"{home} sends us on without end.")


def _led_on(address: str, location: str) -> tuple[str, str]:
    """Where a redirect leads, and the origin of that."""
    try:
        there = urljoin(address, location)
        return there, origin(there)
    except ValueError:
        return "", "what is no address"


async def _read(answer: httpx.Response, home: str, max_bytes: int, known: Validators) -> Fetched | None:
    if answer.status_code == HTTPStatus.NOT_MODIFIED and known != NOTHING_KNOWN:
        return None
    if answer.status_code != HTTPStatus.OK:
        raise NotAnswered(f"{home} answered {answer.status_code}.")
    packing = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if packing not in ("identity", "gzip", "x-gzip"):
        raise NotAnswered(f"{home} packed its answer as {packing[:20]!r}, for which we did not ask.")
    content = _Bounded(max_bytes, packed=packing != "identity")
    try:
        async for chunk in answer.aiter_raw():
            content.add(chunk)
        body = content.whole()
    except OverflowError as error:
        raise TooLarge(f"{home} sends more than the {max_bytes} bytes of max_bytes.") from error
    except (zlib.error, EOFError) as error:
        raise NotAnswered(f"{home} sent a packed answer that does not unpack.") from error
    return Fetched(
        body,
        answer.headers.get("Content-Type", "")[:MOST_HEADER_CHARACTERS],
        Validators(_short(answer.headers.get("ETag")), _short(answer.headers.get("Last-Modified"))),
    )


def _short(header: str | None) -> str | None:
    return header if header and len(header) <= MOST_HEADER_CHARACTERS and header.isprintable() else None


class _Bounded:
    """A body as it comes in; never more than `most` bytes of it are held, however small it was packed."""

    def __init__(self, most: int, *, packed: bool) -> None:
        self._most = most
        self._unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16) if packed else None
        self._body = bytearray()

    def add(self, chunk: bytes) -> None:
        room = self._most + 1 - len(self._body)
        self._body += chunk if self._unpacker is None else self._unpacker.decompress(chunk, room)
        if len(self._body) > self._most:
            raise OverflowError

    def whole(self) -> bytes:
        if self._unpacker is not None and not self._unpacker.eof:
            raise EOFError
        return bytes(self._body)
