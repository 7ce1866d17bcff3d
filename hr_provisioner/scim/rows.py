"""Pure: from SCIM resources to the two tables of a register, cell by cell, as a file would have them.

Resources come as the JSON that the store keeps, in the spelling of the schemas: through the models 60,000 people would
take half a minute longer.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from hr_provisioner.dates import parse_date
from hr_provisioner.register.vocabulary import STATUSES, Status
from hr_provisioner.scim.model import EnterpriseUser, HuepGroup, HuepUser
from hr_provisioner.sources.columns import PostColumn, UnitColumn
from huep.names import fold, normalise

Content = Mapping[str, Any]
"""A resource, or a part of one, as JSON."""
Cells = Mapping[StrEnum, str]

_ENTERPRISE, _HUEP_USER, _HUEP_GROUP = (str(model.__schema__) for model in (EnterpriseUser, HuepUser, HuepGroup))
_NOTHING: Content = {}


def officer_code(user: Content) -> str | None:
    """The officer code in capitals; None where the sender gave none, and the person is then nobody's row."""
    return _text(user.get(_ENTERPRISE, _NOTHING).get("employeeNumber")).upper() or None


def unit_code(group: Content) -> str | None:
    """The unit code in capitals."""
    return _text(group.get(_HUEP_GROUP, _NOTHING).get("code")).upper() or None


def post_rows(user: Content, left_on: date | None) -> Iterator[Cells]:
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


def unit_row(group: Content, left_on: date | None) -> Cells | None:
    """The row of a unit; None for one that was deleted before its first day.

    `left_on` is the last day of a unit that was deleted.
    """
    huep: Content = group.get(_HUEP_GROUP, _NOTHING)
    first = _text(huep.get("validFrom"))
    if left_on is not None and first and parse_date(first) > left_on:
        return None
    level = huep.get("level")
    return {
        UnitColumn.CODE: _text(huep.get("code")),
        UnitColumn.NAME: _text(group.get("displayName")),
        UnitColumn.SHORT_NAME: _text(huep.get("shortName")),
        UnitColumn.KIND: _text(huep.get("kind")),
        UnitColumn.LEVEL: "" if level is None else str(level),
        UnitColumn.PARENT_CODE: _text(huep.get("parent")),
        UnitColumn.VALID_FROM: first,
        UnitColumn.LAST_VALID: _earlier(_text(huep.get("validTo")), left_on),
        UnitColumn.SUCCESSORS: " ".join(huep.get("successors") or ()),
    }


def in_order(cells: Cells, columns: Sequence[StrEnum]) -> tuple[str, ...]:
    """The cells of a row in the order of the form; what a resource cannot say is empty."""
    return tuple(cells.get(column, "") for column in columns)


def _person(user: Content, left_on: date | None) -> Cells:
    huep: Content = user.get(_HUEP_USER, _NOTHING)
    return {
        PostColumn.OFFICER_CODE: officer_code(user) or "",
        PostColumn.FULL_NAME: _full_name(user),
        PostColumn.BIRTH_DATE: _text(huep.get("birthDate")),
        PostColumn.EMAIL: _address(user),
        PostColumn.STATUS: _status(_text(huep.get("status")), left_on),
        PostColumn.STATUS_FROM: "" if left_on else _text(huep.get("statusFrom")),
        PostColumn.STATUS_LAST: "" if left_on else _text(huep.get("statusTo")),
        PostColumn.RETIRES_ON: _text(huep.get("retiresOn")),
        PostColumn.LAST_DAY: _earlier(_text(huep.get("lastDay")), left_on),
    }


def _status(said: str, left_on: date | None) -> str:
    if left_on is None:
        return said or Status.WORKING.value
    # How somebody left is the sender's to say; that they left is settled by `active` or by the deletion.
    return said if STATUSES.get(fold(said)) in (Status.RETIRED, Status.DISMISSED) else Status.LEFT.value


def _posts(user: Content) -> Sequence[Content]:
    huep: Content = user.get(_HUEP_USER, _NOTHING)
    posts: Sequence[Content] = huep.get("posts") or ()
    if posts:
        return posts
    unit, position = user.get(_ENTERPRISE, _NOTHING).get("department"), user.get("title")
    if unit is None and position is None:
        return ()
    of_main = {name: huep.get(name) for name in ("standing", "rank", "validFrom", "validTo")}
    return ({"unit": unit, "position": position, "primary": True, **of_main},)


def _post_cells(post: Content, *, only: bool) -> Cells:
    return {
        PostColumn.UNIT_CODE: _text(post.get("unit")),
        PostColumn.POSITION_CODE: _text(post.get("positionCode")),
        PostColumn.POSITION: _text(post.get("position")),
        PostColumn.STANDING: _text(post.get("standing")),
        PostColumn.RANK: _text(post.get("rank")),
        PostColumn.KIND: _kind(post, only=only),
        PostColumn.VALID_FROM: _text(post.get("validFrom")),
        PostColumn.LAST_VALID: _text(post.get("validTo")),
    }


def _kind(post: Content, *, only: bool) -> str:
    type_ = _text(post.get("type"))
    return "main" if post.get("primary") or (only and not type_) else fold(type_ or "concurrent")


def _begins(post: Content) -> date:
    first = _text(post.get("validFrom"))
    return parse_date(first) if first else date.min


def _full_name(user: Content) -> str:
    name: Content = user.get("name") or _NOTHING
    parts = " ".join(name[part] for part in ("familyName", "middleName", "givenName") if name.get(part))
    return next((text for text in map(_text, (name.get("formatted"), user.get("displayName"), parts)) if text), "")


def _address(user: Content) -> str:
    emails: Sequence[Content] = user.get("emails") or ()
    ranked = sorted(emails, key=lambda email: (not email.get("primary"), email.get("type") != "work"))
    return _text(ranked[0].get("value")) if ranked else ""


def _earlier(said: str, left_on: date | None) -> str:
    """A last day in words, or `left_on` where that is earlier."""
    if left_on is None:
        return said
    return min(parse_date(said), left_on).isoformat() if said else left_on.isoformat()


def _text(raw: str | None) -> str:
    return normalise(raw) if raw else ""
