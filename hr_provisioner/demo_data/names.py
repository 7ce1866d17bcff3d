"""Vietnamese names in their real proportions, with those that only Huế has."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from random import Random


class Gender(StrEnum):
    """Giới tính, as the register writes it."""

    MALE = "Nam"
    FEMALE = "Nữ"


SHARE_OF_WOMEN = 0.56
"""Schools and health stations carry it above one half."""

# In percent of the population; Hoàng with Huỳnh and Vũ with Võ are one name each, split as Huế writes them.
SURNAMES: dict[str, float] = {
    "Nguyễn": 38.0, "Trần": 11.0, "Lê": 9.5, "Phạm": 7.0, "Hoàng": 3.6, "Huỳnh": 1.4, "Phan": 4.5, "Võ": 2.6,
    "Vũ": 1.3, "Đặng": 2.1, "Bùi": 2.0, "Hồ": 2.2, "Đỗ": 1.4, "Ngô": 1.3, "Dương": 1.0, "Trương": 1.6, "Lý": 0.5,
    "Đoàn": 0.9, "Cao": 0.8, "Đinh": 0.7, "Mai": 0.7, "Hà": 0.7, "Châu": 0.5, "Văn": 0.5, "Thái": 0.4, "Lương": 0.4,
    "Tạ": 0.3, "Lâm": 0.3, "Phùng": 0.3, "Tống": 0.3, "Đào": 0.4, "La": 0.2, "Kiều": 0.2, "Trịnh": 0.3, "Tôn": 0.9,
}  # fmt: skip
ROYAL = "Tôn"
"""Stands for the branches of the Nguyễn house: Tôn Thất for men, Tôn Nữ and its longer form for women."""
ROYAL_LONG_SHARE = 0.3

MALE_MIDDLES: dict[str, float] = {
    "Văn": 26, "Hữu": 8, "Đức": 7, "Quang": 6, "Minh": 6, "Ngọc": 5, "Đình": 6, "Xuân": 4, "Thanh": 4, "Viết": 4,
    "Quốc": 4, "Công": 3, "Bá": 3, "Trọng": 2.5, "Duy": 2.5, "Anh": 2, "Hoàng": 2, "Phước": 2, "Khắc": 1.5, "": 3,
}  # fmt: skip
FEMALE_MIDDLES: dict[str, float] = {
    "Thị": 44, "Thị Thu": 4, "Thị Thanh": 4, "Thị Kim": 3, "Thị Mỹ": 2.5, "Thị Ngọc": 3, "Thị Hồng": 3,
    "Thị Minh": 2.5, "Thị Diệu": 2.5, "Thị Hoài": 2, "Thị Phương": 2.5, "Thị Như": 1.5, "Thị Bích": 2, "Ngọc": 4,
    "Thanh": 3, "Thu": 2, "Phương": 3, "Thùy": 2, "Minh": 2, "Diệu": 2, "Hoài": 1.5, "Khánh": 2, "Quỳnh": 2,
}  # fmt: skip
MALE_GIVEN: dict[str, float] = {
    "Hùng": 4.5, "Tuấn": 4.3, "Dũng": 4, "Minh": 3.6, "Hải": 3.4, "Anh": 3, "Long": 2.6, "Sơn": 3, "Thành": 3,
    "Bình": 2.6, "Cường": 2.8, "Hoàng": 2.4, "Nam": 2.4, "Thắng": 2.4, "Đức": 2.4, "Huy": 2.6, "Phong": 2, "Quang": 2.2,
    "Trung": 2.4, "Tâm": 1.8, "Tùng": 1.8, "Vinh": 1.9, "Hiếu": 2.2, "Kiên": 1.4, "Khoa": 1.5, "Lâm": 1.4, "Linh": 1.2,
    "Lợi": 1.4, "Mạnh": 1.3, "Nghĩa": 1.6, "Nhân": 1.7, "Phúc": 1.8, "Phước": 1.6, "Quân": 1.6, "Quốc": 1.5, "Tài": 1.6,
    "Tân": 1.3, "Thịnh": 1.5, "Thọ": 1.1, "Tiến": 2.1, "Toàn": 1.8, "Trí": 1.4, "Tú": 1.4, "Việt": 1.6, "Vũ": 1.6,
    "An": 1.2, "Bảo": 1.4, "Đạt": 1.5, "Duy": 1.4, "Hưng": 2.2, "Khánh": 1.4, "Hòa": 1.4, "Châu": 1, "Thanh": 1.6,
}  # fmt: skip
FEMALE_GIVEN: dict[str, float] = {
    "Hương": 3.6, "Lan": 3.2, "Hoa": 2.6, "Hà": 3.4, "Hạnh": 3.2, "Nga": 2.4, "Hằng": 3, "Thủy": 3.2, "Thảo": 3.2,
    "Trang": 3.4, "Phương": 3.4, "Linh": 3.2, "Ngọc": 2.6, "Mai": 2.8, "Anh": 3, "Nhung": 2.4, "Hiền": 3.2, "Yến": 2.2,
    "Vân": 2.6, "Liên": 2, "Loan": 2, "Oanh": 2, "Quyên": 1.8, "Tuyết": 1.8, "Thu": 2, "Thúy": 2, "Tâm": 1.8, "My": 1.5,
    "Nhi": 2.4, "Nhàn": 1.2, "Như": 1.6, "Ánh": 1.6, "Bích": 1.2, "Chi": 1.6, "Cúc": 1, "Diễm": 1.1, "Dung": 2.2,
    "Giang": 1.7, "Hồng": 2, "Huệ": 1.6, "Huyền": 2.2, "Lài": 0.8, "Lý": 1, "Minh": 1.4, "Na": 1, "Phượng": 1.8,
    "Sương": 1.2, "Thơ": 1.2, "Tiên": 1.4, "Trâm": 1.8, "Trinh": 1.8, "Uyên": 1.8, "Vy": 1.6, "Xuân": 1.6, "Châu": 1.4,
}  # fmt: skip


@dataclass(frozen=True)
class Naming:
    """A full name and whose it is."""

    full_name: str
    gender: Gender


class _Pool:
    def __init__(self, shares: dict[str, float]) -> None:
        self._values = list(shares)
        self._cumulative = list(accumulate(shares.values()))

    def draw(self, random: Random, count: int) -> list[str]:
        return random.choices(self._values, cum_weights=self._cumulative, k=count)


def draw_names(random: Random, count: int) -> list[Naming]:
    """So many names, namesakes included as they fall."""
    surnames = _Pool(SURNAMES).draw(random, count)
    middles = {Gender.MALE: _Pool(MALE_MIDDLES), Gender.FEMALE: _Pool(FEMALE_MIDDLES)}
    givens = {Gender.MALE: _Pool(MALE_GIVEN), Gender.FEMALE: _Pool(FEMALE_GIVEN)}
    names = []
    for surname in surnames:
        gender = Gender.FEMALE if random.random() < SHARE_OF_WOMEN else Gender.MALE
        given = givens[gender].draw(random, 1)[0]
        middle = middles[gender].draw(random, 1)[0]
        while given in middle.split():
            given = givens[gender].draw(random, 1)[0]
        family = surname if surname != ROYAL else _royal(random, gender)
        if surname == ROYAL:
            # The house's own name already says man or woman.
            middle = middle.removeprefix("Thị").removeprefix("Văn").strip()
        names.append(Naming(" ".join(part for part in (family, middle, given) if part), gender))
    return names


def _royal(random: Random, gender: Gender) -> str:
    if gender is Gender.MALE:
        return "Tôn Thất"
    return "Công Tằng Tôn Nữ" if random.random() < ROYAL_LONG_SHARE else "Tôn Nữ"
