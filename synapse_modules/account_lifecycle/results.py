"""What becomes of each action: one result for each, whatever happens to the others."""

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
