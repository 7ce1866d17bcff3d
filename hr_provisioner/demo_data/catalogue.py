"""What a centrally run city consists of in 2026: departments, wards and communes, and what lies below each."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from huep.directory.model import UnitKind

CITY = "thành phố Huế"


@dataclass(frozen=True)
class Entry:
    """A unit that may be drawn into the tree; `weight` is its share of staff, `rank` when it is drawn: low is early."""

    name: str
    short_name: str
    kind: UnitKind
    weight: float
    rank: float
    children: tuple["Entry", ...] = ()


@dataclass(frozen=True)
class Ward:
    """One of the wards (phường) and communes (xã) of Huế."""

    code: str
    name: str
    full_name: str

    @property
    def kind(self) -> UnitKind:
        return UnitKind.WARD if self.full_name.startswith("Phường") else UnitKind.COMMUNE


@cache
def wards() -> tuple[Ward, ...]:
    """All of them, in the order of their official codes."""
    text = (files("hr_provisioner") / "data" / "hue_wards.csv").read_text(encoding="utf-8")
    return tuple(Ward(row["code"], row["name"], row["full_name"]) for row in csv.DictReader(text.splitlines()))


# Department, short name, kind, weight of its own staff, offices (the first is drawn first).
_DEPARTMENTS: tuple[tuple[str, str, UnitKind, float, tuple[str, ...]], ...] = (
    ("Văn phòng UBND thành phố", "VP UBND", UnitKind.DEPARTMENT, 5,
     ("Phòng Tổng hợp", "Phòng Hành chính - Tổ chức", "Phòng Nội chính", "Ban Tiếp công dân", "Phòng Quản trị - Tài vụ",
      "Phòng Khoa giáo - Văn xã")),
    ("Sở Nội vụ", "SNV", UnitKind.DEPARTMENT, 5,
     ("Phòng Công chức, viên chức", "Phòng Tổ chức, biên chế", "Văn phòng Sở", "Phòng Cải cách hành chính",
      "Phòng Lao động, việc làm", "Phòng Người có công", "Chi cục Văn thư - Lưu trữ")),
    ("Sở Tài chính", "STC", UnitKind.DEPARTMENT, 5,
     ("Văn phòng Sở", "Phòng Quản lý ngân sách", "Phòng Đăng ký kinh doanh", "Phòng Tổng hợp, quy hoạch",
      "Phòng Giá và công sản", "Phòng Đầu tư")),
    ("Sở Xây dựng", "SXD", UnitKind.DEPARTMENT, 5,
     ("Văn phòng Sở", "Phòng Quản lý xây dựng", "Phòng Hạ tầng giao thông", "Phòng Quy hoạch - Kiến trúc",
      "Phòng Quản lý nhà", "Phòng Vận tải, an toàn giao thông")),
    ("Sở Khoa học và Công nghệ", "SKHCN", UnitKind.DEPARTMENT, 4,
     ("Văn phòng Sở", "Phòng Chuyển đổi số", "Phòng Quản lý khoa học", "Phòng Bưu chính, viễn thông",
      "Chi cục Tiêu chuẩn Đo lường Chất lượng")),
    ("Sở Giáo dục và Đào tạo", "SGDĐT", UnitKind.DEPARTMENT, 4,
     ("Văn phòng Sở", "Phòng Giáo dục trung học", "Phòng Giáo dục tiểu học", "Phòng Giáo dục mầm non",
      "Phòng Tổ chức cán bộ", "Phòng Quản lý chất lượng")),
    ("Sở Y tế", "SYT", UnitKind.DEPARTMENT, 4,
     ("Văn phòng Sở", "Phòng Nghiệp vụ y", "Phòng Nghiệp vụ dược", "Phòng Bảo trợ xã hội", "Phòng Dân số - Trẻ em",
      "Chi cục An toàn vệ sinh thực phẩm")),
    ("Sở Nông nghiệp và Môi trường", "SNNMT", UnitKind.DEPARTMENT, 5,
     ("Văn phòng Sở", "Chi cục Kiểm lâm", "Chi cục Thủy lợi", "Phòng Quản lý đất đai", "Chi cục Bảo vệ môi trường",
      "Chi cục Chăn nuôi và Thú y", "Chi cục Biển, hải đảo và Thủy sản")),
    ("Sở Văn hóa và Thể thao", "SVHTT", UnitKind.DEPARTMENT, 4,
     ("Văn phòng Sở", "Phòng Quản lý văn hóa", "Phòng Di sản", "Phòng Quản lý thể thao", "Phòng Báo chí, xuất bản")),
    ("Sở Du lịch", "SDL", UnitKind.DEPARTMENT, 3,
     ("Văn phòng Sở", "Phòng Quản lý lữ hành", "Phòng Quản lý cơ sở lưu trú", "Phòng Xúc tiến, phát triển du lịch")),
    ("Sở Công Thương", "SCT", UnitKind.DEPARTMENT, 4,
     ("Văn phòng Sở", "Phòng Quản lý thương mại", "Phòng Quản lý công nghiệp", "Phòng Quản lý năng lượng",
      "Chi cục Quản lý thị trường")),
    ("Sở Tư pháp", "STP", UnitKind.DEPARTMENT, 3,
     ("Văn phòng Sở", "Phòng Hành chính tư pháp", "Phòng Văn bản quy phạm pháp luật", "Phòng Bổ trợ tư pháp",
      "Phòng Công chứng số 1")),
    ("Thanh tra thành phố", "TTTP", UnitKind.DEPARTMENT, 4,
     ("Văn phòng", "Phòng Thanh tra 1", "Phòng Thanh tra 2", "Phòng Thanh tra 3", "Phòng Xử lý sau thanh tra")),
    ("Ban Quản lý Khu kinh tế, công nghiệp", "BQLKKT", UnitKind.DEPARTMENT, 4,
     ("Văn phòng Ban", "Phòng Quản lý đầu tư", "Phòng Quy hoạch, xây dựng", "Phòng Quản lý doanh nghiệp, lao động")),
    ("Trung tâm Giám sát, điều hành đô thị thông minh", "HueIOC", UnitKind.CENTRE, 4,
     ("Phòng Giám sát, điều hành", "Phòng Hạ tầng, an toàn thông tin", "Phòng Dữ liệu số",
      "Phòng Hành chính - Tổng hợp")),
    ("Trung tâm Phục vụ hành chính công thành phố", "TTPVHCC", UnitKind.CENTRE, 4,
     ("Phòng Hành chính - Tổng hợp", "Phòng Tiếp nhận, trả kết quả", "Phòng Kiểm soát thủ tục hành chính")),
    ("Trung tâm Bảo tồn Di tích Cố đô Huế", "TTBTDT", UnitKind.CENTRE, 12,
     ("Văn phòng", "Phòng Quản lý bảo tồn", "Bảo tàng Cổ vật Cung đình", "Nhà hát Nghệ thuật truyền thống Cung đình",
      "Phòng Cảnh quan môi trường", "Ban Quản lý dự án di tích", "Phòng Hướng dẫn thuyết minh")),
    ("Ban Quản lý dự án đầu tư xây dựng và phát triển đô thị", "BQLDA", UnitKind.CENTRE, 6,
     ("Văn phòng Ban", "Phòng Kế hoạch - Tài chính", "Phòng Giải phóng mặt bằng", "Phòng Điều hành dự án 1",
      "Phòng Điều hành dự án 2")),
    ("Trung tâm Phát triển quỹ đất thành phố", "TTPTQĐ", UnitKind.CENTRE, 5,
     ("Phòng Hành chính - Tổng hợp", "Phòng Bồi thường, tái định cư", "Phòng Quản lý quỹ đất")),
    ("Trường Cao đẳng Huế", "CĐ Huế", UnitKind.SCHOOL, 12,
     ("Phòng Đào tạo", "Phòng Tổ chức - Hành chính", "Khoa Du lịch", "Khoa Công nghệ ô tô", "Khoa Điện - Điện tử",
      "Khoa Cơ bản")),
)  # fmt: skip

_HIGH_SCHOOLS = (
    "chuyên Quốc Học - Huế", "Hai Bà Trưng", "Nguyễn Huệ", "Gia Hội", "Bùi Thị Xuân", "Nguyễn Trường Tộ",
    "Đặng Trần Côn", "Cao Thắng", "Phú Bài", "Hương Thủy", "Nguyễn Trãi", "Hương Trà", "Bình Điền", "Đặng Huy Trứ",
    "Phong Điền", "Nguyễn Đình Chiểu", "Tam Giang", "Trần Văn Kỷ", "Hóa Châu", "Nguyễn Chí Thanh", "Tố Hữu",
    "Phan Đăng Lưu", "Thuận An", "Vinh Xuân", "Hà Trung", "An Lương Đông", "Phú Lộc", "Vinh Lộc", "Thừa Lưu",
    "Nam Đông", "Hương Giang", "A Lưới", "Hồng Vân", "Hương Lâm",
)  # fmt: skip
_HOSPITALS = (
    ("Trung tâm Y tế khu vực Huế", "TTYT Huế"),
    ("Trung tâm Kiểm soát bệnh tật", "CDC"),
    ("Bệnh viện Phục hồi chức năng", "BV PHCN"),
    ("Bệnh viện Y học cổ truyền", "BV YHCT"),
    ("Bệnh viện Mắt", "BV Mắt"),
    ("Bệnh viện Phổi", "BV Phổi"),
    ("Bệnh viện Da liễu", "BV Da liễu"),
    ("Bệnh viện Tâm thần", "BV Tâm thần"),
    ("Trung tâm Cấp cứu 115", "TTCC 115"),
    *((f"Trung tâm Y tế khu vực {place}", f"TTYT {place}") for place in (
        "Phong Điền", "Quảng Điền", "Hương Trà", "Hương Thủy", "Phú Vang", "Phú Lộc", "Nam Đông", "A Lưới")),
)  # fmt: skip
_CLINICS = ("Khoa Khám bệnh", "Khoa Nội", "Khoa Ngoại", "Khoa Sản", "Khoa Nhi", "Khoa Dược", "Khoa Xét nghiệm")
_HIGH_SCHOOL_TEAMS = ("Tổ Toán - Tin", "Tổ Ngữ văn", "Tổ Khoa học tự nhiên", "Tổ Ngoại ngữ", "Tổ Văn phòng")
_SCHOOLS = (
    ("Mầm non", "MN", 10.0),
    ("Tiểu học", "TH", 14.0),
    ("THCS", "THCS", 13.0),
)


def departments() -> tuple[Entry, ...]:
    """Level 1 beside the wards: sở, ban, ngành and the city's own centres, each with what may lie below it."""
    entries = []
    for place, (name, short_name, kind, weight, offices) in enumerate(_DEPARTMENTS):
        children = [
            Entry(office, f"{_initials(office)} {short_name}", UnitKind.OFFICE, 2.2, 1 + number * 2 + place / 100,
                  _office_teams(short_name, office, number))
            for number, office in enumerate(offices)
        ]  # fmt: skip
        if short_name == "SGDĐT":
            children += _high_schools()
        if short_name == "SYT":
            children += _hospitals()
        entries.append(Entry(name, short_name, kind, weight, 0, tuple(children)))
    return tuple(entries)


def ward_entries() -> Iterator[tuple[Ward, Entry]]:
    """The wards and communes with their offices, schools and health stations; the inner ones are filled first."""
    for place, ward in enumerate(wards()):
        yield ward, _ward_entry(ward, place)


def _ward_entry(ward: Ward, place: int) -> Entry:
    urban = ward.kind is UnitKind.WARD
    short_name = f"{'P.' if urban else 'X.'} {ward.name}"
    economy = "Phòng Kinh tế, Hạ tầng và Đô thị" if urban else "Phòng Kinh tế"
    below = (
        Entry("Văn phòng HĐND và UBND", f"VP {short_name}", UnitKind.OFFICE, 2.0, 2 + place * 0.10),
        Entry(economy, f"PKT {short_name}", UnitKind.OFFICE, 2.4, 3 + place * 0.12),
        Entry("Phòng Văn hóa - Xã hội", f"PVHXH {short_name}", UnitKind.OFFICE, 2.0, 3.5 + place * 0.12),
        Entry("Trung tâm Phục vụ hành chính công", f"TTPVHCC {short_name}", UnitKind.CENTRE, 1.6, 2.2 + place * 0.14, (
            Entry("Tổ Một cửa", f"TMC {short_name}", UnitKind.TEAM, 0.8, 5 + place),
        )),
        Entry(f"Trạm Y tế {_lower(ward.full_name)}", f"TYT {short_name}", UnitKind.HEALTH_CENTRE, 3.0,
              2.4 + place * 0.14),
    )  # fmt: skip
    return Entry(f"UBND {_lower(ward.full_name)}", short_name, ward.kind, 3.0, 0, (*below, *_ward_schools(ward, place)))


def _ward_schools(ward: Ward, ward_place: int) -> Iterator[Entry]:
    for series in range(1, 4):
        suffix = "" if series == 1 else f" số {series}"
        for place, (stage, short_stage, weight) in enumerate(_SCHOOLS):
            name = f"Trường {stage} {ward.name}{suffix}"
            rank = (2.6, 9, 18)[series - 1] + place / 2 + ward_place * 0.15
            teams = (
                (
                    Entry(
                        "Tổ Văn phòng",
                        f"TVP {short_stage} {ward.name}",
                        UnitKind.TEAM,
                        0.8,
                        14 + place + ward_place / 40,
                    ),
                )
                if series == 1 and stage != "Mầm non"
                else ()
            )
            yield Entry(name, f"{short_stage} {ward.name}{suffix}", UnitKind.SCHOOL, weight, rank, teams)


def _high_schools() -> Iterator[Entry]:
    for number, school in enumerate(_HIGH_SCHOOLS):
        teams = tuple(
            Entry(team, f"{_initials(team)} THPT {school}", UnitKind.TEAM, 5.0, 9 + place * 3 + number / 50)
            for place, team in enumerate(_HIGH_SCHOOL_TEAMS)
        )
        yield Entry(f"Trường THPT {school}", f"THPT {school}", UnitKind.SCHOOL, 9.0, 3 + number / 4, teams)


def _hospitals() -> Iterator[Entry]:
    for number, (name, short_name) in enumerate(_HOSPITALS):
        clinics = tuple(
            Entry(clinic, f"{clinic} {short_name}", UnitKind.TEAM, 7.0, 2.2 + place * 2 + number)
            for place, clinic in enumerate(_CLINICS)
        )
        yield Entry(name, short_name, UnitKind.HEALTH_CENTRE, 9.0, 1.5 + number / 3, clinics)


def _office_teams(department: str, office: str, number: int) -> tuple[Entry, ...]:
    if number == 0:
        return (Entry("Tổ Văn thư - Lưu trữ", f"TVT {department}", UnitKind.TEAM, 0.8, 3),)
    if office == "Phòng Chuyển đổi số":
        return (Entry("Tổ Công nghệ số", f"TCNS {department}", UnitKind.TEAM, 0.8, 3.2),)
    return ()


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.replace("-", " ").replace(",", " ").split()).upper()


def _lower(full_name: str) -> str:
    """`"Phường Vỹ Dạ"` inside a name: `"phường Vỹ Dạ"`."""
    return full_name[0].lower() + full_name[1:]
