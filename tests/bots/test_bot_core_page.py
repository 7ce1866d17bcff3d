"""docs/bots/core.md beside the code."""

from pathlib import Path

from bots.runtime.access import Role
from bots.runtime.dialogs import TABLE

PAGE = (Path(__file__).parents[2] / "docs" / "bots" / "core.md").read_text("utf-8")


def test_the_page_has_the_table_of_dialogs() -> None:
    rows = [
        f"| {stage.value} | {said.value} | {following.value} |"
        for stage, row in TABLE.items()
        for said, following in row.items()
    ]
    assert "\n".join(["| at this stage | said | next |", "|---|---|---|", *rows, ""]) in PAGE


def test_the_page_has_every_role() -> None:
    section = PAGE.partition("## Access")[2].partition("\n## ")[0]
    assert [line.split("`")[1] for line in section.splitlines() if line.startswith("| `")] == [
        role.value for role in Role
    ]
