"""A device as stock nio keeps it in SQLite, and as an earlier HueP kept it beside that."""

import json
import sqlite3
from pathlib import Path

import nio
from nio.crypto import OlmAccount, OlmDevice, OutboundGroupSession, OutboundSession

from tests.clients.devices import BOT

ROOM, DEVICE, PICKLE_KEY = "!r:x", "HUEPBOT-TRO-LY", "a pickle key"
SEEDS = {"format": 1, "user_id": BOT, "seeds": {"master": "a", "self_signing": "b", "user_signing": "c"}}
JOURNAL = """
create table sync (one integer primary key check (one = 1), token text not null);
create table handled (event_id text primary key, sent_at_ms integer not null) without rowid;
create table pending (event_id text primary key, room_id text not null, event text not null);
create table invites (room_id text primary key, inviter text not null);
insert into sync values (1, 's42');
insert into handled values ('$done', 7);
insert into pending values ('$z', '!r', '{}'), ('$a', '!r', '{}');
insert into invites values ('!new', '@an:x');
"""


class Earlier:
    """What stock nio wrote, with the other ends of its sessions."""

    def __init__(self, root: Path, database: str = "crypto.db", user_id: str = BOT) -> None:
        self.root = root
        root.mkdir(parents=True)
        client = nio.AsyncClient(
            "http://x",
            user_id,
            DEVICE,
            str(root),
            nio.AsyncClientConfig(store=nio.store.SqliteStore, store_name=database, pickle_key=PICKLE_KEY),
        )
        client.restore_login(user_id, DEVICE, "syt_token")
        olm = client.olm
        self.identity_keys = olm.account.identity_keys
        olm.account.generate_one_time_keys(2)
        [first, second] = olm.account.one_time_keys["curve25519"].values()
        self.unused_key = second
        self.peer = OlmAccount()
        self.theirs = OutboundSession(self.peer, self.identity_keys["curve25519"], first)
        hello = self.theirs.encrypt("hello").to_pre_key()
        self.sender_key = self.peer.identity_keys["curve25519"]
        session = olm._create_inbound_session("@an:x", self.sender_key, hello)
        assert session.decrypt(hello) == "hello"
        olm.session_store.add(self.sender_key, session)
        olm.save_session(self.sender_key, session)
        self.writing = OutboundGroupSession()
        olm.create_group_session(self.sender_key, "ed", ROOM, self.writing.id, self.writing.session_key)
        device = OlmDevice("@an:x", "PHONE", {"ed25519": "e", "curve25519": self.sender_key})
        olm.store.save_device_keys({"@an:x": {"PHONE": device}})
        olm.store.save_encrypted_rooms([ROOM])
        olm.account.shared = True
        olm.save_account()
        client.store.database.close()
        (root / "pickle-key").write_text(PICKLE_KEY + "\n")
        (root / "session.json").write_text(
            json.dumps({"user_id": user_id, "device_id": DEVICE, "access_token": "syt_token"}) + "\n"
        )

    def as_of_huep(self) -> "Earlier":
        """With what HueP kept beside nio's store."""
        (self.root / "cross-signing.json").write_text(json.dumps(SEEDS))
        with sqlite3.connect(self.root / "journal.db") as journal:
            journal.executescript(JOURNAL)
        return self
