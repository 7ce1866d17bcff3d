"""Finding people by words, and nobody whom the rules hide."""

import pytest

from synapse_modules.colleagues import Colleague, Posts, unknown
from synapse_modules.directory_rules.index import Entry, Index, entry, search
from synapse_modules.directory_rules.rules import Policy
from synapse_modules.projection import RegisterStatus

ACTIVE = RegisterStatus.ACTIVE
POLICY = Policy(services=frozenset({"tro-ly"}), hidden_units=frozenset({"TT"}), red_list=Posts(level=0))


def person(localpart: str, name: str, *units: str, position: str = "Chuyên viên", unit: str = "Sở Y tế") -> Entry:
    standing = "head" if position == "Chủ tịch" else "staff"
    return entry(Colleague(localpart, ACTIVE, ("TINH", *units), len(units), standing, position), name, unit)


AN = Colleague("an-k1", ACTIVE, ("TINH", "SYT"), 1, "staff", "Chuyên viên")
ENTRIES = [
    person("nguyen-van-anh-k2", "Nguyễn Văn Anh", "PHUONG", unit="Phường An Cựu"),
    person("nguyen-van-anh-k3", "Nguyễn Văn Ánh", "SYT"),
    person("tran-anh-k4", "Trần Anh", "SYT", position="Bác sĩ"),
    person("le-duc-k5", "Lê Đức", "SYT", position="Giám đốc"),
    person("an-k1", "Bùi An", "SYT"),
    person("chu-tich-k6", "Nguyễn Văn Anh", position="Chủ tịch", unit="UBND thành phố"),
    person("nguyen-van-anh-k7", "Nguyễn Văn Anh", "SYT", "TT", unit="Thanh tra"),
    entry(unknown("tro-ly"), "Trợ lý HueP", None),
]


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("Nguyễn Văn Anh", ["nguyen-van-anh-k3", "nguyen-van-anh-k2"]),
        ("nguyen van anh", ["nguyen-van-anh-k3", "nguyen-van-anh-k2"]),
        ("NGUYỄN anh", ["nguyen-van-anh-k3", "nguyen-van-anh-k2"]),
        ("ngu", ["nguyen-van-anh-k3", "nguyen-van-anh-k2"]),
        ("guyen", []),
        ("anh bac si", ["tran-anh-k4"]),
        ("anh phường an cựu", ["nguyen-van-anh-k2"]),
        ("giam doc so y te", ["le-duc-k5"]),
        ("Đức", ["le-duc-k5"]),
        ("an", ["nguyen-van-anh-k3", "tran-anh-k4", "nguyen-van-anh-k2"]),
        ("@tran-anh-k4:hue.localhost", ["tran-anh-k4"]),
        ("chủ tịch", []),
        ("thanh tra", []),
        ("tro ly", ["tro-ly"]),
        ("bui an", []),
        ("", []),
        (" - ", []),
    ],
)
def test_all_words_from_their_beginnings_the_own_unit_first(term: str, expected: list[str]) -> None:
    found = search(Index(ENTRIES), AN, term, 10, POLICY)
    assert list(found.localparts) == expected
    assert not found.limited


def test_hidden_people_take_nobodys_place() -> None:
    hidden = [person(f"a-k{number}", "Anh", "SYT", "TT") for number in range(20)]
    found = search(Index([*hidden, *ENTRIES]), AN, "nguyễn anh", 2, POLICY)
    assert found.localparts == ("nguyen-van-anh-k3", "nguyen-van-anh-k2")
    assert not found.limited
    assert search(Index(ENTRIES), AN, "anh", 1, POLICY).limited


def test_a_stranger_finds_services_alone() -> None:
    assert search(Index(ENTRIES), unknown("stranger"), "nguyen", 10, POLICY).localparts == ()
    assert search(Index(ENTRIES), unknown("stranger"), "huep", 10, POLICY).localparts == ("tro-ly",)


def test_an_empty_directory_has_nobody() -> None:
    assert search(Index(), AN, "an", 10, POLICY).localparts == ()
