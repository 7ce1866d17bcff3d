"""From segments to `Audience` values, in one normal form: what is the same to people is the same value."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, product

from bots.broadcasts.audience.folding import Segment, Segments
from bots.broadcasts.audience.known import Known
from bots.broadcasts.audience.parts import Codes, Part, Place, Sort, Step, Subject
from huep.directory.audience import Audience
from huep.directory.model import Standing

MOST_CHOICES = 60
"""More ways than anybody chooses from are not worked out."""


def audiences_of(segments: Segments, known: Known) -> tuple[Audience, ...]:
    """Every audience that the segments can mean: one for each choice between units or people called alike."""
    options = [_ways(segment, known) for segment in segments]
    return tuple(dict.fromkeys(_of_segments(way, known) for way in islice(product(*options), MOST_CHOICES)))


def _ways(segment: Segment, known: Known) -> list[Audience]:
    meant, excluded = (list(_chosen(part)) for part in (segment.meant, segment.excluded))
    return [
        replace(_union(_parts(one, known)), excluding=tuple(_parts(other, known)))
        if other
        else _union(_parts(one, known))
        for one, other in islice(product(meant, excluded), MOST_CHOICES)
    ]


def without(meant: Sequence[Audience], left_out: Iterable[Audience], known: Known) -> Audience:
    """Everybody who is meant by one of these, and left out by none of those; in the normal form."""
    whole = _of_segments(meant, known)
    excluded = (*whole.excluding, *(part for one in left_out for part in one.any_of or (one,)))
    return replace(whole, excluding=tuple(_normal(excluded, known)))


def _of_segments(ways: Sequence[Audience], known: Known) -> Audience:
    """Together; what nothing was left out of makes one list again."""
    parts = [part for way in ways for part in (way.any_of if way.any_of and not way.excluding else (way,))]
    plain = _merged((part for part in parts if not part.excluding), known)
    return _union([*plain, *dict.fromkeys(part for part in parts if part.excluding)])


def _union(parts: Sequence[Audience]) -> Audience:
    if any(part == Audience() for part in parts):
        return Audience()
    return parts[0] if len(parts) == 1 else Audience(any_of=tuple(parts))


def _chosen(steps: Sequence[Step]) -> Iterator[list[Part]]:
    """The parts with every choice made, in each way."""
    options = [list(_chosen_part(step.part)) for step in steps]
    yield from (list(way) for way in islice(product(*options), MOST_CHOICES))


def _chosen_part(part: Part) -> Iterator[Part]:
    if part.people:
        yield from (replace(part, people=(people,)) for people in part.people)
        return
    for choice in islice(product(*(place.choices for place in part.places)), MOST_CHOICES):
        yield replace(
            part,
            places=tuple(replace(place, choices=(codes,)) for place, codes in zip(part.places, choice, strict=True)),
        )


def _parts(parts: Iterable[Part], known: Known) -> list[Audience]:
    return _normal((one for part in parts for one in _plain(part, known)), known)


def _normal(parts: Iterable[Audience], known: Known) -> list[Audience]:
    merged = _merged(parts, known)
    return [Audience()] if Audience() in merged else merged


def _merged(parts: Iterable[Audience], known: Known) -> list[Audience]:
    """Audiences without alternatives, those of one subject together, in the order in which they were named."""
    merged: dict[tuple[object, ...], Audience] = {}
    for part in parts:
        key = (part.standings, part.positions, part.roles, bool(part.people), bool(part.under), bool(part.units))
        before = merged.get(key)
        merged[key] = part if before is None else _together(before, part, known)
    return _of_one_place(merged.values())


def _of_one_place(parts: Iterable[Audience]) -> list[Audience]:
    """`kế toán, văn thư các trường`: titles of the same places as one."""
    merged: dict[Audience, Audience] = {}
    for part in parts:
        key = replace(part, positions=frozenset({""})) if part.positions else part
        before = merged.get(key)
        merged[key] = part if before is None else replace(part, positions=before.positions | part.positions)
    return list(merged.values())


def _together(one: Audience, other: Audience, known: Known) -> Audience:
    return replace(
        one,
        under=known.groups.topmost(one.under | other.under),
        units=one.units | other.units,
        people=one.people | other.people,
    )


def _plain(part: Part, known: Known) -> Iterator[Audience]:
    if part.people:
        yield Audience(people=part.people[0])
        return
    subject = part.subject
    who = Audience(standings=subject.standings, positions=subject.positions, roles=subject.roles)
    if not part.places:
        yield who
    for place in part.places:
        yield from _in_place(who, subject, place, known)


def _in_place(who: Audience, subject: Subject, place: Place, known: Known) -> Iterator[Audience]:
    codes = place.choices[0]
    if place.sort is Sort.EVERYWHERE:
        yield who
        return
    own = codes if place.only else _own(subject, codes, known) if not place.below else frozenset[str]()
    if own:
        yield replace(who, units=own)
    if codes - own:
        under = known.groups.topmost(codes - own)
        everywhere = known.root is not None and known.root.code in under
        yield who if everywhere else replace(who, under=under)


def _own(subject: Subject, codes: Codes, known: Known) -> Codes:
    """The units of which the subject is their own: `lãnh đạo Sở Y tế` are not those of its hospitals."""
    if subject.standings:
        return frozenset() if subject.standings == {Standing.STAFF} else codes
    return frozenset(code for code in codes if subject.positions and known.leads(code, subject.positions))
