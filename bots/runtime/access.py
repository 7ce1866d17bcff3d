"""Who is asking, and what they may: from the directory, at the time of asking, never from what they write."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from bots.runtime.preferences import Preferences
from huep.catalogue import Locale
from huep.directory.model import GrantedRole, Leadership, Person, Post, Scope, Standing, Unit


class Role(StrEnum):
    """What somebody is to the bots today. One person may be several; whoever holds a post is at least staff."""

    PROVINCE_LEADER = "province_leader"
    """Lãnh đạo tỉnh: head or deputy of the province itself."""
    UNIT_HEAD = "unit_head"
    """Cấp trưởng: heads a unit, and is there."""
    ACTING_HEAD = "acting_head"
    """Phụ trách: the deputy who stands in today, because the head's post is vacant or the head away."""
    DEPUTY = "deputy"
    """Cấp phó: sees what the head sees, and directs nothing while the head is there."""
    HR_OFFICER = "hr_officer"
    """Cán bộ tổ chức: keeps the register; the directory says so, no post does."""
    OPERATOR = "operator"
    """Quản trị hệ thống: runs HueP; the directory says so, no post does."""
    COMMUNICATOR = "communicator"
    """Cán bộ truyền thông: writes announcements that somebody else answers for; the directory says so, no post does."""
    STAFF = "staff"
    """Công chức, viên chức: everybody with a post."""


EVERYBODY = frozenset({Role.STAFF})
SEE_ALL = frozenset({Role.HR_OFFICER, Role.COMMUNICATOR})
"""Roles that look into every unit, whatever their post."""
LEADERS = frozenset({Role.PROVINCE_LEADER, Role.UNIT_HEAD, Role.ACTING_HEAD, Role.DEPUTY})
GRANTED = frozenset(Role(role) for role in GrantedRole)
"""Roles that the directory grants by name."""

NOWHERE = Scope(frozenset(), frozenset())


class PeopleDirectory(Protocol):
    """The questions that access asks; `huep.directory.reader.Directory` answers them."""

    def person_of(self, user_id: str) -> Person | None: ...

    def unit(self, code: str) -> Unit | None: ...

    def units(self) -> tuple[Unit, ...]: ...

    def units_under(self, code: str) -> tuple[Unit, ...]: ...

    def leadership_of(self, code: str) -> Leadership: ...


@dataclass(frozen=True)
class Caller:
    """A person who may ask, and all that follows from who they are today."""

    person: Person
    chosen_locale: Locale | None
    roles: frozenset[Role] = EVERYBODY
    scope: Scope = field(default=NOWHERE)
    """Units that the person may look into."""
    directs: frozenset[str] = frozenset()
    """Units in which the person may order something: those that they lead today, and all below."""

    @property
    def user_id(self) -> str:
        return str(self.person.user_id)


class Access:
    """Decides who may invite a bot, and who may ask it what; synchronous, it reads the database."""

    def __init__(self, directory: PeopleDirectory, preferences: Preferences) -> None:
        self._directory = directory
        self._preferences = preferences

    def caller(self, user_id: str) -> Caller | None:
        """The caller; None for whoever is not in the register today, or locked: both look alike.

        Leadership and granted roles rest while a person is away, suspended for instance: they are staff until they are
        back, and whoever stands in leads.
        """
        person = self._directory.person_of(user_id)
        if person is None or person.locked or not person.posts:
            return None
        roles, seen, directed = set(EVERYBODY), set[str](), set[str]()
        if person.present:
            roles |= {Role(name) for name in person.roles if name in GRANTED}
            for post in person.posts:
                if post.standing is Standing.STAFF:
                    continue
                role = self._role_of(person, post)
                under = {unit.code for unit in self._directory.units_under(post.unit_code)}
                roles.add(role)
                seen |= under
                if role is Role.UNIT_HEAD or self._acts(person, post):
                    directed |= under
        if roles & SEE_ALL:
            seen |= {unit.code for unit in self._directory.units()}
        own = frozenset(post.unit_code for post in person.posts)
        locale = self._preferences.locale_of(user_id)
        return Caller(person, locale, frozenset(roles), Scope(frozenset(seen), own), frozenset(directed))

    def _role_of(self, person: Person, post: Post) -> Role:
        unit = self._directory.unit(post.unit_code)
        if unit is not None and unit.level == 0:
            return Role.PROVINCE_LEADER
        if post.standing is Standing.HEAD:
            return Role.UNIT_HEAD
        return Role.ACTING_HEAD if self._acts(person, post) else Role.DEPUTY

    def _acts(self, person: Person, post: Post) -> bool:
        acting = self._directory.leadership_of(post.unit_code).acting
        return acting is not None and acting.key == person.key
