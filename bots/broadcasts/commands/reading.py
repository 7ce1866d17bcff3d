"""`tin của tôi`, `tin chưa đọc`, `tìm tin …`, `tin gộp hằng ngày`: the person's side, for everybody."""

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bots.broadcasts.desk import Desk
from bots.broadcasts.model import Broadcast
from bots.broadcasts.rendering import MESSAGES, moment, named
from bots.runtime.capabilities import Capability, Effects, Intentions
from bots.runtime.commands import Answer, Request, scene
from bots.runtime.parsers import AnyText, OneOf
from bots.runtime.replies import paragraphs
from bots.runtime.router import Router
from huep.catalogue import Locale, Message, Voice

MOST_FOUND = 10


class Switch(StrEnum):
    """On or off."""

    ON = "on"
    OFF = "off"


SWITCH = OneOf(
    {
        Switch.ON: {Locale.VI: ("bật", "có"), Locale.EN: ("on",)},
        Switch.OFF: {Locale.VI: ("tắt", "không"), Locale.EN: ("off",)},
    }
)


@dataclass(frozen=True)
class Searched:
    """What is looked for."""

    words: str


@dataclass(frozen=True)
class DigestWish:
    """Whether what is for information comes once a day, together."""

    switch: Switch


class Chooses(Protocol):
    """May settle how somebody gets the small things."""

    def digest(self, wanted: bool) -> None: ...


@dataclass(frozen=True)
class ChoosesDigest:
    """Does so, for whoever asks."""

    desk: Desk
    effects: Effects

    def digest(self, wanted: bool) -> None:
        self.effects.write(self.desk.ledger.choosing_digest(self.effects.actor, wanted))


@dataclass(frozen=True)
class SaysDigest:
    """The dry-run twin."""

    intentions: Intentions

    def digest(self, wanted: bool) -> None:
        self.intentions.say(Message.of("would-digest" if wanted else "would-not-digest"))


def reading(desk: Desk) -> Router:
    """What somebody was told."""
    router = Router("reading", MESSAGES)
    ledger = desk.ledger
    chooses: Capability[Chooses] = Capability(
        "digest", lambda effects: ChoosesDigest(desk, effects), SaysDigest, of_power=False
    )

    @router.question(
        "my-news",
        {
            Locale.VI: ("tin của tôi", "thông báo của tôi", "tôi còn nợ gì"),
            Locale.EN: ("my announcements", "my news"),
        },
    )
    async def my_news(request: Request) -> Answer:
        voice = Voice(MESSAGES, request.locale)
        key = request.person.key
        owed = await asyncio.to_thread(ledger.owed_by, key)
        heard = await asyncio.to_thread(ledger.heard_by, key, "", MOST_FOUND)
        waiting = {one.broadcast.number for one in owed}
        lines = [voice("my-owed", count=len(owed)) if owed else voice("my-owed-none")]
        for one in owed:
            deadline = one.broadcast.draft.deadline
            due = "" if deadline is None else moment(deadline)
            lines.append(voice("my-owed-line", named=named(one.broadcast), deadline=due))
        if owed:
            lines.append(voice("my-how", first=str(owed[0].broadcast.number)))
        others = [one for one in heard if one.number not in waiting]
        if others:
            lines += [voice("my-heard"), *map(named, others)]
        return paragraphs(*lines)

    @router.question(
        "unread",
        {
            Locale.VI: ("tin chưa đọc", "thông báo chưa đọc", "tin chưa xem"),
            Locale.EN: ("unread announcements", "unread"),
        },
    )
    async def unread(request: Request) -> Answer:
        voice = Voice(MESSAGES, request.locale)
        found = await asyncio.to_thread(ledger.heard_by, request.person.key, "", MOST_FOUND, unread=True)
        if not found:
            return paragraphs(voice("unread-none"))
        return paragraphs(voice("unread-some"), *map(_placed, found))

    @router.question(
        "search",
        {Locale.VI: ("tìm tin {words}", "tìm thông báo {words}", "tìm tin"), Locale.EN: ("search {words}", "search")},
        scene=scene(Searched, words=AnyText()),
    )
    async def search(request: Request, searched: Searched) -> Answer:
        voice = Voice(MESSAGES, request.locale)
        found = await asyncio.to_thread(ledger.heard_by, request.person.key, searched.words, MOST_FOUND)
        if not found:
            return paragraphs(voice("found-nothing", words=searched.words))
        return paragraphs(voice("found", count=len(found)), *map(_placed, found))

    @router.act(
        "digest",
        {
            Locale.VI: ("tin gộp hằng ngày {switch}", "{switch} tin gộp hằng ngày", "tin gộp hằng ngày", "tin gộp"),
            Locale.EN: ("daily digest {switch}", "daily digest"),
        },
        chooses,
        scene=scene(DigestWish, switch=SWITCH),
    )
    async def digest(request: Request, wish: DigestWish, power: Chooses) -> Answer:
        wanted = wish.switch is Switch.ON
        power.digest(wanted)
        return paragraphs(MESSAGES.text(request.locale, "digest-on" if wanted else "digest-off"))

    return router


def _placed(broadcast: Broadcast) -> str:
    """Which it is, whose, and when it was sent."""
    at = moment(broadcast.sent_at or broadcast.made_at)
    return f"{named(broadcast)} ({broadcast.draft.author.unit_name}, {at})"
