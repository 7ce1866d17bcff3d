"""A sound register of 400 people, as rows that a poison can spoil, and what the department exports it as."""

import csv
import io
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hr_provisioner.dates import day_first
from hr_provisioner.sources.columns import PostColumn as P
from hr_provisioner.sources.columns import UnitColumn as U

NOW = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)
TODAY = date(2026, 3, 10)
LAST_EXPORT = NOW - timedelta(days=1)
EXPORT = NOW - timedelta(minutes=10)
PEOPLE = 400
LEAVERS = 30
"""So many have left already, and as many have announced that they will."""

Row = dict[str, str]

_FAMILIES = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Đặng", "Tôn Nữ", "Huỳnh", "Võ", "Bùi"]
_MIDDLES = ["Văn", "Thị", "Đình", "Thị Diệu", "Quốc", "Thị Mỹ", "Hữu"]
_GIVEN = ["Anh", "Bình", "Cường", "Dũng", "Hoà", "Hương", "Khánh", "Lộc", "Ngọc", "Phước", "Thảo", "Tường", "Yến"]


@dataclass
class Export:
    """One export: rows under headings, and what surrounds them. Poisons change it in place, or its bytes."""

    posts: list[Row]
    units: list[Row]
    post_headings: list[str] = field(default_factory=lambda: [column.value for column in P])
    unit_headings: list[str] = field(default_factory=lambda: [column.value for column in U])
    exported_at: datetime = EXPORT
    post_titles: list[str] = field(default_factory=list)
    """Lines above the headings."""
    spoil_posts: Callable[[bytes], bytes] = bytes
    spoil_units: Callable[[bytes], bytes] = bytes

    def write(self, folder: Path) -> Path:
        """As `can-bo.csv` and `don-vi.csv`, changed last when they were exported."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, headings, titles, rows, spoil in (
            ("can-bo.csv", self.post_headings, self.post_titles, self.posts, self.spoil_posts),
            ("don-vi.csv", self.unit_headings, [], self.units, self.spoil_units),
        ):
            text = io.StringIO()
            writer = csv.writer(text)
            writer.writerows([title] for title in titles)
            writer.writerow(headings)
            writer.writerows([row.get(heading, "") for heading in headings] for row in rows)
            path = folder / name
            path.write_bytes(spoil(text.getvalue().encode()))
            os.utime(path, (self.exported_at.timestamp(),) * 2)
        return folder

    def everybody(self, column: P, change: Callable[[str], str]) -> "Export":
        """Change one cell of every row of people."""
        for row in self.posts:
            row[column] = change(row.get(column, ""))
        return self


def sound() -> Export:
    """The register as it should come."""
    return Export([_person(number) for number in range(PEOPLE)], _units())


def last_accepted() -> Export:
    """The export of the day before, which was accepted."""
    return replace(sound(), exported_at=LAST_EXPORT)


def _units() -> list[Row]:
    units = [{U.CODE: "H57", U.NAME: "UBND thành phố Huế", U.KIND: "Thành phố", U.LEVEL: "0", U.PARENT_CODE: ""}]
    for number in range(1, 9):
        department = f"H57.{number:02}"
        units.append(_unit(department, f"Sở thứ {number}", f"S{number}", "Sở, ban, ngành", "1", "H57"))
        units += [
            _unit(
                f"{department}.{office:02}",
                f"Phòng {office} Sở {number}",
                f"P{office}S{number}",
                "Phòng",
                "2",
                department,
            )
            for office in range(1, 4)
        ]
    return [{str(column): value for column, value in unit.items()} for unit in units]


def _unit(code: str, name: str, short_name: str, kind: str, level: str, parent: str) -> Row:
    return {
        U.CODE: code,
        U.NAME: name,
        U.SHORT_NAME: short_name,
        U.KIND: kind,
        U.LEVEL: level,
        U.PARENT_CODE: parent,
        U.VALID_FROM: "01/03/2020",
    }


def _person(number: int) -> Row:
    born = date(1966, 1, 1) + timedelta(days=(number * 7919) % 12_000)
    begins = date(2022 + number % 4, 1 + number * 5 % 12, 1)
    row = {
        # Codes begin with a zero, and a spreadsheet that takes them for numbers drops it.
        P.OFFICER_CODE: f"0462{number:05}",
        P.FULL_NAME: f"{_FAMILIES[number % 10]} {_MIDDLES[number % 7]} {_GIVEN[number % 13]}",
        P.BIRTH_DATE: day_first(born),
        P.GENDER: "Nữ" if number % 2 else "Nam",
        P.EMAIL: f"cb{number}@hue.example",
        P.UNIT_CODE: f"H57.{1 + number % 8:02}.{1 + number // 8 % 3:02}",
        P.POSITION_CODE: "CV",
        P.POSITION: "Chuyên viên",
        P.STANDING: "Nhân viên",
        P.RANK: "Chuyên viên",
        P.KIND: "Chính",
        P.VALID_FROM: day_first(begins),
        P.STATUS: "Đang làm việc",
        P.RETIRES_ON: day_first(date(born.year + 62, born.month, 1)),
    }
    if number < LEAVERS:
        row |= {P.STATUS: "Đã nghỉ việc", P.LAST_DAY: day_first(date(2026, 1, 5) + timedelta(days=number))}
    elif number < 2 * LEAVERS:
        row |= {P.LAST_DAY: day_first(date(2026, 6, 1) + timedelta(days=number))}
    return {str(column): value for column, value in row.items()}
