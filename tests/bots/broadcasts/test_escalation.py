"""When those who have not acknowledged are asked again, and to whom they are reported."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bots.broadcasts.escalation import Ladder, Step, by_room, moments
from bots.broadcasts.model import Level, Missing
from bots.language.calendar.working_time import WorkingCalendar
from bots.testing.province import SmallDirectory, person, post, small_province
from huep.broadcasts_settings import BroadcastsSettings
from huep.clock import PROVINCE_TIMEZONE
from huep.directory.model import Leadership, Standing


def june(day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=PROVINCE_TIMEZONE)


MONDAY = june(15, 8, 30)
SETTINGS = BroadcastsSettings()
CALENDAR = WorkingCalendar()


def deputy_head() -> SmallDirectory:
    return SmallDirectory(
        *small_province().people,
        person("pho-giam-doc", "Mai Văn Lộc", post("SNV", "Phó Giám đốc Sở", Standing.DEPUTY)),
        person("chi", "Lý Thị Chi", post("SNV", "Chuyên viên")),
    )


def ladder(directory: SmallDirectory) -> Ladder:
    def parent_of(code: str) -> str | None:
        unit = directory.unit(code)
        return unit.parent_code if unit else None

    return Ladder(directory.leadership_of, parent_of)


def missing(directory: SmallDirectory, name: str, *, away: bool = False, room_id: str | None = "!room") -> Missing:
    who = directory.named(name)
    held = who.posts[0]
    return Missing(
        who.key, str(who.user_id), who.full_name, held.position, held.unit_code, held.unit_name, room_id, away
    )


def told(reports: object) -> dict[str, list[str]]:
    return {report.full_name: [one.full_name for one in report.missing] for report in reports}  # type: ignore[attr-defined]


def test_an_urgent_announcement_climbs_at_any_hour() -> None:
    sunday_night = june(14, 23, 50)
    due = moments(Level.URGENT, sunday_night, None, SETTINGS, CALENDAR)
    assert {step: int((at - sunday_night).total_seconds()) // 60 for step, at in due.items()} == {
        Step.REPEAT: 5,
        Step.DIRECT: 15,
        Step.DEPUTY: 30,
        Step.HEAD: 45,
        Step.LIST: 60,
    }


@pytest.mark.parametrize(
    ("deadline", "reminded"),
    [
        (june(19, 17, 0), june(19, 11, 0)),
        (june(22, 9, 0), june(19, 14, 30)),
        (june(15, 10, 30), june(15, 9, 30)),
        (june(15, 9, 0), None),
    ],
)
def test_an_important_one_is_reminded_of_once_in_working_time(deadline: datetime, reminded: datetime | None) -> None:
    due = moments(Level.IMPORTANT, MONDAY, deadline, SETTINGS, CALENDAR)
    assert due == ({} if reminded is None else {Step.REMIND: reminded})


def test_what_asks_nothing_is_never_repeated() -> None:
    assert not moments(Level.INFORMATION, MONDAY, MONDAY + timedelta(days=3), SETTINGS, CALENDAR)


def test_a_deputy_hears_of_the_own_unit_and_not_of_themselves() -> None:
    people = deputy_head()
    those = [missing(people, name) for name in ("chi", "pho-giam-doc", "an", "pho-phong")]
    assert told(ladder(people).to_deputies(those)) == {"Mai Văn Lộc": ["Lý Thị Chi"], "Phạm Thị Mai": ["Nguyễn Thị An"]}


def test_about_a_leader_the_unit_above_is_told() -> None:
    people = deputy_head()
    those = [missing(people, name) for name in ("giam-doc", "chi", "pho-phong", "binh", "an")]
    assert told(ladder(people).to_heads(those)) == {
        "Nguyễn Văn Phương": ["Trần Thị Hoà"],
        "Trần Thị Hoà": ["Phạm Thị Mai", "Lý Thị Chi", "Hồ Văn Bình"],
        "Phạm Thị Mai": ["Nguyễn Thị An"],
    }


def test_about_the_head_of_the_province_nobody_is_told() -> None:
    people = small_province()
    assert ladder(people).to_heads([missing(people, "chu-tich")]) == ()


def test_who_is_on_leave_is_neither_asked_nor_reported() -> None:
    people = small_province()
    away = missing(people, "truong-phong", away=True)
    assert ladder(people).to_heads([away]) == ()
    assert by_room([away]) == {}


def test_rooms_hear_of_those_who_are_in_them() -> None:
    people = small_province()
    an, binh = missing(people, "an"), missing(people, "binh")
    elsewhere = replace(binh, room_id="!other")
    assert by_room([an, elsewhere, replace(binh, room_id=None)]) == {"!room": (an,), "!other": (elsewhere,)}


def test_the_directory_is_asked_once_a_unit_however_many_are_missing() -> None:
    people, asked = small_province(), list[str]()

    def leadership_of(code: str) -> Leadership:
        asked.append(code)
        return people.leadership_of(code)

    def parent_of(code: str) -> str | None:
        asked.append(f"above {code}")
        return {"SNV-VP": "SNV"}[code]

    those = [missing(people, "binh") for _ in range(100)]
    assert len(Ladder(leadership_of, parent_of).to_heads(those)[0].missing) == 100
    assert asked == ["SNV-VP", "above SNV-VP", "SNV"]
