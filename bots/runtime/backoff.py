"""Pure: how long to wait before something is tried again."""

import random
from collections.abc import Callable
from dataclasses import dataclass

Dice = Callable[[], float]
"""Gives a number from 0 up to 1."""


@dataclass(frozen=True)
class Backoff:
    """Twice as long after each failure, up to a limit, and never the same for two who failed together."""

    first_s: float = 1.0
    longest_s: float = 60.0
    dice: Dice = random.random

    def pause_s(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row (at least one): half to one and a half times the step."""
        step_s = self.first_s * 2.0 ** min(failures - 1, 32)
        return min(step_s, self.longest_s) * (0.5 + self.dice())
