"""What another system may tell by the webhook: a schema whose errors name the field."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from bots.broadcasts.markup import clean, https_address, plain, readable
from bots.broadcasts.model import Level
from bots.broadcasts.news.intake import NEWS_FOR
from bots.broadcasts.news.model import NewsItem
from huep.errors import HuepError
from huep.names import normalise
from huep.news_settings import WebhookSettings

AHEAD_AT_MOST = timedelta(minutes=10)
"""Clocks differ."""


class BadCall(HuepError):
    """A call that is signed and cannot be used; the caller reads which field is the matter."""


class Told(BaseModel):
    """The body of a call."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Annotated[str, Field(min_length=1, max_length=300)]
    text: Annotated[str, Field(max_length=20_000)] = ""
    """Plain."""
    html: Annotated[str | None, Field(max_length=30_000)] = None
    """The same formatted, in place of `text`."""
    severity: Annotated[str | None, Field(max_length=100)] = None
    """One of `levels` in huep.toml."""
    field: Annotated[str | None, Field(max_length=100)] = None
    """One of `audiences` in huep.toml."""
    link: Annotated[str | None, Field(max_length=1_000)] = None
    published_at: AwareDatetime | None = None


def read_call(body: bytes, event_id: str, source: WebhookSettings, now: datetime) -> NewsItem:
    """The item that a call tells.

    Raises:
        BadCall: it is no JSON, or a field of it is not as it should be.
    """
    try:
        told = Told.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        if first["type"] == "json_invalid":
            raise BadCall("the body is not JSON") from error
        raise BadCall(f"{'.'.join(map(str, first['loc'])) or 'the body'}: {first['msg']}") from error
    if told.link is not None and https_address(told.link) is None:
        raise BadCall("link: it is not an https address")
    if told.published_at is not None and not now - NEWS_FOR <= told.published_at <= now + AHEAD_AT_MOST:
        raise BadCall(f"published_at: it lies ahead, or more than {NEWS_FOR.days} days back")
    title, html = normalise(readable(told.title)), clean(told.html) if told.html else ""
    if not title:
        raise BadCall("title: it is empty")
    return NewsItem(
        source=source.name,
        key=event_id,
        title=title,
        body=plain(html) if html else readable(told.text).strip(),
        html=html or None,
        link=told.link,
        published_at=told.published_at,
        level=Level(_mapped("severity", told.severity, source.levels, source.level)),
        audience=_mapped("field", told.field, source.audiences, source.audience),
    )


def _mapped(name: str, stated: str | None, known: Mapping[str, str], otherwise: str) -> str:
    if stated is None:
        return otherwise
    if stated not in known:
        raise BadCall(f"{name}: must be one of {', '.join(sorted(known)) or 'none, for huep.toml names none'}")
    return known[stated]
