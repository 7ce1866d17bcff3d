"""Names taken to one form: folded, abbreviations of the administration written out, small words left out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product

from bots.language.spelling import folded_key

MOST_CHARACTERS = 300
"""Nobody has a longer name; work stays bounded."""
_MOST_VARIANTS = 16
_PIECE = re.compile(r"[^\W_]+(?:[&/][^\W_]+)*")
_SMALL_WORDS = frozenset({"va", "cua"})

_ABBREVIATIONS: dict[str, tuple[str, ...]] = {
    "ubnd": ("uỷ ban nhân dân",),
    "ub": ("uỷ ban nhân dân", "uỷ ban"),
    "hdnd": ("hội đồng nhân dân",),
    "mttq": ("mặt trận tổ quốc",),
    "ubmttq": ("uỷ ban mặt trận tổ quốc",),
    "tt&tt": ("thông tin truyền thông",),
    "tttt": ("thông tin truyền thông",),
    "gd&dt": ("giáo dục đào tạo",),
    "gddt": ("giáo dục đào tạo",),
    "ldtbxh": ("lao động thương binh xã hội",),
    "ldtb&xh": ("lao động thương binh xã hội",),
    "ld&tbxh": ("lao động thương binh xã hội",),
    "vh&tt": ("văn hoá thể thao", "văn hoá thông tin"),
    "vhtt": ("văn hoá thể thao", "văn hoá thông tin"),
    "vhttdl": ("văn hoá thể thao du lịch",),
    "vhxh": ("văn hoá xã hội",),
    "vh&xh": ("văn hoá xã hội",),
    "kh&cn": ("khoa học công nghệ",),
    "khcn": ("khoa học công nghệ",),
    "kh&dt": ("kế hoạch đầu tư",),
    "khdt": ("kế hoạch đầu tư",),
    "tn&mt": ("tài nguyên môi trường",),
    "tnmt": ("tài nguyên môi trường",),
    "nn&mt": ("nông nghiệp môi trường",),
    "nnmt": ("nông nghiệp môi trường",),
    "nn&ptnt": ("nông nghiệp phát triển nông thôn",),
    "gtvt": ("giao thông vận tải",),
    "ktht": ("kinh tế hạ tầng",),
    "tckh": ("tài chính kế hoạch",),
    "tcbc": ("tổ chức biên chế",),
    "tccb": ("tổ chức cán bộ",),
    "cntt": ("công nghệ thông tin",),
    "hcc": ("hành chính công",),
    "bql": ("ban quản lý",),
    "kcn": ("khu công nghiệp",),
    "kkt": ("khu kinh tế",),
    "nv": ("nội vụ",),
    "tc": ("tài chính", "tổ chức"),
    "yt": ("y tế",),
    "xd": ("xây dựng",),
    "ct": ("công thương",),
    "dl": ("du lịch",),
    "vp": ("văn phòng",),
    "vpub": ("văn phòng uỷ ban nhân dân",),
    "p": ("phường", "phòng"),
    "x": ("xã",),
    "s": ("sở",),
    "q": ("quận",),
    "h": ("huyện",),
    "tp": ("thành phố", "tư pháp"),
    "tt": ("trung tâm", "thị trấn"),
    "tx": ("thị xã",),
    "cc": ("chi cục",),
    "bv": ("bệnh viện",),
    "tyt": ("trạm y tế",),
    "ttyt": ("trung tâm y tế",),
    "mn": ("mầm non",),
    "th": ("tiểu học",),
    "thcs": ("trung học cơ sở",),
    "thpt": ("trung học phổ thông",),
}


@dataclass(frozen=True)
class Word:
    """One word of a text with its place, folded."""

    key: str
    text: str
    begin: int
    end: int


def words(text: str) -> tuple[Word, ...]:
    """The words of the first MOST_CHARACTERS; `TT&TT` and `đ/c` are one word each, small words are left out."""
    found = []
    for piece in _PIECE.finditer(text[:MOST_CHARACTERS]):
        key = folded_key(piece[0])
        if key and key not in _SMALL_WORDS:
            found.append(Word(key, piece[0], piece.start(), piece.end()))
    return tuple(found)


def variants(keys: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The words with abbreviations written out, in each way that they can be; first as they stand."""
    options = [((key,), *_WRITTEN_OUT.get(key, ())) for key in keys]
    for combination in islice(product(*options), _MOST_VARIANTS):
        yield tuple(word for part in combination for word in part)


def initials(keys: tuple[str, ...]) -> str:
    """`("so", "noi", "vu")` -> `"snv"`."""
    return "".join(key[0] for key in keys)


_WRITTEN_OUT = {
    short: tuple(tuple(folded_key(long).split()) for long in longs) for short, longs in _ABBREVIATIONS.items()
}
