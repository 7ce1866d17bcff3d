"""What a bot knows of its own messages: that it sent them, and in answer to what."""

from sqlalchemy import Engine, text

from bots.runtime.outbox import transaction_stem_for

_TRANSACTION = text(
    "select transaction_id from bots.outbox where bot = :bot and event_id = :event_id and room_id = :room_id"
)


class OutboxAnswers:
    """Asks the outbox, which remembers for as long as it keeps what was sent; synchronous."""

    def __init__(self, engine: Engine, bot: str) -> None:
        self._engine = engine
        self._bot = bot

    def is_ours(self, room_id: str, event_id: str) -> bool:
        """Whether we sent this event."""
        return self._transaction_id(room_id, event_id) is not None

    def is_answer_to(self, room_id: str, event_id: str, cause: str) -> bool:
        """Whether we sent this event in answer to the event `cause`."""
        transaction_id = self._transaction_id(room_id, event_id)
        return transaction_id is not None and transaction_id.startswith(transaction_stem_for(cause))

    def _transaction_id(self, room_id: str, event_id: str) -> str | None:
        with self._engine.connect() as connection:
            found = connection.execute(
                _TRANSACTION, {"bot": self._bot, "room_id": room_id, "event_id": event_id}
            ).scalar_one_or_none()
        return None if found is None else str(found)
