"""What has been tried and did not succeed yet, each with the time of its next try. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

FIRST_AGAIN = timedelta(seconds=6)
LONGEST_WAIT = timedelta(hours=1)
"""A task that fails for good costs one try an hour."""

Task = TypeVar("Task")


@dataclass
class _Try:
    number: int
    """0 before the first."""
    due_ms: int


def wait_after(failures: int) -> timedelta:
    """Twice as long after each failure: 6 s, 12 s, and so on up to an hour."""
    return min(FIRST_AGAIN * (1 << min(failures - 1, 20)), LONGEST_WAIT)


class Backlog(Generic[Task]):
    """Tasks by themselves; a task that is added again while it waits goes on waiting."""

    def __init__(self) -> None:
        self._tries: dict[Task, _Try] = {}

    def __contains__(self, task: Task) -> bool:
        return task in self._tries

    def add(self, task: Task, now_ms: int) -> None:
        """To be done now, if it is not waiting already."""
        self._tries.setdefault(task, _Try(0, now_ms))

    def due(self, now_ms: int) -> Iterator[tuple[Task, bool]]:
        """What is to be tried now, and whether it was tried before."""
        for task, tried in list(self._tries.items()):
            if tried.due_ms <= now_ms:
                yield task, tried.number > 0

    def done(self, task: Task) -> None:
        """Nothing is left to do about it."""
        self._tries.pop(task, None)

    def failed(self, task: Task, now_ms: int) -> timedelta:
        """To be tried later; returns after how long."""
        tried = self._tries.setdefault(task, _Try(0, now_ms))
        tried.number += 1
        wait = wait_after(tried.number)
        tried.due_ms = now_ms + wait // timedelta(milliseconds=1)
        return wait
