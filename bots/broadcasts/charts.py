"""How far an announcement has come, as a picture: a bar a unit, legible on a phone."""

from collections.abc import Callable, Sequence
from io import BytesIO
from textwrap import shorten, wrap

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bots.broadcasts.model import Tally
from huep.catalogue import Voice

MOST_BARS = 25
"""Units with a bar of their own; the rest are summed in the last one."""
WIDTH_INCHES = 7.2
BAR_INCHES, BAR = 0.42, 0.62
"""Height of a bar with what is around it, and the share of it that is the bar."""
AROUND_INCHES = 1.6
"""Title above, scale and colours below."""
DPI = 150
LABEL_CHARACTERS = 30
FONT = "DejaVu Sans"
"""Comes with matplotlib, and has every letter of Vietnamese."""
DONE, LATE, OPEN = "#1b7f4b", "#c98a00", "#dfe3e8"


def progress_chart(number: int, tallies: Sequence[Tally], say: Voice) -> bytes:
    """PNG bytes, 1,080 pixels wide.

    Args:
        number: of the announcement.
        tallies: as `Ledger.tallies` gives them: the unit itself, then its children; at least the unit.
        say: the reader's language.
    """
    whole, *children = tallies
    bars = shown(whole, children, say)
    figure = Figure(figsize=(WIDTH_INCHES, AROUND_INCHES + BAR_INCHES * len(bars)), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    places = range(len(bars))
    late = [_share(bar.late, bar) for bar in bars]
    done = [_share(bar.acknowledged - bar.late, bar) for bar in bars]
    axes.barh(places, done, color=DONE, height=BAR, label=say("chart-done"))
    axes.barh(places, late, left=done, color=LATE, height=BAR, label=say("chart-late"))
    axes.barh(places, [100.0] * len(bars), color=OPEN, height=BAR, label=say("chart-open"), zorder=0)
    for place, bar in zip(places, bars, strict=True):
        counted = say("chart-of", acknowledged=bar.acknowledged, owed=bar.owed)
        axes.text(102, place, counted, va="center", fontfamily=FONT, fontsize=10)
    axes.set_yticks(places, [_label(bar.name) for bar in bars], fontfamily=FONT, fontsize=10)
    axes.set_ylim(len(bars) - 0.5, -0.5)
    axes.set_xlim(0, 100)
    axes.set_xticks([0, 50, 100], ["0%", "50%", "100%"], fontfamily=FONT, fontsize=9)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    counted = say("chart-counted", acknowledged=whole.acknowledged, owed=whole.owed, percent=int(whole.percent))
    title = f"{say('chart-title', number=str(number))}\n{counted}"
    figure.suptitle(title, fontfamily=FONT, fontsize=12, fontweight="bold")
    figure.legend(loc="outside lower center", ncols=3, frameon=False, prop={"family": FONT, "size": 9})
    buffer = BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def shown(whole: Tally, children: Sequence[Tally], say: Voice) -> list[Tally]:
    """People of the unit itself, then the units below it, the most missing first; from MOST_BARS on in one bar."""
    if not children:
        return [whole]
    asked = sorted((one for one in children if one.owed), key=lambda one: (-one.missing, one.percent, one.name))
    own = _sum(say("chart-own"), [whole], without=children)
    bars = [own, *asked] if own.owed else asked
    if len(bars) <= MOST_BARS:
        return bars
    rest = bars[MOST_BARS - 1 :]
    return [*bars[: MOST_BARS - 1], _sum(say("chart-others", count=len(rest)), rest)]


def _sum(name: str, tallies: Sequence[Tally], without: Sequence[Tally] = ()) -> Tally:
    def summed(figure: Callable[[Tally], int]) -> int:
        return sum(map(figure, tallies)) - sum(map(figure, without))

    return Tally(
        unit_code="",
        name=name,
        parent_code=None,
        level=tallies[0].level,
        owed=summed(lambda one: one.owed),
        acknowledged=summed(lambda one: one.acknowledged),
        late=summed(lambda one: one.late),
    )


def _share(part: int, tally: Tally) -> float:
    return 100.0 * part / tally.owed if tally.owed else 0.0


def _label(name: str) -> str:
    """In two lines at most."""
    first, *others = wrap(name, LABEL_CHARACTERS)
    return "\n".join([first, *(shorten(" ".join(others), LABEL_CHARACTERS, placeholder=" …") for _ in others[:1])])
