"""What nio saves is there after a restart, in bounds, and out of a backup."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from nio.crypto import (
    InboundGroupSession,
    OlmAccount,
    OlmDevice,
    OutboundGroupSession,
    OutgoingKeyRequest,
)
from sqlalchemy import Engine, text

from bots.matrix.device import Session, opened
from bots.matrix.progress import Progress, WaitingEvent
from bots.matrix.store import inbound as inbounds
from bots.matrix.store.olm import KEPT_OF_REMOVED, MOST_SESSIONS_A_DEVICE
from bots.matrix.store.outbound import KeptOutbound
from bots.matrix.store.postgres import PostgresShelf
from bots.matrix.store.shelf import Shelf
from huep.state import RESTORED
from tests.clients.stalls import watched
from tests.real.device_store.sessions import PEER_KEY, ROOM, inbound, olm_pair


async def test_everything_that_nio_saves_is_there_after_a_restart(shelf: Callable[[], Shelf], user_id: str) -> None:
    bot, peer = OlmAccount(), OlmAccount()
    writing = OutboundGroupSession()
    reading = inbound(writing)
    first = writing._session.encrypt(b"chao").to_base64()
    kept_reading = InboundGroupSession.import_session(
        reading.export_session(reading.first_known_index), "ed25519", PEER_KEY, "!forwarded:x", ["forwarder"]
    )
    request = OutgoingKeyRequest("request", "session", ROOM, "m.megolm.v1.aes-sha2")
    phone = OlmDevice("@an:x", "PHONE", {"ed25519": "e", "curve25519": "c"}, "Điện thoại")
    old = OlmDevice("@an:x", "OLD", {"ed25519": "e2", "curve25519": "c2"}, deleted=True)
    shared = frozenset({("@an:x", "PHONE", "c"), ("@an:x", "OLD", "c2")})
    kept = KeptOutbound(ROOM, writing.id, writing.pickle("x"), 17, 3, shared, frozenset({("@an:x", "NEW", "c3")}))
    async with opened(shelf(), user_id) as device:
        store = device.crypto
        assert store.load_account() is None
        bot.shared = True
        store.save_account(bot)
        ours, theirs = olm_pair(bot, peer)
        store.load_sessions().add(PEER_KEY, ours)
        store.save_session(PEER_KEY, ours)
        for session in (reading, kept_reading):
            assert store.load_inbound_group_sessions().add(session)
            store.save_inbound_group_session(session)
        store.save_device_keys({"@an:x": {"PHONE": phone, "OLD": old}})
        store.save_encrypted_rooms({ROOM, "!s:x"})
        store.delete_encrypted_room("!s:x")
        store.add_outgoing_key_request(request)
        store.add_outgoing_key_request(OutgoingKeyRequest("gone", "s", ROOM, "a"))
        store.remove_outgoing_key_request(OutgoingKeyRequest("gone", "s", ROOM, "a"))
        store.keep_outbound(kept)
        device.write_session(Session(user_id, "DEVICE", "token"))
        device.write_seeds({"seeds": {"master": "abc"}})
        device.journal.note(Progress("s1"))

    async with opened(shelf(), user_id) as device:
        store = device.crypto
        account = store.load_account()
        assert account is not None
        assert (account.identity_keys, account.shared) == (bot.identity_keys, True)
        session = store.load_sessions().get(PEER_KEY)
        assert session is not None
        assert session.id == ours.id
        assert theirs.decrypt(session.encrypt("second").to_pre_key()) == "second", "the ratchet goes on"
        read = store.load_inbound_group_sessions()
        found = read.get(ROOM, PEER_KEY, writing.id)
        assert found is not None
        assert found.decrypt(first) == ("chao", 0)
        assert (found.ed25519, found.sender_key, found.forwarding_chain) == ("ed25519", PEER_KEY, [])
        forwarded = read.get("!forwarded:x", PEER_KEY, writing.id)
        assert forwarded is not None
        assert forwarded.forwarding_chain == ["forwarder"]
        assert read.get(ROOM, "somebody else", writing.id) is None
        assert read.get(ROOM, PEER_KEY, "unknown") is None
        peers = store.load_device_keys()
        assert (peers["@an:x"]["PHONE"], peers["@an:x"]["OLD"]) == (phone, old)
        assert [found.id for found in peers.active_user_devices("@an:x")] == ["PHONE"]
        assert store.load_encrypted_rooms() == {ROOM}
        assert store.load_outgoing_key_requests() == {"request": request}
        assert store.outbound() == (kept,)
        assert OutboundGroupSession.from_pickle(store.outbound()[0].pickle, "x").message_index == 1
        store.drop_outbound(ROOM)
        assert device.read_session() == Session(user_id, "DEVICE", "token")
        assert device.read_seeds() == {"seeds": {"master": "abc"}}
        assert device.journal.kept().token == "s1"

    async with opened(shelf(), user_id) as device:
        assert device.crypto.outbound() == ()


async def test_after_a_restart_the_session_last_used_comes_first(shelf: Callable[[], Shelf], user_id: str) -> None:
    """nio orders them by when they were made, and so answers on a session that the other side may have lost."""
    bot, peer = OlmAccount(), OlmAccount()
    async with opened(shelf(), user_id) as device:
        sessions = [olm_pair(bot, peer)[0] for _ in range(3)]
        for age, session in zip((3, 2, 1), sessions, strict=True):
            session.creation_time = session.use_time = datetime.now() - timedelta(days=age)  # noqa: DTZ005
            device.crypto.load_sessions().add(PEER_KEY, session)
            device.crypto.save_session(PEER_KEY, session)
        sessions[0].encrypt("x")
        device.crypto.save_session(PEER_KEY, sessions[0])
        assert device.crypto.load_sessions().get(PEER_KEY) is sessions[0]
    async with opened(shelf(), user_id) as device:
        kept = device.crypto.load_sessions()[PEER_KEY]
        assert [session.id for session in kept] == [sessions[0].id, sessions[2].id, sessions[1].id]


async def test_a_device_that_makes_ever_new_sessions_fills_nothing(shelf: Callable[[], Shelf], user_id: str) -> None:
    bot, peer = OlmAccount(), OlmAccount()
    async with opened(shelf(), user_id) as device:
        store = device.crypto
        made = [olm_pair(bot, peer)[0] for _ in range(MOST_SESSIONS_A_DEVICE + 5)]
        for session in made:
            store.load_sessions().add(PEER_KEY, session)
            store.save_session(PEER_KEY, session)
        for number in range(100):
            assert store.load_sessions()[f"unknown {number}"] == []
        await device.flush()
    async with opened(shelf(), user_id) as device:
        kept = [session.id for session in device.crypto.load_sessions()[PEER_KEY]]
        assert kept == [session.id for session in reversed(made)][:MOST_SESSIONS_A_DEVICE]


async def test_sessions_with_removed_devices_are_dropped_once_they_are_old(
    shelf: Callable[[], Shelf], user_id: str
) -> None:
    bot = OlmAccount()
    old, recent = KEPT_OF_REMOVED + timedelta(days=1), KEPT_OF_REMOVED - timedelta(days=1)
    peers = {"OLD": (True, old), "RECENT": (True, recent), "ASLEEP": (False, old)}
    async with opened(shelf(), user_id) as device:
        for name, (removed, unused) in peers.items():
            session, _ = olm_pair(bot, OlmAccount())
            session.use_time = datetime.now() - unused  # noqa: DTZ005
            device.crypto.save_session(name, session)
            peer = OlmDevice("@an:x", name, {"ed25519": name, "curve25519": name}, deleted=removed)
            device.crypto.save_device_keys({"@an:x": {name: peer}})
    for _ in range(2):
        async with opened(shelf(), user_id) as device:
            sessions, known = device.crypto.load_sessions(), device.crypto.load_device_keys()
            assert [name for name in peers if sessions.get(name) is not None] == ["RECENT", "ASLEEP"]
            assert set(known["@an:x"]) == set(peers), "whose ID it was is known for good"


async def test_what_another_device_gives_again_takes_nobodys_place(shelf: Callable[[], Shelf], user_id: str) -> None:
    """Whoever has a session's key may send it on: it then stands beside the owner's, and not in its place."""
    writing = OutboundGroupSession()
    real, copied = inbound(writing), inbound(writing, "copycat")
    message = writing._session.encrypt(b"x").to_base64()
    async with opened(shelf(), user_id) as device:
        store = device.crypto
        read = store.load_inbound_group_sessions()
        early = InboundGroupSession.import_session(real.export_session(0), "ed25519", PEER_KEY, ROOM)
        late = InboundGroupSession.import_session(real.export_session(1), "ed25519", PEER_KEY, ROOM)
        for session in (early, late, copied):
            read.add(session)
            store.save_inbound_group_session(session)
    async with opened(shelf(), user_id) as device:
        read = device.crypto.load_inbound_group_sessions()
        assert {session.sender_key for session in read.of(ROOM, writing.id)} == {PEER_KEY, "copycat"}
        found = read.get(ROOM, PEER_KEY, writing.id)
        assert found is not None
        assert found.decrypt(message)[0] == "x", "the key that reads further back stays"


async def test_of_many_sessions_a_few_are_in_memory(
    shelf: Callable[[], Shelf], user_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbounds, "HELD_AT_MOST", 5)
    monkeypatch.setattr(inbounds, "ABSENT_AT_MOST", 5)
    writing = [OutboundGroupSession() for _ in range(40)]
    async with opened(shelf(), user_id) as device:
        read = device.crypto.load_inbound_group_sessions()
        for session in map(inbound, writing):
            read.add(session)
            device.crypto.save_inbound_group_session(session)
        assert len(read._held) == 5
        for session in writing:
            assert read.get(ROOM, PEER_KEY, session.id) is not None, "also those that are not flushed"
    async with opened(shelf(), user_id) as device:
        read = device.crypto.load_inbound_group_sessions()
        assert len(read._held) == 0
        await read.recall([(ROOM, session.id) for session in writing[:3]] + [(ROOM, "unknown")])
        assert len(read._held) == 3
        for session in writing:
            assert read.get(ROOM, PEER_KEY, session.id) is not None
            assert read.get(ROOM, PEER_KEY, f"not {session.id}") is None
        assert (len(read._held), len(read._absent)) == (5, 5)


async def test_odd_wording_of_others_breaks_no_flush(shelf: Callable[[], Shelf], user_id: str) -> None:
    """PostgreSQL takes no NUL in a text and no long text in an index; whoever sends a key names the room."""
    odd = ["!a\0b", "!" + "x" * 100_000, "!\ud800", "'; drop table bots.device_rows; --"]
    writing = OutboundGroupSession()
    async with opened(shelf(), user_id) as device:
        store = device.crypto
        for room_id in odd:
            session = inbound(writing, room_id=room_id)
            store.load_inbound_group_sessions().add(session)
            store.save_inbound_group_session(session)
            store.save_encrypted_rooms({room_id})
            device.journal.note(Progress("s", waiting=(WaitingEvent(room_id, room_id, room_id, 0),)))
    async with opened(shelf(), user_id) as device:
        assert device.crypto.load_encrypted_rooms() == set(odd)
        assert set(device.journal.kept().waiting) == {WaitingEvent(word, word, word, 0) for word in odd}
        for room_id in odd:
            assert device.crypto.load_inbound_group_sessions().get(room_id, PEER_KEY, writing.id) is not None


async def test_sharing_with_two_thousand_devices_is_one_write(engine: Engine, key_file: Path, user_id: str) -> None:
    bot, peer = OlmAccount(), OlmAccount()
    ours, _ = olm_pair(bot, peer)
    async with opened(PostgresShelf(engine, key_file), user_id) as device:
        for number in range(2_000):
            device.crypto.save_session(f"peer {number}", ours)
        async with watched() as watchdog:
            await device.flush()
    assert watchdog.longest_s < 0.25, f"the event loop stood still for {watchdog.longest_s} s"
    with engine.connect() as connection:
        transactions = connection.execute(
            text(
                "select count(distinct device_rows.xmin::text) from bots.device_rows join bots.devices on device = number "
                "where user_id = :user_id and kind = 'olm'"
            ),
            {"user_id": user_id},
        ).scalar_one()
    assert transactions == 1


async def test_out_of_a_backup_nothing_is_written_with_the_sessions_of_then(
    shelf: Callable[[], Shelf], owner_engine: Engine, user_id: str, tmp_path: Path
) -> None:
    """Others have gone on since: what we wrote then has used the keys that would come next."""
    bot, peer = OlmAccount(), OlmAccount()
    ours, theirs = olm_pair(bot, peer)
    async with opened(shelf(), user_id) as device:
        device.crypto.load_sessions().add(PEER_KEY, ours)
        device.crypto.save_session(PEER_KEY, ours)
        device.crypto.keep_outbound(KeptOutbound(ROOM, "s", "pickle", 0, 0, frozenset()))
    with owner_engine.begin() as connection:
        connection.execute(text("update bots.devices set restored = true where user_id = :u"), {"u": user_id})
    if (tmp_path / "device").exists():
        (tmp_path / "device" / RESTORED).touch()
    for _ in range(2):
        async with opened(shelf(), user_id) as device:
            sessions = device.crypto.load_sessions()
            assert device.crypto.outbound() == ()
            assert sessions.get(PEER_KEY) is None
            [reading] = sessions[PEER_KEY]
            assert reading.decrypt(theirs.encrypt("still read")) == "still read"
            device.crypto.save_session(PEER_KEY, reading)
    async with opened(shelf(), user_id) as device:
        new, _ = olm_pair(bot, peer)
        device.crypto.load_sessions().add(PEER_KEY, new)
        device.crypto.save_session(PEER_KEY, new)
        device.crypto.keep_outbound(KeptOutbound(ROOM, "s2", "pickle", 0, 0, frozenset()))
    async with opened(shelf(), user_id) as device:
        used = device.crypto.load_sessions().get(PEER_KEY)
        assert used is not None
        assert used.id == new.id
        assert [kept.session_id for kept in device.crypto.outbound()] == ["s2"]


def test_what_nobody_reads_with_any_more_is_dropped(
    engine: Engine, owner_engine: Engine, key_file: Path, user_id: str
) -> None:
    writing = [OutboundGroupSession() for _ in range(2)]

    async def keep() -> None:
        async with opened(PostgresShelf(engine, key_file), user_id) as device:
            for session in map(inbound, writing):
                device.crypto.load_inbound_group_sessions().add(session)
                device.crypto.save_inbound_group_session(session)

    async def read(session_id: str) -> bool:
        async with opened(PostgresShelf(engine, key_file), user_id) as device:
            return device.crypto.load_inbound_group_sessions().get(ROOM, PEER_KEY, session_id) is not None

    def age(days: int) -> None:
        with owner_engine.begin() as connection:
            connection.execute(
                text(
                    "update bots.device_rows set written_at = written_at - make_interval(days => :days) "
                    "where device = (select number from bots.devices where user_id = :u)"
                ),
                {"u": user_id, "days": days},
            )

    asyncio.run(keep())
    age(60)
    assert asyncio.run(read(writing[0].id)), "reading with it keeps it"
    age(60)
    assert asyncio.run(read(writing[0].id))
    assert not asyncio.run(read(writing[1].id))
