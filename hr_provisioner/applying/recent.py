"""What ran in the last 24 hours without approval, as the journal tells it: the guard counts it too."""

from collections import Counter
from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Select, func, select, text, union_all
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.sql.expression import case, cast, false

from hr_provisioner.advisory import Work, is_held
from hr_provisioner.applying.journal import Progress
from hr_provisioner.current import Current
from hr_provisioner.planning.actions import GUESTS, CreateAccount, LockAccount, LockReason, RenameAccount
from hr_provisioner.planning.guard import COUNTED_AS, Counted, Recent
from hr_provisioner.planning.plan import PlanKind
from hr_provisioner.posts import home_unit
from hr_provisioner.tables import run_actions, runs, snapshots

WINDOW = timedelta(hours=24)
FAST_RUN = timedelta(minutes=5)
"""A run of the fast lane that is older and not finished was cut off."""
JUDGING_LOCK = 7_310_010
"""PostgreSQL advisory lock: judging a plan and writing its run down are one step, whichever lane does it."""


def one_judgement_at_a_time(connection: Connection) -> None:
    """Keep other lanes from judging until the transaction ends, lest two plans share what is left of a limit."""
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": JUDGING_LOCK})


def read_recent(connection: Connection, now: datetime, *, beside_apply: bool = False) -> Recent:
    """What ran unapproved in the 24 hours before `now`, and what other lanes are about to do.

    Not counted: what a cut-off run left undone, for a later plan holds it again; repairs of the homeserver; accounts
    made from the register of the founding.

    Args:
        connection: of `Role.HR`.
        now: the present moment.
        beside_apply: whether who asks (the fast lane) may run beside an apply; an apply has no other beside it.
    """
    since = now - WINDOW
    settled = (run_actions.c.state == Progress.DONE.value) & (run_actions.c.settled_at > since)
    at_work = (runs.c.kind == PlanKind.PERSON.value) & (runs.c.started_at > now - FAST_RUN)
    if beside_apply and is_held(connection, Work.APPLY):
        at_work |= (runs.c.kind != PlanKind.PERSON.value) & (runs.c.started_at > since)
    at_work &= (run_actions.c.state == Progress.OPEN.value) & runs.c.finished_at.is_(None)
    # Two queries in one, for each has an index of its own.
    some = union_all(*(_unapproved(connection).where(condition) for condition in (settled, at_work))).subquery()
    query = select(some.c.name, some.c.unit_code, some.c.dismissed, func.count()).group_by(
        some.c.name, some.c.unit_code, some.c.dismissed
    )
    counts: Counter[Counted] = Counter()
    by_unit: Counter[str] = Counter()
    dismissals = 0
    for name, unit, dismissed, count in connection.execute(query):
        what = COUNTED_AS[name]
        counts[what] += count
        if what is Counted.LOCKS:
            dismissals += count if dismissed else 0
            if unit is not None:
                by_unit[unit] += count
    return Recent(counts, by_unit, dismissals)


def _unapproved(connection: Connection) -> Select[tuple[str, str | None, bool]]:
    """Counted actions of runs that nobody approved; the rows of the founding and of repairs left out."""
    action = cast(run_actions.c.action, JSON)
    # CASE, so that the text is read as JSON only where it is asked.
    dismissed = case(
        (run_actions.c.name == LockAccount.name, action["reason"].as_string() == LockReason.DISMISSED.value),
        else_=false(),
    )
    repairs = case(
        (run_actions.c.name.in_([LockAccount.name, CreateAccount.name]), run_actions.c.action.contains('"again":true')),
        (run_actions.c.name == RenameAccount.name, action["before"].as_string() == action["after"].as_string()),
        else_=false(),
    )
    query = (
        select(run_actions.c.name, run_actions.c.unit_code, dismissed.label("dismissed"))
        .join(runs, runs.c.run_id == run_actions.c.run_id)
        .where(
            runs.c.approved.is_(False),
            run_actions.c.name.in_(list(COUNTED_AS)),
            run_actions.c.unit_code.is_distinct_from(GUESTS),
            ~repairs,
        )
    )
    if (founding := founding_register(connection)) is not None:
        founded = (run_actions.c.name == CreateAccount.name) & (runs.c.register_sha256 == founding)
        query = query.where(~founded)
    return query


def founding_register(connection: Connection) -> str | None:
    """SHA-256 of the first register that was ever accepted; None before there is one."""
    query = (
        select(snapshots.c.sha256)
        .where(snapshots.c.state == "accepted")
        .order_by(snapshots.c.decided_at, snapshots.c.received_at)
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()


def is_founding(connection: Connection, current: Current, register_sha256: str) -> bool:
    """Whether a plan from this register founds the province: no limit on new accounts, also after a crash midway.

    It does where there is no account yet, and as long as the register is the first that officers approved.
    """
    return not current.localparts or founding_register(connection) == register_sha256


def unit_sizes(current: Current, today: date) -> Counter[str]:
    """Open accounts by unit, under which locks are counted too."""
    open_people = (person for person in current.people if person.account is not None and not person.account.locked)
    units = (home_unit(person.posts, person.last_unit, today) for person in open_people)
    return Counter(unit for unit in units if unit is not None)


_SIZES = text(
    """
    select unit_code, count(*) from (
      select distinct on (p.person_key) p.person_key, p.unit_code
      from register.posts p join register.accounts a using (person_key),
        lateral (select case when p.valid_to <= :today then 2 when p.valid_from <= :today then 1 else 3 end)
          turn (place)
      where not a.locked
        and p.person_key in (select person_key from register.posts where unit_code = any(:units))
      order by p.person_key, turn.place, case turn.place when 2 then p.valid_to end desc,
        p.kind <> 'main', p.kind, p.unit_code, p.position_code, p.valid_from
    ) home
    where unit_code = any(:units)
    group by unit_code
    """
)
"""As `hr_provisioner.posts.home_unit`: what holds, else what ended last, else what is to come."""


def read_unit_sizes(connection: Connection, units: Collection[str], today: date) -> Counter[str]:
    """As `unit_sizes`, of these units alone, without reading the whole directory."""
    rows = connection.execute(_SIZES, {"units": sorted(units), "today": today})
    return Counter({str(code): int(count) for code, count in rows})
