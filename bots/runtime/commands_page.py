"""The page of all commands: who may use each, and which test holds it; made from the routers."""

from collections.abc import Sequence
from dataclasses import dataclass

from bots.runtime.access import Role
from bots.runtime.commands import Command
from bots.runtime.help import does, example_of
from bots.runtime.replies import MESSAGES
from bots.runtime.router import Router
from huep.catalogue import Locale

YES, NO = "✓", "–"
ACCESS_TEST = "tests/bots/test_access_table.py"


@dataclass(frozen=True)
class Listed:
    """A bot as the page lists it."""

    name: str
    """As people see it: Trợ lý HueP."""
    package: str
    """Its tests are in `tests/bots/commands/test_PACKAGE.py`, one named after each command."""
    router: Router


def test_of(package: str, command: Command) -> str:
    """The test that holds a command's behaviour; what all bots share is held by one."""
    held_with = "help" if command.catalogue is MESSAGES else package
    return f"tests/bots/commands/test_{held_with}.py::test_{command.name.replace('-', '_')}"


def commands_page(bots: Sequence[Listed], locale: Locale) -> str:
    """The page, in Markdown."""
    lines = [MESSAGES.text(locale, "page-introduction", {"access_test": ACCESS_TEST}), ""]
    for bot in bots:
        lines += [f"## {bot.name}", ""]
        lines += _table(
            [MESSAGES.text(locale, f"page-{column}") for column in ("type", "does", "example", "confirmed", "test")],
            [_about(bot.package, command, locale) for command in bot.router.commands],
        )
        lines += _table(
            [MESSAGES.text(locale, "page-type"), *(MESSAGES.text(locale, f"role-{role.value}") for role in Role)],
            [_access(command, locale) for command in bot.router.commands],
        )
    return "\n".join(lines)


def _about(package: str, command: Command, locale: Locale) -> list[str]:
    example = example_of(command, locale)
    return [
        "<br>".join(f"`{command.title(spoken)}`" for spoken in Locale),
        does(command, locale),
        f"`{example}`" if example else "",
        YES if command.writes else NO,
        f"`{test_of(package, command)}`",
    ]


def _access(command: Command, locale: Locale) -> list[str]:
    """Whether each role, on top of being staff, may use the command."""
    return [
        f"`{command.title(locale)}`",
        *(YES if command.allowed & {role, Role.STAFF} else NO for role in Role),
    ]


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [*(f"| {' | '.join(line)} |" for line in (titles, ["---"] * len(titles), *rows)), ""]
