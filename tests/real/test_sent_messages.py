"""A device finds its own message by the transaction ID in the room itself, where no server forgets it."""

import time
from pathlib import Path
from uuid import uuid4

import pytest

from bots.matrix import sent
from bots.matrix.port import Text
from tests.clients.lent_people import lend_person
from tests.conftest import Province
from tests.real.test_assistant import bot_of, device


async def test_a_message_is_found_under_its_transaction_by_its_device_alone(
    stack: Province, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent, "PAGE", 2)
    person, transaction_id = await lend_person(stack), f"huep-{uuid4().hex}-0"
    async with (
        device(stack, person, tmp_path / "one") as connection,
        device(stack, person, tmp_path / "two", need_identity=False) as other,
    ):
        await connection.next_batch()
        room_id = await connection.direct_room_with(bot_of(stack))
        event_id = await connection.send_text(room_id, Text("x"), transaction_id)
        for _ in range(5):
            await connection.send_text(room_id, Text("y"))
        a_minute_ago_ms, tomorrow_ms = (int((time.time() + seconds) * 1000) for seconds in (-60, 86_400))
        assert await connection.find_sent(room_id, transaction_id, a_minute_ago_ms) == event_id
        assert await connection.find_sent(room_id, f"{transaction_id}1", a_minute_ago_ms) is None
        assert await connection.find_sent(room_id, transaction_id, tomorrow_ms) is None, "it looks no further back"
        assert await other.find_sent(room_id, transaction_id, a_minute_ago_ms) is None
