"""What a human decides of two officer codes that look like one person, kept for every later plan.

One person: the person who has the account goes on under the new code, with key and account as they are. Two people:
both go on for themselves.
"""

from collections.abc import Collection

from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from hr_provisioner.current import CodePair
from hr_provisioner.language import OfficerError
from hr_provisioner.planning.twins import code_pair
from hr_provisioner.tables import twins
from huep import audit
from huep.audit import Act
from huep.catalogue import Message
from huep.clock import Clock
from huep.directory.tables import accounts, people
from huep.names import localpart_of, normalise


class BothHaveAccounts(OfficerError):
    """Two accounts cannot become one."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(Message.of("twins-both-accounts", one=one, other=other))


class NeitherIsKnown(OfficerError):
    """Nobody of these codes has an account: a code was mistyped, or nothing is to be decided yet."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(Message.of("twins-neither-known", one=one, other=other))


class NotAlike(OfficerError):
    """The last accepted register does not show these codes as perhaps one person: a stranger would get the account."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(Message.of("twins-not-alike", one=one, other=other))


class OneCode(OfficerError):
    """One code twice is no pair."""

    def __init__(self, code: str) -> None:
        super().__init__(Message.of("twins-one-code", code=code))


class AlreadyOne(OfficerError):
    """Both codes were made one person's before; the account cannot be divided again."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(Message.of("twins-already-one", one=one, other=other))


class DeciderUnnamed(OfficerError):
    """Whoever decides is named."""

    def __init__(self) -> None:
        super().__init__(Message("twins-name-needed"))


class TwinDecisions:
    """Writes decisions into the directory's database, each with its audit entry.

    Args:
        hr: engine of `Role.HR`.
        audit_engine: engine of `Role.AUDIT`.
        now: the clock.
    """

    def __init__(self, hr: Engine, audit_engine: Engine, now: Clock) -> None:
        self._hr = hr
        self._audit = audit_engine
        self._now = now

    def same(self, old: str, new: str, *, by: str, alike: Collection[CodePair]) -> str:
        """Both codes are one person, who goes on under `new`; the localpart of the account.

        `alike`: pairs that `find_twins` finds in the last accepted register. Somebody under `new` without an account
        goes on under `old`: the person's other code.

        Raises:
            OneCode, DeciderUnnamed, NeitherIsKnown: it cannot be asked for.
            BothHaveAccounts: each code has an account, and accounts are never joined.
            NotAlike: the pair is none of `alike`.
        """
        old, new, by = _checked(old, new, by)
        with self._hr.begin() as connection:
            localpart_by_code = _accounts(connection, old, new)
            if len(localpart_by_code) > 1:
                raise BothHaveAccounts(old, new)
            if not localpart_by_code:
                raise NeitherIsKnown(old, new)
            if code_pair(old, new) not in alike:
                raise NotAlike(old, new)
            ((holder, localpart),) = localpart_by_code.items()
            if holder == old:
                _exchange(connection, old, new)
            self._keep(connection, old, new, by, same=True)
            details = {"old": old, "new": new, "localpart": localpart}
            audit.record(self._audit, [Act(by, "person.same", new, details)])
        return localpart

    def different(self, one: str, other: str, *, by: str) -> None:
        """Both codes are people of their own.

        Raises:
            OneCode, DeciderUnnamed, NeitherIsKnown: it cannot be asked for.
            AlreadyOne: they were decided to be one.
        """
        one, other, by = _checked(one, other, by)
        with self._hr.begin() as connection:
            if decided(connection).get(code_pair(one, other)):
                raise AlreadyOne(one, other)
            if not _accounts(connection, one, other):
                raise NeitherIsKnown(one, other)
            self._keep(connection, one, other, by, same=False)
            audit.record(self._audit, [Act(by, "person.different", one, {"one": one, "other": other})])

    def _keep(self, connection: Connection, one: str, other: str, by: str, *, same: bool) -> None:
        pair = code_pair(one, other)
        decision = {"same": same, "decided_by": by, "decided_at": self._now()}
        connection.execute(
            upsert(twins)
            .values(code_one=pair[0], code_other=pair[1], **decision)
            .on_conflict_do_update(index_elements=["code_one", "code_other"], set_=decision)
        )


def decided(connection: Connection) -> dict[CodePair, bool]:
    """Every pair that was decided upon, and whether it is one person."""
    query = select(twins.c.code_one, twins.c.code_other, twins.c.same)
    return {(one, other): same for one, other, same in connection.execute(query)}


def _checked(one: str, other: str, by: str) -> tuple[str, str, str]:
    one, other, by = normalise(one), normalise(other), normalise(by)
    if one == other:
        raise OneCode(one)
    if not by:
        raise DeciderUnnamed
    return one, other, by


def _exchange(connection: Connection, old: str, new: str) -> None:
    """Whoever is `old` becomes `new`, and whoever is `new`, if anybody, `old`."""
    between = f"{old} {new}"  # No code has a space.
    for code, becomes in ((new, between), (old, new), (between, old)):
        connection.execute(update(people).where(people.c.officer_code == code).values(officer_code=becomes))


def _accounts(connection: Connection, *codes: str) -> dict[str, str]:
    """Localpart by officer code of those who have an account."""
    query = (
        select(people.c.officer_code, accounts.c.user_id)
        .join(accounts, accounts.c.person_key == people.c.person_key)
        .where(people.c.officer_code.in_(codes))
        .with_for_update(of=people)
    )
    return {code: localpart_of(user_id) for code, user_id in connection.execute(query)}
