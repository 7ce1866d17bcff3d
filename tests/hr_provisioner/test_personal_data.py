"""What is held of people: the page that says so is true, and one person gets all of theirs."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Connection, delete, insert

from hr_provisioner import personal_data
from hr_provisioner.planning.identity import person_key
from hr_provisioner.tables import HR, activation_codes, hints, run_actions, runs, scim_resources, twins
from huep import audit
from huep.database import Role
from huep.directory.tables import REGISTER, accounts, memberships, people, posts, unit_periods, units
from synapse_modules import projection_layout
from tests.conftest import Databases

PAGE = Path(__file__).parents[2] / "docs" / "personal-data.md"
NOW = datetime(2026, 7, 10, 5, tzinfo=UTC)
_ROW = re.compile(r"^\| `([a-z_.]+)` \| (`[^|]+`) \|", re.MULTILINE)


def documented() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for table, columns in _ROW.findall(PAGE.read_text("utf-8")):
        found.setdefault(table, []).extend(re.findall(r"`([a-z_0-9]+)`", columns))
    return found


def test_every_column_of_the_database_is_on_the_page_once() -> None:
    page = documented()
    nobody = re.search(r"^These tables name nobody: (.+)\.$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert nobody is not None
    harmless = set(re.findall(r"`([a-z_.]+)`", nobody[1]))
    tables = {str(table): table for metadata in (REGISTER, HR) for table in metadata.sorted_tables}
    assert harmless <= set(tables)
    for name, table in tables.items():
        if name not in harmless:
            assert sorted(page.get(name, [])) == sorted(column.name for column in table.columns), name
    assert set(page) <= {*tables, "huep_people", "huep_redeemed_codes", "huep_first_invited"}


def test_what_synapse_is_told_of_people_is_on_the_page() -> None:
    statements = " ".join(projection_layout._STATEMENTS[:2])
    columns = set(re.findall(r"ADD COLUMN IF NOT EXISTS (\w+)", statements)) | {"localpart", "status", "version"}
    assert set(documented()["huep_people"]) == columns
    (redeemed,) = [text for text in projection_layout._STATEMENTS if "TABLE IF NOT EXISTS huep_redeemed_codes" in text]
    assert documented()["huep_redeemed_codes"] == re.findall(r"^ +(\w+) (?:TEXT|BIGINT)", redeemed, re.MULTILINE)


@pytest.fixture
def person(databases: Databases) -> Iterator[Connection]:
    """One person with a trace in most tables, and a colleague; the transaction is never committed."""
    engine, auditor = databases.engine(Role.HR), databases.engine(Role.AUDIT)
    audit.record(
        auditor, [audit.Act("boss", "account.lock", "DL-1", {}), audit.Act("boss", "account.lock", "DL-2", {})]
    )
    key, other, run = person_key("DL-1"), person_key("DL-2"), uuid4()
    with engine.connect() as connection:
        connection.execute(insert(units).values(unit_code="DL"))
        connection.execute(
            insert(unit_periods).values(
                unit_code="DL", valid_from=date(2000, 1, 1), name="Phòng", short_name="P", kind="office", level=1
            )
        )
        for code, whom in (("DL-1", key), ("DL-2", other)):
            connection.execute(
                insert(people).values(
                    person_key=whom,
                    officer_code=code,
                    full_name=f"Người {code}",
                    folded_name="x",
                    birth_date=date(1985, 3, 15),
                )
            )
            connection.execute(
                insert(accounts).values(person_key=whom, user_id=f"@{code.lower()}:x", display_name=code, locked=False)
            )
            connection.execute(
                insert(memberships).values(room_id=f"!r:{code}", user_id=f"@{code.lower()}:x", wanted=True)
            )
            connection.execute(
                insert(posts).values(
                    person_key=whom,
                    unit_code="DL",
                    position_code="cv",
                    position="Chuyên viên",
                    standing="staff",
                    rank="",
                    kind="main",
                    valid_from=date(2010, 1, 1),
                    valid_to=date(2015, 1, 1),
                )
            )
            connection.execute(
                insert(activation_codes).values(
                    person_key=whom, code_hash="secret-hash", issued_at=NOW, expires_at=NOW, issued_by="boss"
                )
            )
            connection.execute(insert(hints).values(event_id=f"e-{code}", about=code, received_at=NOW, state="done"))
            connection.execute(
                insert(scim_resources).values(
                    resource_id=uuid4(),
                    kind="User",
                    name=code,
                    code=code,
                    content="{}",
                    version=1,
                    created_at=NOW,
                    modified_at=NOW,
                    deleted=False,
                )
            )
        connection.execute(
            insert(twins).values(code_one="DL-0", code_other="DL-1", same=False, decided_by="boss", decided_at=NOW)
        )
        connection.execute(
            insert(runs).values(run_id=run, plan_hash="h", register_sha256="s", actor="boss", started_at=NOW)
        )
        for number, whom in enumerate((key, other)):
            action = json.dumps({"do": "lock_account", "who": {"key": str(whom)}}, separators=(",", ":"))
            connection.execute(insert(run_actions).values(run_id=run, number=number, action=action, state="done"))
        yield connection
        connection.rollback()
    engine.dispose()
    auditor.dispose()


def test_an_export_holds_a_trace_from_every_table_and_nothing_of_a_colleague(person: Connection) -> None:
    exported = personal_data.export(person, " dl-1 ", NOW)
    held = exported["held"]
    assert isinstance(held, dict)
    for table in (
        "register.people",
        "register.posts",
        "register.accounts",
        "register.memberships",
        "hr.activation_codes",
        "hr.hints",
        "hr.scim_resources",
        "hr.twins",
        "hr.run_actions",
        "audit.entries",
    ):
        assert len(held[table]) >= 1, table
    whole = json.dumps(exported, ensure_ascii=False)
    assert "1985-03-15" in whole
    assert "2015-01-01" in whole
    assert not [trace for trace in ("DL-2", "dl-2", str(person_key("DL-2")), "secret-hash") if trace in whole]


def test_of_somebody_unknown_nothing_is_held(person: Connection) -> None:
    with pytest.raises(personal_data.NobodyHeld, match="DL-9"):
        personal_data.export(person, "DL-9", NOW)


def test_what_scim_alone_knows_is_exported_too(person: Connection) -> None:
    person.execute(delete(hints))
    person.execute(
        insert(scim_resources).values(
            resource_id=uuid4(),
            kind="User",
            name="dl-7",
            code="DL-7",
            content="{}",
            version=1,
            created_at=NOW,
            modified_at=NOW,
            deleted=True,
        )
    )
    held = personal_data.export(person, "DL-7", NOW)["held"]
    assert isinstance(held, dict)
    assert [row["code"] for row in held["hr.scim_resources"]] == ["DL-7"]
