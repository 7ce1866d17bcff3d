"""What pairs of measurements say of a ratio."""

import pytest

from benchmarks.figures import Figure
from benchmarks.pairs import PAIRS, Pair, compared, in_turn


@pytest.mark.parametrize(("plain_first", "order"), [(False, "AB"), (True, "BA")])
async def test_a_pair_knows_its_sides_whichever_begins(plain_first: bool, order: str) -> None:
    asked: list[str] = []

    async def measure(side: str) -> str:
        asked.append(side)
        return side.lower()

    assert await in_turn("A", "B", measure, plain_first=plain_first) == Pair(ours="a", plain="b")
    assert "".join(asked) == order


def test_a_machine_that_grows_slower_leaves_the_ratio_alone() -> None:
    pairs = [Pair(ours=0.9 * 100 / (1 + number), plain=100 / (1 + number)) for number in range(PAIRS)]
    assert compared(pairs, higher_is_better=True).ratio == pytest.approx(0.9)


@pytest.mark.parametrize(("higher_is_better", "ratio"), [(True, 2.0), (False, 0.5)])
def test_over_one_means_that_ours_is_better(higher_is_better: bool, ratio: float) -> None:
    assert compared([Pair(20.0, 10.0)] * PAIRS, higher_is_better=higher_is_better).ratio == ratio


def test_the_interval_is_the_fourth_from_each_end_and_holds_the_median_with_965_in_a_thousand() -> None:
    said = compared([Pair(float(number), 1.0) for number in range(1, PAIRS + 1)], higher_is_better=True)
    assert said.between == (4.0, 12.0)
    assert said.confidence == pytest.approx(0.965, abs=0.0005)


def test_a_figure_shows_the_interval_behind_its_ratio() -> None:
    figure = Figure("modules_login", 41.23, "logins/s", 0.9871, "synapse_without_modules", (0.9512, 1.0123))
    assert str(figure) == (
        "figure modules_login 41.23 logins/s ratio 0.987 vs synapse_without_modules interval 0.951 to 1.012"
    )
