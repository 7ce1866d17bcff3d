"""The people of the demo's story, chosen so that each of them has what the story needs."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from hr_provisioner.demo_data.changes import Changes
from hr_provisioner.demo_data.edition import Edition, Staff, first_level_code
from hr_provisioner.demo_data.tree import ROOT_CODE
from huep.directory.model import Standing, UnitKind

_HOME_AFFAIRS = "Sở Nội vụ"
_STORY_WARD = "UBND phường Vỹ Dạ"


@dataclass(frozen=True)
class CastMember:
    """One person of the story, as edition one has them."""

    officer_code: str
    full_name: str
    position: str
    unit_code: str
    unit_name: str
    why: str


@dataclass(frozen=True)
class Cast:
    """Who plays what."""

    chair: CastMember
    head: CastMember
    officer: CastMember
    leaver: CastMember
    mover: CastMember
    hr_officer: CastMember

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(member["officer_code"] for member in asdict(self).values())

    def write(self, path: Path) -> Path:
        """As JSON, role by role."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        return path


def choose_cast(first: Edition, second: Edition, changes: Changes) -> Cast:
    """The same people for the same editions."""
    units = {unit.code: unit for unit in first.units}
    staff = {member.record.officer_code: member for member in first.staff}
    touched = _touched(changes)
    untouched = [member for member in first.staff if member.record.officer_code not in touched]
    now = {member.record.officer_code: member for member in second.staff}

    def play(member: Staff, why: str) -> CastMember:
        post = member.record.posts[0]
        unit = units[post.unit_code]
        return CastMember(member.record.officer_code, member.record.full_name, post.position, unit.code, unit.name, why)

    def under(name: str) -> Callable[[Staff], bool]:
        top = next(unit.code for unit in first.units if unit.level == 1 and unit.name == name)
        return lambda member: first_level_code(member.record.posts[0].unit_code) == top

    heads = [member for member in untouched if member.record.posts[0].standing is Standing.HEAD]
    ordinary = [member for member in untouched if member.is_ordinary]
    in_home_affairs, in_ward = under(_HOME_AFFAIRS), under(_STORY_WARD)
    chair = next(member for member in heads if member.record.posts[0].unit_code == ROOT_CODE)
    head = next(
        member for member in heads if in_ward(member) and units[member.record.posts[0].unit_code].kind is UnitKind.WARD
    )
    # The smallest of cities has nobody there but leaders.
    hr_officer = next(member for member in (*ordinary, *reversed(untouched)) if in_home_affairs(member))
    officer = next(
        (member for member in ordinary if in_ward(member)),
        next(member for member in ordinary if member is not hr_officer),
    )
    mover = staff[changes.moved[0]]
    target = units[now[changes.moved[0]].record.posts[0].unit_code]
    target_top = units[first_level_code(target.code)]
    return Cast(
        chair=play(chair, "Đứng đầu UBND thành phố: thấy toàn cảnh."),
        head=play(head, "Đứng đầu một phường: chỉ đạo và theo dõi đơn vị mình."),
        officer=play(officer, "Nhân viên bình thường: trò chuyện, hỏi trợ lý, nhận thông báo."),
        leaver=play(staff[changes.left[0]], "Nghỉ việc trong lần xuất thứ hai: tài khoản bị khóa."),
        mover=play(mover, f"Chuyển sang {target.name}, {target_top.name} trong lần xuất thứ hai."),
        hr_officer=play(hr_officer, "Cán bộ Sở Nội vụ: giữ hồ sơ nhân sự."),
    )


def _touched(changes: Changes) -> frozenset[str]:
    return frozenset(
        (*changes.moved, *changes.renamed, *changes.left, *changes.retired, *changes.returned, *changes.started)
    )
