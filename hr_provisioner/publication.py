"""Pure: what Synapse is told of people, from the directory and the activation codes that work."""

from collections.abc import Collection, Mapping
from datetime import date

from hr_provisioner.activation_store import OpenCode
from hr_provisioner.current import HR, Current, KnownPerson
from hr_provisioner.posts import main_post
from huep.directory.model import PersonKey
from huep.synapse_model import PublishedDetails, PublishedPerson


def published_people(
    current: Current, codes: Mapping[PersonKey, OpenCode], today: date, only: Collection[PersonKey] | None = None
) -> tuple[PublishedPerson, ...]:
    """The whole row of everybody who has an account, or of `only` these; who is locked by HR has left."""
    return tuple(
        PublishedPerson(
            person.account.localpart,
            "left" if person.account.lock_owner == HR else "active",
            _details(current, person, codes.get(person.key), today),
        )
        for person in current.people
        if person.account is not None and (only is None or person.key in only)
    )


def _details(current: Current, person: KnownPerson, code: OpenCode | None, today: date) -> PublishedDetails:
    post = main_post(person.posts, today)
    path = () if post is None else _path_to(current, post.unit_code)
    unit = None if post is None else current.unit_by_code.get(post.unit_code)
    return PublishedDetails(
        full_name=person.facts.full_name,
        unit=None if post is None else post.unit_code,
        units=path,
        level=None if unit is None else unit.level,
        standing=None if post is None else post.standing.value,
        position=None if post is None else post.position,
        code_hash=None if code is None else code.code_hash,
        code_expires_at=None if code is None else code.expires_at,
    )


def _path_to(current: Current, unit_code: str) -> tuple[str, ...]:
    """Codes from the province down to the unit."""
    path: list[str] = []
    code: str | None = unit_code
    while code is not None and code not in path and (unit := current.unit_by_code.get(code)) is not None:
        path.append(code)
        code = unit.parent_code
    return tuple(reversed(path))
