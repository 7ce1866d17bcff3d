"""What the commands, jobs and ears of Truyền thông work with, made from the tools of the bot."""

from dataclasses import dataclass

from bots.broadcasts.delivering import Delivery
from bots.broadcasts.ledger import Ledger
from bots.broadcasts.service import BroadcastService
from bots.broadcasts.shelf import Shelf
from bots.language.calendar.working_time import WorkingCalendar
from bots.runtime.tools import Tools
from huep.names import localpart_of


@dataclass(frozen=True)
class Desk:
    """Of one bot."""

    tools: Tools
    ledger: Ledger
    delivery: Delivery
    service: BroadcastService
    shelf: Shelf
    calendar: WorkingCalendar

    @classmethod
    def of(cls, tools: Tools) -> "Desk":
        bot = localpart_of(tools.user_id)
        deepest = tools.settings.rooms.deepest_level
        ledger = Ledger(tools.engine, bot, tools.seal, tools.directory, tools.clock, deepest)
        shelf = Shelf(tools.engine, bot, tools.seal, tools.clock)
        calendar = WorkingCalendar.of(tools.settings.calendar)
        return cls(tools, ledger, Delivery(tools, ledger, calendar), BroadcastService(tools, ledger), shelf, calendar)
