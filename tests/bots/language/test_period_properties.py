"""What holds for every text and every period, not just for those that somebody thought of."""

import itertools
import time
from datetime import UTC, date, datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from bots.language.periods.model import Looking, Period
from bots.language.periods.search import find_periods, read_period
from bots.language.periods.wording import say
from huep.clock import PROVINCE_TIMEZONE
from huep.names import fold
from tests.bots.language.phrase_files import NOTHING, phrases

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31), timezones=st.just(PROVINCE_TIMEZONE))  # noqa: DTZ001
DAYS = st.dates(date(1901, 1, 1), date(2099, 12, 31))
LOOKING = st.sampled_from(Looking)
UNDERSTOOD = [phrase for phrase in phrases("phrases.tsv") if phrase.expected != NOTHING]
NO_PERIODS = [phrase for phrase in phrases("phrases.tsv") if phrase.expected == NOTHING]
WORDS = sorted({word for phrase in UNDERSTOOD for word in phrase.text.split()})
SENTENCES = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
NOISE = st.text(st.characters(whitelist_categories=("Lu", "Ll", "Po", "So", "Zs")), max_size=30).filter(
    lambda text: not any(read_words(text))
)


def read_words(text: str) -> set[str]:
    """The words of the phrases that are in a text: noise has none."""
    return set(fold(text).split()) & {fold(word) for word in WORDS}


@st.composite
def periods(draw: st.DrawFn) -> Period:
    """Any period that has a wording: in whole days or in minutes, open on one side or on none."""
    if draw(st.booleans()):
        first, after = sorted((draw(DAYS), draw(DAYS)))
        assume(first < after)
        period = Period.of_days(first, after)
    else:
        begins, ends = sorted(
            datetime.combine(draw(DAYS), draw(st.times()).replace(second=0, microsecond=0), PROVINCE_TIMEZONE)
            for _ in range(2)
        )
        assume(begins < ends)
        period = Period(begins, ends, whole_days=False)
    open_side = draw(st.sampled_from(("none", "none", "first", "last")))
    if open_side == "first":
        return Period(None, period.ends, period.whole_days)
    if open_side == "last":
        return Period(period.begins, None, period.whole_days)
    return period


@given(periods(), MOMENTS, LOOKING)
def test_every_period_said_is_read_back_as_the_same(period: Period, now: datetime, looking: Looking) -> None:
    for text in (say(period), fold(say(period)), say(period).upper()):
        found = read_period(text, now, looking)
        assert found is not None, text
        assert found.choices == (period,), text


@given(st.sampled_from(UNDERSTOOD), MOMENTS, LOOKING)
def test_every_reading_of_a_phrase_is_ordered_bounded_and_read_back(phrase, now: datetime, looking: Looking) -> None:
    for found in find_periods(phrase.text, now, looking):
        assert len(set(found.choices)) == len(found.choices)
        assert 0 <= found.begin < found.end <= len(phrase.text)
        for period in found.choices:
            assert period.begins is not None or period.ends is not None
            if period.begins is not None and period.ends is not None:
                assert period.begins < period.ends
            back = read_period(say(period), now, looking)
            assert back is not None and back.choices == (period,)


@given(st.sampled_from(UNDERSTOOD), MOMENTS, st.sampled_from((Looking.BACK, Looking.AHEAD)))
def test_knowing_the_side_adds_no_reading(phrase, now: datetime, looking: Looking) -> None:
    """Who looks one way gets no more choices than who may look either."""
    either = find_periods(phrase.text, now, Looking.EITHER)
    sided = find_periods(phrase.text, now, looking)
    places = {(found.begin, found.end): found for found in either}
    for found in sided:
        if (found.begin, found.end) in places:
            assert len(found.choices) <= max(len(places[found.begin, found.end].choices), 1)


@given(st.text(max_size=400), MOMENTS, LOOKING)
def test_no_text_breaks_it(text: str, now: datetime, looking: Looking) -> None:
    for found in find_periods(text, now, looking):
        assert text[found.begin : found.end].strip()


@given(SENTENCES, MOMENTS, LOOKING)
def test_no_mixture_of_its_own_words_breaks_it_or_takes_long(text: str, now: datetime, looking: Looking) -> None:
    started = time.process_time()
    found = find_periods(text, now, looking)
    assert time.process_time() - started < 0.5
    for one, other in itertools.pairwise(found):
        assert one.end <= other.begin
    for period in (period for one in found for period in one.choices):
        assert period.begins is None or period.ends is None or period.begins < period.ends


@given(NOISE, st.sampled_from(UNDERSTOOD), NOISE, LOOKING)
def test_noise_around_a_phrase_never_makes_another_period_of_it(
    before: str, phrase, after: str, looking: Looking
) -> None:
    """It may hide the phrase; what is found is what would be found without the noise."""
    alone = {period for found in find_periods(phrase.text, phrase.said_at, looking) for period in found.choices}
    noisy = find_periods(f"{before} , {phrase.text} , {after}", phrase.said_at, looking)
    assert {period for found in noisy for period in found.choices} <= alone


@given(NOISE, st.sampled_from(NO_PERIODS), NOISE)
def test_noise_around_what_is_no_period_makes_none(before: str, phrase, after: str) -> None:
    assert find_periods(f"{before} , {phrase.text} , {after}", phrase.said_at, phrase.looking) == ()


@given(st.sampled_from(UNDERSTOOD), MOMENTS)
def test_the_zone_of_the_clock_changes_nothing(phrase, now: datetime) -> None:
    assert find_periods(phrase.text, now) == find_periods(phrase.text, now.astimezone(UTC))


@given(DAYS, st.integers(1, 60))
def test_a_period_has_the_days_that_were_put_in(day: date, count: int) -> None:
    period = Period.of_days(day, day + timedelta(days=count))
    assert (period.first_day, period.after_day) == (day, day + timedelta(days=count))
    assert period.last_day == day + timedelta(days=count - 1)
