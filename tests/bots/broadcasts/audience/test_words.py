"""The parser of the dialog's question: what it tells, offers and keeps."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from time import process_time

import pytest

from bots.broadcasts.audience import AudienceWords
from bots.broadcasts.audience.known import NamedList
from bots.broadcasts.audience.words import FRESH_FOR, MOST_CHARACTERS
from bots.broadcasts.model import Wanted
from bots.runtime.access import Caller
from bots.runtime.arguments import Ambiguous, Asking, NotUnderstood, Understood
from bots.testing.province import SmallDirectory, person
from huep.catalogue import Locale
from huep.directory.audience import Audience
from huep.directory.model import PersonKey
from tests.bots.broadcasts.audience.land import BY_CODE, KEYS, LISTS, PEOPLE, UNITS

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def asking(locale: Locale = Locale.VI, moment: datetime = NOW, reader: PersonKey | None = None) -> Asking:
    somebody = person("x", "X")
    return Asking(Caller(somebody if reader is None else replace(somebody, key=reader), None), locale, moment)


@pytest.fixture
def directory() -> SmallDirectory:
    return SmallDirectory(*PEOPLE, units=UNITS)


@pytest.fixture
def parser(directory: SmallDirectory) -> AudienceWords:
    return AudienceWords(directory, lambda: LISTS)


def test_words_are_understood_and_said_back(parser: AudienceWords) -> None:
    read = parser.read("lanh dao cac so tru so y te", asking())
    assert isinstance(read, Understood)
    assert read.value.words == "Lãnh đạo của các sở, trừ Sở Y tế"
    assert parser.written(read.value, Locale.VI) == read.value.words
    assert parser.written(read.value, Locale.EN) == "Heads and deputies of every sở, except Sở Y tế"


def test_what_can_be_meant_in_several_ways_is_a_choice_of_what_each_reaches(parser: AudienceWords) -> None:
    read = parser.read("các xã trừ A Lưới", asking())
    assert isinstance(read, Ambiguous)
    assert [choice.label for choice in read.choices] == [
        "Các xã, trừ các xã A Lưới",
        "Các xã, trừ Xã A Lưới 1",
        "Các xã, trừ Xã A Lưới 2",
        "Các xã, trừ Trung tâm Y tế khu vực A Lưới",
    ]
    assert [choice.value.words for choice in read.choices] == [choice.label for choice in read.choices]


@pytest.mark.parametrize(("locale", "told"), [(Locale.VI, "chưa hiểu"), (Locale.EN, "do not understand")])
def test_it_is_told_which_words_were_not_understood(parser: AudienceWords, locale: Locale, told: str) -> None:
    read = parser.read("các xã trừ hội phụ nữ, ban quân sự", asking(locale))
    assert isinstance(read, NotUnderstood)
    assert told in read.why
    assert "“hội phụ nữ”, “ban quân sự”" in read.why


@pytest.mark.parametrize("nothing", ["", "  ", "...", "?!"])
def test_nothing_is_nobody(parser: AudienceWords, nothing: str) -> None:
    assert parser.read(nothing, asking()) == NotUnderstood()


def test_an_audience_is_kept_over_a_restart(parser: AudienceWords, directory: SmallDirectory) -> None:
    read = parser.read("kế toán các trường, trừ Nam Đông và anh Tuấn", asking())
    values = [choice.value for choice in read.choices] if isinstance(read, Ambiguous) else [read.value]  # type: ignore[union-attr]
    for value in values:
        kept = json.loads(json.dumps(parser.dump(value)))
        assert AudienceWords(directory).load(kept, asking()) == value


def test_what_names_a_unit_that_is_there_no_more_has_to_be_said_anew(parser: AudienceWords) -> None:
    value = Wanted(Audience(excluding=(Audience(under=frozenset({"SNV"})),)), "Tất cả mọi người, trừ Sở Nội vụ")
    kept = parser.dump(value)
    assert parser.load(kept, asking()) == value
    without = SmallDirectory(units=[unit for unit in UNITS if unit.code != "SNV"])
    assert AudienceWords(without).load(kept, asking()) is None
    assert parser.load({"audience": {"under": []}, "words": ""}, asking()) is None


def test_a_new_unit_is_known_at_once_and_a_new_person_soon(parser: AudienceWords, directory: SmallDirectory) -> None:
    assert isinstance(parser.read("Sở Ngoại vụ", asking()), NotUnderstood)
    directory._units["SNGV"] = replace(BY_CODE["SNV"], code="SNGV", name="Sở Ngoại vụ", short_name="SNgV")
    assert isinstance(parser.read("Sở Ngoại vụ", asking()), Understood)
    directory.people.append(replace(PEOPLE[0], key=KEYS["khoa"], full_name="Ưng Bình Thúc"))
    assert isinstance(parser.read("Ưng Bình Thúc", asking(moment=NOW + 2 * FRESH_FOR)), Understood)


def test_words_by_chance_are_read_in_bounded_time(parser: AudienceWords) -> None:
    words = (
        "các",
        "tất cả",
        "trường",
        "phòng",
        "của",
        "thuộc",
        "Sở",
        "Nội vụ",
        ",",
        "và",
        "trừ",
        "lãnh đạo",
        "(",
        ")",
        ";",
    )
    chance = Random(1)
    parser.read("anh Tuấn", asking())
    for word in (*words, None):
        text = " ".join([word] * 60 if word else chance.choices(words, k=60))
        began = process_time()
        parser.read(text, asking())
        assert timedelta(seconds=process_time() - began) < timedelta(seconds=5), text


LAN = frozenset({KEYS["lan"]})


def people_read(parser: AudienceWords, words: str) -> frozenset[PersonKey] | None:
    read = parser.read(words, asking())
    return read.value.audience.people if isinstance(read, Understood) else None


@pytest.mark.parametrize("name", ["chủ tịch xã, phường", "Sở Nội vụ", "lãnh đạo các sở trừ Sở Y tế", "anh Tuấn"])
def test_a_list_is_meant_only_where_it_is_called_one(directory: SmallDirectory, name: str) -> None:
    parser = AudienceWords(directory, lambda: [NamedList(name, LAN, KEYS["minh"])])
    assert parser.read(name, asking()) == AudienceWords(directory).read(name, asking())
    assert people_read(parser, name) != LAN


@pytest.mark.parametrize("words", ["danh sách chủ tịch xã, phường", "nhóm Nòng cốt", "danh sách nhóm nong cot"])
def test_a_list_is_meant_where_it_is_called_one(directory: SmallDirectory, words: str) -> None:
    names = ("chủ tịch xã, phường", "Nhóm Nòng cốt")
    parser = AudienceWords(directory, lambda: [NamedList(name, LAN, KEYS["minh"]) for name in names])
    assert people_read(parser, words) == LAN


DUTY = {owner: one for one in LISTS if one.name == "Tổ ứng trực" for owner in KEYS if KEYS[owner] == one.owner}
"""The lists of one name, by whose they are."""


def test_own_lists_come_before_those_of_others(parser: AudienceWords) -> None:
    for owner, kept in DUTY.items():
        read = parser.read("danh sách tổ ứng trực", asking(reader=KEYS[owner]))
        assert isinstance(read, Understood)
        assert read.value.audience.people == kept.people


def test_a_name_that_several_others_gave_their_lists_is_a_choice_of_whose(parser: AudienceWords) -> None:
    read = parser.read("danh sách Tổ ứng trực", asking())
    assert isinstance(read, Ambiguous)
    assert {choice.label: choice.value.audience.people for choice in read.choices} == {
        "Danh sách Tổ ứng trực của Lê Quang Minh": DUTY["minh"].people,
        "Danh sách Tổ ứng trực của Nguyễn Đức Hải @hai-1": DUTY["hai-1"].people,
        "Danh sách Tổ ứng trực của Nguyễn Đức Hải @hai-2": DUTY["hai-2"].people,
    }


@pytest.mark.parametrize(
    ("words", "owner"),
    [
        ("danh sách Tổ ứng trực của Lê Quang Minh", "minh"),
        ("nhom to ung truc cua le quang minh", "minh"),
        ("danh sách Tổ ứng trực của Nguyễn Đức Hải @hai-2", "hai-2"),
    ],
)
def test_a_list_of_another_is_meant_by_whose_it_is_even_beside_an_own_one(
    parser: AudienceWords, words: str, owner: str
) -> None:
    read = parser.read(words, asking(reader=KEYS["hai-1"]))
    assert isinstance(read, Understood)
    assert read.value.audience.people == DUTY[owner].people


def test_a_list_whose_owner_left_can_still_be_meant(directory: SmallDirectory) -> None:
    gone = NamedList("Tổ 06", frozenset({KEYS["tuan"]}), KEYS["khoa"])
    parser = AudienceWords(directory, lambda: [NamedList("Tổ 06", LAN, KEYS["minh"]), gone])
    read = parser.read("danh sách Tổ 06", asking())
    assert isinstance(read, Ambiguous)
    for choice in read.choices:
        assert people_read(parser, choice.label) == choice.value.audience.people


def test_what_is_too_long_is_not_read_rather_than_without_its_end(parser: AudienceWords) -> None:
    named = ", ".join(["Sở Nội vụ"] * (MOST_CHARACTERS // 11))
    assert isinstance(parser.read(named, asking()), Understood)
    read = parser.read(f"{named}, Sở Tài chính, Sở Y tế, trừ anh Tuấn", asking())
    assert isinstance(read, NotUnderstood)
    assert "2.000" in read.why
