"""Where news are fetched from: every place that huep.toml declares, inside or outside."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from huep.broadcasts_settings import BroadcastsSettings
from huep.doctor.building import Building, host_of
from huep.doctor.finding import Finding, declared, fail, note
from huep.push.addresses import origin


def read_news(settings: BroadcastsSettings, building: Building) -> Iterator[Finding]:
    """One finding a feed and one for the mailbox; webhooks are told, and ask nobody."""
    for number, feed in enumerate(settings.feeds):
        where, place = f"broadcasts.feeds[{number}].url", origin(feed.url)
        plain = urlsplit(feed.url).scheme == "http"
        if building.holds_url(feed.url):
            yield note(where, f"news of {feed.unit} are fetched from {place}, inside.")
        elif plain:
            yield fail(where, f"{place} is outside, and plain http: whoever is on the way could speak; use https.")
        else:
            yield declared(where, f"news of {feed.unit} are fetched from {place}, outside.")
    if (mailbox := settings.mailbox) is not None:
        said = f"mail to {mailbox.user} is fetched from {mailbox.host}:{mailbox.port}"
        if building.holds(mailbox.host):
            yield note("broadcasts.mailbox.host", f"{said}, inside.")
        else:
            yield declared("broadcasts.mailbox.host", f"{said}, outside.")


def news_hosts(settings: BroadcastsSettings) -> list[str | None]:
    """Hosts that are asked for news."""
    mailbox = [settings.mailbox.host] if settings.mailbox else []
    return [*(host_of(feed.url) for feed in settings.feeds), *mailbox]
