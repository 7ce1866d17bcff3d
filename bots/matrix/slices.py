"""Long work in slices, between which the event loop serves everybody else.

vodozemac, JSON and nio's validation hold the interpreter, so a worker thread would stop the loop just as long: what
helps is to do little at a time.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from time import perf_counter
from typing import TypeVar

TURN_S = 0.005
"""What all long work together takes of one turn of the loop; whoever waits for a timer waits for three turns."""

Item = TypeVar("Item")

_at_work = 0
_turn_ends = 0.0
"""When long work has had its time of the present turn of the loop."""


async def in_slices(items: Iterable[Item]) -> AsyncIterator[Item]:
    """`items`, each for a step of about a millisecond; where a slice is over, others have their turn first.

    However much such work there is at a time, it shares the turn: with the second piece, each has half.
    """
    global _at_work, _turn_ends
    _at_work += 1
    began = perf_counter()
    try:
        for item in items:
            if perf_counter() >= min(_turn_ends, began + TURN_S / _at_work):
                turn = _turn_ends
                await asyncio.sleep(0)
                began = perf_counter()
                if _turn_ends == turn:  # nobody else woke before us: with us a new turn begins
                    _turn_ends = began + TURN_S
            yield item
    finally:
        _at_work -= 1
