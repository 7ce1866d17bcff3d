"""Says an audience, so that a wrong understanding is seen before anything is sent.

In Vietnamese what is said is read back as the same audience: `lãnh đạo của các sở, trừ Sở Y tế`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import reduce
from itertools import groupby

from bots.broadcasts.audience.known import Known
from bots.broadcasts.audience.naming import people_words, places
from huep.catalogue import Catalogue, Locale, Voice
from huep.directory.audience import Audience
from huep.directory.model import Standing

MESSAGES = Catalogue("bots.broadcasts.audience")

STANDINGS: Sequence[tuple[str, frozenset[Standing]]] = (
    ("head-deputy", frozenset({Standing.HEAD, Standing.DEPUTY})),
    ("head", frozenset({Standing.HEAD})),
    ("deputy", frozenset({Standing.DEPUTY})),
    ("staff", frozenset({Standing.STAFF})),
)


def say(audience: Audience, known: Known, locale: Locale = Locale.VI) -> str:
    """An audience that words made, in words.

    Args:
        audience: of units, standings, positions, roles and people; of conditions that no words ask for nothing is said.
        known: the names of today.
        locale: names stay Vietnamese in either.
    """
    text = _said(audience, known, Voice(MESSAGES, locale))
    return text[:1].upper() + text[1:]


def _said(audience: Audience, known: Known, voice: Voice) -> str:
    parts = audience.any_of or (replace(audience, excluding=()),)
    apart = any(part.excluding for part in parts)
    whom = _joined("apart" if apart else "beside", (_part(part, known, voice) for part in parts), voice)
    if not audience.excluding:
        return whom
    without = (text for one in audience.excluding for text in _clauses(one, known, voice, "left-out"))
    return voice("except-all" if apart else "except", whom=whom, without=_joined("beside", without, voice))


def _part(part: Audience, known: Known, voice: Voice) -> str:
    if part.any_of or part.excluding:
        return _said(part, known, voice)
    return _joined("beside", _clauses(part, known, voice, "listed"), voice)


def _clauses(audience: Audience, known: Known, voice: Voice, join: str) -> Iterator[str]:
    """One for each sort of place, for a list of several sorts could be read in two ways."""
    if audience.people:
        yield _joined(join, people_words(audience.people, known, voice), voice)
        return
    who = _joined("listed", _subject(audience, known, voice), voice)
    codes = audience.under or audience.units
    if not codes:
        yield who or voice("everybody")
        return
    for _, same in groupby(places(codes, known, voice, below=bool(audience.under)), key=lambda place: place[0]):
        texts = [text for _, text in same]
        if audience.units and not who:
            yield _joined("beside", (voice("only", where=text) for text in texts), voice)
            continue
        where = _joined(join, texts, voice)
        yield voice("below" if audience.under else "of", who=who, where=where) if who else where


def _subject(audience: Audience, known: Known, voice: Voice) -> Iterator[str]:
    left = audience.standings
    for name, standings in STANDINGS:
        if standings <= left:
            yield voice(name)
            left -= standings
    for title in known.titles.written(audience.positions):
        yield title[:1].lower() + title[1:]
    yield from (voice(role) for role in sorted(audience.roles))


def _joined(join: str, texts: Iterable[str], voice: Voice) -> str:
    said = list(texts)
    return reduce(lambda one, other: voice(join, one=one, other=other), said) if said else ""
