"""What a file is, by its content alone: neither its name nor what the client says of it is asked.

The first bytes decide, then what lies inside or behind them (`containers`), for there a name would be a disguise: a
program in a zip file, a macro in a document, an archive behind noise or a picture. What is not recognised and looks
like chance is taken for encrypted, as files in encrypted rooms are before they are uploaded.
"""

import math
import re
import struct
from collections import Counter
from pathlib import Path

from huep.module_settings import MediaKind as Kind
from synapse_modules.media_rules.containers import OLE_BEGINS, ZIP_BEGINS, of_ole, of_zip, with_what_is_behind

HEAD_BYTES = 65_536
"""So much is read to recognise a file."""
JUDGED_BYTES = 4_096
"""Of fewer bytes only the most frequent value is judged."""
CHANCE_BELOW = 480.0
"""Chi-square over the 256 values of a byte, mean 255 and deviation 23 for cipher text: ten deviations above."""


_SIGNATURES: tuple[tuple[int, bytes, Kind], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", Kind.IMAGE),
    (0, b"\xff\xd8\xff", Kind.IMAGE),
    (0, b"GIF87a", Kind.IMAGE),
    (0, b"GIF89a", Kind.IMAGE),
    (0, b"II*\x00", Kind.IMAGE),
    (0, b"MM\x00*", Kind.IMAGE),
    (0, b"8BPS", Kind.IMAGE),
    (0, b"\x00\x00\x00\x0cJXL ", Kind.IMAGE),
    (0, b"\x1a\x45\xdf\xa3", Kind.VIDEO),
    (0, b"\x00\x00\x01\xba", Kind.VIDEO),
    (0, b"FLV\x01", Kind.VIDEO),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Kind.VIDEO),
    (0, b"OggS", Kind.AUDIO),
    (0, b"fLaC", Kind.AUDIO),
    (0, b"ID3", Kind.AUDIO),
    (0, b"#!AMR", Kind.AUDIO),
    (0, b"MThd", Kind.AUDIO),
    (0, b"{\\rtf", Kind.DOCUMENT),
    (0, b"%!PS", Kind.DOCUMENT),
    (0, b"AC10", Kind.DOCUMENT),  # AutoCAD
    (0, b"AT&TFORM", Kind.DOCUMENT),  # DjVu
    (0, b"SQLite format 3\x00", Kind.DOCUMENT),
    (0, b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", Kind.DOCUMENT),  # OneNote
    (0, b"Rar!\x1a\x07", Kind.ARCHIVE),
    (0, b"7z\xbc\xaf\x27\x1c", Kind.ARCHIVE),
    (0, b"\x1f\x8b\x08", Kind.ARCHIVE),
    (0, b"BZh", Kind.ARCHIVE),
    (0, b"\xfd7zXZ\x00", Kind.ARCHIVE),
    (0, b"\x28\xb5\x2f\xfd", Kind.ARCHIVE),
    (0, b"MSCF", Kind.ARCHIVE),
    (257, b"ustar", Kind.ARCHIVE),
    (0, b"\x7fELF", Kind.PROGRAM),
    (0, b"\xfe\xed\xfa\xce", Kind.PROGRAM),
    (0, b"\xfe\xed\xfa\xcf", Kind.PROGRAM),
    (0, b"\xce\xfa\xed\xfe", Kind.PROGRAM),
    (0, b"\xcf\xfa\xed\xfe", Kind.PROGRAM),
    (0, b"\xca\xfe\xba\xbe", Kind.PROGRAM),
    (0, b"dex\n", Kind.PROGRAM),
    (0, b"\x00asm", Kind.PROGRAM),
    (0, b"ITSF", Kind.PROGRAM),  # compiled help, which runs scripts
    (0, b"L\x00\x00\x00\x01\x14\x02\x00", Kind.PROGRAM),  # a shortcut of Windows
    (0x8001, b"CD001", Kind.PROGRAM),  # a disk image
    (0, b"conectix", Kind.PROGRAM),
    (0, b"vhdxfile", Kind.PROGRAM),
)
_AUDIO_BRANDS = (b"M4A ", b"M4B ", b"F4A ")
_IMAGE_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis")
_PAGE = re.compile(rb"<\s*(!doctype\s+html|([\w-]+:)?(html|script|iframe|svg|embed))\b", re.IGNORECASE)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_WORDS_MARKS = (b"\xff\xfe", b"\xfe\xff")


def kind_of(path: Path) -> Kind:
    """What the file is; reads it once or twice, of zip files the list of contents. Blocks: call it in a thread."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        if head.startswith(ZIP_BEGINS):
            return of_zip(file)
        return with_what_is_behind(file, of_ole(file) if head.startswith(OLE_BEGINS) else of_head(head))


def of_head(head: bytes) -> Kind:
    """What a file with these first bytes is, as far as they say it."""
    found = _by_signature(head)
    if found is not None:
        return found
    text = _as_text(head)
    if text is not None:
        if text.startswith(b"#!"):
            return Kind.PROGRAM
        return Kind.PAGE if _PAGE.search(text) else Kind.TEXT
    return _by_structure(head) or (Kind.ENCRYPTED if _looks_like_chance(head) else _by_weak_sign(head))


def _by_signature(head: bytes) -> Kind | None:
    for offset, magic, kind in _SIGNATURES:
        if head.startswith(magic, offset):
            return kind
    before_pdf, is_pdf, _ = head[:1024].partition(b"%PDF-")
    if is_pdf and not _PAGE.search(before_pdf):
        return Kind.DOCUMENT
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return Kind.IMAGE if brand in _IMAGE_BRANDS else Kind.AUDIO if brand in _AUDIO_BRANDS else Kind.VIDEO
    if head[:4] == b"RIFF":
        return {b"WEBP": Kind.IMAGE, b"WAVE": Kind.AUDIO, b"AVI ": Kind.VIDEO}.get(head[8:12])
    return Kind.DOCUMENT if head[4:19] in (b"Standard Jet DB", b"Standard ACE DB") else None


def _by_structure(head: bytes) -> Kind | None:
    """A program of Windows: two letters are a sign of chance, the header behind them is not."""
    if head[:2] == b"MZ" and len(head) > 0x40:
        (header,) = struct.unpack_from("<I", head, 0x3C)
        if head[header : header + 4] == b"PE\x00\x00":
            return Kind.PROGRAM
    return None


def _by_weak_sign(head: bytes) -> Kind:
    """Signs of two bytes, which cipher text may bear by chance, in what is no cipher text."""
    if head[:2] == b"MZ":
        return Kind.PROGRAM
    if head[:2] == b"BM" and head[6:10] == b"\x00\x00\x00\x00":
        return Kind.IMAGE
    if head[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xf1", b"\xff\xf9"):
        return Kind.AUDIO
    return Kind.VIDEO if head[:1] == head[188:189] == head[376:377] == b"\x47" else Kind.UNKNOWN


def _as_text(head: bytes) -> bytes | None:
    """The text in UTF-8 where it is text; a character cut at the end does not count."""
    if head[:2] in _WORDS_MARKS:
        try:
            head = head[: len(head) // 2 * 2].decode("utf-16").encode()
        except UnicodeError:
            return None
    head = head.removeprefix(b"\xef\xbb\xbf")
    if _CONTROL.search(head):
        return None
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return None if error.start < len(head) - 3 else head
    return head


def _looks_like_chance(head: bytes) -> bool:
    expected = len(head) / 256
    counts = Counter(head)
    if len(head) < JUDGED_BYTES:
        return max(counts.values()) <= expected + 8 * math.sqrt(expected) + 8
    return sum((counts[value] - expected) ** 2 for value in range(256)) / expected < CHANCE_BELOW
