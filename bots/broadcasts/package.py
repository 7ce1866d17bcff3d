"""Truyền thông as one of the bots of HueP."""

from bots.broadcasts.audience.words import AudienceWords
from bots.broadcasts.commands import broadcasts_router
from bots.broadcasts.desk import Desk
from bots.broadcasts.hearing import Ears
from bots.broadcasts.jobs import JOBS
from bots.broadcasts.news.announcing import go_through_news
from bots.broadcasts.watching import watch_readers, watch_register
from bots.process.package import BotPackage
from bots.runtime.router import Router
from bots.runtime.tools import Tools
from huep.bots_settings import BOT_TITLES


def _router(tools: Tools) -> Router:
    desk = Desk.of(tools)
    audiences = AudienceWords(tools.directory, desk.shelf.lists)
    return broadcasts_router(desk, audiences)


BROADCASTS = BotPackage(
    name="broadcasts",
    title=BOT_TITLES["broadcasts"],
    localpart=lambda settings: settings.accounts.broadcasts,
    router=_router,
    jobs=JOBS,
    beside=(go_through_news, watch_readers, watch_register),
    hears=lambda tools: Ears(Desk.of(tools)),
    answers_in_private=True,
    wants_receipts=True,
)
