"""What `huep bots news` shows: the declared sources, how they stand, and what one of them would say."""

import asyncio
import json

from rich.console import Console
from rich.text import Text

from bots.broadcasts.desk import Desk
from bots.broadcasts.news import screen
from bots.broadcasts.news.announcing import Announces, Understands
from bots.broadcasts.news.feeds import read_feed
from bots.broadcasts.news.intake import NEWS_FOR, Intake
from bots.broadcasts.news.mailbox import peek
from bots.broadcasts.news.model import NewsItem, NewsNotAnnounced
from bots.broadcasts.news.newsroom import LEAST_SECRET, secret_of
from bots.broadcasts.news.store import NewsStore, SourceState
from bots.broadcasts.news.telling import MESSAGES
from bots.broadcasts.package import BROADCASTS
from bots.process.place import Place, opened
from huep import secret_names
from huep.catalogue import Locale, Voice
from huep.doctor.building import Building
from huep.doctor.looking import addresses_of
from huep.errors import ConfigError
from huep.news_settings import FeedSettings, MailboxSettings, SourceSettings
from huep.state import StateFolder


def show_all(folder: StateFolder, voice: Locale, *, for_programs: bool) -> None:
    """Every declared source with how it stands."""
    with opened(folder) as place, place.engine.connect() as connection:
        declared, store = place.settings.broadcasts, store_of(place)
        counts = store.counts(connection, [source.name for source in declared.sources])
        rows = [
            screen.row_of(source, declared.webhook_port, store.state_of(connection, source.name), counts[source.name])
            for source in declared.sources
        ]
    console = Console(highlight=False)
    if for_programs:
        console.print_json(json.dumps([screen.as_json(row) for row in rows], ensure_ascii=False))
    else:
        screen.show_sources(console, Voice(MESSAGES, voice), rows)


def show_one(folder: StateFolder, voice: Locale, name: str) -> None:
    """What the source `name` has now; nothing is announced, and no mail is marked.

    Raises:
        ConfigError: huep.toml declares no such source.
        SourceUnreadable: it cannot be read.
    """
    say, console = Voice(MESSAGES, voice), Console(highlight=False)
    with opened(folder) as place:
        source = chosen(place, name)
        _show_declared(place, source, say, console)
        match source:
            case FeedSettings():
                items = _read_feed(place, source, say, console)
            case MailboxSettings():
                items, passed_over = peek(source, secret_of(place.state.read_secret, source.name), place.clock())
                for refusal in passed_over:
                    console.print(Text(say("mail-passed-over", reason=refusal), "yellow"))
            case _:
                _show_webhook(place, source, say, console)
                return
        screen.show_items(console, say, [(item, _fate(place, source, item)) for item in items])


def chosen(place: Place, name: str) -> SourceSettings:
    """The declared source of that name.

    Raises:
        ConfigError: there is none.
    """
    sources = {source.name: source for source in place.settings.broadcasts.sources}
    if name not in sources:
        known = ", ".join(sources) or "none"
        raise ConfigError(f"huep.toml declares no source of news called {name!r}. There are: {known}.")
    return sources[name]


def store_of(place: Place) -> NewsStore:
    """What Truyền thông knows of its sources."""
    return NewsStore(place.settings.accounts.broadcasts, place.seal(), place.clock)


def _read_feed(place: Place, source: FeedSettings, say: Voice, console: Console) -> tuple[NewsItem, ...]:
    building = Building(networks=place.settings.building.networks, resolve=addresses_of)
    reading = asyncio.run(read_feed(source, building.holds_url, place.clock()))
    if reading is None:
        return ()
    if reading.complaint is not None:
        console.print(Text(say("feed-broken", complaint=reading.complaint), "yellow"))
    with place.engine.connect() as connection:
        if store_of(place).state_of(connection, source.name).begun_at is None:
            console.print(Text(say("first-time"), "yellow"))
    return tuple(reversed(reading.items))


def _fate(place: Place, source: SourceSettings, item: NewsItem) -> str:
    with place.engine.connect() as connection:
        known = store_of(place).find(connection, item, by_words=isinstance(source, FeedSettings))
    if known is not None:
        return "known"
    old = item.published_at is not None and item.published_at < place.clock() - NEWS_FOR
    return "old" if old else "new"


def _show_declared(place: Place, source: SourceSettings, say: Voice, console: Console) -> None:
    """Who answers for it, and how many people its words mean today; or why nothing could be announced."""
    tools = place.tools(BROADCASTS)
    desk = Desk.of(tools)
    try:
        answers, audiences = Intake(tools, Announces(desk), Understands(tools)).audiences(source)
    except NewsNotAnnounced as error:
        console.print(Text(str(error), "red"))
        return
    console.print(Text(say("answers", name=answers.full_name)))
    for wanted in audiences:
        people = len(desk.ledger.reach(wanted.audience, answers.key).people)
        console.print(Text(say("means", words=wanted.words, people=people)))


def _show_webhook(place: Place, source: SourceSettings, say: Voice, console: Console) -> None:
    row = screen.row_of(source, place.settings.broadcasts.webhook_port, SourceState(), {})
    file = place.state.secrets / secret_names.news_secret(source.name)
    there = file.exists() and len(file.read_text("utf-8").strip()) >= LEAST_SECRET
    console.print(Text(say("webhook-waits", url=row.place)))
    console.print(Text(say("webhook-secret", name=file.name, there="yes" if there else "no", least=LEAST_SECRET)))
