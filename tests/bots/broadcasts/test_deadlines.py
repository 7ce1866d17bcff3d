"""Until when, and how much it asks, as people say it: Monday 23/11/2026, eight in the morning."""

import json
from datetime import datetime, timedelta

import pytest

from bots.broadcasts.deadlines import LEVELS, DeadlineWords
from bots.broadcasts.model import Level
from bots.runtime.access import Caller
from bots.runtime.arguments import Ambiguous, Asking, NotUnderstood, Understood
from bots.testing.province import person
from huep.catalogue import Locale
from huep.clock import PROVINCE_TIMEZONE
from huep.names import fold

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=PROVINCE_TIMEZONE)
ASKING = Asking(Caller(person("x", "X"), None), Locale.VI, NOW)
DEADLINES = DeadlineWords(timedelta(days=28))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PROVINCE_TIMEZONE)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("trước 17h thứ sáu", "2026-11-27T17:00"),
        ("trong 3 ngày", "2026-11-26T17:00"),
        ("hết ngày mai", "2026-11-24T17:00"),
        ("cuối tuần", "2026-11-29T23:59"),
        ("30 phút nữa", "2026-11-23T08:30"),
        ("thứ sáu", "2026-11-27T17:00"),
        ("trước thứ sáu", "2026-11-26T17:00"),
        ("hôm nay", "2026-11-23T17:00"),
        ("chủ nhật", "2026-11-29T23:59"),
        ("5h", "2026-11-24T05:00"),
        ("5 giờ chiều mai", "2026-11-24T17:00"),
        ("đến hết 30/11", "2026-11-30T17:00"),
        ("trong vòng 24 giờ", "2026-11-24T08:00"),
    ],
)
def test_a_deadline_is_a_moment_to_come(typed: str, meant: str) -> None:
    assert DEADLINES.read(typed, ASKING) == Understood(local(meant))
    assert DEADLINES.read(fold(typed), ASKING) == Understood(local(meant))


def test_a_day_whose_office_has_closed_ends_at_midnight() -> None:
    evening = Asking(ASKING.caller, Locale.VI, local("2026-11-23T19:00"))
    assert DEADLINES.read("hết hôm nay", evening) == Understood(local("2026-11-23T23:59"))


@pytest.mark.parametrize("typed", ["sớm nhé", "", "từ thứ sáu", "khi nào cũng được"])
def test_what_has_no_end_is_no_deadline(typed: str) -> None:
    assert DEADLINES.read(typed, ASKING) == NotUnderstood()


@pytest.mark.parametrize(
    ("typed", "told"), [("hôm qua", "đã qua"), ("trong 2 tháng", "28 ngày"), ("tuần trước", "đã qua")]
)
def test_what_is_over_or_too_far_is_told(typed: str, told: str) -> None:
    read = DEADLINES.read(typed, ASKING)
    assert isinstance(read, NotUnderstood)
    assert told in read.why


def test_a_deadline_with_two_meanings_is_a_choice() -> None:
    read = DEADLINES.read("mùng 5", ASKING)
    assert isinstance(read, Ambiguous)
    assert [choice.label for choice in read.choices] == ["23:59 thứ bảy, 05/12/2026", "23:59 chủ nhật, 13/12/2026"]


@pytest.mark.parametrize("moment", ["2026-11-27T17:00", "2026-11-29T23:59", "2026-12-05T07:30"])
def test_what_is_said_back_is_read_as_the_same_moment(moment: str) -> None:
    value = local(moment)
    assert DEADLINES.read(DEADLINES.written(value, Locale.VI), ASKING) == Understood(value)
    assert DEADLINES.load(json.loads(json.dumps(DEADLINES.dump(value))), ASKING) == value


def test_a_deadline_that_has_passed_meanwhile_is_none_any_more() -> None:
    kept = DEADLINES.dump(local("2026-11-23T07:59"))
    assert DEADLINES.load(kept, ASKING) is None


@pytest.mark.parametrize(
    ("typed", "level"),
    [
        ("để biết", Level.INFORMATION),
        ("thong tin", Level.INFORMATION),
        ("Quan trọng", Level.IMPORTANT),
        ("khẩn", Level.URGENT),
        ("hoả tốc", Level.URGENT),
        ("hỏa tốc ạ", Level.URGENT),
        ("hoa toc", Level.URGENT),
        ("urgent", Level.URGENT),
    ],
)
def test_a_level_is_known_by_any_of_its_words(typed: str, level: Level) -> None:
    assert LEVELS.read(typed, ASKING) == Understood(level)
