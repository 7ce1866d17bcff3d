"""Finds the phrases of time in a sentence; what only looks like one is left alone."""

from datetime import datetime

from bots.language.calendar.working_time import WorkingCalendar
from bots.language.periods.grammar import GRAMMAR, VOCABULARY
from bots.language.periods.matcher import Reading
from bots.language.periods.meaning import periods_of
from bots.language.periods.model import Found, Looking, Period, Setting
from bots.language.periods.surroundings import in_list, is_of_a_compound, stands
from huep.clock import PROVINCE_TIMEZONE

_BY_LAW = WorkingCalendar()


def find_periods(
    text: str, now: datetime, looking: Looking = Looking.EITHER, calendar: WorkingCalendar = _BY_LAW
) -> tuple[Found, ...]:
    """Every phrase of time in the text, from left to right, each as long as it can be read.

    Args:
        text: a sentence as somebody typed it; its first 2,000 characters are looked at.
        now: when it was said, aware; to the minute.
        looking: where the one who asks looks.
        calendar: holidays and office hours.

    Returns:
        Phrases that do not overlap; one that can mean several periods has them all as choices. What is no phrase of
        time, or names a day that does not exist, is not among them.
    """
    setting = Setting(now.astimezone(PROVINCE_TIMEZONE).replace(second=0, microsecond=0), looking, calendar)
    tokens = VOCABULARY.tokens(text)
    reading = GRAMMAR.reading(tokens)
    found: list[Found] = []
    place = 0
    while place < len(tokens):
        if is_of_a_compound(tokens, place):
            place += 1
            continue
        end, periods = _longest(reading, place, setting)
        listed = in_list(tokens, place) and not (found and found[-1].end == tokens[place - 2].end)
        if periods and not listed and stands(tokens, place, end):
            found.append(Found(tokens[place].begin, tokens[end - 1].end, periods))
        place = max(end, place + 1)
    return tuple(found)


def read_period(
    text: str, now: datetime, looking: Looking = Looking.EITHER, calendar: WorkingCalendar = _BY_LAW
) -> Found | None:
    """The one phrase of time that the whole text is, but for signs around it; None where it is anything else."""
    found = find_periods(text, now, looking, calendar)
    if len(found) != 1:
        return None
    around = text[: found[0].begin] + text[found[0].end :]
    return None if any(character.isalnum() for character in around) else found[0]


def _longest(reading: Reading, place: int, setting: Setting) -> tuple[int, tuple[Period, ...]]:
    """The end of the longest phrase that begins at the place, and what it can mean: all its readings together."""
    matches = reading.of("phrase", place)
    end = max((end for end, _ in matches), default=place)
    periods: dict[Period, None] = {}
    for reached, phrase in matches:
        if reached == end:
            periods |= dict.fromkeys(periods_of(phrase, setting))
    return end, tuple(sorted(periods, key=lambda one: (one.begins is not None, str(one.begins), str(one.ends))))
