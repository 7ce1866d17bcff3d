"""`tiến độ 17`, `ai chưa xác nhận 17`, `nhắc tin 17`: how far it has come, and asking the missing again."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from bots.broadcasts import reporting
from bots.broadcasts.desk import Desk
from bots.broadcasts.escalation import pursued
from bots.broadcasts.model import Broadcast, Missing
from bots.broadcasts.rendering import MESSAGES
from bots.broadcasts.service import Part
from bots.broadcasts.spoken import KnownBroadcast
from bots.runtime.access import LEADERS, Role
from bots.runtime.capabilities import Capability, Effects, Intentions
from bots.runtime.commands import Answer, Request, scene
from bots.runtime.parsers import SeenUnit
from bots.runtime.replies import paragraphs
from bots.runtime.router import Router
from huep import audit
from huep.catalogue import Locale, Message
from huep.directory.model import Unit

FOLLOWERS = LEADERS | {Role.COMMUNICATOR}


@dataclass(frozen=True)
class Followed:
    """An announcement, and the unit of which is asked; all that may be seen where none is named."""

    broadcast: Broadcast
    unit: Unit | None = None


@dataclass(frozen=True)
class Reminded:
    """An announcement of which people are reminded."""

    broadcast: Broadcast


class Reminds(Protocol):
    """May ask again those who have not acknowledged."""

    def remind(self, broadcast: Broadcast, missing: tuple[Missing, ...]) -> None: ...


@dataclass(frozen=True)
class RemindsThem:
    """Does so."""

    desk: Desk
    effects: Effects

    def remind(self, broadcast: Broadcast, missing: tuple[Missing, ...]) -> None:
        def deed(connection: Connection) -> audit.Act:
            key = f"reminder {self.desk.tools.clock().isoformat()}"
            count = self.desk.delivery.remind(connection, broadcast, missing, key)
            return self.desk.ledger.act(connection, self.effects.actor, "remind", broadcast.number, {"people": count})

        self.effects.enact(deed)


@dataclass(frozen=True)
class SaysWhomItReminds:
    """The dry-run twin."""

    desk: Desk
    intentions: Intentions

    def remind(self, broadcast: Broadcast, missing: tuple[Missing, ...]) -> None:
        count = len(self.desk.delivery.askable(missing))
        self.intentions.say(Message.of("would-remind", number=str(broadcast.number), count=count))


def following(desk: Desk) -> Router:
    """How announcements come out."""
    router = Router("following", MESSAGES, FOLLOWERS)
    service, ledger = desk.service, desk.ledger
    reminds: Capability[Reminds] = Capability(
        "broadcast-reminder",
        lambda effects: RemindsThem(desk, effects),
        lambda intentions: SaysWhomItReminds(desk, intentions),
    )
    followed = KnownBroadcast(service.followed_one, service.managed)
    unit = SeenUnit(desk.tools.directory)

    def part_of(request: Request, asked: Followed) -> Part | None:
        return service.part(request.caller, asked.broadcast, None if asked.unit is None else asked.unit.code)

    @router.question(
        "progress",
        {
            Locale.VI: ("tiến độ {broadcast}", "tiến độ {broadcast} ở {unit}", "tiến độ", "tiến độ thông báo"),
            Locale.EN: ("progress {broadcast}", "progress {broadcast} in {unit}", "progress"),
        },
        scene=scene(Followed, broadcast=followed, unit=unit),
    )
    async def progress(request: Request, asked: Followed) -> Answer:
        def look() -> Answer:
            part = part_of(request, asked)
            tallies = () if part is None else ledger.tallies(part.broadcast.number, part.under)
            if part is None or not tallies:
                return paragraphs(MESSAGES.text(request.locale, "nobody-of-that-unit"))
            with desk.tools.engine.connect() as connection:
                come = desk.delivery.progress(connection, part.broadcast.number)
            return reporting.progress_answer(part.broadcast, come, tallies, request.locale)

        return await asyncio.to_thread(look)

    @router.question(
        "missing",
        {
            Locale.VI: (
                "ai chưa xác nhận {broadcast}",
                "ai chưa xác nhận {broadcast} ở {unit}",
                "ai chưa xác nhận",
            ),
            Locale.EN: ("who is missing {broadcast}", "who is missing {broadcast} in {unit}", "who is missing"),
        },
        scene=scene(Followed, broadcast=followed, unit=unit),
    )
    async def missing(request: Request, asked: Followed) -> Answer:
        def look() -> Answer:
            part = part_of(request, asked)
            if part is None:
                return paragraphs(MESSAGES.text(request.locale, "nobody-of-that-unit"))
            those = ledger.missing(part.broadcast.number, part.under)
            return reporting.missing_answer(part.broadcast, those, request.locale)

        return await asyncio.to_thread(look)

    @router.act(
        "remind",
        {
            Locale.VI: ("nhắc tin {broadcast}", "nhắc thông báo {broadcast}", "nhắc {broadcast}", "nhắc tin"),
            Locale.EN: ("remind {broadcast}", "remind"),
        },
        reminds,
        scene=scene(Reminded, broadcast=KnownBroadcast(service.managed_one, service.managed)),
    )
    async def remind(request: Request, reminded: Reminded, power: Reminds) -> Answer:
        broadcast = reminded.broadcast
        missing = await asyncio.to_thread(ledger.missing, broadcast.number)
        if not pursued(missing):
            return paragraphs(MESSAGES.text(request.locale, "missing-nobody"))
        power.remind(broadcast, missing)
        count = len(desk.delivery.askable(missing))
        return paragraphs(MESSAGES.text(request.locale, "reminded", {"number": str(broadcast.number), "count": count}))

    return router
