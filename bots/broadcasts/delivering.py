"""From an announcement to letters in the outbox: into each room once, put right and taken back wherever it went.

Everything here writes on the connection of whoever asks for it, and sends nothing: letters are known by keys that name
each for ever, so what is asked for again, after a crash or by mistake, comes to nothing more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from enum import StrEnum

from sqlalchemy import Connection

from bots.broadcasts import pace, rendering, reporting
from bots.broadcasts.escalation import Step, by_room, moments, pursued
from bots.broadcasts.ledger import Ledger
from bots.broadcasts.model import Addressee, AttachedFile, Broadcast, Content, Level, Missing, Reach
from bots.broadcasts.rendering import EVERYBODY, Addressed, Copy, Json
from bots.broadcasts.reporting import Progress
from bots.language.calendar.working_time import WorkingCalendar
from bots.matrix.contents import MESSAGE, REDACTION
from bots.runtime.jobs import ask_for
from bots.runtime.outcome import Outgoing, Priority
from bots.runtime.preferences import QuietHours
from bots.runtime.tools import Tools

NIGHT = QuietHours(time(22), time(6))
"""What is not urgent goes into rooms in the morning: in a room of hundreds nobody's own quiet hours can be kept."""


class Part(StrEnum):
    """What a message is to the announcement; with its number the batch by which the outbox knows it."""

    WORDS = "words"
    CALLS = "calls"
    """Reminders in rooms."""
    VERSIONS = "versions"
    """Corrections."""

    def of(self, number: int) -> str:
        return f"broadcast {number} {self}"


@dataclass(frozen=True)
class Enclosed:
    """A file that an announcement has or had."""

    place: int
    """Among all that it ever had, from 1: a file that comes back is another."""
    file: AttachedFile
    gone: bool = False

    def of(self, number: int) -> str:
        """The batch of its messages."""
        return f"broadcast {number} file {self.place}"


def enclosed(versions: Iterable[Content]) -> tuple[Enclosed, ...]:
    """The files of all versions in the order in which they came."""
    found: list[Enclosed] = []
    for content in versions:
        new = list(content.files)
        for at, one in enumerate(found):
            if not one.gone and one.file in new:
                new.remove(one.file)
            else:
                found[at] = replace(one, gone=True)
        found += [Enclosed(place, file) for place, file in enumerate(new, len(found) + 1)]
    return tuple(found)


def words_key(number: int, place: str) -> str:
    """The key of the message with the words; `place` is a room, or a person."""
    return f"broadcast {number} {place}"


def progress_key(number: int) -> str:
    """The key of the message in the sender's chat that shows how far it has come."""
    return f"broadcast {number} progress"


def addressed(reach: Reach) -> Mapping[str, Addressed]:
    """To whom it speaks in each of its rooms."""
    people: dict[str, list[tuple[str, str]]] = {}
    for person in sorted(reach.people, key=lambda one: one.full_name):
        if person.room_id is not None:
            people.setdefault(person.room_id, []).append((person.user_id, person.full_name))
    return {room: Addressed(tuple(those), whole_room=room not in reach.mixed) for room, those in people.items()}


def held_over_night(level: Level, moment: datetime) -> datetime | None:
    """Until when what is sent at `moment` is held back; None where it goes out at once."""
    return None if level is Level.URGENT else NIGHT.over_at(moment)


def goes_out_at(level: Level, moment: datetime) -> datetime:
    """When people get what is sent at `moment`."""
    return held_over_night(level, moment) or moment


def priority_of(level: Level, otherwise: Priority = Priority.ANNOUNCEMENT) -> Priority:
    """What is urgent is sent first of all."""
    return Priority.URGENT if level is Level.URGENT else otherwise


class Delivery:
    """One bot's; its methods run in the transaction of `connection`."""

    def __init__(self, tools: Tools, ledger: Ledger, calendar: WorkingCalendar) -> None:
        self._tools = tools
        self._ledger = ledger
        self._settings = tools.settings.broadcasts
        self._calendar = calendar

    def send(self, connection: Connection, broadcast: Broadcast, reach: Reach) -> None:
        """Settle who is meant, and let it go to all of them; ask for everything that follows from it."""
        draft, now = broadcast.draft, self._tools.clock()
        self._ledger.freeze(connection, broadcast.number, reach)
        held = held_over_night(draft.level, now)
        homeless = [person.user_id for person in reach.people if person.room_id is None]
        copies = [(place, to, held) for place, to in addressed(reach).items()]
        copies += self._copies_for(draft.level, homeless[: self._settings.most_direct])
        self._put(connection, broadcast, copies)
        due: Mapping[Step, datetime] = moments(draft.level, now, draft.deadline, self._settings, self._calendar)
        for step, at in due.items():
            self.ask_for(connection, broadcast.number, step.value, at)
        if draft.level.asks and draft.deadline is not None:
            self.ask_for(connection, broadcast.number, "close", draft.deadline)
        rooms = addressed(reach)
        come = Progress(len(rooms), 0, len(copies) - len(rooms), 0, 0)
        told = rendering.line(reporting.progress_line(broadcast, come, ()), notice=True)
        self.tell(connection, progress_key(broadcast.number), draft.room_id, told)
        self.ask_for(connection, broadcast.number, "progress", (held or now) + pace.of_arrivals(0), turn=1)

    def send_to(self, connection: Connection, broadcast: Broadcast, user_ids: Iterable[str]) -> None:
        """A copy to each of these people, into their direct rooms with the bot; who has had one gets no second."""
        self._put(connection, broadcast, self._copies_for(broadcast.draft.level, user_ids))

    def send_to_newcomers(self, connection: Connection, broadcast: Broadcast, newcomers: Sequence[Addressee]) -> None:
        """A copy to each while the announcement has cost fewer than `most_direct`; of the rest its sender is told.

        Who is in a room by now for which the words are still held back gets them there.
        """
        outbox, number, most = self._tools.outbox, broadcast.number, self._settings.most_direct
        words, now = Part.WORDS.of(number), self._tools.clock()
        copies = outbox.copies_of(connection, words).values()
        to_come = {place for place, held in copies if held is not None and held > now}
        told = [one.user_id for one in newcomers if one.room_id not in to_come]
        free = max(0, most - (outbox.progress(connection, words).total - len(self._ledger.room_ids(number))))
        self.send_to(connection, broadcast, told[:free])
        if left := len(told[free:]):
            sentence = rendering.VOICE("newcomers-left", number=str(number), count=left, most=most)
            key = f"broadcast {number} newcomers {now.isoformat()}"
            self.tell(connection, key, broadcast.draft.room_id, rendering.line(sentence), held=NIGHT.over_at(now))

    def call_again(self, connection: Connection, broadcast: Broadcast, key: str, missing: Iterable[Missing]) -> None:
        """Name who is missing in each of their rooms, below the announcement; `key` names this round for ever."""
        outbox, number = self._tools.outbox, broadcast.number
        held = held_over_night(broadcast.draft.level, self._tools.clock())
        letters = {}
        for room_id, those in by_room(missing).items():
            below = outbox.event_of(connection, words_key(number, room_id))
            content = rendering.again(broadcast, [(one.user_id, one.full_name) for one in those], below)
            priority = priority_of(broadcast.draft.level)
            letters[f"{key} {room_id}"] = Outgoing(room_id, MESSAGE, content, priority, held)
        outbox.put(connection, letters, Part.CALLS.of(number))

    def askable(self, missing: Iterable[Missing]) -> tuple[Missing, ...]:
        """Whom `remind` asks: where they are too many to be written to, those who have a room."""
        asked = pursued(missing)
        if len(asked) <= self._settings.most_direct:
            return asked
        return tuple(one for one in asked if one.room_id is not None)

    def remind(self, connection: Connection, broadcast: Broadcast, missing: Sequence[Missing], key: str) -> int:
        """Ask each of the missing by direct message, or, where they are too many, in their rooms; returns how many.

        Args:
            connection: of the transaction.
            broadcast: an announcement that was sent.
            missing: who has not acknowledged; who is on leave is left in peace.
            key: names this round of the announcement for ever.
        """
        asked, key = self.askable(missing), f"broadcast {broadcast.number} {key}"
        if len(pursued(missing)) > self._settings.most_direct:
            self.call_again(connection, broadcast, key, asked)
            return len(asked)
        content, priority = rendering.reminder(broadcast), priority_of(broadcast.draft.level)
        letters = {
            f"{key} {person}": Outgoing(person, MESSAGE, content, priority, self._quiet_until(person, priority))
            for person in (one.user_id for one in asked)
        }
        self._tools.outbox.put(connection, letters, Part.CALLS.of(broadcast.number))
        return len(asked)

    def correct(self, connection: Connection, broadcast: Broadcast, at: datetime) -> bool:
        """Put the words of today in the place of those before, sent or held back; False while some are on their way.

        Files that it has no more are taken back, new ones are sent behind.
        """
        number, outbox = broadcast.number, self._tools.outbox
        rooms = {post.room_id: Addressed(post.people, post.everybody) for post in self._ledger.rooms(number)}
        words = Part.WORDS.of(number)

        def unsent(place: str) -> Json:
            return rendering.first_event(Copy.of(broadcast), rooms.get(place, EVERYBODY))

        # What is on its way is counted before what was sent is read: nothing arrives between the two unseen.
        finished = outbox.reword(connection, words, unsent) == outbox.progress(connection, words).waiting
        letters = {}
        for room_id, event_id in outbox.events_of(connection, words).values():
            content = rendering.replacing(event_id, Copy.of(broadcast, at), rooms.get(room_id, EVERYBODY))
            key = f"broadcast {number} {event_id} version {broadcast.version}"
            letters[key] = Outgoing(room_id, MESSAGE, content, priority_of(broadcast.draft.level))
        outbox.put(connection, letters, Part.VERSIONS.of(number))
        self._enclose(connection, broadcast)
        gone = [one.of(number) for one in enclosed(self._ledger.contents(connection, number)) if one.gone]
        return self._redact(connection, number, gone) and finished

    def take_back(self, connection: Connection, number: int) -> bool:
        """Redact everything that carried it, and drop what has not gone out; False while something is on its way."""
        files = enclosed(self._ledger.contents(connection, number))
        return self._redact(connection, number, [one.of(number) for one in (*Part, *files)])

    def _redact(self, connection: Connection, number: int, batches: Iterable[str]) -> bool:
        """Take back what these batches have brought, and drop what has not gone out; False while some is on its way."""
        outbox, finished = self._tools.outbox, True
        for batch in batches:
            outbox.give_up(connection, batch)
            finished = outbox.progress(connection, batch).finished and finished
            letters = {
                f"broadcast {number} {event_id} withdrawn": Outgoing(room_id, REDACTION, {"redacts": event_id})
                for room_id, event_id in outbox.events_of(connection, batch).values()
            }
            outbox.put(connection, letters)
        return finished

    def progress(self, connection: Connection, number: int) -> Progress:
        """How far its words have come."""
        of_all = self._tools.outbox.progress(connection, Part.WORDS.of(number))
        sent = self._tools.outbox.events_of(connection, Part.WORDS.of(number)).values()
        rooms = self._ledger.room_ids(number)
        reached = sum(room_id in rooms for room_id, _ in sent)
        return Progress(
            rooms=len(rooms),
            rooms_reached=reached,
            people=of_all.total - len(rooms),
            people_reached=of_all.sent - reached,
            lost=of_all.dead + of_all.dropped,
        )

    def tell(
        self,
        connection: Connection,
        key: str,
        to: str,
        content: Json,
        priority: Priority = Priority.REPLY,
        *,
        held: datetime | None = None,
    ) -> None:
        """One message beside the announcement; `key` names it for ever.

        To a room it is `held` until that moment, to a person for their quiet hours.
        """
        if to.startswith("@"):
            held = self._quiet_until(to, priority)
        self._tools.outbox.put(connection, {key: Outgoing(to, MESSAGE, content, priority, held)})

    def ask_for(
        self,
        connection: Connection,
        number: int,
        job: str,
        due_at: datetime,
        *,
        version: int = 1,
        turn: int = 0,
        **remembering: object,
    ) -> None:
        """Have a job done about this announcement; the same turn of it once for each version."""
        arguments = {"number": number, "version": version, "turn": turn, **remembering}
        key = f"broadcast {number} {job} {version} {turn}"
        ask_for(connection, self._tools.bot, job, key, due_at, arguments)

    def _copies_for(self, level: Level, user_ids: Iterable[str]) -> "list[tuple[str, Addressed, datetime | None]]":
        return [(user_id, EVERYBODY, self._announced_from(level, user_id)) for user_id in user_ids]

    def _put(
        self, connection: Connection, broadcast: Broadcast, copies: Iterable[tuple[str, Addressed, datetime | None]]
    ) -> None:
        """Each copy with the place it goes to, to whom it speaks there, and until when it is held back."""
        copy, priority = Copy.of(broadcast), priority_of(broadcast.draft.level)
        words = {
            words_key(broadcast.number, place): Outgoing(
                place, MESSAGE, rendering.first_event(copy, to), priority, held
            )
            for place, to, held in copies
        }
        self._tools.outbox.put(connection, words, Part.WORDS.of(broadcast.number))
        self._enclose(connection, broadcast)

    def _enclose(self, connection: Connection, broadcast: Broadcast) -> None:
        """Send its files behind its words, wherever they went or are going; what was sent is not sent again."""
        outbox, number, priority = self._tools.outbox, broadcast.number, priority_of(broadcast.draft.level)
        files = [one for one in enclosed(self._ledger.contents(connection, number)) if not one.gone]
        copies = outbox.copies_of(connection, Part.WORDS.of(number)) if files else {}
        for one in files:
            content = rendering.file_event(one.file)
            letters = {
                f"{one.of(number)} behind {words}": Outgoing(place, MESSAGE, content, priority, held)
                for words, (place, held) in copies.items()
            }
            outbox.put(connection, letters, one.of(number))

    def _announced_from(self, level: Level, user_id: str) -> datetime | None:
        """Until when a copy for this person is held: over the night, and for their own quiet hours."""
        ends = (held_over_night(level, self._tools.clock()), self._quiet_until(user_id, priority_of(level)))
        return max((end for end in ends if end is not None), default=None)

    def _quiet_until(self, user_id: str, priority: Priority) -> datetime | None:
        """Until when their phone is to be left in peace; never by what is urgent."""
        hours = None if priority is Priority.URGENT else self._tools.preferences.quiet_hours_of(user_id)
        return None if hours is None else hours.over_at(self._tools.clock())
