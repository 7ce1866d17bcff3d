"""A province of some sixty units as a register has them, with people in every post: what phrases are read beside.

Codes say what they are: `SYT-BVM` is the hospital `Bệnh viện Mắt` below Sở Y tế.
"""

from collections.abc import Iterator
from datetime import date
from functools import cache
from uuid import uuid5

from bots.broadcasts.audience import NamedList
from bots.broadcasts.audience.known import Known
from bots.testing.province import NAMESPACE, SERVER, SmallDirectory
from huep.directory.audience import Audience
from huep.directory.model import GrantedRole, Person, Post, PostKind, Standing, Unit, UnitKind
from huep.names import slug

_D, _O, _W, _C = UnitKind.DEPARTMENT, UnitKind.OFFICE, UnitKind.WARD, UnitKind.COMMUNE
_S, _H, _CENTRE, _T = UnitKind.SCHOOL, UnitKind.HEALTH_CENTRE, UnitKind.CENTRE, UnitKind.TEAM

_TREE: tuple[tuple[str, str, str, UnitKind], ...] = (
    ("HUE", "UBND thành phố Huế", "UBND TP", UnitKind.PROVINCE),
    ("VPUB", "Văn phòng UBND thành phố", "VP UBND", _D),
    ("VPUB-TH", "Phòng Tổng hợp", "TH VP UBND", _O),
    ("SNV", "Sở Nội vụ", "SNV", _D),
    ("SNV-VP", "Văn phòng Sở", "VP SNV", _O),
    ("SNV-TC", "Phòng Tổ chức, biên chế", "TCBC SNV", _O),
    ("SNV-CC", "Phòng Công chức, viên chức", "CCVC SNV", _O),
    ("SNV-LT", "Chi cục Văn thư - Lưu trữ", "CCVTLT", _O),
    ("STC", "Sở Tài chính", "STC", _D),
    ("STC-VP", "Văn phòng Sở", "VP STC", _O),
    ("STC-NS", "Phòng Quản lý ngân sách", "QLNS STC", _O),
    ("SYT", "Sở Y tế", "SYT", _D),
    ("SYT-VP", "Văn phòng Sở", "VP SYT", _O),
    ("SYT-NV", "Phòng Nghiệp vụ y", "NVY SYT", _O),
    ("SYT-BVM", "Bệnh viện Mắt", "BV Mắt", _H),
    ("SYT-BVP", "Bệnh viện Phổi", "BV Phổi", _H),
    ("SYT-BVM-KN", "Khoa Nội", "KN BVM", _T),
    ("SYT-TTAL", "Trung tâm Y tế khu vực A Lưới", "TTYT A Lưới", _H),
    ("SGD", "Sở Giáo dục và Đào tạo", "SGDĐT", _D),
    ("SGD-VP", "Văn phòng Sở", "VP SGDĐT", _O),
    ("SGD-QH", "Trường THPT chuyên Quốc Học - Huế", "THPT Quốc Học", _S),
    ("SGD-QH-TO", "Tổ Toán - Tin", "TTT QH", _T),
    ("SGD-ND", "Trường THPT Nam Đông", "THPT Nam Đông", _S),
    ("SKHCN", "Sở Khoa học và Công nghệ", "SKHCN", _D),
    ("SKHCN-CDS", "Phòng Chuyển đổi số", "CĐS SKHCN", _O),
    ("TTTP", "Thanh tra thành phố", "TTTP", _D),
    ("TTTP-1", "Phòng Thanh tra 1", "TT1", _O),
    ("TTTP-2", "Phòng Thanh tra 2", "TT2", _O),
    ("BQL", "Ban Quản lý Khu kinh tế, công nghiệp", "BQLKKT", _D),
    ("IOC", "Trung tâm Giám sát, điều hành đô thị thông minh", "HueIOC", _CENTRE),
    ("IOC-DL", "Phòng Dữ liệu số", "DLS IOC", _O),
    ("TTDT", "Trung tâm Bảo tồn Di tích Cố đô Huế", "TTBTDT", _CENTRE),
    ("CDH", "Trường Cao đẳng Huế", "CĐ Huế", _S),
    ("CDH-DT", "Phòng Đào tạo", "ĐT CĐH", _O),
    ("VYDA", "Phường Vỹ Dạ", "P. Vỹ Dạ", _W),
    ("VYDA-VP", "Văn phòng HĐND và UBND", "VP P. Vỹ Dạ", _O),
    ("VYDA-KT", "Phòng Kinh tế, Hạ tầng và Đô thị", "PKT P. Vỹ Dạ", _O),
    ("VYDA-VH", "Phòng Văn hóa - Xã hội", "PVHXH P. Vỹ Dạ", _O),
    ("VYDA-TYT", "Trạm Y tế phường Vỹ Dạ", "TYT Vỹ Dạ", _H),
    ("VYDA-MN", "Trường Mầm non Vỹ Dạ", "MN Vỹ Dạ", _S),
    ("VYDA-TH", "Trường Tiểu học Vỹ Dạ", "TH Vỹ Dạ", _S),
    ("VYDA-CS", "Trường THCS Vỹ Dạ", "THCS Vỹ Dạ", _S),
    ("THOA", "Phường Thuận Hóa", "P. Thuận Hóa", _W),
    ("THOA-VP", "Văn phòng HĐND và UBND", "VP P. Thuận Hóa", _O),
    ("THOA-VH", "Phòng Văn hóa - Xã hội", "PVHXH P. Thuận Hóa", _O),
    ("THOA-TYT", "Trạm Y tế phường Thuận Hóa", "TYT Thuận Hóa", _H),
    ("THOA-TH", "Trường Tiểu học Lê Lợi", "TH Lê Lợi", _S),
    ("PBAI", "Phường Phú Bài", "P. Phú Bài", _W),
    ("AL1", "Xã A Lưới 1", "X. A Lưới 1", _C),
    ("AL1-VP", "Văn phòng HĐND và UBND", "VP X. A Lưới 1", _O),
    ("AL1-KT", "Phòng Kinh tế", "PKT X. A Lưới 1", _O),
    ("AL1-TYT", "Trạm Y tế xã A Lưới 1", "TYT A Lưới 1", _H),
    ("AL2", "Xã A Lưới 2", "X. A Lưới 2", _C),
    ("AL2-TH", "Trường Tiểu học Hồng Vân", "TH Hồng Vân", _S),
    ("ND", "Xã Nam Đông", "X. Nam Đông", _C),
    ("ND-VP", "Văn phòng HĐND và UBND", "VP X. Nam Đông", _O),
    ("ND-KT", "Phòng Kinh tế", "PKT X. Nam Đông", _O),
    ("ND-MN", "Trường Mầm non Nam Đông", "MN Nam Đông", _S),
    ("QDIEN", "Xã Quảng Điền", "X. Quảng Điền", _C),
    ("LCMY", "Xã Chân Mây - Lăng Cô", "X. Chân Mây - Lăng Cô", _C),
)


def _parent(code: str) -> str | None:
    return None if code == "HUE" else code.rpartition("-")[0] or "HUE"


def _level(code: str) -> int:
    return 0 if code == "HUE" else code.count("-") + 1


UNITS = tuple(Unit(code, name, short, kind, _level(code), _parent(code)) for code, name, short, kind in _TREE)
BY_CODE = {unit.code: unit for unit in UNITS}

_LEADERS: dict[str, tuple[str, str]] = {
    "HUE": ("Chủ tịch UBND thành phố", "Phó Chủ tịch UBND thành phố"),
    "Sở": ("Giám đốc Sở", "Phó Giám đốc Sở"),
    "Phường": ("Chủ tịch UBND phường", "Phó Chủ tịch UBND phường"),
    "Xã": ("Chủ tịch UBND xã", "Phó Chủ tịch UBND xã"),
    "VPUB": ("Chánh Văn phòng UBND thành phố", "Phó Chánh Văn phòng UBND thành phố"),
    "Văn": ("Chánh Văn phòng", "Phó Chánh Văn phòng"),
    "Thanh": ("Chánh Thanh tra thành phố", "Phó Chánh Thanh tra thành phố"),
    "Ban": ("Trưởng ban", "Phó Trưởng ban"),
    "Phòng": ("Trưởng phòng", "Phó Trưởng phòng"),
    "Chi": ("Chi cục trưởng", "Phó Chi cục trưởng"),
    "Trường": ("Hiệu trưởng", "Phó Hiệu trưởng"),
    "Trạm": ("Trưởng trạm", "Phó Trưởng trạm"),
    "Bệnh": ("Giám đốc", "Phó Giám đốc"),
    "Trung": ("Giám đốc", "Phó Giám đốc"),
    "Khoa": ("Trưởng khoa", "Phó Trưởng khoa"),
    "Tổ": ("Tổ trưởng", "Tổ phó"),
}
_STAFF = {_S: ("Giáo viên", "Kế toán", "Văn thư"), _H: ("Bác sĩ", "Kế toán"), _T: ("Giáo viên",)}
_OFFICE_STAFF = ("Chuyên viên", "Kế toán", "Văn thư")
_NAMES = ("Nguyễn Văn", "Trần Thị", "Lê Quang", "Phạm Thị", "Hồ Đắc", "Võ Thị", "Phan Hữu", "Cao Thu")
_GIVEN = (
    "Bảo",
    "Châu",
    "Dũng",
    "Giang",
    "Hạnh",
    "Khánh",
    "Lộc",
    "Nhung",
    "Oanh",
    "Phúc",
    "Quỳnh",
    "Sơn",
    "Thảo",
    "Vinh",
)

NAMED = {
    "minh": ("Lê Quang Minh", "SNV-TC", "Chuyên viên", Standing.STAFF, GrantedRole.HR_OFFICER),
    "minh-2": ("Đặng Công Minh", "STC-NS", "Chuyên viên", Standing.STAFF, None),
    "lan": ("Hoàng Thị Lan", "VYDA-VP", "Văn thư", Standing.STAFF, None),
    "tuan": ("Bùi Anh Tuấn", "IOC-DL", "Chuyên viên", Standing.STAFF, GrantedRole.OPERATOR),
    "tam": ("Mai Thanh Tâm", "VPUB-TH", "Chuyên viên", Standing.STAFF, GrantedRole.COMMUNICATOR),
    "hai-1": ("Nguyễn Đức Hải", "SNV-CC", "Chuyên viên", Standing.STAFF, None),
    "hai-2": ("Nguyễn Đức Hải", "STC-VP", "Văn thư", Standing.STAFF, None),
}
"""People whom phrases name."""


def _post(unit: Unit, position: str, standing: Standing, kind: PostKind = PostKind.MAIN) -> Post:
    return Post(unit.code, unit.name, slug(position), position, standing, "", kind, date(2020, 1, 1), None)


def _person(localpart: str, name: str, *posts: Post, role: GrantedRole | None = None, locked: bool = False) -> Person:
    roles = frozenset({role.value}) if role else frozenset[str]()
    user_id = f"@{localpart}:{SERVER}"
    return Person(uuid5(NAMESPACE, localpart), f"CB-{localpart}", name, user_id, locked, posts, None, roles)


def _people() -> Iterator[Person]:
    number = 0
    for unit in UNITS:
        head, deputy = _LEADERS.get(unit.code) or _LEADERS[unit.name.split()[0]]
        staff = () if unit.parent_code is None else _STAFF.get(unit.kind, _OFFICE_STAFF if unit.level > 1 else ())
        posts = ((head, Standing.HEAD), (deputy, Standing.DEPUTY), *((title, Standing.STAFF) for title in staff))
        for title, standing in posts:
            name = f"{_NAMES[number % len(_NAMES)]} {_GIVEN[number % len(_GIVEN)]} {_GIVEN[number // len(_GIVEN) % len(_GIVEN)]}"
            yield _person(f"{slug(unit.code)}-{slug(title)}", name, _post(unit, title, standing))
            number += 1
    for localpart, (name, code, position, standing, role) in NAMED.items():
        yield _person(localpart, name, _post(BY_CODE[code], position, standing), role=role)
    lent = _post(BY_CODE["AL2"], "Cán bộ biệt phái", Standing.STAFF, PostKind.SECONDMENT)
    yield _person("biet-phai", "Tôn Thất Bình An", _post(BY_CODE["SNV-TC"], "Chuyên viên", Standing.STAFF), lent)
    yield _person("khoa", "Đỗ Khoá", _post(BY_CODE["SNV-TC"], "Chuyên viên", Standing.STAFF), locked=True)


PEOPLE = tuple(_people())
KEYS = {str(person.user_id)[1:].partition(":")[0]: person.key for person in PEOPLE}
LISTS = (
    NamedList("Tổ công tác Đề án 06", frozenset({KEYS["minh"], KEYS["lan"], KEYS["syt-giam-doc-so"]}), KEYS["tam"]),
    NamedList("Tổ ứng trực", frozenset({KEYS["tuan"], KEYS["tam"]}), KEYS["minh"]),
    NamedList("Tổ ứng trực", frozenset({KEYS["lan"], KEYS["tam"]}), KEYS["hai-1"]),
    NamedList("Tổ ứng trực", frozenset({KEYS["minh-2"], KEYS["tam"]}), KEYS["hai-2"]),
)
DIRECTORY = SmallDirectory(*PEOPLE, units=UNITS)


@cache
def known() -> Known:
    """What can be named there."""
    leaders = Audience(standings=frozenset({Standing.HEAD, Standing.DEPUTY}))
    return Known(
        UNITS,
        DIRECTORY.positions(),
        lambda: DIRECTORY.audience(Audience()),
        lambda: DIRECTORY.audience(leaders),
        LISTS,
    )
