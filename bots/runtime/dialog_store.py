"""Dialogs in PostgreSQL, in `bots.dialogs`; what people said in them is sealed."""

import json
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, Row, text

from bots.matrix.port import TextMessage
from bots.runtime.capabilities import Write
from bots.runtime.dialogs import Dialog, DialogMoved, Offer, Stage
from bots.runtime.event_json import EventUnknown, read_event, write_event
from bots.sealing import Seal, SealBroken
from huep.catalogue import Locale

log = structlog.get_logger(__name__)

UNREADABLE: dict[str, Any] = {"filled": {}, "offered": [], "shown": ""}

_OF = text("select * from bots.dialogs where bot = :bot and room_id = :room_id and user_id = :user_id")
_OVER = text("select * from bots.dialogs where bot = :bot and expires_at <= :moment order by expires_at limit :most")
_OPEN = text("""
insert into bots.dialogs (bot, room_id, user_id, scene, stage, step, said, cause, locale, asked_at, expires_at, turn)
values (:bot, :room_id, :user_id, :scene, :stage, :step, :said, :cause, :locale, :asked_at, :expires_at, 1)
on conflict do nothing
""")
_GO_ON = text("""
update bots.dialogs set scene = :scene, stage = :stage, step = :step, said = :said, cause = :cause, locale = :locale,
  asked_at = :asked_at, expires_at = :expires_at, turn = turn + 1
where bot = :bot and room_id = :room_id and user_id = :user_id and turn = :turn
""")
_CLOSE = text(
    "delete from bots.dialogs where bot = :bot and room_id = :room_id and user_id = :user_id and turn = :turn"
)


class DatabaseDialogs:
    """The dialogs of one bot.

    Args:
        engine: of `Role.BOTS`.
        bot: localpart of its account.
        seal: closes what was said.
    """

    def __init__(self, engine: Engine, bot: str, seal: Seal) -> None:
        self._engine = engine
        self._bot = bot
        self._seal = seal

    def of(self, room_id: str, user_id: str) -> Dialog | None:
        with self._engine.connect() as connection:
            row = connection.execute(_OF, {"bot": self._bot, "room_id": room_id, "user_id": user_id}).first()
        return None if row is None else self._dialog(row)

    def over(self, moment: datetime, most: int) -> tuple[Dialog, ...]:
        with self._engine.connect() as connection:
            rows = connection.execute(_OVER, {"bot": self._bot, "moment": moment, "most": most})
            return tuple(self._dialog(row) for row in rows)

    def keep(self, dialog: Dialog) -> Write:
        said = {
            "filled": dict(dialog.filled),
            "offered": [[offer.label, offer.value] for offer in dialog.offered],
            "shown": dialog.shown,
            "gathered": dialog.gathered,
            "place": dialog.place,
            "asked_aside": None if dialog.aside is None else write_event(dialog.aside).decode(),
        }
        values = self._named(dialog) | {
            "scene": dialog.scene,
            "stage": dialog.stage.value,
            "step": dialog.step,
            "said": self._seal.close(json.dumps(said, ensure_ascii=False).encode(), *self._about(dialog)),
            "cause": dialog.cause,
            "locale": dialog.locale.value,
            "asked_at": dialog.asked_at,
            "expires_at": dialog.expires_at,
        }

        def write(connection: Connection) -> None:
            if connection.execute(_GO_ON if dialog.turn else _OPEN, values).rowcount != 1:
                raise DialogMoved(dialog)

        return write

    def close(self, dialog: Dialog) -> Write:
        def write(connection: Connection) -> None:
            if connection.execute(_CLOSE, self._named(dialog)).rowcount != 1:
                raise DialogMoved(dialog)

        return write

    def _named(self, dialog: Dialog) -> dict[str, object]:
        return {"bot": self._bot, "room_id": dialog.room_id, "user_id": dialog.user_id, "turn": dialog.turn}

    def _about(self, row: Dialog | Row[Any]) -> tuple[str, ...]:
        return self._bot, row.room_id, row.user_id, row.scene

    def _dialog(self, row: Row[Any]) -> Dialog:
        try:
            said, expires_at = json.loads(self._seal.open(row.said, *self._about(row))), row.expires_at
            aside = _message(said.get("asked_aside"))
        except (SealBroken, EventUnknown):
            log.warning("a dialog does not open, and is taken for over", room_id=row.room_id, scene=row.scene)
            said, expires_at, aside = UNREADABLE, row.asked_at, None
        return Dialog(
            room_id=row.room_id,
            user_id=row.user_id,
            scene=row.scene,
            stage=Stage(row.stage),
            cause=row.cause,
            locale=Locale(row.locale),
            asked_at=row.asked_at,
            expires_at=expires_at,
            step=row.step,
            filled=said["filled"],
            offered=tuple(Offer(label, value) for label, value in said["offered"]),
            shown=said["shown"],
            gathered=said.get("gathered"),
            place=said.get("place"),
            aside=aside,
            turn=row.turn,
        )


def _message(kept: str | None) -> TextMessage | None:
    message = None if kept is None else read_event(TextMessage.__name__, kept.encode())
    return message if isinstance(message, TextMessage) else None
