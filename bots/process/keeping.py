"""Keeps one bot running: starts it again with back-off when it crashes, leaves it down where an operator is needed."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

import structlog
from sqlalchemy.exc import DBAPIError

from bots.health.logs import said_by
from bots.health.vitals import BotState, Vitals
from bots.matrix.errors import AccountLocked, DeviceInUse, DeviceKeysDiffer, IdentityDiffers, WrongPassword
from bots.matrix.recovery_key import RecoveryKeyDamaged
from bots.matrix.store.errors import DeviceDamaged, StoreKeyMissing, StoreKeyWrong
from bots.runtime.patience import is_set_within
from huep.clock import Clock
from huep.errors import HuepError
from huep.stack.service import STEADY_AFTER_S, backoff_s
from huep.state import SecretMissing

log = structlog.get_logger(__name__)

NEED_AN_OPERATOR = (
    AccountLocked,
    DeviceDamaged,
    StoreKeyMissing,
    StoreKeyWrong,
    DeviceKeysDiffer,
    IdentityDiffers,
    RecoveryKeyDamaged,
    SecretMissing,
    WrongPassword,
)
"""Trying again would change nothing, and hammer at a shut door."""
LOOK_AGAIN_S = 300.0
"""How often a bot that is down looks whether the operator has helped."""


class Keeper:
    """One bot of a process.

    Args:
        vitals: kept up to date.
        serve: one life of the bot, from logging in to its end.
        changed: called when the vitals entered another state.
        clock: the present moment.
        pause_s: how long to wait after so many failures in a row.
    """

    def __init__(
        self,
        vitals: Vitals,
        serve: Callable[[], Awaitable[None]],
        changed: Callable[[], None],
        clock: Clock,
        pause_s: Callable[[int], float] = backoff_s,
    ) -> None:
        self._vitals = vitals
        self._serve = serve
        self._changed = changed
        self._clock = clock
        self._pause_s = pause_s

    async def keep(self, stop: asyncio.Event) -> None:
        """Run the bot until `stop` is set.

        Raises:
            DeviceInUse: another process has this bot, so this one is one too many.
        """
        failures = 0
        while not stop.is_set():
            self._enter(BotState.STARTING)
            began = monotonic()
            try:
                await self._serve()
            except DeviceInUse:
                self._enter(BotState.STOPPED)
                raise
            except Exception as error:  # noqa: BLE001 - whatever ends a bot, the others go on
                failures = 1 if monotonic() - began > STEADY_AFTER_S else failures + 1
                pause_s = self._fell(error, failures)
            else:
                break
            await is_set_within(stop, pause_s)
            self._vitals.restarts += 1
        self._enter(BotState.STOPPED)

    def _fell(self, error: Exception, failures: int) -> float:
        """Say what is the matter; returns how long to wait."""
        name = self._vitals.name
        if isinstance(error, NEED_AN_OPERATOR):
            log.error("a bot is down and needs an operator", bot=name, error=str(error))
            self._enter(BotState.DOWN, str(error))
            return LOOK_AGAIN_S
        pause_s = self._pause_s(failures)
        if isinstance(error, HuepError | DBAPIError):
            log.warning("a bot ended", bot=name, error=said_by(error), again_after_s=pause_s)
        else:
            log.error("a bot crashed", bot=name, again_after_s=pause_s, exc_info=error)
        self._enter(BotState.BACKING_OFF, f"{said_by(error)}; next start in {pause_s:.0f} s")
        return pause_s

    def _enter(self, state: BotState, note: str = "") -> None:
        self._vitals.enter(state, self._clock(), note)
        self._changed()
