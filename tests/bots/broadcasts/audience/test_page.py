"""docs/bots/audience-words.md beside the code."""

from pathlib import Path

from bots.broadcasts.audience.wording import say
from bots.broadcasts.audience.words import read_audience
from tests.bots.broadcasts.audience.land import known

PAGE = (Path(__file__).parents[4] / "docs" / "bots" / "audience-words.md").read_text("utf-8")
EXAMPLES = PAGE.partition("## Examples")[2].partition("\n## ")[0]


def test_the_examples_of_the_page_are_said_back_as_it_says() -> None:
    rows = [line.strip("|").split(" | ") for line in EXAMPLES.splitlines() if "`" in line]
    assert len(rows) >= 20
    for row in rows:
        written, said_back = (cell.strip(" `") for cell in row)
        said = [say(audience, known()) for audience in read_audience(written, known())]
        assert " / ".join(said) == said_back, written
