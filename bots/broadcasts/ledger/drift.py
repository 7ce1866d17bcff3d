"""Who has come, left or moved since an announcement was sent; pure.

What one look does not see together is put together by a later one: a successor may be appointed before or after who
held the post is gone, in two registers, or in one that is half taken in.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

from bots.broadcasts.ledger.addressees import Frozen
from bots.broadcasts.ledger.values import Drift, Newcomer, Release, Released
from bots.broadcasts.model import Addressee
from huep.directory.audience import Audience
from huep.directory.model import Person, PersonKey

Post = tuple[str, str]
"""Unit, and position or standing: what an obligation can belong to."""


def drift(
    frozen: Iterable[Frozen],
    matching: Iterable[Addressee],
    person: Callable[[PersonKey], Person | None],
    audience: Audience,
    *,
    away: Collection[PersonKey] = (),
    within_deadline: bool = True,
    whole: bool = True,
) -> Drift:
    """What has changed.

    A person whom the audience names by their post owes for that post: when somebody else holds it, the obligation
    passes on. Otherwise it stays with the person wherever they go, for as long as they have a post and an account.

    Args:
        frozen: everybody whom the announcement ever concerned.
        matching: whom it would reach today.
        person: asked only for those who owe and no longer match.
        audience: of the announcement.
        away: who is on long leave today.
        within_deadline: newcomers are taken in until then.
        whole: also who has left is released, and who is back owes again: what a lock of a few minutes is not to do.
    """
    known = {one.addressee.key: one for one in frozen}
    today = {one.key: one for one in matching}
    gone = [one for key, one in known.items() if one.open and key not in today]
    new = [one for key, one in today.items() if key not in known or (whole and not known[key].owes)]

    succeeded = {one.successor_of for one in known.values() if one.successor_of is not None}
    vacant = _vacant(known, gone, succeeded, today, audience)
    succeeded |= _succeeded_before(known, succeeded, today, vacant, audience)
    newcomers = []
    for newcomer in sorted(new, key=lambda one: (one.full_name, one.key)) if within_deadline else ():
        before = vacant[post_of(newcomer, audience)]
        predecessor = before.pop(0) if before else None
        newcomers.append(Newcomer(newcomer, predecessor))
        if predecessor is not None:
            succeeded.add(predecessor)

    released = tuple(_releases((one.addressee.key for one in gone), person, succeeded, whole))
    freed = {release.key for release in released}
    return Drift(
        newcomers=tuple(newcomers),
        released=released,
        away=frozenset(key for key, one in known.items() if one.open and key in away and key not in freed),
    )


def _vacant(
    known: Mapping[PersonKey, Frozen],
    gone: Iterable[Frozen],
    succeeded: Collection[PersonKey],
    today: Collection[PersonKey],
    audience: Audience,
) -> "defaultdict[Post | None, list[PersonKey]]":
    """Who held each post and has no successor: those released as leavers before, then those who are gone now."""
    left = (one for key, one in known.items() if one.released is Released.LEFT and key not in today)
    found: defaultdict[Post | None, list[PersonKey]] = defaultdict(list)
    for those in (left, gone):
        for one in sorted(those, key=lambda one: (one.addressee.full_name, one.addressee.key)):
            post = post_of(one.addressee, audience)
            if post is not None and one.addressee.key not in succeeded:
                found[post].append(one.addressee.key)
    return found


def _succeeded_before(
    known: Mapping[PersonKey, Frozen],
    succeeded: Collection[PersonKey],
    today: Mapping[PersonKey, Addressee],
    vacant: "defaultdict[Post | None, list[PersonKey]]",
    audience: Audience,
) -> set[PersonKey]:
    """Takes out of `vacant` those whose posts somebody took up while they still held them."""
    came = Counter(
        post_of(today[key], audience)
        for key, one in known.items()
        if one.joined_later and one.successor_of is None and key in today
    )
    came -= Counter(
        post_of(one.addressee, audience)
        for key, one in known.items()
        if one.released is Released.SUCCESSOR and key not in succeeded
    )
    found = set[PersonKey]()
    for post, count in came.items():
        found.update(vacant[post][:count])
        del vacant[post][:count]
    return found


def _releases(
    gone: Iterable[PersonKey],
    person: Callable[[PersonKey], Person | None],
    succeeded: Collection[PersonKey],
    whole: bool,
) -> Iterable[Release]:
    for key in gone:
        if not whole and key not in succeeded:
            continue
        today_is = person(key)
        if today_is is None or today_is.locked or not today_is.posts:
            if whole:
                yield Release(key, Released.LEFT)
        elif key in succeeded:
            yield Release(key, Released.SUCCESSOR)


def post_of(person: Addressee, audience: Audience) -> Post | None:
    """The post to which somebody's obligation belongs; None where the person is meant, or all of a unit."""
    parts = (audience, *audience.any_of)
    if any(person.key in part.people for part in parts):
        return None
    if any(person.position_code in part.positions for part in parts):
        return person.unit_code, person.position_code
    if any(person.standing in part.standings for part in parts):
        return person.unit_code, person.standing
    return None
