"""The service's slow lane: whole registers, what officers have approved, and the rooms."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import structlog

from hr_provisioner.approvals import plan_store
from hr_provisioner.intake import SnapshotParked
from hr_provisioner.language import OfficerError
from hr_provisioner.provisioning import (
    Applied,
    apply_approved,
    apply_source,
    approved_snapshots,
    renew_publication,
    run_joins,
)
from hr_provisioner.scim import store as scim_store
from hr_provisioner.service import hints, retention
from hr_provisioner.service.doors import ACTOR
from hr_provisioner.service.hints import EVERYBODY, Hint, HintState, Settled
from hr_provisioner.sources import Source
from hr_provisioner.workplace import Workplace
from huep.errors import ConfigError

log = structlog.get_logger(__name__)

GATHERED = timedelta(minutes=5)
"""Changes that are no lock wait so long for others: each costs a reading of the whole register."""


class Registers:
    """Works off the hints about everybody.

    Args:
        place: databases and settings.
        open_source: opens the register's source anew.
    """

    def __init__(self, place: Workplace, open_source: Callable[[], Source]) -> None:
        self._place = place
        self._open_source = open_source

    def ask(self) -> None:
        """Have the whole register looked at soon, once for all who ask within GATHERED."""
        now = self._place.now()
        part = int(now.timestamp() // GATHERED.total_seconds())
        with self._place.hr.begin() as connection:
            hints.take_in(connection, f"follow-up-{part}", EVERYBODY, now)

    async def work_off(self) -> bool:
        """Carry out what officers approved, then look at the register if somebody asked; False: nothing to do.

        Raises:
            AlreadyRunning: an officer's own apply is at work; the hints stay open.
            HuepError: database or homeserver is away.
        """
        place = self._place
        worked = bool(await apply_approved(place, actor=ACTOR, confirm=lambda *_: None, progress=lambda *_: None))
        for source in await asyncio.to_thread(approved_snapshots, place):
            await self._apply(source)
            worked = True
        waiting = await asyncio.to_thread(self._waiting)
        if waiting:
            state, outcome = await self._everybody()
            await asyncio.to_thread(self._settle, waiting, state, outcome)
            await asyncio.to_thread(self._expire)
            await renew_publication(place)
            worked = True
        if worked:
            await self.rooms()
        return worked

    async def rooms(self) -> bool:
        """Make rooms and bring about memberships; always False: it ends when nothing is left."""
        await run_joins(self._place, lambda _tally: None)
        return False

    async def _everybody(self) -> tuple[HintState, str]:
        try:
            applied = await self._apply(await asyncio.to_thread(self._open_source))
        except SnapshotParked as parked:
            return HintState.DONE, str(parked)
        except (OfficerError, ConfigError) as refusal:
            log.warning("the register was not taken in", reason=str(refusal))
            return HintState.FAILED, str(refusal)
        if applied.parked is not None:
            return HintState.DONE, str(applied.parked)
        return HintState.DONE, f"{len(applied.report.done)} done, {len(applied.report.failed)} failed"

    async def _apply(self, source: Source) -> Applied:
        return await apply_source(
            self._place, source, actor=ACTOR, urgent=(), confirm=lambda _proposal: None, progress=lambda *_: None
        )

    def _waiting(self) -> list[Hint]:
        with self._place.hr.connect() as connection:
            return hints.about_everybody(connection)

    def _settle(self, waiting: list[Hint], state: HintState, outcome: str) -> None:
        with self._place.hr.begin() as connection:
            hints.settle(connection, [Settled(hint.event_id, state, outcome) for hint in waiting], self._place.now())

    def _expire(self) -> None:
        """What has been kept for its time goes, at the latest a night after."""
        place, keep_days = self._place, self._place.settings.hr.snapshots.keep_days
        with place.hr.begin() as connection:
            retention.expire(connection, place.now(), keep_days)
            scim_store.forget(connection, place.now(), timedelta(days=keep_days))
            plan_store.expire(connection, place.audit, now=place.now(), keep_days=keep_days)
