"""Huế before and after 1 July 2025 at full size: 9 district-level units go, 133 communes become 40 wards and communes.

The new units are the official ones; the old communes, schools and people are made up, in the true numbers.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from hr_provisioner.demo_data.catalogue import Ward, wards
from hr_provisioner.records import PersonRecord, PostRecord, Register, UnitRecord
from huep.directory.model import PostKind, Standing, UnitKind

REFORM = date(2025, 7, 1)
FOUNDED = date(2025, 1, 1)
DISTRICTS = (
    "Quận Thuận Hóa", "Quận Phú Xuân", "Thị xã Phong Điền", "Thị xã Hương Trà", "Thị xã Hương Thủy",
    "Huyện Quảng Điền", "Huyện Phú Vang", "Huyện Phú Lộc", "Huyện A Lưới",
)  # fmt: skip
COMMUNES = 133
SCHOOLS = 532
DEPARTMENTS = 14
PEOPLE_A_DISTRICT = 280
PEOPLE_A_COMMUNE = 22
PEOPLE_A_SCHOOL = 32
PEOPLE_A_DEPARTMENT = 250
CITY = UnitRecord("HUE", "Thành phố Huế", "Huế", UnitKind.PROVINCE, 0, None, FOUNDED, None)


def before() -> Register:
    """The last register of the three-tier city."""
    return _register(_old_units(), _people(_workplaces()), "before")


def after_reform() -> Register:
    """The first register of the two-tier city; every other mover's ended post is listed too."""
    people: list[PersonRecord] = []
    for number, record in enumerate(_people(_workplaces())):
        post = record.posts[0]
        workplace = post.unit_code
        if workplace.startswith(("S", "T")):
            people.append(record)
            continue
        moved = replace(post, unit_code=_successor(workplace, number), valid_from=REFORM)
        ended = (replace(post, valid_to=REFORM),) if number % 2 else ()
        people.append(replace(record, posts=(*ended, moved)))
    return _register(_new_units(), people, "after")


def _register(units: list[UnitRecord], people: list[PersonRecord], name: str) -> Register:
    return Register(tuple(units), tuple(people), (), len(people) + len(units), name)


def _ward_of(commune: int) -> Ward:
    return wards()[commune * len(wards()) // COMMUNES]


def _district_of(commune: int) -> int:
    return commune * len(DISTRICTS) // COMMUNES


def _successor(workplace: str, number: int) -> str:
    """A commune's people go to its ward; a district's people to the wards on its ground, in turn."""
    place = int(workplace[1:])
    if workplace.startswith("X"):
        return f"P{_ward_of(place).code}"
    grounds = _grounds(place)
    return grounds[number % len(grounds)]


def _grounds(district: int) -> tuple[str, ...]:
    codes = [f"P{_ward_of(commune).code}" for commune in range(COMMUNES) if _district_of(commune) == district]
    return tuple(dict.fromkeys(codes))


def _departments() -> Iterator[UnitRecord]:
    for number in range(DEPARTMENTS):
        yield UnitRecord(f"S{number}", f"Sở {number}", f"S{number}", UnitKind.DEPARTMENT, 1, "HUE", FOUNDED, None)


def _old_units() -> list[UnitRecord]:
    return [CITY, *_departments(), *_districts(None), *_communes(None), *_schools()]


def _new_units() -> list[UnitRecord]:
    opened = [
        UnitRecord(f"P{ward.code}", ward.full_name, ward.full_name, ward.kind, 1, "HUE", REFORM, None)
        for ward in wards()
    ]
    return [CITY, *_departments(), *_districts(REFORM), *_communes(REFORM), *opened, *_schools_below_wards()]


def _districts(valid_to: date | None) -> Iterator[UnitRecord]:
    for number, name in enumerate(DISTRICTS):
        successors = _grounds(number) if valid_to else ()
        yield UnitRecord(f"H{number}", name, name, UnitKind.DEPARTMENT, 1, "HUE", FOUNDED, valid_to, successors)


def _communes(valid_to: date | None) -> Iterator[UnitRecord]:
    for number in range(COMMUNES):
        successors = (f"P{_ward_of(number).code}",) if valid_to else ()
        district = f"H{_district_of(number)}"
        name = f"Xã cũ {number}"
        yield UnitRecord(f"X{number}", name, name, UnitKind.COMMUNE, 2, district, FOUNDED, valid_to, successors)


def _schools() -> Iterator[UnitRecord]:
    for number in range(SCHOOLS):
        name = f"Trường {number}"
        yield UnitRecord(f"T{number}", name, name, UnitKind.SCHOOL, 3, f"X{number % COMMUNES}", FOUNDED, None)


def _schools_below_wards() -> Iterator[UnitRecord]:
    for number, school in enumerate(_schools()):
        yield replace(school, level=2, parent_code=f"P{_ward_of(number % COMMUNES).code}", valid_from=REFORM)


def _workplaces() -> Iterator[str]:
    sizes = (("H", len(DISTRICTS), PEOPLE_A_DISTRICT), ("X", COMMUNES, PEOPLE_A_COMMUNE),
             ("T", SCHOOLS, PEOPLE_A_SCHOOL), ("S", DEPARTMENTS, PEOPLE_A_DEPARTMENT))  # fmt: skip
    for letter, units, people in sizes:
        for number in range(units):
            yield from [f"{letter}{number}"] * people


def _people(workplaces: Iterator[str]) -> list[PersonRecord]:
    return [
        PersonRecord(
            f"CB{number:06}",
            f"Nguyễn Văn {number}",
            date(1980, 1, 1),
            None,
            (PostRecord(code, "CV", "Chuyên viên", Standing.STAFF, "01.003", PostKind.MAIN, FOUNDED, None),),
            None,
            None,
            None,
        )
        for number, code in enumerate(workplaces)
    ]
