"""Whom an announcement is for, by numbers: what can be chosen at each place, and what was chosen so far. Pure.

| place | what can be chosen | leads to |
|---|---|---|
| start | all in the asker's scope; units, ranks, lists; once somebody is picked: leave some out, done | these |
| units | a unit with others below it, or a kind of them | what lies in it |
| | all of it, a unit, several units | start |
| ranks | heads, deputies, titles of those who lead there; of the units picked, or of the scope | start |
| lists | lists that were kept | start |
| left out | units, ranks, lists, of which nobody is meant | these |

Words are taken at each place too, by `bots.broadcasts.audience.words`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bots.broadcasts.audience.keeping import dump_audience, load_audience
from bots.broadcasts.audience.known import Codes, Known
from bots.broadcasts.audience.meaning import without
from bots.broadcasts.audience.wording import STANDINGS, say
from bots.language.phrases import plain
from huep.catalogue import Voice
from huep.directory.audience import Audience
from huep.directory.model import Unit, UnitKind

MOST_SINGLY = 12
"""Of more units those of a kind are one choice."""
MOST_CHOICES = 99


class Place(StrEnum):
    """Which menu is shown."""

    START = "start"
    UNITS = "units"
    RANKS = "ranks"
    LISTS = "lists"
    LEFT_OUT = "left_out"


@dataclass(frozen=True)
class Picking:
    """Where somebody stands who picks, and whom they have picked."""

    place: Place = Place.START
    unit: str | None = None
    """Of UNITS: whose units are shown; of None the topmost that the asker sees."""
    kind: UnitKind | None = None
    """Of UNITS: of which kind, where one was chosen."""
    leaving_out: bool = False
    """Whether nobody of what is picked next shall be meant."""
    meant: tuple[Audience, ...] = ()
    left_out: tuple[Audience, ...] = ()

    def at(self, place: Place, unit: str | None = None, kind: UnitKind | None = None) -> "Picking":
        return replace(self, place=place, unit=unit, kind=kind)

    def with_picked(self, audiences: Iterable[Audience]) -> "Picking":
        """Back at the start, with these among those meant, or left out."""
        if self.leaving_out:
            return Picking(meant=self.meant, left_out=(*self.left_out, *audiences))
        return Picking(meant=(*self.meant, *audiences), left_out=self.left_out)


@dataclass(frozen=True)
class Option:
    """One line of a menu: it leads somewhere, picks somebody, or both; several that pick can be chosen at once."""

    label: str
    to: Picking | None = None
    picks: Audience | None = None

    @property
    def is_done(self) -> bool:
        return self.to is None and self.picks is None


@dataclass(frozen=True)
class Ground:
    """What can be picked from: what is known today, as far as the asker sees it."""

    known: Known
    seen: Codes
    """Codes of units."""
    voice: Voice

    @property
    def roots(self) -> tuple[str, ...]:
        return tuple(unit.code for unit in self._in_order(self.known.groups.topmost(self.seen)))

    @property
    def everybody(self) -> Audience | None:
        """All in the asker's scope; None where there is no unit in it."""
        return self.under(self.roots)

    def under(self, codes: Iterable[str]) -> Audience | None:
        """All in these units and below them; None of no units, which is never everybody."""
        there = frozenset(codes)
        root = self.known.root
        if root is not None and root.code in there:
            return Audience()
        return Audience(under=there) if there else None

    def below(self, code: str | None) -> tuple[Unit, ...]:
        """The units right below one, or the topmost."""
        return self._in_order(self.roots if code is None else self.known.groups.children[code] & self.seen)

    def _in_order(self, codes: Iterable[str]) -> tuple[Unit, ...]:
        units = (self.known.units[code] for code in codes)
        return tuple(sorted(units, key=lambda unit: (unit.level, plain(unit.name), unit.code)))


def audience_of(picking: Picking, known: Known) -> Audience | None:
    """Who is meant by now; None where nobody was picked, which is never everybody."""
    return without(picking.meant, picking.left_out, known) if picking.meant else None


def question(picking: Picking, ground: Ground) -> str:
    """What is asked; nothing where nobody has been picked and the question of the step says it."""
    asked = ground.voice("pick-leaving-out") if picking.leaving_out else ground.voice("pick-which")
    audience = audience_of(picking, ground.known)
    if audience is None:
        return "" if picking.place is Place.START else asked
    return "\n".join((ground.voice("pick-so-far", words=say(audience, ground.known, ground.voice.locale)), asked))


def options(picking: Picking, ground: Ground) -> tuple[Option, ...]:
    """What can be chosen, in the order of the numbers."""
    menus = {
        Place.START: _start,
        Place.UNITS: _units,
        Place.RANKS: _ranks,
        Place.LISTS: _lists,
        Place.LEFT_OUT: _left_out,
    }
    found = tuple(menus[picking.place](picking, ground))[:MOST_CHOICES]
    if picking.place is Place.START:
        return found
    back = Picking(meant=picking.meant, left_out=picking.left_out)
    return (*found, Option(ground.voice("pick-back"), back))


def chosen(picking: Picking, ground: Ground, said: Sequence[int]) -> Picking | Audience | None:
    """Where the numbers lead, or who is meant in the end; None where they are no choices, or not several at once."""
    there = options(picking, ground)
    if not all(1 <= number <= len(there) for number in said):
        return None
    taken = [there[number - 1] for number in said]
    if len(taken) == 1 and taken[0].is_done:
        return audience_of(picking, ground.known)
    if len(taken) == 1 and taken[0].to is not None:
        return taken[0].to
    audiences = [option.picks for option in taken if option.picks is not None]
    if len(audiences) < len(taken):
        return None
    if picking.place is Place.RANKS and not picking.leaving_out:
        held = tuple(replace(one, under=place.under) for one in audiences for place in _places(picking, ground))
        return Picking(meant=held, left_out=picking.left_out)
    return picking.with_picked(audiences)


def _start(picking: Picking, ground: Ground) -> Iterator[Option]:
    voice, known = ground.voice, ground.known
    if picking.meant:
        yield Option(voice("pick-done"))
        yield Option(voice("pick-more-units"), picking.at(Place.UNITS))
        if all(_is_of_units(one) for one in picking.meant):
            yield Option(voice("pick-ranks-there"), picking.at(Place.RANKS))
    elif ground.everybody is not None:
        where = say(ground.everybody, known, voice.locale)
        yield Option(voice("pick-everybody", where=where), picks=ground.everybody)
        yield Option(voice("pick-units"), picking.at(Place.UNITS))
        yield Option(voice("pick-ranks"), picking.at(Place.RANKS))
    if known.lists:
        yield Option(voice("pick-lists"), picking.at(Place.LISTS))
    if picking.meant:
        yield Option(voice("pick-leave-out"), replace(picking, place=Place.LEFT_OUT, leaving_out=True))
        yield Option(voice("pick-anew"), Picking())


def _left_out(picking: Picking, ground: Ground) -> Iterator[Option]:
    yield Option(ground.voice("pick-units"), picking.at(Place.UNITS))
    yield Option(ground.voice("pick-ranks"), picking.at(Place.RANKS))
    if ground.known.lists:
        yield Option(ground.voice("pick-lists"), picking.at(Place.LISTS))


def _units(picking: Picking, ground: Ground) -> Iterator[Option]:
    code = picking.unit
    if code is None and len(ground.roots) == 1:
        code = ground.roots[0]
    below = ground.below(code)
    if picking.kind is not None:
        below = tuple(unit for unit in below if unit.kind is picking.kind)
        if below:
            yield Option(
                ground.voice("pick-every", units=_called(picking.kind, below, ground)), picks=_under(below, ground)
            )
        yield from (_unit(unit, picking, ground) for unit in below)
        return
    if code is not None:
        whole = ground.known.units[code]
        yield Option(ground.voice("pick-whole", unit=whole.name), picks=_under([whole], ground))
    kinds = {kind: [unit for unit in below if unit.kind is kind] for kind in UnitKind}
    singly = len(below) <= MOST_SINGLY
    for kind, units in kinds.items():
        if singly or len(units) == 1:
            yield from (_unit(unit, picking, ground) for unit in units)
        elif units:
            yield Option(_called(kind, units, ground), picking.at(Place.UNITS, code, kind), _under(units, ground))


def _unit(unit: Unit, picking: Picking, ground: Ground) -> Option:
    inside = picking.at(Place.UNITS, unit.code) if ground.below(unit.code) else None
    return Option(unit.name, inside, _under([unit], ground))


def _ranks(picking: Picking, ground: Ground) -> Iterator[Option]:
    known = ground.known
    places = _places(picking, ground)
    if not places:
        return
    for name, standings in STANDINGS:
        yield Option(_capitalised(ground.voice(name)), picks=Audience(standings=standings))
    there = frozenset().union(*(one.under or ground.roots for one in places))
    for positions in known.titles_of_leaders(there | known.groups.below(there)):
        label = ", ".join(known.titles.written(positions))
        yield Option(_capitalised(label), picks=Audience(positions=positions))


def _lists(_: Picking, ground: Ground) -> Iterator[Option]:
    for named in sorted(ground.known.lists, key=lambda one: plain(one.name)):
        owner = ground.known.owner_words(named)
        label = _capitalised(ground.voice("list-of", name=named.name, owner=owner)) if owner else named.name
        yield Option(label, picks=Audience(people=named.people))


def _is_of_units(audience: Audience) -> bool:
    """Whether it is everybody there, so that ranks can still be chosen among them."""
    return audience == Audience(under=audience.under)


def _places(picking: Picking, ground: Ground) -> tuple[Audience, ...]:
    """Whose ranks can be chosen: of those who were picked, else of the asker's scope."""
    return picking.meant or ((ground.everybody,) if ground.everybody is not None else ())


def _under(units: Iterable[Unit], ground: Ground) -> Audience | None:
    return ground.under(unit.code for unit in units)


def _called(kind: UnitKind, units: Sequence[Unit], ground: Ground) -> str:
    return ground.voice(f"pick-kind-{kind}", count=len(units))


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def dump_picking(picking: Picking) -> dict[str, Any]:
    """As JSON, for a dialog."""
    return {
        "place": picking.place.value,
        "unit": picking.unit,
        "kind": picking.kind and picking.kind.value,
        "leaving_out": picking.leaving_out,
        "meant": [dump_audience(one) for one in picking.meant],
        "left_out": [dump_audience(one) for one in picking.left_out],
    }


def load_picking(kept: Any) -> Picking:
    """The picking of `dump_picking`; raises AudienceUnreadable."""
    return Picking(
        Place(kept["place"]),
        kept["unit"],
        kept["kind"] and UnitKind(kept["kind"]),
        kept["leaving_out"],
        tuple(map(load_audience, kept["meant"])),
        tuple(map(load_audience, kept["left_out"])),
    )
