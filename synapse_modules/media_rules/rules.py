"""Who may upload how much, and of what kind: values in, values out."""

from collections.abc import Set
from dataclasses import dataclass

from huep.module_settings import OFFICE_KINDS
from huep.module_settings import MediaKind as Kind
from synapse_modules.colleagues import NO_POSTS, Colleague, Posts

MEGABYTE = 1024 * 1024

SENTENCES = {
    Kind.PROGRAM: (
        "Không gửi được: tệp này là chương trình, hoặc có chương trình ở trong. "
        "Nếu cần cho công việc, xin nhờ bộ phận công nghệ thông tin."
    ),
    Kind.MACRO: "Không gửi được: tài liệu có macro. Xin lưu lại thành tài liệu không macro (.docx, .xlsx) rồi gửi.",
    Kind.PAGE: "Không gửi được: tệp này là trang web hoặc hình SVG. Xin xuất ra PDF hoặc ảnh rồi gửi.",
    Kind.ARCHIVE: "Không gửi được tệp nén. Xin gửi từng tài liệu.",
    Kind.ENCRYPTED: "Không gửi được: nội dung tệp đã mã hóa hoặc không nhận ra. Xin gửi trong phòng có mã hóa.",
    Kind.UNKNOWN: "Không gửi được: không nhận ra loại tệp này. Xin xuất ra PDF, hoặc nén lại thành .zip rồi gửi.",
}
OTHER_KIND = "Không gửi được: loại tệp này không dùng được ở đây. Xin gửi ảnh, PDF hoặc tài liệu văn phòng."
TOO_LARGE = "Không gửi được: tệp lớn hơn {largest_mb} MB. Xin chia nhỏ hoặc giảm dung lượng rồi gửi."
TOO_MUCH = "Hôm nay đã gửi đủ {daily_mb} MB tệp. Xin gửi tiếp vào ngày mai, hoặc liên hệ bộ phận công nghệ thông tin."
INFECTED = "Không gửi được: tệp có mã độc. Xin đừng mở tệp này và báo ngay bộ phận công nghệ thông tin."
NOT_SCANNED = "Chưa gửi được vì máy quét mã độc tạm thời không trả lời. Xin thử lại sau ít phút."
NOT_READ = "Chưa gửi được vì máy chủ chưa đọc được tệp. Xin thử lại sau ít phút."


@dataclass(frozen=True)
class Allowance:
    """What somebody may upload."""

    largest_bytes: int = 100 * MEGABYTE
    daily_bytes: int | None = None
    """In 24 hours; None: as much as they like."""
    kinds: Set[Kind] = frozenset(OFFICE_KINDS)


OFFICE_ALLOWANCE = Allowance()


@dataclass(frozen=True)
class Group:
    """People with an allowance of their own: all conditions that are given hold of them."""

    allowance: Allowance
    posts: Posts = NO_POSTS
    units: Set[str] = frozenset()
    """Codes; whoever works in one of them or below."""

    def has(self, colleague: Colleague) -> bool:
        """Whether the colleague belongs to it."""
        in_units = not self.units or not self.units.isdisjoint(colleague.units)
        return in_units and (self.posts == NO_POSTS or self.posts.has(colleague))


@dataclass(frozen=True)
class Policy:
    """What a province lays down."""

    services: Set[str] = frozenset()
    """Localparts of service accounts and bots: any kind, and as much as they like, but scanned all the same."""
    everybody: Allowance = OFFICE_ALLOWANCE
    groups: tuple[Group, ...] = ()
    """The first that somebody belongs to counts."""

    def allowance_of(self, colleague: Colleague) -> Allowance:
        """What this person may upload."""
        if colleague.localpart in self.services:
            return Allowance(self.everybody.largest_bytes, None, frozenset(Kind))
        return next((group.allowance for group in self.groups if group.has(colleague)), self.everybody)


def kind_refusal(kind: Kind, allowance: Allowance) -> str | None:
    """The sentence for the person where this kind is not for them."""
    return None if kind in allowance.kinds else SENTENCES.get(kind, OTHER_KIND)


def size_refusal(size_bytes: int, allowance: Allowance) -> str | None:
    """The sentence for the person where the file is too large for them."""
    if size_bytes <= allowance.largest_bytes:
        return None
    return TOO_LARGE.format(largest_mb=allowance.largest_bytes // MEGABYTE)
