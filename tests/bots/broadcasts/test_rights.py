"""The right to speak, tried from every role; and who approves, asked again when they do."""

import csv
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.broadcasts.model import Addressee, Reach
from bots.broadcasts.rights import (
    SPEAKERS,
    Allowed,
    Because,
    NeedsApproval,
    OrgChart,
    Refused,
    Verdict,
    judge,
    may_approve,
)
from bots.runtime.access import Access, Caller, Role
from bots.testing.province import SERVER, SmallDirectory, SmallPreferences, person, post
from huep.directory.audience import Audience
from huep.directory.model import AbsenceKind, Member, Person, Standing

ABOVE = 3
"""More people than this have to be approved."""
PEOPLE = (
    person("chu-tich", "Chủ Tịch", post("HUE", "Chủ tịch", Standing.HEAD)),
    person("pho-chu-tich", "Phó Chủ Tịch", post("HUE", "Phó Chủ tịch", Standing.DEPUTY)),
    person("giam-doc", "Giám Đốc", post("SNV", "Giám đốc", Standing.HEAD)),
    person("pho-giam-doc", "Phó Giám Đốc", post("SNV", "Phó Giám đốc", Standing.DEPUTY)),
    person("truong-phong", "Trưởng Phòng", post("SNV-TC", "Trưởng phòng", Standing.HEAD)),
    person("pho-phong", "Phó Phòng", post("SNV-TC", "Phó Trưởng phòng", Standing.DEPUTY)),
    person("an", "An", post("SNV-TC", "Chuyên viên")),
    person("truyen-thong", "Truyền Thông", post("SNV-TC", "Chuyên viên"), roles=frozenset({"communicator"})),
    person("to-chuc", "Tổ Chức", post("SNV-TC", "Chuyên viên"), roles=frozenset({"hr_officer"})),
    person("quan-tri", "Quản Trị", post("SNV-VP", "Chuyên viên"), roles=frozenset({"operator"})),
    person("binh", "Bình", post("SNV-VP", "Chuyên viên")),
    person("ct-phuong", "Chủ Tịch Phường", post("VYDA", "Chủ tịch", Standing.HEAD)),
    person("dan", "Dân", post("VYDA", "Chuyên viên")),
)


def directory(
    *, away: tuple[str, ...] = (), locked: tuple[str, ...] = (), without: tuple[str, ...] = ()
) -> SmallDirectory:
    def today(one: Person) -> Person:
        name = one.officer_code.removeprefix("CB-")
        return replace(one, absence=AbsenceKind.STUDY if name in away else None, locked=name in locked)

    return SmallDirectory(*(today(one) for one in PEOPLE if one.officer_code.removeprefix("CB-") not in without))


def caller(who: str, province: SmallDirectory) -> Caller:
    found = Access(province, SmallPreferences()).caller(str(province.named(who).user_id))
    assert found is not None
    return found


def reach(*names: str, province: SmallDirectory | None = None) -> Reach:
    """Those people, each by their main post."""
    province = province or directory()
    keys = frozenset(province.named(name).key for name in names)
    members = province.audience(Audience(people=keys)) if keys else ()
    return Reach(tuple(map(addressee, members)), bystanders=0)


def addressee(m: Member) -> Addressee:
    return Addressee(m.key, m.user_id, m.full_name, m.unit_code, m.position_code, m.position, m.standing.value, None)


def chart(province: SmallDirectory) -> OrgChart:
    return OrgChart.of(province.units(), province.leadership_of)


def told(verdict: Verdict) -> str:
    if isinstance(verdict, NeedsApproval):
        return f"{verdict.of.officer_code.removeprefix('CB-')} ({verdict.because.value})"
    return "allowed" if isinstance(verdict, Allowed) else verdict.why.name


OWN, DEPARTMENT, BEYOND = ("an",), ("an", "binh"), ("an", "dan")
MANY = ("an", "binh", "truong-phong", "to-chuc")
NOBODY = "rights-not-a-speaker"
TABLE = Path(__file__).with_name("rights.tsv")
TRIED = tuple(f"{unit}{size}" for unit in ("SNV-TC", "SNV", "VYDA", "HUE") for size in ("", "+"))
UNHEARD = "unheard"
"""Whoever is not in the register today, or locked: to the bots nobody."""


def rows() -> list[dict[str, str]]:
    """`rights.tsv`: who, what is out of the ordinary today, and what becomes of their words to everybody in and below
    each unit; behind a plus where those are more people than one may speak to unasked."""
    with TABLE.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def on_that_day(today: str) -> SmallDirectory:
    """The directory where some are "away: NAME" or "locked: NAME"; somebody without a post is in it as well."""
    state, _, names = today.partition(": ")
    province = directory(**{state: tuple(names.split())}) if state else directory()
    province.people.append(person("nghi-huu", "Nghỉ Hưu"))
    return province


def author_in(row: dict[str, str], province: SmallDirectory) -> Caller | None:
    return Access(province, SmallPreferences()).caller(f"@{row['who']}:{SERVER}")


def told_of(column: str, author: Caller | None, province: SmallDirectory) -> str:
    """What becomes of their words to everybody else in and below the unit."""
    if author is None:
        return UNHEARD
    members = province.audience(Audience(under=frozenset({column.removesuffix("+")})))
    reached = Reach(tuple(addressee(one) for one in members if one.key != author.person.key), bystanders=0)
    above = len(reached.people) - column.endswith("+")
    return told(judge(author, reached, chart(province), above))


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['who']} {row['today']}".strip())
def test_every_role_speaks_as_far_as_it_may(row: dict[str, str]) -> None:
    province = on_that_day(row["today"])
    author = author_in(row, province)
    assert {column: told_of(column, author, province) for column in TRIED} == {column: row[column] for column in TRIED}


def test_every_role_is_tried() -> None:
    authors = (author_in(row, on_that_day(row["today"])) for row in rows())
    assert {role for author in authors if author is not None for role in author.roles} == set(Role)
    assert set(Role) - SPEAKERS == {Role.STAFF, Role.OPERATOR, Role.HR_OFFICER}


def test_a_deputy_who_stands_in_speaks_as_the_head() -> None:
    province = directory(away=("truong-phong",))
    assert told(judge(caller("pho-phong", province), reach(*OWN), chart(province), ABOVE)) == "allowed"
    assert told(judge(caller("truong-phong", province), reach(*OWN), chart(province), ABOVE)) == NOBODY


def test_the_next_above_approves_where_nobody_is_there() -> None:
    province = directory(away=("giam-doc", "pho-giam-doc"))
    author = caller("truyen-thong", province)
    assert told(judge(author, reach(*DEPARTMENT), chart(province), ABOVE)) == "chu-tich (communicator)"


def test_at_the_top_whoever_stands_in_speaks_and_nobody_else_without_them() -> None:
    province = directory(away=("chu-tich",))
    assert told(judge(caller("pho-chu-tich", province), reach(*MANY), chart(province), ABOVE)) == "allowed"
    assert told(judge(caller("giam-doc", province), reach(*BEYOND), chart(province), ABOVE)) == "pho-chu-tich (beyond)"
    nobody = directory(away=("chu-tich", "pho-chu-tich"))
    verdict = judge(caller("giam-doc", nobody), reach(*BEYOND), chart(nobody), ABOVE)
    assert told(verdict) == "rights-nobody-to-approve"


def test_who_has_no_account_is_not_asked() -> None:
    province = directory()
    place = next(at for at, one in enumerate(province.people) if one.officer_code == "CB-giam-doc")
    province.people[place] = replace(province.people[place], user_id=None)
    author = caller("truong-phong", province)
    assert told(judge(author, reach(*DEPARTMENT), chart(province), ABOVE)) == "chu-tich (beyond)"


def test_into_a_room_of_others_nobody_speaks_unasked() -> None:
    province = directory()
    above = replace(reach(*OWN), room_units=frozenset({"SNV"}))
    verdicts = [
        told(judge(caller(who, province), above, chart(province), ABOVE)) for who in ("truong-phong", "giam-doc")
    ]
    assert verdicts == ["giam-doc (beyond)", "allowed"]
    asked = caller("giam-doc", province)
    assert may_approve(asked, caller("truong-phong", province), above, chart(province), ABOVE) == Allowed()
    assert told(judge(caller("pho-phong", province), above, chart(province), ABOVE)) == "giam-doc (deputy)"


def test_what_reaches_nobody_is_not_sent() -> None:
    province = directory()
    assert told(judge(caller("chu-tich", province), reach(), chart(province), ABOVE)) == "rights-reaches-nobody"


def test_a_unit_that_is_there_no_more_is_nobodys_to_approve() -> None:
    province = directory()
    gone = Reach(tuple(replace(one, unit_code="GONE") for one in reach(*OWN).people), 0)
    assert told(judge(caller("giam-doc", province), gone, chart(province), ABOVE)) == "rights-nobody-to-approve"


@pytest.mark.parametrize(
    ("who", "answer"),
    [
        ("giam-doc", "allowed"),
        ("chu-tich", "allowed"),
        ("pho-giam-doc", "rights-not-responsible"),
        ("pho-chu-tich", "rights-not-responsible"),
        ("ct-phuong", "rights-not-responsible"),
        ("truong-phong", "rights-not-your-own"),
        ("an", "rights-not-responsible"),
    ],
)
def test_who_leads_what_encloses_it_approves_and_who_stands_above(who: str, answer: str) -> None:
    province = directory()
    author = caller("truong-phong", province)
    verdict = may_approve(caller(who, province), author, reach(*DEPARTMENT), chart(province), ABOVE)
    assert told(verdict) == answer


def test_approval_is_judged_again_when_it_is_given() -> None:
    province = directory(away=("giam-doc",))
    author = caller("truong-phong", province)
    asked = caller("giam-doc", province)
    assert told(may_approve(asked, author, reach(*DEPARTMENT), chart(province), ABOVE)) == "rights-not-responsible"
    standing_in = caller("pho-giam-doc", province)
    assert told(may_approve(standing_in, author, reach(*DEPARTMENT), chart(province), ABOVE)) == "allowed"
    lost = caller("truong-phong", directory(away=("truong-phong",)))
    assert told(may_approve(standing_in, lost, reach(*DEPARTMENT), chart(province), ABOVE)) == NOBODY
    assert told(may_approve(standing_in, None, reach(*DEPARTMENT), chart(province), ABOVE)) == NOBODY


NAMES = [one.officer_code.removeprefix("CB-") for one in PEOPLE]


@given(
    st.sampled_from(NAMES),
    st.lists(st.sampled_from(NAMES), min_size=1, unique=True),
    st.lists(st.sampled_from(NAMES), max_size=5, unique=True),
    st.lists(st.sampled_from(NAMES), max_size=2, unique=True),
)
def test_an_approver_is_there_is_not_the_author_and_may_approve(
    who: str, people: list[str], away: list[str], locked: list[str]
) -> None:
    province = directory(away=tuple(away), locked=tuple(name for name in locked if name != who))
    author = caller(who, province)
    reached = reach(*people)
    verdict = judge(author, reached, chart(province), ABOVE)
    if isinstance(verdict, NeedsApproval):
        assert verdict.of.key != author.person.key
        assert verdict.of.present and verdict.of.user_id is not None
        path = chart(province).path_to(verdict.unit.code)
        assert all(chart(province).path_to(unit)[: len(path)] == path for unit in reached.units)
        asked = caller(verdict.of.officer_code.removeprefix("CB-"), province)
        assert may_approve(asked, author, reached, chart(province), ABOVE) == Allowed()
    elif isinstance(verdict, Allowed):
        assert author.person.present
        assert author.roles & {Role.PROVINCE_LEADER, Role.UNIT_HEAD, Role.ACTING_HEAD}
        assert Role.PROVINCE_LEADER in author.roles or reached.units <= author.directs
    else:
        assert isinstance(verdict, Refused)


@given(st.sampled_from(NAMES), st.permutations(NAMES))
def test_more_people_never_need_less_approval(who: str, order: list[str]) -> None:
    province = directory()
    author = caller(who, province)
    verdicts = [judge(author, reach(*order[:count]), chart(province), ABOVE) for count in range(1, len(order) + 1)]
    for fewer, more in pairwise(verdicts):
        assert not (isinstance(fewer, NeedsApproval) and isinstance(more, Allowed))


def test_every_reason_has_a_sentence() -> None:
    assert {because.value for because in Because} == {"beyond", "size", "deputy", "communicator"}
