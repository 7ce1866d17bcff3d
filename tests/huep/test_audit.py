"""The audit chain, in a real database, with the rights of each role."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from huep import audit
from huep.database import Role
from tests.conftest import Databases


@pytest.fixture(scope="module")
def entries(databases: Databases) -> list[audit.Entry]:
    writer, reader = databases.engine(Role.AUDIT), databases.engine(Role.HR)
    acts = [audit.Act("huep test", "account.lock", f"CB{n}", {"lý do": "nghỉ việc", "n": n}) for n in range(5)]
    audit.record(writer, acts)
    with reader.connect() as connection:
        found = list(audit.read(connection))
    writer.dispose()
    reader.dispose()
    return found


def test_a_whole_chain_verifies_and_gives_its_head(entries: list[audit.Entry]) -> None:
    count, head = audit.verify(entries)
    assert count == len(entries) >= 5
    assert head == entries[-1].hash.hex()


def test_a_changed_entry_is_named(entries: list[audit.Entry]) -> None:
    forged = [*entries]
    forged[2] = replace(forged[2], subject="CB999")
    with pytest.raises(audit.ChainBroken, match="entry 3"):
        audit.verify(forged)


def test_a_removed_entry_is_named(entries: list[audit.Entry]) -> None:
    with pytest.raises(audit.ChainBroken, match="entry 2 is missing"):
        audit.verify(entries[:1] + entries[2:])


def test_moving_text_between_fields_changes_the_hash(entries: list[audit.Entry]) -> None:
    first = entries[0]
    assert audit.digest(replace(first, actor=first.actor + "a", act=first.act[1:])) != first.hash


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        (Role.AUDIT, "select * from audit.entries"),
        (Role.AUDIT, "update audit.entries set act = 'x'"),
        (Role.AUDIT, "delete from audit.entries"),
        (Role.AUDIT, "insert into audit.entries (seq, actor, act, subject, details) values (9, '', '', '', '')"),
        (Role.AUDIT, "select * from register.people"),
        (Role.HR, "insert into audit.entries (actor, act, subject, details) values ('', '', '', '')"),
        (Role.HR, "delete from audit.entries"),
        (Role.BOTS, "select * from register.people"),
        (Role.BOTS, "select * from audit.entries"),
        (Role.BOTS, "update audit.entries set act = 'x'"),
        (Role.BOTS, "delete from audit.entries"),
        (Role.BOTS, "insert into audit.entries (seq, actor, act, subject, details) values (9, '', '', '', '')"),
        (Role.BOTS, "insert into audit.entries (actor, act, subject, details, hash) values ('', '', '', '', '')"),
        (Role.BOTS, "insert into audit.entries (actor, act, subject, details, at) values ('', '', '', '', now())"),
        (Role.BOTS, "lock table audit.turn in exclusive mode"),
        (Role.BOTS, "insert into register.roles select person_key, 'operator' from directory.people"),
        (Role.BOTS, "update directory.people set full_name = 'x'"),
        (Role.BOTS, "select birth_date from directory.people"),
        (Role.BOTS, "select email from directory.people"),
        (Role.OWNER, "update audit.entries set act = 'x'"),
        (Role.OWNER, "truncate audit.entries"),
    ],
)
def test_no_role_may_do_more_than_its_work(
    databases: Databases, entries: list[audit.Entry], role: Role, statement: str
) -> None:
    engine = databases.engine(role)
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_what_a_bot_records_is_a_link_of_the_same_chain(databases: Databases, entries: list[audit.Entry]) -> None:
    bots, reader = databases.engine(Role.BOTS), databases.engine(Role.HR)
    audit.record(bots, [audit.Act("@sam:x", "preferences.change", "CB-1", {"by": "bot"})])
    with reader.connect() as connection:
        kept = list(audit.read(connection))
    assert audit.verify(kept)[0] == len(entries) + 1
    assert (kept[-1].act, kept[-1].previous_hash) == ("preferences.change", kept[-2].hash)
    bots.dispose()
    reader.dispose()
