"""Two homeservers measured in turn, and what the pairs say of their ratio."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from math import comb
from statistics import median
from typing import Generic, TypeVar

PAIRS = 15
RANK = 4
"""Of 15 ratios the fourth from below and the fourth from above have the true median between them with 96.5%."""

Side = TypeVar("Side")
Value = TypeVar("Value")


@dataclass(frozen=True)
class Pair(Generic[Value]):
    """What the two sides gave one right after the other."""

    ours: Value
    plain: Value


@dataclass(frozen=True)
class Comparison:
    """Pairs of one figure, over 1 meaning that ours is better."""

    ours: float
    """Median."""
    ratio: float
    """Median of the ratios of the pairs, which slow drifts of the machine leave alone."""
    between: tuple[float, float]
    confidence: float
    """Probability that `between` holds the true median, by order statistics: no distribution is assumed."""


async def in_turn(
    ours: Side, plain: Side, measure: Callable[[Side], Awaitable[Value]], *, plain_first: bool
) -> Pair[Value]:
    """One right after the other."""
    if plain_first:
        there = await measure(plain)
        return Pair(await measure(ours), there)
    here = await measure(ours)
    return Pair(here, await measure(plain))


def compared(pairs: Sequence[Pair[float]], *, higher_is_better: bool, rank: int = RANK) -> Comparison:
    """The median ratio of the pairs, with its interval."""
    ratios = sorted(pair.ours / pair.plain if higher_is_better else pair.plain / pair.ours for pair in pairs)
    outside = sum(comb(len(ratios), below) for below in range(rank)) / 2 ** len(ratios)
    return Comparison(
        ours=median(pair.ours for pair in pairs),
        ratio=median(ratios),
        between=(ratios[rank - 1], ratios[-rank]),
        confidence=1 - 2 * outside,
    )
