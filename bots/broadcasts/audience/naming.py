"""Units and people in words that are read back as the same: with what lies above them where the name is not enough."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain

from bots.broadcasts.audience.groups import Group
from bots.broadcasts.audience.known import Codes, Known
from bots.broadcasts.audience.parts import Sort
from bots.language.phrases import plain
from huep.catalogue import Voice
from huep.directory.model import PersonKey, Unit

_Spoken = tuple[Codes, Callable[[Voice], str]]

_LEAST = 2
"""A group of one is said by its name."""


def places(codes: Codes, known: Known, voice: Voice, *, below: bool) -> Iterator[tuple[Sort, str]]:
    """Groups as far as all of a group is there, the largest first, then the rest by name; each with its sort.

    With `below` units are meant with all below them, so that of a group the topmost units are all of it.
    """
    left = set(codes)
    groups = (
        group for group in chain(_groups(known, below=below), _groups_within(codes, known)) if len(group[0]) >= _LEAST
    )
    for group, text in sorted((one for one in groups if one[0] <= codes), key=lambda one: -len(one[0])):
        if group <= left:
            yield Sort.GROUP, text(voice)
            left -= group
    for unit in sorted((known.units[code] for code in left if code in known.units), key=_order):
        yield Sort.UNIT, unit_words(unit, known, voice)
    for code in sorted(left - known.units.keys()):
        yield Sort.UNIT, code


def unit_words(unit: Unit, known: Known, voice: Voice) -> str:
    """The unit's name, with a unit above it where others are called so too; its code where nothing else tells."""
    called = {one.code for one in known.units_named(unit.name)}
    if called == {unit.code}:
        return unit.name
    if unit.code in called:
        for above in reversed(known.index.path(unit)[:-1]):
            within = called & known.groups.below([above.code])
            if within == {unit.code} and above.parent_code is not None:
                return voice("within", what=unit.name, where=unit_words(above, known, voice))
    return unit.code


def people_words(people: Iterable[PersonKey], known: Known, voice: Voice) -> Iterator[str]:
    """Lists as far as all of a list is there, then names, with the account where there are namesakes."""
    left = set(people)
    for named in sorted(known.lists, key=lambda one: (-len(one.people), one.name, one.owner)):
        if named.people <= left:
            owner = known.owner_words(named)
            yield voice("list-of", name=named.name, owner=owner) if owner else voice("list", name=named.name)
            left -= named.people
    members = (known.everybody[key] for key in left if key in known.everybody)
    for member in sorted(members, key=lambda one: (one.full_name, one.user_id)):
        found = known.people_called(member.full_name).people
        alone = [one.key for one in found] == [member.key] and not known.units_nearly_named(member.full_name)
        account = f"@{member.user_id[1:].partition(':')[0]}"
        yield member.full_name if alone else voice("account", name=member.full_name, account=account)
    yield from (str(key) for key in sorted(left - known.everybody.keys()))


def _groups(known: Known, *, below: bool) -> Iterator[_Spoken]:
    for group in known.groups.all:
        yield (known.groups.topmost(group.codes) if below else group.codes), partial(_noun, group)


def _groups_within(codes: Codes, known: Known) -> Iterator[_Spoken]:
    """`các phòng thuộc Sở Nội vụ`, `các trường thuộc các phường`, `các đơn vị trực thuộc Sở Y tế`."""
    groups = known.groups.all
    for upper in known.groups.kinds():
        below = known.groups.below(upper.codes)
        for group in groups:
            yield group.codes & below, partial(_noun_within, group, upper)
    for above in sorted(_above(codes, known), key=_order):
        yield frozenset(known.groups.children[above.code]), partial(_children, above, known)
        below = known.groups.below([above.code])
        for group in groups:
            yield group.codes & below, partial(_noun_in, group, above, known)


def _above(codes: Codes, known: Known) -> set[Unit]:
    """Units above some of these, the province itself left out."""
    above = (unit for code in codes if code in known.units for unit in known.index.path(known.units[code])[:-1])
    return {unit for unit in above if unit.parent_code is not None}


def _noun(group: Group, voice: Voice) -> str:
    return voice("group", noun=group.noun)


def _noun_within(group: Group, upper: Group, voice: Voice) -> str:
    return voice("within", what=_noun(group, voice), where=_noun(upper, voice))


def _noun_in(group: Group, above: Unit, known: Known, voice: Voice) -> str:
    return voice("within", what=_noun(group, voice), where=unit_words(above, known, voice))


def _children(above: Unit, known: Known, voice: Voice) -> str:
    return voice("children", where=unit_words(above, known, voice))


def _order(unit: Unit) -> tuple[int, str, str]:
    return (unit.level, plain(unit.name), unit.code)
