"""A picture as coloured half blocks, two pixels a character."""

import io
import warnings

from PIL import Image

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MOST_PIXELS = 25_000_000
UPPER_HALF = "▀"
RESET = "\x1b[0m"


class NotAPicture(ValueError):
    """Not a picture of a known format, or one too large to open."""


def half_blocks(content: bytes, columns: int, rows: int) -> list[str]:
    """Lines of ANSI text no wider than `columns` and no more than `rows`, true to the picture's proportions."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise NotAPicture  # noqa: TRY301 - as the decoders do
                picture.draft("RGB", (columns, rows * 2))
                small = picture.convert("RGB")
        small.thumbnail((columns, rows * 2))
    except Exception as error:
        # Anybody may send anything as a picture, and Pillow's decoders raise nearly every type there is.
        raise NotAPicture from error
    pixels = small.load()
    if pixels is None:
        raise NotAPicture
    lines = []
    for y in range(0, small.height, 2):
        cells = []
        for x in range(small.width):
            upper, lower = pixels[x, y], pixels[x, min(y + 1, small.height - 1)]
            cells.append(f"\x1b[38;2;{_rgb(upper)}m\x1b[48;2;{_rgb(lower)}m{UPPER_HALF}")
        lines.append("".join(cells) + RESET)
    return lines


def _rgb(pixel: object) -> str:
    assert isinstance(pixel, tuple)  # noqa: S101 - the picture was converted to RGB
    return ";".join(str(int(part)) for part in pixel)
