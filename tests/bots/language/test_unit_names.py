"""Units as people call them: abbreviations, without diacritics, without the word that says what they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.language.names.units import UnitIndex
from huep.directory.model import Unit, UnitKind
from huep.names import fold

UNITS = (
    Unit("H57", "UBND thành phố Huế", "UBND TP", UnitKind.PROVINCE, 0, None),
    Unit("01", "Sở Nội vụ", "Sở NV", UnitKind.DEPARTMENT, 1, "H57"),
    Unit("01.01", "Văn phòng", "VP", UnitKind.OFFICE, 2, "01"),
    Unit("01.02", "Phòng Tổ chức biên chế", "P. TCBC", UnitKind.OFFICE, 2, "01"),
    Unit("02", "Sở Y tế", "SYT", UnitKind.DEPARTMENT, 1, "H57"),
    Unit("02.01", "Văn phòng", "VP", UnitKind.OFFICE, 2, "02"),
    Unit("03", "Sở Giáo dục và Đào tạo", "Sở GD&ĐT", UnitKind.DEPARTMENT, 1, "H57"),
    Unit("04", "Sở Văn hoá và Thể thao", "Sở VH&TT", UnitKind.DEPARTMENT, 1, "H57"),
    Unit("05", "Trung tâm Thông tin và Truyền thông", "TT TT&TT", UnitKind.CENTRE, 1, "H57"),
    Unit("19777", "Phường Vỹ Dạ", "Vỹ Dạ", UnitKind.WARD, 1, "H57"),
    Unit("19789", "Phường Thuận Hoá", "Thuận Hoá", UnitKind.WARD, 1, "H57"),
    Unit("19777.01", "Phòng Kinh tế, Hạ tầng và Đô thị", "P. KTHTĐT", UnitKind.OFFICE, 2, "19777"),
    Unit("19789.01", "Phòng Kinh tế, Hạ tầng và Đô thị", "P. KTHTĐT", UnitKind.OFFICE, 2, "19789"),
    Unit("19999", "Xã Phú Lộc", "Phú Lộc", UnitKind.COMMUNE, 1, "H57"),
    Unit("19999.01", "Trường THCS Lộc Trì", "THCS Lộc Trì", UnitKind.SCHOOL, 2, "19999"),
)
INDEX = UnitIndex(UNITS)


def codes(text: str) -> list[str]:
    return [unit.code for unit in INDEX.search(text)]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Phường Vỹ Dạ", ["19777"]),
        ("vy da", ["19777"]),
        ("Vĩ Dạ", ["19777"]),
        ("P. Vỹ Dạ", ["19777"]),
        ("p.vỹ dạ", ["19777"]),
        ("UBND phường Vỹ Dạ", ["19777"]),
        ("UBND P Vỹ Dạ", ["19777"]),
        ("phường Thuận Hòa", ["19789"]),
        ("Thuận Hóa", ["19789"]),
        ("X. Phú Lộc", ["19999"]),
        ("UBND xã Phú Lộc", ["19999"]),
        ("Sở NV", ["01"]),
        ("snv", ["01"]),
        ("so noi vu", ["01"]),
        ("SYT", ["02"]),
        ("S. Y tế", ["02"]),
        ("Sở GD&ĐT", ["03"]),
        ("so gddt", ["03"]),
        ("Sở Giáo dục Đào tạo", ["03"]),
        ("Sở VHTT", ["04"]),
        ("TT TT&TT", ["05"]),
        ("trung tâm thông tin truyền thông", ["05"]),
        ("UBND TP", ["H57"]),
        ("UBND thành phố Huế", ["H57"]),
        ("phòng tổ chức", ["01.02"]),
        ("P. TCBC", ["01.02"]),
        ("trường trung học cơ sở Lộc Trì", ["19999.01"]),
        ("VP", ["01.01", "02.01"]),
        ("phòng kinh tế hạ tầng", ["19777.01", "19789.01"]),
        ("Sở Ngoại giao", []),
        ("", []),
        ("???", []),
    ],
)
def test_units_are_known_by_what_people_call_them(text: str, meant: list[str]) -> None:
    assert codes(text) == meant
    assert codes(fold(text)) == meant


def test_several_of_one_name_are_choices_that_their_path_tells_apart() -> None:
    paths = {" › ".join(above.short_name for above in INDEX.path(unit)) for unit in INDEX.search("văn phòng")}
    assert paths == {"UBND TP › Sở NV › VP", "UBND TP › SYT › VP"}


def test_units_are_found_within_a_sentence() -> None:
    text = "Việc trễ hạn của UBND phường Vỹ Dạ và Sở GD&ĐT tháng này"
    found = INDEX.find(text)
    assert [(text[one.begin : one.end], one.unit and one.unit.code) for one in found] == [
        ("UBND phường Vỹ Dạ", "19777"),
        ("Sở GD&ĐT", "03"),
    ]
    assert INDEX.find("các anh chị xem giúp văn bản này") == ()


def test_a_hidden_unit_is_as_one_that_does_not_exist() -> None:
    def may_see(unit: Unit) -> bool:
        return unit.code != "01.02"

    assert INDEX.search("phòng tổ chức biên chế", may_see) == INDEX.search("phòng không có thật", may_see) == ()
    assert INDEX.find("hỏi phòng tổ chức biên chế", may_see) == ()
    assert [unit.code for unit in INDEX.search("VP", lambda unit: unit.code != "02.01")] == ["01.01"]


@given(st.text(max_size=400))
def test_no_text_breaks_it(text: str) -> None:
    INDEX.search(text)
    for found in INDEX.find(text):
        assert text[found.begin : found.end].strip() and found.choices


@given(st.sampled_from(UNITS))
def test_every_unit_is_found_under_its_own_name(unit: Unit) -> None:
    for name in (unit.name, unit.short_name):
        for text in (name, name.upper(), fold(name)):
            assert unit in INDEX.search(text)
