"""The right to speak: who may say how much to whom, and who answers for the rest.

Values to values: the author as the directory sees them today, whom the draft reaches today, and the province's units
with those who lead them. Nothing is remembered, so that a right that was lost is lost at once.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bots.broadcasts.model import Reach
from bots.runtime.access import Caller, Role
from huep.catalogue import Message
from huep.directory.model import Leadership, Person, PersonKey, Post, PostKind, Standing, Unit

SPEAKERS = frozenset(
    {Role.PROVINCE_LEADER, Role.UNIT_HEAD, Role.ACTING_HEAD, Role.DEPUTY, Role.COMMUNICATOR},
)
"""Who may write announcements at all; to others the commands do not exist."""


class Because(StrEnum):
    """Why somebody else has to approve."""

    BEYOND = "beyond"
    """It reaches people, or goes through rooms, of units that the author does not direct."""
    SIZE = "size"
    """It reaches more people than one may speak to alone."""
    DEPUTY = "deputy"
    """The author stands beside a head who is there."""
    COMMUNICATOR = "communicator"
    """The author writes for others."""


@dataclass(frozen=True)
class Allowed:
    """It may be sent at once."""


@dataclass(frozen=True)
class NeedsApproval:
    """It may be sent once this person has approved it."""

    of: Person
    unit: Unit
    """That this person leads today."""
    because: Because


@dataclass(frozen=True)
class Refused:
    """It may not be sent."""

    why: Message
    """Of the catalogue `bots.broadcasts`."""


Verdict = Allowed | NeedsApproval | Refused


@dataclass(frozen=True)
class OrgChart:
    """The units of today, and who leads each of them."""

    units: Mapping[str, Unit]
    leadership_of: Callable[[str], Leadership]

    @classmethod
    def of(cls, units: Iterable[Unit], leadership_of: Callable[[str], Leadership]) -> "OrgChart":
        """From what the directory answers."""
        return cls({unit.code: unit for unit in units}, leadership_of)

    def path_to(self, code: str) -> tuple[str, ...]:
        """Codes from the topmost unit down to this one."""
        path: list[str] = []
        unit = self.units.get(code)
        while unit is not None and unit.code not in path:
            path.append(unit.code)
            unit = self.units.get(unit.parent_code or "")
        return tuple(reversed(path))

    def enclosing(self, codes: Iterable[str]) -> tuple[str, ...]:
        """The path to the lowest unit in or below which all of them lie; empty where there is none."""
        paths = [self.path_to(code) for code in codes]
        shared: list[str] = []
        for steps in zip(*paths, strict=False):
            if len(set(steps)) > 1:
                break
            shared.append(steps[0])
        return tuple(shared)


def judge(author: Caller, reach: Reach, chart: OrgChart, approve_above: int) -> Verdict:
    """Whether `author` may say it to everybody in `reach`, today.

    Args:
        author: as `bots.runtime.access` sees them now.
        reach: whom it reaches now.
        chart: the units of today.
        approve_above: so many people one may speak to without being asked (`[broadcasts] approve_above`).
    """
    if not author.roles & SPEAKERS or not author.person.present:
        return Refused(Message.of("rights-not-a-speaker"))
    if not reach.people:
        return Refused(Message.of("rights-reaches-nobody"))
    because = _why_asked(author, reach, chart, approve_above)
    if because is None:
        return Allowed()
    for code in reversed(_responsible_units(author, reach, chart)):
        leader = chart.leadership_of(code).acting
        if leader is not None and _can_answer(leader) and leader.key != author.person.key:
            return NeedsApproval(leader, chart.units[code], because)
    return Refused(Message.of("rights-nobody-to-approve"))


def may_approve(
    approver: Caller, author: Caller | None, reach: Reach, chart: OrgChart, approve_above: int
) -> Allowed | Refused:
    """Whether `approver` may let `author` say it to everybody in `reach`, today: whoever was asked before.

    Args:
        approver: who says yes, as seen now.
        author: as seen now; None for who is in the register no more.
        reach: whom it reaches now.
        chart: the units of today.
        approve_above: as `judge` takes it.
    """
    if author is None:
        return Refused(Message.of("rights-not-a-speaker"))
    if approver.person.key == author.person.key:
        return Refused(Message.of("rights-not-your-own"))
    verdict = judge(author, reach, chart, approve_above)
    if isinstance(verdict, Refused):
        return verdict
    responsible = (chart.leadership_of(code).acting for code in _responsible_units(author, reach, chart))
    if _can_answer(approver.person) and _is_among(approver.person.key, responsible):
        return Allowed()
    return Refused(Message.of("rights-not-responsible"))


def may_approve_news(approver: Caller, unit_code: str, chart: OrgChart, *, named: bool) -> Allowed | Refused:
    """Whether `approver` may let out what a declared source tells, today.

    Args:
        approver: who says yes, as seen now.
        unit_code: the unit that speaks by the source; who leads it, or a unit above it, answers for it.
        chart: the units of today.
        named: whether the source declares them by name.
    """
    responsible = (chart.leadership_of(code).acting for code in chart.path_to(unit_code))
    if approver.person.present and (named or _is_among(approver.person.key, responsible)):
        return Allowed()
    return Refused(Message.of("rights-not-responsible"))


def _why_asked(author: Caller, reach: Reach, chart: OrgChart, approve_above: int) -> Because | None:
    """None where nobody has to be asked."""
    large = len(reach.people) > approve_above
    if any(chart.units[code].parent_code is None for code in author.directs if code in chart.units):
        return None
    if Role.PROVINCE_LEADER in author.roles:
        return Because.SIZE if large else None
    if reach.units | reach.room_units <= author.directs:
        return Because.SIZE if large else None
    if author.roles & {Role.UNIT_HEAD, Role.ACTING_HEAD}:
        return Because.BEYOND
    return Because.DEPUTY if Role.DEPUTY in author.roles else Because.COMMUNICATOR


def _responsible_units(author: Caller, reach: Reach, chart: OrgChart) -> tuple[str, ...]:
    """From the top down to the lowest unit that encloses the author's own, those reached, and those of the rooms."""
    return chart.enclosing({*reach.units, *reach.room_units, *_own_unit(author, chart)})


def _own_unit(author: Caller, chart: OrgChart) -> tuple[str, ...]:
    """For which the author speaks: the highest that they lead or help to lead, else that of the main post."""

    def order(post: Post) -> tuple[bool, int, bool]:
        unit = chart.units[post.unit_code]
        return post.standing is Standing.STAFF, unit.level, post.kind is not PostKind.MAIN

    posts = [post for post in author.person.posts if post.unit_code in chart.units]
    leading = sorted((post for post in posts if post.standing is not Standing.STAFF), key=order)
    main = author.person.main_post
    post = leading[0] if leading else main
    return (post.unit_code,) if post is not None else ()


def _can_answer(person: Person) -> bool:
    """Somebody who is there, and whom a bot can write to."""
    return person.present and person.user_id is not None


def _is_among(key: PersonKey, people: Iterable[Person | None]) -> bool:
    return any(person is not None and person.key == key for person in people)
