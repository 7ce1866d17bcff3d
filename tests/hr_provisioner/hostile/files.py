"""Files that are no register at all, under a register's name."""

from dataclasses import replace

from hr_provisioner.sources.source import ColumnMissing, SourceUnreadable

from .poisons import refused
from .province import Export


@refused(ColumnMissing)
def poison_60_a_login_page(export: Export) -> Export:
    page = (
        "<html>\n<head><title>Đăng nhập</title></head>\n<body>\nPhiên đã hết hạn, mời đăng nhập lại\n</body>\n</html>\n"
    )
    return replace(export, spoil_posts=lambda _: page.encode())


@refused(SourceUnreadable)
def poison_61_a_photograph(export: Export) -> Export:
    return replace(export, spoil_posts=lambda _: b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 40)


@refused(ColumnMissing)
def poison_62_the_units_in_the_place_of_the_people(export: Export) -> Export:
    return replace(export, post_headings=export.unit_headings, posts=export.units)
