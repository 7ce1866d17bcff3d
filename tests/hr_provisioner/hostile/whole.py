"""Registers that are empty, cut, doubled, mixed, or of another time."""

from dataclasses import replace
from datetime import timedelta

from hr_provisioner.snapshots.refusals import (
    Cut,
    Doubled,
    FromTheFuture,
    HeadingAgain,
    NothingIn,
    OlderThanLast,
    OtherPeople,
    TwoProvinces,
)
from hr_provisioner.sources.columns import PostColumn as P
from hr_provisioner.sources.columns import UnitColumn as U
from hr_provisioner.sources.source import SourceEmpty, SourceUnreadable

from .poisons import parked, refused
from .province import LAST_EXPORT, NOW, Export


@refused(SourceEmpty)
def poison_01_headings_and_nothing_below(export: Export) -> Export:
    return replace(export, posts=[])


@refused(SourceEmpty)
def poison_02_a_file_of_no_bytes(export: Export) -> Export:
    return replace(export, spoil_posts=lambda _: b"")


@refused(Cut)
def poison_03_cut_in_the_middle_of_a_row(export: Export) -> Export:
    return replace(export, spoil_posts=lambda content: content[: content.rindex(b"cb350@")])


@refused(Cut)
def poison_04_cut_between_two_rows_below_a_stated_total(export: Export) -> Export:
    return replace(export, post_titles=["Tổng số dòng: 400"], posts=export.posts[:399])


@refused(Cut)
def poison_05_more_rows_than_stated(export: Export) -> Export:
    return replace(export, post_titles=["Tổng số dòng: 399"])


@parked("parked-rows")
def poison_06_cut_between_two_rows_without_a_total(export: Export) -> Export:
    return replace(export, posts=export.posts[:380])


@refused(OtherPeople)
def poison_07_the_export_of_one_page_of_many(export: Export) -> Export:
    return replace(export, posts=export.posts[:100])


@refused(OlderThanLast)
def poison_08_exported_before_the_last_one(export: Export) -> Export:
    return replace(export, exported_at=LAST_EXPORT - timedelta(days=30))


@refused(OlderThanLast)
def poison_09_exported_at_the_same_moment_with_other_content(export: Export) -> Export:
    return replace(export, exported_at=LAST_EXPORT, posts=export.posts[1:])


@refused(FromTheFuture)
def poison_10_exported_tomorrow(export: Export) -> Export:
    return replace(export, exported_at=NOW + timedelta(days=1))


@refused(HeadingAgain)
def poison_11_headings_again_in_the_middle(export: Export) -> Export:
    headings = {heading: heading for heading in export.post_headings}
    return replace(export, posts=[*export.posts[:200], headings, *export.posts[200:]])


@refused(Doubled)
def poison_12_the_whole_table_twice(export: Export) -> Export:
    return replace(export, posts=export.posts * 2)


@refused(Doubled)
def poison_13_a_third_of_the_table_twice(export: Export) -> Export:
    return replace(export, posts=export.posts + export.posts[:133])


@refused(TwoProvinces)
def poison_14_two_provinces_in_one_file(export: Export) -> Export:
    others = [row | {P.OFFICER_CODE: f"Q{row[P.OFFICER_CODE]}", P.UNIT_CODE: "H58"} for row in export.posts]
    root = export.units[0] | {U.CODE: "H58", U.NAME: "UBND tỉnh Quảng Trị"}
    return replace(export, posts=export.posts + others, units=[*export.units, root])


@parked("parked-rows", "parked-turnover")
def poison_15_the_people_of_another_province_under_our_units(export: Export) -> Export:
    others = [
        row | {P.OFFICER_CODE: f"Q{row[P.OFFICER_CODE]}", P.FULL_NAME: f"{row[P.FULL_NAME]} Ngọc"}
        for row in export.posts
    ]
    return replace(export, posts=export.posts + others)


@parked("parked-stale")
def poison_16_the_file_of_last_year_with_the_date_of_today(export: Export) -> Export:
    before = [row for row in export.posts if row[P.VALID_FROM][-4:] < "2025"]
    return replace(export, posts=before)


@refused(NothingIn)
def poison_17_no_unit_that_can_be_trusted(export: Export) -> Export:
    export.units[0][U.KIND] = "Liên bang"
    return export


@refused(SourceUnreadable)
def poison_18_quotes_that_never_close(export: Export) -> Export:
    return replace(export, spoil_posts=lambda content: content.replace(b"cb200@", b'"cb200@', 1))


@refused(SourceUnreadable)
def poison_19_half_a_character_at_the_end_of_utf16(export: Export) -> Export:
    return replace(export, spoil_posts=lambda content: content.decode().encode("utf-16")[:-1])
