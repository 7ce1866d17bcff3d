"""The table of doors in docs/modules/account_guard.md beside the tests that it names."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "modules" / "account_guard.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows() -> list[list[str]]:
    """The cells of each door."""
    section = PAGE.read_text("utf-8").partition("## Every door")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:] if not line.startswith("|---")]


def test_every_door_names_a_test_that_exists() -> None:
    doors = rows()
    assert len(doors) >= 15
    for door, _, _, test in doors:
        if test == "the same":
            continue
        named = NAMED.fullmatch(test)
        assert named, f"{door}: {test}"
        source = (ROOT / named[1]).read_text("utf-8")
        assert re.search(rf"def {named[2]}\(", source), f"{door}: {test} does not exist"


def test_every_test_of_the_doors_stands_in_the_table() -> None:
    tests = set(re.findall(r"async def (test_\w+)\(", (ROOT / "tests" / "real" / "test_doors.py").read_text("utf-8")))
    assert tests - set(re.findall(r"::(\w+)`", PAGE.read_text("utf-8"))) == set()
