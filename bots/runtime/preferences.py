"""What a person chose about the bots; the language so far."""

from typing import Protocol

from sqlalchemy import Engine, text

from huep.catalogue import Locale


class Preferences(Protocol):
    """Where choices are kept."""

    def locale_of(self, user_id: str) -> Locale | None:
        """The language chosen, None before any choice."""
        ...

    def choose_locale(self, user_id: str, locale: Locale) -> None: ...


class DatabasePreferences:
    """Choices in `bots.preferences`; those read once are remembered, since this process is their only writer."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[str, Locale | None] = {}

    def locale_of(self, user_id: str) -> Locale | None:
        if user_id not in self._known:
            with self._engine.connect() as connection:
                row = connection.execute(
                    text("select locale from bots.preferences where user_id = :user_id"), {"user_id": user_id}
                ).first()
            self._known[user_id] = None if row is None else Locale(row.locale)
        return self._known[user_id]

    def choose_locale(self, user_id: str, locale: Locale) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                text(
                    "insert into bots.preferences (user_id, locale) values (:user_id, :locale) "
                    "on conflict (user_id) do update set locale = excluded.locale"
                ),
                {"user_id": user_id, "locale": locale.value},
            )
        self._known[user_id] = locale
