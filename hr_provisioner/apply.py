"""Carries a plan out: Synapse first, then directory, journal and audit together; what fails, fails alone.

After a run that was cut off, Synapse is first brought back to the directory, which says what was done and from which
the next plan starts (`hr_provisioner.aftermath`). The journal tells what happened.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from uuid import UUID

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from hr_provisioner import directory_store, journal
from hr_provisioner.actions import (
    AccountAction,
    Action,
    CreateAccount,
    LockAccount,
    RenameAccount,
    Stage,
    UnlockAccount,
)
from hr_provisioner.aftermath import aftermath
from hr_provisioner.audit_acts import act_of
from hr_provisioner.current import Account, Current
from hr_provisioner.journal import Outcome, Unsettled
from hr_provisioner.language import OfficerError
from hr_provisioner.outcome import after, unmet
from hr_provisioner.plan import Plan
from huep import audit, clock
from huep.audit import Act
from huep.catalogue import Message
from huep.clock import Clock
from huep.errors import HuepError
from huep.settings import Settings
from huep.synapse_admin import (
    AccountAction as SynapseAction,
)
from huep.synapse_admin import (
    AccountVerb,
    HomeserverUser,
    PublishedPerson,
    SynapseAdmin,
    SynapseRefused,
    SynapseUnreachable,
)

APPLY_LOCK = 7_310_001
"""PostgreSQL advisory lock of the one apply that may run."""
ACTIONS_A_BATCH = 200
BATCHES_IN_FLIGHT = 2
FAILURES_IN_A_ROW = 10
READ_BACK_ONE_BY_ONE = 20
"""Up to this many accounts are read back one at a time; more are looked up in one list of all."""


class AlreadyRunning(OfficerError):
    """Another apply holds the lock."""

    def __init__(self) -> None:
        super().__init__(Message("already-running"))


class BreakerOpen(HuepError):
    """So many actions failed one after the other that something is wrong with the whole."""


class NotAsPlanned(HuepError):
    """Reading back found something else than what the homeserver had confirmed."""


@dataclass(frozen=True)
class Failure:
    """One action that could not be carried out, and why."""

    action: Action
    error: str


@dataclass
class Report:
    """What became of a plan."""

    run_id: UUID | None = None
    done: list[Action] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)


Progress = Callable[[Stage, int, int], None]
"""Told (stage, actions settled now, actions of this stage in all)."""


@contextmanager
def exclusively(hr: Engine) -> Iterator[None]:
    """Hold the lock that keeps two applies apart; it goes with the connection, so a crash frees it.

    Raises:
        AlreadyRunning: another process holds it.
    """
    with hr.connect() as connection:
        got = connection.execute(text("select pg_try_advisory_lock(:key)"), {"key": APPLY_LOCK}).scalar_one()
        connection.commit()
        if not got:
            raise AlreadyRunning
        try:
            yield
        finally:
            connection.execute(text("select pg_advisory_unlock(:key)"), {"key": APPLY_LOCK})
            connection.commit()


def is_running(connection: Connection) -> bool:
    """Whether some process holds the lock; asks without taking it."""
    query = text(
        "select exists (select from pg_locks join pg_database d on d.oid = database "
        "where locktype = 'advisory' and classid = 0 and objid = :key and d.datname = current_database())"
    )
    return bool(connection.execute(query, {"key": APPLY_LOCK}).scalar_one())


class Applier:
    """Runs plans against one homeserver and its directory.

    Args:
        settings: names the server.
        hr: engine of `Role.HR`.
        audit_engine: engine of `Role.AUDIT`.
        homeserver: client with the service token.
        actor: who answers for the run; goes into journal and audit.
        now: the clock.
    """

    def __init__(
        self,
        settings: Settings,
        hr: Engine,
        audit_engine: Engine,
        homeserver: SynapseAdmin,
        actor: str,
        now: Clock = clock.now,
    ) -> None:
        self._settings = settings
        self._hr = hr
        self._audit = audit_engine
        self._homeserver = homeserver
        self._actor = actor
        self._now = now
        self._in_a_row = 0
        self._breaker_is_open = False

    async def carry_out(self, plan: Plan, progress: Progress) -> Report:
        """Run `plan`, stage by stage, and read back what came of it. The caller holds `exclusively`.

        Raises:
            BreakerOpen: ten actions in a row failed; the journal holds what was done before.
            NotAsPlanned: directory or homeserver do not show what was confirmed.
        """
        report = Report()
        await self._bring_back(plan)
        await asyncio.to_thread(self._supersede)
        if not plan.actions:
            return report
        before = await asyncio.to_thread(self._read_current, plan.today)
        report.run_id = await asyncio.to_thread(self._begin, plan)
        numbered = list(enumerate(plan.actions))
        for stage, group in groupby(numbered, key=lambda entry: entry[1].stage):
            await self._run_stage(_Run(plan, report, before), stage, list(group), progress)
        await self._verify(before, report, plan.today)
        await asyncio.to_thread(self._finish, plan, report)
        return report

    def _read_current(self, today: date) -> Current:
        with self._hr.connect() as connection:
            return directory_store.read_current(connection, today)

    async def _bring_back(self, plan: Plan) -> None:
        """Undo what an earlier run did on Synapse and did not write down; what is not there needs nothing."""
        unsettled = await asyncio.to_thread(self._read_unsettled)
        if not unsettled:
            return
        current = await asyncio.to_thread(self._read_current, plan.today)
        repair = aftermath(unsettled, current, plan.actions)
        if repair.people:
            await self._homeserver.publish_people(repair.people)
        results = await self._homeserver.act_on_accounts(repair.actions)
        acts = [
            Act(self._actor, "account.bring_back", action.localpart, {"did": action.verb.value, "plan": plan.sha256})
            for action, result in zip(repair.actions, results, strict=True)
            if result.changed
        ]
        await asyncio.to_thread(audit.record, self._audit, acts)

    def _read_unsettled(self) -> frozenset[Unsettled]:
        with self._hr.connect() as connection:
            return journal.unsettled(connection)

    def _supersede(self) -> None:
        with self._hr.begin() as connection:
            journal.supersede(connection, self._now())

    def _begin(self, plan: Plan) -> UUID:
        with self._hr.begin() as connection:
            return journal.begin(connection, plan, self._actor, self._now())

    def _finish(self, plan: Plan, report: Report) -> None:
        assert report.run_id is not None  # noqa: S101 - set by carry_out before anything runs
        details = {
            "plan": plan.sha256,
            "register": plan.register_sha256,
            "done": len(report.done),
            "failed": len(report.failed),
        }
        with self._hr.begin() as connection:
            journal.finish(connection, report.run_id, self._now())
            audit.record(self._audit, [Act(self._actor, "register.apply", str(report.run_id), details)])

    async def _run_stage(
        self, run: "_Run", stage: Stage, numbered: list[tuple[int, Action]], progress: Progress
    ) -> None:
        progress(stage, 0, len(numbered))
        await self._publish([action for _, action in numbered])
        batches = [numbered[start : start + ACTIONS_A_BATCH] for start in range(0, len(numbered), ACTIONS_A_BATCH)]
        # A unit's parent may stand in the batch before: units go one batch after the other.
        turn = asyncio.Semaphore(1 if stage is Stage.UNITS else BATCHES_IN_FLIGHT)

        async def one(batch: list[tuple[int, Action]]) -> None:
            async with turn:
                self._check_breaker(run.report)
                outcomes = await self._attempt(run, batch)
                settled = await asyncio.to_thread(self._settle, run, batch, outcomes)
                self._take(run.report, batch, settled)
                progress(stage, len(batch), len(numbered))

        try:
            async with asyncio.TaskGroup() as tasks:
                for batch in batches:
                    tasks.create_task(one(batch))
        except* HuepError as errors:
            raise errors.exceptions[0] from None
        self._check_breaker(run.report)

    async def _publish(self, actions: Sequence[Action]) -> None:
        """Say who is in and who is out before the accounts change: Synapse lets in only whom it was told of."""
        people = [
            PublishedPerson(action.localpart, "left" if isinstance(action, LockAccount) else "active")
            for action in actions
            if isinstance(action, LockAccount | UnlockAccount | CreateAccount)
        ]
        if people:
            await self._homeserver.publish_people(people)

    async def _attempt(self, run: "_Run", batch: Sequence[tuple[int, Action]]) -> dict[int, Outcome]:
        """Synapse's part of a batch; actions that have none pass."""
        outcomes = {number: Outcome(number, unmet(action, run.before)) for number, action in batch}
        for_synapse = [
            _for_synapse(number, action)
            for number, action in batch
            if isinstance(action, AccountAction) and outcomes[number].error is None
        ]
        if not for_synapse:
            return outcomes
        try:
            results = await self._homeserver.act_on_accounts(for_synapse)
        except (SynapseRefused, SynapseUnreachable) as error:
            return outcomes | {int(action.id): Outcome(int(action.id), str(error)) for action in for_synapse}
        for result in results:
            if not result.ok:
                said = result.error or result.code or "Synapse gave no reason"
                outcomes[int(result.id)] = Outcome(int(result.id), said)
        return outcomes

    def _settle(
        self, run: "_Run", batch: Sequence[tuple[int, Action]], outcomes: dict[int, Outcome]
    ) -> dict[int, Outcome]:
        """Directory, audit and journal for a batch; where the directory refuses the whole, action by action."""
        try:
            self._write(run, batch, outcomes)
        except DBAPIError:
            settled: dict[int, Outcome] = {}
            for number, action in batch:
                settled[number] = self._settle_one(run, number, action, outcomes[number])
            return settled
        return outcomes

    def _settle_one(self, run: "_Run", number: int, action: Action, outcome: Outcome) -> Outcome:
        try:
            self._write(run, [(number, action)], {number: outcome})
        except DBAPIError as error:
            refused = Outcome(number, f"the directory refused it: {type(error.orig).__name__}")
            self._write(run, [(number, action)], {number: refused})
            return refused
        return outcome

    def _write(self, run: "_Run", batch: Sequence[tuple[int, Action]], outcomes: dict[int, Outcome]) -> None:
        """One transaction, the audit entry before its commit: an act may be told twice, never left untold."""
        assert run.report.run_id is not None  # noqa: S101 - set by carry_out before anything runs
        done = [action for number, action in batch if outcomes[number].error is None]
        with self._hr.begin() as connection:
            directory_store.write(connection, done, self._settings.server_name)
            journal.note(connection, run.report.run_id, [outcomes[number] for number, _ in batch])
            audit.record(self._audit, [act_of(action, self._actor, run.plan.sha256) for action in done])

    def _take(self, report: Report, batch: Sequence[tuple[int, Action]], outcomes: dict[int, Outcome]) -> None:
        for number, action in batch:
            error = outcomes[number].error
            if error is None:
                report.done.append(action)
                self._in_a_row = 0
            else:
                report.failed.append(Failure(action, error))
                self._in_a_row += 1
                self._breaker_is_open |= self._in_a_row >= FAILURES_IN_A_ROW

    def _check_breaker(self, report: Report) -> None:
        if self._breaker_is_open:
            raise BreakerOpen(
                f"{FAILURES_IN_A_ROW} actions in a row failed, the last one because: {report.failed[-1].error}; "
                f"{len(report.done)} were done and stay done: look at the homeserver, then run `huep hr apply` again, "
                "which does the rest."
            )

    async def _verify(self, before: Current, report: Report, today: date) -> None:
        """`before` is the directory alone: what the homeserver shows is compared account by account."""
        foreseen = after(before, report.done, today)
        stands = await asyncio.to_thread(self._read_current, today)
        if foreseen.sha256() != stands.sha256():
            raise NotAsPlanned("The directory does not hold what was written to it: run `huep hr plan` to see what.")
        await self._verify_accounts([action for action in report.done if isinstance(action, AccountAction)], stands)

    async def _verify_accounts(self, actions: Sequence[AccountAction], stands: Current) -> None:
        localparts = {action.localpart for action in actions}
        if not localparts:
            return
        user_ids = {self._settings.user_id(localpart) for localpart in localparts}
        if len(user_ids) > READ_BACK_ONE_BY_ONE:
            found = {user.user_id: user for user in await self._homeserver.users() if user.user_id in user_ids}
        else:
            asked = [await self._homeserver.user(user_id) for user_id in user_ids]
            found = {user.user_id: user for user in asked if user is not None}
        for person in stands.people:
            account = person.account
            if account is None or account.localpart not in localparts:
                continue
            user = found.get(self._settings.user_id(account.localpart))
            if user is None or (user.locked, user.display_name) != (account.locked, account.display_name):
                raise NotAsPlanned(_mismatch(account, user))


def _mismatch(account: Account, user: HomeserverUser | None) -> str:
    head = f"Synapse does not show the account {account.localpart} as the directory has it: "
    if user is not None and user.locked and not account.locked:
        return head + "it is locked there, and HR lifts no lock of others: ask the administrators who set it."
    found = "it is missing" if user is None else f"it is {'locked' if user.locked else 'open'}, {user.display_name!r}"
    return head + f"{found}. The next `huep hr apply` mends it; look at logs/synapse.log if this stays."


@dataclass(frozen=True)
class _Run:
    plan: Plan
    report: Report
    before: Current


def _for_synapse(number: int, action: AccountAction) -> SynapseAction:
    if isinstance(action, CreateAccount):
        return SynapseAction(str(number), AccountVerb.CREATE, action.localpart, action.display_name)
    if isinstance(action, RenameAccount):
        return SynapseAction(str(number), AccountVerb.RENAME, action.localpart, action.after)
    verb = AccountVerb.LOCK if isinstance(action, LockAccount) else AccountVerb.UNLOCK
    return SynapseAction(str(number), verb, action.localpart)
