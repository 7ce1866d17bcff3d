"""A mailbox by IMAP over TLS (RFC 9051): what is unseen is read, and marked when it has been dealt with."""

import imaplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

import structlog

from bots.broadcasts.news.fetching import NotAnswered, SourceUnreadable
from bots.broadcasts.news.mail import NotTaken, check_headers, item_of_mail
from bots.broadcasts.news.model import NewsItem
from huep.news_settings import MailboxSettings

log = structlog.get_logger(__name__)

EACH_STEP_WITHIN_S = 20.0
MOST_AT_ONCE = 50
MOST_HEADER_BYTES = 65_536
SEEN = r"(\Seen)"


class MailboxRefused(SourceUnreadable):
    """The server does not let us in, or not into the folder."""


def read_mailbox(source: MailboxSettings, password: str, deal_with: Callable[[NewsItem], object], now: datetime) -> int:
    """Hand every unseen mail of an allowed sender over; returns how many.

    A mail is marked as seen when `deal_with` has returned, so whoever dies between the two gets it again: it must know
    what it had. What is no news is marked without.

    Args:
        source: where, and whose mail counts.
        password: of its user.
        deal_with: raises to leave this mail and all that follow unseen.
        now: of the reading.

    Raises:
        SourceUnreadable: the server cannot be reached, is not who it should be, or refuses.
    """
    taken = 0
    with opened(source, password) as server:
        for uid in unseen(server):
            try:
                item = _news(server, uid, source, now)
            except NotTaken as refusal:
                log.warning("a mail is passed over", source=source.name, reason=str(refusal))
            else:
                deal_with(item)
                taken += 1
            _asked(server.uid("STORE", uid, "+FLAGS", SEEN))
    return taken


def peek(source: MailboxSettings, password: str, now: datetime) -> tuple[tuple[NewsItem, ...], tuple[str, ...]]:
    """What would be handed over, the newest first, and why other mails are passed over; nothing is marked.

    Raises:
        SourceUnreadable: as `read_mailbox`.
    """
    items, refusals = list[NewsItem](), list[str]()
    with opened(source, password) as server:
        for uid in unseen(server):
            try:
                items.insert(0, _news(server, uid, source, now))
            except NotTaken as refusal:
                refusals.append(str(refusal))
    return tuple(items), tuple(refusals)


@contextmanager
def opened(source: MailboxSettings, password: str) -> Iterator[imaplib.IMAP4_SSL]:
    """The folder, for the block; the server's certificate must be of its name and of an authority of this system."""
    where = f"{source.host}:{source.port}"
    try:
        server = imaplib.IMAP4_SSL(
            source.host, source.port, ssl_context=ssl.create_default_context(), timeout=EACH_STEP_WITHIN_S
        )
    except (OSError, imaplib.IMAP4.error) as error:
        raise NotAnswered(f"{where} cannot be reached ({type(error).__name__}).") from error
    try:
        try:
            server.authenticate("PLAIN", lambda _: f"\0{source.user}\0{password}".encode())
            _asked(server.select(f'"{source.folder}"'))
        except imaplib.IMAP4.error as error:
            raise MailboxRefused(f"{where} does not let {source.user} into {source.folder}.") from error
        yield server
    except OSError as error:
        raise NotAnswered(f"{where} answers no longer ({type(error).__name__}).") from error
    except imaplib.IMAP4.error as error:
        raise NotAnswered(f"{where} does not do as IMAP says.") from error
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            server.logout()


def unseen(server: imaplib.IMAP4_SSL) -> list[str]:
    """Numbers of mails that nobody has seen, the oldest first; at most MOST_AT_ONCE."""
    found = _asked(server.uid("SEARCH", "UNSEEN"))
    return [uid.decode("ascii") for uid in bytes(found[0] or b"").split() if uid.isdigit()][:MOST_AT_ONCE]


def _news(server: imaplib.IMAP4_SSL, uid: str, source: MailboxSettings, now: datetime) -> NewsItem:
    """What a mail says; of one that its headers refuse nothing else is fetched."""
    headers = fetched(server, uid, "HEADER", MOST_HEADER_BYTES)
    if len(headers) == MOST_HEADER_BYTES:
        raise NotTaken("a mail has longer headers than mails have")
    check_headers(headers, source)
    return item_of_mail(fetched(server, uid, "", source.max_bytes), source, now)


def fetched(server: imaplib.IMAP4_SSL, uid: str, section: str, most_bytes: int) -> bytes:
    """The beginning of a section of a mail, which stays unseen; empty where it is gone."""
    for part in _asked(server.uid("FETCH", uid, f"(BODY.PEEK[{section}]<0.{most_bytes}>)")):
        if isinstance(part, tuple):
            return bytes(part[1])
    return b""


def _asked(answer: tuple[str, list[Any]]) -> list[Any]:
    """What a server answered; imaplib.IMAP4.error where it refused."""
    status, content = answer
    if status != "OK":
        raise imaplib.IMAP4.error(status)
    return content
