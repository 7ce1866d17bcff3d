"""Registers with the wrong cells: shifted or lost columns, dates, codes and names that a program spoiled."""

import re
from dataclasses import replace
from datetime import date, timedelta

from hr_provisioner.dates import day_first, parse_date
from hr_provisioner.snapshots.refusals import (
    ColumnGone,
    ColumnShifted,
    MonthFirst,
    NothingIn,
    OtherPeople,
)
from hr_provisioner.sources.columns import PostColumn as P
from hr_provisioner.sources.columns import UnitColumn as U
from hr_provisioner.sources.source import ColumnMissing, ColumnRepeated, SourceUnreadable

from .poisons import parked, refused
from .province import Export


def month_first(day: str) -> str:
    return re.sub(r"(\d\d)/(\d\d)/(\d{4})", r"\2/\1/\3", day)


@refused(ColumnShifted)
def poison_20_every_cell_one_column_to_the_right(export: Export) -> Export:
    headings = export.post_headings
    shifted = [dict(zip(headings[1:], (row.get(name, "") for name in headings), strict=False)) for row in export.posts]
    return replace(export, posts=shifted)


@refused(ColumnShifted)
def poison_21_an_unquoted_comma_shifts_most_rows(export: Export) -> Export:
    def shift(content: bytes) -> bytes:
        return re.sub(rb"(?m)^(04620.{4},[^,]+),", rb"\1,,", content)

    return replace(export, spoil_posts=shift)


@refused(ColumnMissing)
def poison_22_no_column_of_status(export: Export) -> Export:
    return replace(export, post_headings=[name for name in export.post_headings if name != P.STATUS])


@refused(ColumnGone)
def poison_23_no_column_of_last_days(export: Export) -> Export:
    return replace(export, post_headings=[name for name in export.post_headings if name != P.LAST_DAY])


@refused(ColumnGone)
def poison_24_a_column_of_status_with_nothing_in_it(export: Export) -> Export:
    return export.everybody(P.STATUS, lambda _: " ")


@parked("parked-thin", "parked-changed")
def poison_25_a_column_of_last_days_with_nothing_in_it(export: Export) -> Export:
    return export.everybody(P.LAST_DAY, lambda _: "").everybody(P.STATUS, lambda _: "Đang làm việc")


@refused(ColumnRepeated)
def poison_26_two_columns_of_last_days(export: Export) -> Export:
    return replace(export, post_headings=[*export.post_headings, "Ngày nghỉ việc"])


@refused(ColumnShifted)
def poison_27_headings_of_birth_date_and_first_day_exchanged(export: Export) -> Export:
    for row in export.posts:
        row[P.BIRTH_DATE], row[P.VALID_FROM] = row[P.VALID_FROM], row[P.BIRTH_DATE]
    return export


@refused(MonthFirst)
def poison_28_dates_in_american_order(export: Export) -> Export:
    for column in (P.BIRTH_DATE, P.VALID_FROM, P.LAST_DAY, P.RETIRES_ON):
        export.everybody(column, month_first)
    return export


@parked("parked-changed")
def poison_29_american_first_days_that_all_make_sense(export: Export) -> Export:
    return export.everybody(P.VALID_FROM, month_first)


@parked("parked-changed")
def poison_30_dates_four_years_and_a_day_late_as_between_two_spreadsheets(export: Export) -> Export:
    def late(day: str) -> str:
        return day_first(parse_date(day) + timedelta(days=1462)) if day else ""

    for column in (P.BIRTH_DATE, P.VALID_FROM, P.LAST_DAY, P.RETIRES_ON):
        export.everybody(column, late)
    return export


@refused(ColumnShifted)
def poison_31_years_of_two_digits(export: Export) -> Export:
    return export.everybody(P.VALID_FROM, lambda day: day[:6] + day[8:])


@refused(ColumnShifted)
def poison_32_dates_as_the_serial_numbers_of_a_spreadsheet(export: Export) -> Export:
    def serial(day: str) -> str:
        return str((parse_date(day) - date(1899, 12, 30)).days)

    return export.everybody(P.VALID_FROM, serial)


@refused(OtherPeople)
def poison_33_codes_without_the_zero_they_begin_with(export: Export) -> Export:
    return export.everybody(P.OFFICER_CODE, lambda code: code.lstrip("0"))


@refused(OtherPeople)
def poison_34_codes_with_a_new_prefix(export: Export) -> Export:
    return export.everybody(P.OFFICER_CODE, lambda code: f"HUE-{code}")


@refused(ColumnShifted)
def poison_35_codes_as_floating_point_numbers(export: Export) -> Export:
    return export.everybody(P.OFFICER_CODE, lambda code: f"{int(code)}.0")


@refused(ColumnShifted)
def poison_36_codes_in_scientific_notation(export: Export) -> Export:
    return export.everybody(P.OFFICER_CODE, lambda code: f"{int(code):.2E}")


@refused(ColumnShifted)
def poison_37_a_formula_that_found_no_unit(export: Export) -> Export:
    return export.everybody(P.UNIT_CODE, lambda _: "#N/A")


@parked("parked-quarantine")
def poison_38_a_formula_that_lost_some_positions(export: Export) -> Export:
    for row in export.posts[::20]:
        row[P.POSITION] = "#REF!"
    return export


@refused(ColumnShifted)
def poison_39_unit_names_lost_to_a_formula(export: Export) -> Export:
    for row in export.units[1:]:
        row[U.NAME] = "#REF!"
    return export


@refused(NothingIn)
def poison_40_the_name_of_the_province_as_a_formula(export: Export) -> Export:
    export.units[0][U.NAME] = '=HYPERLINK("http://x.example","Huế")'
    return export


_TCVN3 = str.maketrans("ăễạộêđĐầịìùôươảà", "¨Ô¹éª®§ÇÞ×ï«\xad¬¶µ")


@refused(SourceUnreadable)
def poison_41_names_in_tcvn3(export: Export) -> Export:
    return export.everybody(P.FULL_NAME, lambda name: name.translate(_TCVN3))


@refused(ColumnShifted)
def poison_42_names_decoded_with_the_wrong_alphabet(export: Export) -> Export:
    return export.everybody(P.FULL_NAME, lambda name: name.encode().decode("cp1252", "replace"))


@parked("parked-quarantine")
def poison_43_names_that_turn_the_direction_of_writing(export: Export) -> Export:
    for row in export.posts[::30]:
        row[P.FULL_NAME] = "\u202e" + row[P.FULL_NAME]
    return export


@parked("parked-quarantine")
def poison_44_names_with_letters_of_another_alphabet(export: Export) -> Export:
    for row in export.posts[::30]:
        row[P.FULL_NAME] = row[P.FULL_NAME].replace("n", "п")
    return export


@refused(ColumnShifted)
def poison_45_status_as_numbers(export: Export) -> Export:
    return export.everybody(P.STATUS, lambda _: "1")


@refused(ColumnShifted)
def poison_46_units_of_another_edition(export: Export) -> Export:
    for row in export.units[1:]:
        row[U.CODE] = row[U.CODE].replace("H57.", "H57.9")
        row[U.PARENT_CODE] = row[U.PARENT_CODE].replace("H57.", "H57.9")
    return export


@parked("parked-quarantine")
def poison_47_characters_of_nothing_in_the_cells(export: Export) -> Export:
    for row in export.posts[::30]:
        row[P.POSITION] = "Chuyên\0viên"
    return export


@parked("parked-quarantine")
def poison_48_cells_of_a_hundred_thousand_characters(export: Export) -> Export:
    for row in export.posts[::30]:
        row[P.POSITION] = "Chuyên viên " * 8_000
    return export
