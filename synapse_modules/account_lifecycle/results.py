"""What becomes of each action: one result for each, whatever happens to the others."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from synapse_modules.account_lifecycle.rules import SENTENCES, Refusal


@dataclass(frozen=True)
class Result:
    """The outcome of one action."""

    id: str
    changed: bool = False
    refusal: Refusal | None = None
    detail: str | None = None
    """What Synapse said, where it said something."""

    def as_json(self) -> dict[str, Any]:
        if self.refusal is None:
            return {"id": self.id, "ok": True, "changed": self.changed}
        error = SENTENCES[self.refusal] + (f" ({self.detail})" if self.detail else "")
        return {"id": self.id, "ok": False, "code": self.refusal.value, "error": error}


@dataclass(frozen=True)
class Answer:
    """What a request is answered, and what of it is logged."""

    body: dict[str, Any]
    summary: str


def answer(asked: Iterable[str], results: list[Result]) -> Answer:
    """The answer to actions with these verbs; its summary counts `create 200: changed 198, locked 2`."""
    verbs = ", ".join(f"{verb} {number}" for verb, number in sorted(Counter(asked).items()))
    outcomes = Counter(
        result.refusal.value if result.refusal else "changed" if result.changed else "unchanged" for result in results
    )
    counted = ", ".join(f"{outcome} {number}" for outcome, number in sorted(outcomes.items()))
    return Answer({"results": [result.as_json() for result in results]}, f"{verbs}: {counted}")
