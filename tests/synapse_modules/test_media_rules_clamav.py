"""clamd's INSTREAM as HueP speaks it, on both sorts of socket, and what happens when nobody answers properly."""

from pathlib import Path

import pytest

from synapse_modules.media_rules.clamav import CHUNK_BYTES, Scanner, ScannerSilent
from tests.clients.fake_clamd import EICAR, FOUND, fake_clamd


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "upload"
    path.write_bytes(b"x" * (CHUNK_BYTES * 2 + 17))
    return path


def test_a_clean_file_is_sent_whole_and_nothing_is_found(tmp_path: Path, file: Path) -> None:
    with fake_clamd(tmp_path / "clamd.ctl") as clamd:
        assert Scanner(clamd.address).scan(file) is None
        (tmp_path / "empty").touch()
        assert Scanner(clamd.address).scan(tmp_path / "empty") is None
    assert clamd.scanned == [CHUNK_BYTES * 2 + 17, 0]


def test_an_infected_file_is_named_over_tcp_too(tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(EICAR)
    with fake_clamd() as clamd:
        assert Scanner(clamd.address).scan(tmp_path / "bad") == FOUND


@pytest.mark.parametrize("answer", ["INSTREAM size limit exceeded. ERROR", "", "stream: Can't allocate memory ERROR"])
def test_an_answer_that_is_no_verdict_is_silence(tmp_path: Path, file: Path, answer: str) -> None:
    with fake_clamd(tmp_path / "clamd.ctl") as clamd:
        clamd.answer = answer or "\x00"
        with pytest.raises(ScannerSilent):
            Scanner(clamd.address).scan(file)


def test_a_scanner_that_takes_too_long_is_silent(tmp_path: Path, file: Path) -> None:
    with fake_clamd(tmp_path / "clamd.ctl") as clamd:
        clamd.waits_s = 2
        with pytest.raises(ScannerSilent, match="timed out"):
            Scanner(clamd.address, timeout_s=0.2).scan(file)


def test_a_scanner_that_is_not_there_is_silent(tmp_path: Path, file: Path) -> None:
    with pytest.raises(ScannerSilent, match=r"nowhere\.ctl"):
        Scanner(tmp_path / "nowhere.ctl").scan(file)
