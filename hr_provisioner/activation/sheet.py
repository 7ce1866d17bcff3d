"""The printable sheets of activation codes: one PDF a unit, slips to cut apart, and a list to sign for them.

The only place in which codes exist in clear, and therefore the only file of HueP that is made to be destroyed.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib
import segno
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from hr_provisioner.dates import day_of
from huep.catalogue import Voice

PAGE_WIDTH_MM, PAGE_HEIGHT_MM = 210.0, 297.0
COLUMNS, ROWS = 2, 4
HEADER_MM = 17.0
SLIP_WIDTH_MM = PAGE_WIDTH_MM / COLUMNS
SLIP_HEIGHT_MM = (PAGE_HEIGHT_MM - HEADER_MM) / ROWS
INSET_MM = 6.0
QR_MM = 24.0
QR_MASK = 2
LIST_ROW_MM = 8.0
LIST_COLUMNS_MM = (12.0, 78.0, 42.0, 54.0)

_FAMILY, _MONO = "DejaVu", "DejaVuMono"
_FONTS = {
    (_FAMILY, ""): "DejaVuSans.ttf",
    (_FAMILY, "B"): "DejaVuSans-Bold.ttf",
    (_MONO, "B"): "DejaVuSansMono-Bold.ttf",
}
_LETTERS = [*range(0x20, 0x250), *range(0x300, 0x330), *range(0x1E00, 0x1F00), *range(0x2010, 0x2028)]
_BLACK, _GREY, _LINE = 0, 90, 150


@dataclass(frozen=True)
class Slip:
    """What one person gets."""

    full_name: str
    officer_code: str
    localpart: str
    code: str
    """In clear."""


@dataclass(frozen=True)
class Sheet:
    """The slips of one unit."""

    unit_code: str
    unit_name: str
    slips: Sequence[Slip]
    expires_at: datetime
    server: str
    """The address that people type into Element."""
    page: str
    """Where the QR code leads; the account's name is put behind it."""


def pdf_of(sheet: Sheet, say: Voice) -> bytes:
    """The sheet as PDF/A4 with embedded fonts: slips eight a page, then a list to sign."""
    pdf = FPDF(format="A4", unit="mm")
    pdf.set_auto_page_break(False)
    for (family, style), file in _FONTS.items():
        pdf.add_font(family, style, Path(_fonts().name) / file)
    pdf.set_title(say("slip-title"))
    pdf.set_creator("HueP")
    a_page = COLUMNS * ROWS
    pages = -(-len(sheet.slips) // a_page)
    for number in range(pages):
        pdf.add_page()
        _draw_header(pdf, sheet, say, number + 1, pages)
        for place, slip in enumerate(sheet.slips[number * a_page : (number + 1) * a_page]):
            row, column = divmod(place, COLUMNS)
            _draw_slip(pdf, sheet, slip, say, column * SLIP_WIDTH_MM, HEADER_MM + row * SLIP_HEIGHT_MM)
        _draw_cuts(pdf)
    _draw_list(pdf, sheet, say)
    return bytes(pdf.output())


def qr_text(sheet: Sheet, localpart: str) -> str:
    """The page's address and the account; never the code, for a photographed slip would then be a key."""
    return f"{sheet.page}?account={localpart}"


@cache
def _fonts() -> TemporaryDirectory[str]:
    """DejaVu, which comes with matplotlib, cut once to the letters of Europe and Viet Nam.

    Whole, its thousands of glyphs would be read again for every sheet: a second each, for hundreds of units.
    """
    folder = TemporaryDirectory(prefix="huep-fonts-")
    for file in _FONTS.values():
        font = TTFont(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / file)
        subsetter = Subsetter(Options(layout_features=[], drop_tables=["FFTM", "GSUB", "GPOS", "GDEF", "MATH"]))
        subsetter.populate(unicodes=_LETTERS)
        subsetter.subset(font)
        font.save(Path(folder.name) / file)
    return folder


def _draw_header(pdf: FPDF, sheet: Sheet, say: Voice, number: int, pages: int) -> None:
    _write(pdf, INSET_MM, 4, say("slip-unit", unit=sheet.unit_name, code=sheet.unit_code), 11, style="B", width=150)
    count = say("slip-page", number=number, pages=pages, slips=len(sheet.slips))
    _write(pdf, 150, 4, count, 8, align="R", width=PAGE_WIDTH_MM - 150 - INSET_MM, grey=_GREY)
    _write(pdf, INSET_MM, 10, say("slip-care"), 7.5, width=PAGE_WIDTH_MM - 2 * INSET_MM, grey=_GREY)


def _draw_slip(pdf: FPDF, sheet: Sheet, slip: Slip, say: Voice, left: float, top: float) -> None:
    left, width = left + INSET_MM, SLIP_WIDTH_MM - 2 * INSET_MM
    beside_qr = width - QR_MM - 3
    _write(pdf, left, top + 4, slip.full_name, 12, style="B", width=beside_qr)
    _write(pdf, left, top + 10, f"{slip.officer_code} · {sheet.unit_name}", 8, width=beside_qr, grey=_GREY)
    _write(pdf, left, top + 17, say("slip-account"), 7.5, width=beside_qr, grey=_GREY)
    _write(pdf, left, top + 21, slip.localpart, 10, style="B", width=beside_qr)
    _draw_qr(pdf, qr_text(sheet, slip.localpart), left + width - QR_MM, top + 4)
    pdf.set_fill_color(238)
    pdf.rect(left, top + 30, width, 11, style="F")
    _write(pdf, left + 2, top + 32.5, say("slip-code"), 7.5, width=20, grey=_GREY)
    _write(pdf, left + 18, top + 31.6, slip.code, 17, family=_MONO, style="B", width=width - 20, align="C")
    until = day_of(sheet.expires_at)
    _write(pdf, left, top + 43, say("slip-until", day=until), 8, style="B", width=width)
    for line, message in enumerate(("slip-step-app", "slip-step-code", "slip-step-server")):
        _write(pdf, left, top + 48.5 + 5 * line, say(message, server=sheet.server), 8, width=width)


def _draw_qr(pdf: FPDF, text: str, left: float, top: float) -> None:
    picture = io.BytesIO()
    # Any of the eight masks can be read; to look for the best one takes longer than all the rest of a slip.
    segno.make(text, error="m", mask=QR_MASK, micro=False).save(picture, kind="png", scale=4, border=2)
    pdf.image(picture, left, top, QR_MM, QR_MM, alt_text=text)


def _draw_cuts(pdf: FPDF) -> None:
    pdf.set_draw_color(_LINE)
    pdf.set_line_width(0.2)
    pdf.set_dash_pattern(dash=2, gap=2)
    for row in range(ROWS):
        y = HEADER_MM + row * SLIP_HEIGHT_MM
        pdf.line(0, y, PAGE_WIDTH_MM, y)
    for column in range(1, COLUMNS):
        pdf.line(column * SLIP_WIDTH_MM, HEADER_MM, column * SLIP_WIDTH_MM, PAGE_HEIGHT_MM)
    pdf.set_dash_pattern()


def _draw_list(pdf: FPDF, sheet: Sheet, say: Voice) -> None:
    """Who signs for a slip; this page holds no code and may be filed."""
    headings = [say(f"slip-list-{name}") for name in ("number", "name", "officer", "signature")]
    y = PAGE_HEIGHT_MM
    for number, slip in enumerate(sheet.slips, start=1):
        if y + LIST_ROW_MM > PAGE_HEIGHT_MM - 15:
            pdf.add_page()
            title = say("slip-list-title", unit=sheet.unit_name)
            _write(pdf, 12, 10, title, 12, style="B", width=PAGE_WIDTH_MM - 24)
            y = 20.0
            _draw_list_row(pdf, y, headings, style="B")
            y += LIST_ROW_MM
        _draw_list_row(pdf, y, [str(number), slip.full_name, slip.officer_code, ""])
        y += LIST_ROW_MM


def _draw_list_row(pdf: FPDF, y: float, cells: Sequence[str], style: str = "") -> None:
    pdf.set_draw_color(_LINE)
    x = 12.0
    for cell, width in zip(cells, LIST_COLUMNS_MM, strict=True):
        pdf.rect(x, y, width, LIST_ROW_MM)
        _write(pdf, x + 1.5, y + 2.2, cell, 9, style=style, width=width - 3)
        x += width


def _write(
    pdf: FPDF,
    x: float,
    y: float,
    text: str,
    size: float,
    *,
    width: float,
    family: str = _FAMILY,
    style: str = "",
    align: str = "L",
    grey: int = _BLACK,
) -> None:
    """One line at a place, made smaller where it is too long for `width` (mm)."""
    pdf.set_text_color(grey)
    # fpdf2 types a style as one of its literals; ours are two of them.
    pdf.set_font(family, "B" if style == "B" else "", size)
    pdf.c_margin = 0
    while pdf.get_string_width(text) > width and size > 5:
        size -= 0.5
        pdf.set_font_size(size)
    pdf.set_xy(x, y)
    pdf.cell(width, size * 0.42, text, align=align, new_x=XPos.RIGHT, new_y=YPos.TOP)
