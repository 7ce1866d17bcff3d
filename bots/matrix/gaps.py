"""Timelines that the server cut short (`limited`), read to their end: page by page, in order, over restarts.

While a room has a gap nothing that syncs bring of it is handed on: all of it is read from the server, forwards from
where we were. So order holds, no page but one is in memory, and what is written in the gap's record is all that must
not be lost. A stretch begins and ends at tokens of syncs; between them the server's own page tokens count, which order
events by their place in the room and so are never carried over a stretch's end.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import structlog

from bots.matrix.errors import AccountLocked, RateLimited, RequestRefused, ServerUnreachable, SessionEnded
from bots.matrix.progress import Gap
from bots.matrix.signing import Json
from bots.matrix.sync_answer import from_our_entry_on, objects
from bots.matrix.transport import SERVER_BUSY, Transport, path_of

log = structlog.get_logger(__name__)

PAGE_EVENTS = 100
PAGES_A_BATCH = 10
"""At most 1,000 events of gaps are in one batch."""


@dataclass(frozen=True)
class Page:
    """Some of what was left out of a room, and what remains."""

    room_id: str
    events: tuple[Json, ...]
    rest: Gap | None
    """None where the gap is closed."""


async def read_pages(transport: Transport, gaps: Iterable[Gap], user_id: str) -> tuple[Page, ...]:
    """The next pages in order, rooms in turn, so that none waits for another.

    A gap of which the server cannot tell now has no page, and stays as it is; one that may not be read is closed.
    """
    pages: list[Page] = []
    turns = deque(gaps)
    while turns and len(pages) < PAGES_A_BATCH:
        gap = turns.popleft()
        try:
            page = await _read_page(transport, gap, user_id)
        except (AccountLocked, SessionEnded):
            raise
        except (ServerUnreachable, RequestRefused) as error:
            if isinstance(error, ServerUnreachable | RateLimited) or error.status in SERVER_BUSY:
                log.warning("a room's gap is read later", room_id=gap.room_id, error=type(error).__name__)
                continue
            log.warning("a room's gap may not be read", room_id=gap.room_id, error=str(error))
            page = Page(gap.room_id, (), None)
        pages.append(page)
        if page.rest is not None:
            turns.append(page.rest)
    return tuple(pages)


async def _read_page(transport: Transport, gap: Gap, user_id: str) -> Page:
    query = urlencode({"dir": "f", "from": gap.position, "to": gap.until, "limit": PAGE_EVENTS})
    answer = await transport.request("GET", f"{path_of('rooms', gap.room_id, 'messages')}?{query}")
    events = objects(answer.get("chunk"))
    end = answer.get("end")
    rest = replace(gap, position=end) if isinstance(end, str) and end != gap.position else gap.next_stretch()
    if gap.entering:
        said_to_us = from_our_entry_on(events, user_id)
        if rest is not None and said_to_us is not None:
            rest = replace(rest, entering=False)
        events = said_to_us or []
    return Page(gap.room_id, tuple(events), rest)
