"""What the assistant understands."""

import asyncio

from bots.assistant import rendering
from bots.assistant.service import AssistantService
from bots.runtime.preferences import Preferences
from bots.runtime.router import Answer, Request, Router
from huep.catalogue import Locale


def assistant_router(service: AssistantService, preferences: Preferences) -> Router:
    """The commands of Trợ lý HueP; lookups run in a thread, so that one does not hold up the others."""
    router = Router()

    @router.command(
        "help",
        {
            Locale.VI: ("trợ giúp", "giúp", "hướng dẫn", "menu", "xin chào", "chào", "?"),
            Locale.EN: ("help", "commands", "hello", "hi", "start"),
        },
    )
    async def show_help(request: Request) -> Answer:
        return rendering.help_answer(router.commands, request.locale)

    @router.command(
        "who-am-i",
        {
            Locale.VI: ("tôi là ai", "em là ai", "mình là ai", "thông tin của tôi", "thông tin tôi"),
            Locale.EN: ("who am i", "whoami", "me"),
        },
    )
    async def who_am_i(request: Request) -> Answer:
        card = await asyncio.to_thread(service.card, request.person)
        return rendering.card_answer(card, request.locale)

    @router.command(
        "my-unit",
        {
            Locale.VI: ("đơn vị tôi", "đơn vị của tôi", "cơ quan tôi", "cơ quan của tôi"),
            Locale.EN: ("my unit", "unit"),
        },
    )
    async def my_unit(request: Request) -> Answer:
        view = await asyncio.to_thread(service.unit_view, request.person)
        return rendering.unit_answer(view, request.locale)

    @router.command(
        "vietnamese",
        {Locale.VI: ("tiếng Việt",), Locale.EN: ("Vietnamese",)},
    )
    async def vietnamese(request: Request) -> Answer:
        await asyncio.to_thread(preferences.choose_locale, request.message.sender, Locale.VI)
        return rendering.language_answer(Locale.VI)

    @router.command(
        "english",
        {Locale.VI: ("tiếng Anh",), Locale.EN: ("English",)},
    )
    async def english(request: Request) -> Answer:
        await asyncio.to_thread(preferences.choose_locale, request.message.sender, Locale.EN)
        return rendering.language_answer(Locale.EN)

    return router
