"""A run taken back: directory and homeserver are as they were, but for what has moved on since."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from hr_provisioner import cli as hr_cli
from hr_provisioner.applying.run_history import RunAmbiguous, RunUnknown, done_actions, find_run, runs_of
from hr_provisioner.directory.reader import read_current
from hr_provisioner.planning.actions import Action
from hr_provisioner.planning.inverse import undo_plan
from hr_provisioner.planning.plan import Plan
from hr_provisioner.records import PersonRecord, UnitRecord
from hr_provisioner.workplace import Workplace
from tests.clients.editions import ACTOR, accounts, carry_out, left, person, planned, register, unit


@pytest.fixture
def units(place: Workplace) -> tuple[UnitRecord, ...]:
    region = f"UND{uuid4().hex[:6].upper()}"
    return tuple(unit(f"{region}{end}", place) for end in "AB")


async def undo(place: Workplace, run_id: UUID | None) -> Plan:
    """Take a run back; returns the plan that did it."""
    current = await place.current(ACTOR)
    with place.hr.connect() as connection:
        run = find_run(connection, str(run_id))
        plan = undo_plan(done_actions(connection, run.run_id), current, place.today, plan_sha256=run.plan_hash)
    await carry_out(place, plan, undoes=run.run_id)
    return plan


def directory(place: Workplace, units: tuple[UnitRecord, ...], codes: set[str]) -> list[object]:
    """What the directory says of these people and units."""
    with place.hr.connect() as connection:
        current = read_current(connection, place.today)
    return [current.unit_by_code.get(one.code) for one in units] + [current.by_code[code] for code in sorted(codes)]


async def test_an_undone_run_leaves_directory_and_homeserver_as_they_were(
    place: Workplace, units: tuple[UnitRecord, ...]
) -> None:
    here, there = units
    leaver, mover, returner, stays = (person(f"{here.code}-{n}", here.code) for n in range(4))
    codes = {who.officer_code for who in (leaver, mover, returner, stays)}
    await carry_out(place, await planned(place, register([here], [leaver, mover, returner, stays])))
    await carry_out(place, await planned(place, register([here], [leaver, mover, left(returner), stays])))
    before, shown = directory(place, units, codes), await accounts(place, codes)

    new = person(f"{here.code}-9", there.code)
    edition = register(
        [replace(here, short_name="KHÁC"), there],
        [
            left(leaver),
            replace(mover, posts=(replace(mover.posts[0], unit_code=there.code),)),
            returner,
            replace(stays, email="a@hue.vn"),
            new,
        ],
    )
    report = await carry_out(place, await planned(place, edition))
    assert {action.name for action in report.done} == {
        "lock_account", "unlock_account", "create_account", "move_person", "update_person", "rename_account",
        "open_unit", "change_unit",
    }  # fmt: skip
    plan = await undo(place, report.run_id)
    assert plan.left_alone.moved_on == ()
    assert directory(place, units, codes) == before
    assert await accounts(place, codes) == shown
    assert (await accounts(place, {new.officer_code}))[new.officer_code][0]

    # Taken back, it can be done again: the same people get the same accounts.
    await carry_out(place, await planned(place, edition))
    assert (await planned(place, edition)).actions == ()
    assert not (await accounts(place, {new.officer_code}))[new.officer_code][0]


async def test_what_has_moved_on_since_stays(place: Workplace, units: tuple[UnitRecord, ...]) -> None:
    here = units[0]
    people = [person(f"{here.code}-{n}", here.code) for n in range(2)]
    await carry_out(place, await planned(place, register([here], people)))
    run = (await carry_out(place, await planned(place, register([here], map(left, people))))).run_id
    await carry_out(place, await planned(place, register([here], [people[0], left(people[1])])))
    plan = await undo(place, run)
    assert plan.left_alone.moved_on == (people[0].officer_code,)
    assert not any(locked for locked, _ in (await accounts(place, _codes(people))).values())


def _codes(people: list[PersonRecord]) -> set[str]:
    return {who.officer_code for who in people}


async def test_runs_are_listed_and_found_by_their_first_characters(
    place: Workplace, units: tuple[UnitRecord, ...]
) -> None:
    here = units[0]
    report = await carry_out(place, await planned(place, register([here], [person(f"{here.code}-1", here.code)])))
    with place.hr.connect() as connection:
        latest = runs_of(connection, 1)[0]
        assert latest.run_id == report.run_id
        assert latest.done == {"open_unit": 1, "create_account": 1}
        assert find_run(connection, str(report.run_id)[:13]) == latest
        done: tuple[Action, ...] = done_actions(connection, latest.run_id)
        for wrong in ("", "xyz", "ffffffff-ffff-ffff"):
            with pytest.raises(RunUnknown):
                find_run(connection, wrong)
    assert list(done) == report.done
    shown = CliRunner().invoke(hr_cli.app, ["runs", "--lang", "en", "--state", str(place.state.root)])
    assert shown.exit_code == 0
    assert str(report.run_id)[:8] in shown.stdout


def test_a_beginning_that_several_runs_share_names_none(place: Workplace) -> None:
    with place.hr.connect() as connection, connection.begin() as transaction:
        for end in "12":
            connection.execute(
                text(
                    "insert into hr.runs (run_id, plan_hash, register_sha256, actor, started_at) "
                    "values (:run, '', '', '', now())"
                ),
                {"run": f"abcdabcd-0000-0000-0000-00000000000{end}"},
            )
        with pytest.raises(RunAmbiguous):
            find_run(connection, "abcdabcd")
        transaction.rollback()
