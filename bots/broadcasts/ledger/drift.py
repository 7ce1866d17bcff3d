"""Who has come, left or moved since an announcement was sent; pure."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable

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
    """
    known = {one.addressee.key: one for one in frozen}
    today = {one.key: one for one in matching}
    gone = [one.addressee for one in known.values() if one.open and one.addressee.key not in today]
    new = [one for one in today.values() if one.key not in known or not known[one.key].owes]
    predecessors = _by_post(gone, audience)
    newcomers, succeeded = [], set[PersonKey]()
    for newcomer in sorted(new, key=lambda one: (one.full_name, one.key)) if within_deadline else ():
        before = predecessors[post_of(newcomer, audience)]
        predecessor = before.pop(0).key if before else None
        newcomers.append(Newcomer(newcomer, predecessor))
        if predecessor is not None:
            succeeded.add(predecessor)
    released = []
    for key in (one.key for one in gone):
        today_is = person(key)
        if today_is is None or today_is.locked or not today_is.posts:
            released.append(Release(key, Released.LEFT))
        elif key in succeeded:
            released.append(Release(key, Released.SUCCESSOR))
    freed = {release.key for release in released}
    return Drift(
        newcomers=tuple(newcomers),
        released=tuple(released),
        away=frozenset(key for key, one in known.items() if one.open and key in away and key not in freed),
    )


def _by_post(people: Iterable[Addressee], audience: Audience) -> "defaultdict[Post | None, list[Addressee]]":
    found: defaultdict[Post | None, list[Addressee]] = defaultdict(list)
    for person in sorted(people, key=lambda person: (person.full_name, person.key)):
        if (post := post_of(person, audience)) is not None:
            found[post].append(person)
    return found


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
