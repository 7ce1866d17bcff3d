"""The tree of units, as one picture of it: who lies under whom, and whose announcement room serves whom."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from huep.directory.model import Unit


@dataclass(frozen=True)
class Node:
    """A unit with what an announcement has to remember of it."""

    code: str
    name: str
    parent_code: str | None
    level: int


@dataclass(frozen=True)
class Tree:
    """Units by code; one whose parent is not among them is a root."""

    nodes: Mapping[str, Node]
    children: Mapping[str | None, tuple[str, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        children: dict[str | None, list[str]] = {}
        for node in self.nodes.values():
            parent = node.parent_code if node.parent_code in self.nodes else None
            children.setdefault(parent, []).append(node.code)
        object.__setattr__(self, "children", {parent: tuple(codes) for parent, codes in children.items()})

    @classmethod
    def of(cls, units: Iterable[Unit]) -> "Tree":
        return cls({unit.code: Node(unit.code, unit.name, unit.parent_code, unit.level) for unit in units})

    def name_of(self, code: str) -> str:
        """Of a unit that is not in it, its code."""
        return self.nodes[code].name if code in self.nodes else code

    def upwards(self, code: str) -> Iterator[Node]:
        """The unit and all above it, the nearest first; nothing where it does not exist."""
        seen = set[str]()
        node = self.nodes.get(code)
        while node is not None and node.code not in seen:
            seen.add(node.code)
            yield node
            node = self.nodes.get(node.parent_code) if node.parent_code is not None else None

    def under(self, code: str) -> Iterator[str]:
        """The unit and all below it, each behind its parent."""
        if code in self.nodes:
            yield code
        for child in self.children.get(code, ()):
            yield from self.under(child)

    def home(self, code: str, deepest_level: int) -> str | None:
        """In whose rooms its people are, open or not: the unit itself, or the nearest above that is no deeper."""
        return next((node.code for node in self.upwards(code) if node.level <= deepest_level), None)

    def over(self, codes: Iterable[str]) -> tuple[Node, ...]:
        """Those units and all above them, by code."""
        found = {node.code: node for code in set(codes) for node in self.upwards(code)}
        return tuple(found[code] for code in sorted(found))
