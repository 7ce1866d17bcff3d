"""`duyệt 17`, `trả lại 17: lý do`, `chờ duyệt`: what needs the word of the person responsible."""

import asyncio
from dataclasses import dataclass, replace
from typing import Protocol

from sqlalchemy import Connection

from bots.broadcasts import rendering
from bots.broadcasts.commands.speaking import figures, preview, reaching
from bots.broadcasts.delivering import goes_out_at
from bots.broadcasts.desk import Desk
from bots.broadcasts.model import Broadcast, Reach, State
from bots.broadcasts.rendering import MESSAGES, VOICE, Copy, named
from bots.broadcasts.rights import Refused
from bots.broadcasts.service import LEAST_TIME
from bots.broadcasts.spoken import KnownBroadcast
from bots.runtime.access import EVERYBODY
from bots.runtime.capabilities import Capability, Effects, Intentions
from bots.runtime.commands import Answer, Request, scene
from bots.runtime.parsers import AnyText
from bots.runtime.replies import paragraphs
from bots.runtime.router import Router
from huep import audit
from huep.catalogue import Locale, Message


@dataclass(frozen=True)
class Chosen:
    """An announcement."""

    broadcast: Broadcast


@dataclass(frozen=True)
class Returning:
    """An announcement that is sent back, and why."""

    broadcast: Broadcast
    reason: str


class Answers(Protocol):
    """May answer for an announcement that waits for approval."""

    def approve(self, broadcast: Broadcast, reach: Reach) -> None:
        """`broadcast` names as its approver who says yes, whoever was asked."""
        ...

    def send_back(self, broadcast: Broadcast, reason: str) -> None: ...


@dataclass(frozen=True)
class AnswersFor:
    """Does so."""

    desk: Desk
    effects: Effects

    def approve(self, broadcast: Broadcast, reach: Reach) -> None:
        def deed(connection: Connection) -> audit.Act:
            self._move(connection, broadcast, State.SENT, None)
            self._tell_author(connection, broadcast, VOICE("approved-told", number=str(broadcast.number)))
            self.desk.delivery.send(connection, broadcast, reach)
            return self._act(connection, "approve", broadcast, figures(broadcast, reach))

        self.effects.enact(deed)

    def send_back(self, broadcast: Broadcast, reason: str) -> None:
        def deed(connection: Connection) -> audit.Act:
            self._move(connection, broadcast, State.RETURNED, reason)
            told = VOICE("returned-told", number=str(broadcast.number), reason=reason)
            self._tell_author(connection, broadcast, told)
            return self._act(connection, "return", broadcast, {})

        self.effects.enact(deed)

    def _move(self, connection: Connection, broadcast: Broadcast, to: State, reason: str | None) -> None:
        self.desk.ledger.move(
            connection, broadcast.number, to, (State.AWAITING,), self.effects.actor, reason, broadcast.approver
        )

    def _tell_author(self, connection: Connection, broadcast: Broadcast, told: str) -> None:
        key = f"broadcast {broadcast.number} answered {self.desk.tools.clock().isoformat()}"
        self.desk.delivery.tell(connection, key, broadcast.draft.room_id, rendering.line(told))

    def _act(self, connection: Connection, verb: str, broadcast: Broadcast, details: dict[str, object]) -> audit.Act:
        return self.desk.ledger.act(connection, self.effects.actor, verb, broadcast.number, details)


@dataclass(frozen=True)
class SaysWhatFollows:
    """The dry-run twin."""

    intentions: Intentions

    def approve(self, broadcast: Broadcast, reach: Reach) -> None:
        for content in preview(Copy.of(broadcast), reach):
            self.intentions.show(content)
        author = broadcast.draft.author
        self.intentions.say(Message.of("would-approve", number=str(broadcast.number), name=author.full_name))
        for sentence in reaching(broadcast.draft.wanted, reach):
            self.intentions.say(sentence)

    def send_back(self, broadcast: Broadcast, reason: str) -> None:
        name = broadcast.draft.author.full_name
        self.intentions.say(Message.of("would-return", number=str(broadcast.number), name=name, reason=reason))


def approving(desk: Desk) -> Router:
    """Answering for what others want to say."""
    router = Router("approving", MESSAGES, EVERYBODY)
    answers: Capability[Answers] = Capability(
        "broadcast-approval", lambda effects: AnswersFor(desk, effects), SaysWhatFollows
    )
    waiting = KnownBroadcast(desk.service.awaiting_one, desk.service.awaiting)

    @router.question(
        "awaiting",
        {Locale.VI: ("chờ duyệt", "thông báo chờ duyệt"), Locale.EN: ("awaiting", "awaiting approval")},
    )
    async def awaiting(request: Request) -> Answer:
        found = await asyncio.to_thread(desk.service.awaiting, request.caller)
        if not found:
            return paragraphs(MESSAGES.text(request.locale, "awaiting-none"))
        lines = (f"{named(one)} ({one.draft.author.full_name})" for one in found)
        return paragraphs(MESSAGES.text(request.locale, "awaiting-some"), *lines)

    @router.act(
        "approve",
        {
            Locale.VI: ("duyệt {broadcast}", "duyệt", "đồng ý duyệt {broadcast}"),
            Locale.EN: ("approve {broadcast}", "approve"),
        },
        answers,
        scene=scene(Chosen, broadcast=waiting),
    )
    async def approve(request: Request, chosen: Chosen, power: Answers) -> Answer:
        broadcast = chosen.broadcast
        reach, verdict = await asyncio.to_thread(desk.service.approval, request.caller, broadcast)
        if isinstance(verdict, Refused):
            return paragraphs(MESSAGES.render(request.locale, verdict.why))
        number = str(broadcast.number)
        draft = broadcast.draft
        if draft.deadline is not None and draft.deadline < goes_out_at(draft.level, request.moment) + LEAST_TIME:
            return paragraphs(MESSAGES.text(request.locale, "approve-too-late", {"number": number}))
        power.approve(replace(broadcast, approver=request.person.key), reach)
        return paragraphs(MESSAGES.text(request.locale, "approved", {"number": number}))

    @router.act(
        "return",
        {
            Locale.VI: (
                "trả lại {broadcast}: {reason}",
                "trả lại {broadcast} vì {reason}",
                "trả lại {broadcast}",
                "trả lại",
            ),
            Locale.EN: ("return {broadcast}: {reason}", "return {broadcast}"),
        },
        answers,
        scene=scene(Returning, broadcast=waiting, reason=AnyText()),
    )
    async def send_back(request: Request, returning: Returning, power: Answers) -> Answer:
        power.send_back(returning.broadcast, returning.reason)
        arguments = {"number": str(returning.broadcast.number), "name": returning.broadcast.draft.author.full_name}
        return paragraphs(MESSAGES.text(request.locale, "returned", arguments))

    return router
