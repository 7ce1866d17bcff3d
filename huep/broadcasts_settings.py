"""The section `[broadcasts]` of huep.toml: who may say how much, and how urgent news is passed on."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from huep.news_settings import FeedSettings, MailboxSettings, Minutes, SourceSettings, WebhookSettings
from huep.sections import Port, Section


class BroadcastsSettings(Section):
    """`[broadcasts]` (docs/bots/broadcasts.md)."""

    approve_above: Annotated[int, Field(ge=1)] = 5_000
    """An announcement to more people than this needs approval, whoever makes it but the head of the province."""
    most_direct: Annotated[int, Field(ge=0, le=500)] = 500
    """Direct messages that one urgent announcement may cost; past them the heads of units get the list."""
    repeat_after: Minutes = 5
    """Minutes after which an urgent announcement is repeated to those who have not acknowledged it."""
    direct_after: Minutes = 15
    """... sent to them by direct message."""
    deputy_after: Minutes = 30
    """... told to a deputy of their unit."""
    head_after: Minutes = 45
    """... told to the head of their unit."""
    list_after: Minutes = 60
    """... listed to who sent it."""
    longest_deadline_days: Annotated[int, Field(ge=1, le=28)] = 28
    """The bots remember their own messages for thirty days."""
    feeds: tuple[FeedSettings, ...] = ()
    webhooks: tuple[WebhookSettings, ...] = ()
    webhook_port: Port = 8016
    """Where other systems tell news, on loopback alone; nobody listens while no webhook is declared."""
    mailbox: MailboxSettings | None = None

    @property
    def sources(self) -> tuple[SourceSettings, ...]:
        """All that is declared."""
        return (*self.feeds, *self.webhooks, *([self.mailbox] if self.mailbox else []))

    @model_validator(mode="after")
    def _sources_have_names_of_their_own(self) -> Self:
        names = [source.name for source in self.sources]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"two of feeds, webhooks and mailbox are called {min(twice)!r}: name each otherwise")
        return self
