"""What an HR officer sees of a register, a plan and a run: tables, in the officer's language."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from types import MappingProxyType
from typing import Self, assert_never

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from hr_provisioner.applying.apply import Report
from hr_provisioner.dates import day_first, day_of
from hr_provisioner.directory.roles import Holder
from hr_provisioner.planning.actions import (
    ACTION_KINDS,
    Action,
    ChangeUnit,
    CloseUnit,
    CreateAccount,
    LockAccount,
    LockReason,
    MovePerson,
    OpenUnit,
    RenameAccount,
    Stage,
    UnlockAccount,
    UpdatePerson,
    WithdrawUnit,
)
from hr_provisioner.planning.guard import Remark
from hr_provisioner.planning.left_alone import Absent
from hr_provisioner.planning.plan import Plan
from hr_provisioner.planning.twins import Twins
from hr_provisioner.posts import post_identity
from hr_provisioner.records import PostRecord, Register
from huep.catalogue import Voice

ACTIONS_SHOWN = 100
ACTIONS_SHOWN_A_KIND = 5
"""In a plan with more than ACTIONS_SHOWN."""
UNITS_SHOWN = 12
BAD_ROWS_SHOWN = 50
FAILURES_SHOWN = 20
CODES_SHOWN = 10


def show_register(console: Console, say: Voice, register: Register) -> None:
    """What was read, and what was held back with the reason."""
    totals = say(
        "read-totals",
        rows=register.rows,
        people=len(register.people),
        units=len(register.units),
        faults=len(register.quarantined),
    )
    console.print(Text.assemble(totals, " ", (f"sha256 {register.sha256[:16]}…", "dim")))
    if not register.quarantined:
        return
    headings = ("file", "row", "column", "value", "officer", "reason")
    table = _table(say("quarantine-title"), *(say(f"quarantine-{heading}") for heading in headings))
    for bad in register.quarantined[:BAD_ROWS_SHOWN]:
        cells = (bad.source, str(bad.row), bad.column, bad.value, bad.officer_code or "", say.render(bad.reason))
        table.add_row(*(Text(cell) for cell in cells))
    console.print(table)
    _say_how_many_more(console, say, len(register.quarantined), BAD_ROWS_SHOWN)


def show_plan(
    console: Console,
    say: Voice,
    plan: Plan,
    remarks: Sequence[Remark],
    unit_names: Mapping[str, str] = MappingProxyType({}),
    *,
    briefly: bool = False,
) -> None:
    """Totals by kind and unit, the people concerned, and whoever is left alone; `briefly`: totals alone.

    Units that `unit_names` does not name are shown by their codes.
    """
    if not plan.actions:
        show_well(console, say("plan-empty"))
    elif briefly:
        totals = _totals(plan)
        console.print(", ".join(f"{_word(say, name).lower()} {say.number(count)}" for name, count in totals.items()))
    else:
        _show_totals(console, say, plan)
        _show_units(console, say, plan, unit_names)
        _show_concerned(console, say, plan)
    _show_left_alone(console, say, plan)
    for remark in remarks:
        show_warning(console, say(f"remark-{remark.what.value}", count=remark.count, usual=remark.usual))
    console.print(Text(say("plan-id", sha256=plan.sha256, day=day_first(plan.today)), "dim"))


def show_well(console: Console, sentence: str) -> None:
    """A line that something went well."""
    console.print(Text.assemble(("✓ ", "green"), sentence))


def show_roles(console: Console, say: Voice, holders: Sequence[Holder]) -> None:
    """Who holds which role that no post gives."""
    if not holders:
        show_well(console, say("roles-nobody"))
        return
    table = _table(say("roles-title"), *(say(f"roles-{heading}") for heading in ("code", "name", "role")))
    for holder in holders:
        table.add_row(Text(holder.officer_code), Text(holder.full_name), Text(holder.role))
    console.print(table)


def show_warning(console: Console, sentence: str) -> None:
    """A line that the officer should look at."""
    console.print(Text.assemble(("! ", "yellow"), sentence))


def _table(title: str, *headings: str) -> Table:
    return Table(*headings, title=title, title_justify="left")


def _word(say: Voice, name: str) -> str:
    """What an action of this name is called."""
    return say(f"action-{name}")


def _totals(plan: Plan) -> dict[str, int]:
    """How many actions of each name, in the order in which they are shown."""
    totals = Counter(action.name for action in plan.actions)
    return {name: totals[name] for name in ACTION_KINDS if totals[name]}


def _show_totals(console: Console, say: Voice, plan: Plan) -> None:
    table = _table(say("plan-title"), say("plan-deed"), say("plan-count"))
    table.columns[1].justify = "right"
    for name, count in _totals(plan).items():
        table.add_row(_word(say, name), say.number(count))
    console.print(table)


def _show_units(console: Console, say: Voice, plan: Plan, unit_names: Mapping[str, str]) -> None:
    by_unit: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for action in plan.actions:
        if not isinstance(action, OpenUnit | ChangeUnit | CloseUnit | WithdrawUnit):
            by_unit[action.who.unit_code or "?"][action.name] += 1
    names = [name for name in ACTION_KINDS if any(counted[name] for counted in by_unit.values())]
    if not names:
        return
    units = _table(say("plan-by-unit"), say("plan-unit"), *(_word(say, name) for name in names))
    ranked = sorted(by_unit.items(), key=lambda entry: (-entry[1].total(), entry[0]))
    for code, counted in ranked[:UNITS_SHOWN]:
        units.add_row(
            Text(unit_names.get(code, code)), *(say.number(counted[name]) if counted[name] else "" for name in names)
        )
    console.print(units)
    _say_how_many_more(console, say, len(ranked), UNITS_SHOWN, in_json=True)


def _show_concerned(console: Console, say: Voice, plan: Plan) -> None:
    table = _table(say("plan-concerned"), say("plan-deed"), say("plan-subject"), say("plan-details"))
    everything_fits = len(plan.actions) <= ACTIONS_SHOWN
    shown: Counter[str] = Counter()
    for action in plan.actions:
        if everything_fits or shown[action.name] < ACTIONS_SHOWN_A_KIND:
            shown[action.name] += 1
            table.add_row(_word(say, action.name), Text(_subject(action)), Text(_details(say, action)))
    console.print(table)
    _say_how_many_more(console, say, len(plan.actions), shown.total(), in_json=True)


def _subject(action: Action) -> str:
    match action:
        case OpenUnit(unit) | ChangeUnit(unit) | CloseUnit(unit) | WithdrawUnit(unit):
            return unit.code
        case _:
            return f"{action.who.full_name} ({action.who.officer_code})"


def _details(say: Voice, action: Action) -> str:
    match action:
        case OpenUnit(unit) | WithdrawUnit(unit):
            return unit.name
        case ChangeUnit(before, after):
            return f"{before.name} → {after.name}, {say('since', day=day_first(after.valid_from))}"
        case CloseUnit():
            return ", ".join([say("since", day=day_first(action.valid_to)), *_successors(action)])
        case LockAccount():
            return ", ".join([action.localpart, *_why(say, action)])
        case UnlockAccount():
            return action.localpart
        case CreateAccount():
            return f"{action.localpart}, {action.display_name}"
        case RenameAccount():
            return f"{action.before} → {action.after}"
        case MovePerson():
            return "; ".join(_moves(say, action.before, action.after))
        case UpdatePerson():
            return ", ".join(say(f"fact-{name}") for name in action.before.differing(action.after))
        case _:
            assert_never(action)


def _why(say: Voice, action: LockAccount) -> Iterator[str]:
    if action.reason is not LockReason.LEFT:
        yield say(f"lock-{action.reason.value}")
    if action.leaves_on is not None:
        yield say("last-day", day=day_first(action.leaves_on))


def _successors(action: CloseUnit) -> Iterator[str]:
    if action.successors:
        yield f"→ {', '.join(action.successors)}"


def _moves(say: Voice, before: Sequence[PostRecord], after: Sequence[PostRecord]) -> Iterator[str]:
    old = {post_identity(post): post for post in before}
    new = {post_identity(post): post for post in after}
    for identity, post in old.items():
        if identity not in new:
            yield say("post-lost", position=post.position, unit=post.unit_code)
    for identity, post in new.items():
        if identity not in old:
            yield say("post-gained", position=post.position, unit=post.unit_code)
        elif old[identity] != post:
            yield say("post-changed", position=post.position, unit=post.unit_code)


def _show_left_alone(console: Console, say: Voice, plan: Plan) -> None:
    for why in fields(plan.left_alone):
        people = getattr(plan.left_alone, why.name)
        if people:
            more = ", …" if len(people) > CODES_SHOWN else ""
            sentence = say(f"left-{why.name}", count=len(people))
            shown = ", ".join(_who_is_left(say, one) for one in people[:CODES_SHOWN])
            console.print(Text(f"• {sentence}: {shown}{more}"))


def _who_is_left(say: Voice, one: str | Absent | Twins) -> str:
    match one:
        case str():
            return one
        case Absent(code, since, snapshots):
            if since is None:
                return code
            day = day_of(since)
            return f"{code} ({say('left-absent-since', snapshots=snapshots, day=day)})"
        case Twins(held, other):
            return f"{held.officer_code} ↔ {other.officer_code}"
        case _:
            assert_never(one)


def show_report(console: Console, say: Voice, report: Report) -> None:
    """What was done, and each failure with its reason."""
    show_line = show_warning if report.failed else show_well
    show_line(console, say("done", done=len(report.done), failed=len(report.failed)))
    for failure in report.failed[:FAILURES_SHOWN]:
        what = f"{_word(say, failure.action.name)} {_subject(failure.action)}"
        console.print(Text.assemble(("✗ ", "red"), f"{what}: {failure.error}"))
    _say_how_many_more(console, say, len(report.failed), FAILURES_SHOWN)


def _say_how_many_more(console: Console, say: Voice, total: int, shown: int, *, in_json: bool = False) -> None:
    if total > shown:
        console.print(Text(say("more-in-json" if in_json else "more", count=total - shown), "dim"))


class RateColumn(ProgressColumn):
    """Steps a second."""

    def __init__(self, say: Voice) -> None:
        super().__init__()
        self._say = say

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(self._say("rate", rate=round(speed)) if speed else "", style="dim")


def progress_bar(console: Console, say: Voice) -> Progress:
    """A bar with count, rate and the time that is left; only the end result is printed where nobody watches."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), RateColumn(say))
    return Progress(*columns, TimeRemainingColumn(), console=console, speed_estimate_period=10)


class StageBars:
    """One bar a stage; nothing is drawn before the first stage begins, so that a question can be asked till then."""

    def __init__(self, console: Console, say: Voice) -> None:
        self._say = say
        self._bar = progress_bar(console, say)
        self._tasks: dict[Stage, TaskID] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._tasks:
            self._bar.stop()

    def advance(self, stage: Stage, settled: int, total: int) -> None:
        """So many more actions of this stage are settled."""
        if not self._tasks:
            self._bar.start()
        if stage not in self._tasks:
            self._tasks[stage] = self._bar.add_task(self._say(f"stage-{stage.name.lower()}"), total=total)
        self._bar.advance(self._tasks[stage], settled)
