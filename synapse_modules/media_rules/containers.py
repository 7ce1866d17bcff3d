"""What lies inside a file, and behind its beginning: lists of zip files, streams of old Office files, other archives.

Everything is read in chunks, so that no search holds the interpreter for longer than a millisecond. Blocks: call it in
a thread.
"""

import re
import struct
import zipfile
from collections.abc import Collection, Iterator
from typing import BinaryIO

from huep.module_settings import MediaKind as Kind

MOST_ENTRIES = 20_000
"""Entries of an archive that are looked through; with more it is `UNKNOWN`."""
LARGEST_LISTING = 4 * 1024 * 1024
"""Bytes of an archive's list of contents that are read."""
CHUNK_BYTES = 262_144
LONGEST_SIGN = 64
"""Bytes by which chunks overlap; no sign is longer."""
TAIL_BYTES = 65_557
"""The end of a zip file: 22 bytes, and a comment of at most 65,535."""

# How a zip file begins; the second is an empty one.
ZIP_BEGINS = (b"PK\x03\x04", b"PK\x05\x06")
OLE_BEGINS = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP_END = b"PK\x05\x06"
_ZIP_LISTED = b"PK\x01\x02"
# A whole header, for four letters alone stand in every large cipher text: version, flags, a method that exists, the
# length of the name below 512.
_ZIP_ENTRY = re.compile(
    rb"PK\x03\x04[\x0a-\x3f][\x00-\x0a]..(?:[\x00-\x0a\x0c\x0e\x12\x13\x5d-\x63]\x00).{16}.[\x00\x01]", re.DOTALL
)
_OTHER_ARCHIVES = re.compile(rb"Rar!\x1a\x07[\x00\x01]|7z\xbc\xaf\x27\x1c\x00")
_INSTALLER = bytes.fromhex("84100c0000000000c000000000000046")
"""Class of a Windows installer package; an OLE file like an old Office document."""
_OLE_MACROS = tuple(name.encode("utf-16-le") for name in ("_VBA_PROJECT", "Macros"))
_PROGRAM_NAME = re.compile(
    r"\.(exe|dll|scr|com|pif|cpl|msi|msp|bat|cmd|ps1|psm1|vbs|vbe|js|jse|wsf|wsh|hta|jar|class|apk|dex|lnk|url|reg|chm"
    r"|iso|vhd|vhdx|sh|elf|app|dmg|pkg|deb|rpm|gadget|msc|application|xll|xlam|dotm|ppam)$",
    re.IGNORECASE,
)
_OPENED_BY_ITS_HEAD = {Kind.ARCHIVE, Kind.PROGRAM, Kind.MACRO, Kind.PAGE}
_WITHOUT_A_FORMAT = {Kind.ENCRYPTED, Kind.UNKNOWN, Kind.TEXT}


def with_what_is_behind(file: BinaryIO, kind: Kind) -> Kind:
    """What a file is whose beginning says `kind`, when an archive stands behind that.

    Programs open zip, rar and 7z files whatever stands before them. A document keeps its kind, for documents have
    attachments, unless a program or a macro is among them.
    """
    if kind in _OPENED_BY_ITS_HEAD:
        return kind
    ends = _zip_ends(file)
    if ends or (kind in _WITHOUT_A_FORMAT and any(_ZIP_ENTRY.search(chunk) for chunk in _chunks(file))):
        behind = of_zip(file) if len(ends) < 2 else Kind.UNKNOWN
    elif any(_OTHER_ARCHIVES.search(chunk) for chunk in _chunks(file)):
        behind = Kind.ARCHIVE
    else:
        return kind
    return kind if kind is Kind.DOCUMENT and behind not in (Kind.PROGRAM, Kind.MACRO) else behind


def of_zip(file: BinaryIO) -> Kind:
    """New Office documents, OpenDocument, Android and Java programs, and archives."""
    if not _may_be_listed(file):
        return Kind.UNKNOWN
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return Kind.UNKNOWN
    if not names:
        return Kind.UNKNOWN  # nobody sends an empty one, and a false end reads as one
    known = set(names)
    if any(name.lower().endswith(("vbaproject.bin", "vbadata.xml")) or name.startswith("Basic/") for name in names):
        return Kind.MACRO
    if _holds_program(names):
        return Kind.PROGRAM
    is_office = "[Content_Types].xml" in known and any(
        name.startswith(("word/", "xl/", "ppt/", "visio/")) for name in names
    )
    is_open = "mimetype" in known and ("content.xml" in known or "META-INF/container.xml" in known)
    return Kind.DOCUMENT if is_office or is_open else Kind.ARCHIVE


def of_ole(file: BinaryIO) -> Kind:
    """Old Office documents with and without macros, and installers."""
    found = Kind.DOCUMENT
    for chunk in _chunks(file):
        if _INSTALLER in chunk:
            return Kind.PROGRAM
        if any(name in chunk for name in _OLE_MACROS):
            found = Kind.MACRO
    return found


def _holds_program(names: Collection[str]) -> bool:
    if "AndroidManifest.xml" in names or "META-INF/MANIFEST.MF" in names:
        return True
    return any(_PROGRAM_NAME.search(name.rstrip(". ")) for name in names)


def _may_be_listed(file: BinaryIO) -> bool:
    """Whether there is one list of contents, of a size that can be read: its length stands at the file's end."""
    begins, tail = _tail(file)
    place = tail.rfind(_ZIP_END)
    if place < 0 or len(tail) < place + 22:
        return False
    if tail[max(0, place - 20) :].startswith(b"PK\x06\x07"):
        return False  # of 4 GB and more, or another length than is written here
    entries, length, offset = struct.unpack_from("<HII", tail, place + 10)
    file.seek(0)
    # Of two zip files behind each other some programs open the first, others the second.
    if file.read(4) == ZIP_BEGINS[0] and offset + length != begins + place:
        return False
    return bool(entries <= MOST_ENTRIES and length <= LARGEST_LISTING)


def _zip_ends(file: BinaryIO) -> list[int]:
    """Where zip files may end, as reading programs look for it: before each such place its list of contents stands."""
    begins, tail = _tail(file)
    ends = []
    for found in re.finditer(re.escape(_ZIP_END), tail):
        place = found.start()
        if len(tail) < place + 22:
            continue
        length, offset = struct.unpack_from("<II", tail, place + 12)
        after_64_bit = tail[max(0, place - 20) :].startswith(b"PK\x06\x07")
        if after_64_bit or any(_lists_at(file, start) for start in (begins + place - length, offset)):
            ends.append(begins + place)
    return ends


def _lists_at(file: BinaryIO, start: int) -> bool:
    if start < 0:
        return False
    file.seek(start)
    return file.read(len(_ZIP_LISTED)) == _ZIP_LISTED


def _tail(file: BinaryIO) -> tuple[int, bytes]:
    """The last bytes, and where they begin."""
    begins = max(0, file.seek(0, 2) - TAIL_BYTES)
    file.seek(begins)
    tail = file.read()
    file.seek(0)
    return begins, tail


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    """The whole file; each chunk begins with the end of the one before it."""
    file.seek(0)
    kept = b""
    while read := file.read(CHUNK_BYTES):
        yield kept + read
        kept = (kept + read)[-LONGEST_SIGN:]
