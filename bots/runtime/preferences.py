"""What a person settled about the bots: the language, and the hours in which phones stay silent."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol

from sqlalchemy import Connection, Engine, text

from bots.runtime.capabilities import Write
from huep.catalogue import Locale
from huep.clock import PROVINCE_TIMEZONE


@dataclass(frozen=True)
class QuietHours:
    """Hours of every day, in the province's time; `start` belongs to them, `end` does not."""

    start: time
    end: time
    """Earlier than `start` where midnight lies between."""

    def hold(self, moment: datetime) -> bool:
        """Whether `moment`, aware, lies within them."""
        clock = moment.astimezone(PROVINCE_TIMEZONE).time()
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end

    def over_at(self, moment: datetime) -> datetime | None:
        """When they are over, where `moment` lies within them; None where it does not."""
        if not self.hold(moment):
            return None
        local = moment.astimezone(PROVINCE_TIMEZONE)
        ends = datetime.combine(local.date(), self.end, PROVINCE_TIMEZONE)
        return ends if ends > local else ends + timedelta(days=1)


class Preferences(Protocol):
    """Where choices are kept. What it writes is committed with the outcome."""

    def locale_of(self, user_id: str) -> Locale | None:
        """The language chosen, None before any choice."""
        ...

    def quiet_hours_of(self, user_id: str) -> QuietHours | None:
        """The hours chosen, None where phones may ring at any time."""
        ...

    def choosing_locale(self, user_id: str, locale: Locale) -> Write: ...

    def choosing_quiet_hours(self, user_id: str, hours: QuietHours | None) -> Write: ...


class DatabasePreferences:
    """Choices in `bots.preferences`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def locale_of(self, user_id: str) -> Locale | None:
        with self._engine.connect() as connection:
            row = connection.execute(
                text("select locale from bots.preferences where user_id = :user_id"), {"user_id": user_id}
            ).first()
        return None if row is None or row.locale is None else Locale(row.locale)

    def quiet_hours_of(self, user_id: str) -> QuietHours | None:
        with self._engine.connect() as connection:
            row = connection.execute(
                text("select quiet_from, quiet_until from bots.preferences where user_id = :user_id"),
                {"user_id": user_id},
            ).first()
        return None if row is None or row.quiet_from is None else QuietHours(row.quiet_from, row.quiet_until)

    def choosing_locale(self, user_id: str, locale: Locale) -> Write:
        def write(connection: Connection) -> None:
            connection.execute(
                text(
                    "insert into bots.preferences (user_id, locale) values (:user_id, :locale) "
                    "on conflict (user_id) do update set locale = excluded.locale"
                ),
                {"user_id": user_id, "locale": locale.value},
            )

        return write

    def choosing_quiet_hours(self, user_id: str, hours: QuietHours | None) -> Write:
        def write(connection: Connection) -> None:
            connection.execute(
                text(
                    "insert into bots.preferences (user_id, quiet_from, quiet_until) values (:user_id, :start, :end) "
                    "on conflict (user_id) do update "
                    "set quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until"
                ),
                {"user_id": user_id, "start": hours and hours.start, "end": hours and hours.end},
            )

        return write
