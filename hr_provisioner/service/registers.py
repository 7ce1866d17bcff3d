"""The service's slow lane: whole registers, what officers have approved, and the rooms."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from hr_provisioner.advisory import AlreadyRunning
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
from hr_provisioner.service import belief, hints, retention
from hr_provisioner.service.doors import ACTOR
from hr_provisioner.service.hints import EVERYBODY, Hint, HintState, Settled
from hr_provisioner.service.leavers import Leavers
from hr_provisioner.sources import Source, SourceError
from hr_provisioner.workplace import Workplace
from huep.errors import ConfigError, HuepError
from huep.synapse_admin import SynapseAdmin, SynapseUnreachable

log = structlog.get_logger(__name__)

GATHERED = timedelta(minutes=5)
"""Changes that are no lock wait so long for others: each costs a reading of the whole register."""
APPROVED_AGAIN_AFTER = timedelta(minutes=15)
"""So long what officers approved and what failed as a whole is left alone."""
SOURCE_AGAIN_AFTER = timedelta(minutes=5)
SOURCE_TRIED_FOR = timedelta(hours=6)
"""A register that cannot be read is asked for again so often, and so long after it was first wanted."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Registers:
    """Works off the hints about everybody.

    Args:
        place: databases and settings.
        homeserver: client with the service token.
        open_source: opens the register's source anew.
    """

    def __init__(self, place: Workplace, homeserver: SynapseAdmin, open_source: Callable[[], Source]) -> None:
        self._place = place
        self._open_source = open_source
        self._leavers = Leavers(place, homeserver, ACTOR)
        self._failed_at: dict[str, datetime] = {}
        """When something that officers approved last failed as a whole, by its hash."""
        self._unread_at = LONG_AGO
        """When the register could last not be read."""
        self._unread_asked_at = LONG_AGO
        """When the latest of those had asked for whom it was then read in vain."""

    def ask(self) -> None:
        """Have the whole register looked at soon, once for all who ask within GATHERED."""
        now = self._place.now()
        part = int(now.timestamp() // GATHERED.total_seconds())
        next_part = datetime.fromtimestamp((part + 1) * GATHERED.total_seconds(), UTC)
        with self._place.hr.begin() as connection:
            if not hints.take_in(connection, f"follow-up-{part}", EVERYBODY, now):
                # Whoever asks after that one was looked at is served with the next.
                hints.take_in(connection, f"follow-up-{part + 1}", EVERYBODY, next_part)

    async def work_off(self) -> bool:
        """Carry out what officers approved, then look at the register if somebody asked; False: nothing to do.

        Raises:
            AlreadyRunning: an officer's own apply is at work; the hints stay open.
            HuepError: database or homeserver is away.
        """
        place = self._place
        worked = False
        for sha256 in await asyncio.to_thread(self._approved_plans):
            worked |= await self._try(sha256, partial(self._apply_approved, sha256))
        for source in await asyncio.to_thread(self._approved_snapshots):
            worked |= await self._try(source.origin.sha256, partial(self._apply, source))
        waiting = await asyncio.to_thread(self._waiting)
        if waiting:
            settled = await self._look(waiting)
            await asyncio.to_thread(self._settle, settled)
            await asyncio.to_thread(self._expire)
            await renew_publication(place)
            worked |= bool(settled)
        return worked

    async def rooms(self) -> bool:
        """Make rooms and bring about memberships; always False: it ends when nothing is left."""
        await run_joins(self._place, lambda _tally: None)
        return False

    async def _try(self, sha256: str, work: Callable[[], Awaitable[object]]) -> bool:
        """Do what officers approved; where it fails, the others and the register have their turn all the same."""
        now = self._place.now()
        if now - self._failed_at.get(sha256, LONG_AGO) < APPROVED_AGAIN_AFTER:
            return False
        try:
            await work()
        except (AlreadyRunning, SynapseUnreachable):
            raise
        except HuepError as error:
            log.warning("what officers approved was not carried out", subject=sha256[:12], reason=str(error))
            self._failed_at[sha256] = now
            return False
        self._failed_at.pop(sha256, None)
        return True

    async def _look(self, waiting: list[Hint]) -> list[Settled]:
        """Take the register in, and lock whom the directory knows to be gone where that did not do it."""
        asked_at = max(hint.received_at for hint in waiting)
        try:
            state, outcome, whole = await self._everybody()
        except HuepError:
            await self._leavers.lock()
            raise
        if not whole:
            await self._leavers.lock()
        if state is not HintState.OPEN:
            return [Settled(hint.event_id, state, outcome) for hint in waiting]
        # Whoever asks while it is being read in vain is not made to wait.
        self._unread_asked_at, self._unread_at = asked_at, self._place.now()
        given_up = [hint for hint in waiting if self._unread_at - hint.received_at >= SOURCE_TRIED_FOR]
        return [Settled(hint.event_id, HintState.FAILED, outcome) for hint in given_up]

    async def _everybody(self) -> tuple[HintState, str, bool]:
        """What becomes of the hints, why, and whether the whole of the register was carried out.

        Raises AlreadyRunning, and HuepError where database or homeserver is away.
        """
        try:
            applied = await self._apply(await asyncio.to_thread(self._open_source))
        except AlreadyRunning:
            raise
        except SnapshotParked as parked:
            await asyncio.to_thread(self._note, held=True)
            return HintState.DONE, str(parked), False
        except SourceError as error:
            log.warning("the register cannot be read", reason=str(error))
            return HintState.OPEN, str(error), False
        except (OfficerError, ConfigError) as refusal:
            log.warning("the register was not taken in", reason=str(refusal))
            await asyncio.to_thread(self._note, held=True)
            return HintState.FAILED, str(refusal), False
        await asyncio.to_thread(self._note, held=False)
        if applied.parked is not None:
            return HintState.DONE, str(applied.parked), False
        return HintState.DONE, f"{len(applied.report.done)} done, {len(applied.report.failed)} failed", True

    async def _apply(self, source: Source) -> Applied:
        return await apply_source(
            self._place, source, actor=ACTOR, urgent=(), confirm=lambda _proposal: None, progress=lambda *_: None
        )

    async def _apply_approved(self, sha256: str) -> None:
        await apply_approved(self._place, actor=ACTOR, confirm=lambda *_: None, progress=lambda *_: None, prefix=sha256)

    def _approved_plans(self) -> list[str]:
        with self._place.hr.connect() as connection:
            found = plan_store.approved(connection, self._place.settings.server_name, self._place.now())
        return [plan.sha256 for plan in found]

    def _approved_snapshots(self) -> tuple[Source, ...]:
        try:
            return approved_snapshots(self._place)
        except OfficerError as error:
            log.warning("a register that officers approved is not there any more", reason=str(error))
            return ()

    def _note(self, *, held: bool) -> None:
        place = self._place
        with place.hr.begin() as connection:
            belief.note(connection, place.settings.hr.source.kind, held=held, now=place.now())

    def _waiting(self) -> list[Hint]:
        """None soon after the register could not be read, unless somebody has asked since."""
        now = self._place.now()
        with self._place.hr.connect() as connection:
            found = hints.about_everybody(connection, now)
        asked = any(hint.received_at > self._unread_asked_at for hint in found)
        return found if asked or now - self._unread_at >= SOURCE_AGAIN_AFTER else []

    def _settle(self, settled: list[Settled]) -> None:
        with self._place.hr.begin() as connection:
            hints.settle(connection, settled, self._place.now())

    def _expire(self) -> None:
        """What has been kept for its time goes, at the latest a night after."""
        place, keep_days = self._place, self._place.settings.hr.snapshots.keep_days
        with place.hr.begin() as connection:
            retention.expire(connection, place.now(), keep_days)
            scim_store.forget(connection, place.now(), timedelta(days=keep_days))
            plan_store.expire(connection, place.audit, now=place.now(), keep_days=keep_days)
