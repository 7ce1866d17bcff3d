"""Pure: one mail as a piece of news, or why it is none."""

import codecs
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.errors import MessageError
from email.headerregistry import AddressHeader, DateHeader
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.policy import EmailPolicy
from typing import cast

from bots.broadcasts.markup import clean, plain, readable
from bots.broadcasts.model import Level
from bots.broadcasts.news.model import NewsItem
from huep.errors import HuepError
from huep.names import normalise
from huep.news_settings import MailboxSettings

MOST_CHARACTERS = 32_000
MOST_SUBJECT = 300
MOST_OF_ONE_HEADER = 4_000
MOST_OF_HEADERS = 16_000
"""Characters of those that are read, of a mail and all its parts: a long From: takes the parser seconds."""
MOST_WRAPPINGS = 10
"""Parts that hold parts, and mails in mails: the parser looks at each line once for every one that it is in."""
_OF_HOST_NAMES = frozenset(("punycode", "idna"))
"""Encodings of which decoding takes the square of the length; no text is written in them."""
_READ = ("from", "subject", "date", "message-id", "auto-submitted", "content-")
AHEAD_AT_MOST = timedelta(days=1)
_UNREADABLE = (MessageError, LookupError, ValueError, TypeError, AttributeError, RecursionError)
"""What the standard library's parser raises for mails that nobody wrote by hand."""


class NotTaken(HuepError):
    """A mail that is no news: of somebody else, made by a machine, or not to be read."""


class _Brief(EmailPolicy):
    """Refuses long headers before any is understood, and parts within parts without end; of one reading."""

    read = 0
    """Characters so far."""
    wrappings = 0

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        if name.lower().startswith(_READ):
            total = self.read + len(value)
            if len(value) > MOST_OF_ONE_HEADER or total > MOST_OF_HEADERS:
                raise NotTaken("a mail has longer headers than mails have")
            object.__setattr__(self, "read", total)  # policies are frozen otherwise
        if name.lower() == "content-type" and any(kind in value.lower() for kind in ("multipart", "message")):
            object.__setattr__(self, "wrappings", self.wrappings + 1)
            if self.wrappings > MOST_WRAPPINGS:
                raise NotTaken("a mail has more parts within parts than mails have")
        return name, value


def check_headers(headers: bytes, source: MailboxSettings) -> None:
    """Refuse a mail by its headers, before anything else of it is looked at.

    Args:
        headers: all of them, as they came.
        source: whose mail counts.

    Raises:
        NotTaken: it is no news.
    """
    with _reading():
        mail = _parsed(headers)
        if _sender(mail) not in source.senders:
            raise NotTaken("a mail is not from one of the senders alone")
        if str(mail.get("Auto-Submitted", "no")).strip().lower() != "no":
            raise NotTaken("a mail was written by a machine")


def item_of_mail(raw: bytes, source: MailboxSettings, now: datetime) -> NewsItem:
    """What a mail says whose headers were found good; attachments and pictures are left out.

    Args:
        raw: as it came; its end may be missing.
        source: whose mail it is.
        now: a date further ahead is a mistake.

    Raises:
        NotTaken: it is no news.
    """
    with _reading():
        return _item(_parsed(raw), raw, source, now)


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except _UNREADABLE as error:
        raise NotTaken(f"a mail cannot be read ({type(error).__name__})") from error


def _parsed(raw: bytes) -> EmailMessage:
    return cast(EmailMessage, BytesParser(policy=_Brief()).parsebytes(raw))


def _item(mail: EmailMessage, raw: bytes, source: MailboxSettings, now: datetime) -> NewsItem:
    title, (body, html) = normalise(readable(str(mail.get("Subject", ""))))[:MOST_SUBJECT], _content(mail)
    if not title and not body:
        raise NotTaken("a mail says nothing")
    return NewsItem(
        source=source.name,
        key=str(mail.get("Message-ID", "")).strip() or hashlib.sha256(raw).hexdigest(),
        title=title,
        body=body,
        html=html,
        published_at=_moment(mail, now),
        level=Level(source.level),
        audience=source.audience,
    )


def _sender(mail: EmailMessage) -> str | None:
    """The one address that it is from; None where there is none, or more: programs differ on which of them to show."""
    headers = mail.get_all("From", [])
    if len(headers) != 1 or not isinstance(headers[0], AddressHeader) or len(headers[0].addresses) != 1:
        return None
    return str(headers[0].addresses[0].addr_spec).lower()


def _content(mail: EmailMessage) -> tuple[str, str | None]:
    """Plain, and formatted where it is."""
    formatted, written = mail.get_body(("html",)), mail.get_body(("plain",))
    if formatted is not None:
        html = clean(_text(formatted))
        if body := plain(html):
            return body, html
    return (readable(_text(written)).strip() if written is not None else ""), None


def _text(part: MIMEPart) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    return content.decode(_encoding(part), "replace")[:MOST_CHARACTERS]


def _encoding(part: MIMEPart) -> str:
    try:
        name = codecs.lookup(part.get_content_charset("utf-8")).name
    except LookupError:
        return "utf-8"
    return "utf-8" if name in _OF_HOST_NAMES else name


def _moment(mail: EmailMessage, now: datetime) -> datetime | None:
    header = mail.get("Date")
    moment = header.datetime if isinstance(header, DateHeader) else None
    if moment is None:
        return None
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return moment if moment <= now + AHEAD_AT_MOST else None
