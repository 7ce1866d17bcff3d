"""Every sentence exists in both languages, and every sentence that the code asks for exists."""

import ast
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax.ast import Message as Entry
from fluent.syntax.ast import VariableReference
from fluent.syntax.visitor import Visitor

from huep.catalogue import Catalogue, Locale, Message, MessageMissing, Voice, written_number

PACKAGES = [
    "huep",
    "hr_provisioner",
    "bots.assistant",
    "bots.broadcasts",
    "bots.runtime",
    "bots.chat",
    "bots.mailroom",
    "synapse_modules",
]
SOLE_OWNERS = ["huep", "hr_provisioner", "synapse_modules"]
"""Packages of which no sub-package has messages of its own."""
SAYING = ("Message", "Message.of", "say", "self._say")


class _Variables(Visitor):  # type: ignore[misc]
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: VariableReference) -> None:  # noqa: N802
        self.names.add(node.id.name)


def entries(package: str, locale: Locale) -> dict[str, frozenset[str]]:
    """The messages of a file with the arguments that each takes."""
    source = (files(package) / "messages" / f"{locale.value}.ftl").read_text("utf-8")
    found: dict[str, frozenset[str]] = {}
    for entry in FluentParser().parse(source).body:
        if isinstance(entry, Entry):
            variables = _Variables()
            variables.visit(entry)
            assert entry.id.name not in found, f"{entry.id.name} stands twice in {package}, {locale.value}.ftl"
            found[entry.id.name] = frozenset(variables.names)
    return found


def names_in_code(package: str) -> Iterator[tuple[str, frozenset[str]]]:
    """(name, names of its arguments) of all messages that are made or said in the modules of `package`."""
    for path in sorted(Path(str(files(package))).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or ast.unparse(node.func) not in SAYING:
                continue
            names = [word.arg for word in node.keywords]
            if isinstance(node.args[0], ast.Constant) and None not in names:
                yield str(node.args[0].value), frozenset(filter(None, names))


def texts_in_code(package: str) -> tuple[set[str], list[re.Pattern[str]]]:
    """Every text in the modules of `package`, and what names their f-strings may become."""
    whole: set[str] = set()
    composed: list[re.Pattern[str]] = []
    for path in Path(str(files(package))).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in node.values]
                if re.match(r"[a-z]", "".join(parts)):
                    composed.append(re.compile("".join(parts)))
    return whole, composed


@pytest.mark.parametrize("package", PACKAGES)
def test_every_message_exists_in_both_languages_with_the_same_arguments(package: str) -> None:
    assert entries(package, Locale.VI) == entries(package, Locale.EN) != {}


@pytest.mark.parametrize("package", SOLE_OWNERS)
def test_whatever_the_code_says_stands_in_the_files_with_the_same_arguments(package: str) -> None:
    held = entries(package, Locale.VI)
    said = dict(names_in_code(package))
    assert {name: held.get(name) for name in said} == said


@pytest.mark.parametrize("package", SOLE_OWNERS)
def test_the_files_hold_nothing_that_the_code_does_not_say(package: str) -> None:
    whole, composed = texts_in_code(package)
    unsaid = {
        name
        for name in entries(package, Locale.VI)
        if name not in whole and not any(pattern.fullmatch(name) for pattern in composed)
    }
    assert unsaid == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_the_catalogue_reads_the_whole_file(package: str) -> None:
    for locale in Locale:
        assert Catalogue(package).names(locale) == entries(package, locale).keys()


def test_a_message_waits_for_its_language() -> None:
    reason = Message.of("unreadable-csv", row="3", error="x")
    message = Message.of("source-unreadable", name="so.csv", reason=reason)
    assert message == Message.of("source-unreadable", name="so.csv", reason=reason)
    catalogue = Catalogue("hr_provisioner")
    assert Voice(catalogue, Locale.VI).render(message) == "Không đọc được sổ so.csv: dòng 3 không phải CSV (x)."
    assert Voice(catalogue, Locale.EN).render(message) == "The register so.csv cannot be read: row 3 is not CSV (x)."


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("count", [0, 7, 999, 2_000, 61_234, 1_000_000])
def test_a_number_reads_alike_alone_and_in_a_sentence(locale: Locale, count: int) -> None:
    say = Voice(Catalogue("huep"), locale)
    assert f" {say.number(count)} " in say("audit-holds", count=count)
    assert written_number(Locale.VI, 2_000) == "2.000"
    assert written_number(Locale.EN, 2_000) == "2,000"


def test_a_message_that_is_nowhere_or_lacks_an_argument_is_a_mistake_of_ours() -> None:
    say = Voice(Catalogue("huep"), Locale.VI)
    with pytest.raises(MessageMissing, match=r"no message 'nowhere' in vi\.ftl"):
        say("nowhere")
    with pytest.raises(MessageMissing, match="audit-holds"):
        say("audit-holds")
