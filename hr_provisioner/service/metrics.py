"""What Prometheus reads: every figure comes from the tables at the moment of asking, so a restart loses none.

Source of the names: Prometheus' conventions (base units, `_total` for what only grows).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, Engine, text

from hr_provisioner.approvals import plan_store
from hr_provisioner.service.hints import LOCKED
from hr_provisioner.snapshots import store as snapshot_store
from huep.clock import Clock, now

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LAG_BUCKETS_S = (0.5, 1, 2, 5, 10, 30, 60, 300, 3600, 86_400)
"""From the hint that somebody left to the lock in force."""


class ReconcilerMetrics(Collector):
    """Reads all figures of the provisioner.

    Args:
        engine: of `Role.HR`.
        approval_hours: `[hr] approval_hours`: so long does a register wait for two officers.
        clock: the present moment.
    """

    def __init__(self, engine: Engine, approval_hours: int, clock: Clock = now) -> None:
        self._engine = engine
        self._approval_hours = approval_hours
        self._clock = clock

    def collect(self) -> Iterable[Metric]:
        """Every family, in one transaction."""
        with self._engine.connect() as connection:
            moment = self._clock()
            yield from _snapshot(connection, moment)
            yield from _waiting(connection, moment, self._approval_hours)
            yield from _actions(connection)
            yield from _accounts(connection)
            yield _leave_to_lock(connection)
            yield from _audit_head(connection)


def exposition(engine: Engine, approval_hours: int, clock: Clock = now) -> bytes:
    """The page that Prometheus scrapes, in CONTENT_TYPE; arguments as in `ReconcilerMetrics`."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(ReconcilerMetrics(engine, approval_hours, clock))
    return generate_latest(registry)


def _snapshot(connection: Connection, moment: datetime) -> Iterable[Metric]:
    row = connection.execute(
        text(
            "select exported_at, received_at, rows, quarantined_rows, people from hr.snapshots "
            "where state = 'accepted' order by exported_at desc limit 1"
        )
    ).first()
    if row is None:
        return
    yield _gauge(
        "snapshot_age_seconds", "Age of the last accepted register's export.", (moment - row[0]).total_seconds()
    )
    yield _gauge("snapshot_received_timestamp_seconds", "When it was read.", row[1].timestamp())
    yield _gauge("snapshot_rows", "Rows of the last accepted register.", row[2])
    yield _gauge("quarantined_rows", "Rows of it that are quarantined.", row[3])
    yield _gauge("snapshot_people", "People in it.", row[4])


def _waiting(connection: Connection, moment: datetime, approval_hours: int) -> Iterable[Metric]:
    waits = GaugeMetricFamily("huep_hr_parked", "What waits for two officers.", labels=["subject"])
    waits.add_metric(["plan"], len(plan_store.parked(connection, moment)))
    since = moment - timedelta(hours=approval_hours)
    waits.add_metric(["snapshot"], sum(stored.received_at > since for stored in snapshot_store.parked(connection)))
    yield waits
    trips = CounterMetricFamily("huep_hr_guard_trips", "Plans that the guard has parked.")
    # Plans are deleted in time; the audit log is not.
    parked = text("select count(*) from audit.entries where act = 'plan.park'")
    trips.add_metric([], connection.execute(parked).scalar_one())
    yield trips
    hints = GaugeMetricFamily("huep_hr_hints", "Webhook events by state.", labels=["state"])
    for state, count in connection.execute(text("select state, count(*) from hr.hints group by state")):
        hints.add_metric([state], count)
    yield hints
    absent = connection.execute(text("select count(*) from hr.missing")).scalar_one()
    yield _gauge("absent_people", "People with an account whom the last registers did not list.", absent)


def _actions(connection: Connection) -> Iterable[Metric]:
    actions = CounterMetricFamily(
        "huep_hr_actions", "Actions of all plans that ran, by name and outcome.", labels=["action", "state"]
    )
    query = (
        "select name, state, count(*), count(*) filter (where state = 'done' and strpos(action, :again) > 0) "
        "from hr.run_actions where name <> '' group by name, state"
    )
    mended = 0
    for name, state, count, again in connection.execute(text(query), {"again": '"again":true'}):
        actions.add_metric([name, state], count)
        mended += again
    yield actions
    unfinished = connection.execute(text("select count(*) from hr.runs where finished_at is null")).scalar_one()
    yield _gauge("runs_unfinished", "Runs at work, or cut off.", unfinished)
    drift = CounterMetricFamily("huep_hr_drift_mended", "What the homeserver had lost and a plan brought back.")
    drift.add_metric([], mended)
    yield drift


def _accounts(connection: Connection) -> Iterable[Metric]:
    accounts = GaugeMetricFamily("huep_hr_accounts", "Accounts of people.", labels=["state"])
    locked, total = connection.execute(
        text("select count(*) filter (where locked), count(*) from register.accounts")
    ).one()
    accounts.add_metric(["open"], total - locked)
    accounts.add_metric(["locked"], locked)
    yield accounts
    memberships = connection.execute(text("select count(*) from register.memberships where not done")).scalar_one()
    yield _gauge("memberships_open", "Joins and leaves of unit rooms still to be done.", memberships)


def _leave_to_lock(connection: Connection) -> Metric:
    """From a hint to the lock that came of it."""
    lags = [
        float(lag)
        for lag in connection.execute(
            text(
                "select extract(epoch from h.settled_at - h.received_at) from hr.hints h "
                "where h.state = 'done' and h.outcome = :locked"
            ),
            {"locked": LOCKED},
        ).scalars()
    ]
    buckets = [(str(float(bound)), float(sum(lag <= bound for lag in lags))) for bound in LAG_BUCKETS_S]
    family = HistogramMetricFamily("huep_hr_leave_to_lock_seconds", "From the webhook to the lock in force.")
    family.add_metric([], [*buckets, ("+Inf", float(len(lags)))], sum(lags))
    return family


def _gauge(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"huep_hr_{name}", says, value=value)


def _audit_head(connection: Connection) -> Iterable[Metric]:
    """The head of the audit chain: whoever scrapes from another host keeps it where root here cannot rewrite it."""
    row = connection.execute(
        text("select seq, encode(hash, 'hex') from audit.entries order by seq desc limit 1")
    ).first()
    if row is not None:
        head = GaugeMetricFamily(
            "huep_audit_head", "Entries of the audit chain; the hash of the last.", labels=["hash"]
        )
        head.add_metric([row[1]], row[0])
        yield head
