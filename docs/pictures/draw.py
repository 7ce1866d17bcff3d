"""Draws a terminal as SVG: `tmux capture-pane -e -p | python docs/pictures/draw.py "huep up --demo" > demo.svg`."""

import io
import sys

from rich.console import Console
from rich.text import Text

WIDTH = 112


def main() -> None:
    lines = [Text.from_ansi(line.rstrip("\n")) for line in sys.stdin]
    while lines and not lines[-1].plain.strip():
        lines.pop()
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    for line in lines:
        console.print(line, no_wrap=True, overflow="crop")
    # The default of rich fetches a font from outside; what is drawn here must show without a network.
    svg = console.export_svg(title=sys.argv[1])
    head, _, rest = svg.partition("@font-face")
    _, _, tail = rest.rpartition("font-weight: 700;\n    }")
    sys.stdout.write((head + tail if tail else svg).replace("<!-- Generated with Rich https://www.textualize.io -->\n", ""))


if __name__ == "__main__":
    main()
