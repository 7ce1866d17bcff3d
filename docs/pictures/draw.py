"""Draws a terminal as SVG: `tmux capture-pane -e -p | python docs/pictures/draw.py "make demo" > demo.svg`."""

import io
import re
import sys

from rich.console import Console
from rich.text import Text

WIDTH = 112
# Nothing that is shown may fetch a font from outside.
OUTSIDE = re.compile(r"@font-face \{.*?\}\s*|<!--.*?-->\s*", re.DOTALL)


def main() -> None:
    lines = [Text.from_ansi(line.rstrip("\n")) for line in sys.stdin]
    while lines and not lines[-1].plain.strip():
        lines.pop()
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    for line in lines:
        console.print(line, no_wrap=True, overflow="crop")
    svg = OUTSIDE.sub("", console.export_svg(title=sys.argv[1]))
    sys.stdout.write(svg.replace("Fira Code", "JetBrains Mono, DejaVu Sans Mono"))


if __name__ == "__main__":
    main()
