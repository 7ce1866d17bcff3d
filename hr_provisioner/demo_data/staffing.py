"""Edition one: the people of the demo city, in the posts of its units."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from hr_provisioner.demo_data.edition import Edition, Staff, first_level_code
from hr_provisioner.demo_data.emails import EmailBook, share_some
from hr_provisioner.demo_data.names import Gender, Naming, draw_names
from hr_provisioner.demo_data.positions import Title, draw_title, leaders_of, staff_of
from hr_provisioner.demo_data.tree import ROOT_CODE, Place, build_tree
from hr_provisioner.records import AbsenceRecord, PersonRecord, PostRecord, UnitRecord
from hr_provisioner.register.vocabulary import Status
from huep.directory.model import AbsenceKind, PostKind, Standing, UnitKind

YOUNGEST = 22
OLDEST = 60
RETIREMENT_MONTHS = {Gender.MALE: 61 * 12 + 6, Gender.FEMALE: 57 * 12}
"""Retirement age in 2026, Decree 135/2020."""
EVEN_AGE_SHARE = 0.3
"""People of every age alike; the others crowd around the middle of their working life."""
RETIREMENT_HORIZON = timedelta(days=730)
"""The register names a day of retirement when it is so near."""

CONCURRENT_SHARE = 0.08
SECONDMENT_SHARE = 0.02
HEADS_AWAY_SHARE = 0.02
ROOT_DEPUTIES = 4

UNEVEN = (0.6, 1.5)
"""How far a unit's size may lie from what is usual for its kind."""

_AGES = {Standing.HEAD: (36, 48), Standing.DEPUTY: (33, 45), Standing.STAFF: (YOUNGEST, 34)}
_SENIOR_AGES = (42, 52)
"""(youngest, most usual)"""

_DEPUTIES_FROM = ((60, 3), (20, 2), (5, 1))
"""(own staff from, deputies)"""
_LEVEL_1_DEPUTIES = 2

_AWAY = (
    (AbsenceKind.STUDY, 0.006, 400),
    (AbsenceKind.SICK, 0.003, 90),
    (AbsenceKind.SUSPENSION, 0.001, 60),
)
"""(kind, share, longest in days)"""
_MATERNITY_SHARE_OF_WOMEN = 0.03
_MATERNITY_AGES = range(23, 42)
_MATERNITY_DAYS = 180

_EXTRA_TITLES = (
    Title("KN-CCHC", "Phụ trách cải cách hành chính", ""),
    Title("KN-CDS", "Thành viên Tổ Chuyển đổi số", ""),
    Title("KN-CD", "Phụ trách công tác công đoàn", ""),
    Title("KN-DTN", "Phụ trách công tác Đoàn thanh niên", ""),
)
_SECONDMENT_UNITS = (UnitKind.DEPARTMENT, UnitKind.OFFICE, UnitKind.CENTRE, UnitKind.WARD, UnitKind.COMMUNE)


@dataclass(frozen=True)
class _Slot:
    unit: UnitRecord
    standing: Standing
    title: Title


def stream(seed: int, purpose: str) -> Random:
    """A source of chance of its own for each purpose, so that changing one leaves the others as they were."""
    return Random(f"{seed}/{purpose}")  # noqa: S311


def edition_one(people: int, seed: int, as_of: date) -> Edition:
    """So many people in service on the day, each with exactly one main post; every unit has exactly one head."""
    places = build_tree(people, as_of)
    units = {place.unit.code: place.unit for place in places}
    slots = list(_slots(places, people, stream(seed, "slots")))
    namings = draw_names(stream(seed, "names"), people)
    numbers = stream(seed, "codes").sample(range(100_000, 1_000_000), people)
    ages = stream(seed, "ages")
    emails = EmailBook(stream(seed, "emails"))
    staff = []
    for slot, naming, number in zip(slots, namings, numbers, strict=True):
        born = birth_date(ages, as_of, slot.unit, slot.standing, naming.gender)
        post = first_post(ages, as_of, slot.unit, slot.standing, slot.title, born)
        record = PersonRecord(
            officer_code=f"HUE{number}",
            full_name=naming.full_name,
            birth_date=born,
            email=emails.address(naming.full_name, units[first_level_code(slot.unit.code)].short_name),
            posts=(post,),
            absence=None,
            retires_on=_retirement(born, naming, as_of),
            leaves_on=None,
        )
        staff.append(Staff(record, naming.gender, Status.WORKING))
    _add_posts(staff, units, as_of, stream(seed, "posts"))
    _send_away(staff, as_of, stream(seed, "absences"))
    share_some(staff, stream(seed, "shared"))
    return Edition(as_of, tuple(units.values()), tuple(staff))


def birth_date(random: Random, as_of: date, unit: UnitRecord, standing: Standing, gender: Gender) -> date:
    """Leaders are older; nobody is past retirement."""
    oldest = min(OLDEST * 12, RETIREMENT_MONTHS[gender] - 1) / 12
    leads_much = standing is not Standing.STAFF and unit.level < 2
    youngest, mode = _SENIOR_AGES if leads_much else _AGES[standing]
    age = (
        random.uniform(youngest + 0.02, oldest - 0.02)
        if random.random() < EVEN_AGE_SHARE
        else random.triangular(youngest + 0.02, oldest - 0.02, mode)
    )
    return as_of - timedelta(days=int(age * 365.2425) + 1)


def first_post(
    random: Random, as_of: date, unit: UnitRecord, standing: Standing, title: Title, born: date
) -> PostRecord:
    """The main post, begun after the unit was founded and the person had grown up."""
    grown = born + timedelta(days=int(365.25 * 21.5))
    earliest = min(max(grown, unit.valid_from), as_of - timedelta(days=30))
    begun = earliest + timedelta(days=random.randrange((as_of - earliest).days - 20))
    return PostRecord(unit.code, title.code, title.text, standing, title.rank, PostKind.MAIN, begun, None)


def _slots(places: Sequence[Place], people: int, random: Random) -> Iterator[_Slot]:
    units = {place.unit.code: place.unit for place in places}
    for place, size in zip(places, _sizes(places, people, random), strict=True):
        head, deputy = leaders_of(place.unit)
        yield _Slot(place.unit, Standing.HEAD, head)
        deputies = _deputies(place.unit, size)
        for _ in range(deputies):
            yield _Slot(place.unit, Standing.DEPUTY, deputy)
        shares = staff_of(place.unit, units.get(place.unit.parent_code or ""))
        for _ in range(size - 1 - deputies):
            yield _Slot(place.unit, Standing.STAFF, draw_title(random, shares))


def _deputies(unit: UnitRecord, size: int) -> int:
    if unit.code == ROOT_CODE:
        return size - 1
    wanted = next((deputies for least, deputies in _DEPUTIES_FROM if size >= least), 0)
    if unit.level == 1:
        wanted = max(wanted, _LEVEL_1_DEPUTIES)
    # A leader more never leaves a unit without anybody to lead.
    return min(wanted, size // 2 if size > 2 else 0)


def _sizes(places: Sequence[Place], people: int, random: Random) -> list[int]:
    """A head for each, the city's vice-chairs, and the rest by weight, largest remainders first."""
    root_deputies = min(ROOT_DEPUTIES, max(1, people // 400))
    rest = people - len(places) - root_deputies
    # Two schools of one stage are not equally large.
    weights = [place.weight * random.uniform(*UNEVEN) for place in places]
    total = sum(weights)
    shares = [weight * rest / total for weight in weights]
    sizes = [int(share) for share in shares]
    by_remainder = sorted(range(len(places)), key=lambda at: (sizes[at] - shares[at], at))
    for at in by_remainder[: rest - sum(sizes)]:
        sizes[at] += 1
    return [
        1 + size + (root_deputies if place.unit.code == ROOT_CODE else 0)
        for place, size in zip(places, sizes, strict=True)
    ]


def _retirement(born: date, naming: Naming, as_of: date) -> date | None:
    """The first of the month after the retirement age is reached, when that is near."""
    months = born.year * 12 + born.month + RETIREMENT_MONTHS[naming.gender]
    day = date(months // 12, months % 12 + 1, 1)
    return day if as_of < day <= as_of + RETIREMENT_HORIZON else None


def _add_posts(staff: list[Staff], units: dict[str, UnitRecord], as_of: date, random: Random) -> None:
    neighbours: dict[str, list[str]] = {}
    for code in units:
        neighbours.setdefault(first_level_code(code), []).append(code)
    hosts = [unit.code for unit in units.values() if unit.kind in _SECONDMENT_UNITS]
    for at, member in enumerate(staff):
        main = member.record.posts[0]
        if main.unit_code == ROOT_CODE:
            continue
        chance = random.random()
        begun = as_of - timedelta(days=random.randint(20, 500))
        begun = max(begun, main.valid_from)
        if chance < CONCURRENT_SHARE:
            near = [code for code in neighbours[first_level_code(main.unit_code)] if code != main.unit_code]
            if not near:
                continue
            title = random.choice(_EXTRA_TITLES)
            post = PostRecord(
                random.choice(near), title.code, title.text, Standing.STAFF, main.rank, PostKind.CONCURRENT, begun, None
            )
        elif chance < CONCURRENT_SHARE + SECONDMENT_SHARE and main.standing is Standing.STAFF:
            host = random.choice(hosts)
            if first_level_code(host) == first_level_code(main.unit_code):
                continue
            until = as_of + timedelta(days=random.randint(30, 540))
            post = PostRecord(
                host, "BP", "Cán bộ biệt phái", Standing.STAFF, main.rank, PostKind.SECONDMENT, begun, until
            )
        else:
            continue
        staff[at] = replace(member, record=replace(member.record, posts=(main, post)))


def _send_away(staff: list[Staff], as_of: date, random: Random) -> None:
    def away(at: int, kind: AbsenceKind, longest: int) -> None:
        begun = as_of - timedelta(days=random.randint(3, longest - 10))
        absence = AbsenceRecord(kind, begun, begun + timedelta(days=longest))
        if kind is AbsenceKind.SUSPENSION:
            absence = replace(absence, valid_to=None)
        staff[at] = replace(staff[at], record=replace(staff[at].record, absence=absence), status=kind)

    ordinary = [at for at, member in enumerate(staff) if member.is_ordinary]
    for kind, share, longest in _AWAY:
        for at in random.sample(ordinary, max(1, round(share * len(staff)))):
            if staff[at].status is Status.WORKING:
                away(at, kind, longest)
    mothers = [
        at
        for at in ordinary
        if staff[at].gender is Gender.FEMALE
        and staff[at].status is Status.WORKING
        and _age(staff[at].record, as_of) in _MATERNITY_AGES
    ]
    for at in random.sample(mothers, max(1, round(_MATERNITY_SHARE_OF_WOMEN * len(mothers)))):
        away(at, AbsenceKind.MATERNITY, _MATERNITY_DAYS)
    with_deputy = {
        member.record.posts[0].unit_code for member in staff if member.record.posts[0].standing is Standing.DEPUTY
    }
    heads = [
        at
        for at, member in enumerate(staff)
        if member.record.posts[0].standing is Standing.HEAD
        and member.record.posts[0].unit_code in with_deputy - {ROOT_CODE}
        and member.record.posts[0].unit_code.count(".") > 1
    ]
    for at in random.sample(heads, min(len(heads), max(1, round(HEADS_AWAY_SHARE * len(heads))))):
        away(at, AbsenceKind.STUDY, 400)


def _age(record: PersonRecord, as_of: date) -> int:
    return (as_of - record.birth_date).days // 365 if record.birth_date else 0
