"""`thông báo`: it is written, shown as people will see it, confirmed, and sent, or put before who approves it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection

from bots.broadcasts import rendering
from bots.broadcasts.deadlines import LEVELS, DeadlineWords
from bots.broadcasts.delivering import NIGHT, addressed, goes_out_at, priority_of
from bots.broadcasts.desk import Desk
from bots.broadcasts.model import Broadcast, Content, Draft, Level, Reach, State, Wanted
from bots.broadcasts.rendering import EVERYBODY, MESSAGES, Copy
from bots.broadcasts.rights import SPEAKERS, Allowed, NeedsApproval, Refused
from bots.broadcasts.service import Plan, deadline_fits
from bots.broadcasts.shelf import folded_name
from bots.broadcasts.spoken import ContentWords, KnownBroadcast, content_fits
from bots.runtime.access import Caller
from bots.runtime.arguments import Parser
from bots.runtime.capabilities import Capability, Effects, Intentions
from bots.runtime.commands import Answer, Default, Request, scene
from bots.runtime.outcome import Priority
from bots.runtime.replies import paragraphs
from bots.runtime.router import Router
from huep import audit
from huep.catalogue import Locale, Message


@dataclass(frozen=True, kw_only=True)
class Announcing:
    """What is said, how urgently, to whom, and until when it is to be acknowledged."""

    level: Level
    deadline: datetime | None = None
    wanted: Wanted
    content: Content


@dataclass(frozen=True, kw_only=True)
class Returned:
    """What was sent back to the caller, and what it shall be now, as their own; what is not said stays as it was."""

    broadcast: Broadcast
    level: Level
    deadline: datetime | None = None
    wanted: Wanted
    content: Content


class Speaks(Protocol):
    """May let an announcement go out, or put it before who approves it."""

    def speak(self, plan: Plan, returned: Broadcast | None = None) -> None:
        """Anew, or once more what was `returned`."""
        ...


@dataclass(frozen=True)
class SpeaksOut:
    """Does so."""

    desk: Desk
    effects: Effects

    def speak(self, plan: Plan, returned: Broadcast | None = None) -> None:
        self.effects.enact(lambda connection: self._write(connection, plan, returned))

    def _write(self, connection: Connection, plan: Plan, returned: Broadcast | None) -> audit.Act:
        draft, ledger = plan.draft, self.desk.ledger
        approver = plan.verdict.of if isinstance(plan.verdict, NeedsApproval) else None
        state, asked = (State.SENT, None) if approver is None else (State.AWAITING, approver.key)
        if returned is None:
            number = ledger.put(connection, draft, state, asked)
        else:
            number = returned.number
            if draft != returned.draft:
                ledger.redraft(connection, number, draft, self.effects.actor)
            ledger.move(connection, number, state, (State.RETURNED,), self.effects.actor, approver=asked)
        broadcast = Broadcast(number, draft, state, self.desk.tools.clock(), approver=asked)
        if approver is None:
            self.desk.delivery.send(connection, broadcast, plan.reach)
        else:
            put_before(self.desk, connection, broadcast, plan.reach, str(approver.user_id))
        verb = "send" if approver is None else "submit"
        return ledger.act(connection, self.effects.actor, verb, number, figures(broadcast, plan.reach))


@dataclass(frozen=True)
class SaysWhoHears:
    """The dry-run twin: shows it as it will be seen, and says whom it reaches."""

    desk: Desk
    intentions: Intentions

    def speak(self, plan: Plan, returned: Broadcast | None = None) -> None:
        for content in preview(Copy(plan.draft), plan.reach):
            self.intentions.show(content)
        for sentence in reaching(plan.draft.wanted, plan.reach):
            self.intentions.say(sentence)
        if plan.reach.without_room:
            self.intentions.say(self._without_room(plan.reach.without_room))
        if isinstance(plan.verdict, NeedsApproval):
            because = Message.of(f"rights-because-{plan.verdict.because}")
            name, unit = plan.verdict.of.full_name, plan.verdict.unit.name
            self.intentions.say(Message.of("would-ask", because=because, name=name, unit=unit))
        elif plan.draft.level is not Level.URGENT and (morning := NIGHT.over_at(self.desk.tools.clock())) is not None:
            self.intentions.say(Message.of("would-wait-for-morning", moment=rendering.moment(morning)))
        if returned is not None:
            self.intentions.say(Message.of("would-send-again", number=str(returned.number)))

    def _without_room(self, count: int) -> Message:
        most = self.desk.tools.settings.broadcasts.most_direct
        if count <= most:
            return Message.of("would-write-to-some", count=count)
        return Message.of("would-not-reach-all", count=count, most=most)


def speaking(desk: Desk, audiences: Parser[Wanted]) -> Router:
    """Writing an announcement."""
    router = Router("speaking", MESSAGES, SPEAKERS)
    speaks: Capability[Speaks] = Capability(
        "broadcast", lambda effects: SpeaksOut(desk, effects), lambda intentions: SaysWhoHears(desk, intentions)
    )
    longest = desk.tools.settings.broadcasts.longest_deadline_days

    def templates(caller: Caller) -> dict[str, Content]:
        return {folded_name(one.name): one.content for one in desk.shelf.templates(caller.person.key)}

    def deadline_check(deadline: datetime, filled: Mapping[str, Any]) -> Message | None:
        level = filled.get("level", Level.IMPORTANT)
        return deadline_fits(deadline, goes_out_at(level, desk.tools.clock()), longest)

    async def planned(request: Request, said: Announcing | Returned) -> Plan:
        """As the caller's own, by their rights of today, whoever spoke before."""
        return await asyncio.to_thread(
            desk.service.plan,
            request.caller,
            said.level,
            said.deadline,
            said.wanted,
            said.content,
            request.event.room_id,
            request.moment,
        )

    until, contents = DeadlineWords(timedelta(days=longest), desk.calendar), ContentWords(templates)

    @router.act(
        "announce",
        {
            Locale.VI: (
                "thông báo",
                "soạn thông báo",
                "thông báo {level}",
                "thông báo tới {wanted}",
                "thông báo cho {wanted}",
                "thông báo {level} tới {wanted}",
                "thông báo {level} cho {wanted}",
                "thông báo tới {wanted}: {content}",
                "thông báo cho {wanted}: {content}",
                "thông báo {level} tới {wanted}: {content}",
                "thông báo {level} cho {wanted}: {content}",
                "thông báo {level} tới {wanted} hạn {deadline}",
                "thông báo {level} cho {wanted} hạn {deadline}",
                "thông báo {level} tới {wanted} hạn {deadline}: {content}",
                "thông báo {level} cho {wanted} hạn {deadline}: {content}",
            ),
            Locale.EN: (
                "announce",
                "announce to {wanted}",
                "announce {level} to {wanted}",
                "announce to {wanted}: {content}",
                "announce {level} to {wanted}: {content}",
                "announce {level} to {wanted} by {deadline}: {content}",
            ),
        },
        speaks,
        scene=scene(
            Announcing,
            checks={"deadline": deadline_check, "content": content_fits},
            needed={"deadline": _is_important},
            level=LEVELS,
            deadline=until,
            wanted=audiences,
            content=contents,
        ),
    )
    async def announce(request: Request, said: Announcing, speaker: Speaks) -> Answer:
        plan = await planned(request, said)
        return _speak(request, plan, speaker)

    @router.act(
        "send-again",
        {
            Locale.VI: ("gửi lại {broadcast}", "trình lại {broadcast}"),
            Locale.EN: ("submit {broadcast} again",),
        },
        speaks,
        scene=scene(
            Returned,
            checks={"deadline": deadline_check, "content": content_fits},
            needed={"deadline": _is_important},
            defaults={name: _as_it_was(name) for name in ("level", "deadline", "wanted", "content")},
            broadcast=KnownBroadcast(desk.service.returned_one, desk.service.returned),
            level=LEVELS,
            deadline=until,
            wanted=audiences,
            content=contents,
        ),
    )
    async def send_again(request: Request, said: Returned, speaker: Speaks) -> Answer:
        plan = await planned(request, said)
        return _speak(request, plan, speaker, said.broadcast)

    return router


def _is_important(filled: Mapping[str, Any]) -> bool:
    return filled["level"] is Level.IMPORTANT


def _as_it_was(name: str) -> Default[Any]:
    """What an announcement had before it was sent back; the deadline of what is urgent counts from now."""

    def default(filled: Mapping[str, Any]) -> Any:
        if "broadcast" not in filled:
            return None
        draft: Draft = filled["broadcast"].draft
        if name == "deadline" and {draft.level, filled.get("level")} != {Level.IMPORTANT}:
            return None
        return getattr(draft, name)

    return default


def _speak(request: Request, plan: Plan, speaker: Speaks, returned: Broadcast | None = None) -> Answer:
    """Let it go where it may; what is answered then."""
    if isinstance(plan.verdict, Refused):
        return paragraphs(MESSAGES.render(request.locale, plan.verdict.why))
    speaker.speak(plan, returned)
    if isinstance(plan.verdict, Allowed):
        return paragraphs(MESSAGES.text(request.locale, "announced"))
    return paragraphs(MESSAGES.text(request.locale, "announced-for-approval", {"name": plan.verdict.of.full_name}))


def preview(copy: Copy, reach: Reach) -> tuple[rendering.Json, ...]:
    """What people will see, in the words of the room that has most of them; here it rings nobody."""
    rooms = addressed(reach).values()
    to = max(rooms, key=lambda one: (one.whole_room, len(one.people)), default=EVERYBODY)
    return tuple(content | {"m.mentions": {}} for content in rendering.events(copy, to))


def reaching(wanted: Wanted, reach: Reach) -> tuple[Message, ...]:
    """Whom it reaches, as it was understood and in figures, and who else can read it."""
    figures = Message.of(
        "would-reach",
        words=wanted.words,
        people=len(reach.people),
        units=len(reach.units),
        rooms=len(reach.rooms),
    )
    others = Message.of("would-be-read-by-others", count=reach.bystanders)
    return (figures, others) if reach.bystanders else (figures,)


def put_before(desk: Desk, connection: Connection, broadcast: Broadcast, reach: Reach, user_id: str) -> None:
    """Show an announcement to whom it waits for, and how to answer."""
    # The moment makes it another key where it is put before them once more.
    key = f"broadcast {broadcast.number} approval {desk.tools.clock().isoformat()}"
    priority = priority_of(broadcast.draft.level, Priority.REPLY)
    for at, content in enumerate(preview(Copy.of(broadcast), reach)):
        desk.delivery.tell(connection, f"{key} {at}", user_id, content, priority)
    author = broadcast.draft.author
    asked = rendering.VOICE(
        "asked-to-approve",
        number=str(broadcast.number),
        name=author.full_name,
        position=author.position,
        words=broadcast.draft.wanted.words,
        people=len(reach.people),
        units=len(reach.units),
        rooms=len(reach.rooms),
    )
    desk.delivery.tell(connection, f"{key} asked", user_id, rendering.line(asked), priority)


def figures(broadcast: Broadcast, reach: Reach) -> dict[str, object]:
    """Of the audit record: never what it says."""
    return {
        "level": broadcast.draft.level.value,
        "people": len(reach.people),
        "units": len(reach.units),
        "rooms": len(reach.rooms),
    }
