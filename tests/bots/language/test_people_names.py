"""People as colleagues speak of them, among 60,000 of them, and what hidden people change for who asks: nothing."""

import time
from collections.abc import Iterator
from random import Random
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.language.names.people import MOST_FOUND, Listed, PersonIndex
from bots.language.names.units import UnitIndex
from huep.names import fold
from tests.bots.language.test_unit_names import UNITS

NAMESPACE = UUID("00000000-0000-4000-8000-000000000000")
UNIT_BY_CODE = {unit.code: unit for unit in UNITS}
INDEX_OF_UNITS = UnitIndex(UNITS)


def listed(name: str, unit: str, position: str = "Chuyên viên", key: str = "") -> Listed:
    return Listed(uuid5(NAMESPACE, f"{name}/{unit}/{key}"), name, position, unit, UNIT_BY_CODE[unit].name)


PEOPLE = (
    listed("Nguyễn Văn An", "01.02"),
    listed("Nguyễn Thị An", "02.01"),
    listed("Trần Quốc Tuấn", "01.02"),
    listed("Lê Anh Tuân", "02.01"),
    listed("Phạm Thị Lan", "01.02"),
    listed("Hồ Thị Lan", "19777.01"),
    listed("Đặng Thị Hoà", "19777.01"),
    listed("Võ Thị Mỹ", "19789.01"),
    listed("Công Tằng Tôn Nữ Diệu Minh", "19789.01"),
    listed("Phan Hữu Minh", "02", "Giám đốc Sở"),
    listed("Cao Thu Hà", "02", "Phó Giám đốc Sở"),
    listed("Ngô Đình Phương", "19789", "Chủ tịch UBND phường"),
    listed("Bùi Công Sơn", "19777", "Chủ tịch UBND phường"),
    listed("Đỗ Thanh Hải", "19777", "Phó Chủ tịch UBND phường"),
    listed("Mai Văn Nam", "01.01", "Chánh Văn phòng"),
)
INDEX = PersonIndex(PEOPLE, INDEX_OF_UNITS)


def names(text: str) -> list[str]:
    return [person.full_name for person in INDEX.search(text).people]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Nguyễn Văn An", ["Nguyễn Văn An"]),
        ("nguyen van an", ["Nguyễn Văn An"]),
        ("anh An", ["Nguyễn Thị An", "Nguyễn Văn An"]),
        ("Văn An", ["Nguyễn Văn An"]),
        ("Nguyễn An", ["Nguyễn Thị An", "Nguyễn Văn An"]),
        ("An Nguyễn Văn", ["Nguyễn Văn An"]),
        ("Nguyễn V. An", ["Nguyễn Văn An"]),
        ("N.V. An", ["Nguyễn Văn An"]),
        ("NV An", ["Nguyễn Văn An"]),
        ("đ/c Phương", ["Ngô Đình Phương"]),
        ("đồng chí Phương", ["Ngô Đình Phương"]),
        ("Tuấn", ["Trần Quốc Tuấn"]),
        ("Tuân", ["Lê Anh Tuân"]),
        ("tuan", ["Lê Anh Tuân", "Trần Quốc Tuấn"]),
        ("chị Hòa", ["Đặng Thị Hoà"]),
        ("Mĩ", ["Võ Thị Mỹ"]),
        ("chị Lan phòng Tổ chức", ["Phạm Thị Lan"]),
        ("Lan Vỹ Dạ", ["Hồ Thị Lan"]),
        ("chi lan p. vy da", ["Hồ Thị Lan"]),
        ("GĐ Sở Y tế", ["Phan Hữu Minh"]),
        ("giám đốc SYT", ["Phan Hữu Minh"]),
        ("phó giám đốc sở y tế", ["Cao Thu Hà"]),
        ("chủ tịch phường Thuận Hoà", ["Ngô Đình Phương"]),
        ("CT phường Vỹ Dạ", ["Bùi Công Sơn"]),
        ("PCT UBND P. Vỹ Dạ", ["Đỗ Thanh Hải"]),
        ("chu tich phuong vy da", ["Bùi Công Sơn"]),
        ("Diệu Minh", ["Công Tằng Tôn Nữ Diệu Minh"]),
        ("anh Nam", ["Mai Văn Nam"]),
        ("Nguyễn Văn Không", []),
        ("anh", []),
        ("", []),
        ("N. V.", []),
    ],
)
def test_people_are_known_by_what_colleagues_call_them(text: str, meant: list[str]) -> None:
    assert names(text) == meant


def test_a_mark_that_nobody_bears_is_taken_for_a_slip() -> None:
    assert names("Phạm Thị Lán") == ["Phạm Thị Lan"]


def test_several_are_choices_with_position_and_unit_beside() -> None:
    found = INDEX.search("An")
    assert found.person is None
    assert {(one.position, one.unit_name) for one in found.people} == {
        ("Chuyên viên", "Văn phòng"),
        ("Chuyên viên", "Phòng Tổ chức biên chế"),
    }


def test_who_asks_sees_people_of_their_own_unit_first() -> None:
    assert [one.unit_code for one in INDEX.search("An", near_unit="02.01").people] == ["02.01", "01.02"]
    assert [one.unit_code for one in INDEX.search("An", near_unit="01.02").people] == ["01.02", "02.01"]


def test_a_hidden_person_is_as_one_who_does_not_exist() -> None:
    hidden = PEOPLE[4].key
    shown = INDEX.search("Lan", lambda one: one.key != hidden)
    without = PersonIndex([one for one in PEOPLE if one.key != hidden], INDEX_OF_UNITS)
    assert shown == without.search("Lan")
    assert INDEX.search("Phạm Thị Lan", lambda one: one.key != hidden) == without.search("Phạm Thị Lan")


def province() -> Iterator[Listed]:
    chance = Random(1)
    families = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Võ", "Đặng", "Bùi", "Hồ", "Tôn Thất")
    middles = ("Văn", "Thị", "Hữu", "Quang", "Ngọc", "Minh", "Thị Thanh", "Thị Thu", "Đình", "Xuân")
    givens = (
        "Hùng",
        "Tuấn",
        "Minh",
        "Hải",
        "Lan",
        "Hương",
        "Hoa",
        "Hà",
        "Thảo",
        "Trang",
        "An",
        "Bình",
        "Phương",
        "Sơn",
    )
    leaves = [unit.code for unit in UNITS if unit.level == 2]
    for number in range(60_000):
        name = f"{chance.choice(families)} {chance.choice(middles)} {chance.choice(givens)}"
        yield listed(name, chance.choice(leaves), key=str(number))


def test_sixty_thousand_people_are_searched_within_milliseconds() -> None:
    everybody = PersonIndex(province(), INDEX_OF_UNITS)
    asked = ("Nguyễn Văn An", "anh Minh", "tran thi thanh huong", "N.V. An", "chị Lan phòng Tổ chức", "Tôn Thất Bình")
    for text in asked:
        everybody.search(text)
    started = time.process_time()
    for text in asked:
        for typed in (text, fold(text)):
            found = everybody.search(typed)
            assert 0 < len(found.people) <= MOST_FOUND and found.more
    assert (time.process_time() - started) / (2 * len(asked)) < 0.05


@given(st.text(max_size=400))
def test_no_text_breaks_it(text: str) -> None:
    INDEX.search(text)


@given(st.sampled_from(PEOPLE))
def test_everybody_is_found_under_their_own_name(person: Listed) -> None:
    for text in (person.full_name, fold(person.full_name), person.full_name.upper(), f"Đ/c {person.full_name}"):
        assert INDEX.search(text).person == person
