"""Quiet hours: what somebody settles about themselves, read back and confirmed before it holds."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any, Protocol

from bots.assistant.rendering import MESSAGES, quiet_hours_answer, quiet_hours_kept_answer
from bots.runtime.capabilities import Capability, Effects, Intentions
from bots.runtime.commands import Answer, Request, scene
from bots.runtime.parsers import ClockTime
from bots.runtime.preferences import Preferences, QuietHours
from bots.runtime.router import Router
from huep.catalogue import Locale, Message


class QuietHoursKeeper(Protocol):
    """May settle the quiet hours of a person."""

    def keep(self, user_id: str, hours: QuietHours | None) -> None:
        """From now on these; None for none."""
        ...


@dataclass(frozen=True)
class KeepsQuietHours:
    """Writes them down."""

    preferences: Preferences
    effects: Effects

    def keep(self, user_id: str, hours: QuietHours | None) -> None:
        self.effects.write(self.preferences.choosing_quiet_hours(user_id, hours))


@dataclass(frozen=True)
class SaysQuietHours:
    """The dry-run twin: says which they would be."""

    intentions: Intentions

    def keep(self, user_id: str, hours: QuietHours | None) -> None:  # noqa: ARG002 - one settles one's own alone
        if hours is None:
            self.intentions.say(Message.of("would-end-quiet-hours"))
        else:
            self.intentions.say(Message.of("would-keep-quiet-hours", start=_clock(hours.start), end=_clock(hours.end)))


def quiet_hours_router(preferences: Preferences) -> Router:
    """Ask about one's quiet hours, set and end them."""
    router = Router("settings", MESSAGES)
    keeping: Capability[QuietHoursKeeper] = Capability(
        "quiet-hours", lambda effects: KeepsQuietHours(preferences, effects), SaysQuietHours, of_power=False
    )

    @router.question(
        "my-quiet-hours",
        {
            Locale.VI: ("giờ yên lặng của tôi", "xem giờ yên lặng"),
            Locale.EN: ("my quiet hours", "show quiet hours"),
        },
    )
    async def my_quiet_hours(request: Request) -> Answer:
        hours = await asyncio.to_thread(preferences.quiet_hours_of, request.caller.user_id)
        return quiet_hours_answer(hours, request.locale)

    @router.act(
        "quiet-hours",
        {
            Locale.VI: (
                "giờ yên lặng",
                "đặt giờ yên lặng",
                "giờ yên lặng từ {start} đến {end}",
                "đặt giờ yên lặng từ {start} đến {end}",
                "giờ yên lặng từ {start} tới {end}",
                "đặt giờ yên lặng từ {start} tới {end}",
                "gyl {start} đến {end}",
            ),
            Locale.EN: ("quiet hours", "quiet hours from {start} to {end}"),
        },
        keeping,
        scene=scene(QuietHours, start=ClockTime(), end=ClockTime(), checks={"end": _is_another_hour}),
    )
    async def quiet_hours(request: Request, hours: QuietHours, keeper: QuietHoursKeeper) -> Answer:
        keeper.keep(request.caller.user_id, hours)
        return quiet_hours_kept_answer(hours, request.locale)

    @router.act(
        "no-quiet-hours",
        {
            Locale.VI: ("bỏ giờ yên lặng", "tắt giờ yên lặng"),
            Locale.EN: ("no quiet hours", "end quiet hours"),
        },
        keeping,
    )
    async def no_quiet_hours(request: Request, keeper: QuietHoursKeeper) -> Answer:
        if await asyncio.to_thread(preferences.quiet_hours_of, request.caller.user_id) is not None:
            keeper.keep(request.caller.user_id, None)
        return quiet_hours_kept_answer(None, request.locale)

    return router


def _is_another_hour(end: time, filled: Mapping[str, Any]) -> Message | None:
    return Message.of("quiet-hours-of-no-length") if filled.get("start") == end else None


def _clock(moment: time) -> str:
    return moment.strftime("%H:%M")
