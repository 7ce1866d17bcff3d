"""The form of every figure: one line, and the ratio to a baseline of the same run behind it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles


@dataclass(frozen=True)
class Figure:
    """One measured figure."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    """Over 1 means that ours is better."""
    baseline: str = ""
    between: tuple[float, float] | None = None
    """Where the true ratio lies."""

    def __str__(self) -> str:
        line = f"figure {self.name} {self.value:.4g} {self.unit}"
        if self.ratio is not None:
            line += f" ratio {self.ratio:.3g} vs {self.baseline}"
        if self.between is not None:
            line += f" interval {self.between[0]:.3f} to {self.between[1]:.3f}"
        return line


def higher_is_better(name: str, value: float, unit: str, baseline_value: float, baseline: str) -> Figure:
    """A rate beside its baseline's rate."""
    return Figure(name, value, unit, value / baseline_value, baseline)


def lower_is_better(name: str, value: float, unit: str, baseline_value: float, baseline: str) -> Figure:
    """A duration beside its baseline's duration."""
    return Figure(name, value, unit, baseline_value / value, baseline)


def p95(values: list[float]) -> float:
    """The 95th percentile."""
    return quantiles(values, n=20, method="inclusive")[18]


def timed(work: Callable[[], object]) -> float:
    """How many seconds `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def median_of(runs: int, work: Callable[[], object]) -> float:
    """The median of so many runs, in seconds."""
    return median(timed(work) for _ in range(runs))


def peak_mb(process: int | str = "self") -> float:
    """The most memory that a process, by its number, has had resident so far."""
    return int(Path(f"/proc/{process}/status").read_text().split("VmHWM:")[1].split()[0]) / 1024
