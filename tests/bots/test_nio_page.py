"""docs/bots/nio.md beside the tests that it names: each stands where the page says, and none is left out."""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "bots" / "nio.md").read_text("utf-8")
STOCK = HERE / "test_stock_nio.py"


def names_in(file: Path) -> set[str]:
    return set(re.findall(r"^(?:async )?def (test_\w+)", file.read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize(("file", "name"), re.findall(r"`((?:\w+/)?test_\w+\.py)::(test_\w+)`", PAGE))
def test_a_test_that_the_page_names_exists(file: str, name: str) -> None:
    assert name in names_in(HERE / file)


def test_every_fault_of_stock_nio_that_is_tested_stands_on_the_page() -> None:
    assert names_in(STOCK) == set(re.findall(r"`(test_\w+)`", PAGE))
