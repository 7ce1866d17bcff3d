"""Security locks: set by a named person, at once, with a reason; HR never lifts them, and they never lift HR's.

HR's lock is kept below a security lock, with its reason, and stands again when that is lifted. So does a lock of
somebody who left in the meantime.
"""

import asyncio
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import and_, case, func, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from hr_provisioner import advisory
from hr_provisioner.applying.fast_lane import PATIENCE
from hr_provisioner.applying.read_back import NotAsPlanned
from hr_provisioner.current import HR
from hr_provisioner.directory.publishing import ACTIVE, LEFT
from hr_provisioner.language import OfficerError
from hr_provisioner.planning.actions import LockReason
from hr_provisioner.reach import Reach
from huep import audit, clock
from huep.audit import Act
from huep.catalogue import Message
from huep.directory.model import PersonKey
from huep.directory.tables import accounts, people
from huep.names import localpart_of, normalise
from huep.synapse_admin import AccountRequest, AccountVerb, PublishedPerson, SynapseRefused

_HR_LOCK = case(
    (
        and_(accounts.c.locked, accounts.c.lock_owner == HR),
        func.coalesce(accounts.c.lock_reason, LockReason.LEFT.value),
    ),
    else_=accounts.c.hr_lock_reason,
)
"""Why HR has the account locked, openly or below a security lock."""


class NoAccount(OfficerError):
    """Nobody of this officer code has an account."""

    def __init__(self, officer_code: str) -> None:
        super().__init__(Message.of("security-no-account", code=officer_code))


class Protected(OfficerError):
    """The account of a bot, an administrator or a break-glass account."""

    def __init__(self, officer_code: str, localpart: str) -> None:
        super().__init__(Message.of("security-protected", code=officer_code, localpart=localpart))


class NameNeeded(OfficerError):
    """Who locks is named, and says why."""

    def __init__(self) -> None:
        super().__init__(Message("security-name-needed"))


class LockedByAnother(OfficerError):
    """A security lock of another owner stands already, or was to be lifted without naming its owner."""

    def __init__(self, officer_code: str, owner: str) -> None:
        super().__init__(Message.of("security-of-another", code=officer_code, owner=owner))


class NotSecurityLocked(OfficerError):
    """There is no security lock to lift: the account is open, or the lock is HR's."""

    def __init__(self, officer_code: str, *, by_hr: bool) -> None:
        super().__init__(Message.of("security-lock-of-hr" if by_hr else "security-not-locked", code=officer_code))


class Lifted(StrEnum):
    """What became of an account when its security lock was lifted."""

    OPEN = "open"
    STILL_LOCKED = "still_locked"
    """By HR: it had locked the account before, or its owner has left."""


@dataclass(frozen=True)
class _Holder:
    """Whose account it is, and how it stands."""

    key: PersonKey
    officer_code: str
    localpart: str
    locked: bool
    lock_owner: str | None
    hr_lock_reason: str | None
    """Why HR has it locked, below a security lock or alone; None where HR has not."""

    @property
    def security_owner(self) -> str | None:
        """Who set the security lock that stands; None where none does."""
        return self.lock_owner if self.locked and self.lock_owner != HR else None


class SecurityLocks:
    """Sets and lifts security locks.

    Args:
        reach: the homeserver and its directory.
    """

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    async def lock(self, officer_code: str, *, owner: str, reason: str) -> None:
        """Shut the account of `officer_code` now; `owner` answers for it. HR's lock becomes a security lock.

        Raises:
            NoAccount, Protected, NameNeeded: it cannot be asked for.
            LockedByAnother: a security lock of somebody else stands already.
        """
        owner, reason = _named(owner), normalise(reason)
        if not reason:
            raise NameNeeded
        holder = await asyncio.to_thread(self._find, officer_code)
        async with advisory.holding_people(self._reach.hr, [holder.key], PATIENCE):
            holder = await asyncio.to_thread(self._find, officer_code)
            if holder.security_owner not in (None, owner):
                raise LockedByAnother(officer_code, holder.security_owner or "")
            await asyncio.gather(self._act(AccountVerb.LOCK, holder), self._publish(holder, LEFT))
            await asyncio.to_thread(self._write_lock, holder, owner, reason)
            await self._read_back(AccountVerb.LOCK, holder)

    async def unlock(self, officer_code: str, *, by: str, owner: str | None = None) -> Lifted:
        """Lift the security lock of `by`, or that of the `owner` who is named.

        Raises:
            NoAccount, Protected, NameNeeded: it cannot be asked for.
            NotSecurityLocked: there is none; HR's locks are lifted by the register alone.
            LockedByAnother: it is somebody else's.
        """
        by = _named(by)
        whose = by if owner is None else _named(owner)
        holder = await asyncio.to_thread(self._find, officer_code)
        async with advisory.holding_people(self._reach.hr, [holder.key]):
            holder = await asyncio.to_thread(self._find, officer_code)
            if holder.security_owner is None:
                raise NotSecurityLocked(officer_code, by_hr=holder.locked)
            if holder.security_owner != whose:
                raise LockedByAnother(officer_code, holder.security_owner)
            if holder.hr_lock_reason is not None:
                await self._publish(holder, LEFT)
                await asyncio.to_thread(self._write_unlock, holder, by, whose)
                return Lifted.STILL_LOCKED
            # Whom Synapse takes for gone could not log in to the opened account.
            await self._publish(holder, ACTIVE)
            await self._act(AccountVerb.UNLOCK, holder)
            await asyncio.to_thread(self._write_unlock, holder, by, whose)
            await self._read_back(AccountVerb.UNLOCK, holder)
            return Lifted.OPEN

    def _find(self, officer_code: str) -> _Holder:
        a, p = accounts.c, people.c
        query = (
            select(
                a.person_key,
                p.officer_code,
                a.user_id,
                a.locked,
                a.lock_owner,
                p.leaves_on,
                _HR_LOCK.label("hr_lock"),
            )
            .join(people, p.person_key == a.person_key)
            .where(p.officer_code == normalise(officer_code))
        )
        with self._reach.hr.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NoAccount(officer_code)
        localpart = localpart_of(row.user_id)
        if localpart in self._reach.settings.own_localparts:
            raise Protected(officer_code, localpart)
        has_left = row.leaves_on is not None and row.leaves_on < clock.today(self._reach.now)
        hr_lock_reason = row.hr_lock or (LockReason.LEFT.value if has_left else None)
        return _Holder(row.person_key, row.officer_code, localpart, row.locked, row.lock_owner, hr_lock_reason)

    async def _publish(self, holder: _Holder, status: str) -> None:
        await self._reach.homeserver.publish_people([PublishedPerson(holder.localpart, status)])

    async def _act(self, verb: AccountVerb, holder: _Holder) -> bool:
        (result,) = await self._reach.homeserver.act_on_accounts([AccountRequest("1", verb, holder.localpart)])
        if result.code == "protected":
            raise Protected(holder.officer_code, holder.localpart)
        if not result.ok:
            raise SynapseRefused(f"{verb} the account {holder.localpart}", 200, result.code or "", result.error or "")
        return result.changed

    async def _read_back(self, verb: AccountVerb, holder: _Holder) -> None:
        if await self._act(verb, holder):
            raise NotAsPlanned.any_more(verb, holder.localpart)

    def _write_lock(self, holder: _Holder, owner: str, reason: str) -> None:
        """The state from which it starts is named: a security lock that came in between stays its owner's."""
        a = accounts.c
        mine = or_(~a.locked, a.lock_owner == HR, a.lock_owner == owner)
        values = {
            "locked": True,
            "lock_owner": owner,
            "lock_reason": reason,
            "locked_at": func.now(),
            "hr_lock_reason": _HR_LOCK,
        }
        act = Act(
            owner,
            "account.security_lock",
            holder.officer_code,
            {"localpart": holder.localpart, "reason": reason, "before": holder.lock_owner},
        )
        self._write(holder, mine, values, act)

    def _write_unlock(self, holder: _Holder, by: str, owner: str) -> None:
        a = accounts.c
        hrs = holder.hr_lock_reason
        values: dict[str, object] = {"lock_owner": HR, "lock_reason": hrs, "hr_lock_reason": None}
        if hrs is None:
            values = {"locked": False, "lock_owner": None, "lock_reason": None, "locked_at": None}
        act = Act(
            by,
            "account.security_unlock",
            holder.officer_code,
            {"localpart": holder.localpart, "owner": owner, "after": hrs and HR, "hr_reason": hrs},
        )
        self._write(holder, and_(a.locked, a.lock_owner == owner), values, act)

    def _write(self, holder: _Holder, starts_from: ColumnElement[bool], values: dict[str, object], act: Act) -> None:
        """One transaction, the audit entry before its commit."""
        statement = update(accounts).where(accounts.c.person_key == holder.key, starts_from).values(values)
        with self._reach.hr.begin() as connection:
            if connection.execute(statement).rowcount != 1:
                raise LockedByAnother(holder.officer_code, holder.lock_owner or "")
            audit.record(self._reach.audit, [act])


def _named(name: str) -> str:
    """A name that can own a lock; HR's own word cannot."""
    name = normalise(name)
    if not name or name.casefold() == HR:
        raise NameNeeded
    return name
