"""The values of the directory: people, posts, units. Intervals are half-open: `valid_to` is the first day after."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

PersonKey = UUID
"""Immutable: it outlives renames, moves, leaving and returning."""


class PostKind(StrEnum):
    """How a person holds a post."""

    MAIN = "main"
    """Vị trí chính."""
    CONCURRENT = "concurrent"
    """Kiêm nhiệm: a second post beside the main one."""
    SECONDMENT = "secondment"
    """Biệt phái: lent to another unit, the main post stays."""


class Standing(StrEnum):
    """What a post is in its unit."""

    HEAD = "head"
    """Cấp trưởng: leads the unit."""
    DEPUTY = "deputy"
    """Cấp phó: stands in for the head."""
    STAFF = "staff"


class AbsenceKind(StrEnum):
    """Why a person who keeps the post is away."""

    MATERNITY = "maternity"
    """Nghỉ thai sản."""
    STUDY = "study"
    """Đi học."""
    SICK = "sick"
    """Nghỉ ốm dài ngày."""
    SUSPENSION = "suspension"
    """Tạm đình chỉ công tác."""


class UnitKind(StrEnum):
    """What sort of unit it is; `level` says how deep it lies."""

    PROVINCE = "province"
    DEPARTMENT = "department"
    """Sở, ban, ngành."""
    WARD = "ward"
    """Phường."""
    COMMUNE = "commune"
    """Xã."""
    OFFICE = "office"
    """Phòng, văn phòng, ban within a unit."""
    SCHOOL = "school"
    HEALTH_CENTRE = "health_centre"
    """Trung tâm y tế, trạm y tế, bệnh viện."""
    CENTRE = "centre"
    """Đơn vị sự nghiệp: other public service units."""
    TEAM = "team"
    """Tổ, bộ phận: the fourth level."""


@dataclass(frozen=True)
class Unit:
    """A unit (đơn vị) as it stands on one day."""

    code: str
    name: str
    short_name: str
    kind: UnitKind
    level: int
    """0 is the province."""
    parent_code: str | None


@dataclass(frozen=True)
class Post:
    """One post (vị trí) of one person."""

    unit_code: str
    unit_name: str
    position_code: str
    position: str
    """Chức vụ, as people read it."""
    standing: Standing
    rank: str
    """Ngạch, as the register gives it."""
    kind: PostKind
    valid_from: date
    valid_to: date | None


class GrantedRole(StrEnum):
    """A role that no post gives; `huep hr roles` grants it by name."""

    HR_OFFICER = "hr_officer"
    """Cán bộ tổ chức: keeps the register."""
    OPERATOR = "operator"
    """Quản trị hệ thống: runs HueP."""
    COMMUNICATOR = "communicator"
    """Cán bộ truyền thông: writes announcements for the province or a unit."""


@dataclass(frozen=True)
class Person:
    """A person with the posts that hold on the day asked about; carries neither birth date nor e-mail."""

    key: PersonKey
    officer_code: str
    full_name: str
    user_id: str | None
    locked: bool
    posts: tuple[Post, ...]
    absence: AbsenceKind | None
    roles: frozenset[str] = frozenset()
    """Names of granted roles, as the directory has them: `GrantedRole`, or what a later HueP granted."""

    @property
    def main_post(self) -> Post | None:
        """The main post, else the first of whatever holds."""
        return next((post for post in self.posts if post.kind is PostKind.MAIN), self.posts[0] if self.posts else None)

    @property
    def present(self) -> bool:
        """Neither on long leave nor locked: somebody to turn to today."""
        return self.absence is None and not self.locked


@dataclass(frozen=True)
class Leadership:
    """Who leads a unit today."""

    head: Person | None
    stand_in: Person | None
    """Who answers now when the head's post is vacant or the head is away: the first deputy present."""

    @property
    def acting(self) -> Person | None:
        """Whom to ask today."""
        if self.head is not None and self.head.present:
            return self.head
        return self.stand_in


@dataclass(frozen=True)
class Scope:
    """Which units a person may look into, as resolved today."""

    led: frozenset[str]
    """Units under the person's direction: those the person heads or is deputy of, with all below."""
    own: frozenset[str]
    """Units in which the person holds a post."""

    def sees(self, unit_code: str) -> bool:
        return unit_code in self.led or unit_code in self.own


@dataclass(frozen=True)
class Member:
    """One person of an audience, with the unit and post through which they belong to it."""

    key: PersonKey
    user_id: str
    full_name: str
    unit_code: str
    position: str
    position_code: str
    standing: Standing
