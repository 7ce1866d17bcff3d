"""The printed sheets: everything that a person needs stands on their slip, and nobody else's."""

import io
from datetime import UTC, datetime

import pypdf
import pytest

from hr_provisioner.activation.sheet import COLUMNS, ROWS, Sheet, Slip, pdf_of, qr_text
from hr_provisioner.language import MESSAGES
from huep.activation_code import new_code
from huep.catalogue import Locale, Voice

SAY = Voice(MESSAGES, Locale.VI)
SERVER = "https://chat.hue.gov.vn"
NAMES = ("Nguyễn Văn Ánh", "Tôn Nữ Hoàng Thị Quỳnh Hương Giang Nguyễn", "Ỷ Thế", "Đặng Hữu Phước")


def sheet_of(count: int) -> Sheet:
    slips = [Slip(f"{NAMES[n % 4]} {n}", f"CB-{n:04d}", f"nguyen-van-anh-k{n}", new_code()) for n in range(count)]
    return Sheet("STC", "Sở Tài chính", slips, datetime(2026, 7, 24, 5, tzinfo=UTC), SERVER, SERVER)


def pages_of(sheet: Sheet) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf_of(sheet, SAY))).pages]


def test_a_slip_says_who_which_account_which_code_and_until_when() -> None:
    sheet = sheet_of(4)
    (page, _) = pages_of(sheet)
    for slip in sheet.slips:
        for words in (slip.full_name, slip.officer_code, slip.localpart, slip.code):
            assert words in page
    for words in ("Sở Tài chính", "24/07/2026", SERVER, "Element", "mật khẩu"):
        assert words in page


@pytest.mark.parametrize("count", [1, COLUMNS * ROWS, COLUMNS * ROWS + 1, 100])
def test_eight_slips_a_page_and_then_a_list_without_codes(count: int) -> None:
    sheet = sheet_of(count)
    pages = pages_of(sheet)
    slips, lists = pages[: -(-count // 8)], pages[-(-count // 8) :]
    assert all(sum(slip.code in page for page in slips) == 1 for slip in sheet.slips)
    assert all(sum(slip.full_name in page for page in lists) >= 1 for slip in sheet.slips)
    assert not any(slip.code in page for slip in sheet.slips for page in lists)


def test_fonts_are_embedded_and_the_paper_is_a4() -> None:
    reader = pypdf.PdfReader(io.BytesIO(pdf_of(sheet_of(1), SAY)))
    page = reader.pages[0]
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        assert "/FontFile2" in font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()


def test_the_qr_code_leads_to_the_page_and_names_the_account_and_never_the_code() -> None:
    sheet = sheet_of(1)
    (slip,) = sheet.slips
    assert qr_text(sheet, slip.localpart) == f"{SERVER}?account={slip.localpart}"
    assert slip.code not in qr_text(sheet, slip.localpart)
