"""Matches tokens against a grammar that is written as a table of patterns.

A pattern is words and signs with `[what may be left out]`, `(one | or the other)` and `<rule>`. All ways in which a
rule matches are found, so that a phrase with two readings keeps both; each rule is tried once at a place, so that the
work grows with the length of the text alone.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bots.language.words import Kind, Token

Value = Any
"""What a rule makes of what it matched: an expression, a number, a pair; its maker and its user agree on which."""
Match = tuple[int, tuple[Value, ...]]
"""Place behind, and one value for each `<rule>` of the pattern, None where it was left out."""
Terminal = Callable[[Sequence[Token], int], list[tuple[int, Value]]]

NUMBER = "#"
"""Stands for any run of digits among the tokens with which something can begin."""
_PIECE = re.compile(r"<[^>]+>|[\[\]()|]|[^\s\[\]()|<>]+")


@dataclass(frozen=True)
class Rule:
    """One pattern and what it means."""

    pattern: str
    meaning: Callable[..., Value]


class _Node(ABC):
    """A piece of a pattern; `values` is how many values it gives."""

    values = 0

    @abstractmethod
    def matches(self, reading: "Reading", place: int) -> Iterator[Match]:
        """Every way in which it matches at `place`."""

    def words(self) -> Iterator[str]:
        """Words and signs that it names."""
        return iter(())


@dataclass
class _Literal(_Node):
    word: str

    def matches(self, reading: "Reading", place: int) -> Iterator[Match]:
        if place < len(reading.tokens) and self.word in reading.tokens[place].means:
            yield place + 1, ()

    def words(self) -> Iterator[str]:
        yield self.word


@dataclass
class _Reference(_Node):
    rule: str
    values = 1

    def matches(self, reading: "Reading", place: int) -> Iterator[Match]:
        for end, value in reading.of(self.rule, place):
            yield end, (value,)


@dataclass
class _Sequence(_Node):
    parts: list[_Node]

    def __post_init__(self) -> None:
        self.values = sum(part.values for part in self.parts)

    def matches(self, reading: "Reading", place: int) -> Iterator[Match]:
        yield from self._from(0, reading, place)

    def _from(self, part: int, reading: "Reading", place: int) -> Iterator[Match]:
        if part == len(self.parts):
            yield place, ()
            return
        for end, values in self.parts[part].matches(reading, place):
            for last, more in self._from(part + 1, reading, end):
                yield last, values + more

    def words(self) -> Iterator[str]:
        for part in self.parts:
            yield from part.words()


@dataclass
class _Either(_Node):
    branches: list[_Node]

    def __post_init__(self) -> None:
        self.values = self.branches[0].values
        if any(branch.values != self.values for branch in self.branches):
            raise ValueError("The branches of a pattern must give equally many values.")

    def matches(self, reading: "Reading", place: int) -> Iterator[Match]:
        for branch in self.branches:
            yield from branch.matches(reading, place)

    def words(self) -> Iterator[str]:
        for branch in self.branches:
            yield from branch.words()


@dataclass
class _Optional(_Node):
    inner: _Node

    def __post_init__(self) -> None:
        self.values = self.inner.values

    def matches(self, reading: "Reading", place: int) -> Iterator[Match]:
        yield from self.inner.matches(reading, place)
        yield place, (None,) * self.values

    def words(self) -> Iterator[str]:
        yield from self.inner.words()


class Grammar:
    """Rules by name, and terminals that look at the tokens themselves."""

    def __init__(self, rules: dict[str, Sequence[Rule]], terminals: dict[str, tuple[Terminal, frozenset[str]]]) -> None:
        """Compile.

        Args:
            rules: name to patterns.
            terminals: name to function, and the words (or NUMBER) with which it can begin.
        """
        self.terminals = {name: terminal for name, (terminal, _) in terminals.items()}
        self.rules = {name: [(_compiled(rule.pattern), rule.meaning) for rule in some] for name, some in rules.items()}
        self._beginnings = {name: beginnings for name, (_, beginnings) in terminals.items()}
        self.by_beginning: dict[str, dict[str, list[tuple[_Node, Callable[..., Value]]]]] = {}
        for name, compiled in self.rules.items():
            index: dict[str, list[tuple[_Node, Callable[..., Value]]]] = {}
            for pattern, meaning in compiled:
                for word in self._first(pattern)[0]:
                    index.setdefault(word, []).append((pattern, meaning))
            self.by_beginning[name] = index

    def words(self) -> frozenset[str]:
        """Every word and sign that a pattern names."""
        return frozenset(word for some in self.rules.values() for pattern, _ in some for word in pattern.words())

    def reading(self, tokens: Sequence[Token]) -> "Reading":
        """The tokens, ready to be asked for rules at places."""
        return Reading(self, tokens)

    def _first(self, node: _Node) -> tuple[frozenset[str], bool]:
        """Words with which the node can begin, and whether it can be empty."""
        if isinstance(node, _Literal):
            return frozenset((node.word,)), False
        if isinstance(node, _Reference):
            return self._first_of_rule(node.rule), False
        if isinstance(node, _Optional):
            return self._first(node.inner)[0], True
        if isinstance(node, _Either):
            parts = [self._first(branch) for branch in node.branches]
            return frozenset().union(*(words for words, _ in parts)), any(empty for _, empty in parts)
        assert isinstance(node, _Sequence)  # noqa: S101
        words: frozenset[str] = frozenset()
        for part in node.parts:
            more, empty = self._first(part)
            words |= more
            if not empty:
                return words, False
        return words, True

    def _first_of_rule(self, name: str) -> frozenset[str]:
        if name not in self._beginnings:
            self._beginnings[name] = frozenset()  # a rule that begins with itself adds nothing
            words: frozenset[str] = frozenset()
            for pattern, _ in self.rules[name]:
                words |= self._first(pattern)[0]
            self._beginnings[name] = words
        return self._beginnings[name]


@dataclass
class Reading:
    """One text being read; what a rule matches at a place is found once."""

    grammar: Grammar
    tokens: Sequence[Token]
    _found: dict[tuple[str, int], list[tuple[int, Value]]] = field(default_factory=dict)

    def of(self, rule: str, place: int) -> list[tuple[int, Value]]:
        """(place behind it, value) for every way in which the rule matches from `place` on."""
        key = (rule, place)
        if key not in self._found:
            self._found[key] = []  # a rule does not begin with itself
            self._found[key] = list(self._matches(rule, place))
        return self._found[key]

    def _matches(self, rule: str, place: int) -> Iterator[tuple[int, Value]]:
        if place >= len(self.tokens):
            return
        terminal = self.grammar.terminals.get(rule)
        if terminal is not None:
            yield from terminal(self.tokens, place)
            return
        token = self.tokens[place]
        index = self.grammar.by_beginning[rule]
        tried: set[int] = set()
        seen: set[tuple[int, Value]] = set()
        for word in (*token.means, *((NUMBER,) if token.kind is Kind.NUMBER else ())):
            for pattern, meaning in index.get(word, ()):
                if id(pattern) in tried:
                    continue
                tried.add(id(pattern))
                for end, values in pattern.matches(self, place):
                    value = meaning(*values)
                    if value is not None and (end, value) not in seen:
                        seen.add((end, value))
                        yield end, value


def _compiled(pattern: str) -> _Node:
    pieces = _PIECE.findall(pattern)
    node, place = _branches(pieces, 0)
    if place != len(pieces):
        raise ValueError(f"The pattern {pattern!r} closes what it did not open.")
    return node


def _branches(pieces: list[str], place: int) -> tuple[_Node, int]:
    branches: list[_Node] = []
    parts: list[_Node] = []
    while place < len(pieces) and pieces[place] not in ("]", ")"):
        piece = pieces[place]
        place += 1
        if piece == "|":
            branches.append(_Sequence(parts))
            parts = []
        elif piece in ("[", "("):
            inner, place = _branches(pieces, place)
            parts.append(_Optional(inner) if piece == "[" else inner)
            place += 1
        elif piece.startswith("<"):
            parts.append(_Reference(piece[1:-1]))
        else:
            parts.append(_Literal(piece))
    branches.append(_Sequence(parts))
    return (branches[0] if len(branches) == 1 else _Either(branches)), place
