"""What a file is, by its content: real files made here, disguised ones, and cipher text."""

import io
import os
import random
import sqlite3
import struct
import tarfile
import wave
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from xlsxwriter import Workbook

from huep.module_settings import MediaKind as Kind
from synapse_modules.media_rules.containers import CHUNK_BYTES, MOST_ENTRIES
from synapse_modules.media_rules.kinds import HEAD_BYTES, kind_of, of_head


def picture(form: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(out, form)
    return out.getvalue()


def zipped(*names: str, content: bytes = b"x" * 50, **named: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
        for name, inner in named.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), inner)
    return out.getvalue()


def zipped_whole(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def spreadsheet() -> bytes:
    out = io.BytesIO()
    with Workbook(out) as book:
        book.add_worksheet().write(0, 0, "Sở Y tế")
    return out.getvalue()


def sound() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\x00\x01" * 400)
    return out.getvalue()


def tarball() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        member = tarfile.TarInfo("a.txt")
        member.size = 3
        archive.addfile(member, io.BytesIO(b"abc"))
    return out.getvalue()


def windows_program() -> bytes:
    return b"MZ" + bytes(58) + struct.pack("<I", 0x80) + bytes(64) + b"PE\x00\x00" + bytes(100)


def old_office(*streams: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + b"".join(name.encode("utf-16-le") for name in streams)


def chance(size: int) -> bytes:
    return random.Random(size).randbytes(size)


MP3 = (b"\xff\xfb\x90\x64" + bytes(413)) * 20
FILES = {
    "png": (picture("PNG"), Kind.IMAGE),
    "jpeg": (picture("JPEG"), Kind.IMAGE),
    "gif": (picture("GIF"), Kind.IMAGE),
    "webp": (picture("WEBP"), Kind.IMAGE),
    "bmp": (picture("BMP"), Kind.IMAGE),
    "tiff": (picture("TIFF"), Kind.IMAGE),
    "heic": (b"\x00\x00\x00\x18ftypheic" + bytes(40), Kind.IMAGE),
    "wav": (sound(), Kind.AUDIO),
    "ogg": (b"OggS\x00\x02" + chance(300), Kind.AUDIO),
    "mp3 with a tag": (b"ID3\x04\x00" + bytes(300), Kind.AUDIO),
    "mp3 without": (MP3, Kind.AUDIO),
    "m4a": (b"\x00\x00\x00\x20ftypM4A " + bytes(40), Kind.AUDIO),
    "mp4": (b"\x00\x00\x00\x20ftypisom" + bytes(40), Kind.VIDEO),
    "webm": (b"\x1a\x45\xdf\xa3" + bytes(40), Kind.VIDEO),
    "avi": (b"RIFF\x00\x00\x00\x00AVI LIST", Kind.VIDEO),
    "transport stream": ((b"\x47" + bytes(187)) * 40, Kind.VIDEO),
    "pdf": (b"%PDF-1.7\n" + bytes(200), Kind.DOCUMENT),
    "pdf behind a line": (b"\r\n\r\n%PDF-1.4\n" + bytes(200), Kind.DOCUMENT),
    "xlsx": (spreadsheet(), Kind.DOCUMENT),
    "docx": (zipped("[Content_Types].xml", "word/document.xml"), Kind.DOCUMENT),
    "odt": (zipped("mimetype", "content.xml", "META-INF/manifest.xml"), Kind.DOCUMENT),
    "doc": (old_office("WordDocument"), Kind.DOCUMENT),
    "rtf": (b"{\\rtf1 xin ch\\'e0o}", Kind.DOCUMENT),
    "dwg": (b"AC1032" + bytes(200), Kind.DOCUMENT),
    "docm": (zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), Kind.MACRO),
    "docm called docx": (zipped("[Content_Types].xml", "word/document.xml", "word/VBAPROJECT.BIN"), Kind.MACRO),
    "xls with macros": (old_office("Workbook", "_VBA_PROJECT"), Kind.MACRO),
    "ods with macros": (zipped("mimetype", "content.xml", "Basic/script-lc.xml"), Kind.MACRO),
    "text": ("Kính gửi Sở Y tế,\n".encode(), Kind.TEXT),
    "text cut within a character": (b"a" + "ă".encode() * 40_000, Kind.TEXT),
    "text of Windows": ("﻿Kính gửi".encode("utf-16"), Kind.TEXT),
    "csv": (b"\xef\xbb\xbfM\xc3\xa3,T\xc3\xaan\n1,An\n", Kind.TEXT),
    "xml": (b'<?xml version="1.0"?><HDon><SHDon>1</SHDon></HDon>', Kind.TEXT),
    "empty": (b"", Kind.TEXT),
    "html": (b"  <!DOCTYPE html><html><body>x</body></html>", Kind.PAGE),
    "html that calls itself pdf": (b"<html><!--%PDF-1.4--><script>x</script>", Kind.PAGE),
    "html in utf-16": ("<script>alert(1)</script>".encode("utf-16"), Kind.PAGE),
    "svg": (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', Kind.PAGE),
    "svg with a prefix": (b'<s:svg xmlns:s="http://www.w3.org/2000/svg"/>', Kind.PAGE),
    "zip": (zipped("a.docx", "b.pdf"), Kind.ARCHIVE),
    "tar": (tarball(), Kind.ARCHIVE),
    "rar": (b"Rar!\x1a\x07\x01\x00" + chance(300), Kind.ARCHIVE),
    "7z": (b"7z\xbc\xaf\x27\x1c" + chance(300), Kind.ARCHIVE),
    "gzip": (b"\x1f\x8b\x08\x00" + chance(300), Kind.ARCHIVE),
    "exe": (windows_program(), Kind.PROGRAM),
    "exe of DOS": (b"MZ\x90" + bytes(5000), Kind.PROGRAM),
    "elf": (b"\x7fELF\x02\x01" + bytes(100), Kind.PROGRAM),
    "java class": (b"\xca\xfe\xba\xbe\x00\x00\x00\x34", Kind.PROGRAM),
    "shell script": (b"#!/bin/sh\nrm -rf ~\n", Kind.PROGRAM),
    "shortcut": (b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(60), Kind.PROGRAM),
    "installer": (old_office("Binary") + bytes.fromhex("84100c0000000000c000000000000046"), Kind.PROGRAM),
    "jar": (zipped("META-INF/MANIFEST.MF", "a/B.class"), Kind.PROGRAM),
    "apk": (zipped("AndroidManifest.xml", "classes.dex"), Kind.PROGRAM),
    "zip with a program": (zipped("bao-cao.pdf", "cong-van.pdf.EXE"), Kind.PROGRAM),
    "zip with a program and a dot": (zipped("run.bat. "), Kind.PROGRAM),
    "docx with a program": (zipped("[Content_Types].xml", "word/document.xml", "word/a.vbs"), Kind.PROGRAM),
    "disk image": (bytes(0x8001) + b"CD001" + bytes(100), Kind.PROGRAM),
    "cipher text": (chance(200_000), Kind.ENCRYPTED),
    "short cipher text": (chance(300), Kind.ENCRYPTED),
    "short exe of DOS": (b"MZ\x90" + bytes(500), Kind.PROGRAM),
    "cipher text like a program": (b"MZ" + chance(50_000), Kind.ENCRYPTED),
    "noise before a zip": (chance(90_000) + zipped("a.pdf"), Kind.ARCHIVE),
    "noise before a zip with a program": (chance(90_000) + zipped("a.exe"), Kind.PROGRAM),
    "noise before a document with macros": (chance(900) + zipped("[Content_Types].xml", "word/vbaProject.bin"), Kind.MACRO),
    "noise before a zip with a false end": (chance(70_000) + zipped("a.exe") + b"PK\x05\x06" + bytes(18), Kind.UNKNOWN),
    "noise before a zip with two ends": (chance(70_000) + zipped("a.exe") + zipped("a.pdf"), Kind.UNKNOWN),
    "noise around a zip": (chance(70_000) + zipped("a.exe") + chance(70_000), Kind.UNKNOWN),
    "noise before a rar": (chance(300_000) + b"Rar!\x1a\x07\x01\x00" + chance(300), Kind.ARCHIVE),
    "noise before a 7z": (chance(300_000) + b"7z\xbc\xaf\x27\x1c\x00\x04" + chance(300), Kind.ARCHIVE),
    "picture before a zip with a program": (picture("PNG") + zipped("a.exe"), Kind.PROGRAM),
    "picture before a zip": (picture("JPEG") + zipped("a.pdf"), Kind.ARCHIVE),
    "picture before a rar": (picture("JPEG") + b"Rar!\x1a\x07\x00" + chance(300), Kind.ARCHIVE),
    "text before a zip": (b"Kinh gui\n" * 9000 + zipped("a.bat"), Kind.PROGRAM),
    "pdf with an attachment": (b"%PDF-1.7\n" + zipped("a.pdf") + b"\n%%EOF\n", Kind.DOCUMENT),
    "pdf before a program": (b"%PDF-1.7\n" + bytes(200) + zipped("a.exe"), Kind.PROGRAM),
    "two zips behind each other": (zipped("a.exe") + zipped("a.pdf"), Kind.UNKNOWN),
    "zip in a zip": (zipped_whole("a.zip", zipped("a.pdf")), Kind.ARCHIVE),
    "zip with a false end": (zipped("a.exe") + b"PK\x05\x06" + bytes(18), Kind.UNKNOWN),
    "no format": (b"\x00\x01\x02\x03" * 5000, Kind.UNKNOWN),
    "broken zip": (b"PK\x03\x04" + chance(500), Kind.UNKNOWN),
}  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), FILES.values(), ids=FILES.keys())
def test_the_content_says_what_it_is(tmp_path: Path, content: bytes, expected: Kind) -> None:
    file = tmp_path / "cong-van.pdf"
    file.write_bytes(content)
    assert kind_of(file) is expected


def test_a_database_is_a_document(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.jpg") as connection:
        connection.execute("create table a (b)")
    assert kind_of(tmp_path / "a.jpg") is Kind.DOCUMENT


def test_an_archive_with_too_long_a_list_is_not_listed(tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(MOST_ENTRIES + 1):
            archive.writestr(str(number), b"")
    assert kind_of(file) is Kind.UNKNOWN
    content = zipped("a.txt")
    end = content.rfind(b"PK\x05\x06")
    file.write_bytes(content[:end] + b"PK\x06\x07" + bytes(16) + content[end:])
    assert kind_of(file) is Kind.UNKNOWN


@pytest.mark.parametrize("before", [CHUNK_BYTES - 30, CHUNK_BYTES - 1, 3 * CHUNK_BYTES + 7])
def test_a_macro_is_found_wherever_it_stands_in_an_old_document(tmp_path: Path, before: int) -> None:
    file = tmp_path / "a.doc"
    content = old_office() + bytes(before - 608)
    file.write_bytes(content + "_VBA_PROJECT".encode("utf-16-le") + bytes(5_000_000))
    assert kind_of(file) is Kind.MACRO
    file.write_bytes(content + bytes(5_000_000))
    assert kind_of(file) is Kind.DOCUMENT


def test_large_cipher_text_is_never_taken_for_an_archive(tmp_path: Path) -> None:
    file = tmp_path / "a"
    for _ in range(3):
        file.write_bytes(os.urandom(16_000_000))
        assert kind_of(file) is Kind.ENCRYPTED


def test_cipher_text_of_every_length_passes_for_cipher_text() -> None:
    for size in (100, 1_000, 4_095, 4_096, 5_000, 20_000, HEAD_BYTES):
        for _ in range(20):
            assert of_head(os.urandom(size)) is Kind.ENCRYPTED


@given(st.binary(max_size=600))
def test_whatever_the_bytes_are_there_is_an_answer(content: bytes) -> None:
    assert of_head(content) in Kind
