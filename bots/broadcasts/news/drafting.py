"""Pure: a piece of news as the draft of an announcement."""

from datetime import datetime, timedelta
from html import escape

from bots.broadcasts.markup import marked
from bots.broadcasts.model import Author, Content, Draft, Wanted
from bots.broadcasts.news.model import NewsItem
from bots.broadcasts.rendering import can_be_carried
from huep.directory.model import Person, Unit
from huep.news_settings import SourceSettings

MOST_CHARACTERS = 6_000
"""Of the body; who wants all of it follows the link."""
MOST_OF_TITLE = 300
CUT = " …"


def author_of(source: SourceSettings, unit: Unit, answers: Person) -> Author:
    """Whom automatic news are by: the source, for its unit; whoever answers for it follows it, and may withdraw it."""
    return Author(answers.key, str(answers.user_id), source.shown, unit.name, unit.code, unit.name)


def draft_of(item: NewsItem, source: SourceSettings, wanted: Wanted, author: Author, now: datetime) -> Draft:
    """What is announced.

    Args:
        item: what the source told.
        source: by whom.
        wanted: whom the item's words mean.
        author: see `author_of`; its progress is told to them.
        now: the deadline counts from here.
    """
    within = timedelta(hours=source.acknowledge_within_hours)
    return Draft(
        level=item.level,
        content=content_of(item),
        wanted=wanted,
        author=author,
        room_id=author.user_id,
        deadline=now + within if item.level.asks else None,
        origin=source.shown,
    )


def content_of(item: NewsItem) -> Content:
    """Title, text and link, as much as an event carries; what is too long loses its formatting with its end."""
    content = _content(item, item.body, item.html or marked(item.body))
    most = MOST_CHARACTERS
    if len(item.body) <= most and can_be_carried(content):
        return content
    while not can_be_carried(content := _content(item, text := shortened(item.body, most), marked(text))):
        most = most * 7 // 8
    return content


def _content(item: NewsItem, text: str, html: str) -> Content:
    title = shortened(item.title, MOST_OF_TITLE)
    body = "\n\n".join(part for part in (title, text, item.link) if part)
    parts = [f"<p><strong>{escape(title)}</strong></p>" if title else "", html]
    if item.link:
        parts.append(f'<p><a href="{escape(item.link)}">{escape(item.link, quote=False)}</a></p>')
    return Content(body, "".join(parts))


def shortened(text: str, most: int) -> str:
    """At most so many characters, cut between words."""
    if len(text) <= most:
        return text
    return text[: most - len(CUT)].rsplit(maxsplit=1)[0] + CUT
