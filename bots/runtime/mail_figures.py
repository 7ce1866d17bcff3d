"""How much waits in inbox and outbox, and for how long: for readiness, metrics and `huep bots doctor`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class MailFigures:
    """Of one bot."""

    inbox_open: int = 0
    inbox_lag_s: float = 0.0
    """How long the oldest open event has been waiting."""
    inbox_dead: int = 0
    outbox_open: int = 0
    """Waiting or on their way."""
    outbox_lag_s: float = 0.0
    """How long the oldest of them has been waiting since it was written, or since its hour came."""
    outbox_dead: int = 0


_FIGURES = text("""
select bot,
  coalesce(inbox_open, 0) as inbox_open, inbox_since, coalesce(inbox_dead, 0) as inbox_dead,
  coalesce(outbox_open, 0) as outbox_open, outbox_since, coalesce(outbox_dead, 0) as outbox_dead
from unnest(cast(:bots as text[])) as bot
left join (
  select bot, count(*) filter (where state = 'open') as inbox_open,
    count(*) filter (where state = 'dead') as inbox_dead, min(received_at) filter (where state = 'open') as inbox_since
  from bots.inbox where state in ('open', 'dead') group by bot
) inbox using (bot)
left join (
  select bot, count(*) filter (where state <> 'dead') as outbox_open,
    count(*) filter (where state = 'dead') as outbox_dead,
    min(greatest(created_at, not_before)) filter (where state <> 'dead') as outbox_since
  from bots.outbox where state in ('waiting', 'taken', 'dead') group by bot
) outbox using (bot)
""")


def read_figures(connection: Connection, bots: Sequence[str], now: datetime) -> Mapping[str, MailFigures]:
    """By bot."""

    def lag_s(since: datetime | None) -> float:
        return 0.0 if since is None else max(0.0, (now - since).total_seconds())

    return {
        row.bot: MailFigures(
            inbox_open=row.inbox_open,
            inbox_lag_s=lag_s(row.inbox_since),
            inbox_dead=row.inbox_dead,
            outbox_open=row.outbox_open,
            outbox_lag_s=lag_s(row.outbox_since),
            outbox_dead=row.outbox_dead,
        )
        for row in connection.execute(_FIGURES, {"bots": list(bots)})
    }
