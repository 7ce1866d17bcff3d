"""One person under two codes: who is suspected, and how a decision is written into a register."""

from dataclasses import replace
from datetime import date

from rich.console import Console

from hr_provisioner.commands.twins import pair_table
from hr_provisioner.current import Current, KnownPerson, PersonFacts
from hr_provisioner.language import MESSAGES
from hr_provisioner.planning.outcome import after
from hr_provisioner.planning.plan import make_plan
from hr_provisioner.planning.twins import find_twins, unite
from hr_provisioner.records import PersonRecord, PostRecord, Quarantined, Register, UnitRecord
from huep.catalogue import Locale, Message, Voice
from huep.directory.model import PostKind, Standing, UnitKind

TODAY = date(2026, 3, 10)
BORN = date(1985, 3, 2)
STC = UnitRecord("STC", "Sở Tài chính", "STC", UnitKind.DEPARTMENT, 0, None, date(2020, 1, 1), None)
POST = PostRecord("STC", "CV", "Chuyên viên", Standing.STAFF, "01.003", PostKind.MAIN, date(2024, 1, 1), None)
EMPTY = Current((), ())


def person(code: str, name: str = "Nguyễn Văn Anh", born: date | None = BORN, *posts: PostRecord) -> PersonRecord:
    return PersonRecord(code, name, born, None, posts or (POST,), None, None, None)


def register(*people: PersonRecord) -> Register:
    return Register((STC,), people, (), len(people), "0" * 64)


def directory(*people: PersonRecord) -> Current:
    """Whoever is here has an account."""
    return after(EMPTY, make_plan(register(*people), EMPTY, TODAY).actions, TODAY)


def held(people: Register, current: Current) -> list[tuple[str, str]]:
    return [(pair.held.officer_code, pair.other.officer_code) for pair in find_twins(people, current, TODAY)]


def test_name_and_birth_date_must_both_agree() -> None:
    current = directory(person("1"))
    assert held(register(person("2")), current) == [("2", "1")]
    assert held(register(person("2", "NGUYỄN  văn Anh")), current) == [("2", "1")]
    assert held(register(person("2", "Nguyễn Văn Ánh")), current) == []
    assert held(register(person("2", born=date(1985, 3, 3))), current) == []
    assert held(register(person("2", born=None)), current) == []


def test_whoever_has_an_account_goes_first_then_whoever_is_known_then_the_lesser_code() -> None:
    assert held(register(person("1"), person("2")), directory(person("2"))) == [("1", "2")]
    facts = PersonFacts("Nguyễn Văn Anh", BORN, None, None, None, None)
    known = KnownPerson(next(iter(directory(person("9")).by_key)), "9", facts, (), None)
    assert held(register(person("1")), replace(EMPTY, people=(known,))) == [("1", "9")]
    assert held(register(person("2"), person("1"), person("3")), EMPTY) == [("2", "1"), ("3", "1")]


def test_two_who_have_accounts_are_left_in_peace() -> None:
    both = replace(directory(person("1")), people=(*directory(person("1")).people, *directory(person("2")).people))
    assert held(register(person("1"), person("2")), both) == []


def test_a_decision_is_respected() -> None:
    current = replace(directory(person("1")), twins_decided={("1", "2"): False})
    assert held(register(person("2")), current) == []
    assert held(register(person("2"), person("3")), current) == [("3", "1")]


def test_both_sides_are_shown_with_what_tells_them_apart() -> None:
    (pair,) = find_twins(register(person("2")), directory(person("1")), TODAY)
    assert (pair.held.unit_code, pair.held.position, pair.held.begins) == ("STC", "Chuyên viên", date(2024, 1, 1))
    assert pair.held.localpart is None
    assert pair.other.localpart is not None
    assert pair.pair == ("1", "2")


def test_one_person_is_written_under_the_code_of_the_account() -> None:
    current = replace(directory(person("1")), twins_decided={("1", "2"): True, ("2", "3"): True})
    united = unite(register(person("3")), current)
    assert [record.officer_code for record in united.people] == ["1"]
    bad = Quarantined("so.csv", 2, "tên", "?", Message("name-missing"), " 2 ")
    united = unite(replace(register(), quarantined=(bad,)), current)
    assert [row.officer_code for row in united.quarantined] == ["1"]


def test_two_rows_of_one_person_become_one_with_the_posts_of_both() -> None:
    second = replace(POST, position_code="TP", kind=PostKind.CONCURRENT)
    current = replace(directory(person("1")), twins_decided={("1", "2"): True})
    (record,) = unite(register(person("2", "Nguyễn Anh", BORN, second), person("1")), current).people
    assert (record.officer_code, record.full_name) == ("1", "Nguyễn Văn Anh")
    assert set(record.posts) == {POST, second}


def test_posts_of_a_row_that_ends_service_do_not_count() -> None:
    second = replace(POST, position_code="TP")
    old = replace(person("1", "Nguyễn Văn Anh", BORN, second), leaves_on=date(2025, 12, 31))
    current = replace(directory(person("2")), twins_decided={("1", "2"): True})
    (record,) = unite(register(old, person("2")), current).people
    assert (record.officer_code, record.leaves_on, record.posts) == ("2", None, (POST,))


def test_two_accounts_never_become_one() -> None:
    both = Current(
        (), (*directory(person("1")).people, *directory(person("2")).people), twins_decided={("1", "2"): True}
    )
    assert unite(register(person("1"), person("2")), both) == register(person("1"), person("2"))


def test_the_officer_sees_both_rows_side_by_side() -> None:
    (pair,) = find_twins(register(person("2")), directory(person("1")), TODAY)
    console = Console(width=120, record=True)
    console.print(pair_table(Voice(MESSAGES, Locale.VI), pair))
    shown = console.export_text()
    assert shown.count("Nguyễn Văn Anh") == 2
    assert shown.count("02/03/1985") == 2
    assert "chưa có" in shown
