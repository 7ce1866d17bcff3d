"""The words of the grammar that no directory gives: what joins, what excludes, who is meant by rank or by role."""

from enum import Enum, auto

from bots.broadcasts.audience.tokens import Phrases
from huep.directory.model import GrantedRole, Standing


class Joint(Enum):
    """What stands between two parts."""

    START = auto()
    LIST = auto()
    """A comma, `và`: the next part goes on with the list."""
    BESIDE = auto()
    """`cùng với`: a part of its own, within the same exclusion if there is one."""
    EXCEPT = auto()
    """`trừ`: from here on people are left out."""
    EXCEPT_ALL = auto()
    """`trừ` behind a semicolon or on a line of its own: from all that stands before."""
    STOP = auto()
    """A semicolon, a new line, a closing bracket: what was left out until here is left out of that alone."""


class Link(Enum):
    """What stands between people and a place."""

    OF = auto()
    """`của`, or nothing."""
    BELOW = auto()
    """`thuộc`: the place with all below it, whatever the title."""


class Word(Enum):
    """Words that stand alone."""

    EVERY = auto()
    """`tất cả`: alone it is everybody."""
    PLURAL = auto()
    """`các`: of a noun, all that it stands for."""
    PEOPLE = auto()
    """`cán bộ`, `công chức`: everybody in a place."""
    WHOLE = auto()
    """`toàn tỉnh`."""
    ONLY = auto()
    """`riêng`: a unit without those below it."""
    DIRECTLY = auto()
    """`đơn vị trực thuộc`: the units right below one."""
    COURTESY = auto()
    """`gửi cho`, in front: says nothing about whom."""
    LIST_OF = auto()
    """`danh sách`."""


def _all(meaning: Word | Joint | Link, *phrases: str) -> list[tuple[str, Word | Joint | Link]]:
    return [(phrase, meaning) for phrase in phrases]


ENDINGS = frozenset({"nhé", "nhe", "nha", "ạ"})
"""What may stand behind everything; as typed, for `a` without its mark is the beginning of A Lưới."""

JOINTS: Phrases[Joint] = Phrases(
    [
        *((sign, Joint.LIST) for sign in (",", "&", "+", "/", "và", "với", "và cả", "kể cả")),
        *((words, Joint.BESIDE) for words in ("cùng", "cùng với")),
        *((words, Joint.EXCEPT) for words in (
            "trừ", "trừ ra", "ngoại trừ", "ngoài trừ", "loại trừ", "loại ra", "chỉ trừ", "không gồm", "không bao gồm",
            "không kể", "không tính", "không gửi", "không gửi cho", "đừng gửi", "đừng gửi cho",
        )),
        *((sign, Joint.STOP) for sign in (";", ")")),
    ]
)  # fmt: skip

LINKS: Phrases[Link] = Phrases(
    [
        *((word, Link.OF) for word in ("của", "ở", "tại", "bên")),
        *((word, Link.BELOW) for word in ("thuộc", "trực thuộc", "trong", "trên địa bàn", "thuộc về")),
    ]
)

WORDS: Phrases[Word] = Phrases(
    [
        *((word, Word.EVERY) for word in ("tất cả", "toàn thể", "toàn bộ", "hết thảy")),
        *((word, Word.PLURAL) for word in ("các", "những", "từng", "mỗi", "mọi", "UBND các", "uỷ ban nhân dân các")),
        *((word, Word.PEOPLE) for word in (
            "người", "mọi người", "cán bộ", "công chức", "viên chức", "người lao động", "nhân sự", "anh em",
            "anh chị em", "anh chị", "đồng chí", "thành viên", "cbcc", "ccvc", "cbccvc", "cbccvcnlđ", "cbvc",
        )),
        *((word, Word.WHOLE) for word in ("toàn tỉnh", "toàn thành phố", "cả tỉnh", "cả thành phố", "toàn hệ thống")),
        ("riêng", Word.ONLY),
        *((word, Word.DIRECTLY) for word in ("đơn vị trực thuộc", "cơ quan, đơn vị trực thuộc", "cơ quan trực thuộc")),
        *((word, Word.COURTESY) for word in (
            "gửi", "kính gửi", "gửi cho", "gửi đến", "gửi tới", "cho", "đến", "tới", "dành cho", "thông báo cho",
            "thông báo đến",
        )),
        *((word, Word.LIST_OF) for word in ("danh sách", "nhóm", "nhóm danh sách")),
    ]
)  # fmt: skip

_BOTH = frozenset({Standing.HEAD, Standing.DEPUTY})
_HEAD, _DEPUTY, _STAFF = (frozenset({standing}) for standing in (Standing.HEAD, Standing.DEPUTY, Standing.STAFF))

STANDINGS: Phrases[frozenset[Standing]] = Phrases(
    [
        *((word, _HEAD) for word in ("cấp trưởng", "thủ trưởng", "người đứng đầu")),
        *((word, _DEPUTY) for word in ("cấp phó", "phó thủ trưởng")),
        *((word, _BOTH) for word in ("lãnh đạo", "ban lãnh đạo", "cấp trưởng, cấp phó", "cấp trưởng và cấp phó")),
        *((word, _STAFF) for word in ("người không giữ chức vụ", "cán bộ không giữ chức vụ", "nhân viên")),
    ]
)
"""Ranks that say something without a place."""

STANDINGS_OF_A_PLACE: Phrases[frozenset[Standing]] = Phrases(
    [
        ("trưởng", _HEAD),
        ("phó", _DEPUTY),
        *((word, _BOTH) for word in ("trưởng phó", "trưởng, phó", "trưởng và phó", "trưởng/phó")),
    ]
)
"""Ranks that need one: `trưởng, phó phòng`."""

ROLES: Phrases[GrantedRole] = Phrases(
    [
        *((word, GrantedRole.HR_OFFICER) for word in ("cán bộ tổ chức", "cán bộ nhân sự")),
        *((word, GrantedRole.OPERATOR) for word in ("quản trị hệ thống", "quản trị viên", "cán bộ quản trị hệ thống")),
        *((word, GrantedRole.COMMUNICATOR) for word in ("cán bộ truyền thông", "người làm truyền thông")),
    ]
)
