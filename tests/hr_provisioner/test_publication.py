"""What Synapse is told of people."""

from datetime import UTC, date, datetime

from hr_provisioner.activation_store import OpenCode
from hr_provisioner.current import Account, Current, KnownPerson, PersonFacts
from hr_provisioner.identity import person_key
from hr_provisioner.publication import published_people
from hr_provisioner.records import PostRecord, UnitRecord
from huep.directory.model import PostKind, Standing, UnitKind

TODAY = date(2026, 7, 10)
FOREVER = date(2000, 1, 1)
UNITS = (
    UnitRecord("TP", "Thành phố", "TP", UnitKind.PROVINCE, 0, None, FOREVER, None),
    UnitRecord("STC", "Sở Tài chính", "STC", UnitKind.DEPARTMENT, 1, "TP", FOREVER, None),
)
POST = PostRecord("STC", "gd", "Giám đốc", Standing.HEAD, "", PostKind.MAIN, FOREVER, None)


def person(code: str, *, posts: tuple[PostRecord, ...] = (POST,), owner: str | None = None) -> KnownPerson:
    facts = PersonFacts(f"Người {code}", date(1985, 3, 15), "a@hue.gov.vn", None, None, None)
    return KnownPerson(person_key(code), code, facts, posts, Account(code.lower(), code, owner is not None, owner))


def test_the_row_holds_unit_path_standing_and_the_open_code_and_no_birth_date() -> None:
    code = OpenCode("scrypt$x", datetime(2026, 7, 24, tzinfo=UTC))
    current = Current(UNITS, (person("A"), person("B", posts=())))
    rows = {row.localpart: row for row in published_people(current, {person_key("A"): code}, TODAY)}
    a, b = rows["a"].details, rows["b"].details
    assert a is not None and b is not None
    assert (a.unit, a.units, a.level, a.standing, a.position) == ("STC", ("TP", "STC"), 1, "head", "Giám đốc")
    assert (a.code_hash, a.code_expires_at) == (code.code_hash, code.expires_at)
    assert (b.unit, b.units, b.level, b.code_hash) == (None, (), None, None)
    assert "1985" not in str(rows) and "a@hue.gov.vn" not in str(rows)


def test_who_is_locked_by_hr_has_left_and_only_those_asked_for_are_told_of() -> None:
    current = Current(UNITS, (person("A", owner="hr"), person("B", owner="@boss:x"), person("C")))
    told = published_people(current, {}, TODAY, {person_key("A"), person_key("B")})
    assert [(row.localpart, row.status) for row in told] == [("a", "left"), ("b", "active")]
