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

from sqlalchemy import bindparam, func, select, text, update

from hr_provisioner.current import Current
from hr_provisioner.directory.publishing import publish_rooms
from hr_provisioner.reach import Reach
from hr_provisioner.rooms import life as room_life
from hr_provisioner.rooms import membership, wishes
from hr_provisioner.rooms.building import RoomBuilder
from hr_provisioner.rooms.life import Scene
from hr_provisioner.rooms.upkeep import RoomKeeper, Upkeep
from huep import audit, clock
from huep.audit import Act
from huep.directory.tables import memberships
from huep.errors import HuepError
from huep.names import localpart_of
from huep.state import StateFolder, write_private
from huep.synapse_admin import MembershipRequest, MembershipVerb

ACTIONS_A_BATCH = 200
BATCHES_IN_FLIGHT = 2
TOGETHER = 25
"""People of one room side by side in a batch: put in by one write, while the batch still spans eight rooms."""
ACTOR = "huep hr joins"


class JoinsFailed(HuepError):
    """Some memberships could not be brought about, and trying again changed nothing."""


class RoomsFailed(HuepError):
    """Rooms of some units could not be brought to what the register wants; whatever else there was has been done."""


@dataclass(frozen=True)
class Tally:
    """How far the joins came."""

    done: int
    total: int
    units_built: int
    rate: float
    """Memberships a second since the start of this process."""
    units_changed: int = 0
    """Units whose rooms were renamed, moved, closed, or got other moderators."""


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
        reach: the homeserver and its directory.
    """

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._builder = RoomBuilder(reach)
        self._keeper = RoomKeeper(reach)

    async def serve_urgent(self, officer_codes: Collection[str]) -> int:
        """Bring these people into their rooms now, making the rooms first; returns how many memberships changed.

        Moderators who lost their post or their account lose their power everywhere. What everybody else wants is
        written down, for `run`.

        Raises:
            RoomsFailed: some rooms could not be changed; everything else was done.
        """
        current, scene = await self._look_around()
        localparts = {
            person.account.localpart
            for code in officer_codes
            if (person := current.by_code.get(code)) is not None and person.account is not None
        }
        homes = membership.homes(current, scene.deepest_level, scene.today)
        needed = room_life.with_ancestors(
            (home for localpart in localparts for home in homes.get(localpart, ())), scene.units
        )
        units = [unit for unit in room_life.units_with_rooms(scene) if unit.code in needed]
        if await self._builder.build(units, scene):
            # Making rooms takes a while, in which leaders change: they are read anew.
            current, scene = await self._look_around()
            await publish_rooms(self._reach.hr, self._reach.homeserver, current, scene.today)
        upkeep = await self._keeper.keep_up(scene, urgent=needed)
        await self._write_wishes(localparts)
        changed = await self._work_off(lambda: self._read_open(urgent_only=True), lambda _done: None)
        _complain(upkeep)
        return changed

    async def run(self, report: Report) -> int:
        """Make and change every room that needs it, then bring about every membership; returns how many changed.

        Raises:
            JoinsFailed: what is left cannot be done.
            RoomsFailed: some rooms could not be changed; everything else was done.
        """
        await self._reach.homeserver.lift_rate_limits(
            self._reach.settings.user_id(self._reach.settings.accounts.service)
        )
        began = time.monotonic()
        built = kept = changed = 0

        def tell(done: int = 0, units_built: int = 0, units_changed: int = 0) -> None:
            nonlocal changed, built, kept
            changed += done
            built += units_built
            kept += units_changed
            finished, total = self._counts()
            report(Tally(finished, total, built, changed / max(time.monotonic() - began, 0.001), kept))

        while True:
            _, scene = await self._look_around()
            tell()
            units = room_life.units_with_rooms(scene)
            if await self._builder.build(units, scene, lambda number: tell(units_built=number)):
                # Making rooms takes minutes, in which leaders change: they are read anew.
                current, scene = await self._look_around()
                await publish_rooms(self._reach.hr, self._reach.homeserver, current, scene.today)
            upkeep = await self._keeper.keep_up(scene, lambda number: tell(units_changed=number))
            await self._write_wishes(frozenset())
            # An apply may have changed what is wanted in the meantime: the end is a round that finds nothing to do.
            if await self._work_off(self._read_open, tell) == 0:
                _complain(upkeep)
                return changed

    def _today(self) -> date:
        """Asked for anew each time: the joins of a first start may run past midnight."""
        return clock.today(self._reach.now)

    async def _look_around(self) -> tuple[Current, Scene]:
        """The directory, and what the rooms must be like, of this moment."""
        with self._reach.hr.connect() as connection:
            return await asyncio.to_thread(wishes.read_scene, connection, self._reach.settings, self._today())

    async def _write_wishes(self, urgent: Collection[str]) -> None:
        seen = await self._seen()
        await asyncio.to_thread(self.register_wishes, urgent, seen)

    async def _seen(self) -> frozenset[str] | None:
        """Localparts of those who have logged in, where that matters; None where everybody is brought in."""
        if self._reach.settings.rooms.joins == "eager":
            return None
        return frozenset(map(localpart_of, await self._reach.homeserver.seen_users()))

    def register_wishes(self, urgent: Collection[str], seen: Collection[str] | None = None) -> membership.Changes:
        """Write down who is wanted in which of the rooms that are open: `hr_provisioner.rooms.wishes.write_down`."""
        with self._reach.hr.begin() as connection:
            return wishes.write_down(connection, self._reach.settings, self._today, urgent=urgent, seen=seen)

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
        requests = [
            MembershipRequest(
                str(number),
                MembershipVerb.JOIN if wish.wanted else MembershipVerb.LEAVE,
                localpart_of(wish.user_id),
                wish.room_id,
            )
            for number, wish in enumerate(batch)
        ]
        results = await self._reach.homeserver.act_on_memberships(requests)
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
        with self._reach.hr.begin() as connection:
            connection.execute(
                statement, [{"at": wish.room_id, "of": wish.user_id, "as_wanted": wish.wanted} for wish in done]
            )
            audit.record(
                self._reach.audit,
                [
                    Act(ACTOR, f"membership.{'join' if wish.wanted else 'leave'}", wish.user_id, {"room": wish.room_id})
                    for wish in done
                ],
            )

    def _read_open(self, *, urgent_only: bool = False) -> list[Open]:
        """Leaves first, then spaces, which let their members into the rooms; a few people a room in turn."""
        query = text(
            """
            select m.room_id, m.user_id, m.wanted
            from register.memberships m left join register.unit_rooms r using (room_id)
            where not m.done and (m.due_on is null or m.due_on <= :today) and (m.urgent or not :urgent_only)
            order by m.urgent desc, m.wanted, r.purpose is distinct from 'space',
                     (row_number() over (partition by m.room_id, m.wanted order by m.user_id) - 1) / :together,
                     m.room_id
            """
        )
        with self._reach.hr.connect() as connection:
            of = {"urgent_only": urgent_only, "today": self._today(), "together": TOGETHER}
            return [Open(*row) for row in connection.execute(query, of)]

    def _counts(self) -> tuple[int, int]:
        """Memberships that are as wanted, and all; whoever waits for the end of a grace is in neither."""
        m = memberships.c
        due = m.done | m.due_on.is_(None) | (m.due_on <= self._today())
        with self._reach.hr.connect() as connection:
            done, total = connection.execute(
                select(func.count().filter(m.done), func.count().filter(due)).select_from(memberships)
            ).one()
            return int(done), int(total)


def _complain(upkeep: Upkeep) -> None:
    if upkeep.failed:
        raise RoomsFailed(
            f"The rooms of {len(upkeep.failed)} units could not be changed ({upkeep.failed[0]}): "
            "see logs/synapse.log, then run `huep hr joins` again."
        )


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
            "units_changed": tally.units_changed,
            "rate": round(tally.rate, 1),
            "started_at": self._started_at.isoformat(),
            "finished_at": datetime.now(UTC).isoformat() if finished else None,
        }
        write_private(self._path, json.dumps(content) + "\n")

    def finish(self) -> None:
        """Nothing is open any more."""
        if self._last is not None:
            self.write(self._last, finished=True)
