"""Telling people whose device is not verified how to verify it: one fixed sentence, in clear, once a day a device.

A handler only writes down that somebody is to be told (`want`); whoever holds the bot's connection tells them.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog
from sqlalchemy import Connection, Engine, text

from bots.matrix.errors import MatrixError, RequestRefused
from bots.runtime.outbox import transaction_id_for
from bots.runtime.patience import in_transaction, is_passing, is_set_within
from huep.catalogue import Catalogue, Locale
from huep.clock import PROVINCE_TIMEZONE, Clock

log = structlog.get_logger(__name__)

MESSAGES = Catalogue("bots.runtime")
NOT_AGAIN_WITHIN = timedelta(days=1)
MOST_AT_ONCE = 20
LOOK_EVERY_S = 2.0
AGAIN_AFTER_S = 30.0
GIVE_UP_AFTER = timedelta(days=1)
"""A notice that could not be given for so long is of no use any more."""


class NoticePort(Protocol):
    """What telling needs of a connection."""

    async def notice_room(self, user_id: str, known: str | None, name: str, topic: str) -> str:
        """The room for notices to this person, `known` or a new one, with the person in it or invited."""
        ...

    async def send_plain_notice(self, room_id: str, body: str, transaction_id: str | None = None) -> str: ...


@dataclass(frozen=True)
class Notice:
    """Somebody who is to be told."""

    user_id: str
    device_id: str
    wanted_at: datetime
    room_id: str | None
    """Of an earlier notice."""
    locale: Locale


def want(connection: Connection, user_id: str, device_id: str, now: datetime) -> None:
    """Have the person told about this device, unless they were within a day.

    Args:
        connection: of the transaction in which the message is settled.
        user_id: the person.
        device_id: the device that is not verified; empty where it cannot be known.
        now: the present moment.
    """
    connection.execute(
        text(
            "insert into bots.notices (user_id, device_id, wanted_at) values (:user_id, :device_id, :now) "
            "on conflict (user_id, device_id) do update set wanted_at = excluded.wanted_at, told_at = null "
            "where notices.told_at <= :before"
        ),
        {"user_id": user_id, "device_id": device_id, "now": now, "before": now - NOT_AGAIN_WITHIN},
    )


class Notices:
    """Gives the notices that are wanted.

    Args:
        port: of the account that makes the rooms.
        engine: with the rights of the bots' role.
        clock: the present moment.
    """

    def __init__(self, port: NoticePort, engine: Engine, clock: Clock) -> None:
        self._port = port
        self._engine = engine
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Look for wanted notices until `stop` is set."""
        while not stop.is_set():
            pause_s = LOOK_EVERY_S
            try:
                await self.tell_all()
            except Exception as error:
                if is_passing(error) or isinstance(error, MatrixError):
                    log.warning("notices go on later", after_s=AGAIN_AFTER_S, error=type(error).__name__)
                else:
                    # A fault of our own: whoever asks the bot is answered all the same.
                    log.exception("notices go on later", after_s=AGAIN_AFTER_S)
                pause_s = AGAIN_AFTER_S
            await is_set_within(stop, pause_s)

    async def tell_all(self) -> int:
        """Give every notice that is wanted now; returns how many.

        Raises:
            MatrixError: the homeserver cannot, for now.
        """
        told = 0
        for notice in await in_transaction(self._engine, lambda connection: _open(connection, self._clock())):
            try:
                await self._tell(notice)
            except RequestRefused as error:
                if error.status >= 500 or error.status == 429:
                    raise
                log.warning("a person could not be told", user_id=notice.user_id, error=str(error))
            await in_transaction(self._engine, partial(_note_told, notice=notice, now=self._clock()))
            told += 1
        return told

    async def _tell(self, notice: Notice) -> None:
        name, topic, body = (
            MESSAGES.text(notice.locale, message) for message in ("notice-room", "notice-topic", "notice-verify")
        )
        room_id = await self._port.notice_room(notice.user_id, notice.room_id, name, topic)
        if room_id != notice.room_id:
            keep = partial(_keep_room, user_id=notice.user_id, room_id=room_id, now=self._clock())
            await in_transaction(self._engine, keep)
        await self._port.send_plain_notice(room_id, body, transaction_id=transaction_id_of(notice))
        log.info("a person was told to verify a device", user_id=notice.user_id)


def transaction_id_of(notice: Notice) -> str:
    """The same for the same device and day, so that a notice whose answer was lost is no second one."""
    day = notice.wanted_at.astimezone(PROVINCE_TIMEZONE).date()
    named = f"notice {notice.user_id} {notice.device_id} {day}"
    return transaction_id_for(named)


def _open(connection: Connection, now: datetime) -> list[Notice]:
    connection.execute(
        text("update bots.notices set told_at = wanted_at where told_at is null and wanted_at < :before"),
        {"before": now - GIVE_UP_AFTER},
    )
    rows = connection.execute(
        text(
            "select n.user_id, n.device_id, n.wanted_at, r.room_id, p.locale from bots.notices n "
            "left join bots.notice_rooms r using (user_id) left join bots.preferences p using (user_id) "
            "where n.told_at is null order by n.wanted_at limit :most"
        ),
        {"most": MOST_AT_ONCE},
    )
    return [
        Notice(row.user_id, row.device_id, row.wanted_at, row.room_id, Locale(row.locale or Locale.VI)) for row in rows
    ]


def _keep_room(connection: Connection, user_id: str, room_id: str, now: datetime) -> None:
    connection.execute(
        text(
            "insert into bots.notice_rooms (user_id, room_id, made_at) values (:user_id, :room_id, :now) "
            "on conflict (user_id) do update set room_id = excluded.room_id, made_at = excluded.made_at"
        ),
        {"user_id": user_id, "room_id": room_id, "now": now},
    )


def _note_told(connection: Connection, notice: Notice, now: datetime) -> None:
    connection.execute(
        text(
            "update bots.notices set told_at = :now "
            "where user_id = :user_id and device_id = :device_id and wanted_at = :wanted_at"
        ),
        {"now": now, "user_id": notice.user_id, "device_id": notice.device_id, "wanted_at": notice.wanted_at},
    )
