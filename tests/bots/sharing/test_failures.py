"""What happens when the server fails while a key is shared."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bots.matrix import batches
from bots.matrix.client import CryptoClient
from bots.matrix.errors import RequestRefused, ServerUnreachable
from bots.matrix.signing import Json
from tests.bots.key_server import KeyServer, refused
from tests.bots.sharing.talk import ANH, BINH, ROOM, changed, member_event, say


@pytest.mark.parametrize("failing", ["keys/query", "keys/claim", "sendToDevice"])
async def test_after_a_failure_nothing_hangs_and_everybody_is_shared_with(
    client: CryptoClient, server: KeyServer, failing: str
) -> None:
    [phone] = server.joins(ANH, ROOM, "PHONE")

    def fail(path: str, _: Any) -> None:
        if failing in path:
            raise ServerUnreachable("http://test")

    server.before = fail
    with pytest.raises(ServerUnreachable):
        await say(client, "một")
    server.before = lambda *_: None
    assert phone.read(await asyncio.wait_for(say(client, "hai"), 5)) == "hai"


@pytest.mark.parametrize("status", [500, 429])
async def test_a_batch_that_failed_is_tried_again_and_delivered_once(
    client: CryptoClient, server: KeyServer, status: int
) -> None:
    [phone] = server.joins(ANH, ROOM, "PHONE")
    answer, failures = server.request, [1]

    async def answer_lost(method: str, path: str, body: Any = None, **options: object) -> Json:
        found = await answer(method, path, body, **options)
        if "m.room.encrypted" in path and failures:
            failures.pop()
            raise refused(status) if status == 500 else ServerUnreachable("http://test")
        return found

    server.request = answer_lost  # type: ignore[method-assign]
    assert phone.read(await say(client, "một")) == "một"
    assert len(server.asked("m.room.encrypted")) == 2
    assert len(phone.received) == 1


def lose_answers(server: KeyServer) -> Callable[[], None]:
    """From now on the server delivers keys, and nobody hears of it; until what this returns is called."""
    answer = server.request

    async def lost(method: str, path: str, body: Any = None, **options: object) -> Json:
        found = await answer(method, path, body, **options)
        if "m.room.encrypted" in path:
            raise ServerUnreachable("http://test")
        return found

    server.request = lost  # type: ignore[method-assign]
    return lambda: setattr(server, "request", answer)


@pytest.mark.parametrize("restarted", [True, False])
async def test_who_got_the_key_although_the_answer_was_lost_cannot_read_on_after_leaving(
    opened: Callable[[], CryptoClient], server: KeyServer, restarted: bool
) -> None:
    [phone] = server.joins(ANH, ROOM, "PHONE")
    [leaver] = server.joins(BINH, ROOM, "PHONE")
    client = opened()
    heard = lose_answers(server)
    with pytest.raises(ServerUnreachable):
        await say(client, "một")
    heard()
    assert len(leaver.room_keys) == 1
    if restarted:
        client = opened()
        server.members[ROOM].discard(BINH)
    else:
        await member_event(client, BINH, "leave")
    said = await say(client, "hai")
    assert (phone.read(said), leaver.read(said)) == ("hai", None)


async def test_a_lost_answer_costs_no_new_session_where_nobody_leaves(client: CryptoClient, server: KeyServer) -> None:
    [phone] = server.joins(ANH, ROOM, "PHONE")
    heard = lose_answers(server)
    with pytest.raises(ServerUnreachable):
        await say(client, "một")
    heard()
    assert phone.read(await say(client, "hai")) == "hai"
    assert len(phone.room_keys) == 1


async def test_who_was_caught_up_with_although_the_answer_was_lost_cannot_read_on_after_leaving(
    client: CryptoClient, server: KeyServer
) -> None:
    [phone] = server.joins(ANH, ROOM, "PHONE")
    [asleep] = server.joins(BINH, ROOM, "ASLEEP", one_time_keys=0)
    first = await say(client, "một")
    asleep.one_time_keys = 10
    heard = lose_answers(server)
    await changed(client, BINH)
    heard()
    assert asleep.read(first) == "một"
    await member_event(client, BINH, "leave")
    said = await say(client, "hai")
    assert (phone.read(said), asleep.read(said)) == ("hai", None)


async def test_a_session_given_up_while_it_was_sent_does_not_come_back(client: CryptoClient, server: KeyServer) -> None:
    [asleep] = server.joins(ANH, ROOM, "ASLEEP", one_time_keys=0)
    first = await say(client, "một")
    asleep.one_time_keys = 10

    def give_up(path: str, _: Any) -> None:
        if "m.room.encrypted" in path:
            client.sharing.drop(ROOM)

    server.before = give_up
    await changed(client, ANH)
    assert asleep.read(first) == "một"
    assert client.store.outbound() == ()


async def test_only_the_batch_that_failed_is_shared_again(client: CryptoClient, server: KeyServer) -> None:
    phones = server.joins(ANH, ROOM, *[f"D{number}" for number in range(2 * batches.DEVICES_A_REQUEST + 1)])

    def fail(path: str, body: Any) -> None:
        if "m.room.encrypted" in path and "D300" in body["messages"][ANH]:
            raise ServerUnreachable("http://test")

    server.before = fail
    with pytest.raises(ServerUnreachable):
        await say(client, "một")
    server.before = lambda *_: None
    said = await say(client, "hai")
    assert {phone.read(said) for phone in phones} == {"hai"}
    assert {len(phone.received) for phone in phones} == {1}, "who had the key was not sent it again"


async def test_a_device_that_the_server_refuses_costs_itself_only(client: CryptoClient, server: KeyServer) -> None:
    phones = server.joins(ANH, ROOM, *[f"D{number}" for number in range(9)])

    def fail(path: str, body: Any) -> None:
        if "m.room.encrypted" in path and "D4" in body["messages"][ANH]:
            raise refused(400)

    server.before = fail
    said = await say(client, "một")
    assert [phone.read(said) for phone in phones] == ["một"] * 4 + [None] + ["một"] * 4
    assert [device.peer.device_id for device in client.key_health.keyless] == ["D4"]
    server.requests.clear()
    await say(client, "hai")
    assert server.requests == [], "not at every message"


async def test_a_refusal_of_all_is_raised(client: CryptoClient, server: KeyServer) -> None:
    server.joins(ANH, ROOM, "A", "B")

    def fail(path: str, _: Any) -> None:
        if "m.room.encrypted" in path:
            raise refused(403)

    server.before = fail
    with pytest.raises(RequestRefused):
        await say(client, "một")
    assert len(server.asked("m.room.encrypted")) == 0


async def test_what_is_not_durable_is_not_sent(
    client: CryptoClient, server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.joins(ANH, ROOM, "PHONE")

    async def full() -> None:
        raise OSError("disk full")

    monkeypatch.setattr(client.store, "flush", full)
    with pytest.raises(OSError, match="disk full"):
        await say(client, "một")
    assert server.asked("m.room.encrypted") == []
