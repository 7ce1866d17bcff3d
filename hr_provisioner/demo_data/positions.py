"""Positions (chức vụ) and ranks (ngạch, hạng) by the kind of unit."""

from dataclasses import dataclass
from random import Random

from hr_provisioner.records import UnitRecord
from huep.directory.model import UnitKind


@dataclass(frozen=True)
class Title:
    """What a post is called, and the rank that goes with it."""

    code: str
    text: str
    rank: str


_SENIOR = "Chuyên viên cao cấp"
_PRINCIPAL = "Chuyên viên chính"
_OFFICER = "Chuyên viên"

# (kind, first word of the name or "") -> head, deputy; the empty word is the rule, the others its exceptions.
_LEADERS: dict[tuple[UnitKind, str], tuple[Title, Title]] = {
    (UnitKind.PROVINCE, ""): (
        Title("CT-UBTP", "Chủ tịch UBND thành phố", _SENIOR),
        Title("PCT-UBTP", "Phó Chủ tịch UBND thành phố", _SENIOR),
    ),
    (UnitKind.WARD, ""): (
        Title("CT-UBP", "Chủ tịch UBND phường", _PRINCIPAL),
        Title("PCT-UBP", "Phó Chủ tịch UBND phường", _PRINCIPAL),
    ),
    (UnitKind.COMMUNE, ""): (
        Title("CT-UBX", "Chủ tịch UBND xã", _PRINCIPAL),
        Title("PCT-UBX", "Phó Chủ tịch UBND xã", _PRINCIPAL),
    ),
    (UnitKind.DEPARTMENT, ""): (
        Title("GDS", "Giám đốc Sở", _SENIOR),
        Title("PGDS", "Phó Giám đốc Sở", _PRINCIPAL),
    ),
    (UnitKind.DEPARTMENT, "Văn"): (
        Title("CVP-UBTP", "Chánh Văn phòng UBND thành phố", _SENIOR),
        Title("PCVP-UBTP", "Phó Chánh Văn phòng UBND thành phố", _PRINCIPAL),
    ),
    (UnitKind.DEPARTMENT, "Thanh"): (
        Title("CTT", "Chánh Thanh tra thành phố", "Thanh tra viên cao cấp"),
        Title("PCTT", "Phó Chánh Thanh tra thành phố", "Thanh tra viên chính"),
    ),
    (UnitKind.DEPARTMENT, "Ban"): (
        Title("TB", "Trưởng ban", _SENIOR),
        Title("PTB", "Phó Trưởng ban", _PRINCIPAL),
    ),
    (UnitKind.CENTRE, ""): (Title("GD", "Giám đốc", _PRINCIPAL), Title("PGD", "Phó Giám đốc", _PRINCIPAL)),
    (UnitKind.OFFICE, ""): (Title("TP", "Trưởng phòng", _PRINCIPAL), Title("PTP", "Phó Trưởng phòng", _OFFICER)),
    (UnitKind.OFFICE, "Văn"): (
        Title("CVP", "Chánh Văn phòng", _PRINCIPAL),
        Title("PCVP", "Phó Chánh Văn phòng", _OFFICER),
    ),
    (UnitKind.OFFICE, "Chi"): (
        Title("CCT", "Chi cục trưởng", _PRINCIPAL),
        Title("PCCT", "Phó Chi cục trưởng", _PRINCIPAL),
    ),
    (UnitKind.OFFICE, "Ban"): (Title("TB", "Trưởng ban", _PRINCIPAL), Title("PTB", "Phó Trưởng ban", _OFFICER)),
    (UnitKind.OFFICE, "Khoa"): (
        Title("TK", "Trưởng khoa", "Giảng viên chính"),
        Title("PTK", "Phó Trưởng khoa", "Giảng viên"),
    ),
    (UnitKind.OFFICE, "Bảo"): (Title("GD", "Giám đốc", _PRINCIPAL), Title("PGD", "Phó Giám đốc", _OFFICER)),
    (UnitKind.OFFICE, "Nhà"): (Title("GD", "Giám đốc", _PRINCIPAL), Title("PGD", "Phó Giám đốc", _OFFICER)),
    (UnitKind.SCHOOL, ""): (
        Title("HT", "Hiệu trưởng", "Giáo viên hạng I"),
        Title("PHT", "Phó Hiệu trưởng", "Giáo viên hạng II"),
    ),
    (UnitKind.HEALTH_CENTRE, ""): (
        Title("GD", "Giám đốc", "Bác sĩ cao cấp (hạng I)"),
        Title("PGD", "Phó Giám đốc", "Bác sĩ chính (hạng II)"),
    ),
    (UnitKind.HEALTH_CENTRE, "Trạm"): (
        Title("TT", "Trưởng trạm", "Bác sĩ (hạng III)"),
        Title("PTT", "Phó Trưởng trạm", "Y sĩ hạng IV"),
    ),
    (UnitKind.TEAM, ""): (Title("TTR", "Tổ trưởng", _OFFICER), Title("TPH", "Tổ phó", _OFFICER)),
    (UnitKind.TEAM, "Khoa"): (
        Title("TK", "Trưởng khoa", "Bác sĩ chính (hạng II)"),
        Title("PTK", "Phó Trưởng khoa", "Bác sĩ (hạng III)"),
    ),
}

_Shares = tuple[tuple[Title, float], ...]

_OFFICE_STAFF: _Shares = (
    (Title("CV", "Chuyên viên", _OFFICER), 62),
    (Title("CV", "Chuyên viên", _PRINCIPAL), 16),
    (Title("CS", "Cán sự", "Cán sự"), 8),
    (Title("KT", "Kế toán", "Kế toán viên"), 6),
    (Title("VT", "Văn thư", "Văn thư viên"), 5),
    (Title("NV", "Nhân viên", "Nhân viên"), 3),
)
_CLINIC_STAFF: _Shares = (
    (Title("DD", "Điều dưỡng", "Điều dưỡng hạng IV"), 26),
    (Title("DD", "Điều dưỡng", "Điều dưỡng hạng III"), 14),
    (Title("BS", "Bác sĩ", "Bác sĩ (hạng III)"), 22),
    (Title("BS", "Bác sĩ", "Bác sĩ chính (hạng II)"), 5),
    (Title("HS", "Hộ sinh", "Hộ sinh hạng III"), 8),
    (Title("DS", "Dược sĩ", "Dược sĩ (hạng III)"), 7),
    (Title("KTV", "Kỹ thuật viên", "Kỹ thuật y hạng III"), 8),
    (Title("YS", "Y sĩ", "Y sĩ hạng IV"), 5),
    (Title("KT", "Kế toán", "Kế toán viên"), 2),
    (Title("NV", "Nhân viên", "Nhân viên"), 3),
)
_COLLEGE_STAFF: _Shares = (
    (Title("GIV", "Giảng viên", "Giảng viên"), 60),
    (Title("GIV", "Giảng viên", "Giảng viên chính"), 20),
    (Title("CV", "Chuyên viên", _OFFICER), 20),
)
_SCHOOL_STAGES = (
    ("Mầm non", "Giáo viên mầm non"),
    ("Tiểu học", "Giáo viên tiểu học"),
    ("THCS", "Giáo viên THCS"),
    ("THPT", "Giáo viên THPT"),
)


def leaders_of(unit: UnitRecord) -> tuple[Title, Title]:
    """What the head and a deputy of the unit are called."""
    first_word = unit.name.split()[0]
    return _LEADERS.get((unit.kind, first_word)) or _LEADERS[unit.kind, ""]


def staff_of(unit: UnitRecord, parent: UnitRecord | None) -> _Shares:
    """The titles of a unit's staff with their shares; a team works in the trade of the unit that it belongs to."""
    trade = parent if unit.kind is UnitKind.TEAM and parent is not None else unit
    if unit.name.endswith("Văn phòng"):
        return _OFFICE_STAFF
    if trade.kind is UnitKind.HEALTH_CENTRE:
        return _CLINIC_STAFF
    if trade.kind is UnitKind.SCHOOL:
        for stage, teacher in _SCHOOL_STAGES:
            if stage in trade.name:
                return _teachers(teacher)
        return _COLLEGE_STAFF
    return _OFFICE_STAFF


def draw_title(random: Random, shares: _Shares) -> Title:
    """One title, by the shares."""
    return random.choices([title for title, _ in shares], [share for _, share in shares])[0]


def _teachers(rank: str) -> _Shares:
    return (
        (Title("GV", "Giáo viên", f"{rank} hạng III"), 56),
        (Title("GV", "Giáo viên", f"{rank} hạng II"), 30),
        (Title("GV", "Giáo viên", f"{rank} hạng I"), 3),
        (Title("KT", "Kế toán", "Kế toán viên"), 3),
        (Title("TV", "Nhân viên thư viện", "Thư viện viên hạng IV"), 3),
        (Title("VT", "Văn thư", "Văn thư viên trung cấp"), 3),
        (Title("YT", "Nhân viên y tế", "Y sĩ hạng IV"), 2),
    )
