"""What the assistant understands."""

import asyncio

from bots.assistant import rendering, settings
from bots.assistant.model import LanguageChoice, UnitChoice
from bots.assistant.rendering import MESSAGES
from bots.assistant.service import AssistantService
from bots.runtime.access import LEADERS, SEE_ALL
from bots.runtime.commands import Answer, Request, scene
from bots.runtime.help import help_router
from bots.runtime.parsers import OneOf, SeenUnit
from bots.runtime.preferences import Preferences
from bots.runtime.router import Router
from huep.catalogue import Locale

LANGUAGES = OneOf(
    {
        Locale.VI: {Locale.VI: ("tiếng Việt", "Việt"), Locale.EN: ("Vietnamese",)},
        Locale.EN: {Locale.VI: ("tiếng Anh", "Anh"), Locale.EN: ("English",)},
    }
)


def assistant_router(service: AssistantService, preferences: Preferences) -> Router:
    """The commands of Trợ lý HueP; lookups run in a thread, so that one does not hold up the others."""
    router = Router("assistant", MESSAGES)
    router.include(
        help_router(MESSAGES),
        about_me(service),
        languages(),
        settings.quiet_hours_router(preferences),
        units_led(service),
    )
    return router


def about_me(service: AssistantService) -> Router:
    """Who somebody is in the register, and where they stand in the house."""
    router = Router("me", MESSAGES)

    @router.question(
        "who-am-i",
        {
            Locale.VI: ("tôi là ai", "em là ai", "mình là ai", "thông tin của tôi", "thông tin tôi"),
            Locale.EN: ("who am i", "whoami", "me"),
        },
    )
    async def who_am_i(request: Request) -> Answer:
        card = await asyncio.to_thread(service.card, request.person)
        return rendering.card_answer(card, request.locale)

    @router.question(
        "my-unit",
        {
            Locale.VI: ("đơn vị tôi", "đơn vị của tôi", "cơ quan tôi", "cơ quan của tôi"),
            Locale.EN: ("my unit", "unit"),
        },
    )
    async def my_unit(request: Request) -> Answer:
        view = await asyncio.to_thread(service.unit_view, request.person)
        return rendering.unit_answer(view, request.locale)

    return router


def languages() -> Router:
    """In which language the bots answer."""
    router = Router("settings", MESSAGES)

    @router.question(
        "language",
        {
            Locale.VI: ("ngôn ngữ", "đổi ngôn ngữ", "đổi ngôn ngữ sang {locale}", "trả lời bằng {locale}"),
            Locale.EN: ("language", "answer in {locale}"),
        },
        scene=scene(LanguageChoice, locale=LANGUAGES),
    )
    async def language(_: Request, choice: LanguageChoice) -> Answer:
        return rendering.language_answer(choice.locale)

    @router.question("vietnamese", {Locale.VI: ("tiếng Việt",), Locale.EN: ("Vietnamese",)})
    async def vietnamese(_: Request) -> Answer:
        return rendering.language_answer(Locale.VI)

    @router.question("english", {Locale.VI: ("tiếng Anh",), Locale.EN: ("English",)})
    async def english(_: Request) -> Answer:
        return rendering.language_answer(Locale.EN)

    return router


def units_led(service: AssistantService) -> Router:
    """What leaders, and who keeps the register, ask about the units that they look after."""
    router = Router("units", MESSAGES, LEADERS | SEE_ALL)

    @router.question(
        "headcount",
        {
            Locale.VI: (
                "{unit} có bao nhiêu người",
                "{unit} bao nhiêu người",
                "số người {unit}",
                "sn {unit}",
                "có bao nhiêu người",
                "bao nhiêu người",
                "đếm người",
            ),
            Locale.EN: ("how many people in {unit}", "headcount {unit}", "headcount"),
        },
        scene=scene(UnitChoice, unit=SeenUnit(service)),
    )
    async def headcount(request: Request, choice: UnitChoice) -> Answer:
        view = await asyncio.to_thread(service.view_of, choice.unit.code)
        return rendering.headcount_answer(view, request.locale)

    return router
