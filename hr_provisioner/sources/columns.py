"""The columns of a register, found by their headings however these are typed."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

from hr_provisioner.sources.source import ColumnMissing, ColumnRepeated, MappedColumnMissing, Table
from huep.names import fold


class PostColumn(StrEnum):
    """The table of posts (cán bộ): one row a post, a person repeats by officer code. Values are the headings."""

    OFFICER_CODE = "Mã cán bộ"
    FULL_NAME = "Họ và tên"
    BIRTH_DATE = "Ngày sinh"
    GENDER = "Giới tính"
    EMAIL = "Thư công vụ"
    UNIT_CODE = "Mã đơn vị"
    POSITION_CODE = "Mã chức vụ"
    POSITION = "Chức vụ"
    STANDING = "Cấp"
    RANK = "Ngạch"
    KIND = "Loại vị trí"
    VALID_FROM = "Từ ngày"
    LAST_VALID = "Đến ngày"
    STATUS = "Tình trạng"
    STATUS_FROM = "Tình trạng từ"
    STATUS_LAST = "Tình trạng đến"
    RETIRES_ON = "Ngày nghỉ hưu"
    LAST_DAY = "Ngày làm việc cuối"


class UnitColumn(StrEnum):
    """The table of units (đơn vị). Values are the headings."""

    CODE = "Mã đơn vị"
    NAME = "Tên đơn vị"
    SHORT_NAME = "Tên viết tắt"
    KIND = "Loại"
    LEVEL = "Cấp bậc"
    PARENT_CODE = "Mã cấp trên"
    VALID_FROM = "Từ ngày"
    LAST_VALID = "Đến ngày"
    SUCCESSORS = "Đơn vị kế thừa"


@dataclass(frozen=True)
class Form:
    """What a table must have, and what else its columns are called."""

    columns: tuple[StrEnum, ...]
    required: frozenset[StrEnum]
    aliases: Mapping[StrEnum, tuple[str, ...]]

    @cached_property
    def known(self) -> Mapping[str, tuple[StrEnum, "Placed"]]:
        """Column by the key of each heading that means it; a name of the form outranks another column's alias."""
        by_alias = {
            heading_key(alias): (column, Placed.BY_ALIAS)
            for column, aliases in self.aliases.items()
            for alias in aliases
        }
        return by_alias | {heading_key(column.value): (column, Placed.BY_NAME) for column in self.columns}


POSTS = Form(
    columns=tuple(PostColumn),
    required=frozenset(
        {
            PostColumn.OFFICER_CODE,
            PostColumn.FULL_NAME,
            PostColumn.UNIT_CODE,
            PostColumn.POSITION,
            PostColumn.STANDING,
            PostColumn.VALID_FROM,
            PostColumn.STATUS,
        }
    ),
    aliases={
        PostColumn.OFFICER_CODE: (
            "Mã CBCCVC",
            "Mã công chức",
            "Mã nhân viên",
            "Mã số cán bộ",
            "Số hiệu cán bộ",
            "Số hiệu công chức",
            "officer_code",
        ),
        PostColumn.FULL_NAME: ("Họ tên", "Họ và tên khai sinh", "full_name"),
        PostColumn.BIRTH_DATE: ("Ngày tháng năm sinh", "birth_date"),
        PostColumn.GENDER: ("Phái", "gender"),
        PostColumn.EMAIL: ("Email", "E-mail", "Email công vụ", "Thư điện tử", "Thư điện tử công vụ"),
        PostColumn.UNIT_CODE: ("Mã cơ quan", "Mã phòng ban", "unit_code"),
        PostColumn.POSITION_CODE: ("Mã vị trí", "position_code"),
        PostColumn.POSITION: ("Chức danh", "Vị trí việc làm", "position"),
        PostColumn.STANDING: ("Cấp lãnh đạo", "Cấp trưởng phó", "standing"),
        PostColumn.RANK: ("Ngạch công chức", "Ngạch/Hạng", "Ngạch, hạng", "rank"),
        PostColumn.KIND: ("Loại chức vụ", "Hình thức", "kind"),
        PostColumn.VALID_FROM: ("Từ", "Ngày bắt đầu", "Ngày bổ nhiệm", "valid_from"),
        PostColumn.LAST_VALID: ("Đến", "Ngày kết thúc"),
        PostColumn.STATUS: ("Trạng thái", "Tình trạng công tác", "status"),
        PostColumn.STATUS_FROM: ("Tình trạng từ ngày", "Trạng thái từ"),
        PostColumn.STATUS_LAST: ("Tình trạng đến ngày", "Trạng thái đến"),
        PostColumn.RETIRES_ON: ("Ngày hưu", "Ngày hưởng chế độ hưu", "retires_on"),
        PostColumn.LAST_DAY: ("Ngày làm việc cuối cùng", "Ngày nghỉ việc", "leaves_on"),
    },
)

UNITS = Form(
    columns=tuple(UnitColumn),
    required=frozenset(
        {UnitColumn.CODE, UnitColumn.NAME, UnitColumn.KIND, UnitColumn.LEVEL, UnitColumn.PARENT_CODE},
    ),
    aliases={
        UnitColumn.CODE: ("Mã", "Mã cơ quan", "unit_code"),
        UnitColumn.NAME: ("Tên", "Tên cơ quan", "name"),
        UnitColumn.SHORT_NAME: ("Viết tắt", "short_name"),
        UnitColumn.KIND: ("Loại đơn vị", "Loại hình", "kind"),
        UnitColumn.LEVEL: ("Cấp", "level"),
        UnitColumn.PARENT_CODE: ("Mã đơn vị cấp trên", "Mã đơn vị cha", "Trực thuộc", "parent_code"),
        UnitColumn.VALID_FROM: ("Ngày thành lập", "Ngày hiệu lực", "valid_from"),
        UnitColumn.LAST_VALID: ("Ngày giải thể", "Ngày hết hiệu lực"),
        UnitColumn.SUCCESSORS: ("Mã đơn vị kế thừa", "Sáp nhập vào", "successors"),
    },
)


class Placed(StrEnum):
    """How the meaning of a heading was found."""

    BY_MAPPING = "mapping"
    """huep.toml says it."""
    BY_NAME = "name"
    BY_ALIAS = "alias"


class Place(NamedTuple):
    """One heading that is understood."""

    position: int
    column: StrEnum
    how: Placed


_DECORATION = re.compile(r"\([^)]*\)|[^\w/,]+")


def heading_key(heading: str) -> str:
    """What of a heading counts: `"Mã cán bộ (*):"` and `"MA_CAN_BO"` are the same."""
    return " ".join(_DECORATION.sub(" ", fold(heading)).replace("_", " ").split())


def column_named(form: Form, heading: str) -> tuple[StrEnum, Placed] | None:
    """The column of the form that a heading names, by its own name or an alias."""
    return form.known.get(heading_key(heading))


def places_of(header: Sequence[str], form: Form, mapped: Mapping[str, str]) -> list[Place]:
    """Every heading that is understood, from left to right; a column can be there twice.

    A column that is mapped is looked for under that heading alone.
    """
    by_mapping = {heading_key(heading): column for column, heading in mapped.items()}
    places: list[Place] = []
    for position, heading in enumerate(header):
        key = heading_key(heading)
        if key in by_mapping:
            places.append(Place(position, _column(form, by_mapping[key]), Placed.BY_MAPPING))
        elif key in form.known and form.known[key][0].value not in mapped:
            places.append(Place(position, *form.known[key]))
    return places


class Row(NamedTuple):
    """The cells of one row in the order of the form's columns; a column that the file lacks gives an empty cell."""

    number: int
    cells: tuple[str, ...]
    overflow: str
    """What stands to the right of the last heading, empty when nothing does."""


def rows_of(table: Table, form: Form) -> Iterator[Row]:
    """The rows of a table that are not blank. Raises ColumnMissing, ColumnRepeated; consumes the table."""
    found = _positions(table, form)
    nowhere = len(table.header)
    return _pick_rows(table, [found.get(column, nowhere) for column in form.columns])


def _pick_rows(table: Table, positions: list[int]) -> Iterator[Row]:
    width = len(table.header)
    pick: Callable[[Sequence[str]], tuple[str, ...]] = itemgetter(*positions)
    # One cell more than the header has stands in for the columns that the file lacks.
    padding = [""] * (width + 1)
    as_it_is = width if max(positions) < width else None
    for number, cells in table.rows:
        overflow = ""
        if len(cells) != as_it_is:
            overflow = " ".join(cells[width:]).strip()
            cells = [*cells[:width], *padding[len(cells[:width]) :]]
        chosen = pick(cells)
        if overflow or any(map(str.strip, chosen)):
            yield Row(number, chosen, overflow)


def _positions(table: Table, form: Form) -> dict[StrEnum, int]:
    positions: dict[StrEnum, int] = {}
    for position, column, _ in places_of(table.header, form, table.mapped):
        if column in positions:
            raise ColumnRepeated(table.name, column.value)
        positions[column] = position
    for name, heading in table.mapped.items():
        if _column(form, name) not in positions:
            raise MappedColumnMissing(table.name, name, heading)
    missing = [column.value for column in form.columns if column in form.required and column not in positions]
    if missing:
        raise ColumnMissing(table.name, missing)
    return positions


def _column(form: Form, name: str) -> StrEnum:
    return next(column for column in form.columns if column.value == name)
