"""What stands around a phrase of time, and tells that it is none: an address, a document, a name, an ordinal."""

from collections.abc import Sequence
from itertools import pairwise

from bots.language.words import Kind, Token

_NUMBERED = frozenset((
    "so", "kiet", "ngo", "ngach", "hem", "nha", "bac", "dieu", "khoan", "muc", "lo", "thua", "to",
    "truc", "lop", "khoa", "tang", "phong", "ban", "cap", "loai", "hang", "nhom", "ma", "qua",
    "nga", "tuoi", "chuong", "phieu", "chi",
))  # fmt: skip
"""Behind these a number, with strokes or not, is an address, a document, a share, an idiom (`trực 24/7`)."""
_ABOUT = frozenset(("dat", "chiem", "hon", "gan", "khoang"))
"""Behind these figures with a stroke are a share, `hơn 2/3`; a time of day is none: `khoảng 9 giờ`."""
_STREETS = frozenset(("vien", "duong", "pho", "cho", "cau", "truong", "thcs", "thpt", "mn"))
"""Behind these a date is a name: đường Ba tháng Hai, trường THCS 19/5."""
_SPELLED_IN_STREETS = frozenset(("hai", "ba", "muoi"))
_BEFORE_DATES = frozenset((
    "va", "bua", "dip", "le", "hop", "lich", "viec", "cao", "anh", "ke", "lieu", "tin", "mac", "giang", "thuc", "dau",
    "ve", "di", "nghi", "nop", "gui", "giao", "ky", "ki", "doi", "sang", "han", "lam", "thi", "hoc", "gap", "hen",
    "tiep", "ra", "tri", "kham", "bay", "cuoi", "niem", "si", "nu", "dong", "nhi", "nam", "thang", "quan", "moi",
    "ket", "xong",
))  # fmt: skip
"""Last words of what a day is said behind without `ngày`: `họp 20/7`, `báo cáo 15/7`, `khai giảng 5/9`, Liệt sĩ 27/7.
Behind others two numbers with a stroke are more often a document, an address, a share, a measure."""
_PARTS = frozenset((
    ("chi", "tieu"), ("tieu", "chi"), ("bien", "che"), ("dau", "moi"), ("nhiem", "vu"), ("du", "an"), ("cong", "viec"),
    ("kien", "nghi"), ("vu", "viec"), ("vu", "an"), ("hang", "muc"), ("cong", "trinh"), ("goi", "thau"),
    ("truong", "hop"), ("de", "an"), ("de", "tai"), ("don", "thu"), ("thu", "tuc"), ("khau", "phan"),
))  # fmt: skip
_ARRIVING = frozenset((("van", "ban"), ("cong", "van"), ("don", "thu")))
"""văn bản đến: what came in, and no limit."""
_BEFORE_TU = frozenset(("thong", "dau", "vat", "rieng"))
"""thông tư, đầu tư, vật tư, riêng tư, where the tone of từ might have been left out."""
_COUNTED = frozenset((
    "so", "dai", "phieu", "thanh", "vien", "uy", "ho", "dan", "can", "xa", "phuong", "thon", "to", "nguoi", "y", "don",
    "nhan", "sao", "diem",
))  # fmt: skip
"""Before these two numbers with a stroke are a fraction: `2/3 số phiếu`."""
_ORDINAL = frozenset((
    "lan", "nguoi", "ben", "hang", "dot", "phien", "khoa", "vi", "cap", "con", "nhom", "loai", "giai", "lop", "bac",
))  # fmt: skip
"""Behind these `thứ ba` is the third."""
_EVERY = frozenset(("mỗi", "hằng", "hàng", "từng", "hang", "tung"))
_GOODS = frozenset(("khach", "mat", "ngan", "cua", "nha", "don", "ban"))
"""khách hàng, ngân hàng: the words before what is no "every"."""
_TITLES = frozenset(("anh", "chi", "ong", "ba", "co", "chu", "em", "bac", "dc"))
_GIVEN_NAMES = frozenset(("nam", "mai", "tuan", "thu", "quy"))
_ENDING_LIKE_TITLES = frozenset(("phan", "hinh"))
"""phản ánh, hình ảnh: the words before what is no title."""
_REPORTED = frozenset(("cao", "qua", "lieu", "ke", "tac", "hinh", "ket"))
"""Last words of báo cáo, kết quả, số liệu, thống kê, công tác, tình hình, sơ kết: behind them `9 tháng` is a time."""


def stands(tokens: Sequence[Token], begin: int, end: int) -> bool:
    """Whether what is around lets it be a phrase of time."""
    return (
        not _cut_off(tokens, begin, end)
        and not _numbered(tokens, begin, end)
        and not _ordinal(tokens, begin, end)
        and not _name(tokens, begin)
        and not _alone(tokens, begin, end)
        and not _list_goes_on(tokens, begin, end)
        and not _repeated(tokens, begin, end)
        and not _from_elsewhere(tokens, begin, end)
    )


def _word(tokens: Sequence[Token], place: int) -> str:
    return tokens[place].folded if 0 <= place < len(tokens) else ""


def _cut_off(tokens: Sequence[Token], begin: int, end: int) -> bool:
    """In the middle of a longer run of figures: `15/2026/QĐ-UBND`, `trong ba ngày 10, 11 và 12/7`."""
    if begin and tokens[begin].kind is Kind.NUMBER and tokens[begin].tight:
        return True
    if end + 1 < len(tokens) and tokens[end].tight and tokens[end].text in "/-.:,%" and tokens[end + 1].tight:
        return True
    if end < len(tokens) and tokens[end].kind is Kind.NUMBER and tokens[end - 1].folded == "ngay":
        return True
    return end < len(tokens) and tokens[end].tight and tokens[end].kind is not Kind.SIGN


def _numbered(tokens: Sequence[Token], begin: int, end: int) -> bool:
    before = _word(tokens, begin - 1)
    in_place = before in _STREETS or (before == "the" and _word(tokens, begin - 2) == "tap")
    if in_place and (tokens[begin].kind is Kind.NUMBER or _word(tokens, begin) in _SPELLED_IN_STREETS):
        return True
    if tokens[begin].kind is not Kind.NUMBER:
        return False
    bare_figures = all(token.kind is not Kind.WORD for token in tokens[begin:end])
    share = before in ("le", "li") and _word(tokens, begin - 2) in ("ty", "ti")
    if share or (before in _NUMBERED and not _is_clock(tokens, begin)):
        return True
    return bare_figures and (
        before in _ABOUT
        or _word(tokens, end) in _COUNTED
        or (_word(tokens, end), _word(tokens, end + 1)) in _PARTS
        or (_is_day_and_month(tokens, begin, end) and before.isalpha() and before not in _BEFORE_DATES)
    )


def _is_clock(tokens: Sequence[Token], begin: int) -> bool:
    """`trực ban 7h`, `phòng 207`: an hour is nobody's number."""
    return _word(tokens, begin + 1) in ("h", "gio")


def _is_day_and_month(tokens: Sequence[Token], begin: int, end: int) -> bool:
    return end - begin == len("d/m") and tokens[begin + 1].text == "/"


def _ordinal(tokens: Sequence[Token], begin: int, end: int) -> bool:
    """`lần thứ ba`, and `thứ hai` in "thứ nhất ..., thứ hai ..."."""
    words = [token.folded for token in tokens[begin:end]]
    if words[0] not in ("thu", "tuan"):
        return False
    if _word(tokens, begin - 1) in _ORDINAL or _word(tokens, begin - 2) in ("phien", "ky"):
        return True
    if words[0] != "thu" or len(words) != 2:
        return False
    following = _word(tokens, end)
    folded = [token.folded for token in tokens]
    first_of_all = any(pair == ("thu", "nhat") for pair in pairwise(folded))
    in_order = words[1] == "tu" and tokens[end - 1].text.isascii() and following.isalpha()
    return following == "la" or first_of_all or in_order


def _name(tokens: Sequence[Token], begin: int) -> bool:
    """`anh Nam nay`, also without the capital: who is spoken of so has a name behind."""
    if _word(tokens, begin - 2) in _ENDING_LIKE_TITLES:
        return False
    return _word(tokens, begin - 1) in _TITLES and _word(tokens, begin) in _GIVEN_NAMES and tokens[begin].text.isascii()


def _alone(tokens: Sequence[Token], begin: int, end: int) -> bool:
    """Phrases that need company: `9 tháng` may be a duration, `CN` a branch office, `chủ nhật xanh` the campaign."""
    words = [token.folded for token in tokens[begin:end]]
    whole = begin == 0 and end == len(tokens)
    if words[1:] == ["thang"]:
        return not whole and _word(tokens, begin - 1) not in _REPORTED
    if words[0] in ("dau", "giua", "cuoi") and _word(tokens, begin - 1) in ("ngay", "tuan", "thang", "quy"):
        return True
    return words in (["cn"], ["chu", "nhat", "xanh"], ["ngay", "chu", "nhat", "xanh"]) and not whole


def _repeated(tokens: Sequence[Token], begin: int, end: int) -> bool:
    """`mỗi tháng một lần`, `ngày 10 hằng tháng`, `ngày làm việc cuối cùng của tháng 7`, `nào trễ nhất quý này`."""
    of_another = _word(tokens, begin - 1) == "cua" and _word(tokens, begin - 2) in ("tien", "cung")
    times = _word(tokens, end) == "lan"
    worst = _word(tokens, begin - 1) == "nao" and _word(tokens, begin + 1) == "nhat"
    return _is_every(tokens, begin - 1) or _is_every(tokens, end) or of_another or times or worst


def _from_elsewhere(tokens: Sequence[Token], begin: int, end: int) -> bool:
    """`trong vòng 15 ngày kể từ ngày ký`: the day from which it counts is not said."""
    counts = _word(tokens, begin) == "trong" or tokens[begin].kind is Kind.NUMBER
    return counts and _word(tokens, end) in ("ke", "tinh") and _word(tokens, end + 1) == "tu"


def is_of_a_compound(tokens: Sequence[Token], place: int) -> bool:
    """Whether `đến` is that of `văn bản đến tuần này`, `tư` that of `thông tư 02/2023`: no limit, no beginning."""
    before = _word(tokens, place - 1)
    match _word(tokens, place):
        case "den":
            return (_word(tokens, place - 2), before) in _ARRIVING
        case "tu":
            return before in _BEFORE_TU
    return False


def _is_every(tokens: Sequence[Token], place: int) -> bool:
    return (
        0 <= place < len(tokens) and tokens[place].text.casefold() in _EVERY and _word(tokens, place - 1) not in _GOODS
    )


def in_list(tokens: Sequence[Token], begin: int) -> bool:
    """`10, 11 và 12/7`: one day of several."""
    return (
        begin > 1
        and tokens[begin].kind is tokens[begin - 2].kind is Kind.NUMBER
        and _word(tokens, begin - 1) in (",", "va")
    )


def _list_goes_on(tokens: Sequence[Token], begin: int, end: int) -> bool:
    """`tháng 3 và 6`: the months do not follow each other, and one of them alone would be half of what was said."""
    if _word(tokens, begin) not in ("thang", "quy", "qui") or end + 1 >= len(tokens):
        return False
    follows = tokens[end + 1]
    return (
        tokens[end].means & {",", "và"} != frozenset() and follows.kind is Kind.NUMBER and _word(tokens, end + 2) != "/"
    )
