"""A person who asks the bot and remembers every answer to every question."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

from bots.matrix.connection import MatrixConnection, connect_from_folder
from bots.matrix.errors import MatrixError
from bots.matrix.port import Text, TextMessage
from bots.matrix.transport import path_of
from bots.matrix.trust import Origin
from huep.stack.accounts import open_admin
from tests.clients.waiting import until
from tests.conftest import Person, Province

QUESTIONS = ("tôi là ai", "TOI LA AI", "who am i")
"""The answer to each of them names the person."""
TRY_AGAIN_S = 0.5
SENT_WITHIN_S = 180.0
HISTORY_PAGE = 500


@dataclass
class Asker:
    """One device, one encrypted room with the bot, everything asked and everything answered there."""

    province: Province
    person: Person
    connection: MatrixConnection
    room_id: str = ""
    asked: dict[str, str] = field(default_factory=dict)
    answers: dict[str, list[TextMessage]] = field(default_factory=lambda: defaultdict(list))

    @property
    def bot(self) -> str:
        return self.province.settings.user_id(self.province.settings.accounts.assistant)

    async def listen(self) -> None:
        """Take in what comes, for ever."""
        while True:
            batch = await self.connection.next_batch()
            await self.connection.commit(batch)
            for event in batch.events:
                if isinstance(event, TextMessage) and event.sender == self.bot and event.reply_to is not None:
                    self.answers[event.reply_to].append(event)

    async def ask(self, question: str) -> str:
        """Send until the homeserver has it; returns the event ID."""
        transaction_id = uuid4().hex
        async with asyncio.timeout(SENT_WITHIN_S):
            while True:
                try:
                    event_id = await self.connection.send_text(self.room_id, Text(question), transaction_id)
                except MatrixError:
                    await asyncio.sleep(TRY_AGAIN_S)
                else:
                    self.asked[event_id] = question
                    return event_id

    async def answered(self, event_id: str, within_s: float) -> TextMessage:
        """The first answer to one question."""
        async with asyncio.timeout(within_s):
            while not self.answers[event_id]:
                await asyncio.sleep(0.05)
        return self.answers[event_id][0]

    def unanswered(self) -> list[str]:
        """What was asked and has no answer so far."""
        return [event_id for event_id in self.asked if not self.answers[event_id]]

    async def all_answered(self, within_s: float) -> None:
        """Wait for an answer to everything asked so far."""
        try:
            await until(lambda: not self.unanswered(), within_s)
        except TimeoutError:
            silent = self.unanswered()
            raise AssertionError(
                f"{len(silent)} of {len(self.asked)} questions were never answered: {silent}"
            ) from None

    def check_answers(self) -> None:
        """Each answer is the right one, by a device that the bot's owner signed."""
        for event_id, question in self.asked.items():
            for answer in self.answers[event_id]:
                assert answer.origin is Origin.CROSS_SIGNED, (question, answer)
                assert self.person.name in answer.body, (question, answer)

    async def history(self) -> list[dict[str, object]]:
        """Every event of the room as the homeserver keeps it, still encrypted."""
        events: list[dict[str, object]] = []
        position: str | None = ""
        while position is not None:
            query = {"dir": "b", "limit": str(HISTORY_PAGE), **({"from": position} if position else {})}
            path = f"{path_of('rooms', self.room_id, 'messages')}?{urlencode(query)}"
            page = await self.connection._transport.request("GET", path)
            events += page["chunk"]
            position = page.get("end")
        return events

    async def replies_on_server(self) -> Counter[str]:
        """How many events of the bot reply to which event, read from what stands unencrypted beside the ciphertext."""
        replies: Counter[str] = Counter()
        for event in await self.history():
            content = event["content"]
            if event["sender"] == self.bot and isinstance(content, dict):
                target = ((content.get("m.relates_to") or {}).get("m.in_reply_to") or {}).get("event_id")
                if target is not None:
                    replies[target] += 1
        return replies


@asynccontextmanager
async def asking(province: Province, person: Person, folder: Path, device_id: str = "SOAK") -> AsyncIterator[Asker]:
    """A device of `person` that listens, in a room with the bot; they may write as fast as they like."""
    async with open_admin(province.settings, province.state) as admin:
        await admin.lift_rate_limits(person.user_id)
    async with connect_from_folder(
        province.url, folder, person.user_id, lambda: person.password, device_id=device_id, display_name="soak"
    ) as connection:
        await connection.commit(await connection.next_batch())
        asker = Asker(province, person, connection)
        asker.room_id = await connection.direct_room_with(asker.bot)
        listening = asyncio.create_task(asker.listen())
        try:
            yield asker
        finally:
            listening.cancel()
            ended = (await asyncio.gather(listening, return_exceptions=True))[0]
        assert isinstance(ended, asyncio.CancelledError), ended
