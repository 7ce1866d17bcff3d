"""What the doctor found, as values."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters."""

    FAIL = "fail"
    """Something would leave the building, or stands open to whoever is not of the province."""
    DECLARED = "declared"
    """It leaves, and huep.toml says so."""
    NOTE = "note"
    """Worth knowing; nothing leaves."""


@dataclass(frozen=True)
class Finding:
    """One thing that was found."""

    severity: Severity
    where: str
    """The file and key, the address, the process."""
    said: str
    """One sentence: what is the matter, and what to do."""

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def fail(where: str, said: str) -> Finding:
    return Finding(Severity.FAIL, where, said)


def declared(where: str, said: str) -> Finding:
    return Finding(Severity.DECLARED, where, said)


def note(where: str, said: str) -> Finding:
    return Finding(Severity.NOTE, where, said)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Each once, fails first."""
    order = list(Severity)
    return sorted(dict.fromkeys(findings), key=lambda finding: (order.index(finding.severity), finding.where))
