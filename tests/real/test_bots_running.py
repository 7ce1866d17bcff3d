"""The bots on the running province: health, doctor, notices, logs; and what other programs make of their secrets."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bots.matrix.connection import MatrixConnection
from bots.matrix.port import Text
from bots.matrix.transport import path_of
from bots.runtime.notices import want
from huep import secret_names
from huep.bots_settings import BOT_NAMES
from huep.clock import now
from huep.database import Role, connect_as
from tests.clients import js_sdk_client
from tests.clients.js_sdk_client import js_sdk
from tests.clients.lent_people import lend_person
from tests.conftest import Person, Province
from tests.real.test_assistant import ask, bot_of, device, notice_for

needs_js_sdk = pytest.mark.skipif(js_sdk_client.why_not() is not None, reason=str(js_sdk_client.why_not()))


async def health(stack: Province, path: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        return await http.get(stack.settings.bots.url() + path)


def doctor(stack: Province, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    done = stack.huep("bots", "doctor", "--json", *arguments, check=False)
    assert done.stdout.startswith("["), done.stdout + done.stderr
    return done.returncode, json.loads(done.stdout)


async def test_the_bots_tell_their_health(stack: Province) -> None:
    assert (await health(stack, "/live")).json() == {"status": "ok"}
    async with asyncio.timeout(60):
        while (ready := await health(stack, "/ready")).status_code != 200:
            await asyncio.sleep(0.5)
    page = await health(stack, "/metrics")
    figures = {
        (sample.name, sample.labels.get("bot")): sample.value
        for family in text_string_to_metric_families(page.text)
        for sample in family.samples
    }
    assert list(ready.json()["bots"]) == list(BOT_NAMES)
    for name, bot in ready.json()["bots"].items():
        assert (bot["state"], bot["device"]["signed"]) == ("ready", True)
        assert figures["huep_bots_up", name] == 1
        assert figures["huep_bots_one_time_keys", name] > 0
        assert figures["huep_bots_sync_age_seconds", name] < 60
        assert name in stack.huep("status").stdout


def test_the_doctor_finds_sound_bots(stack: Province) -> None:
    code, verdicts = doctor(stack)
    assert code == 0, verdicts
    about = ["account", "process", "signature", "keys", "secret storage", "rooms", "backlog", "crashes"]
    assert [(verdict["bot"], verdict["about"]) for verdict in verdicts] == [
        (name, thing) for name in BOT_NAMES for thing in about
    ]


def test_the_doctor_of_the_province_has_a_line_about_the_bots(stack: Province) -> None:
    said = json.loads(stack.huep("doctor", "--json", check=False).stdout)
    assert [(finding["severity"], finding["said"]) for finding in said if finding["where"] == "bots"] == [
        ("note", "ready: assistant, broadcasts.")
    ]


@needs_js_sdk
async def test_js_sdk_becomes_a_signed_device_of_the_bot_by_its_recovery_key_alone(stack: Province) -> None:
    localpart = stack.settings.accounts.assistant
    recovery_key = stack.state.read_secret(secret_names.bot_recovery_key(localpart))
    async with js_sdk() as client:
        taken = await client.ask(
            "take_over",
            url=stack.url,
            user_id=bot_of(stack),
            password=stack.state.read_secret(secret_names.bot_password(localpart)),
            recovery_key=recovery_key,
        )
    assert taken["in_secret_storage"]
    assert taken["has_private_keys"]
    assert taken["signed_by_owner"]
    assert taken["same_identity"]


def test_the_recovery_key_is_a_secret_of_its_own(stack: Province) -> None:
    localpart = stack.settings.accounts.assistant
    path = stack.state.secrets / secret_names.bot_recovery_key(localpart)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text().strip() not in (stack.state.logs / "bots.log").read_text()


# ---- System notices


@pytest.fixture(scope="module")
async def told(stack: Province, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Person, Any, str]]:
    """Somebody on a device that is not verified, who was told so: person, connection, the room of the notice."""
    person, folder = await lend_person(stack), tmp_path_factory.mktemp("told")
    async with device(stack, person, folder / "signed"):
        pass
    async with device(stack, person, folder / "unsigned", need_identity=False) as unsigned:
        await unsigned.next_batch()
        room_id = await unsigned.direct_room_with(bot_of(stack))
        await unsigned.send_text(room_id, Text("tôi là ai"))
        notices, said = await notice_for(unsigned, bot_of(stack))
        assert notices != room_id
        assert "Xác minh thiết bị này" in said
        yield person, unsigned, notices


async def test_a_notice_is_given_once_a_day_in_one_room(stack: Province, told: tuple[Person, Any, str]) -> None:
    person, unsigned, notices = told
    engine = connect_as(stack.settings, stack.state, Role.BOTS)
    try:
        with engine.begin() as connection:
            want(connection, person.user_id, "", now())
        assert await plain_words(unsigned, notices, 6.0) == []
        with engine.begin() as connection:
            want(connection, person.user_id, "ANOTHER", now())
        assert len(await plain_words(unsigned, notices, 30.0)) == 1
    finally:
        engine.dispose()


async def plain_words(connection: MatrixConnection, room_id: str, within_s: float) -> list[str]:
    """What is said in the room until something is, or the time is over."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while True:
                batch = await connection.next_batch()
                if words := [event.body for event in batch.events if event.room_id == room_id]:  # type: ignore[union-attr]
                    return words
    return []


async def test_nobody_but_the_bot_says_or_changes_anything_in_a_notice_room(
    stack: Province, told: tuple[Person, Any, str]
) -> None:
    person, unsigned, notices = told
    other = await lend_person(stack)
    history = await unsigned._transport.request("GET", f"{path_of('rooms', notices, 'messages')}?dir=b&limit=1")
    event_id = history["chunk"][0]["event_id"]
    attempts = (
        ("PUT", f"send/m.room.message/{now().timestamp()}", {"msgtype": "m.text", "body": "xin chào"}),
        ("PUT", "send/m.reaction/1", {"m.relates_to": {"rel_type": "m.annotation", "event_id": event_id, "key": "👍"}}),
        ("PUT", "state/m.room.topic/", {"topic": "xin chào"}),
        ("PUT", "state/m.room.encryption/", {"algorithm": "m.megolm.v1.aes-sha2"}),
        ("PUT", "state/m.room.power_levels/", {"users": {person.user_id: 100}}),
        ("PUT", "state/m.room.join_rules/", {"join_rule": "public"}),
        ("POST", "invite", {"user_id": other.user_id}),
    )
    async with httpx.AsyncClient(base_url=stack.url, trust_env=False, timeout=60) as http:
        headers = {"Authorization": f"Bearer {unsigned._transport.access_token}"}
        for method, path, body in attempts:
            url = f"/_matrix/client/v3/rooms/{notices}/{path}"
            answer = await http.request(method, url, json=body, headers=headers)
            assert answer.status_code == 403, (path, answer.text)
        asked = {"vn.huep.system_notice": True, "invite": [other.user_id], "name": "x"}
        made = await http.post("/_matrix/client/v3/createRoom", json=asked, headers=headers)
        if made.status_code == 200:
            room_id = made.json()["room_id"]
            state = await http.get(f"/_matrix/client/v3/rooms/{room_id}/state/m.room.encryption", headers=headers)
            assert state.json()["algorithm"] == "m.megolm.v1.aes-sha2"
        else:
            assert made.status_code == 403


async def test_whoever_left_the_notice_room_is_invited_again(stack: Province, told: tuple[Person, Any, str]) -> None:
    person, unsigned, notices = told
    await unsigned.leave(notices)
    engine = connect_as(stack.settings, stack.state, Role.BOTS)
    with engine.begin() as connection:
        want(connection, person.user_id, "A-THIRD", now())
    engine.dispose()
    room_id, _ = await notice_for(unsigned, bot_of(stack))
    assert room_id == notices


# ---- Logs


async def test_a_whole_conversation_leaves_no_words_in_any_log(stack: Province, tmp_path: Path) -> None:
    person, bot = await lend_person(stack), bot_of(stack)
    words = "chuyện riêng tư về khoản phụ cấp chức vụ"
    async with device(stack, person, tmp_path / "d") as connection:
        await connection.next_batch()
        room_id = await connection.direct_room_with(bot)
        answers = [(await ask(connection, room_id, bot, said)).body for said in ("tôi là ai", words, "don vi toi")]
        token = connection._transport.access_token
    log = (stack.state.logs / "bots.log").read_text()
    assert "ready" in log
    assert token not in log
    assert person.name not in log
    assert person.officer_code not in log
    for line in (words, *"\n".join(answers).splitlines()):
        if len(line) > 10:
            assert line not in log
    engine = connect_as(stack.settings, stack.state, Role.BOTS)
    engine.dispose()
