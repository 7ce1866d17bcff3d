"""Searching the directory at 60,000 people, over HTTP as a client does, with the rules asked for each result."""

import asyncio
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter

import httpx

from benchmarks.databases import write_register
from benchmarks.figures import Figure, p95
from benchmarks.province import RunningProvince, province
from benchmarks.reconciler import fill
from hr_provisioner.current import Current, KnownPerson
from hr_provisioner.directory.publishing import publish
from hr_provisioner.posts import held_post
from hr_provisioner.workplace import Workplace, open_workplace
from huep.names import slug
from huep.stack.accounts import open_admin
from huep.state import new_secret
from huep.synapse_admin import SynapseAdmin

PEOPLE = 60_000
ASKERS = 5
SEARCHES = 400
MS = 1_000.0
PATH = "/_synapse/client/huep/v1/directory/search"


def measure() -> Iterator[Figure]:
    """`directory_search_first_s`, when all 60,000 were published a moment ago; then `directory_search_p95_ms`.

    Terms are drawn from the people themselves: a full name with and without diacritics, a given name, the beginning of
    a name, a position with its unit, a given name with its unit.
    """
    with tempfile.TemporaryDirectory() as folder, province() as running, open_workplace(running.state) as place:
        fill(running, write_register(Path(folder), PEOPLE))
        first, taken = asyncio.run(_searches(running, place))
    yield Figure("directory_search_first_s", first, "s")
    yield Figure("directory_search_p95_ms", p95(taken) * MS, "ms")


async def _searches(running: RunningProvince, place: Workplace) -> tuple[float, list[float]]:
    chance = random.Random(1)
    current = place.read_directory()
    people = [person for person in current.people if person.account is not None and not person.account.locked]
    terms = _terms(chance, current, people, place)
    async with open_admin(running.settings, running.state) as admin:
        await publish(place.hr, place.audit, admin, current, place.now(), place.today)
        tokens = [await _token(running, admin, person) for person in chance.sample(people, ASKERS)]
    async with httpx.AsyncClient(base_url=running.settings.synapse.local_url, trust_env=False, timeout=120) as http:
        first = await _seconds(http, tokens[0], terms[0])
        return first, [await _seconds(http, chance.choice(tokens), term) for term in terms]


def _terms(chance: random.Random, current: Current, people: Sequence[KnownPerson], place: Workplace) -> list[str]:
    terms = []
    for number, person in enumerate(chance.choices(people, k=SEARCHES)):
        name = person.facts.full_name
        post = held_post(person.posts, place.today)
        position, unit = (post.position, current.unit_by_code[post.unit_code].name) if post else ("", "")
        forms = (
            name,
            slug(name).replace("-", " "),
            name.split()[-1],
            " ".join(name.split()[:2]),
            f"{position} {unit}",
            f"{name.split()[-1]} {unit}",
        )
        terms.append(forms[number % len(forms)].strip() or name)
    return terms


async def _token(running: RunningProvince, admin: SynapseAdmin, person: KnownPerson) -> str:
    assert person.account is not None
    password = new_secret()
    await admin.set_password(running.settings.user_id(person.account.localpart), password)
    async with SynapseAdmin(running.settings.synapse.local_url) as anyone:
        return (await anyone.log_in(person.account.localpart, password, "bench")).access_token


async def _seconds(http: httpx.AsyncClient, token: str, term: str) -> float:
    started = perf_counter()
    answer = await http.post(
        PATH, json={"search_term": term, "limit": 10}, headers={"Authorization": f"Bearer {token}"}
    )
    taken = perf_counter() - started
    answer.raise_for_status()
    return taken
