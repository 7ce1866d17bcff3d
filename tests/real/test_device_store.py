"""The encrypted device in PostgreSQL: what nio saves is there after a restart, for one owner at a time, under one key."""

import asyncio
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from nio.crypto import (
    InboundGroupSession,
    InboundSession,
    OlmAccount,
    OlmDevice,
    OutboundGroupSession,
    OutboundSession,
    OutgoingKeyRequest,
)
from sqlalchemy import Engine, text

from bots.matrix.device import Device, Session, opened
from bots.matrix.errors import DeviceInUse
from bots.matrix.progress import OpenInvite, Progress, WaitingEvent
from bots.matrix.store import inbound as inbounds
from bots.matrix.store.errors import DeviceTaken, RowTampered, StoreKeyMissing, StoreKeyWrong
from bots.matrix.store.folder import FolderShelf
from bots.matrix.store.olm import MOST_SESSIONS_A_DEVICE
from bots.matrix.store.outbound import KeptOutbound
from bots.matrix.store.postgres import PostgresShelf, owners
from bots.matrix.store.shelf import Shelf
from huep.database import Role
from huep.state import RESTORED
from tests.clients.running import Databases

ROOM = "!r:x"
PEER_KEY = "peer-curve25519"
LET_GO_WITHIN_S = 10.0


@pytest.fixture(scope="module")
def engine(databases: Databases) -> Iterator[Engine]:
    engine = databases.engine(Role.BOTS)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def owner_engine(databases: Databases) -> Iterator[Engine]:
    """May do to the rows what somebody with the whole database may."""
    engine = databases.engine(Role.OWNER)
    yield engine
    engine.dispose()


@pytest.fixture
def user_id() -> str:
    return f"@bot-{secrets.token_hex(4)}:x"


@pytest.fixture(scope="module")
def key_file(databases: Databases) -> Path:
    return databases.state.secrets / "bots-store-key"


@pytest.fixture(params=["postgres", "folder"])
def shelf(request: pytest.FixtureRequest, engine: Engine, key_file: Path, tmp_path: Path) -> Callable[[], Shelf]:
    """What a start makes: the same rows, every time."""
    if request.param == "folder":
        return lambda: FolderShelf(tmp_path / "device")
    return lambda: PostgresShelf(engine, key_file)


def olm_pair(bot: OlmAccount, peer: OlmAccount) -> tuple[OutboundSession, InboundSession]:
    """A session of the bot with a peer's device, and the same as the peer sees it, after a first message."""
    peer.generate_one_time_keys(1)
    [one_time_key] = peer.one_time_keys["curve25519"].values()
    ours = OutboundSession(bot, peer.identity_keys["curve25519"], one_time_key)
    peer.mark_keys_as_published()
    message = ours.encrypt("first").to_pre_key()
    theirs = InboundSession(peer, message, bot.identity_keys["curve25519"])
    assert theirs.decrypt(message) == "first"
    return ours, theirs


def inbound(outbound: OutboundGroupSession, sender_key: str = PEER_KEY, room_id: str = ROOM) -> InboundGroupSession:
    return InboundGroupSession(outbound.session_key, "ed25519", sender_key, room_id)


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
    longest = 0.0
    async with opened(PostgresShelf(engine, key_file), user_id) as device:
        for number in range(2_000):
            device.crypto.save_session(f"peer {number}", ours)
        loop = asyncio.get_running_loop()
        flush = asyncio.create_task(device.flush())
        before = loop.time()
        while not flush.done():
            await asyncio.sleep(0.001)
            longest, before = max(longest, loop.time() - before), loop.time()
    assert longest < 0.25, f"the event loop stood still for {longest} s"
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


# One owner


def cut_connections(engine: Engine) -> None:
    """What a restart of the database does to whoever is connected."""
    with engine.connect() as connection:
        connection.execute(
            text("select pg_terminate_backend(pid) from pg_stat_activity where usename = :role"),
            {"role": Role.BOTS.value},
        )


def held(engine: Engine, user_id: str) -> bool:
    [owner] = [owner for owner in owners(engine) if owner.user_id == user_id]
    return owner.held


def let_go(engine: Engine, user_id: str) -> bool:
    """Whether the device is nobody's within some seconds: a lock goes when the server sees that its connection did."""
    until = time.monotonic() + LET_GO_WITHIN_S
    while held(engine, user_id):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def test_a_device_has_one_owner_at_a_time(engine: Engine, key_file: Path, user_id: str) -> None:
    first = Device.open(PostgresShelf(engine, key_file), user_id)
    with pytest.raises(DeviceInUse, match="in HueP's database: stop that one first"):
        Device.open(PostgresShelf(engine, key_file), user_id)
    assert held(engine, user_id)
    other = Device.open(PostgresShelf(engine, key_file), f"{user_id}2")
    other.close()
    first.close()
    assert let_go(engine, user_id)
    Device.open(PostgresShelf(engine, key_file), user_id).close()


async def test_after_its_connection_was_cut_the_owner_goes_on(
    engine: Engine, owner_engine: Engine, key_file: Path, user_id: str
) -> None:
    async with opened(PostgresShelf(engine, key_file), user_id) as device:
        device.journal.note(Progress("s1"))
        await device.flush()
        await asyncio.to_thread(cut_connections, owner_engine)
        assert let_go(owner_engine, user_id)
        assert device.crypto.load_inbound_group_sessions().get(ROOM, PEER_KEY, "none") is None
        device.journal.note(Progress("s2"))
        await device.flush()
        assert held(owner_engine, user_id)
    async with opened(PostgresShelf(engine, key_file), user_id) as device:
        assert device.journal.kept().token == "s2"


async def test_an_owner_whose_device_was_taken_meanwhile_writes_nothing_more(
    engine: Engine, owner_engine: Engine, key_file: Path, user_id: str
) -> None:
    old = Device.open(PostgresShelf(engine, key_file), user_id)
    await asyncio.to_thread(cut_connections, owner_engine)
    async with opened(PostgresShelf(engine, key_file), user_id) as new:
        new.journal.note(Progress("new"))
        await new.flush()
        old.journal.note(Progress("old"))
        with pytest.raises(DeviceTaken):
            await old.flush()
    with pytest.raises(DeviceTaken):
        await old.flush()
    old.close()
    async with opened(PostgresShelf(engine, key_file), user_id) as device:
        assert device.journal.kept().token == "new"


async def test_an_owner_of_an_earlier_generation_writes_nothing(
    engine: Engine, owner_engine: Engine, key_file: Path, user_id: str
) -> None:
    """The second lock: even somebody with the connection, but of a time that is over, is refused."""
    device = Device.open(PostgresShelf(engine, key_file), user_id)
    with owner_engine.begin() as connection:
        connection.execute(
            text("update bots.devices set generation = generation + 1 where user_id = :u"), {"u": user_id}
        )
    device.journal.note(Progress("old"))
    with pytest.raises(DeviceTaken):
        await device.flush()
    device.close()
    async with opened(PostgresShelf(engine, key_file), user_id) as again:
        assert again.journal.kept().token is None


# One key


def test_the_key_is_never_made_anew_while_there_are_rows(
    engine: Engine, key_file: Path, user_id: str, tmp_path: Path
) -> None:
    Device.open(PostgresShelf(engine, key_file), user_id).close()
    elsewhere = tmp_path / "bots-store-key"
    for who in (user_id, f"{user_id}2"):
        with pytest.raises(StoreKeyMissing, match="restore that file"):
            Device.open(PostgresShelf(engine, elsewhere), who)
    assert not elsewhere.exists()
    elsewhere.write_text("00" * 32)
    with pytest.raises(StoreKeyWrong, match=r"bots-store-key is not the key .* restore that file"):
        Device.open(PostgresShelf(engine, elsewhere), user_id)
    Device.open(PostgresShelf(engine, key_file), user_id).close()


async def test_a_row_that_somebody_changed_or_moved_is_not_used(
    engine: Engine, owner_engine: Engine, key_file: Path, user_id: str
) -> None:
    users = (user_id, f"{user_id}2")
    for user in users:
        async with opened(PostgresShelf(engine, key_file), user) as device:
            device.write_seeds({"seeds": user})
    moved = """
      update bots.device_rows into_row set sealed = from_row.sealed, name = from_row.name
      from bots.device_rows from_row
      where into_row.kind = 'seeds' and from_row.kind = 'seeds'
        and into_row.device = (select number from bots.devices where user_id = :into)
        and from_row.device = (select number from bots.devices where user_id = :from)
    """
    with owner_engine.begin() as connection:
        connection.execute(text(moved), {"into": users[0], "from": users[1]})
    with pytest.raises(RowTampered, match="'seeds' was changed by somebody else"):
        Device.open(PostgresShelf(engine, key_file), users[0])
    with owner_engine.begin() as connection:
        connection.execute(
            text(
                "update bots.device_rows set sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1) where kind = 'seeds' "
                "and device = (select number from bots.devices where user_id = :u)"
            ),
            {"u": users[1]},
        )
    with pytest.raises(RowTampered):
        Device.open(PostgresShelf(engine, key_file), users[1])


def test_nothing_secret_and_no_name_stands_in_the_database(engine: Engine, key_file: Path, user_id: str) -> None:
    async def keep() -> None:
        async with opened(PostgresShelf(engine, key_file), user_id) as device:
            device.write_session(Session(user_id, "DEVICE", "syt_secret"))
            device.write_seeds({"seeds": {"master": "secret-seed"}})
            device.crypto.save_encrypted_rooms({"!secret-room:x"})
            device.crypto.save_account(OlmAccount())
            device.journal.note(Progress("s1", invites=(OpenInvite("!secret-room:x", "@secret-person:x", None),)))

    asyncio.run(keep())
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "select kind, name, sealed from bots.device_rows join bots.devices on device = number where user_id = :u"
            ),
            {"u": user_id},
        ).all()
    assert len(rows) == 7
    for row in rows:
        assert b"secret" not in bytes(row.name) + bytes(row.sealed)
        assert len(row.name) == 16


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
