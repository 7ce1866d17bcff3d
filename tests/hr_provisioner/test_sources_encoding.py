"""Vietnamese is read rightly from every encoding that is read at all, and never as garbage."""

import unicodedata
from pathlib import Path

import pytest

from hr_provisioner.sources import open_source
from hr_provisioner.sources.encoding import decode
from hr_provisioner.sources.source import SourceUnreadable
from hr_provisioner.sources.spelling import is_syllable, share_of_syllables
from tests.hr_provisioner.test_sources import POSTS_ROWS, as_csv, cells, write_edition, write_workbook

TONES = "\u0300\u0301\u0303\u0309\u0323"
EVERY_LETTER = (
    "à ả ã á ạ ă ằ ẳ ẵ ắ ặ â ầ ẩ ẫ ấ ậ đ è ẻ ẽ é ẹ ê ề ể ễ ế ệ ì ỉ ĩ í ị ò ỏ õ ó ọ ô ồ ổ ỗ ố ộ ơ ờ ở ỡ ớ ợ "
    "ù ủ ũ ú ụ ư ừ ử ữ ứ ự ỳ ỷ ỹ ý ỵ"
)
TEXT = as_csv(POSTS_ROWS) + EVERY_LETTER + "\n" + EVERY_LETTER.upper() + "\n"

# "Danh sách cán bộ: Nguyễn Văn Ánh, Độc lập - Tự do - Hạnh phúc, xã hội chủ nghĩa", as files of the 1990s have it.
TCVN3 = "Danh s¸ch c¸n bé: NguyÔn V¨n ¸nh, §éc lËp - Tù do - H¹nh phóc, x· héi chñ nghÜa"
VNI = "Danh saùch caùn boä: Nguyeãn Vaên AÙnh, Ñoäc laäp - Töï do - Haïnh phuùc, xaõ hoäi chuû nghóa"


def in_windows_1258(text: str) -> bytes:
    """Base letters composed, tones behind them, as Windows writes it."""
    out = []
    for letter in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", letter)
        tones = "".join(part for part in parts if part in TONES)
        out.append(unicodedata.normalize("NFC", "".join(part for part in parts if part not in TONES)) + tones)
    return "".join(out).encode("cp1258")


def test_windows_1258_with_its_combining_tones_becomes_composed_text() -> None:
    assert decode("x", in_windows_1258(TEXT)) == (TEXT, "Windows-1258")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_windows_1258_file_gives_the_same_cells(tmp_path: Path, delimiter: str) -> None:
    folder = write_edition(tmp_path, in_windows_1258(as_csv(POSTS_ROWS, delimiter)))
    table = open_source(folder).posts()
    assert (table.shape.encoding, table.shape.delimiter) == ("Windows-1258", delimiter)
    assert cells(table) == POSTS_ROWS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_unicode_is_never_taken_for_anything_else(encoding: str, form: str) -> None:
    text = unicodedata.normalize(form, TEXT)
    assert decode("x", text.encode(encoding))[0] == text


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8", "utf-16"])
@pytest.mark.parametrize(("text", "name"), [(TCVN3, "TCVN3"), (VNI, "VNI")])
def test_old_fonts_are_refused_by_name(encoding: str, text: str, name: str) -> None:
    with pytest.raises(SourceUnreadable, match=name):
        decode("x", text.encode(encoding))


def test_an_old_font_in_a_workbook_is_refused_too(tmp_path: Path) -> None:
    header: list[object] = ["Ma can bo", "Ho va ten"]
    rows: list[list[object]] = [header, *([f"CB{n}", word] for n, word in enumerate(TCVN3.split()))]
    path = write_workbook(tmp_path / "so.xlsx", {"Cán bộ": rows, "Đơn vị": [["Mã"], ["H57"]]})
    with pytest.raises(SourceUnreadable, match="TCVN3"):
        open_source(path).posts()


def test_text_that_was_encoded_twice_is_refused() -> None:
    twice = "".join(
        chr(byte) if byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes([byte]).decode("cp1252")
        for byte in TEXT.encode()
    )
    with pytest.raises(SourceUnreadable, match="encoded twice"):
        decode("x", twice.encode())


@pytest.mark.parametrize(
    "content",
    ["Étage,été,über,naïve,señor,Ångström".encode("latin-1"), "日本語,中国".encode("shift-jis"), bytes(range(256))],
)
def test_bytes_of_nothing_known_are_refused(content: bytes) -> None:
    with pytest.raises(SourceUnreadable, match="is not UTF-8"):
        decode("x", content)


def test_utf8_with_a_damaged_byte_is_not_read_as_windows_1258() -> None:
    content = TEXT.encode()
    with pytest.raises(SourceUnreadable, match=r"byte 300 is not UTF-8"):
        decode("x", content[:300] + b"\xff" + content[300:])


def test_foreign_names_in_unicode_are_no_reason_to_refuse() -> None:
    text = "Y Ƀlô Êban,Müller,Søren,François,Nguyễn"
    assert decode("x", text.encode()) == (text, "UTF-8")


@pytest.mark.parametrize("word", ["nguyễn", "nghĩa", "quỳnh", "thuỷ", "thủy", "đường", "khuya", "ước", "giếng", "ý"])
def test_syllables_are_known(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["nguyôn§", "v¨n", "còp", "ngườii̇", "höï", "nguyá»…n", "ả́n", "fần"])
def test_no_syllables_are_known_too(word: str) -> None:
    assert not is_syllable(word)


def test_text_without_a_marked_letter_says_nothing() -> None:
    assert share_of_syllables("Nguyen Van Anh") is None
