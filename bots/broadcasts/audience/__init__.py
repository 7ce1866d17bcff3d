"""Whom an announcement is for: from Vietnamese words to an `Audience`, and back (docs/bots/audience-words.md)."""

from bots.broadcasts.audience.keeping import AudienceUnreadable, dump_audience, load_audience
from bots.broadcasts.audience.known import NamedList
from bots.broadcasts.audience.words import AudienceWords

__all__ = ["AudienceUnreadable", "AudienceWords", "NamedList", "dump_audience", "load_audience"]
