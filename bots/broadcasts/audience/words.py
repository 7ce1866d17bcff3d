"""From the words of an official to an audience: the parser of the dialog's question "gửi cho ai"."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol

from bots.broadcasts.audience.atoms import Atoms
from bots.broadcasts.audience.folding import folded
from bots.broadcasts.audience.grammar import Grammar
from bots.broadcasts.audience.keeping import AudienceUnreadable, dump_audience, load_audience
from bots.broadcasts.audience.known import Known, NamedList
from bots.broadcasts.audience.meaning import audiences_of
from bots.broadcasts.audience.picking import (
    Ground,
    Picking,
    audience_of,
    chosen,
    dump_picking,
    load_picking,
    options,
    question,
)
from bots.broadcasts.audience.tokens import Token, said, tokens
from bots.broadcasts.audience.wording import MESSAGES, say
from bots.broadcasts.model import Wanted
from bots.language.phrases import plain
from bots.runtime.arguments import Ambiguous, Asking, Choice, Kept, Menu, Nearer, NotUnderstood, Reading, Understood
from bots.runtime.consent import numbers, steering
from bots.runtime.dialogs import Said
from huep.catalogue import Locale, Voice
from huep.directory.audience import Audience
from huep.directory.model import Member, PersonKey, Standing, Unit

FRESH_FOR = timedelta(minutes=10)
"""So long the names of people are kept; of units and positions every change is seen at once."""
_LEADERS = Audience(standings=frozenset({Standing.HEAD, Standing.DEPUTY}))


_BEGINS_TO_PICK = ("chon", "pick")

MOST_CHARACTERS = 2_000
"""Nobody names an audience in more; work stays bounded."""


class AudienceDirectory(Protocol):
    """What is asked of the directory."""

    def units(self) -> tuple[Unit, ...]: ...

    def positions(self) -> tuple[tuple[str, str], ...]: ...

    def audience(self, audience: Audience) -> tuple[Member, ...]: ...


class AudienceWords:
    """Reads whom an announcement is for, and lets whoever is asked pick it by numbers.

    Nobody is hidden from who may write announcements: whether they may speak to these people is judged by
    `bots.broadcasts.rights`, and asks the person responsible.

    Args:
        directory: of today.
        lists: people who belong together by a name, as they are kept now.
    """

    takes_anything = False

    def __init__(self, directory: AudienceDirectory, lists: Callable[[], Iterable[NamedList]] = tuple) -> None:
        self._directory = directory
        self._lists = lists
        self._known: tuple[object, datetime, Known] | None = None
        self._lock = Lock()

    def read(self, words: str, asking: Asking) -> Reading[Wanted]:
        if len(words) > MOST_CHARACTERS:
            return NotUnderstood(MESSAGES.text(asking.locale, "too-long", {"most": MOST_CHARACTERS}))
        known = self._known_at(asking.moment)
        audiences = read_audience(words, known, asking.caller.person.key)
        choices = tuple(_choice(one, known, asking.locale) for one in audiences)
        if len(choices) > 1:
            return Ambiguous(choices)
        if choices:
            return Understood(choices[0].value)
        unread = "”, “".join(unread_words(words, known))
        return NotUnderstood(MESSAGES.text(asking.locale, "unread", {"words": unread}) if unread else "")

    def offers(self, _: Asking) -> tuple[Choice[Wanted], ...]:
        return ()

    def written(self, value: Wanted, locale: Locale) -> str:
        if locale is Locale.VI or self._known is None:
            return value.words
        return say(value.audience, self._known[2], locale)

    def dump(self, value: Wanted) -> Kept:
        return {"audience": dump_audience(value.audience), "words": value.words}

    def load(self, kept: Kept, asking: Asking) -> Wanted | None:
        """None where a unit that it names, to reach or to leave out, is there no more: it has to be said anew."""
        try:
            audience = load_audience(kept["audience"])
        except AudienceUnreadable:
            return None
        there = self._known_at(asking.moment).units.keys()
        return Wanted(audience, kept["words"]) if _units_of(audience) <= there else None

    def menu(self, place: Kept | None, asking: Asking) -> Menu:
        picking, ground = self._standing(place, asking)
        return Menu(question(picking, ground), tuple(option.label for option in options(picking, ground)))

    def answer(self, words: str, place: Kept | None, asking: Asking) -> Reading[Wanted] | Nearer:
        """Words are the audience where nobody was picked before; else they are picked too, or left out."""
        picking, ground = self._standing(place, asking)
        if plain(words) in _BEGINS_TO_PICK:
            return Nearer(dump_picking(Picking(meant=picking.meant, left_out=picking.left_out)))
        said = numbers(words)
        if said:
            found = chosen(picking, ground, said)
            if found is None:
                return NotUnderstood(ground.voice("pick-no-number"))
        elif steering(words) is Said.DONE:
            found = audience_of(picking, ground.known)
            if found is None:
                return NotUnderstood(ground.voice("pick-nobody"))
        else:
            return self._beside(picking, ground, self.read(words, asking))
        return Nearer(dump_picking(found)) if isinstance(found, Picking) else Understood(_wanted(found, ground.known))

    def _beside(self, picking: Picking, ground: Ground, read: Reading[Wanted]) -> Reading[Wanted] | Nearer:
        """What was read, with whom was picked before."""
        if not picking.meant or isinstance(read, NotUnderstood):
            return read
        wanted = [choice.value for choice in read.choices] if isinstance(read, Ambiguous) else [read.value]
        if picking.leaving_out and any(_leaves_out(one.audience) for one in wanted):
            return NotUnderstood(ground.voice("pick-leaving-out"))
        after = [picking.with_picked([one.audience]) for one in wanted]
        if len(after) == 1:
            return Nearer(dump_picking(after[0]))
        known, locale = ground.known, ground.voice.locale
        whole = (audience_of(one, known) for one in after)
        return Ambiguous(tuple(_choice(one, known, locale) for one in whole if one is not None))

    def _standing(self, place: Kept | None, asking: Asking) -> tuple[Picking, Ground]:
        """Where the person stands: at the beginning again where a unit of it is there no more."""
        known = self._known_at(asking.moment)
        seen = frozenset(code for code in known.units if asking.caller.scope.sees(code))
        ground = Ground(known, seen, Voice(MESSAGES, asking.locale))
        if place is None:
            return Picking(), ground
        picking = load_picking(place)
        named = _units_of(Audience(any_of=(*picking.meant, *picking.left_out)))
        there = named <= known.units.keys() and (picking.unit is None or picking.unit in seen)
        return picking if there else Picking(), ground

    def _known_at(self, moment: datetime) -> Known:
        names = (self._directory.units(), self._directory.positions(), tuple(self._lists()))
        with self._lock:
            if self._known is None or self._known[0] != names or moment - self._known[1] > FRESH_FOR:
                units, positions, lists = names
                known = Known(
                    units,
                    positions,
                    lambda: self._directory.audience(Audience()),
                    lambda: self._directory.audience(_LEADERS),
                    lists,
                )
                self._known = (names, moment, known)
            return self._known[2]


def _wanted(audience: Audience, known: Known) -> Wanted:
    return Wanted(audience, say(audience, known))


def _choice(audience: Audience, known: Known, locale: Locale) -> Choice[Wanted]:
    return Choice(say(audience, known, locale), _wanted(audience, known))


def read_audience(words: str, known: Known, reader: PersonKey | None = None) -> tuple[Audience, ...]:
    """All that the words of `reader` can mean: none where a single one of them is not understood."""
    typed = tokens(words)
    for loosely in (False, True):
        found = [
            audience
            for steps in Grammar(typed, known, loosely=loosely, reader=reader).readings
            for segments in folded(steps, known.groups)
            for audience in audiences_of(segments, known)
        ]
        if found:
            return tuple(dict.fromkeys(found))
    return ()


def unread_words(words: str, known: Known) -> Sequence[str]:
    """Which words were not understood: of each part that is none, those that name nothing; else all of them."""
    typed = tokens(words)
    read = Atoms(typed, known, loosely=False).read()
    unread: list[list[Token]] = []
    for begin, end in _runs(typed, known):
        if Grammar(typed[begin:end], known, loosely=True).readings:
            continue
        unread.append([])
        for place in range(begin, end):
            if place in read:
                unread.append([])
            else:
                unread[-1].append(typed[place])
    return tuple(filter(None, map(said, unread))) or tuple(filter(None, (said(typed),)))


def _runs(typed: Sequence[Token], known: Known) -> Iterator[tuple[int, int]]:
    """(begin, end) of what stands between commas and the like."""
    atoms = Atoms(typed, known, loosely=False)
    begin = place = 0
    while place < len(typed):
        joint = atoms.joint(place)
        if joint is None:
            place += 1
            continue
        if begin < place:
            yield begin, place
        begin = place = joint[0]
    if begin < place:
        yield begin, place


def _leaves_out(audience: Audience) -> bool:
    return bool(audience.excluding) or any(map(_leaves_out, audience.any_of))


def _units_of(audience: Audience) -> frozenset[str]:
    inner = (_units_of(one) for one in (*audience.any_of, *audience.excluding))
    return audience.under.union(audience.units, *inner)
