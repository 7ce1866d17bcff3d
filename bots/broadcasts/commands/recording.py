"""`biểu đồ 17`, `xuất tin 17`: how an announcement came out, as a picture and for the record."""

import asyncio
from dataclasses import dataclass
from io import BytesIO
from typing import Protocol

from PIL import Image
from sqlalchemy import Connection

from bots.broadcasts.charts import progress_chart
from bots.broadcasts.commands.following import FOLLOWERS
from bots.broadcasts.desk import Desk
from bots.broadcasts.model import Broadcast
from bots.broadcasts.rendering import MESSAGES
from bots.broadcasts.report import record_workbook
from bots.broadcasts.spoken import KnownBroadcast
from bots.runtime.capabilities import Capability, Effects, Intentions
from bots.runtime.commands import Answer, Request, scene
from bots.runtime.outcome import Enclosure
from bots.runtime.replies import paragraphs
from bots.runtime.router import Router
from huep import audit
from huep.catalogue import Locale, Message, Voice

PNG = "image/png"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Recorded:
    """An announcement."""

    broadcast: Broadcast


class Exports(Protocol):
    """May hand out the whole record of an announcement, names and all."""

    def export(self, broadcast: Broadcast, say: Voice) -> tuple[Enclosure, ...]: ...


@dataclass(frozen=True)
class ExportsIt:
    """Does so."""

    desk: Desk
    effects: Effects

    def export(self, broadcast: Broadcast, say: Voice) -> tuple[Enclosure, ...]:
        number = broadcast.number
        record = self.desk.ledger.record(number)

        def deed(connection: Connection) -> audit.Act:
            people = {"people": len(record.people)}
            return self.desk.ledger.act(connection, self.effects.actor, "export", number, people)

        self.effects.enact(deed)
        return (Enclosure(say("export-file", number=str(number)), XLSX, record_workbook(record, say)),)


@dataclass(frozen=True)
class SaysWhatItExports:
    """The dry-run twin."""

    intentions: Intentions

    def export(self, broadcast: Broadcast, say: Voice) -> tuple[Enclosure, ...]:  # noqa: ARG002 - the twin's signature
        self.intentions.say(Message.of("would-export", number=str(broadcast.number)))
        return ()


def recording(desk: Desk) -> Router:
    """What is shown, and what is kept."""
    router = Router("following", MESSAGES, FOLLOWERS)
    service, ledger = desk.service, desk.ledger
    exports: Capability[Exports] = Capability(
        "broadcast-export", lambda effects: ExportsIt(desk, effects), SaysWhatItExports
    )

    @router.question(
        "chart",
        {Locale.VI: ("biểu đồ {broadcast}", "biểu đồ"), Locale.EN: ("chart {broadcast}", "chart")},
        scene=scene(Recorded, broadcast=KnownBroadcast(service.followed_one, service.managed)),
    )
    async def chart(request: Request, asked: Recorded) -> Answer:
        def draw() -> Answer:
            say, number = Voice(MESSAGES, request.locale), asked.broadcast.number
            part = service.part(request.caller, asked.broadcast)
            tallies = () if part is None else ledger.tallies(number, part.under)
            if not asked.broadcast.draft.level.asks or not tallies:
                return paragraphs(say("progress-asks-nothing"))
            drawn = progress_chart(number, tallies, say)
            with Image.open(BytesIO(drawn)) as picture:
                size = picture.size
            told = say("chart-title", number=str(number))
            return Answer(told, told, files=(Enclosure(say("chart-file", number=str(number)), PNG, drawn, size),))

        return await asyncio.to_thread(draw)

    @router.act(
        "export",
        {
            Locale.VI: ("xuất tin {broadcast}", "xuất thông báo {broadcast}", "xuất tin"),
            Locale.EN: ("export {broadcast}", "export"),
        },
        exports,
        scene=scene(Recorded, broadcast=KnownBroadcast(service.managed_one, service.managed)),
    )
    async def export(request: Request, asked: Recorded, power: Exports) -> Answer:
        say = Voice(MESSAGES, request.locale)
        files = await asyncio.to_thread(power.export, asked.broadcast, say)
        told = say("exported", number=str(asked.broadcast.number))
        return Answer(told, told, files=files)

    return router
