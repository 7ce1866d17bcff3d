"""What runs did and did not come to, as the journal tells those that follow them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from hr_provisioner.applying import journal
from hr_provisioner.applying.journal import Deed, Outcome
from hr_provisioner.planning import identity
from hr_provisioner.planning.actions import LockAccount, RenameAccount, Subject
from hr_provisioner.planning.left_alone import LeftAlone
from hr_provisioner.planning.plan import Plan, PlanKind
from huep.database import Role

NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
WHO = Subject(identity.person_key("1"), "1", "Lê Hoa", "STC")
ACTIONS = (LockAccount(WHO, "le-hoa", None), RenameAccount(WHO, "le-hoa", "a", "b"), RenameAccount(WHO, "x", "a", "b"))
PLAN = Plan(date(2026, 3, 10), "register", "current", 0, 0, 0, ACTIONS, LeftAlone())


@pytest.fixture
def connection(databases) -> Iterator[Connection]:
    engine = databases.engine(Role.OWNER)
    with engine.connect() as opened, opened.begin() as transaction:
        opened.execute(text("truncate hr.runs cascade"))
        yield opened
        transaction.rollback()
    engine.dispose()


def begin(connection: Connection, plan: Plan = PLAN, at: datetime = NOW) -> list[Deed]:
    (run_id,) = journal.begin(connection, [plan], "test", at)
    return [Deed(run_id, plan.sha256, number, action) for number, action in enumerate(plan.actions)]


def test_what_is_done_or_stood_is_not_tried_again(connection: Connection) -> None:
    deeds = begin(connection)
    outcomes = [Outcome(deeds[0]), Outcome(deeds[1], stood=True), Outcome(deeds[2], "failed")]
    journal.note(connection, outcomes, LATER)
    cut_off = journal.resumable(connection, PLAN.sha256)
    assert cut_off is not None
    assert (cut_off.run_id, cut_off.started_at) == (deeds[0].run_id, NOW)
    assert (cut_off.done, cut_off.settled) == ({0}, {0, 1})


def test_only_the_same_plan_is_resumed_and_only_until_it_ends(connection: Connection) -> None:
    deeds = begin(connection)
    assert journal.resumable(connection, "another") is None
    journal.finish(connection, [deeds[0].run_id], LATER)
    assert journal.resumable(connection, PLAN.sha256) is None
    begin(connection, replace(PLAN, kind=PlanKind.PERSON))
    assert journal.resumable(connection, replace(PLAN, kind=PlanKind.PERSON).sha256) is None


def test_unsettled_is_what_a_run_left_open_and_what_the_latest_took_for_failed(connection: Connection) -> None:
    first = begin(connection)
    journal.note(connection, [Outcome(first[0]), Outcome(first[1], "failed")], LATER)
    assert {(deed.do, deed.localpart) for deed in journal.unsettled(connection)} == {
        ("rename_account", "le-hoa"),
        ("rename_account", "x"),
    }
    assert journal.unsettled(connection, first[0].run_id) == frozenset()
    journal.finish(connection, [first[0].run_id], LATER)
    begin(connection, replace(PLAN, actions=()), LATER)
    assert journal.unsettled(connection) == frozenset()


def test_what_failed_in_the_fast_lane_since_the_latest_run_is_unsettled_too(connection: Connection) -> None:
    slow = begin(connection, replace(PLAN, actions=()))
    urgent = begin(connection, replace(PLAN, kind=PlanKind.PERSON, actions=ACTIONS[:1]), LATER)
    journal.note(connection, [Outcome(urgent[0], "Synapse is away")], LATER)
    journal.finish(connection, [slow[0].run_id if slow else urgent[0].run_id, urgent[0].run_id], LATER)
    (left,) = journal.unsettled(connection)
    assert (left.run_id, left.key, left.localpart) == (urgent[0].run_id, WHO.key, "le-hoa")


def test_a_row_names_its_act_once_for_ever(connection: Connection) -> None:
    deeds = begin(connection)
    keys = connection.execute(text("select idempotency_key from hr.run_actions order by number")).scalars().all()
    assert keys == [journal.idempotency_key(PLAN.sha256, deed.run_id, deed.number) for deed in deeds]
    with pytest.raises(IntegrityError), connection.begin_nested():
        connection.execute(text("update hr.run_actions set idempotency_key = :key"), {"key": keys[0]})


def test_locks_of_other_runs_since_a_moment_are_known(connection: Connection) -> None:
    deeds = begin(connection)
    journal.note(connection, [Outcome(deeds[0])], LATER)
    other = begin(connection, PLAN, LATER)[0].run_id
    assert journal.lock_changes_since(connection, NOW, other) == {WHO.key}
    assert journal.lock_changes_since(connection, NOW, deeds[0].run_id) == frozenset()
    assert journal.lock_changes_since(connection, LATER + timedelta(seconds=1), other) == frozenset()
