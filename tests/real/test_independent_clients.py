"""Two clients that share no code with the bots talk to the bot, and hold to MSC4153: only cross-signed devices count."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from mautrix.types import RoomKeyWithheldCode, TrustState

from tests.clients import js_sdk_client
from tests.clients.js_sdk_client import JsSdkDevice, js_sdk_device
from tests.clients.lent_people import lend_person
from tests.clients.mautrix_client import MautrixDevice, Received, mautrix_device
from tests.conftest import Person, Province

WHO_AM_I = "tôi là ai"
SECRET = "họp kín lúc 14 giờ"

# Mautrix reads a deprecated field of the messages and warns of it each time.
pytestmark = pytest.mark.filterwarnings("ignore:The sender_key field:DeprecationWarning")
needs_js_sdk = pytest.mark.skipif(js_sdk_client.why_not() is not None, reason=js_sdk_client.why_not() or "")


@pytest.fixture
def bot(stack: Province) -> str:
    return stack.settings.user_id(stack.settings.accounts.assistant)


# ---- mautrix, on libolm


@dataclass(frozen=True)
class MautrixTalk:
    """A person on mautrix who asked the bot who they are."""

    person: Person
    device: MautrixDevice
    room_id: str
    reply: Received


@pytest.fixture(scope="module")
async def mautrix_talk(stack: Province) -> AsyncIterator[MautrixTalk]:
    person = await lend_person(stack)
    bot = stack.settings.user_id(stack.settings.accounts.assistant)
    async with mautrix_device(stack.url, person.user_id, person.password) as device:
        room_id = await device.create_encrypted_room(bot)
        await device.until_joined(room_id, bot)
        await device.say(room_id, WHO_AM_I)
        yield MautrixTalk(person, device, room_id, await device.next_from(bot))


async def test_mautrix_and_the_bot_exchange_encrypted_messages_both_ways(mautrix_talk: MautrixTalk, bot: str) -> None:
    person, device = mautrix_talk.person, mautrix_talk.device
    assert person.name in mautrix_talk.reply.body
    assert person.officer_code in mautrix_talk.reply.body
    assert await device.types_sent_by(mautrix_talk.room_id, person.user_id) == {"m.room.encrypted"}
    assert await device.types_sent_by(mautrix_talk.room_id, bot) == {"m.room.encrypted"}


async def test_mautrix_sees_the_bots_device_as_cross_signed_by_its_owner(mautrix_talk: MautrixTalk, bot: str) -> None:
    device_id = mautrix_talk.reply.device_id
    chain = await mautrix_talk.device.chain_of(bot, device_id)
    assert chain.device_by_self_signing_key
    assert chain.self_signing_key_by_master_key
    assert await mautrix_talk.device.trust_in(bot, device_id) is TrustState.CROSS_SIGNED_TOFU
    assert mautrix_talk.reply.trust is TrustState.CROSS_SIGNED_TOFU


async def test_a_device_that_is_not_cross_signed_gets_no_keys_from_mautrix(
    stack: Province, mautrix_talk: MautrixTalk
) -> None:
    sender, colleague = mautrix_talk.device, await lend_person(stack)
    async with (
        mautrix_device(stack.url, colleague.user_id, colleague.password) as signed,
        mautrix_device(stack.url, colleague.user_id, colleague.password, cross_signed=False) as unsigned,
    ):
        room_id = await sender.create_encrypted_room(colleague.user_id)
        await signed.join(room_id)
        await sender.until_joined(room_id, colleague.user_id)
        await sender.say(room_id, SECRET)
        assert (await signed.next_from(sender.user_id)).body == SECRET
        await assert_refused(unsigned, sender.user_id)
        assert await sender.trust_in(colleague.user_id, signed.device_id) is TrustState.CROSS_SIGNED_TOFU
        assert await sender.trust_in(colleague.user_id, unsigned.device_id) is TrustState.UNVERIFIED
        assert not (await sender.chain_of(colleague.user_id, unsigned.device_id)).holds


async def assert_refused(unsigned: MautrixDevice, sender: str) -> None:
    """The device saw the message, was told that it gets no key, and has none."""
    message = await unsigned.encrypted_from(sender)
    refusal = await unsigned.refusal_for(message.content.session_id)
    assert refusal.code is RoomKeyWithheldCode.UNVERIFIED
    assert not await unsigned.is_given_the_key_of(message)
    assert unsigned.received == []


# ---- matrix-js-sdk, on the Rust SDK


@dataclass(frozen=True)
class JsSdkTalk:
    """A person on matrix-js-sdk who asked the bot who they are; `asked` and `reply` are what client.mjs says of both."""

    person: Person
    device: JsSdkDevice
    room_id: str
    asked: Any
    reply: Any


@pytest.fixture(scope="module")
async def js_sdk_talk(stack: Province) -> AsyncIterator[JsSdkTalk]:
    person = await lend_person(stack)
    bot = stack.settings.user_id(stack.settings.accounts.assistant)
    async with js_sdk_device(stack.url, person.user_id, person.password) as device:
        room_id = (await device.ask("create_encrypted_room", others=[bot]))["room_id"]
        await device.ask("until_joined", room_id=room_id, user_id=bot)
        asked = await device.ask("say", room_id=room_id, body=WHO_AM_I)
        reply = await device.ask("next_from", room_id=room_id, sender=bot)
        yield JsSdkTalk(person, device, room_id, asked, reply)


@needs_js_sdk
async def test_js_sdk_and_the_bot_exchange_encrypted_messages_both_ways(js_sdk_talk: JsSdkTalk) -> None:
    reply, room_id = js_sdk_talk.reply, js_sdk_talk.room_id
    assert reply["unreadable"] is None
    assert js_sdk_talk.person.name in reply["body"]
    assert js_sdk_talk.person.officer_code in reply["body"]
    for event_id in (js_sdk_talk.asked["event_id"], reply["event_id"]):
        kept = await js_sdk_talk.device.ask("on_the_server", room_id=room_id, event_id=event_id)
        assert kept["type"] == "m.room.encrypted"
        assert "body" not in kept["content"]


@needs_js_sdk
async def test_js_sdk_sees_the_bots_device_as_cross_signed_by_its_owner(js_sdk_talk: JsSdkTalk, bot: str) -> None:
    seen = await js_sdk_talk.device.ask("devices_of", user_id=bot)
    assert seen["has_identity"]
    assert seen["devices"][js_sdk_talk.reply["device_id"]]["signed_by_owner"]


@needs_js_sdk
async def test_js_sdk_shows_no_warning_at_the_bots_reply(js_sdk_talk: JsSdkTalk) -> None:
    assert (js_sdk_talk.reply["shield"], js_sdk_talk.reply["shield_reason"]) == ("NONE", None)


@needs_js_sdk
async def test_a_device_that_is_not_cross_signed_gets_no_keys_from_js_sdk_and_is_not_read(
    stack: Province, js_sdk_talk: JsSdkTalk
) -> None:
    js_sdk, sender, colleague = js_sdk_talk.device, js_sdk_talk.person.user_id, await lend_person(stack)
    async with (
        mautrix_device(stack.url, colleague.user_id, colleague.password) as signed,
        mautrix_device(stack.url, colleague.user_id, colleague.password, cross_signed=False) as unsigned,
    ):
        room_id = (await js_sdk.ask("create_encrypted_room", others=[colleague.user_id]))["room_id"]
        await signed.join(room_id)
        await js_sdk.ask("until_joined", room_id=room_id, user_id=colleague.user_id)
        await js_sdk.ask("say", room_id=room_id, body=SECRET)
        assert (await signed.next_from(sender)).body == SECRET
        await assert_refused(unsigned, sender)
        devices = (await js_sdk.ask("devices_of", user_id=colleague.user_id))["devices"]
        assert devices[signed.device_id]["signed_by_owner"]
        assert not devices[unsigned.device_id]["signed_by_owner"]

        await unsigned.say(room_id, "xin hãy tin tôi")
        unread = await js_sdk.ask("next_from", room_id=room_id, sender=colleague.user_id)
        assert (unread["body"], unread["unreadable"]) == (None, "UNSIGNED_SENDER_DEVICE")


# ---- The bot itself, watched from outside


async def test_the_bots_reply_cannot_be_read_by_a_device_that_is_not_cross_signed(stack: Province, bot: str) -> None:
    person = await lend_person(stack)
    async with (
        mautrix_device(stack.url, person.user_id, person.password) as signed,
        mautrix_device(stack.url, person.user_id, person.password, cross_signed=False) as unsigned,
    ):
        room_id = await signed.create_encrypted_room(bot)
        await signed.until_joined(room_id, bot)
        await signed.say(room_id, WHO_AM_I)
        assert person.name in (await signed.next_from(bot)).body
        assert not await unsigned.is_given_the_key_of(await unsigned.encrypted_from(bot))


async def test_the_bot_tells_a_device_that_is_not_cross_signed_how_to_become_one_in_a_room_of_its_own(
    stack: Province, bot: str
) -> None:
    person = await lend_person(stack)
    async with mautrix_device(stack.url, person.user_id, person.password, cross_signed=False) as unsigned:
        room_id = await unsigned.create_encrypted_room(bot)
        await unsigned.until_joined(room_id, bot)
        await unsigned.say(room_id, WHO_AM_I)
        notices = await unsigned.next_invitation()
        await unsigned.client.join_room_by_id(notices)
        await unsigned.until(lambda: any(message.sender == bot for message in unsigned.plain), "a word of the bot")
        [answer] = [message for message in unsigned.plain if message.sender == bot]
        assert answer.room_id == notices != room_id
        assert answer.content.msgtype.value == "m.notice"
        assert "Xác minh thiết bị này" in answer.content.body
        assert person.officer_code not in answer.content.body
        assert await unsigned.types_sent_by(room_id, bot) == set()
