"""`sửa tin 17`, `thu hồi tin 17`: what was said is worded anew, or taken back, wherever it went."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import Connection

from bots.broadcasts import rendering
from bots.broadcasts.desk import Desk
from bots.broadcasts.model import AttachedFile, Broadcast, Content, State
from bots.broadcasts.rendering import MESSAGES, Copy
from bots.broadcasts.rights import SPEAKERS
from bots.broadcasts.service import OUT, WITHDRAWABLE
from bots.broadcasts.spoken import ContentWords, KnownBroadcast, content_fits
from bots.runtime.capabilities import Capability, Effects, Intentions
from bots.runtime.commands import Answer, Request, scene
from bots.runtime.outbox import KEPT_FOR
from bots.runtime.parsers import OneOf
from bots.runtime.replies import paragraphs
from bots.runtime.router import Router
from huep import audit
from huep.catalogue import Locale, Message


class Earlier(StrEnum):
    """What becomes of the files that an announcement has."""

    KEPT = "kept"
    DROPPED = "dropped"


EARLIER = OneOf(
    {
        Earlier.KEPT: {Locale.VI: ("giữ lại", "giữ", "giữ nguyên"), Locale.EN: ("keep them", "keep")},
        Earlier.DROPPED: {
            Locale.VI: ("gỡ hết", "gỡ ra", "bỏ hết", "thay"),
            Locale.EN: ("drop them", "drop", "replace"),
        },
    }
)


@dataclass(frozen=True)
class Wording:
    """An announcement, and what it shall say from now on."""

    broadcast: Broadcast
    content: Content
    files: Earlier | None = None

    @property
    def whole(self) -> Content:
        """Its words, or those before where files alone were sent; new files behind those that are kept."""
        before = self.broadcast.draft.content
        kept = () if self.files is Earlier.DROPPED else before.files
        said = self.content if self.content.body else before
        return replace(said, files=(*kept, *self.content.files))


@dataclass(frozen=True)
class Withdrawn:
    """An announcement that is taken back."""

    broadcast: Broadcast


class Changes(Protocol):
    """May word an announcement anew, or take it back."""

    def word(self, broadcast: Broadcast, content: Content) -> None: ...

    def withdraw(self, broadcast: Broadcast) -> None: ...


@dataclass(frozen=True)
class ChangesIt:
    """Does so."""

    desk: Desk
    effects: Effects

    def word(self, broadcast: Broadcast, content: Content) -> None:
        def deed(connection: Connection) -> audit.Act:
            number, now = broadcast.number, self.desk.tools.clock()
            version = self.desk.ledger.rewrite(connection, number, content, self.effects.actor)
            if broadcast.state in OUT:
                self.desk.delivery.ask_for(connection, number, "correct", now, version=version, at=now.isoformat())
            return self._act(connection, "edit", broadcast, {"version": version})

        self.effects.enact(deed)

    def withdraw(self, broadcast: Broadcast) -> None:
        def deed(connection: Connection) -> audit.Act:
            number = broadcast.number
            self.desk.ledger.move(connection, number, State.WITHDRAWN, WITHDRAWABLE, self.effects.actor)
            self.desk.delivery.ask_for(connection, number, "withdraw", self.desk.tools.clock())
            return self._act(connection, "withdraw", broadcast, {})

        self.effects.enact(deed)

    def _act(self, connection: Connection, verb: str, broadcast: Broadcast, details: dict[str, object]) -> audit.Act:
        return self.desk.ledger.act(connection, self.effects.actor, verb, broadcast.number, details)


@dataclass(frozen=True)
class SaysWhatChanges:
    """The dry-run twin."""

    intentions: Intentions

    def word(self, broadcast: Broadcast, content: Content) -> None:
        edited = replace(broadcast, draft=replace(broadcast.draft, content=content))
        for event in rendering.events(Copy.of(edited)):
            self.intentions.show(event | {"m.mentions": {}})
        name = "would-edit" if broadcast.state in OUT else "would-edit-returned"
        self.intentions.say(Message.of(name, number=str(broadcast.number)))

    def withdraw(self, broadcast: Broadcast) -> None:
        beginning = rendering.shortened(broadcast.draft.content)
        self.intentions.say(Message.of("would-withdraw", number=str(broadcast.number), beginning=beginning))


def changing(desk: Desk) -> Router:
    """Putting right what was said."""
    router = Router("changing", MESSAGES, SPEAKERS)
    changes: Capability[Changes] = Capability(
        "broadcast-change", lambda effects: ChangesIt(desk, effects), SaysWhatChanges
    )
    service = desk.service

    @router.act(
        "edit",
        {
            Locale.VI: (
                "sửa tin {broadcast}",
                "sửa tin {broadcast}: {content}",
                "sửa thông báo {broadcast}",
                "sửa tin",
            ),
            Locale.EN: ("edit {broadcast}", "edit {broadcast}: {content}"),
        },
        changes,
        scene=scene(
            Wording,
            checks={"content": content_fits},
            needed={"files": lambda filled: bool(_files(filled))},
            defaults={"files": lambda filled: Earlier.KEPT if _files(filled) and not filled["content"].files else None},
            broadcast=KnownBroadcast(service.editable_one, service.editable),
            content=ContentWords(),
            files=EARLIER,
        ),
    )
    async def edit(request: Request, wording: Wording, power: Changes) -> Answer:
        broadcast, whole = wording.broadcast, wording.whole
        if _is_beyond_reach(broadcast, request.moment):
            return paragraphs(MESSAGES.text(request.locale, "beyond-reach", {"number": str(broadcast.number)}))
        if broadcast.state in OUT and not await asyncio.to_thread(service.may_word, request.caller, broadcast):
            return paragraphs(MESSAGES.text(request.locale, "edit-not-alone", {"number": str(broadcast.number)}))
        if wrong := content_fits(whole, {}):
            return paragraphs(MESSAGES.render(request.locale, wrong))
        power.word(broadcast, whole)
        name = "edited" if broadcast.state in OUT else "edited-returned"
        return paragraphs(MESSAGES.text(request.locale, name, {"number": str(broadcast.number)}))

    @router.act(
        "withdraw",
        {
            Locale.VI: (
                "thu hồi tin {broadcast}",
                "thu hồi thông báo {broadcast}",
                "thu hồi {broadcast}",
                "thu hồi tin",
            ),
            Locale.EN: ("withdraw {broadcast}", "withdraw"),
        },
        changes,
        scene=scene(Withdrawn, broadcast=KnownBroadcast(service.withdrawable_one, service.withdrawable)),
    )
    async def withdraw(request: Request, withdrawn: Withdrawn, power: Changes) -> Answer:
        broadcast = withdrawn.broadcast
        if _is_beyond_reach(broadcast, request.moment):
            return paragraphs(MESSAGES.text(request.locale, "beyond-reach", {"number": str(broadcast.number)}))
        power.withdraw(broadcast)
        return paragraphs(MESSAGES.text(request.locale, "withdrawn", {"number": str(broadcast.number)}))

    return router


def _files(filled: Mapping[str, Any]) -> Collection[AttachedFile]:
    """Those that the announcement has by now."""
    return filled["broadcast"].draft.content.files if filled.keys() >= {"broadcast", "content"} else ()


def _is_beyond_reach(broadcast: Broadcast, moment: datetime) -> bool:
    """Whether the outbox may have forgotten which events carried it."""
    return broadcast.sent_at is not None and moment - broadcast.sent_at > KEPT_FOR
