"""The picture of how far an announcement has come."""

from io import BytesIO

import pytest
from PIL import Image

from bots.broadcasts.charts import DONE, LATE, MOST_BARS, progress_chart, shown
from bots.broadcasts.model import Tally
from huep.catalogue import Catalogue, Locale, Voice

SAY = Voice(Catalogue("bots.broadcasts"), Locale.VI)


def unit(name: str, owed: int, acknowledged: int, late: int = 0) -> Tally:
    return Tally(name, name, "T", 1, owed, acknowledged, late)


def over(*units: Tally, own: int = 0) -> Tally:
    return Tally(
        "T",
        "Tỉnh",
        None,
        0,
        own + sum(one.owed for one in units),
        sum(one.acknowledged for one in units),
        sum(one.late for one in units),
    )


def colours(png: bytes) -> dict[str, int]:
    """How many pixels have each colour."""
    with Image.open(BytesIO(png)) as picture:
        counted = picture.convert("RGB").getcolors(1 << 24)
    assert counted is not None
    return {f"#{red:02x}{green:02x}{blue:02x}": count for count, (red, green, blue) in counted}  # type: ignore[misc]


def test_a_bar_is_as_long_as_its_share() -> None:
    half, whole = unit("Sở A", 100, 50), unit("Sở A", 100, 100)
    found = [colours(progress_chart(1, [over(one), one], SAY)) for one in (half, whole)]
    assert found[1][DONE] == pytest.approx(2 * found[0][DONE], rel=0.1)


def test_what_came_late_has_a_colour_of_its_own() -> None:
    late, early = unit("Sở A", 10, 5, late=5), unit("Sở A", 10, 5)
    with_late, without = (colours(progress_chart(1, [over(one), one], SAY)) for one in (late, early))
    assert with_late[LATE] > 5 * without[LATE]


def test_units_with_the_most_missing_come_first_and_those_that_owe_nothing_have_no_bar() -> None:
    units = [unit("A", 10, 9), unit("B", 10, 1), unit("C", 0, 0)]
    assert [one.name for one in shown(over(*units), units, SAY)] == ["B", "A"]


def test_people_of_the_unit_itself_have_a_bar_too() -> None:
    units = [unit("A", 10, 9)]
    own, _ = shown(over(*units, own=4), units, SAY)
    assert (own.name, own.owed, own.acknowledged) == ("Trực thuộc", 4, 0)


def test_the_units_past_the_last_bar_are_summed_in_one() -> None:
    units = [unit(f"Sở {place}", 100, place) for place in range(60)]
    bars = shown(over(*units), units, SAY)
    assert len(bars) == MOST_BARS
    assert (bars[-1].name, bars[-1].owed) == ("36 đơn vị khác", 3600)
    assert sum(one.acknowledged for one in bars) == sum(range(60))


def test_a_unit_without_units_below_has_one_bar() -> None:
    whole = unit("Phòng A", 3, 1)
    assert shown(whole, [], SAY) == [whole]


@pytest.mark.parametrize("count", [0, 1, 60])
def test_it_is_as_wide_as_a_phone_shows_sharply_and_grows_downwards(count: int) -> None:
    units = [unit(f"Văn phòng Đoàn đại biểu Quốc hội và Hội đồng nhân dân {place}", 10, 1) for place in range(count)]
    with Image.open(BytesIO(progress_chart(1, [over(*units, own=1), *units], SAY))) as picture:
        assert picture.width == 1080
        assert picture.height < 2000


def test_every_letter_of_a_name_is_drawn(recwarn: pytest.WarningsRecorder) -> None:
    units = [unit("Ủy ban nhân dân phường Thuỷ Xuân, ẵ ộ ử đ Đ", 2, 1)]
    progress_chart(1, [over(*units), *units], SAY)
    assert not [warning for warning in recwarn if "Glyph" in str(warning.message)]
