"""Our side of INSTREAM against a real clamd, which knows one signature: of a marker that is made here."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from synapse_modules.media_rules.clamav import Scanner, ScannerSilent
from tests.clients.running import free_port
from tests.synapse_modules.test_media_rules_kinds import chance, zipped

CLAMD = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin:/usr/local/sbin")
MARKER = b"HueP harmless marker 6f1c7a4e for the scanner's own test"
STARTS_WITHIN_S = 60
CONFIG = """
Foreground yes
LocalSocket {folder}/clamd.ctl
TCPSocket {port}
TCPAddr 127.0.0.1
DatabaseDirectory {folder}/signatures
TemporaryDirectory {folder}
StreamMaxLength 1M
"""

pytestmark = pytest.mark.skipif(CLAMD is None, reason="there is no clamd (Debian: apt-get install clamav-daemon)")


@dataclass(frozen=True)
class Clamd:
    """Where it listens."""

    socket: Path
    port: int


@pytest.fixture(scope="module")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clamd]:
    folder = tmp_path_factory.mktemp("clamd")
    (folder / "signatures").mkdir()
    (folder / "signatures" / "huep.ndb").write_text(f"HueP.Test.Marker:0:*:{MARKER.hex()}\n")
    running = Clamd(folder / "clamd.ctl", free_port())
    config = folder / "clamd.conf"
    config.write_text(CONFIG.format(folder=folder, port=running.port))
    with (folder / "clamd.log").open("wb") as log:
        process = subprocess.Popen([str(CLAMD), "--config-file", config], stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not answers(running, folder):
            assert process.poll() is None and time.monotonic() < deadline, (folder / "clamd.log").read_text()
            time.sleep(0.05)
        yield running
    finally:
        process.terminate()
        process.wait(30)


def answers(clamd: Clamd, folder: Path) -> bool:
    try:
        return Scanner(clamd.socket).scan(file_with(folder, b"clean")) is None
    except ScannerSilent:
        return False


def file_with(folder: Path, content: bytes) -> Path:
    file = folder / "upload"
    file.write_bytes(content)
    return file


@pytest.mark.parametrize(
    ("content", "infected"),
    [
        (b"Kinh gui So Y te", False),
        (b"", False),
        (chance(300_000), False),
        (b"truoc " + MARKER + b" sau", True),
        (chance(300_000) + MARKER, True),
        (zipped("a.txt", content=MARKER * 3), True),
        (b"\x89PNG\r\n\x1a\n" + chance(5_000) + MARKER, True),
    ],
    ids=["text", "empty", "cipher text", "marked", "behind noise", "in a zip", "in a picture"],
)
def test_what_is_infected_is_found_over_both_sockets(
    clamd: Clamd, tmp_path: Path, content: bytes, infected: bool
) -> None:
    file = file_with(tmp_path, content)
    for address in (clamd.socket, ("127.0.0.1", clamd.port)):
        found = Scanner(address).scan(file)
        assert (found is not None and "HueP.Test.Marker" in found) is infected, found


def test_what_is_larger_than_it_takes_counts_as_not_scanned(clamd: Clamd, tmp_path: Path) -> None:
    file = file_with(tmp_path, MARKER + bytes(5_000_000))
    for address in (clamd.socket, ("127.0.0.1", clamd.port)):
        with pytest.raises(ScannerSilent):
            Scanner(address).scan(file)
