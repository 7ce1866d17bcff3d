"""The inbox: whose event is whose, and what is left of it in the end."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from hr_provisioner.approvals import plan_store
from hr_provisioner.planning.left_alone import LeftAlone
from hr_provisioner.planning.plan import Plan
from hr_provisioner.service import hints, metrics
from hr_provisioner.service.hints import EVERYBODY, LOCKED, HintState, Settled
from hr_provisioner.service.web import Door, application
from hr_provisioner.workplace import Workplace
from huep import signed_calls
from huep.hr_settings import ServiceSettings
from tests.hr_provisioner.service.conftest import NOW, TODAY

SECRET, HOURS = "a shared secret", 72


async def test_no_caller_can_take_the_id_of_the_nightly_event(place: Workplace) -> None:
    app = application(Door(place.hr, ServiceSettings(), SECRET, lambda: None, clock=place.now))
    event, body, stamp = "nightly-2026-03-11", b'{"officer_codes": ["CB1"]}', int(NOW.timestamp())
    signed = {
        signed_calls.TIMESTAMP: str(stamp),
        signed_calls.EVENT: event,
        signed_calls.SIGNATURE: signed_calls.sign(SECRET, stamp, event, body),
    }
    transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://hr") as client:
        assert (await client.post("/webhook", content=body, headers=signed)).json()["new"] is True
        with place.hr.begin() as connection:
            assert hints.take_in(connection, event, EVERYBODY, NOW)
            connection.execute(text("update hr.hints set outcome = 'x' where about = 'CB1'"))
        assert (await client.get(f"/webhook/{event}")).json() == {"event": event, "state": "open", "outcome": "x"}


def figure(place: Workplace, name: str) -> float:
    page = metrics.exposition(place.hr, HOURS, place.now).decode()
    (line,) = [line for line in page.splitlines() if line.startswith(f"{name} ")]
    return float(line.split()[-1])


def test_a_forgotten_hint_still_counts_in_the_figures_and_names_nobody(place: Workplace) -> None:
    with place.hr.begin() as connection:
        for event, outcome in (("webhook:e/CB1", LOCKED), ("webhook:e/CB2", "nothing to do")):
            hints.take_in(connection, event, event[-3:], NOW)
            hints.settle(connection, [Settled(event, HintState.DONE, outcome)], NOW + timedelta(seconds=2))
    assert figure(place, "huep_hr_leave_to_lock_seconds_count") == 1
    with place.hr.begin() as connection:
        later = NOW + timedelta(days=31)
        assert hints.forget(connection, later, timedelta(days=30)) == 2
        assert hints.forget(connection, later, timedelta(days=30)) == 0
        (left,) = connection.execute(text("select event_id, about from hr.hints")).all()
    assert "CB" not in "".join(left)
    assert figure(place, "huep_hr_leave_to_lock_seconds_count") == 1
    assert figure(place, "huep_hr_leave_to_lock_seconds_sum") == 2


def test_a_parked_plan_counts_for_ever_and_waits_for_its_time(place: Workplace) -> None:
    before = figure(place, "huep_hr_guard_trips_total")
    plan = Plan(TODAY, "r", "c", 1, 0, 1, (), LeftAlone())
    with place.hr.begin() as connection:
        plan_store.park(connection, place.audit, plan, (), actor="test", now=NOW, hours=HOURS)
        connection.execute(text("delete from hr.plans"))
    assert figure(place, "huep_hr_guard_trips_total") == before + 1


@pytest.mark.parametrize(("hours_ago", "reasons", "waits"), [(1, True, 1), (73, True, 0), (1, False, 0)])
def test_a_register_counts_as_waiting_only_while_it_can_be_approved(
    place: Workplace, hours_ago: int, *, reasons: bool, waits: int
) -> None:
    why = '[{"name": "unreadable-loop", "arguments": {}}]'
    with place.hr.begin() as connection:
        connection.execute(
            text(
                "insert into hr.snapshots (snapshot_id, source, sha256, exported_at, received_at, rows, people, units, "
                "quarantined_rows, state, reasons, shape) values (gen_random_uuid(), 'rest', '', :at, :at, 1, 1, 1, 0, "
                "'parked', :why, '{}')"
            ),
            {"at": NOW - timedelta(hours=hours_ago), "why": why if reasons else "[]"},
        )
    assert figure(place, 'huep_hr_parked{subject="snapshot"}') == waits
