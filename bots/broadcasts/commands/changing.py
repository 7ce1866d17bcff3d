"""`sửa tin 17`, `thu hồi tin 17`: what was said is worded anew, or taken back, wherever it went."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection

from bots.broadcasts import rendering
from bots.broadcasts.desk import Desk
from bots.broadcasts.model import Broadcast, Content, State
from bots.broadcasts.rendering import MESSAGES, Copy
from bots.broadcasts.rights import SPEAKERS
from bots.broadcasts.service import OUT, WITHDRAWABLE
from bots.broadcasts.spoken import ContentWords, KnownBroadcast, content_fits
from bots.runtime.capabilities import Capability, Effects, Intentions
from bots.runtime.commands import Answer, Request, scene
from bots.runtime.outbox import KEPT_FOR
from bots.runtime.replies import paragraphs
from bots.runtime.router import Router
from huep import audit
from huep.catalogue import Locale, Message


@dataclass(frozen=True)
class Wording:
    """An announcement, and what it shall say from now on."""

    broadcast: Broadcast
    content: Content


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
            return self._act("edit", broadcast, {"version": version})

        self.effects.enact(deed)

    def withdraw(self, broadcast: Broadcast) -> None:
        def deed(connection: Connection) -> audit.Act:
            number = broadcast.number
            self.desk.ledger.move(connection, number, State.WITHDRAWN, WITHDRAWABLE, self.effects.actor)
            self.desk.delivery.ask_for(connection, number, "withdraw", self.desk.tools.clock())
            return self._act("withdraw", broadcast, {})

        self.effects.enact(deed)

    def _act(self, act: str, broadcast: Broadcast, details: dict[str, object]) -> audit.Act:
        return audit.Act(self.effects.actor, f"broadcast.{act}", f"broadcast {broadcast.number}", details)


@dataclass(frozen=True)
class SaysWhatChanges:
    """The dry-run twin."""

    intentions: Intentions

    def word(self, broadcast: Broadcast, content: Content) -> None:
        edited = replace(broadcast, draft=replace(broadcast.draft, content=content))
        self.intentions.show(rendering.first_event(Copy.of(edited)) | {"m.mentions": {}})
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

    def wording_fits(content: Content, filled: Any) -> Message | None:
        return Message.of("edit-words-alone") if content.files else content_fits(content, filled)

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
            checks={"content": wording_fits},
            broadcast=KnownBroadcast(service.editable_one, service.editable),
            content=ContentWords(),
        ),
    )
    async def edit(request: Request, wording: Wording, power: Changes) -> Answer:
        broadcast, content = wording.broadcast, wording.content
        if _is_beyond_reach(broadcast, request.moment):
            return paragraphs(MESSAGES.text(request.locale, "beyond-reach", {"number": str(broadcast.number)}))
        if broadcast.state in OUT and not await asyncio.to_thread(service.may_word, request.caller, broadcast):
            return paragraphs(MESSAGES.text(request.locale, "edit-not-alone", {"number": str(broadcast.number)}))
        kept = replace(content, files=broadcast.draft.content.files)
        power.word(broadcast, kept)
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


def _is_beyond_reach(broadcast: Broadcast, moment: datetime) -> bool:
    """Whether the outbox may have forgotten which events carried it."""
    return broadcast.sent_at is not None and moment - broadcast.sent_at > KEPT_FOR
