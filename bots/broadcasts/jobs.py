"""What Truyền thông does unasked: shows its sender how far an announcement has come, asks again, and closes it in time.

Each job is a row under a key of its own announcement, and what it does is one transaction: done once, however often the
process ends in the middle of it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import Connection

from bots.broadcasts import pace, rendering, reporting
from bots.broadcasts.delivering import priority_of, progress_key
from bots.broadcasts.desk import Desk
from bots.broadcasts.escalation import Ladder, Report, Step, pursued
from bots.broadcasts.ledger import Drift
from bots.broadcasts.model import Broadcast, State
from bots.broadcasts.service import OUT
from bots.matrix.contents import MESSAGE, edit_content
from bots.matrix.port import Text
from bots.runtime.jobs import Job, JobCall, ask_for
from bots.runtime.outcome import Outcome, Outgoing, Priority
from bots.runtime.tools import Tools
from bots.threads import in_thread
from huep import audit
from huep.clock import PROVINCE_TIMEZONE

BETWEEN_TWO = timedelta(seconds=5)
"""Between two announcements that follow the directory; one to the whole province takes three."""

Work = Callable[[Desk, JobCall, Connection], None]


def _job(name: str, work: Work, trigger: CronTrigger | None = None) -> Job:
    async def do(call: JobCall, tools: Tools) -> Outcome:
        return Outcome(writes=(partial(work, Desk.of(tools), call),))

    return Job(name, do, trigger)


def progress(desk: Desk, call: JobCall, connection: Connection) -> None:
    """One message in the sender's chat, edited as rooms get the announcement and people take note of it."""
    broadcast = desk.ledger.find(call.arguments["number"])
    if broadcast is None or broadcast.state not in OUT:
        return
    number, turn, now = broadcast.number, call.arguments["turn"], desk.tools.clock()
    desk.ledger.write_down(connection, number)
    come = desk.delivery.progress(connection, number)
    told = reporting.progress_line(broadcast, come, desk.ledger.tallies(number))
    shown = told == call.arguments.get("told") or _show(desk, connection, broadcast, told, turn)
    if broadcast.state is not State.SENT:
        return
    if not come.finished or (not shown and desk.tools.outbox.is_awaited(connection, progress_key(number))):
        pause = pace.of_arrivals(turn)
    elif broadcast.draft.level.asks:
        pause = pace.of_acknowledgements(now - (broadcast.sent_at or now))
    else:
        _close(desk, connection, number)
        return
    desk.delivery.ask_for(connection, number, "progress", now + pause, turn=turn + 1, told=told if shown else "")


def _show(desk: Desk, connection: Connection, broadcast: Broadcast, told: str, turn: int) -> bool:
    """Put `told` into the message in the sender's chat; False where that message has not arrived."""
    key, outbox = progress_key(broadcast.number), desk.tools.outbox
    target = outbox.event_of(connection, key)
    if target is None:
        return False
    edit = Outgoing(broadcast.draft.room_id, MESSAGE, edit_content(target, Text(told, notice=True)))
    outbox.put(connection, {f"{key} {turn}": edit})
    return True


def correct(desk: Desk, call: JobCall, connection: Connection) -> None:
    """Put the latest words in the place of the earlier ones, until no earlier ones are on their way."""
    broadcast = desk.ledger.find(call.arguments["number"])
    if broadcast is None or broadcast.state not in OUT or broadcast.version != call.arguments["version"]:
        return
    at = datetime.fromisoformat(call.arguments["at"])
    if not desk.delivery.correct(connection, broadcast, at):
        _again(desk, call, connection)


def withdraw(desk: Desk, call: JobCall, connection: Connection) -> None:
    """Take back whatever has arrived, until nothing is on its way any more."""
    if not desk.delivery.take_back(connection, call.arguments["number"]):
        _again(desk, call, connection)


def close(desk: Desk, call: JobCall, connection: Connection) -> None:
    """The deadline is over: the sender is told how it came out."""
    broadcast = desk.ledger.find(call.arguments["number"])
    if broadcast is None or broadcast.state is not State.SENT:
        return
    number = broadcast.number
    told = reporting.closing(broadcast, desk.ledger.tallies(number), desk.ledger.missing(number))
    desk.delivery.tell(connection, f"broadcast {number} closed", broadcast.draft.room_id, rendering.line(told))
    _close(desk, connection, number)


def _close(desk: Desk, connection: Connection, number: int) -> None:
    """Last of all in a transaction: until it ends nobody else can append to the audit log."""
    desk.ledger.move(connection, number, State.CLOSED, (State.SENT,), desk.tools.bot)
    audit.append(connection, [desk.ledger.act(connection, desk.tools.user_id, "close", number, {})])


def remind(desk: Desk, call: JobCall, connection: Connection) -> None:
    """Each of the missing is reminded once before the deadline of an important one."""
    if (broadcast := _running(desk, call)) is not None:
        desk.delivery.remind(connection, broadcast, desk.ledger.missing(broadcast.number), "remind")


def repeat(desk: Desk, call: JobCall, connection: Connection) -> None:
    """Urgent: the rooms hear it again, with the names of the missing."""
    if (broadcast := _running(desk, call)) is not None:
        missing = desk.ledger.missing(broadcast.number)
        desk.delivery.call_again(connection, broadcast, f"broadcast {broadcast.number} repeat", missing)


def direct(desk: Desk, call: JobCall, connection: Connection) -> None:
    """Urgent: each of the missing gets it by direct message; where they are too many, their leaders get the list."""
    if (broadcast := _running(desk, call)) is None:
        return
    missing = pursued(desk.ledger.missing(broadcast.number))
    if len(missing) <= desk.tools.settings.broadcasts.most_direct:
        desk.delivery.send_to(connection, broadcast, [one.user_id for one in missing])
    else:
        _report(desk, connection, broadcast, Step.DIRECT, _ladder(desk).to_heads(missing))


def deputy(desk: Desk, call: JobCall, connection: Connection) -> None:
    """Urgent: a deputy of each unit hears who is missing."""
    if (broadcast := _running(desk, call)) is not None:
        missing = desk.ledger.missing(broadcast.number)
        _report(desk, connection, broadcast, Step.DEPUTY, _ladder(desk).to_deputies(missing))


def head(desk: Desk, call: JobCall, connection: Connection) -> None:
    """Urgent: the head of each unit hears who is missing."""
    if (broadcast := _running(desk, call)) is not None:
        missing = desk.ledger.missing(broadcast.number)
        _report(desk, connection, broadcast, Step.HEAD, _ladder(desk).to_heads(missing))


def tell_sender(desk: Desk, call: JobCall, connection: Connection) -> None:
    """Urgent: the sender hears who is missing after all that."""
    if (broadcast := _running(desk, call)) is None:
        return
    number = broadcast.number
    if missing := desk.ledger.missing(number):
        content = rendering.line(reporting.still_missing(broadcast, missing))
        desk.delivery.tell(connection, f"broadcast {number} list", broadcast.draft.room_id, content, Priority.URGENT)


def reconcile(desk: Desk, call: JobCall, connection: Connection) -> None:
    """Have each that runs follow the directory, the latest first: in the morning wholly, after a change who has come.

    Each is a job and a transaction of its own, with time between them for what is urgent.
    """
    change, due_at = call.arguments.get("directory"), desk.tools.clock()
    for number in desk.ledger.running():
        key = f"broadcast {number} follow {change or call.key}"
        ask_for(connection, desk.tools.bot, "follow", key, due_at, {"number": number, "whole": change is None})
        due_at += BETWEEN_TWO


async def follow(call: JobCall, tools: Tools) -> Outcome:
    """Who came since gets it by direct message, up to a bound; `whole` see `drift`."""
    desk = Desk.of(tools)
    drift = await in_thread(partial(desk.ledger.reconcile, call.arguments["number"], whole=call.arguments["whole"]))
    return Outcome(writes=(partial(_follow, desk, call, drift),) if drift else ())


def _follow(desk: Desk, call: JobCall, drift: Drift, connection: Connection) -> None:
    if (broadcast := _running(desk, call)) is not None:
        desk.ledger.follow(connection, broadcast.number, drift)
        newcomers = [newcomer.addressee for newcomer in drift.newcomers]
        desk.delivery.send_to_newcomers(connection, broadcast, newcomers)


def digest(desk: Desk, call: JobCall, connection: Connection) -> None:
    """On the morning of a working day, what was for information since the last one, for who wants it together."""
    today = call.due_at.astimezone(PROVINCE_TIMEZONE).date()
    if not desk.calendar.is_working_day(today):
        return
    day = desk.calendar.add_working_days(today, -1)
    people: dict[str, list[Broadcast]] = {}
    while day < today:
        for one in desk.ledger.digest_for(day):
            people.setdefault(one.user_id, []).extend(one.broadcasts)
        day += timedelta(days=1)
    for user_id, broadcasts in people.items():
        content = rendering.line(reporting.digest(broadcasts), notice=True)
        desk.delivery.tell(connection, f"digest {today} {user_id}", user_id, content, Priority.DIGEST)


def _running(desk: Desk, call: JobCall) -> Broadcast | None:
    broadcast = desk.ledger.find(call.arguments["number"])
    return broadcast if broadcast is not None and broadcast.state is State.SENT else None


def _again(desk: Desk, call: JobCall, connection: Connection) -> None:
    turn = call.arguments["turn"]
    due_at = desk.tools.clock() + pace.of_arrivals(turn)
    desk.delivery.ask_for(connection, due_at=due_at, job=call.name, **{**call.arguments, "turn": turn + 1})


def _ladder(desk: Desk) -> Ladder:
    directory = desk.tools.directory

    def parent_of(code: str) -> str | None:
        unit = directory.unit(code)
        return None if unit is None else unit.parent_code

    return Ladder(directory.leadership_of, parent_of)


def _report(desk: Desk, connection: Connection, broadcast: Broadcast, step: Step, reports: tuple[Report, ...]) -> None:
    for report in reports:
        content = rendering.line(reporting.to_leader(broadcast, report.missing))
        key = f"broadcast {broadcast.number} {step} {report.user_id}"
        priority = priority_of(broadcast.draft.level, Priority.REPLY)
        desk.delivery.tell(connection, key, report.user_id, content, priority)


JOBS = (
    _job("progress", progress),
    _job("correct", correct),
    _job("withdraw", withdraw),
    _job("close", close),
    _job(Step.REMIND, remind),
    _job(Step.REPEAT, repeat),
    _job(Step.DIRECT, direct),
    _job(Step.DEPUTY, deputy),
    _job(Step.HEAD, head),
    _job(Step.LIST, tell_sender),
    Job("follow", follow),
    _job("reconcile", reconcile, CronTrigger(hour=6, minute=30, timezone=PROVINCE_TIMEZONE)),
    _job("digest", digest, CronTrigger(hour=7, minute=45, timezone=PROVINCE_TIMEZONE)),
)
