"""A night on which nothing has changed: the whole way from the register, and Synapse is only asked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from hr_provisioner import intake, provisioning, workplace
from hr_provisioner.current import Current
from hr_provisioner.demo_data.writing import EditionName, write_demo
from hr_provisioner.directory import store as directory_store
from hr_provisioner.planning.plan import make_plan
from hr_provisioner.provisioning import apply_source
from hr_provisioner.sources import open_source
from hr_provisioner.workplace import Workplace
from huep import clock
from huep.synapse_model import Roll


class AskedForTheRollAlone:
    """A homeserver on which everything is as the directory has it; whatever else it is asked for fails the test."""

    calls = 0

    async def roll_of_differing(self, digests: dict[str, str]) -> Roll:
        assert digests
        self.calls += 1
        return Roll((), frozenset())


async def test_a_register_in_which_nothing_changed_writes_nothing_to_synapse(
    place: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    homeserver = AskedForTheRollAlone()

    @asynccontextmanager
    async def open_admin(*_: object) -> AsyncIterator[AskedForTheRollAlone]:
        yield homeserver

    monkeypatch.setattr(provisioning, "open_admin", open_admin)
    monkeypatch.setattr(workplace, "open_admin", open_admin)
    place = replace(place, now=clock.now)
    demo = write_demo(tmp_path, 200, 2026, place.today, editions=(EditionName.ONE,))
    source = open_source(demo.edition(EditionName.ONE))
    nobody = Current((), ())
    reading = intake.read_and_judge(place, source)
    plan = make_plan(reading.register, nobody, place.today, place.policy)
    with place.hr.begin() as connection:
        directory_store.write(connection, plan.actions, place.settings.server_name)
    accept = intake.acceptance(place, intake.keep(place, source, reading), reading.register, nobody)
    intake.accept_alone(place, accept)
    applied = await apply_source(
        place, source, actor="test", urgent=(), confirm=lambda _: None, progress=lambda *_: None
    )
    assert applied.proposal.plan.actions == ()
    assert homeserver.calls == 1
