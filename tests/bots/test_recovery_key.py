"""The recovery key as text: what the specification's own example says, and what a slip of the pen does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.matrix.recovery_key import ALPHABET, RecoveryKey, RecoveryKeyDamaged

RAW = bytes.fromhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
TEXT = "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d"
"""Both from the tests of the Rust SDK and matrix-js-sdk: Curve25519's test key of RFC 7748."""


def test_a_key_is_written_as_other_clients_write_it() -> None:
    assert RecoveryKey(RAW).text == TEXT
    assert RecoveryKey.read(TEXT) == RecoveryKey(RAW)


@given(st.binary(min_size=32, max_size=32))
def test_every_key_is_read_back_with_and_without_spaces(raw: bytes) -> None:
    key = RecoveryKey(raw)
    assert RecoveryKey.read(key.text) == key
    assert RecoveryKey.read(key.text.replace(" ", "\n")) == key


@given(st.integers(0, 58 - 1), st.integers(0, 47))
def test_one_wrong_character_is_noticed(place: int, position: int) -> None:
    written = TEXT.replace(" ", "")
    changed = written[:position] + ALPHABET[place] + written[position + 1 :]
    if changed != written:
        with pytest.raises(RecoveryKeyDamaged):
            RecoveryKey.read(changed)


@pytest.mark.parametrize("text", ["", "EsTc", TEXT + " EsTc", TEXT.replace("EsTc", "0sTc"), "mật khẩu"])
def test_what_is_no_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(RecoveryKeyDamaged) as refused:
        RecoveryKey.read(text)
    assert len(text) < 2 or text not in str(refused.value)


def test_a_key_shows_itself_in_no_representation() -> None:
    key = RecoveryKey(RAW)
    assert RAW.hex() not in f"{key!r} {key}"
    assert "EsTc" not in f"{key!r} {key}"
