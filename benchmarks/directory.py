"""The five questions of the directory, at 60,000 people and 700 units, with the bots' database role."""

import random
from collections.abc import Callable, Iterator

from sqlalchemy import text

from benchmarks.databases import directory_of
from benchmarks.figures import Figure, p95
from benchmarks.figures import timed as seconds
from huep.database import Role
from huep.directory import Audience, Directory
from huep.directory.model import PersonKey, Standing, Unit

PEOPLE = 60_000
ASKED_EACH = 200
MS = 1_000.0


def measure() -> Iterator[Figure]:
    """`directory_query_ms`: p95 over the five questions asked equally often, in random order; then each alone."""
    with directory_of(PEOPLE) as loaded:
        engine = loaded.engine(Role.BOTS)
        directory = Directory(engine)
        with engine.connect() as connection:
            people = [
                (row.person_key, row.user_id)
                for row in connection.execute(text("select person_key, user_id from directory.people"))
            ]
        root = next(unit for unit in directory.units_under("H57") if unit.parent_code is None)
        units = list(directory.units_under(root.code))
        questions = _questions(directory, people, units)
        chance = random.Random(1)
        rounds = [(name, ask) for name, ask in questions.items() for _ in range(ASKED_EACH)]
        chance.shuffle(rounds)
        for ask in questions.values():
            for _ in range(10):
                ask(chance)
        taken: dict[str, list[float]] = {name: [] for name in questions}
        for name, ask in rounds:
            taken[name].append(seconds(lambda ask=ask: ask(chance)) * MS)  # type: ignore[misc]
        yield Figure("directory_query_ms", p95([one for each in taken.values() for one in each]), "ms")
        for name, each in taken.items():
            yield Figure(f"directory_{name}_ms", p95(each), "ms")
        yield Figure("directory_everybody_ms", seconds(lambda: directory.audience(Audience())) * MS, "ms")
        engine.dispose()


def _questions(
    directory: Directory, people: list[tuple[PersonKey, str]], units: list[Unit]
) -> dict[str, Callable[[random.Random], object]]:
    tops = [unit.code for unit in units if unit.level == 1]
    codes = [unit.code for unit in units]
    return {
        "person_of": lambda chance: directory.person_of(chance.choice(people)[1]),
        "units_under": lambda chance: directory.units_under(chance.choice(codes)),
        "leadership_of": lambda chance: directory.leadership_of(chance.choice(codes)),
        "scope_of": lambda chance: directory.scope_of(chance.choice(people)[0]),
        "audience": lambda chance: directory.audience(
            Audience(
                under=frozenset({chance.choice(tops)}),
                standings=frozenset({Standing.HEAD, Standing.DEPUTY}),
                excluding=(Audience(under=frozenset({chance.choice(codes)})),),
            )
        ),
    }
