"""A small province in memory: the directory, the preferences and the dialogs that bots' tests ask.

| localpart | who |
|---|---|
| chu-tich | chairman of the province |
| giam-doc | heads the department SNV |
| truong-phong, pho-phong | head of its office SNV-TC, away for study, and the deputy who stands in |
| an | staff of SNV-TC, lent to the ward VYDA as well |
| binh | staff of SNV-VP, an office without a head |
| khoa | locked |
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from typing import Self
from uuid import UUID, uuid5

from sqlalchemy import Connection

from bots.runtime.capabilities import Write
from bots.runtime.dialogs import Dialog, DialogMoved
from bots.runtime.preferences import QuietHours
from huep.catalogue import Locale
from huep.directory.audience import Audience
from huep.directory.matching import members
from huep.directory.model import (
    AbsenceKind,
    Leadership,
    Member,
    Person,
    PersonKey,
    Post,
    PostKind,
    Standing,
    Unit,
    UnitKind,
)
from huep.names import localpart_of, slug

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


def position_code(position: str) -> str:
    """`Trưởng phòng` is `truong-phong`."""
    return slug(position)


def post(unit: str, position: str, standing: Standing = Standing.STAFF, kind: PostKind = PostKind.MAIN) -> Post:
    """A post held since 2020."""
    return Post(
        unit, _BY_CODE[unit].name, position_code(position), position, standing, "", kind, date(2020, 1, 1), None
    )


def person(
    localpart: str,
    name: str,
    *posts: Post,
    locked: bool = False,
    absence: AbsenceKind | None = None,
    roles: frozenset[str] = frozenset(),
) -> Person:
    """Somebody with an account on SERVER."""
    key = uuid5(NAMESPACE, localpart)
    return Person(key, f"CB-{localpart}", name, f"@{localpart}:{SERVER}", locked, posts, absence, roles)


class SmallDirectory:
    """Answers like `huep.directory.reader.Directory`, from a list of people that a test may change.

    Args:
        people: with the main post of each first.
        units: of a province of the test's own.
    """

    def __init__(self, *people: Person, units: Iterable[Unit] | None = None) -> None:
        self.people = list(people)
        self._units = {unit.code: unit for unit in (UNITS if units is None else units)}
        self.rooms: dict[str, str] = {}
        """The announcement room of each unit that has one; a test opens them."""

    def on(self, server_name: str, suffix: str) -> Self:
        """The same people with accounts of their own: `@an-SUFFIX:server_name`."""

        def moved(person: Person) -> Person:
            return replace(person, user_id=f"@{localpart_of(str(person.user_id))}-{suffix}:{server_name}")

        other = type(self)(*map(moved, self.people), units=self._units.values())
        other.rooms = dict(self.rooms)
        return other

    def named(self, localpart: str) -> Person:
        """Whose localpart begins so.

        Raises:
            KeyError: nobody's.
        """
        for person in self.people:
            known = localpart_of(str(person.user_id))
            if known == localpart or known.rpartition("-")[0] == localpart:
                return person
        raise KeyError(f"nobody is called {localpart!r}: there are {', '.join(self._localparts())}")

    def _localparts(self) -> Iterable[str]:
        return (localpart_of(str(person.user_id)) for person in self.people)

    def person_of(self, user_id: str) -> Person | None:
        return next((person for person in self.people if person.user_id == user_id), None)

    def person(self, key: PersonKey) -> Person | None:
        return next((person for person in self.people if person.key == key), None)

    def unit(self, code: str) -> Unit | None:
        return self._units.get(code)

    def units(self) -> tuple[Unit, ...]:
        return tuple(sorted(self._units.values(), key=lambda unit: unit.code))

    def close(self, code: str) -> None:
        """A unit is there no more, nor is any post in it."""
        del self._units[code]
        self.people = [
            replace(one, posts=tuple(held for held in one.posts if held.unit_code != code)) for one in self.people
        ]

    def units_under(self, code: str) -> tuple[Unit, ...]:
        below = [
            unit for child in self._units.values() if child.parent_code == code for unit in self.units_under(child.code)
        ]
        return (self._units[code], *below)

    def path_to(self, code: str) -> tuple[Unit, ...]:
        unit = self._units[code]
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

    def away(self) -> frozenset[PersonKey]:
        return frozenset(person.key for person in self.people if person.absence is not None)

    def audience(self, audience: Audience) -> tuple[Member, ...]:
        return members(audience, self.people, self._units)

    def positions(self) -> tuple[tuple[str, str], ...]:
        return tuple(sorted({(held.position_code, held.position) for person in self.people for held in person.posts}))

    def announcement_rooms(self) -> Mapping[str, str]:
        return dict(self.rooms)

    def fingerprint(self) -> str:
        return sha256(repr((self.people, self.units())).encode()).hexdigest()


class SmallPreferences:
    """Whatever is written holds once it is committed, on any connection or none."""

    def __init__(self) -> None:
        self.locales: dict[str, Locale] = {}
        self.quiet_hours: dict[str, QuietHours | None] = {}

    def locale_of(self, user_id: str) -> Locale | None:
        return self.locales.get(user_id)

    def quiet_hours_of(self, user_id: str) -> QuietHours | None:
        return self.quiet_hours.get(user_id)

    def choosing_locale(self, user_id: str, locale: Locale) -> Write:
        return lambda _: self.locales.update({user_id: locale})

    def choosing_quiet_hours(self, user_id: str, hours: QuietHours | None) -> Write:
        return lambda _: self.quiet_hours.update({user_id: hours})


class SmallDialogs:
    """Keeps dialogs as `bots.runtime.dialog_store.DatabaseDialogs` does, in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Dialog] = {}

    def of(self, room_id: str, user_id: str) -> Dialog | None:
        return self.kept.get((room_id, user_id))

    def over(self, moment: datetime, most: int) -> tuple[Dialog, ...]:
        over = sorted((one for one in self.kept.values() if one.is_over(moment)), key=lambda one: one.expires_at)
        return tuple(over[:most])

    def keep(self, dialog: Dialog) -> Write:
        def write(_: Connection) -> None:
            self._check(dialog)
            self.kept[dialog.room_id, dialog.user_id] = replace(dialog, turn=dialog.turn + 1)

        return write

    def close(self, dialog: Dialog) -> Write:
        def write(_: Connection) -> None:
            self._check(dialog)
            del self.kept[dialog.room_id, dialog.user_id]

        return write

    def _check(self, dialog: Dialog) -> None:
        kept = self.of(dialog.room_id, dialog.user_id)
        if dialog.turn != (kept.turn if kept else 0):
            raise DialogMoved(dialog)


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
