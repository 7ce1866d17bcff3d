"""People into the rooms of their units and out of those they left: a table of what is wanted, worked off.

`register.memberships` holds what the register wants and whether it is done, so that the work can stop and go on at any
point; `run` ends when nothing is open.
"""

import asyncio
import json
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Engine, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from hr_provisioner import membership
from hr_provisioner.current import Current
from hr_provisioner.directory_store import read_current
from hr_provisioner.rooms import RoomBuilder, moderators, read_rooms, units_with_rooms, with_ancestors
from huep import audit, clock
from huep.audit import Act
from huep.clock import Clock
from huep.directory.tables import memberships
from huep.errors import HuepError
from huep.names import localpart_of
from huep.settings import Settings
from huep.state import StateFolder, write_private
from huep.synapse_admin import MembershipAction, MembershipVerb, SynapseAdmin

JOINS_LOCK = 7_310_003
"""PostgreSQL advisory lock of the one process that works off the open memberships."""
ACTIONS_A_BATCH = 200
BATCHES_IN_FLIGHT = 2
ACTOR = "huep hr joins"


class JoinsFailed(HuepError):
    """Some memberships could not be brought about, and trying again changed nothing."""


@dataclass(frozen=True)
class Tally:
    """How far the joins came."""

    done: int
    total: int
    units_built: int
    rate: float
    """Memberships a second since the start of this process."""


@dataclass(frozen=True)
class Open:
    """One membership that is not yet what is wanted."""

    room_id: str
    user_id: str
    wanted: bool


Report = Callable[[Tally], None]


class Joins:
    """Brings unit rooms and memberships to what the register wants.

    Args:
        settings: names the server and the service account.
        hr: engine of `Role.HR`.
        audit_engine: engine of `Role.AUDIT`.
        homeserver: client with the service token.
        now: the clock; asked for the day anew each time, for the joins of a first start may run past midnight.
    """

    def __init__(
        self, settings: Settings, hr: Engine, audit_engine: Engine, homeserver: SynapseAdmin, now: Clock = clock.now
    ) -> None:
        self._settings = settings
        self._hr = hr
        self._audit = audit_engine
        self._homeserver = homeserver
        self._now = now
        self._builder = RoomBuilder(settings, hr, audit_engine, homeserver)

    async def serve_urgent(self, officer_codes: Collection[str]) -> int:
        """Bring these people into their rooms now, making the rooms first; returns how many memberships changed.

        What everybody else wants is written down, for `run`.
        """
        today = self._today()
        current = await asyncio.to_thread(self._current, today)
        localparts = {
            person.account.localpart
            for code in officer_codes
            if (person := current.by_code.get(code)) is not None and person.account is not None
        }
        homes = membership.homes(current, self._settings.rooms.deepest_level, today)
        needed = with_ancestors(
            (home for localpart in localparts for home in homes.get(localpart, ())), current.unit_by_code
        )
        units = units_with_rooms(current, self._settings.rooms.deepest_level, today)
        await self._builder.build([unit for unit in units if unit.code in needed], moderators(current, today))
        await self._hand_over()
        await asyncio.to_thread(self.register_wishes, localparts)
        return await self._work_off(lambda: self._read_open(urgent_only=True), lambda _done: None)

    async def run(self, report: Report) -> int:
        """Make every room that is lacking, then bring about every membership; returns how many changed.

        Raises:
            JoinsFailed: what is left cannot be done.
        """
        await self._homeserver.lift_rate_limits(self._settings.user_id(self._settings.accounts.service))
        began = time.monotonic()
        built = changed = 0

        def tell(done: int = 0, units_built: int = 0) -> None:
            nonlocal changed, built
            changed += done
            built += units_built
            finished, total = self._counts()
            report(Tally(finished, total, built, changed / max(time.monotonic() - began, 0.001)))

        while True:
            today = self._today()
            current = await asyncio.to_thread(self._current, today)
            units = units_with_rooms(current, self._settings.rooms.deepest_level, today)
            tell()
            await self._builder.build(units, moderators(current, today), lambda number: tell(units_built=number))
            await self._hand_over()
            await asyncio.to_thread(self.register_wishes, frozenset())
            # An apply may have changed what is wanted in the meantime: the end is a round that finds nothing to do.
            if await self._work_off(self._read_open, tell) == 0:
                return changed

    def _today(self) -> date:
        return clock.today(self._now)

    def _current(self, today: date) -> Current:
        with self._hr.connect() as connection:
            return read_current(connection, today)

    async def _hand_over(self) -> None:
        """Making rooms takes minutes, in which leaders change: they are read anew."""
        today = self._today()
        current = await asyncio.to_thread(self._current, today)
        await self._builder.hand_over(moderators(current, today))

    def register_wishes(self, urgent: Collection[str]) -> membership.Changes:
        """Write down who is wanted in which of the rooms that exist; `urgent` are localparts to serve first."""
        with self._hr.begin() as connection:
            # The directory is read behind the lock: an older reading would take back what an apply wrote meanwhile.
            connection.execute(text("lock table register.memberships in share row exclusive mode"))
            today = self._today()
            current = read_current(connection, today)
            rooms = {code: tuple(unit.ids.values()) for code, unit in read_rooms(self._hr).items()}
            homes = membership.homes(current, self._settings.rooms.deepest_level, today)
            wanted = membership.desired(homes, rooms)
            known = {
                (room_id, localpart_of(user_id)): membership.Known(was_wanted, done)
                for room_id, user_id, was_wanted, done in connection.execute(
                    select(memberships.c.room_id, memberships.c.user_id, memberships.c.wanted, memberships.c.done)
                )
            }
            changes = membership.changes(wanted, known)
            rows = [
                {
                    "room_id": room_id,
                    "user_id": self._settings.user_id(localpart),
                    "wanted": joins,
                    "done": False,
                    "urgent": localpart in urgent,
                }
                for members, joins in ((changes.joins, True), (changes.leaves, False))
                for room_id, localpart in members
            ]
            if rows:
                statement = upsert(memberships)
                written = {name: statement.excluded[name] for name in ("wanted", "done", "urgent")}
                connection.execute(
                    statement.on_conflict_do_update(index_elements=["room_id", "user_id"], set_=written), rows
                )
            if urgent:
                connection.execute(
                    update(memberships)
                    .where(memberships.c.user_id == bindparam("of"), ~memberships.c.done)
                    .values(urgent=True),
                    [{"of": self._settings.user_id(localpart)} for localpart in urgent],
                )
        return changes

    async def _work_off(self, read: Callable[[], list[Open]], tell: Callable[[int], None]) -> int:
        changed = 0
        while opened := await asyncio.to_thread(read):
            batches = [opened[start : start + ACTIONS_A_BATCH] for start in range(0, len(opened), ACTIONS_A_BATCH)]
            progress, error = 0, ""
            for start in range(0, len(batches), BATCHES_IN_FLIGHT):
                pair = batches[start : start + BATCHES_IN_FLIGHT]
                for done, failed in await asyncio.gather(*(self._carry_out(batch) for batch in pair)):
                    progress += done
                    error = failed or error
                    tell(done)
            changed += progress
            if progress == 0:
                raise JoinsFailed(
                    f"{len(opened)} memberships of unit rooms could not be brought about ({error}): "
                    "see logs/synapse.log, then run `huep hr joins` again."
                )
        return changed

    async def _carry_out(self, batch: Sequence[Open]) -> tuple[int, str]:
        actions = [
            MembershipAction(
                str(number),
                MembershipVerb.JOIN if wish.wanted else MembershipVerb.LEAVE,
                localpart_of(wish.user_id),
                wish.room_id,
            )
            for number, wish in enumerate(batch)
        ]
        results = await self._homeserver.act_on_memberships(actions)
        done = [wish for wish, result in zip(batch, results, strict=True) if result.ok]
        error = next((result.error or result.code or "?" for result in results if not result.ok), "")
        await asyncio.to_thread(self._write_done, done)
        return len(done), error

    def _write_done(self, done: Sequence[Open]) -> None:
        if not done:
            return
        m = memberships.c
        statement = (
            update(memberships)
            .where(m.room_id == bindparam("at"), m.user_id == bindparam("of"), m.wanted == bindparam("as_wanted"))
            .values(done=True)
        )
        with self._hr.begin() as connection:
            connection.execute(
                statement, [{"at": wish.room_id, "of": wish.user_id, "as_wanted": wish.wanted} for wish in done]
            )
            audit.record(
                self._audit,
                [
                    Act(ACTOR, f"membership.{'join' if wish.wanted else 'leave'}", wish.user_id, {"room": wish.room_id})
                    for wish in done
                ],
            )

    def _read_open(self, *, urgent_only: bool = False) -> list[Open]:
        """Leaves first, then spaces, which let their members into the rooms; taking turns across rooms."""
        query = text(
            """
            select m.room_id, m.user_id, m.wanted
            from register.memberships m left join register.unit_rooms r using (room_id)
            where not m.done and (m.urgent or not :urgent_only)
            order by m.urgent desc, m.wanted, r.purpose is distinct from 'space',
                     row_number() over (partition by m.room_id, m.wanted order by m.user_id), m.room_id
            """
        )
        with self._hr.connect() as connection:
            return [Open(*row) for row in connection.execute(query, {"urgent_only": urgent_only})]

    def _counts(self) -> tuple[int, int]:
        with self._hr.connect() as connection:
            done, total = connection.execute(
                select(func.count().filter(memberships.c.done), func.count()).select_from(memberships)
            ).one()
            return int(done), int(total)


class ProgressFile:
    """`joins.json` in the run folder: what other processes may know of the joins."""

    def __init__(self, state: StateFolder) -> None:
        self._path = state.joins_progress
        self._started_at = datetime.now(UTC)
        self._last: Tally | None = None

    def write(self, tally: Tally, *, finished: bool = False) -> None:
        """Replace what stood there."""
        self._last = tally
        content = {
            "done": tally.done,
            "total": tally.total,
            "units_built": tally.units_built,
            "rate": round(tally.rate, 1),
            "started_at": self._started_at.isoformat(),
            "finished_at": datetime.now(UTC).isoformat() if finished else None,
        }
        write_private(self._path, json.dumps(content) + "\n")

    def finish(self) -> None:
        """Nothing is open any more."""
        if self._last is not None:
            self.write(self._last, finished=True)
