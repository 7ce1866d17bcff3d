"""Headings are understood by name, by alias, and by what huep.toml says, and a mapping that makes no sense is refused."""

import pytest

from hr_provisioner.sources.columns import (
    POSTS,
    UNITS,
    Form,
    Placed,
    PostColumn,
    UnitColumn,
    column_named,
    places_of,
    rows_of,
)
from hr_provisioner.sources.mapping import mapping_of
from hr_provisioner.sources.source import ColumnRepeated, MappedColumnMissing, Table
from huep.errors import ConfigError
from huep.hr_settings import ColumnSettings


@pytest.mark.parametrize("form", [POSTS, UNITS], ids=["posts", "units"])
def test_every_name_and_alias_is_understood_without_diacritics_too(form: Form) -> None:
    for column in form.columns:
        assert column_named(form, column.value.upper()) == (column, Placed.BY_NAME)
        for alias in form.aliases.get(column, ()):
            assert column_named(form, f" {alias} (*): ") is not None


@pytest.mark.parametrize("form", [POSTS, UNITS], ids=["posts", "units"])
def test_no_alias_means_two_columns(form: Form) -> None:
    for column, aliases in form.aliases.items():
        for alias in aliases:
            found = column_named(form, alias)
            assert found is not None
            assert found[0] is column, alias


@pytest.mark.parametrize("heading", ["Đơn vị kế thừa", "MA DON VI KE THUA", "Sáp nhập vào", "successors"])
def test_successors_are_a_column_of_units(heading: str) -> None:
    found = column_named(UNITS, heading)
    assert found is not None
    assert found[0] is UnitColumn.SUCCESSORS


def test_places_say_how_they_were_found() -> None:
    header = ("SO_HIEU", "Họ tên", "Mã đơn vị", "Ghi chú", "Mã cán bộ")
    found = places_of(header, POSTS, {"Mã cán bộ": "so hieu"})
    assert [(place.position, place.column, place.how) for place in found] == [
        (0, PostColumn.OFFICER_CODE, Placed.BY_MAPPING),
        (1, PostColumn.FULL_NAME, Placed.BY_ALIAS),
        (2, PostColumn.UNIT_CODE, Placed.BY_NAME),
    ]


def test_a_heading_can_be_given_another_meaning_than_its_own() -> None:
    found = places_of(("Chức vụ", "Cấp"), POSTS, {"Cấp": "Chức vụ", "Chức vụ": "Cấp"})
    assert [place.column for place in found] == [PostColumn.STANDING, PostColumn.POSITION]


def table(header: tuple[str, ...], mapped: dict[str, str]) -> Table:
    return Table("can-bo.csv", header, iter(()), mapped)


def test_a_mapped_heading_that_is_gone_is_refused_though_the_column_is_optional() -> None:
    header = tuple(column.value for column in PostColumn)
    with pytest.raises(MappedColumnMissing, match=r'can-bo\.csv has no heading "MAIL", .* "Thư công vụ"'):
        rows_of(table(header, {"Thư công vụ": "MAIL"}), POSTS)


def test_a_mapped_heading_that_stands_there_twice_is_refused() -> None:
    header = (*(column.value for column in PostColumn), "MAIL", "mail")
    with pytest.raises(ColumnRepeated, match="Thư công vụ"):
        rows_of(table(header, {"Thư công vụ": "MAIL"}), POSTS)


def test_a_mapping_may_name_the_column_by_an_alias() -> None:
    mapped = mapping_of(ColumnSettings(posts={"ma can bo": "A", "Email": "B"}, units={"Tên": "C"}))
    assert dict(mapped.posts) == {"Mã cán bộ": "A", "Thư công vụ": "B"}
    assert dict(mapped.units) == {"Tên đơn vị": "C"}


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"posts": {"Mã số thuế": "MST"}}, r'hr\.source\.columns\.posts: there is no column "Mã số thuế".*"Mã cán bộ"'),
        ({"units": {"Họ và tên": "X"}}, r"hr\.source\.columns\.units: there is no column"),
        ({"posts": {"Mã cán bộ": "A", "officer_code": "B"}}, '"Mã cán bộ" is mapped twice'),
        ({"posts": {"Mã cán bộ": "A", "Họ và tên": " a:"}}, 'cannot both be " a:"'),
        ({"posts": {"Mã cán bộ": " "}}, "no heading"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused_by_its_key(columns: dict[str, dict[str, str]], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        mapping_of(ColumnSettings.model_validate(columns))
