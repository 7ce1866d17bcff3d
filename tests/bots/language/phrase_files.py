"""The phrases with what they mean, from the tables beside: `periods/*.tsv`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bots.language.periods.model import Found, Looking, Period
from huep.clock import PROVINCE_TIMEZONE

FOLDER = Path(__file__).parent / "periods"
SAID_AT = "2026-07-16T10:00"
NOTHING = "-"


@dataclass(frozen=True)
class Phrase:
    """One line of a table."""

    text: str
    looking: Looking
    expected: str
    said_at: datetime
    expected_folded: str


def phrases(file: str) -> Iterator[Phrase]:
    """The lines of a table; those that begin with a number sign say what follows."""
    for line in (FOLDER / file).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            text, looking, expected, said_at, folded = (*line.split("\t"), "", "")[:5]
            moment = datetime.fromisoformat(said_at or SAID_AT).replace(tzinfo=PROVINCE_TIMEZONE)
            yield Phrase(text, Looking(looking), ordered(expected), moment, ordered(folded or expected))


def ordered(expected: str) -> str:
    """The same whatever order the choices were written in."""
    return " & ".join(" | ".join(sorted(one.strip() for one in part.split(" | "))) for part in expected.split(" & "))


def written(found: Sequence[Found]) -> str:
    """What was found, as the tables write it: `|` between choices, `&` between phrases."""
    return " & ".join(" | ".join(sorted(map(_written, one.choices))) for one in found) or NOTHING


def _written(period: Period) -> str:
    if period.is_minute and period.begins:
        return f"{period.begins:%Y-%m-%dT%H:%M}"
    if period.whole_days:
        first, after = period.first_day, period.after_day
        if first and after and after - first == timedelta(days=1):
            return str(first)
        return f"{first or ''}..{after or ''}"
    begins, ends = (f"{moment:%Y-%m-%dT%H:%M}" if moment else "" for moment in (period.begins, period.ends))
    return f"{begins}..{ends}"
