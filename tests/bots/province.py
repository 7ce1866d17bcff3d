"""A small province in memory: the directory and preferences that bots' tests ask."""

from datetime import date
from uuid import UUID, uuid5

from huep.catalogue import Locale
from huep.directory.model import (
    AbsenceKind,
    Leadership,
    Person,
    Post,
    PostKind,
    Standing,
    Unit,
    UnitKind,
)

SERVER = "hue.localhost"
NAMESPACE = UUID("00000000-0000-4000-8000-000000000000")

UNITS = (
    Unit("HUE", "UBND thành phố Huế", "UBND TP", UnitKind.PROVINCE, 0, None),
    Unit("SNV", "Sở Nội vụ", "SNV", UnitKind.DEPARTMENT, 1, "HUE"),
    Unit("SNV-TC", "Phòng Tổ chức biên chế", "TCBC", UnitKind.OFFICE, 2, "SNV"),
    Unit("SNV-VP", "Văn phòng Sở", "VP", UnitKind.OFFICE, 2, "SNV"),
    Unit("VYDA", "Phường Vỹ Dạ", "Vỹ Dạ", UnitKind.WARD, 1, "HUE"),
)
_BY_CODE = {unit.code: unit for unit in UNITS}


def post(unit: str, position: str, standing: Standing = Standing.STAFF, kind: PostKind = PostKind.MAIN) -> Post:
    return Post(unit, _BY_CODE[unit].name, "x", position, standing, "", kind, date(2020, 1, 1), None)


def person(localpart: str, name: str, *posts: Post, locked: bool = False, absence: AbsenceKind | None = None) -> Person:
    key = uuid5(NAMESPACE, localpart)
    return Person(key, f"CB-{localpart}", name, f"@{localpart}:{SERVER}", locked, posts, absence)


class SmallDirectory:
    """Answers like `huep.directory.reader.Directory`, from a list of people."""

    def __init__(self, *people: Person) -> None:
        self.people = list(people)

    def person_of(self, user_id: str) -> Person | None:
        return next((person for person in self.people if person.user_id == user_id), None)

    def units_under(self, code: str) -> tuple[Unit, ...]:
        below = [unit for child in UNITS if child.parent_code == code for unit in self.units_under(child.code)]
        return (_BY_CODE[code], *below)

    def path_to(self, code: str) -> tuple[Unit, ...]:
        unit = _BY_CODE[code]
        return (*(self.path_to(unit.parent_code) if unit.parent_code else ()), unit)

    def leadership_of(self, code: str) -> Leadership:
        def holders(standing: Standing) -> list[Person]:
            return [
                person
                for person in self.people
                if any(held.unit_code == code and held.standing is standing for held in person.posts)
            ]

        head = next(iter(holders(Standing.HEAD)), None)
        return Leadership(head, next((person for person in holders(Standing.DEPUTY) if person.present), None))

    def headcount(self, code: str) -> int:
        codes = {unit.code for unit in self.units_under(code)}
        return sum(any(held.unit_code in codes for held in person.posts) for person in self.people)


class SmallPreferences:
    def __init__(self) -> None:
        self.chosen: dict[str, Locale] = {}

    def locale_of(self, user_id: str) -> Locale | None:
        return self.chosen.get(user_id)

    def choose_locale(self, user_id: str, locale: Locale) -> None:
        self.chosen[user_id] = locale


def small_province() -> SmallDirectory:
    """A chairman, a department with its head, an office whose head is on leave and whose deputy stands in."""
    return SmallDirectory(
        person("chu-tich", "Nguyễn Văn Phương", post("HUE", "Chủ tịch", Standing.HEAD)),
        person("giam-doc", "Trần Thị Hoà", post("SNV", "Giám đốc Sở", Standing.HEAD)),
        person(
            "truong-phong",
            "Lê Quang Minh",
            post("SNV-TC", "Trưởng phòng", Standing.HEAD),
            absence=AbsenceKind.STUDY,
        ),
        person("pho-phong", "Phạm Thị Mai", post("SNV-TC", "Phó Trưởng phòng", Standing.DEPUTY)),
        person(
            "an",
            "Nguyễn Thị An",
            post("SNV-TC", "Chuyên viên"),
            post("VYDA", "Cán bộ tăng cường", kind=PostKind.SECONDMENT),
        ),
        person("binh", "Hồ Văn Bình", post("SNV-VP", "Chuyên viên")),
        person("khoa", "Đỗ Khoá", post("SNV-VP", "Chuyên viên"), locked=True),
    )
