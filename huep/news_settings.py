"""Where announcements may come from by themselves: feeds, webhooks and a mailbox of `[broadcasts]` in huep.toml.

None is declared at first, and only what is declared is ever asked or heard.
"""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from huep.push.addresses import origin
from huep.sections import Port, Section

NewsLevel = Literal["information", "important", "urgent"]
"""As `bots.broadcasts.model.Level` has them."""
Minutes = Annotated[int, Field(ge=1, le=1440)]
Bytes = Annotated[int, Field(ge=10_000, le=10_000_000)]
Words = Annotated[str, Field(min_length=1, max_length=500)]
MailAddress = Annotated[str, Field(pattern=r"^[^\s@<>,]+@[^\s@<>,]+$")]


class SourceSettings(Section):
    """What every source of news has."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    """Of letters, digits and hyphens; names its rows, and its secret `news-NAME`."""
    title: str = ""
    """What people read of where it comes from: `Cổng thông tin điện tử thành phố`; the name where none is given."""
    unit: Annotated[str, Field(min_length=1)]
    """Code of the unit that speaks by it."""
    audience: Words
    """In the words in which people say it to the bot: `tất cả chủ tịch xã, phường`."""
    level: NewsLevel = "information"
    approval: bool = True
    """Whether somebody looks at each before it goes out."""
    approver: str | None = None
    """Localpart of the account that is asked; without it, whoever leads the unit that day."""
    most_per_hour: Annotated[int, Field(ge=1, le=1000)] = 10
    """Of each level; what comes beyond waits for the next hour."""
    acknowledge_within_hours: Annotated[int, Field(ge=1, le=672)] = 24
    """The deadline of what is to be acknowledged."""

    @property
    def shown(self) -> str:
        return self.title or self.name


class FeedSettings(SourceSettings):
    """One `[[broadcasts.feeds]]`: an RSS or Atom feed."""

    url: str
    """https; plain http only where it lies inside the building."""
    every_minutes: Minutes = 15
    max_bytes: Bytes = 2_000_000
    """Of the feed as it is read, unpacked."""

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        origin(value)
        parts = urlsplit(value)
        if parts.username is not None or parts.password is not None or parts.fragment:
            raise ValueError(f"{value!r} has a user, a password or a fragment")
        return value


class WebhookSettings(SourceSettings):
    """One `[[broadcasts.webhooks]]`: another system tells, signed with the secret `news-NAME`."""

    levels: dict[str, NewsLevel] = Field(default_factory=dict)
    """Level by the `severity` that the system states; a severity that stands not here is refused."""
    audiences: dict[str, Words] = Field(default_factory=dict)
    """Audience by the `field` that the system states; a field that stands not here is refused."""


class MailboxSettings(SourceSettings):
    """`[broadcasts.mailbox]`: mail to one address, read by IMAP over TLS; its password is the secret `news-NAME`."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")] = "mail"
    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:-]+$")]
    port: Port = 993
    user: Annotated[str, Field(min_length=1)]
    folder: Annotated[str, Field(pattern=r'^[^"\\\x00-\x1f\x7f-\U0010ffff]+$')] = "INBOX"
    senders: Annotated[tuple[MailAddress, ...], Field(min_length=1)]
    """Whose mail counts."""
    every_minutes: Minutes = 2
    max_bytes: Bytes = 500_000
    """Of one mail; what follows is not read."""

    @field_validator("approval")
    @classmethod
    def _is_looked_at(cls, value: bool) -> bool:
        if not value:
            raise ValueError("anybody can write a sender into a mail, so what comes by mail is always approved")
        return value

    @field_validator("senders")
    @classmethod
    def _in_lower_case(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(address.lower() for address in value)
