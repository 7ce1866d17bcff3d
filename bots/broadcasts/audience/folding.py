"""From steps of a list to who is meant: which places a title is said of, what an exclusion takes away.

Where a list can go on in two ways, `các xã trừ A Lưới, các phường`, both are given, and the person chooses.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bots.broadcasts.audience.groups import Groups
from bots.broadcasts.audience.lexicon import Joint
from bots.broadcasts.audience.parts import Codes, Part, Place, Sort, Step

_MOST_WAYS = 8


@dataclass(frozen=True)
class Segment:
    """Parts, and parts of whom nobody belongs."""

    meant: tuple[Step, ...] = ()
    excluded: tuple[Step, ...] = ()
    excluding: bool = False
    """Whether the next part of the list is one to leave out."""


Segments = tuple[Segment, ...]


def folded(steps: Sequence[Step], groups: Groups) -> tuple[Segments, ...]:
    """The ways in which the steps make segments; none where an exclusion stands without anything before it."""
    ways: list[Segments] = [(Segment(),)]
    for place, step in enumerate(steps):
        stopped = place > 0 and step.joint is Joint.STOP
        ways = [way for before in ways for way in _with(before, step, groups, stopped=stopped)][:_MOST_WAYS]
    shared = (
        tuple(replace(one, meant=_shared(one.meant), excluded=_shared(one.excluded)) for one in way) for way in ways
    )
    return tuple(dict.fromkeys(shared))


def _with(before: Segments, step: Step, groups: Groups, *, stopped: bool) -> Iterator[Segments]:
    if step.joint is Joint.EXCEPT_ALL:
        before = (_together(before),)
    *earlier, segment = before
    if stopped:
        yield (*before, Segment(meant=(step,)))
        return
    if step.joint in (Joint.EXCEPT, Joint.EXCEPT_ALL):
        if segment.meant:
            yield (*earlier, replace(segment, excluded=(*segment.excluded, step), excluding=True))
        return
    if not segment.excluding:
        for meant in _joined(segment.meant, step):
            yield (*earlier, replace(segment, meant=meant))
        return
    for excluded in _joined(segment.excluded, step):
        yield (*earlier, replace(segment, excluded=excluded))
    if step.joint is Joint.LIST and _may_be_meant_again(segment, step, groups):
        for meant in _joined(segment.meant, step):
            yield (*earlier, replace(segment, meant=meant, excluding=False))


def _together(segments: Segments) -> Segment:
    """All of them as one, so that what is left out next is left out of each."""
    meant = [
        replace(step, joint=Joint.BESIDE) if step.joint is Joint.STOP else step
        for one in segments
        for step in one.meant
    ]
    return Segment(tuple(meant), tuple(step for one in segments for step in one.excluded))


def _joined(list_: tuple[Step, ...], step: Step) -> Iterator[tuple[Step, ...]]:
    """The list with one step more: a place behind a title's place may be another place of that title."""
    last = list_[-1] if list_ else None
    part = step.part
    takes_places = last is not None and not last.part.subject.is_everybody and bool(last.part.places)
    if last is None or step.joint is not Joint.LIST or not takes_places or not _is_place(part):
        yield (*list_, step)
        return
    yield (*list_[:-1], replace(last, part=last.part.at(*_as_said_of(last.part, part))))
    if part.sort is not last.part.sort:
        yield (*list_, step)


def _as_said_of(title: Part, part: Part) -> list[Place]:
    return [replace(place, below=title.places[-1].below) for place in part.places]


def _is_place(part: Part) -> bool:
    return part.subject.is_everybody and bool(part.places) and not any(place.only for place in part.places)


def _may_be_meant_again(segment: Segment, step: Step, groups: Groups) -> bool:
    """Whether the list of what is left out may have ended: another sort of thing, or nothing of what was meant."""
    if step.part.sort is not segment.excluded[-1].part.sort:
        return True
    return step.comma and _lies_apart(segment, step.part, groups)


def _lies_apart(segment: Segment, part: Part, groups: Groups) -> bool:
    if not all(one.part.places for one in segment.meant) or not part.places:
        return False
    meant = _units(step.part for step in segment.meant)
    left_out = _units([part])
    if not meant or not left_out:
        return False
    reached, taken = meant | groups.below(meant), left_out | groups.below(left_out)
    return not reached & taken


def _units(parts: Iterable[Part]) -> Codes:
    return frozenset(code for part in parts for place in part.places for choice in place.choices for code in choice)


def _shared(list_: tuple[Step, ...]) -> tuple[Step, ...]:
    """`chủ tịch, phó chủ tịch các xã`: titles in a row have the place that stands behind the last of them."""
    steps: list[Step] = []
    following: Step | None = None
    for step in reversed(list_):
        part = step.part
        if part.sort is Sort.SUBJECT and following is not None and _gives_place(following):
            step = replace(step, part=replace(part, places=following.part.places, sort=following.part.sort))
        steps.append(step)
        following = step
    return tuple(reversed(steps))


def _gives_place(step: Step) -> bool:
    return step.joint is Joint.LIST and bool(step.part.places) and not step.part.subject.is_everybody
