"""Registers that say something else of everybody: sorted apart, all leaving, all moved."""

from datetime import timedelta

from hr_provisioner.dates import day_first, parse_date
from hr_provisioner.snapshots.refusals import EverybodyLeft, UnitsVanished
from hr_provisioner.sources.columns import PostColumn as P

from .poisons import parked, refused
from .province import TODAY, Export, Row

YESTERDAY = day_first(TODAY - timedelta(days=1))


def _sorted_apart(rows: list[Row], column: P) -> None:
    values = sorted(row[column] for row in rows)
    for row, value in zip(rows, values, strict=True):
        row[column] = value


@refused(EverybodyLeft)
def poison_49_everybody_has_left(export: Export) -> Export:
    return export.everybody(P.STATUS, lambda _: "Đã nghỉ việc").everybody(P.LAST_DAY, lambda _: YESTERDAY)


@refused(EverybodyLeft)
def poison_50_everybody_is_dismissed(export: Export) -> Export:
    return export.everybody(P.STATUS, lambda _: "Buộc thôi việc")


@parked("parked-changed")
def poison_51_every_fifth_has_left(export: Export) -> Export:
    for row in export.posts[::5]:
        row |= {P.STATUS: "Đã nghỉ việc", P.LAST_DAY: YESTERDAY}
    return export


@parked("parked-changed")
def poison_52_last_days_a_year_early(export: Export) -> Export:
    def early(day: str) -> str:
        return day_first(parse_date(day) - timedelta(days=365)) if day else ""

    return export.everybody(P.LAST_DAY, early)


@parked("parked-changed")
def poison_53_retirement_in_the_column_of_last_days(export: Export) -> Export:
    for row in export.posts:
        row[P.LAST_DAY], row[P.RETIRES_ON] = row[P.RETIRES_ON], row.get(P.LAST_DAY, "")
    return export


@parked("parked-changed")
def poison_54_names_sorted_apart_from_their_codes(export: Export) -> Export:
    _sorted_apart(export.posts, P.FULL_NAME)
    return export


@parked("parked-changed")
def poison_55_units_sorted_apart_from_their_people(export: Export) -> Export:
    _sorted_apart(export.posts, P.UNIT_CODE)
    return export


@parked("parked-changed")
def poison_56_every_post_ended_yesterday(export: Export) -> Export:
    return export.everybody(P.LAST_VALID, lambda _: YESTERDAY)


@refused(UnitsVanished)
def poison_57_most_units_gone_and_everybody_in_those_left(export: Export) -> Export:
    export.units[:] = export.units[:5]
    return export.everybody(P.UNIT_CODE, lambda _: "H57.01")


@parked("parked-units")
def poison_58_a_quarter_of_the_units_gone(export: Export) -> Export:
    gone = ("H57.07", "H57.08")
    export.units[:] = [row for row in export.units if not row["Mã đơn vị"].startswith(gone)]
    return export.everybody(P.UNIT_CODE, lambda code: "H57.01" if code.startswith(gone) else code)


@parked("parked-turnover")
def poison_59_a_tenth_of_the_codes_mistyped(export: Export) -> Export:
    for row in export.posts[::10]:
        row[P.OFFICER_CODE] = row[P.OFFICER_CODE][:-1] + "X" + row[P.OFFICER_CODE][-1]
    return export
