"""News on their way to becoming announcements: each once, no more of them in an hour than its source may say."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import Connection

from bots.broadcasts.model import Draft, Level, Wanted
from bots.broadcasts.news.drafting import author_of, draft_of
from bots.broadcasts.news.model import (
    Announce,
    AudienceRefused,
    ItemState,
    NewsItem,
    NewsNotAnnounced,
    NobodyAnswers,
    NoSuchUnit,
    Receipt,
    Understand,
)
from bots.broadcasts.news.store import NewsStore, Waiting
from bots.broadcasts.news.telling import tell
from bots.runtime.tools import Tools
from huep.directory.model import Person, PersonKey, Unit
from huep.names import localpart_of
from huep.news_settings import FeedSettings, SourceSettings, WebhookSettings

AN_HOUR = timedelta(hours=1)
NEWS_FOR = timedelta(days=7)
"""What was published longer ago is no news, such as when a portal numbers its archive anew."""
WAITS_AT_MOST = timedelta(hours=24)
READ_AT_ONCE = 20
"""Of those that wait."""


class Intake:
    """Takes items in, each in a transaction of its own; synchronous, called in a thread.

    Args:
        tools: the bot's.
        announce: makes an announcement of a draft.
        understand: says whom an audience's words mean.
    """

    def __init__(self, tools: Tools, announce: Announce, understand: Understand) -> None:
        self._tools = tools
        self._announce = announce
        self._understand = understand
        self.store = NewsStore(localpart_of(tools.user_id), tools.seal, tools.clock)

    def take(self, source: SourceSettings, item: NewsItem, *, announced: bool = True) -> Receipt:
        """What becomes of one item; the same item again changes nothing.

        Args:
            source: who tells it.
            item: what.
            announced: False to know it from now on and say nothing.

        Raises:
            NewsNotAnnounced: not as things stand. It is not known then, and may be handed in again.
        """
        by_words = isinstance(source, FeedSettings)
        with self._tools.engine.connect() as connection:
            if (known := self.store.find(connection, item, by_words=by_words)) is not None:
                return known
        prepared = self._prepared(source, item) if announced and not self._is_old(item) else None
        with self._tools.engine.begin() as connection:
            self.store.hold(connection, source.name)
            # Somebody may have told it meanwhile.
            if (known := self.store.find(connection, item, by_words=by_words)) is not None:
                return known
            receipt = self._receipt(connection, source, item, prepared)
            if receipt.state is ItemState.WAITING:
                tell(self._tools, connection, "news-held-back", source, f"{self._tools.clock():%Y-%m-%d %H}")
            self.store.put(connection, item, receipt)
            self.store.heard(connection, source.name)
            return receipt

    def release(self, source: SourceSettings) -> int:
        """Announce what has waited, the urgent first, as far as the hour allows; returns how many it were.

        Whatever waits for an audience that was refused is not prepared any more.

        Raises:
            NewsNotAnnounced: of the first that could not be announced, when all others were; it waits on.
        """
        released = 0
        refused: NewsNotAnnounced | None = None
        audiences = set[str]()
        with self._tools.engine.begin() as connection:
            self.store.give_up(connection, source.name, self._tools.clock() - WAITS_AT_MOST)
        for level in reversed(Level):
            for one in self._waiting(source, level):
                if one.item.audience in audiences:
                    continue
                try:
                    if not self._let_out(source, one):
                        break
                except NewsNotAnnounced as error:
                    refused = refused or error
                    if isinstance(error, AudienceRefused):
                        audiences.add(one.item.audience)
                else:
                    released += 1
        if refused is not None:
            raise refused
        return released

    def audiences(self, source: SourceSettings) -> tuple[Person, tuple[Wanted, ...]]:
        """Who answers for a source today, and whom all its words mean.

        Raises:
            NewsNotAnnounced: nothing that it says could be announced, or not all.
        """
        answers = self._who_answers(source)
        others = source.audiences.values() if isinstance(source, WebhookSettings) else ()
        words = dict.fromkeys((source.audience, *others))
        return answers, tuple(self._understand(one, answers) for one in words)

    def _waiting(self, source: SourceSettings, level: Level) -> Iterator[Waiting]:
        """All that wait, the oldest first."""
        last = 0
        while True:
            with self._tools.engine.connect() as connection:
                found = self.store.waiting(connection, source.name, level, last, READ_AT_ONCE)
            if not found:
                return
            yield from found
            last = found[-1].item_id

    def _let_out(self, source: SourceSettings, waiting: Waiting) -> bool:
        """False where the hour allows no more of its level, or somebody else let it out."""
        prepared = self._prepared(source, waiting.item)
        with self._tools.engine.begin() as connection:
            self.store.hold(connection, source.name)
            if self._is_full(connection, source, waiting.item.level) or not self.store.waits(connection, waiting):
                return False
            self.store.release(connection, waiting, self._announce(connection, *prepared))
        return True

    def _receipt(
        self,
        connection: Connection,
        source: SourceSettings,
        item: NewsItem,
        prepared: tuple[Draft, PersonKey | None] | None,
    ) -> Receipt:
        if prepared is None:
            return Receipt(ItemState.KNOWN)
        if self._is_full(connection, source, item.level):
            return Receipt(ItemState.WAITING)
        return Receipt(ItemState.ANNOUNCED, self._announce(connection, *prepared))

    def _is_old(self, item: NewsItem) -> bool:
        return item.published_at is not None and item.published_at < self._tools.clock() - NEWS_FOR

    def _is_full(self, connection: Connection, source: SourceSettings, level: Level) -> bool:
        """Counted by level, so that no flood of small news holds back a storm warning."""
        since = self._tools.clock() - AN_HOUR
        return self.store.announced_since(connection, source.name, level, since) >= source.most_per_hour

    def _prepared(self, source: SourceSettings, item: NewsItem) -> tuple[Draft, PersonKey | None]:
        answers, unit = self._who_answers(source), self._unit(source)
        wanted = self._understand(item.audience, answers)
        draft = draft_of(item, source, wanted, author_of(source, unit, answers), self._tools.clock())
        return draft, answers.key if source.approval else None

    def _who_answers(self, source: SourceSettings) -> Person:
        """The person named, else who leads the unit, or the nearest above it: somebody who is there today."""
        tools, own = self._tools, self._unit(source)
        named = tools.directory.person_of(tools.settings.user_id(source.approver)) if source.approver else None
        units = (unit.code for unit in reversed(tools.directory.path_to(own.code)))
        for person in (named, *(tools.directory.leadership_of(code).acting for code in units)):
            if person is not None and person.present and person.posts and person.user_id is not None:
                return person
        raise NobodyAnswers(source.name, own.code)

    def _unit(self, source: SourceSettings) -> Unit:
        unit = self._tools.directory.unit(source.unit)
        if unit is None:
            raise NoSuchUnit(source.name, source.unit)
        return unit
