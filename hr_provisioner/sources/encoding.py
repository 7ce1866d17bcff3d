"""Bytes of an export to text: UTF-8, UTF-16, or Windows-1258 with its combining tones; nothing is read as garbage.

Older Vietnamese fonts (TCVN3, also called ABC, and VNI) put their own letters at the places of Latin ones, in files
that say so nowhere. They are recognised by what Vietnamese spelling allows, and refused with their name.
"""

import codecs
import re
import unicodedata
from collections.abc import Callable, Mapping

from hr_provisioner.sources.source import SourceUnreadable
from hr_provisioner.sources.spelling import share_of_syllables
from huep.catalogue import Message

VIETNAMESE_SHARE = 0.9
"""So many of its words with diacritics must be possible syllables before an 8-bit encoding is believed."""
FOREIGN_SHARE = 0.8
"""Valid UTF-8 is believed, unless fewer are possible and a reading of it as an old font makes sense."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SNIFFED_BYTES = 200
_SAMPLE = 100_000
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")

# TCVN 5712:1993, third table, at the Latin-1 letters of its bytes.
_TCVN3 = str.maketrans(
    "¡¢£¤¥¦§¨©ª«¬\xad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
    "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
)
_GRAVE, _ACUTE, _TILDE, _HOOK, _DOT = "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"
_CIRCUMFLEX, _BREVE = "\u0302", "\u0306"
# VNI for Windows: a vowel is followed by a letter that stands for its marks.
_VNI_MARKS: Mapping[str, str] = {
    "ø": _GRAVE,
    "ù": _ACUTE,
    "û": _HOOK,
    "õ": _TILDE,
    "ï": _DOT,
    "â": _CIRCUMFLEX,
    "à": _CIRCUMFLEX + _GRAVE,
    "á": _CIRCUMFLEX + _ACUTE,
    "å": _CIRCUMFLEX + _HOOK,
    "ã": _CIRCUMFLEX + _TILDE,
    "ä": _CIRCUMFLEX + _DOT,
    "ê": _BREVE,
    "è": _BREVE + _GRAVE,
    "é": _BREVE + _ACUTE,
    "ú": _BREVE + _HOOK,
    "ü": _BREVE + _TILDE,
    "ë": _BREVE + _DOT,
}
_VNI_LETTERS = str.maketrans("ñôöæóòî", "đơưỉĩịỵ")
_VNI_VOWEL = re.compile(f"([aeouyôö])([{''.join(_VNI_MARKS)}])")


def decode(name: str, content: bytes) -> tuple[str, str]:
    """The text, and what it was encoded in as people call it.

    Raises SourceUnreadable: bytes of no encoding that is read here, or an old font's.
    """
    encoding = next((codec for bom, codec in _BOMS if content.startswith(bom)), None) or _encoding_by_zeros(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-8" and not _mostly_utf8(content):
            return _decode_eight_bits(name, content, error)
        raise _no_such_encoding(name, encoding, error) from error
    refuse_old_fonts(name, text[:_SAMPLE])
    return text, encoding.removesuffix("-sig").upper()


def refuse_old_fonts(name: str, sample: str) -> None:
    """Raises SourceUnreadable when the text, though Unicode, only makes sense in an old font or was encoded twice."""
    share = share_of_syllables(sample)
    if share is None or share >= FOREIGN_SHARE:
        return
    for encoding, reading in _OTHER_READINGS.items():
        if (share_of_syllables(reading(sample)) or 0) >= VIETNAMESE_SHARE:
            raise SourceUnreadable(name, Message.of("unreadable-old-font", encoding=encoding))


def _decode_eight_bits(name: str, content: bytes, error: UnicodeDecodeError) -> tuple[str, str]:
    start = content[:_SAMPLE]
    latin = start.decode("latin-1")
    shares = {encoding: share_of_syllables(reading(latin)) or 0 for encoding, reading in _OTHER_READINGS.items()}
    try:
        text = unicodedata.normalize("NFC", content.decode("cp1258"))
    except UnicodeDecodeError:
        text = ""
    share = share_of_syllables(text[:_SAMPLE]) or 0
    if share >= VIETNAMESE_SHARE and share >= max(shares.values()):
        return text, "Windows-1258"
    likeliest = max(shares, key=lambda encoding: shares[encoding])
    if shares[likeliest] >= VIETNAMESE_SHARE:
        raise SourceUnreadable(name, Message.of("unreadable-old-font", encoding=likeliest)) from error
    raise _no_such_encoding(name, "utf-8", error) from error


def _no_such_encoding(name: str, encoding: str, error: UnicodeDecodeError) -> SourceUnreadable:
    return SourceUnreadable(
        name, Message.of("unreadable-encoding", position=str(error.start), encoding=encoding.upper())
    )


def _encoding_by_zeros(content: bytes) -> str:
    """UTF-16 without a mark shows as zero bytes behind or before the ASCII letters of the headings."""
    start = content[:_SNIFFED_BYTES]
    if start[1::2].count(0) > len(start) // 8:
        return "utf-16-le"
    if start[::2].count(0) > len(start) // 8:
        return "utf-16-be"
    return "utf-8"


def _mostly_utf8(content: bytes) -> bool:
    """Whether it is UTF-8 with damage, rather than bytes of something else: no 8-bit text has many such sequences."""
    start = content[:_SAMPLE]
    sequences = _MULTIBYTE.findall(start)
    return 2 * sum(map(len, sequences)) > sum(byte > 0x7F for byte in start)


def _as_tcvn3(text: str) -> str:
    return text.translate(_TCVN3)


def _as_vni(text: str) -> str:
    def marked(found: re.Match[str]) -> str:
        return found[1].translate(_VNI_LETTERS) + _VNI_MARKS[found[2]]

    return unicodedata.normalize("NFC", _VNI_VOWEL.sub(marked, text.lower()).translate(_VNI_LETTERS))


def _as_twice_encoded(text: str) -> str:
    """UTF-8 that some program took for Windows-1252 and encoded again."""
    try:
        return b"".join(_byte_of(letter) for letter in text).decode("utf-8", "ignore")
    except UnicodeEncodeError:
        return text


def _byte_of(letter: str) -> bytes:
    # Windows leaves five places of its table empty and programs keep the byte.
    return letter.encode("latin-1" if "\x80" <= letter <= "\x9f" else "cp1252")


_OTHER_READINGS: Mapping[str, Callable[[str], str]] = {
    "TCVN3 (ABC)": _as_tcvn3,
    "VNI": _as_vni,
    "UTF-8, encoded twice": _as_twice_encoded,
}
