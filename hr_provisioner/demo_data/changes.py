"""Edition two: what a month brings, so that a sync has something to do.

Everything takes effect on or before the day of edition one, so that both editions can be applied on one day: whoever
leaves has their last day behind them, whoever moves or starts has begun.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from hr_provisioner.demo_data.edition import Edition, Staff, first_level_code
from hr_provisioner.demo_data.emails import EmailBook
from hr_provisioner.demo_data.names import draw_names
from hr_provisioner.demo_data.positions import draw_title, staff_of
from hr_provisioner.demo_data.staffing import birth_date, stream
from hr_provisioner.records import PersonRecord, PostRecord, UnitRecord
from hr_provisioner.register.vocabulary import Status
from huep.directory.model import PostKind, Standing, UnitKind

STARTS_SHARE = 0.006
MOVES_SHARE = 0.01
RENAMES_SHARE = 0.002
LEAVES_SHARE = 0.004
"""Below the half per cent that a plan may lock without asking."""
RETIRED_OF_LEAVERS = 0.34
RETURNS_OF_AWAY = 0.25
UNIT_RENAMES_SHARE = 0.003
RECENT_DAYS = 5

_NEW_TASK = "Chuyển đổi số"
_OLDER_THAN = timedelta(days=int(52 * 365.25))


@dataclass(frozen=True)
class Changes:
    """Who changes how between the editions, by officer code; the kinds do not overlap."""

    started: tuple[str, ...]
    moved: tuple[str, ...]
    renamed: tuple[str, ...]
    left: tuple[str, ...]
    retired: tuple[str, ...]
    returned: tuple[str, ...]
    renamed_units: tuple[str, ...]


def edition_two(first: Edition, seed: int) -> tuple[Edition, Changes]:
    """The second edition, and what distinguishes it from the first."""
    random = stream(seed, "changes")
    people = len(first.staff)
    units = {unit.code: unit for unit in first.units}
    staff = {member.record.officer_code: member for member in first.staff}

    ordinary = [code for code, member in staff.items() if member.is_ordinary]
    random.shuffle(ordinary)
    leavers = max(2, round(LEAVES_SHARE * people))
    retiring = max(1, round(leavers * RETIRED_OF_LEAVERS))
    retired = [code for code in ordinary if _is_old(staff[code], first.as_of)][:retiring]
    rest = iter([code for code in ordinary if code not in set(retired)])
    left = _take(rest, leavers - len(retired))
    moved = _take(rest, max(1, round(MOVES_SHARE * people)))
    renamed = _take(rest, max(1, round(RENAMES_SHARE * people)))
    away = [code for code, member in staff.items() if member.record.absence is not None]
    returned = random.sample(away, max(1, round(RETURNS_OF_AWAY * len(away))))

    for code in left:
        staff[code] = _leaving(staff[code], Status.LEFT, first.as_of, random)
    for code in retired:
        staff[code] = _leaving(staff[code], Status.RETIRED, first.as_of, random)
    for code in moved:
        staff[code] = _moving(staff[code], units, first.as_of, random)
    for code in renamed:
        staff[code] = _renamed(staff[code], random)
    for code in returned:
        back = replace(staff[code].record, absence=None)
        staff[code] = replace(staff[code], record=back, status=Status.WORKING)
    starters = _starters(first, units, max(1, round(STARTS_SHARE * people)), seed)
    staff |= {member.record.officer_code: member for member in starters}

    renamed_units = _rename_units(units, random)
    edition = Edition(first.as_of, tuple(units.values()), tuple(staff.values()))
    changes = Changes(
        tuple(member.record.officer_code for member in starters),
        *(tuple(codes) for codes in (moved, renamed, left, retired, returned, renamed_units)),
    )
    return edition, changes


def _take(codes: Iterable[str], count: int) -> list[str]:
    return [code for code, _ in zip(codes, range(count), strict=False)]


def _is_old(member: Staff, as_of: date) -> bool:
    return member.record.birth_date is not None and member.record.birth_date <= as_of - _OLDER_THAN


def _recently(as_of: date, random: Random) -> date:
    return as_of - timedelta(days=random.randrange(RECENT_DAYS))


def _leaving(member: Staff, status: Status, as_of: date, random: Random) -> Staff:
    last_day = _recently(as_of, random) - timedelta(days=1)
    day_after = last_day + timedelta(days=1)
    record = replace(
        member.record,
        posts=tuple(replace(post, valid_to=day_after) for post in member.record.posts),
        retires_on=day_after if status is Status.RETIRED else None,
        leaves_on=last_day,
    )
    return replace(member, record=record, status=status)


def _moving(member: Staff, units: dict[str, UnitRecord], as_of: date, random: Random) -> Staff:
    """To an office of another department or ward: the old post is gone from the register, the new one stands there."""
    here = first_level_code(member.record.posts[0].unit_code)
    offices = [unit for unit in units.values() if unit.kind is UnitKind.OFFICE and first_level_code(unit.code) != here]
    target = random.choice(offices)
    title = draw_title(random, staff_of(target, units.get(target.parent_code or "")))
    post = PostRecord(
        target.code, title.code, title.text, Standing.STAFF, title.rank, PostKind.MAIN, _recently(as_of, random), None
    )
    return replace(member, record=replace(member.record, posts=(post,)))


def _renamed(member: Staff, random: Random) -> Staff:
    """A given name changed by the civil registry; the surname stays."""
    words = member.record.full_name.split()
    new = words[-1]
    while new == words[-1]:
        naming = draw_names(random, 1)[0]
        new = naming.full_name.split()[-1] if naming.gender is member.gender else words[-1]
    return replace(member, record=replace(member.record, full_name=" ".join([*words[:-1], new])))


def _starters(first: Edition, units: dict[str, UnitRecord], count: int, seed: int) -> list[Staff]:
    random = stream(seed, "starters")
    taken = {member.record.officer_code for member in first.staff}
    emails = EmailBook(random)
    hosts = [unit for unit in units.values() if unit.level > 0]
    starters: list[Staff] = []
    for naming in draw_names(random, count):
        code = f"HUE{random.randrange(100_000, 1_000_000)}"
        while code in taken:
            code = f"HUE{random.randrange(100_000, 1_000_000)}"
        taken.add(code)
        unit = random.choice(hosts)
        title = draw_title(random, staff_of(unit, units.get(unit.parent_code or "")))
        post = PostRecord(
            unit.code,
            title.code,
            title.text,
            Standing.STAFF,
            title.rank,
            PostKind.MAIN,
            _recently(first.as_of, random),
            None,
        )
        record = PersonRecord(
            officer_code=code,
            full_name=naming.full_name,
            birth_date=birth_date(random, first.as_of, unit, Standing.STAFF, naming.gender),
            email=emails.address(naming.full_name, f"{units[first_level_code(unit.code)].short_name} moi"),
            posts=(post,),
            absence=None,
            retires_on=None,
            leaves_on=None,
        )
        starters.append(Staff(record, naming.gender, Status.WORKING))
    return starters


def _rename_units(units: dict[str, UnitRecord], random: Random) -> list[str]:
    """In place: the register says what a unit is called now, not when it was called otherwise."""
    offices = [unit for unit in units.values() if unit.name.startswith("Phòng ") and _NEW_TASK not in unit.name]
    chosen = random.sample(offices, max(1, round(UNIT_RENAMES_SHARE * len(units))))
    for unit in chosen:
        units[unit.code] = replace(unit, name=f"{unit.name} và {_NEW_TASK}")
    return [unit.code for unit in chosen]
