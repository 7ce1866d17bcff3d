"""Codes in the database: one a person, replaced, redeemed once, and sheets that exist only with their hashes."""

import io
import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pypdf
import pytest
from sqlalchemy import Engine, delete, insert, select, text

from hr_provisioner.activation import store as activation_store
from hr_provisioner.activation.issue import (
    AccountLocked,
    AccountProtected,
    NoSuchOfficer,
    SheetsNotWritten,
    WithoutAccount,
    issue,
    those_named,
    those_without,
)
from hr_provisioner.activation.store import Recipient
from hr_provisioner.current import Account, Current, KnownPerson, PersonFacts
from hr_provisioner.directory.publishing import publish
from hr_provisioner.planning.identity import person_key
from hr_provisioner.tables import activation_codes
from huep import clock
from huep.activation_code import Attempts, Verdict, check, hash_code, new_code
from huep.database import Role
from huep.directory.tables import accounts, people, posts, unit_periods, units
from huep.synapse_model import Published, Redemption
from tests.conftest import Databases

TODAY = date(2026, 7, 10)
NOW = datetime(2026, 7, 10, 12, tzinfo=clock.PROVINCE_TIMEZONE)
WEEK = timedelta(days=7)
PEOPLE = {"KH-1": ("K1", False), "KH-2": ("K2", False), "KH-3": ("K2", False), "KH-4": ("K1", True)}


@dataclass(frozen=True)
class Office:
    """Four people with accounts, one of them locked, and one without, in two units."""

    hr: Engine
    audit: Engine
    databases: Databases

    def everybody(self) -> dict[str, Recipient]:
        with self.hr.connect() as connection:
            found = activation_store.recipients(connection, TODAY)
        return {who.officer_code: who for who in found if who.officer_code.startswith("KH-")}

    def issue(self, folder: Path, *codes: str, now: datetime = NOW) -> list[Path]:
        chosen = [self.everybody()[code] for code in codes]
        return list(issue(self.hr, self.audit, chosen, folder, self.databases.settings, "hr-officer", now).files)


@pytest.fixture
def office(databases: Databases) -> Iterator[Office]:
    hr, audit, owner = (databases.engine(role) for role in (Role.HR, Role.AUDIT, Role.OWNER))
    keys = [person_key(code) for code in (*PEOPLE, "KH-5")]

    def clear() -> None:
        with hr.begin() as connection:
            connection.execute(delete(activation_codes))
            for table in (posts, accounts, people):
                connection.execute(delete(table).where(table.c.person_key.in_(keys)))
            for table in (unit_periods, units):
                connection.execute(delete(table).where(table.c.unit_code.in_(["K1", "K2"])))

    clear()
    with hr.begin() as connection:
        for unit in ("K1", "K2"):
            connection.execute(insert(units).values(unit_code=unit))
            connection.execute(
                insert(unit_periods).values(
                    unit_code=unit,
                    valid_from=date(2000, 1, 1),
                    name=f"Phòng {unit}",
                    short_name=unit,
                    kind="office",
                    level=1,
                )
            )
        for code in (*PEOPLE, "KH-5"):
            connection.execute(
                insert(people).values(
                    person_key=person_key(code), officer_code=code, full_name=f"Họ Tên {code}", folded_name="x"
                )
            )
        for code, (unit, locked) in PEOPLE.items():
            key = person_key(code)
            connection.execute(
                insert(accounts).values(
                    person_key=key, user_id=f"@{code.lower()}:test.localhost", display_name=code, locked=locked
                )
            )
            for kind, where, first in (("concurrent", "K1", date(2010, 1, 1)), ("main", unit, date(2020, 1, 1))):
                connection.execute(
                    insert(posts).values(
                        person_key=key,
                        unit_code=where,
                        position_code="cv",
                        position="Chuyên viên",
                        standing="staff",
                        rank="",
                        kind=kind,
                        valid_from=first,
                    )
                )
    yield Office(hr, audit, databases)
    clear()
    for engine in (hr, audit, owner):
        engine.dispose()


def text_of(path: Path) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(path.read_bytes())).pages)


def test_everybody_with_an_account_is_listed_by_the_unit_of_the_main_post(office: Office) -> None:
    assert {code: (who.unit_code, who.unit_name, who.locked) for code, who in office.everybody().items()} == {
        code: (unit, f"Phòng {unit}", locked) for code, (unit, locked) in PEOPLE.items()
    }


def test_one_sheet_a_unit_that_only_its_owner_reads(office: Office, tmp_path: Path) -> None:
    files = office.issue(tmp_path / "to", "KH-1", "KH-2", "KH-3")
    assert [path.name.split("-")[2] for path in files] == ["K1", "K2"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert ("Họ Tên KH-1" in text_of(files[0]), "Họ Tên KH-1" in text_of(files[1])) == (True, False)


def test_codes_are_in_the_sheet_alone_and_their_acts_are_audited_without_them(office: Office, tmp_path: Path) -> None:
    (file,) = office.issue(tmp_path, "KH-1")
    printed = text_of(file)
    who = office.everybody()["KH-1"]
    assert who.code is not None and who.code.expires_at == NOW + timedelta(days=14)
    words = [word for word in printed.split() if len(word) == 14 and word.count("-") == 2]
    (code,) = [word for word in words if check(word, who.code, Attempts(), NOW) is Verdict.ACCEPTED]
    owner = office.databases.engine(Role.OWNER)
    with owner.connect() as connection:
        entries = connection.execute(text("select * from audit.entries where subject = 'KH-1'")).all()
        kept = connection.execute(select(activation_codes)).all()
    owner.dispose()
    assert entries and entries[-1].act == "code.issue"
    assert not any(part in str([*entries, *kept]) for part in (code, code.replace("-", "")))


def test_a_new_code_makes_the_old_one_void(office: Office, tmp_path: Path) -> None:
    office.issue(tmp_path, "KH-1")
    before = office.everybody()["KH-1"].code
    office.issue(tmp_path, "KH-1", now=NOW + timedelta(minutes=1))
    after = office.everybody()["KH-1"].code
    assert before is not None and after is not None and before.code_hash != after.code_hash
    with office.hr.begin() as connection:
        assert not activation_store.redeem(connection, person_key("KH-1"), before.code_hash, NOW)
        assert activation_store.redeem(connection, person_key("KH-1"), after.code_hash, NOW)


def test_a_code_is_redeemed_once_and_never_after_its_end(office: Office) -> None:
    hashed = hash_code(new_code())
    key = person_key("KH-1")
    with office.hr.begin() as connection:
        activation_store.issue(connection, {key: hashed}, "x", NOW, NOW + WEEK)
        assert not activation_store.redeem(connection, key, hashed, NOW + WEEK)
        assert activation_store.redeem(connection, key, hashed, NOW)
        assert not activation_store.redeem(connection, key, hashed, NOW)
        stored = activation_store.stored_code(connection, key)
        assert stored is not None and stored.used_at == NOW
        assert activation_store.revoke(connection, [key]) == 0


def test_what_is_published_are_the_codes_that_work(office: Office) -> None:
    with office.hr.begin() as connection:
        for code, until in (("KH-1", NOW + WEEK), ("KH-2", NOW), ("KH-3", NOW + WEEK), ("KH-4", NOW + WEEK)):
            activation_store.issue(connection, {person_key(code): f"hash-{code}"}, "x", NOW - WEEK, until)
        activation_store.redeem(connection, person_key("KH-3"), "hash-KH-3", NOW)
        published = activation_store.hashes_to_publish(connection, NOW)
        assert {key: code.code_hash for key, code in published.items()} == {person_key("KH-1"): "hash-KH-1"}
        activation_store.revoke(connection, [person_key("KH-1")])
        assert activation_store.hashes_to_publish(connection, NOW) == {}


async def test_a_code_that_was_used_is_on_the_audit_record_once(office: Office) -> None:
    with office.hr.begin() as connection:
        activation_store.issue(connection, {person_key("KH-1"): "hash"}, "x", NOW, NOW + WEEK)
    used_at = NOW + timedelta(hours=1)
    known = Current((), (_known("KH-1"),))
    homeserver = SimpleNamespace(
        published=lambda: _result(Published({}, {}, None, (Redemption("kh-1", "hash", used_at),))),
        publish_people=lambda people, units: _result(None),
    )
    for _ in range(2):
        await publish(office.hr, office.audit, homeserver, known, used_at, TODAY)  # type: ignore[arg-type]
    owner = office.databases.engine(Role.OWNER)
    with owner.connect() as connection:
        query = text("select actor, subject, details from audit.entries where act = 'code.redeem' and subject = 'KH-1'")
        ((actor, subject, details),) = connection.execute(query).all()
    owner.dispose()
    assert (actor, subject) == ("activation page", "KH-1")
    assert json.loads(details) == {"localpart": "kh-1", "at": used_at.isoformat()}
    code = office.everybody()["KH-1"].code
    assert code is not None and code.used_at == used_at


async def _result(value: object) -> object:
    return value


def _known(code: str) -> KnownPerson:
    facts = PersonFacts(f"Họ Tên {code}", None, None, None, None, None)
    return KnownPerson(person_key(code), code, facts, (), Account(code.lower(), code, False, None))


def test_when_the_sheets_cannot_be_written_no_code_changes(office: Office, tmp_path: Path) -> None:
    office.issue(tmp_path, "KH-1")
    before = office.everybody()["KH-1"].code
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, not a folder")
    with pytest.raises(SheetsNotWritten):
        office.issue(blocked, "KH-1", "KH-2")
    assert (office.everybody()["KH-1"].code, office.everybody()["KH-2"].code) == (before, None)


def test_when_the_second_sheet_fails_the_first_is_taken_away(office: Office, tmp_path: Path) -> None:
    office.issue(tmp_path, "KH-2")
    (standing,) = tmp_path.iterdir()
    with pytest.raises(SheetsNotWritten):
        office.issue(tmp_path, "KH-1", "KH-2")
    assert list(tmp_path.iterdir()) == [standing]
    assert office.everybody()["KH-1"].code is None


def test_a_whole_unit_gets_codes_only_where_they_are_needed(office: Office) -> None:
    with office.hr.begin() as connection:
        activation_store.issue(connection, {person_key("KH-2"): "used"}, "x", NOW - WEEK, NOW + WEEK)
        activation_store.redeem(connection, person_key("KH-2"), "used", NOW)
        activation_store.issue(connection, {person_key("KH-3"): "over"}, "x", NOW - WEEK, NOW)
    everybody = office.everybody().values()
    assert [who.officer_code for who in those_without(everybody, NOW, (), {"K1", "K2"})] == ["KH-1", "KH-3"]
    assert [who.officer_code for who in those_without(everybody, NOW, ())] == ["KH-1"]
    assert [who.officer_code for who in those_without(everybody, NOW, {"kh-1"}, {"K1"})] == []


@pytest.mark.parametrize(
    ("code", "refusal"),
    [("KH-4", AccountLocked), ("KH-5", WithoutAccount), ("KH-9", NoSuchOfficer), ("KH-2", AccountProtected)],
)
def test_who_cannot_have_a_code_is_refused_and_nobody_else_gets_one(
    office: Office, code: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal, match=code):
        those_named(office.everybody().values(), ["KH-1", code], {*PEOPLE, "KH-5"}, {"kh-2"})
    assert [who.officer_code for who in those_named(office.everybody().values(), [" kh-1 "], PEOPLE, ())] == ["KH-1"]
