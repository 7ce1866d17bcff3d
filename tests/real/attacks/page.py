"""The list in docs/attacks.md, written from the table: `python -m tests.real.attacks.page` writes it anew."""

from collections.abc import Iterator
from pathlib import Path

from tests.real.attacks.attack import Attack, By
from tests.real.attacks.table import ATTACKS, GROUPS

PAGE = Path(__file__).parents[3] / "docs" / "attacks.md"
BEGIN, END = "<!-- The list begins: written from tests/real/attacks -->", "<!-- The list ends -->"
WHO = {
    By.STAFF: "an officer",
    By.HEAD: "the head, who moderates",
    By.LOCKED: "a locked person",
    By.NOBODY: "nobody",
}


def listed() -> str:
    """The tables, between the two marks."""
    return "\n".join((BEGIN, *_lines(), END))


def _lines() -> Iterator[str]:
    refused = sum(attack.refused for attack in ATTACKS)
    yield f"\n{len(ATTACKS)} attempts; {refused} are refused, and each refusal is a line in the log."
    for group, attacks in GROUPS.items():
        yield f"\n### {group}\n"
        yield "| attempt | who | what is tried | answer |"
        yield "|---|---|---|---|"
        for attack in attacks:
            yield f"| `{attack.name}` | {WHO[attack.by]} | {attack.what} | {_answer(attack)} |"


def _answer(attack: Attack) -> str:
    if not attack.refused:
        return "accepted, without effect"
    return f"{attack.status}" + (f" `{attack.errcode}`" if attack.errcode else "")


def with_list(page: str) -> str:
    """`page` with its list replaced."""
    head, _, rest = page.partition(BEGIN)
    return f"{head}{listed()}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(with_list(PAGE.read_text("utf-8")), "utf-8")
