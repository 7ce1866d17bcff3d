"""The assistant's answers from the directory; pure of Matrix, synchronous."""

from typing import Protocol

from bots.assistant.model import Card, Leader, PostLine, UnitView
from huep.directory.model import Leadership, Person, Standing, Unit


class OrganisationDirectory(Protocol):
    """The questions that the assistant asks; `huep.directory.reader.Directory` answers them."""

    def units(self) -> tuple[Unit, ...]: ...

    def units_under(self, code: str) -> tuple[Unit, ...]: ...

    def path_to(self, code: str) -> tuple[Unit, ...]: ...

    def leadership_of(self, code: str) -> Leadership: ...

    def headcount(self, code: str) -> int: ...


class AssistantService:
    """Answers about the person who asks, and about units that they were found to see."""

    def __init__(self, directory: OrganisationDirectory) -> None:
        self._directory = directory

    def card(self, person: Person) -> Card:
        """Name, posts, unit and leader of `person`."""
        post = person.main_post
        path = self._directory.path_to(post.unit_code) if post else ()
        return Card(
            full_name=person.full_name,
            officer_code=person.officer_code,
            posts=tuple(PostLine(held.position, held.unit_name, held.kind) for held in person.posts),
            unit_path=path,
            leader=self._leader_of(person, path),
            absence=person.absence,
        )

    def unit_view(self, person: Person) -> UnitView | None:
        """The surroundings of the unit of the person's main post; None for who has no post today."""
        post = person.main_post
        return None if post is None else self.view_of(post.unit_code)

    def units(self) -> tuple[Unit, ...]:
        """Every unit; whose eyes they are seen with is for the asker's scope to say."""
        return self._directory.units()

    def view_of(self, code: str) -> UnitView | None:
        """The surroundings of a unit; None where it does not exist today."""
        path = self._directory.path_to(code)
        if not path:
            return None
        unit = path[-1]
        return UnitView(
            path=path,
            below=tuple(under for under in self._directory.units_under(unit.code) if under.parent_code == unit.code),
            leader=_leader(self._directory.leadership_of(unit.code).acting, unit),
            headcount=self._directory.headcount(unit.code),
        )

    def _leader_of(self, person: Person, path: tuple[Unit, ...]) -> Leader | None:
        """The nearest acting leader at or above the unit who is somebody else, and not led by the person."""
        for unit in reversed(path):
            leadership = self._directory.leadership_of(unit.code)
            heads_it = leadership.head is not None and leadership.head.key == person.key
            acting = leadership.acting
            if acting is not None and acting.key != person.key and not heads_it:
                return _leader(acting, unit)
        return None


def _leader(person: Person | None, unit: Unit) -> Leader | None:
    if person is None:
        return None
    posts = [post for post in person.posts if post.unit_code == unit.code and post.standing is not Standing.STAFF]
    post = next((post for post in posts if post.standing is Standing.HEAD), posts[0] if posts else person.main_post)
    if post is None:
        return None
    return Leader(person.full_name, post.position, unit.name, post.standing)
