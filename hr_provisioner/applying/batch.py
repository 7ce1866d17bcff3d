"""A batch of deeds, from any runs: Synapse first, then directory, journal and audit together."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from http import HTTPStatus
from typing import assert_never

from sqlalchemy.exc import DBAPIError

from hr_provisioner.applying import journal
from hr_provisioner.applying.journal import Deed, Outcome, Progress
from hr_provisioner.current import Current
from hr_provisioner.directory import store as directory_store
from hr_provisioner.directory.audit_acts import act_of
from hr_provisioner.directory.publishing import ACTIVE, LEFT
from hr_provisioner.directory.reader import read_concerned
from hr_provisioner.directory.store import MovedOn
from hr_provisioner.planning.actions import AccountAction, CreateAccount, LockAccount, RenameAccount, UnlockAccount
from hr_provisioner.planning.outcome import stands, unmet
from hr_provisioner.reach import Reach
from huep import audit
from huep.synapse_admin import (
    AccountRequest,
    AccountVerb,
    ActionResult,
    PublishedPerson,
    SynapseRefused,
    SynapseUnreachable,
)

IN_HAND = "the other lane is changing this account at the moment: ask once more"


@dataclass(frozen=True)
class Settled:
    """What became of a batch."""

    outcomes: tuple[Outcome, ...]
    """In the order of the deeds."""
    answered_at: datetime
    """When Synapse had answered for all of them: locks were in force by then."""
    away: SynapseRefused | SynapseUnreachable | None = None
    """Why Synapse did not do its part; what was asked of it then counts as failed, and can be asked again."""


class Batches:
    """Carries out one batch after another, or several at a time.

    Args:
        reach: the homeserver and its directory.
        actor: who answers for it; goes into the audit.
    """

    def __init__(self, reach: Reach, actor: str) -> None:
        self._reach = reach
        self._actor = actor
        self._protected = reach.settings.own_localparts

    async def carry_out(self, deeds: Sequence[Deed], today: date, *, undisturbed: bool = True) -> Settled:
        """Do what still fits the directory as it stands; every deed is settled in the journal afterwards.

        Args:
            deeds: of one stage.
            today: the day for which their plans were made.
            undisturbed: whether the other lane is kept from these people: only then what stands goes on standing.
        """
        current = await asyncio.to_thread(self._read, deeds, today)
        outcomes = [self._judge(deed, current, today) for deed in deeds]
        if not undisturbed:
            outcomes = [replace(one, stood=False, error=IN_HAND) if one.stood else one for one in outcomes]
        outcomes, away = await self._ask_synapse(outcomes)
        answered_at = self._reach.now()
        settled = await asyncio.to_thread(self._settle, outcomes, today)
        await self._shut_again(outcomes, settled)
        return Settled(tuple(settled), answered_at, away)

    def _read(self, deeds: Sequence[Deed], today: date) -> Current:
        with self._reach.hr.connect() as connection:
            return read_concerned(connection, today, [deed.action for deed in deeds], self._reach.settings.server_name)

    def _judge(self, deed: Deed, current: Current, today: date) -> Outcome:
        action = deed.action
        if isinstance(action, AccountAction) and action.localpart in self._protected:
            return Outcome(deed, f"the account {action.localpart} is protected", refused=True)
        if stands(action, current, today):
            return Outcome(deed, stood=True)
        reason = unmet(action, current)
        return Outcome(deed, reason, refused=reason is not None)

    async def _ask_synapse(
        self, outcomes: Sequence[Outcome]
    ) -> tuple[list[Outcome], SynapseRefused | SynapseUnreachable | None]:
        """Synapse's part of it, and why it was away; deeds that have none, or are judged already, pass."""
        asked = {
            str(index): action
            for index, outcome in enumerate(outcomes)
            if outcome.error is None and not outcome.stood and isinstance(action := outcome.deed.action, AccountAction)
        }
        if not asked:
            return list(outcomes), None
        away: SynapseRefused | SynapseUnreachable | None = None
        try:
            results = await self._act([_for_synapse(*entry) for entry in asked.items()], asked.values())
        except (SynapseRefused, SynapseUnreachable) as error:
            failed = {int(number): str(error) for number in asked}
            away = error if _is_away(error) else None
        else:
            failed = {
                int(result.id): result.error or result.code or "Synapse gave no reason"
                for result in results
                if not result.ok
            }
        return [
            replace(outcome, error=failed[index]) if index in failed else outcome
            for index, outcome in enumerate(outcomes)
        ], away

    async def _act(
        self, requests: Sequence[AccountRequest], actions: Collection[AccountAction]
    ) -> tuple[ActionResult, ...]:
        """Publish who is in and who is out, and change the accounts; doors are shut without waiting for the first."""
        people = [
            PublishedPerson(action.localpart, LEFT if isinstance(action, LockAccount) else ACTIVE)
            for action in actions
            if not isinstance(action, RenameAccount)
        ]
        if all(isinstance(action, LockAccount) for action in actions):
            results, _ = await asyncio.gather(
                self._reach.homeserver.act_on_accounts(requests), self._reach.homeserver.publish_people(people)
            )
            return results
        if people:
            # Synapse makes and opens accounts only of people of whom it was told.
            await self._reach.homeserver.publish_people(people)
        return await self._reach.homeserver.act_on_accounts(requests)

    def _settle(self, outcomes: Sequence[Outcome], today: date) -> list[Outcome]:
        """Directory, audit and journal; where the directory refuses the whole, deed by deed."""
        try:
            self._write(outcomes)
        except (DBAPIError, MovedOn):
            return [self._settle_one(outcome, today) for outcome in outcomes]
        return list(outcomes)

    def _settle_one(self, outcome: Outcome, today: date) -> Outcome:
        try:
            self._write([outcome])
        except MovedOn as error:
            current = self._read([outcome.deed], today)
            other = (
                Outcome(outcome.deed, stood=True)
                if stands(outcome.deed.action, current, today)
                else Outcome(outcome.deed, unmet(outcome.deed.action, current) or str(error), refused=True)
            )
        except DBAPIError as error:
            other = Outcome(outcome.deed, f"the directory refused it: {type(error.orig).__name__}")
        else:
            return outcome
        self._write([other])
        return other

    def _write(self, outcomes: Sequence[Outcome]) -> None:
        """One transaction, the audit entry before its commit: an act may be told twice, never left untold."""
        done = [outcome.deed for outcome in outcomes if outcome.progress is Progress.DONE]
        with self._reach.hr.begin() as connection:
            directory_store.write(connection, [deed.action for deed in done], self._reach.settings.server_name)
            journal.note(connection, outcomes, self._reach.now())
            audit.record(self._reach.audit, [act_of(deed.action, self._actor, deed.plan_sha256) for deed in done])

    async def _shut_again(self, asked: Sequence[Outcome], settled: Sequence[Outcome]) -> None:
        """An account that was opened while somebody else locked it: the lock wins."""
        opened = [
            AccountRequest(str(number), AccountVerb.LOCK, after.deed.action.localpart)
            for number, (before, after) in enumerate(zip(asked, settled, strict=True))
            if isinstance(after.deed.action, UnlockAccount) and before.progress is Progress.DONE and after.error
        ]
        if opened:
            await self._reach.homeserver.act_on_accounts(opened)


def _is_away(error: SynapseRefused | SynapseUnreachable) -> bool:
    """Whether the same may go well later: Synapse has trouble of its own, and says nothing of what was asked."""
    return isinstance(error, SynapseUnreachable) or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _for_synapse(number: str, action: AccountAction) -> AccountRequest:
    match action:
        case CreateAccount():
            return AccountRequest(number, AccountVerb.CREATE, action.localpart, action.display_name)
        case RenameAccount():
            return AccountRequest(number, AccountVerb.RENAME, action.localpart, action.after)
        case LockAccount():
            return AccountRequest(number, AccountVerb.LOCK, action.localpart)
        case UnlockAccount():
            return AccountRequest(number, AccountVerb.UNLOCK, action.localpart)
        case _:
            assert_never(action)
