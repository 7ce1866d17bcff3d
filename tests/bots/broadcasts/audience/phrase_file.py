"""The phrases of phrases.tsv, and what they mean: `leaders & units SO - units SYT`.

| written | means |
|---|---|
| `all` | everybody |
| `under A B`, `units A B` | units with all below, units alone |
| `heads`, `deputies`, `leaders`, `staff` | standings |
| `title a b`, `role a`, `people a b` | codes of positions, granted roles, localparts |
| `x & y`, `x + y`, `x - y` | both, either, all but |
| `x ?? y` | the person chooses |
| `! a, b` | these words were not understood |

Capitals that are no unit stand for several: GROUPS.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from huep.directory.audience import Audience
from huep.directory.model import Standing, UnitKind
from tests.bots.broadcasts.audience.land import KEYS, UNITS

FILE = Path(__file__).parent / "phrases.tsv"

_HEADS, _DEPUTIES, _STAFF = Standing.HEAD, Standing.DEPUTY, Standing.STAFF
_STANDINGS = {
    "heads": frozenset({_HEADS}),
    "deputies": frozenset({_DEPUTIES}),
    "leaders": frozenset({_HEADS, _DEPUTIES}),
    "staff": frozenset({_STAFF}),
}


def _called(*beginnings: str) -> frozenset[str]:
    return frozenset(unit.code for unit in UNITS if unit.name.startswith(beginnings))


def _of(*kinds: UnitKind) -> frozenset[str]:
    return frozenset(unit.code for unit in UNITS if unit.kind in kinds)


GROUPS = {
    "SO": _called("Sở"),
    "NGANH": _of(UnitKind.DEPARTMENT),
    "XA": _of(UnitKind.COMMUNE),
    "PHUONG": _of(UnitKind.WARD),
    "TRUONG": _of(UnitKind.SCHOOL),
    "TIEU-HOC": _called("Trường Tiểu học"),
    "MAM-NON": _called("Trường Mầm non"),
    "THPT": _called("Trường THPT"),
    "TRUONG-PHUONG": frozenset({"VYDA-MN", "VYDA-TH", "VYDA-CS", "THOA-TH"}),
    "TRUONG-VYDA": frozenset({"VYDA-MN", "VYDA-TH", "VYDA-CS"}),
    "Y-TE": _of(UnitKind.HEALTH_CENTRE),
    "TRAM": _called("Trạm"),
    "BENH-VIEN": _called("Bệnh viện"),
    "TRUNG-TAM": _called("Trung tâm"),
    "PHONG": _called("Phòng"),
    "PHONG-SNV": frozenset({"SNV-TC", "SNV-CC"}),
    "CAP-PHONG": _of(UnitKind.OFFICE),
    "VAN-PHONG-SO": _called("Văn phòng Sở"),
    "CAP-1": frozenset(unit.code for unit in UNITS if unit.level == 1),
    "CAP-SO": frozenset(unit.code for unit in UNITS if unit.level == 1) - _of(UnitKind.WARD, UnitKind.COMMUNE),
    "DON-VI": frozenset(unit.code for unit in UNITS if unit.level > 0),
    "THUOC-SYT": frozenset(unit.code for unit in UNITS if unit.parent_code == "SYT"),
}


@dataclass(frozen=True)
class Phrase:
    """One line: what was typed, what it means, and what it means without diacritics."""

    text: str
    expected: str
    folded: str

    @property
    def is_understood(self) -> bool:
        return not self.expected.startswith("!")


def phrases() -> Iterator[Phrase]:
    """The lines of the table; a stroke in a phrase is the end of a line."""
    for line in FILE.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            text, expected, folded = (*line.split("\t"), "")[:3]
            yield Phrase(text.replace(" | ", "\n"), expected, folded or expected)


def audiences(expected: str) -> tuple[Audience, ...]:
    """What a line says, in its order."""
    return tuple(_expression(re.findall(r"[()+&-]|[^\s()+&]+", choice)) for choice in expected.split(" ?? "))


def unread(expected: str) -> tuple[str, ...]:
    """The words of a line that are not understood."""
    return tuple(expected.removeprefix("! ").split(" / "))


def _expression(words: list[str]) -> Audience:
    meant, *excluded = (_union(part) for part in _split(words, "-"))
    excluding = tuple(one for union in excluded for one in (union.any_of or (union,)))
    return replace(meant, excluding=excluding) if excluding else meant


def _union(words: list[str]) -> Audience:
    parts = [_expression(part[1:-1]) if part[0] == "(" else _conditions(part) for part in _split(words, "+")]
    return parts[0] if len(parts) == 1 else Audience(any_of=tuple(parts))


def _conditions(words: list[str]) -> Audience:
    found = Audience()
    for name, *values in _split(words, "&"):
        codes = frozenset(code for value in values for code in GROUPS.get(value, {value}))
        if name in _STANDINGS:
            found = replace(found, standings=_STANDINGS[name])
        elif name == "under":
            found = replace(found, under=codes)
        elif name == "units":
            found = replace(found, units=codes)
        elif name == "title":
            found = replace(found, positions=codes)
        elif name == "role":
            found = replace(found, roles=codes)
        elif name == "people":
            found = replace(found, people=frozenset(KEYS[value] for value in values))
        elif name != "all":
            raise ValueError(name)
    return found


def _split(words: list[str], sign: str) -> list[list[str]]:
    """At the signs that stand in no brackets."""
    parts: list[list[str]] = [[]]
    depth = 0
    for word in words:
        depth += (word == "(") - (word == ")")
        if word == sign and depth == 0:
            parts.append([])
        else:
            parts[-1].append(word)
    return parts
