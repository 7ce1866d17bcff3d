"""Pure: is this reading of the register whole, and believable beside the last one that was?

Refused is what nobody could rightly approve: empty, cut, old, unreadable, or another place's. Parked is what only
people can tell from a mistake: two officers approve that snapshot's hash, or it is never acted upon.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import floor

from hr_provisioner.dates import day_first, moment
from hr_provisioner.snapshots.refusals import (
    ColumnGone,
    ColumnShifted,
    Cut,
    Doubled,
    EverybodyLeft,
    FromTheFuture,
    HeadingAgain,
    MonthFirst,
    NothingIn,
    OlderThanLast,
    OtherPeople,
    TwoProvinces,
    UnitsVanished,
)
from hr_provisioner.snapshots.shape import Sampled, Shape, expected_columns
from hr_provisioner.sources.columns import POSTS, UNITS
from huep.catalogue import Message
from huep.hr_settings import SnapshotSettings

FUTURE_TOLERANCE = timedelta(hours=1)
"""How far the exporting machine's clock may be ahead."""
FEWEST_FAULTS = 5
"""Fewer bad values are quarantined, however few there are altogether."""
SMALLEST_BAND_ROWS = 5
"""However small the register, so many rows more or less are no sign of a cut."""
DOUBLED_SHARE = 0.1
MONTH_FIRST_SHARE = 0.005
FEWEST_MONTH_FIRST = 3
TURNOVER_SHARE = 0.05
"""Of the people: gone, or new."""
FEWEST_FILLED = 20
"""A column with fewer values may lose half of them in a day."""
STALE_AFTER = timedelta(days=31)
CHANGED_SHARES = {"name": 0.05, "birth": 0.05, "posts": 0.25, "service": 0.05}
"""How many people may have another name, birth date, posts, or status and last day than last time."""
FEWEST_CHANGED = 5
LEAVERS_SHARE = 0.05
"""Of those with a last day: so many may lose it and still be listed."""

_REQUIRED = {
    "table-posts": frozenset(column.value for column in POSTS.required),
    "table-units": frozenset(column.value for column in UNITS.required),
}


@dataclass(frozen=True)
class Accepted:
    """Whole and believable: a plan may be made of it."""


@dataclass(frozen=True)
class Parked:
    """Readable, and outside what is believed without asking."""

    reasons: tuple[Message, ...]


Verdict = Accepted | Parked


def judge(
    shape: Shape, last: Shape | None, settings: SnapshotSettings, now: datetime, believed_at: datetime | None = None
) -> Verdict:
    """Whether a register may be acted upon, beside the `last` one of its source that was accepted (None: the first).

    `believed_at`: export of an accepted register before the last that had this very content, None where none had.

    Raises:
        SnapshotRefused: it may not, and no approval changes that; the type says why.
    """
    if last is not None and shape.identity == last.identity:
        return Accepted()
    _refuse_incomplete(shape)
    _refuse_wrong_time(shape, last, now)
    if last is not None and shape.sha256 == last.sha256:
        # Exported again without a change: what was believed is believed still.
        return Accepted()
    _refuse_disordered(shape)
    if not shape.people or not shape.units:
        raise NothingIn(shape.rows, shape.people, shape.units)
    if last is None:
        return Parked((Message("parked-first"), *_quarantine_doubt(shape, settings)))
    _refuse_unlike(shape, last)
    reasons = (
        *_believed_before(last, believed_at),
        *_quarantine_doubt(shape, settings),
        *_doubts(shape, last, settings),
    )
    return Parked(reasons) if reasons else Accepted()


def _refuse_incomplete(shape: Shape) -> None:
    if not shape.rows:
        raise NothingIn(shape.rows, shape.people, shape.units)
    if not shape.whole:
        raise Cut(shape.rows, None)
    if shape.stated_rows is not None and shape.stated_rows != shape.rows:
        raise Cut(shape.rows, shape.stated_rows)


def _refuse_wrong_time(shape: Shape, last: Shape | None, now: datetime) -> None:
    if shape.exported_at > now + FUTURE_TOLERANCE:
        raise FromTheFuture(shape.exported_at, now, FUTURE_TOLERANCE)
    if last is not None and shape.exported_at <= last.exported_at:
        raise OlderThanLast(shape.exported_at, last.exported_at)


def _refuse_disordered(shape: Shape) -> None:
    for name, table in shape.tables:
        if table.headings_again:
            raise HeadingAgain(name, table.headings_again[0])
        for column, count in table.month_first.items():
            if count >= max(FEWEST_MONTH_FIRST, MONTH_FIRST_SHARE * table.rows):
                raise MonthFirst(name, column, count)
        for column, faults in table.faults.items():
            values = table.rows if column in _REQUIRED[name] else table.filled.get(column, 0)
            if faults >= FEWEST_FAULTS and 2 * faults >= values:
                raise ColumnShifted(name, column, faults, values)
        if table.repeated >= max(FEWEST_FAULTS, DOUBLED_SHARE * table.rows):
            raise Doubled(table.repeated, table.rows)
    if len(shape.roots) > 1:
        raise TwoProvinces(shape.roots)


def _refuse_unlike(shape: Shape, last: Shape) -> None:
    before, now = dict(last.tables), dict(shape.tables)
    for name, column in expected_columns():
        had, has = before[name].filled.get(column, 0), now[name].filled.get(column)
        if had and (has is None or (has == 0 and 2 * had > before[name].rows)):
            raise ColumnGone(name, column, had)
    kept_units = len(shape.unit_codes & last.unit_codes)
    if 2 * kept_units < len(last.unit_codes):
        raise UnitsVanished(kept_units, len(last.unit_codes))
    comparison = _compare(shape, last)
    if comparison.gone_share > 0.5:
        raise OtherPeople(round(100 * (1 - comparison.gone_share)))
    if 2 * shape.left >= shape.people and 2 * last.left < last.people and shape.left >= FEWEST_FAULTS:
        raise EverybodyLeft(shape.left, shape.people, last.left)


def _quarantine_doubt(shape: Shape, settings: SnapshotSettings) -> Iterator[Message]:
    if shape.quarantined_rows > settings.quarantine_share * shape.rows:
        yield Message.of(
            "parked-quarantine",
            quarantined=shape.quarantined_rows,
            rows=shape.rows,
            percent=_percent(settings.quarantine_share),
        )


def _believed_before(last: Shape, believed_at: datetime | None) -> Iterator[Message]:
    # An old file copied again has today's time of change and yesterday's people.
    if believed_at is not None:
        yield Message.of("parked-old-content", exported=moment(believed_at), last=moment(last.exported_at))


def _doubts(shape: Shape, last: Shape, settings: SnapshotSettings) -> Iterator[Message]:
    if abs(shape.rows - last.rows) > max(SMALLEST_BAND_ROWS, floor(settings.row_band * last.rows)):
        yield Message.of("parked-rows", rows=shape.rows, before=last.rows, percent=_percent(settings.row_band))
    comparison = _compare(shape, last)
    if max(comparison.gone_share, comparison.new_share) > TURNOVER_SHARE and comparison.turnover > FEWEST_CHANGED:
        gone, new = _percent(comparison.gone_share), _percent(comparison.new_share)
        yield Message.of("parked-turnover", gone=gone, new=new)
    for what, share in CHANGED_SHARES.items():
        changed = comparison.changed(what)
        if changed > max(FEWEST_CHANGED, share * len(comparison.pairs)):
            percent = _percent(changed / len(comparison.pairs))
            yield Message.of("parked-changed", what=Message(f"changed-{what}"), percent=percent)
    gone_units = len(last.unit_codes - shape.unit_codes)
    few_units = max(SMALLEST_BAND_ROWS, floor(settings.row_band * len(last.unit_codes)))
    if gone_units > few_units:
        yield Message.of("parked-units", gone=gone_units)
    ended_units = len((shape.ended_units - last.ended_units) & last.unit_codes)
    if ended_units > few_units:
        yield Message.of("parked-units-ended", ended=ended_units, units=len(last.unit_codes))
    # Leavers who are no longer listed at all lost nothing: they are missing.
    back = last.leavers - shape.leavers - max(0, last.listed - shape.listed)
    if back > max(FEWEST_CHANGED, floor(LEAVERS_SHARE * last.leavers)):
        yield Message.of("parked-leavers-back", count=back, before=last.leavers)
    yield from _thin_columns(shape, last)
    if shape.newest_post and last.newest_post and shape.newest_post < last.newest_post - STALE_AFTER:
        yield Message.of("parked-stale", newest=day_first(shape.newest_post), before=day_first(last.newest_post))


def _thin_columns(shape: Shape, last: Shape) -> Iterator[Message]:
    before, now = dict(last.tables), dict(shape.tables)
    for name, column in expected_columns():
        had, has = before[name].filled.get(column, 0), now[name].filled.get(column, 0)
        if had >= FEWEST_FILLED and 2 * has < had:
            yield Message.of("parked-thin", table=Message(name), column=column, before=had, now=has)


@dataclass(frozen=True)
class _Comparison:
    """People of two samples who can be compared, all of whom either sample would have drawn."""

    before: int
    now: int
    pairs: tuple[tuple[Sampled, Sampled], ...]
    gone: int
    new: int

    @property
    def gone_share(self) -> float:
        return self.gone / self.before if self.before else 0.0

    @property
    def new_share(self) -> float:
        return self.new / self.now if self.now else 0.0

    @property
    def turnover(self) -> int:
        return max(self.gone, self.new)

    def changed(self, what: str) -> int:
        return sum(getattr(one, what) != getattr(other, what) for one, other in self.pairs)


def _compare(shape: Shape, last: Shape) -> _Comparison:
    # Beyond the last person drawn nothing is known; a sample that holds everybody knows all.
    ends = [max(each.sample) for each in (shape, last) if len(each.sample) < each.listed]
    end = min(ends, default=None)
    before = {code: person for code, person in last.sample.items() if end is None or code <= end}
    now = {code: person for code, person in shape.sample.items() if end is None or code <= end}
    pairs = tuple(
        (one, other) for code, one in before.items() if one is not None and (other := now.get(code)) is not None
    )
    return _Comparison(len(before), len(now), pairs, len(before.keys() - now.keys()), len(now.keys() - before.keys()))


def _percent(share: float) -> int | float:
    percent = round(100 * share, 1)
    return int(percent) if percent == int(percent) else percent
