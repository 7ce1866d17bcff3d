"""Pure: intervals on a day, and the order and identity of a person's posts."""

from datetime import date

from hr_provisioner.records import AbsenceRecord, PostRecord, UnitRecord
from huep.directory.model import PostKind

KIND_ORDER = {PostKind.MAIN: 0, PostKind.CONCURRENT: 1, PostKind.SECONDMENT: 2}

PostIdentity = tuple[str, str, PostKind, date]
"""Unit, position, kind and first day."""


def holds(period: PostRecord | UnitRecord | AbsenceRecord, today: date) -> bool:
    """Whether the post is held, the unit stands or the absence lasts on `today`."""
    return period.valid_from <= today and not over(period.valid_to, today)


def over(valid_to: date | None, today: date) -> bool:
    """Whether an interval that ends before `valid_to` lies behind on `today`."""
    return valid_to is not None and valid_to <= today


def main_post(posts: tuple[PostRecord, ...], today: date) -> PostRecord | None:
    """The main post that holds, else the first of the others that hold, else the first to come."""
    if len(posts) == 1:
        return posts[0]
    return held_post(posts, today) or min(posts, key=post_order, default=None)


def held_post(posts: tuple[PostRecord, ...], today: date) -> PostRecord | None:
    """The main post that holds, else the first of the others that hold; None where none does."""
    if len(posts) == 1:
        return posts[0] if holds(posts[0], today) else None
    return min((post for post in posts if holds(post, today)), key=post_order, default=None)


def main_unit(posts: tuple[PostRecord, ...], today: date) -> str | None:
    """Unit of the main post."""
    post = main_post(posts, today)
    return post.unit_code if post else None


def home_unit(posts: tuple[PostRecord, ...], last_unit: str | None, today: date) -> str | None:
    """The unit under which a lock is counted, by the directory's `posts` and the unit of the post that ended last.

    That of the main post that holds, else the last one, else of the first to come: a register that ends posts together
    with the service takes nobody out of the unit's limit.
    """
    held = held_post(posts, today)
    return held.unit_code if held else last_unit or main_unit(posts, today)


def post_order(post: PostRecord) -> tuple[int, str, str, date]:
    """Main post first; the order in which a person's posts are kept everywhere."""
    return KIND_ORDER[post.kind], post.unit_code, post.position_code, post.valid_from


def post_identity(post: PostRecord) -> PostIdentity:
    """What makes two listings the same post: the rest may be corrected in place."""
    return post.unit_code, post.position_code, post.kind, post.valid_from
