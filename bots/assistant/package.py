"""The assistant as one of the bots of HueP."""

from bots.assistant.commands import assistant_router
from bots.assistant.service import AssistantService
from bots.process.package import BotPackage
from bots.runtime.router import Router
from bots.runtime.tools import Tools
from huep.bots_settings import BOT_TITLES


def _router(tools: Tools) -> Router:
    return assistant_router(AssistantService(tools.directory), tools.preferences)


ASSISTANT = BotPackage(
    name="assistant",
    title=BOT_TITLES["assistant"],
    localpart=lambda settings: settings.accounts.assistant,
    router=_router,
    gives_notices=True,
)
