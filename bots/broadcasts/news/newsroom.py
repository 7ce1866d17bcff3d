"""What goes on beside the bot as long as it runs: feeds and mailbox are read in their time, the webhook's door is open,
what waits for its hour is let out, and operators hear of what does not work.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from bots.broadcasts.news.feeds import FeedReading, read_feed
from bots.broadcasts.news.fetching import SourceUnreadable, Validators
from bots.broadcasts.news.intake import Intake
from bots.broadcasts.news.mailbox import read_mailbox
from bots.broadcasts.news.model import Announce, NewsNotAnnounced, Understand
from bots.broadcasts.news.store import SourceState
from bots.broadcasts.news.telling import tell
from bots.broadcasts.news.web import NewsDoor
from bots.loopback import serve_on_loopback
from bots.runtime.patience import in_transaction, is_passing
from bots.runtime.tools import Tools
from bots.threads import in_thread
from huep import secret_names
from huep.doctor.building import Building
from huep.doctor.looking import addresses_of
from huep.errors import HuepError
from huep.news_settings import FeedSettings, MailboxSettings, SourceSettings
from huep.state import SecretMissing

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 5.0
LONGEST_PAUSE = timedelta(hours=6)
"""Between two tries of a source that cannot be read."""
TOLD_AFTER = 3
"""Failures in a row; one or two are the weather of networks."""
LEAST_SECRET = 32
"""Characters of what a webhook signs with."""


class SecretNotThere(SourceUnreadable):
    """The operator has not written the secret of a source yet."""

    def __init__(self, source: str) -> None:
        name = secret_names.news_secret(source)
        super().__init__(f"{source}: write its secret into the file secrets/{name} of the state folder.")


def secret_of(read_secret: Callable[[str], str], source: str) -> str:
    """The secret of a source; raises SecretNotThere."""
    try:
        return read_secret(secret_names.news_secret(source))
    except SecretMissing as error:
        raise SecretNotThere(source) from error


class Newsroom:
    """All sources that huep.toml declares.

    Args:
        tools: the bot's.
        announce: makes an announcement of a draft.
        understand: says whom an audience's words mean.
        look_every_s: between two looks at what is due.
    """

    def __init__(
        self,
        tools: Tools,
        announce: Announce,
        understand: Understand,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._tools = tools
        self._settings = tools.settings.broadcasts
        self._look_every_s = look_every_s
        self._building = Building(networks=tools.settings.building.networks, resolve=addresses_of)
        self.intake = Intake(tools, announce, understand)

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; nothing that a source does ends it."""
        works = [asyncio.create_task(self._keep_looking(source)) for source in self._settings.sources]
        if self._settings.webhooks:
            works.append(asyncio.create_task(self._serve()))
        try:
            await stop.wait()
        finally:
            for work in works:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)

    async def look(self, source: SourceSettings) -> None:
        """Let out what waited, and read the source if it is time."""
        await self._let_out(source)
        if isinstance(source, FeedSettings | MailboxSettings):
            state = await in_transaction(self._tools.engine, lambda db: self.intake.store.state_of(db, source.name))
            if state.next_at is None or state.next_at <= self._tools.clock():
                await self._read(source, state)

    async def _keep_looking(self, source: SourceSettings) -> None:
        checked = False
        while True:
            try:
                checked = checked or await self._check(source)
                await self.look(source)
            except Exception as error:
                if is_passing(error):
                    log.warning("news wait for the database", source=source.name, error=type(error).__name__)
                else:
                    log.exception("a source of news is looked at again later", source=source.name)
            await asyncio.sleep(self._look_every_s)

    async def _check(self, source: SourceSettings) -> bool:
        """Tell the operators of words in huep.toml that announce nothing, before a storm finds out; True when done."""
        try:
            await in_thread(lambda: self.intake.audiences(source))
        except NewsNotAnnounced as error:
            reason, day = str(error), f"{self._tools.clock():%Y-%m-%d}"
            log.warning("a source could not announce anything", source=source.name, reason=reason)
            await in_transaction(
                self._tools.engine, lambda db: tell(self._tools, db, "news-misdeclared", source, day, reason=reason)
            )
        return True

    async def _serve(self) -> None:
        door = NewsDoor(self._settings.webhooks, self.intake, self._signing_secret, self._tools.clock)
        await serve_on_loopback(door.application(), self._settings.webhook_port, "news")

    def _signing_secret(self, source: str) -> str | None:
        try:
            secret = secret_of(self._tools.secret, source)
        except SecretNotThere:
            return None
        return secret if len(secret) >= LEAST_SECRET else None

    async def _let_out(self, source: SourceSettings) -> None:
        try:
            released = await in_thread(lambda: self.intake.release(source))
        except NewsNotAnnounced as error:
            log.warning("news wait on", source=source.name, reason=str(error))
            return
        if released:
            log.info("news that waited were announced", source=source.name, count=released)

    async def _read(self, source: FeedSettings | MailboxSettings, state: SourceState) -> None:
        begun = self._tools.clock()
        try:
            validators, complaint = await self._taken_in(source, state)
        except (SourceUnreadable, NewsNotAnnounced) as error:
            await self._keep(source, _failed(state, source, begun, error))
            return
        known = validators or Validators(state.etag, state.last_modified)
        await self._keep(
            source,
            SourceState(
                begun_at=state.begun_at or begun,
                read_at=begun,
                next_at=begun + timedelta(minutes=source.every_minutes),
                error=complaint,
                etag=known.etag,
                last_modified=known.last_modified,
            ),
        )

    async def _taken_in(
        self, source: FeedSettings | MailboxSettings, state: SourceState
    ) -> tuple[Validators | None, str | None]:
        """What to ask with the next time, None for as before; and what is broken though it could be read."""
        if isinstance(source, MailboxSettings):
            await in_thread(lambda: self._read_mail(source))
            return None, None
        known = Validators(state.etag, state.last_modified)
        told = await in_transaction(self._tools.engine, lambda db: self.intake.store.told(db, source.name))
        reading = await read_feed(source, self._building.holds_url, self._tools.clock(), known, told)
        if reading is None:
            return None, None
        await in_thread(lambda: self._take_all(source, reading, first=state.begun_at is None))
        complaint = f"{source.name}: the feed is broken ({reading.complaint}); what could be read was."
        return reading.validators, complaint if reading.complaint else None

    def _read_mail(self, source: MailboxSettings) -> None:
        read_mailbox(
            source, secret_of(self._tools.secret, source.name), partial(self.intake.take, source), self._tools.clock()
        )

    def _take_all(self, source: FeedSettings, reading: FeedReading, *, first: bool) -> None:
        """Each by itself; one that cannot be announced holds back no other, and is handed in again at the next reading.

        Raises:
            NewsNotAnnounced: of the first of those.
        """
        refused: NewsNotAnnounced | None = None
        for item in reading.items:
            try:
                self.intake.take(source, item, announced=not first)
            except NewsNotAnnounced as error:
                refused = refused or error
        with self._tools.engine.begin() as connection:
            self.intake.store.saw(connection, source.name, (*reading.told, *(item.key for item in reading.items)))
            self.intake.store.forget(connection)
        if refused is not None:
            raise refused

    async def _keep(self, source: SourceSettings, state: SourceState) -> None:
        def keep(connection: Connection) -> None:
            self.intake.store.keep_state(connection, source.name, state)
            if state.failures >= TOLD_AFTER:
                tell(self._tools, connection, "news-unread", source, f"{state.failing_since}", reason=state.error or "")

        if state.error is not None:
            log.warning("a source of news has a fault", source=source.name, reason=state.error)
        await in_transaction(self._tools.engine, keep)


def _failed(state: SourceState, source: FeedSettings | MailboxSettings, now: datetime, error: HuepError) -> SourceState:
    """The pause doubles with each failure in a row."""
    failures = state.failures + 1
    usual = timedelta(minutes=source.every_minutes)
    pause = max(usual, min(usual * 2 ** min(failures, 10), LONGEST_PAUSE))
    return replace(
        state, failures=failures, failing_since=state.failing_since or now, error=str(error), next_at=now + pause
    )
