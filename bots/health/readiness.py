"""Whether a bot is fit to serve, and why not. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bots.health.vitals import Backlog, BotState, Vitals

MOST_SYNC_AGE_S = 120.0
"""A sync waits half a minute for something new, and through a restart of the server somewhat longer."""
FEWEST_KEYS = 5
MOST_LAG_S = 60.0


@dataclass(frozen=True)
class Reason:
    """One thing that keeps a bot from serving."""

    bot: str
    name: str
    said: str

    def as_json(self) -> dict[str, str]:
        return {"bot": self.bot, "reason": self.name, "said": self.said}


def reasons(bots: Mapping[str, Vitals], backlogs: Mapping[str, Backlog] | None, now: datetime) -> tuple[Reason, ...]:
    """Everything that is amiss; ready is who has none.

    Args:
        bots: by name.
        backlogs: by name; None when the database did not answer.
        now: the present moment.
    """
    found = [reason for vitals in bots.values() for reason in _of_bot(vitals, now)]
    if backlogs is None:
        found += [Reason(name, "database", "HueP's database does not answer") for name in bots]
    else:
        found += [reason for name in bots for reason in _of_backlog(name, backlogs.get(name, Backlog()))]
    return tuple(found)


def _of_bot(vitals: Vitals, now: datetime) -> Iterator[Reason]:
    if vitals.state is not BotState.READY:
        yield Reason(vitals.name, "state", f"{vitals.state}: {vitals.note}" if vitals.note else str(vitals.state))
        return
    device = vitals.device
    if device is None:
        return
    age_s = None if device.synced_at is None else (now - device.synced_at).total_seconds()
    if age_s is None or age_s > MOST_SYNC_AGE_S:
        yield Reason(vitals.name, "sync", "no sync yet" if age_s is None else f"the last sync was {age_s:.0f} s ago")
    if not device.signed:
        yield Reason(vitals.name, "signature", f"the device {device.device_id} is not signed by its owner")
    few = device.one_time_keys is not None and device.one_time_keys < FEWEST_KEYS
    if few and not device.fallback_key:
        yield Reason(vitals.name, "keys", f"{device.one_time_keys} one-time keys and no fallback key are left")


def _of_backlog(name: str, backlog: Backlog) -> Iterator[Reason]:
    lags = (("inbox", backlog.inbox_lag_s), ("outbox", backlog.outbox_lag_s), ("jobs", backlog.jobs_lag_s))
    for what, lag_s in lags:
        if lag_s > MOST_LAG_S:
            yield Reason(name, what, f"the oldest in the {what} has waited for {lag_s:.0f} s")
