"""Picking whom an announcement is for: turns of talk, with numbers alone and with words between them."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.broadcasts.audience import AudienceWords
from bots.broadcasts.audience.picking import Picking, Place, dump_picking
from bots.broadcasts.audience.words import read_audience
from bots.broadcasts.model import Wanted
from bots.runtime.access import Caller
from bots.runtime.arguments import Ambiguous, Asking, Kept, Nearer, NotUnderstood, Understood
from bots.testing.province import SmallDirectory, person
from huep.catalogue import Locale
from huep.directory.model import Scope, UnitKind
from tests.bots.broadcasts.audience.land import BY_CODE, LISTS, PEOPLE, UNITS, known
from tests.bots.broadcasts.audience.test_words import NOW

DIRECTORY = SmallDirectory(*PEOPLE, units=UNITS)
PARSER = AudienceWords(DIRECTORY, lambda: LISTS)
PROVINCE = tuple(BY_CODE)
HEALTH = tuple(code for code in BY_CODE if code.startswith("SYT"))


def asking(*seen: str, locale: Locale = Locale.VI) -> Asking:
    return Asking(Caller(person("x", "X"), None, scope=Scope(frozenset(seen), frozenset())), locale, NOW)


class Talk:
    """What one person picks."""

    def __init__(self, *seen: str, locale: Locale = Locale.VI) -> None:
        self.asking = asking(*seen, locale=locale)
        self.place: Kept | None = None

    def says(self, *said: str) -> str:
        """The words of whom that comes to; the menu that is shown next, where it comes to nobody yet."""
        for one in said:
            read = PARSER.answer(one, self.place, self.asking)
            match read:
                case Nearer(place):
                    self.place = place
                case Understood(value):
                    return value.words
                case Ambiguous(choices):
                    return " / ".join(choice.label for choice in choices)
                case NotUnderstood(why):
                    return why
        return self.shown

    @property
    def shown(self) -> str:
        menu = PARSER.menu(self.place, self.asking)
        return "\n".join((menu.question, *(f"{at}. {one}" for at, one in enumerate(menu.choices, 1))))

    def labelled(self, *labels: str) -> str:
        """Chooses the lines that begin so, by their numbers."""
        for label in labels:
            choices = PARSER.menu(self.place, self.asking).choices
            numbers = [str(at) for at, one in enumerate(choices, 1) if one.startswith(tuple(label.split(" + ")))]
            assert len(numbers) == len(label.split(" + ")), (label, choices)
            answer = self.says(", ".join(numbers))
        return answer


MINE, UNIT, RANK, LIST = "Tất cả trong", "Chọn đơn vị", "Chọn lãnh đạo", "Chọn danh sách"
DONE, MORE, THERE, WITHOUT = "Xong", "Thêm đơn vị", "Chỉ lãnh đạo", "Bỏ bớt"


@pytest.mark.parametrize(
    ("seen", "turns", "meant"),
    [
        (PROVINCE, (MINE, DONE), "Tất cả mọi người"),
        (HEALTH, (MINE, DONE), "Sở Y tế"),
        (("SNV", "VYDA"), (MINE, DONE), "Phường Vỹ Dạ, Sở Nội vụ"),
        (HEALTH, (UNIT, "Toàn bộ", DONE), "Sở Y tế"),
        (HEALTH, (UNIT, "Bệnh viện Mắt", "Khoa Nội", DONE), "Khoa Nội"),
        (HEALTH, (UNIT, "Bệnh viện Mắt + Bệnh viện Phổi", DONE), "Các bệnh viện"),
        (HEALTH, (UNIT, "Bệnh viện Mắt", "Quay lại", MINE, DONE), "Sở Y tế"),
        (HEALTH, (UNIT, "Bệnh viện Phổi", MORE, "Trung tâm", DONE), "Bệnh viện Phổi, Trung tâm Y tế khu vực A Lưới"),
        (PROVINCE, (UNIT, "các xã", "Tất cả các xã", DONE), "Các xã"),
        (PROVINCE, (UNIT, "các xã + các phường", DONE), "Các xã, phường"),
        (PROVINCE, (UNIT, "các xã + các phường", THERE, "Chủ tịch", DONE), "Chủ tịch thuộc các xã, phường"),
        (PROVINCE, (UNIT, "các xã", "Xã Nam Đông", "Phòng Kinh tế", DONE), "Phòng Kinh tế thuộc Xã Nam Đông"),
        (PROVINCE, (RANK, "Lãnh đạo", DONE), "Lãnh đạo"),
        (HEALTH, (RANK, "Cấp phó + Trưởng phòng", DONE), "Cấp phó thuộc Sở Y tế, cùng trưởng phòng thuộc Sở Y tế"),
        (HEALTH, (LIST, "Tổ công tác", DONE), "Danh sách Tổ công tác Đề án 06"),
        (HEALTH, (MINE, WITHOUT, RANK, "Lãnh đạo", DONE), "Sở Y tế, trừ lãnh đạo"),
        (
            HEALTH,
            (MINE, WITHOUT, UNIT, "Bệnh viện Mắt + Bệnh viện Phổi", DONE),
            "Sở Y tế, trừ các bệnh viện",
        ),
        (HEALTH, (MINE, WITHOUT, LIST, "Tổ công tác", DONE), "Sở Y tế, trừ danh sách Tổ công tác Đề án 06"),
        (HEALTH, (MINE, "Chọn lại", UNIT, "Bệnh viện Phổi", DONE), "Bệnh viện Phổi"),
    ],
)
def test_numbers_alone_lead_to_whom_it_is_for(seen: tuple[str, ...], turns: tuple[str, ...], meant: str) -> None:
    assert Talk(*seen).labelled(*turns) == meant


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (("Sở Nội vụ",), "Sở Nội vụ"),
        (("2", "Sở Nội vụ"), "Sở Nội vụ"),
        (("1", "Sở Nội vụ", "xong"), "Sở Nội vụ, Sở Y tế"),
        (("1", "5", "lãnh đạo", "Xong ạ"), "Sở Y tế, trừ lãnh đạo"),
        (("1", "5", "1", "Bệnh viện Mắt", "xong"), "Sở Y tế, trừ Bệnh viện Mắt"),
        (
            ("1", "5", "các xã trừ Nam Đông"),
            "Không gửi cho những ai? Gõ một số, hoặc nhiều số như “1, 3”; gõ tên cũng được:",
        ),
        (
            ("1", "5", "các xã trừ Nam Đông; lãnh đạo Sở Nội vụ"),
            "Không gửi cho những ai? Gõ một số, hoặc nhiều số như “1, 3”; gõ tên cũng được:",
        ),
        (("các xã trừ Nam Đông",), "Các xã, trừ Xã Nam Đông"),
        (("1", "Phòng Kinh tế"), "Sở Y tế, Phòng Kinh tế thuộc Xã A Lưới 1 / Sở Y tế, Phòng Kinh tế thuộc Xã Nam Đông"),
        (
            ("hội phụ nữ",),
            "Tôi chưa hiểu “hội phụ nữ” là ai. Bạn viết lại giúp, ví dụ: chủ tịch các xã, phường, trừ Vỹ Dạ.",
        ),
        (("xong",), "Bạn chưa chọn ai."),
        (("2", "xong"), "Bạn chưa chọn ai."),
        (("9",), "Trong danh sách không có số đó, hoặc những số đó không chọn cùng lúc được."),
        (("0",), "Trong danh sách không có số đó, hoặc những số đó không chọn cùng lúc được."),
        (("1, 2",), "Trong danh sách không có số đó, hoặc những số đó không chọn cùng lúc được."),
    ],
)
def test_words_are_taken_at_every_place(said: tuple[str, ...], answer: str) -> None:
    assert Talk(*HEALTH).says(*said) == answer


def test_what_is_shown_says_what_was_picked_and_what_follows() -> None:
    talk = Talk(*HEALTH)
    assert talk.shown.splitlines() == [
        "",
        "1. Tất cả trong phạm vi của tôi: Sở Y tế",
        "2. Chọn đơn vị",
        "3. Chọn lãnh đạo, chức vụ",
        "4. Chọn danh sách đã lưu",
    ]
    assert talk.says("2", "2 và 3").splitlines()[:4] == [
        "Đã chọn: Các đơn vị cấp phòng thuộc Sở Y tế.",
        "Gõ một số, hoặc nhiều số như “1, 3”; gõ tên cũng được:",
        "1. Xong, gửi cho những người này",
        "2. Thêm đơn vị",
    ]
    assert talk.says("chọn") == talk.shown


def test_nobody_picks_what_lies_outside_of_their_scope() -> None:
    assert "Nội vụ" not in Talk(*HEALTH).says("2")
    assert "Phòng" not in Talk("VYDA").says("2"), "who has a post in a unit alone does not see what lies below"


def test_who_stood_in_a_unit_that_is_there_no_more_begins_anew() -> None:
    talk = Talk(*HEALTH)
    talk.labelled(UNIT, "Bệnh viện Mắt")
    talk.asking = asking("SNV")
    assert "Sở Nội vụ" in talk.shown
    talk.labelled(MINE)
    without = AudienceWords(SmallDirectory(units=[unit for unit in UNITS if unit.code != "SNV"]))
    assert without.answer("xong", talk.place, talk.asking) == NotUnderstood("Bạn chưa chọn ai.")


def test_who_sees_no_unit_picks_nobody_of_them() -> None:
    talk = Talk()
    assert talk.shown.splitlines() == ["", "1. Chọn danh sách đã lưu"]
    talk.labelled(LIST, "Tổ công tác", WITHOUT, RANK)
    assert "Lãnh đạo" in talk.shown
    talk.place = dump_picking(Picking(Place.RANKS))
    assert talk.shown.splitlines()[1:] == ["1. Quay lại"]


def test_of_a_kind_that_has_no_unit_any_more_there_is_nobody_to_pick() -> None:
    talk = Talk(*PROVINCE)
    talk.labelled(UNIT, "các xã")
    without = AudienceWords(SmallDirectory(*PEOPLE, units=[one for one in UNITS if one.kind is not UnitKind.COMMUNE]))
    assert without.menu(talk.place, talk.asking).choices == ("Quay lại",)


def test_a_title_that_is_no_known_position_is_not_offered() -> None:
    class Untitled(SmallDirectory):
        def positions(self) -> tuple[tuple[str, str], ...]:
            return ()

    parser = AudienceWords(Untitled(*PEOPLE, units=UNITS))
    choices = parser.menu(dump_picking(Picking(Place.RANKS)), asking(*PROVINCE)).choices
    assert choices == ("Lãnh đạo", "Cấp trưởng", "Cấp phó", "Người không giữ chức vụ", "Quay lại")


def test_it_speaks_english_too() -> None:
    talk = Talk(*HEALTH, locale=Locale.EN)
    assert "Everybody in my scope: Sở Y tế" in talk.shown
    talk.says("1")
    assert talk.says("1") == "Sở Y tế", "the words of an announcement stay Vietnamese"


def turns() -> Iterator[str]:
    yield from map(str, range(1, 12))
    yield from ("1, 2", "2, 4", "3 5", "Sở Nội vụ", "lãnh đạo")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(list(turns())), max_size=12), st.sampled_from([PROVINCE, HEALTH, ("SNV", "VYDA")]))
def test_whatever_is_picked_is_said_and_read_as_the_same(said: list[str], seen: tuple[str, ...]) -> None:
    talk = Talk(*seen)
    for one in [*said, "xong"]:
        read = PARSER.answer(one, talk.place, talk.asking)
        if isinstance(read, Nearer):
            talk.place = read.place
            assert PARSER.menu(talk.place, talk.asking).choices
        if isinstance(read, Understood):
            wanted = read.value
            assert PARSER.load(PARSER.dump(wanted), talk.asking) == wanted
            assert Wanted(wanted.audience, wanted.words) == wanted
            assert wanted.audience in read_audience(wanted.words, known()), wanted
