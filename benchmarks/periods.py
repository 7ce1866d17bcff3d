"""How many phrases of time are understood, and how many wrongly, beside dateparser on the same phrases."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from dateparser.date import DateDataParser
from dateparser.search import search_dates

from benchmarks.figures import Figure, higher_is_better, p95
from bots.language.periods.expression import Unit, unit_around
from bots.language.periods.model import Found, Looking, Period
from bots.language.periods.search import find_periods
from huep.clock import PROVINCE_TIMEZONE
from huep.names import fold
from tests.bots.language.phrase_files import NOTHING, Phrase, phrases, written

BASELINE = "dateparser 1"
MS = 1_000.0
_SIDES = {Looking.BACK: "past", Looking.AHEAD: "future", Looking.EITHER: "current_period"}
_UNITS = {"day": Unit.DAY, "week": Unit.WEEK, "month": Unit.MONTH, "year": Unit.YEAR}

Reader = Callable[[str, Phrase], str]
"""What is understood of a text, in the words of the tables."""


@dataclass(frozen=True)
class Score:
    """Of the phrases that mean something, how many were understood; of all, how many got a wrong period."""

    understood_pct: float
    wrong_pct: float


def measure() -> Iterator[Figure]:
    """The phrases of the tables, as written and folded, and those that the grammar was never tuned on.

    Understood: exactly the period, or exactly the choices. Wrong: one period where another, or none, was meant; choices
    are no wrong answer where what was meant is among them. dateparser knows no choices: one of them is enough for it.
    """
    tuned, held_out = list(phrases("phrases.tsv")), list(phrases("held_out.tsv"))
    for name, some, folded in (
        ("periods", tuned, False),
        ("periods_folded", tuned, True),
        ("periods_held_out", held_out, False),
        ("periods_held_out_folded", held_out, True),
    ):
        ours, theirs = score(_grammar, some, folded=folded), score(_dateparser, some, folded=folded)
        yield higher_is_better(
            f"{name}_understood_pct", ours.understood_pct, f"% of {len(some)}", theirs.understood_pct, BASELINE
        )
        yield Figure(f"{name}_wrong_pct", ours.wrong_pct, "%")
        yield Figure(f"{name}_dateparser_wrong_pct", theirs.wrong_pct, "%")
    yield Figure("periods_ms", p95(list(_taken(tuned))), "ms")


def score(read: Reader, some: Sequence[Phrase], *, folded: bool) -> Score:
    """How a reader does on the phrases."""
    understood = wrong = meaningful = 0
    for phrase in some:
        expected = phrase.expected_folded if folded else phrase.expected
        found = read(fold(phrase.text) if folded else phrase.text, phrase)
        meaningful += expected != NOTHING
        understood += expected != NOTHING and found == expected
        wrong += found not in (expected, NOTHING) and not set(expected.split(" | ")) <= set(found.split(" | "))
    return Score(100 * understood / meaningful, 100 * wrong / len(some))


def _grammar(text: str, phrase: Phrase) -> str:
    return written(find_periods(text, phrase.said_at, phrase.looking))


def _dateparser(text: str, phrase: Phrase) -> str:
    now = phrase.said_at.replace(tzinfo=None)
    settings = {"RELATIVE_BASE": now, "PREFER_DATES_FROM": _SIDES[phrase.looking]}
    parser = DateDataParser(languages=["vi"], settings=settings)
    parts = [text]
    if parser.get_date_data(text).date_obj is None:
        parts = [part for part, _ in search_dates(text, languages=["vi"], settings=settings) or ()]
    found = [period for part in parts if (period := _as_period(parser, part))]
    answer = written([Found(0, 1, (period,)) for period in found])
    for expected in (phrase.expected, phrase.expected_folded):
        if answer in expected.split(" | "):
            return expected
    return answer


def _as_period(parser: DateDataParser, part: str) -> Period | None:
    data = parser.get_date_data(part)
    if data.date_obj is None:
        return None
    moment: datetime = data.date_obj.replace(tzinfo=PROVINCE_TIMEZONE)
    if data.period == "time":
        return Period.of_minute(moment.replace(second=0, microsecond=0))
    return unit_around(moment.date(), _UNITS[data.period], 0)


def _taken(some: Sequence[Phrase]) -> Iterator[float]:
    for number in range(3):
        for phrase in some:
            started = perf_counter()
            find_periods(phrase.text, phrase.said_at, phrase.looking)
            if number:
                yield (perf_counter() - started) * MS
