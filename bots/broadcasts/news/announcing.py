"""News handed over to those who announce: the ledger, the rooms, and the person who approves."""

import asyncio

from sqlalchemy import Connection

from bots.broadcasts.audience.words import AudienceWords
from bots.broadcasts.commands.speaking import figures, put_before
from bots.broadcasts.desk import Desk
from bots.broadcasts.model import Broadcast, Draft, State, Wanted
from bots.broadcasts.news.model import AudienceNotUnderstood, ReachesNobody
from bots.broadcasts.news.newsroom import Newsroom
from bots.runtime.access import Access
from bots.runtime.arguments import Asking, Understood
from bots.runtime.tools import Tools
from huep import audit
from huep.catalogue import Locale
from huep.directory.model import Person, PersonKey


async def go_through_news(tools: Tools, stop: asyncio.Event) -> None:
    """Look after the declared sources until `stop` is set."""
    await Newsroom(tools, Announces(Desk.of(tools)), Understands(tools)).run(stop)


class Announces:
    """Makes a draft an announcement: sent, or laid before who approves it, in one transaction with its record."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def __call__(self, connection: Connection, draft: Draft, approver: PersonKey | None) -> int:
        desk = self._desk
        reach = desk.ledger.reach(draft.wanted.audience, draft.author.key)
        if not reach.people:
            raise ReachesNobody(draft.wanted.words)
        state = State.SENT if approver is None else State.AWAITING
        number = desk.ledger.put(connection, draft, state, approver)
        broadcast = Broadcast(number, draft, state, desk.tools.clock(), approver=approver)
        if approver is None:
            desk.delivery.send(connection, broadcast, reach)
        else:
            put_before(desk, connection, broadcast, reach, draft.author.user_id)
        details = {**figures(broadcast, reach), "source": draft.origin}
        audit.append(connection, [desk.ledger.act(connection, desk.tools.user_id, "news", number, details)])
        return number


class Understands:
    """Reads an audience as the person who answers for it would say it to the bot."""

    def __init__(self, tools: Tools) -> None:
        self._words = AudienceWords(tools.directory)
        self._access = Access(tools.directory, tools.preferences)
        self._clock = tools.clock

    def __call__(self, words: str, person: Person) -> Wanted:
        caller = self._access.caller(str(person.user_id))
        if caller is not None:
            reading = self._words.read(words, Asking(caller, Locale.VI, self._clock()))
            if isinstance(reading, Understood):
                return reading.value
        raise AudienceNotUnderstood(words)
