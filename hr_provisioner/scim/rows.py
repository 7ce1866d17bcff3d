"""Pure: from SCIM resources to the two tables of a register, cell by cell, as a file would have them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from scim2_models import Resource

from hr_provisioner.columns import PostColumn, UnitColumn
from hr_provisioner.dates import parse_date
from hr_provisioner.scim.model import Email, EnterpriseUser, HuepGroup, HuepUser, Post
from hr_provisioner.vocabulary import STATUSES, Status
from huep.names import fold, normalise

ONE_DAY = timedelta(days=1)

Cells = Mapping[StrEnum, str]


def officer_code(user: Resource[Any]) -> str | None:
    """The officer code in capitals; None where the sender gave none, and the person is then nobody's row."""
    enterprise: EnterpriseUser | None = user[EnterpriseUser]
    return _code(enterprise.employee_number) if enterprise else None


def unit_code(group: Resource[Any]) -> str | None:
    """The unit code in capitals."""
    huep: HuepGroup | None = group[HuepGroup]
    return _code(huep.code) if huep else None


def post_rows(user: Resource[Any], left_on: date | None) -> Iterator[Cells]:
    """One row a post.

    `left_on` is the last day of somebody who was set inactive or deleted. Posts that would begin later are left out:
    who has left needs none.
    """
    person = _person(user, left_on)
    posts = [post for post in _posts(user) if left_on is None or _begins(post) <= left_on]
    for post in posts:
        yield {**person, **_post_cells(post, only=len(posts) == 1)}
    if not posts:
        yield person


def unit_row(group: Resource[Any], left_on: date | None) -> Cells | None:
    """The row of a unit; None for one that was deleted before its first day.

    `left_on` is the last day of a unit that was deleted.
    """
    huep: HuepGroup = group[HuepGroup] or HuepGroup()
    first = _text(huep.valid_from)
    last = _earlier(_text(huep.valid_to), left_on)
    if left_on is not None and first and parse_date(first) > left_on:
        return None
    cells: dict[StrEnum, str] = {
        UnitColumn.CODE: _text(huep.code),
        UnitColumn.NAME: _text(getattr(group, "display_name", None)),
        UnitColumn.SHORT_NAME: _text(huep.short_name),
        UnitColumn.KIND: _text(huep.kind),
        UnitColumn.LEVEL: "" if huep.level is None else str(huep.level),
        UnitColumn.PARENT_CODE: _text(huep.parent),
        UnitColumn.VALID_FROM: first,
        UnitColumn.LAST_VALID: last,
        UnitColumn.SUCCESSORS: " ".join(huep.successors or ()),
    }
    return cells


def in_order(cells: Cells, columns: Sequence[StrEnum]) -> tuple[str, ...]:
    """The cells of a row in the order of the form; what a resource cannot say is empty."""
    return tuple(cells.get(column, "") for column in columns)


def _person(user: Resource[Any], left_on: date | None) -> Cells:
    huep: HuepUser = user[HuepUser] or HuepUser()
    return {
        PostColumn.OFFICER_CODE: officer_code(user) or "",
        PostColumn.FULL_NAME: _full_name(user),
        PostColumn.BIRTH_DATE: _text(huep.birth_date),
        PostColumn.EMAIL: _address(user),
        PostColumn.STATUS: _status(huep, left_on),
        PostColumn.STATUS_FROM: "" if left_on else _text(huep.status_from),
        PostColumn.STATUS_LAST: "" if left_on else _text(huep.status_to),
        PostColumn.RETIRES_ON: _text(huep.retires_on),
        PostColumn.LAST_DAY: _earlier(_text(huep.last_day), left_on),
    }


def _status(huep: HuepUser, left_on: date | None) -> str:
    said = _text(huep.status)
    if left_on is None:
        return said or Status.WORKING.value
    meant = STATUSES.get(fold(said))
    # How somebody left is the sender's to say; that they left is settled by `active` or by the deletion.
    return said if meant in (Status.RETIRED, Status.DISMISSED) else Status.LEFT.value


def _posts(user: Resource[Any]) -> list[Post]:
    huep: HuepUser = user[HuepUser] or HuepUser()
    if huep.posts:
        return huep.posts
    enterprise: EnterpriseUser | None = user[EnterpriseUser]
    unit, position = enterprise.department if enterprise else None, getattr(user, "title", None)
    if unit is None and position is None:
        return []
    return [
        Post(
            unit=unit,
            position=position,
            standing=huep.standing,
            rank=huep.rank,
            primary=True,
            valid_from=huep.valid_from,
            valid_to=huep.valid_to,
        )
    ]


def _post_cells(post: Post, *, only: bool) -> Cells:
    return {
        PostColumn.UNIT_CODE: _text(post.unit),
        PostColumn.POSITION_CODE: _text(post.position_code),
        PostColumn.POSITION: _text(post.position),
        PostColumn.STANDING: _text(post.standing),
        PostColumn.RANK: _text(post.rank),
        PostColumn.KIND: _kind(post, only=only),
        PostColumn.VALID_FROM: _text(post.valid_from),
        PostColumn.LAST_VALID: _text(post.valid_to),
    }


def _kind(post: Post, *, only: bool) -> str:
    if post.primary or (only and not post.type):
        return "main"
    return fold(post.type or "concurrent")


def _begins(post: Post) -> date:
    return parse_date(normalise(post.valid_from)) if post.valid_from else date.min


def _full_name(user: Resource[Any]) -> str:
    name = getattr(user, "name", None)
    parts = " ".join(part for part in (name.family_name, name.middle_name, name.given_name) if part) if name else ""
    said = (name.formatted if name else None, getattr(user, "display_name", None), parts)
    return next((text for text in map(_text, said) if text), "")


def _address(user: Resource[Any]) -> str:
    emails: list[Email] = getattr(user, "emails", None) or []
    ranked = sorted(emails, key=lambda email: (not email.primary, email.type != "work"))
    return _text(ranked[0].value) if ranked else ""


def _earlier(said: str, left_on: date | None) -> str:
    """A last day in words, or `left_on` where that is earlier."""
    if left_on is None:
        return said
    return min(parse_date(said), left_on).isoformat() if said else left_on.isoformat()


def _code(raw: str | None) -> str | None:
    return normalise(raw).upper() or None if raw else None


def _text(raw: str | None) -> str:
    return normalise(raw) if raw else ""
