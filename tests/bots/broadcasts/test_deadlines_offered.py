"""Deadlines that can be chosen by a number, and those that are over when a dialog goes on."""

from datetime import datetime, timedelta

from bots.broadcasts.deadlines import DeadlineWords
from bots.runtime.access import Caller
from bots.runtime.arguments import Asking
from bots.testing.province import person, post
from huep.catalogue import Locale
from huep.clock import PROVINCE_TIMEZONE
from tests.bots.broadcasts.values import FRIDAY, MONDAY

AN = Caller(person("an", "Nguyễn Thị An", post("SNV", "Chuyên viên")), None)
ASKING = Asking(AN, Locale.VI, MONDAY)
WORDS = DeadlineWords(timedelta(days=28))


def june(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=PROVINCE_TIMEZONE)


def test_the_deadlines_offered_are_of_today_and_the_next_working_days() -> None:
    friday_afternoon = Asking(AN, Locale.VI, june(19, 16, 30))
    assert [one.value for one in WORDS.offers(ASKING)] == [june(15, 17), june(16, 17), june(17, 17)]
    assert [one.value for one in WORDS.offers(friday_afternoon)] == [june(22, 17), june(23, 17), june(24, 17)]


def test_a_deadline_that_is_over_when_the_dialog_goes_on_is_asked_for_anew() -> None:
    assert WORDS.load(WORDS.dump(FRIDAY), ASKING) == FRIDAY
    assert WORDS.load(WORDS.dump(FRIDAY), Asking(AN, Locale.VI, june(19, 17, 1))) is None
