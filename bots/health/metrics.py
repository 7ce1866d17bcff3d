"""What Prometheus reads of the bots: from their vitals and the tables at the moment of asking.

Source of the names: Prometheus' conventions (base units, `_total` for what only grows).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bots.health.vitals import Backlog, BotState, Vitals

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class BotMetrics(Collector):
    """All figures of the bots of one process.

    Args:
        bots: by name.
        backlogs: by name; None when the database did not answer, and its figures are left out.
        now: the present moment.
    """

    def __init__(self, bots: Mapping[str, Vitals], backlogs: Mapping[str, Backlog] | None, now: datetime) -> None:
        self._bots = bots
        self._backlogs = backlogs
        self._now = now

    def collect(self) -> Iterable[Metric]:
        """Every family."""
        yield from self._states()
        yield from self._devices()
        yield from self._waiting()

    def _states(self) -> Iterable[Metric]:
        up = _gauge("up", "1 for a bot that is ready.")
        restarts = CounterMetricFamily("huep_bots_restarts", "Starts after the first.", labels=["bot"])
        starting = _gauge("start_seconds", "From its start to its being ready, the last time.")
        for vitals in self._bots.values():
            up.add_metric([vitals.name], float(vitals.state is BotState.READY))
            restarts.add_metric([vitals.name], vitals.restarts)
            if vitals.started_in_s is not None:
                starting.add_metric([vitals.name], vitals.started_in_s)
        yield from (up, restarts, starting)

    def _devices(self) -> Iterable[Metric]:
        synced = _gauge("sync_age_seconds", "Since the last answer to a sync.")
        signed = _gauge("device_signed", "1 where its owner has signed the bot's device.")
        keys = _gauge("one_time_keys", "One-time keys that the server has left.")
        fallback = _gauge("fallback_key", "1 where the server has a fallback key that nobody used.")
        without = _gauge("devices_without_keys", "Devices of others that have run out of keys.")
        for vitals in self._bots.values():
            if (device := vitals.device) is None:
                continue
            signed.add_metric([vitals.name], float(device.signed))
            fallback.add_metric([vitals.name], float(device.fallback_key))
            without.add_metric([vitals.name], device.devices_without_keys)
            if device.one_time_keys is not None:
                keys.add_metric([vitals.name], device.one_time_keys)
            if device.synced_at is not None:
                synced.add_metric([vitals.name], (self._now - device.synced_at).total_seconds())
        yield from (synced, signed, keys, fallback, without)

    def _waiting(self) -> Iterable[Metric]:
        if self._backlogs is None:
            return
        waits = GaugeMetricFamily("huep_bots_waiting", "What waits, by place.", labels=["bot", "place"])
        lags = GaugeMetricFamily("huep_bots_lag_seconds", "How long the oldest has waited.", labels=["bot", "place"])
        dead = GaugeMetricFamily("huep_bots_dead", "What was given up, by place.", labels=["bot", "place"])
        for name, backlog in self._backlogs.items():
            for place, count, lag_s in (
                ("inbox", backlog.inbox, backlog.inbox_lag_s),
                ("outbox", backlog.outbox, backlog.outbox_lag_s),
                ("jobs", backlog.jobs, backlog.jobs_lag_s),
            ):
                waits.add_metric([name, place], count)
                lags.add_metric([name, place], lag_s)
            dead.add_metric([name, "inbox"], backlog.dead_events)
            dead.add_metric([name, "outbox"], backlog.dead)
            dead.add_metric([name, "jobs"], backlog.dead_jobs)
        yield from (waits, lags, dead)


def exposition(bots: Mapping[str, Vitals], backlogs: Mapping[str, Backlog] | None, now: datetime) -> bytes:
    """The page that Prometheus scrapes, in CONTENT_TYPE; arguments as in `BotMetrics`."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(BotMetrics(bots, backlogs, now))
    return generate_latest(registry)


def _gauge(name: str, says: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"huep_bots_{name}", says, labels=["bot"])
