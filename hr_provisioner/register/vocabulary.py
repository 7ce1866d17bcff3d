"""The words of a register and the values that they stand for, matched with or without diacritics."""

from collections.abc import Mapping
from enum import StrEnum

from huep.directory.model import AbsenceKind, PostKind, Standing, UnitKind
from huep.names import fold


class Status(StrEnum):
    """Tình trạng of a person who is not on long leave; `AbsenceKind` has the others."""

    WORKING = "working"
    LEFT = "left"
    RETIRED = "retired"
    DISMISSED = "dismissed"
    """Buộc thôi việc: the one leaving that cannot wait for the end of a day."""


STANDING_LABELS: Mapping[Standing, str] = {
    Standing.HEAD: "Trưởng",
    Standing.DEPUTY: "Phó",
    Standing.STAFF: "Nhân viên",
}

POST_KIND_LABELS: Mapping[PostKind, str] = {
    PostKind.MAIN: "Chính",
    PostKind.CONCURRENT: "Kiêm nhiệm",
    PostKind.SECONDMENT: "Biệt phái",
}

STATUS_LABELS: Mapping[Status | AbsenceKind, str] = {
    Status.WORKING: "Đang làm việc",
    Status.LEFT: "Đã nghỉ việc",
    Status.RETIRED: "Nghỉ hưu",
    Status.DISMISSED: "Buộc thôi việc",
    AbsenceKind.MATERNITY: "Nghỉ thai sản",
    AbsenceKind.STUDY: "Đi học",
    AbsenceKind.SICK: "Nghỉ ốm",
    AbsenceKind.SUSPENSION: "Tạm đình chỉ",
}

UNIT_KIND_LABELS: Mapping[UnitKind, str] = {
    UnitKind.PROVINCE: "Thành phố",
    UnitKind.DEPARTMENT: "Sở, ban, ngành",
    UnitKind.WARD: "Phường",
    UnitKind.COMMUNE: "Xã",
    UnitKind.OFFICE: "Phòng",
    UnitKind.SCHOOL: "Trường",
    UnitKind.HEALTH_CENTRE: "Cơ sở y tế",
    UnitKind.CENTRE: "Đơn vị sự nghiệp",
    UnitKind.TEAM: "Tổ",
}


STANDINGS: Mapping[str, Standing] = {
    fold(word): standing
    for standing, words in {
        Standing.HEAD: (STANDING_LABELS[Standing.HEAD], "Cấp trưởng", "Người đứng đầu", "head"),
        Standing.DEPUTY: (STANDING_LABELS[Standing.DEPUTY], "Cấp phó", "deputy"),
        Standing.STAFF: (STANDING_LABELS[Standing.STAFF], "", "Không", "staff"),
    }.items()
    for word in words
}

POST_KINDS: Mapping[str, PostKind] = {
    fold(word): kind
    for kind, words in {
        PostKind.MAIN: (POST_KIND_LABELS[PostKind.MAIN], "", "Vị trí chính", "main"),
        PostKind.CONCURRENT: (POST_KIND_LABELS[PostKind.CONCURRENT], "Kiêm", "concurrent"),
        PostKind.SECONDMENT: (POST_KIND_LABELS[PostKind.SECONDMENT], "secondment"),
    }.items()
    for word in words
}

_STATUS_WORDS: Mapping[Status | AbsenceKind, tuple[str, ...]] = {
    Status.WORKING: (STATUS_LABELS[Status.WORKING], "Đang công tác", "Đang làm", "working"),
    Status.LEFT: (STATUS_LABELS[Status.LEFT], "Nghỉ việc", "Thôi việc", "Đã thôi việc", "left"),
    Status.RETIRED: (STATUS_LABELS[Status.RETIRED], "Đã nghỉ hưu", "retired"),
    Status.DISMISSED: (
        STATUS_LABELS[Status.DISMISSED],
        "Kỷ luật buộc thôi việc",
        "Kỉ luật buộc thôi việc",
        "Bị buộc thôi việc",
        "Sa thải",
        "dismissed",
    ),
    AbsenceKind.MATERNITY: (STATUS_LABELS[AbsenceKind.MATERNITY], "Thai sản", "maternity"),
    AbsenceKind.STUDY: (STATUS_LABELS[AbsenceKind.STUDY], "Đi học tập trung", "Cử đi học", "study"),
    AbsenceKind.SICK: (STATUS_LABELS[AbsenceKind.SICK], "Nghỉ ốm dài ngày", "Ốm dài ngày", "sick"),
    AbsenceKind.SUSPENSION: (
        STATUS_LABELS[AbsenceKind.SUSPENSION],
        "Đình chỉ",
        "Tạm đình chỉ công tác",
        "suspension",
    ),
}

STATUSES: Mapping[str, Status | AbsenceKind] = {
    fold(word): status for status, words in _STATUS_WORDS.items() for word in words
}

UNIT_KINDS: Mapping[str, UnitKind] = {
    fold(word): kind
    for kind, words in {
        UnitKind.PROVINCE: (UNIT_KIND_LABELS[UnitKind.PROVINCE], "Tỉnh", "UBND tỉnh", "UBND thành phố", "province"),
        UnitKind.DEPARTMENT: (UNIT_KIND_LABELS[UnitKind.DEPARTMENT], "Sở", "Ban, ngành", "Sở ban ngành", "department"),
        UnitKind.WARD: (UNIT_KIND_LABELS[UnitKind.WARD], "UBND phường", "ward"),
        UnitKind.COMMUNE: (UNIT_KIND_LABELS[UnitKind.COMMUNE], "Đặc khu", "UBND xã", "commune"),
        UnitKind.OFFICE: (UNIT_KIND_LABELS[UnitKind.OFFICE], "Phòng, ban", "Văn phòng", "Ban", "office"),
        UnitKind.SCHOOL: (UNIT_KIND_LABELS[UnitKind.SCHOOL], "Trường học", "school"),
        UnitKind.HEALTH_CENTRE: (
            UNIT_KIND_LABELS[UnitKind.HEALTH_CENTRE],
            "Bệnh viện",
            "Trung tâm y tế",
            "Trạm y tế",
            "health_centre",
        ),
        UnitKind.CENTRE: (UNIT_KIND_LABELS[UnitKind.CENTRE], "Trung tâm", "Sự nghiệp", "centre"),
        UnitKind.TEAM: (UNIT_KIND_LABELS[UnitKind.TEAM], "Tổ, bộ phận", "Bộ phận", "Khoa", "Đội", "team"),
    }.items()
    for word in words
}
