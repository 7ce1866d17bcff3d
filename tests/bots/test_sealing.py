import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.matrix.store.errors import RowTampered
from bots.matrix.store.sealing import Sealer

KEY = bytes(range(32))
BOT = "@tro-ly:x"


@given(content=st.binary(max_size=2_000), parts=st.lists(st.text(), max_size=3))
def test_what_was_sealed_opens_with_the_same_key_after_a_restart(content: bytes, parts: list[str]) -> None:
    first, again = Sealer(KEY, BOT), Sealer(KEY, BOT)
    name = first.name("olm", *parts)
    assert again.name("olm", *parts) == name
    sealed = first.seal("olm", name, content)
    assert again.open("olm", name, sealed) == content
    assert len(content) < 8 or content not in sealed
    assert first.seal("olm", name, content) != sealed


@given(content=st.binary(max_size=100), place=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_a_row_of_which_one_bit_was_changed_does_not_open(content: bytes, place: int, bit: int) -> None:
    sealer = Sealer(KEY, BOT)
    name = sealer.name("olm")
    sealed = bytearray(sealer.seal("olm", name, content))
    sealed[place % len(sealed)] ^= 1 << bit
    with pytest.raises(RowTampered):
        sealer.open("olm", name, bytes(sealed))


@given(length=st.integers(0, 60))
def test_a_row_that_was_cut_off_does_not_open(length: int) -> None:
    sealer = Sealer(KEY, BOT)
    name = sealer.name("olm")
    with pytest.raises(RowTampered):
        sealer.open("olm", name, sealer.seal("olm", name, b"x" * 32)[:length])


def test_a_row_does_not_open_in_the_place_of_another() -> None:
    sealer = Sealer(KEY, BOT)
    name, other = sealer.name("inbound", "!a", "s"), sealer.name("inbound", "!b", "s")
    sealed = sealer.seal("inbound", name, b"x")
    for wrong, kind, place in (
        (sealer, "inbound", other),
        (sealer, "outbound", name),
        (Sealer(KEY, "@khac:x"), "inbound", name),
        (Sealer(KEY[::-1], BOT), "inbound", name),
    ):
        with pytest.raises(RowTampered):
            wrong.open(kind, place, sealed)


def test_names_tell_nothing_and_do_not_run_together() -> None:
    sealer = Sealer(KEY, BOT)
    names = {
        sealer.name("olm", "a", "b"),
        sealer.name("olm", "ab"),
        sealer.name("olm", "a", "b", ""),
        sealer.name("inbound", "a", "b"),
        Sealer(KEY, "@khac:x").name("olm", "a", "b"),
        Sealer(KEY[::-1], BOT).name("olm", "a", "b"),
    }
    assert len(names) == 6
    assert {len(sealer.name("olm", "x" * 100_000)), len(sealer.name("olm", "\0\ud800"))} == {16}


def test_a_sealer_shows_no_key() -> None:
    sealer = Sealer(KEY, BOT)
    assert KEY.hex() not in repr(sealer)
    assert sealer.pickle_key not in repr(sealer)
    with pytest.raises(ValueError, match="32 bytes"):
        Sealer(KEY[:16], BOT)
