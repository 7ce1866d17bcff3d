"""Pure: a piece of news as the draft of an announcement."""

from datetime import datetime, timedelta
from html import escape

from bots.broadcasts.markup import marked
from bots.broadcasts.model import Author, Content, Draft, Wanted
from bots.broadcasts.news.model import NewsItem
from huep.directory.model import Person, Unit
from huep.news_settings import SourceSettings

MOST_CHARACTERS = 6_000
"""Of the body; who wants all of it follows the link."""
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
    """Title, text and link; what is too long loses its formatting with its end."""
    text, html = item.body, item.html or marked(item.body)
    if len(text) > MOST_CHARACTERS or len(html) > 2 * MOST_CHARACTERS:
        text = shortened(text)
        html = marked(text)
    body = "\n\n".join(part for part in (item.title, text, item.link) if part)
    parts = [f"<p><strong>{escape(item.title)}</strong></p>" if item.title else "", html]
    if item.link:
        address = escape(item.link)
        parts.append(f'<p><a href="{address}">{address}</a></p>')
    return Content(body, "".join(parts))


def shortened(text: str, most: int = MOST_CHARACTERS) -> str:
    """At most so many characters, cut between words."""
    if len(text) <= most:
        return text
    return text[: most - len(CUT)].rsplit(maxsplit=1)[0] + CUT
