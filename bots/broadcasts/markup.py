"""The formatting that announcements may have, whoever wrote it: an allow-list, and the same as plain text.

What people and sources send is HTML of anybody's making. What goes out again is of the tags that every Matrix client
shows (Matrix 1.11, Client-Server API, "m.room.message msgtypes"), without pictures, colours, classes or styles; an
address is https, or its text stands alone.
"""

import re
from html import escape
from html.parser import HTMLParser

import nh3

TAGS = frozenset(
    ("p", "br", "b", "strong", "i", "em", "u", "a", "ul", "ol", "li", "h3", "h4", "blockquote", "code")
)  # fmt: skip
MOST_CHARACTERS = 32_000
"""The rest is cut off unread: an event has 65,536 bytes (Matrix 1.11, "Size limits"), and holds the plain body too."""

_WITH_CONTENT = {"head", "iframe", "math", "mx-reply", "object", "script", "style", "svg", "template", "title"}
"""Tags of which nothing is kept: what stands in them is no text to read, or is quoted from elsewhere."""
_BECOME = {"h1": "h3", "h2": "h3", "h5": "h4", "h6": "h4"}
_HEADING = re.compile(r"<(/?)(h[1256])(?=[\s>/])", re.IGNORECASE)
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff\ufeff]"
)
"""Control characters and halves of characters; and those that turn the direction of text or have no width: they make
one thing look another."""
_ADDRESS = re.compile(r"https://[^\s/?#@\\]+(?:[/?#][^\s\\]*)?", re.IGNORECASE)
_BARE = re.compile(r"<a>(.*?)</a>", re.DOTALL)
_BREAKS = re.compile(r"[ \t]*\n[ \t]*")
_MANY_BREAKS = re.compile(r"\n{3,}")


def https_address(text: str) -> str | None:
    """An address that may be shown as a link; None for every other text."""
    trimmed = text.strip()
    return trimmed if _ADDRESS.fullmatch(trimmed) and not _UNSEEN.search(trimmed) else None


_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags=_WITH_CONTENT,
    attributes={"a": {"href"}},
    attribute_filter=lambda _tag, _name, value: https_address(value),
    url_schemes={"https"},
    link_rel=None,
)


def clean(html: str) -> str:
    """`html` of the tags of TAGS alone, well formed, whatever it was."""
    seen = _UNSEEN.sub("", html[:MOST_CHARACTERS])
    lowered = _HEADING.sub(lambda match: f"<{match[1]}{_BECOME[match[2].lower()]}", seen)
    # Entities have become characters by now, the unseen ones too.
    return _UNSEEN.sub("", _BARE.sub(r"\1", _CLEANER.clean(lowered))).strip()


def plain(html: str) -> str:
    """The same in words alone, as clients without formatting show it: lists with dots or numbers, links written out."""
    reader = _Reader()
    reader.feed(clean(html))
    reader.close()
    lines = _BREAKS.sub("\n", "".join(reader.words))
    return _MANY_BREAKS.sub("\n\n", lines).strip()


def marked(text: str) -> str:
    """Plain text as HTML that looks the same."""
    return "<br>".join(escape(line) for line in readable(text).split("\n"))


def readable(text: str) -> str:
    """Plain text without what nobody sees: control characters, and those that turn its direction."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


class _Reader(HTMLParser):
    """Reads what `clean` gives: every tag known, every one closed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._lists: list[int | None] = []
        """Of each list that is open the number of its last entry; None for one with dots."""
        self._link: tuple[str, int] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        match tag:
            case "br":
                self.words.append("\n")
            case "p" | "h3" | "h4" | "blockquote":
                self.words.append("\n\n")
            case "ul" | "ol":
                self._lists.append(0 if tag == "ol" else None)
            case "li":
                self.words.append(f"\n{self._bullet()} ")
            case "a":
                self._link = (dict(attrs).get("href") or "", len(self.words))

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "p" | "h3" | "h4" | "blockquote":
                self.words.append("\n\n")
            case "ul" | "ol":
                self._lists.pop()
                self.words.append("\n")
            case "a" if self._link is not None:
                (address, begins), self._link = self._link, None
                if address and "".join(self.words[begins:]).strip() != address:
                    self.words.append(f" ({address})")

    def handle_data(self, data: str) -> None:
        # Line ends in HTML are spaces.
        self.words.append(re.sub(r"\s+", " ", data))

    def _bullet(self) -> str:
        last = self._lists[-1] if self._lists else None
        if last is None:
            return "•"
        self._lists[-1] = last + 1
        return f"{last + 1}."
