"""docs/commands.md beside the commands, and beside the tests that it names."""

import re
from pathlib import Path

from bots.process.listing import listed
from bots.runtime.commands_page import ACCESS_TEST, commands_page
from huep.catalogue import Locale

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "commands.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_the_page_is_what_the_command_prints() -> None:
    written = commands_page(listed(), Locale.VI)
    assert PAGE.read_text("utf-8") == written, "write it anew: huep bots commands > docs/commands.md"


def test_every_command_stands_on_the_page_with_a_test_that_exists() -> None:
    named = NAMED.findall(PAGE.read_text("utf-8"))
    assert len(named) == sum(len(bot.router.commands) for bot in listed())
    for path, name in named:
        assert re.search(rf"def {name}\(", (ROOT / path).read_text("utf-8")), f"{path}::{name} does not exist"
    assert (ROOT / ACCESS_TEST).exists()


def test_the_page_can_be_had_in_english() -> None:
    assert "| Type | What for |" in commands_page(listed(), Locale.EN)
