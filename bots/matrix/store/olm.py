"""Sessions with single devices: all in memory at the start, each unpickled when it is first needed."""

import json
from collections import defaultdict
from collections.abc import Set
from datetime import datetime, timedelta
from typing import Any

from nio.crypto import Session

from bots.matrix.store.shelf import Kind
from bots.matrix.store.vault import Vault
from huep.clock import now

MOST_SESSIONS_A_DEVICE = 8
"""The specification asks for at least 4; beyond, the least recently used goes (Client-Server API, Olm)."""
KEPT_OF_REMOVED = timedelta(days=90)
"""After its last use; a homeserver that is put back to a backup may bring a removed device back."""


class KeptOlm:
    """What nio asks of its `SessionStore`, over a vault; the most recently used session of a device comes first.

    nio keeps sessions without end, and after a restart orders them by when they were made.

    A session may be good for reading only (`stop_writing`): `get` does not give it, and a new one is made.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._kept: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self._live: dict[str, list[Session]] = {}
        self._only_read: set[str] = set()
        for content in vault.read(Kind.OLM):
            kept = json.loads(content)
            if kept["only_read"]:
                self._only_read.add(kept["session_id"])
            self._kept[kept["sender_key"]].append(kept)

    def __getitem__(self, sender_key: str) -> list[Session]:
        if sender_key not in self._live and sender_key in self._kept:
            sessions = [self._session(kept) for kept in self._kept.pop(sender_key)]
            self._live[sender_key] = sorted(sessions, key=_used, reverse=True)
        return self._live.get(sender_key, [])

    def get(self, sender_key: str) -> Session | None:
        """The session to write with; None where there is none."""
        return next((session for session in self[sender_key] if session.id not in self._only_read), None)

    def add(self, sender_key: str, session: Session) -> bool:
        """Take in a new session; False for one that is there."""
        sessions = self[sender_key]
        if any(known.id == session.id for known in sessions):
            return False
        sessions = sorted([session, *sessions], key=_used, reverse=True)
        self._live[sender_key] = sessions[:MOST_SESSIONS_A_DEVICE]
        for forgotten in sessions[MOST_SESSIONS_A_DEVICE:]:
            self._vault.drop(Kind.OLM, (sender_key, forgotten.id))
        return True

    def save(self, sender_key: str, session: Session) -> None:
        """Note the state of `session`, which was just used."""
        content = {
            "sender_key": sender_key,
            "session_id": session.id,
            "only_read": session.id in self._only_read,
            "made_at_s": session.creation_time.timestamp(),
            "used_at_s": session.use_time.timestamp(),
            "pickle": session.pickle(self._vault.pickle_key).decode(),
        }
        self._vault.put(Kind.OLM, (sender_key, session.id), json.dumps(content).encode())
        if sender_key in self._live:
            self._live[sender_key].sort(key=_used, reverse=True)

    def forget_removed(self, sender_keys: Set[str]) -> None:
        """At the start, drop the sessions with devices that are removed, by their keys, if none was used for long."""
        oldest_s = (now() - KEPT_OF_REMOVED).timestamp()
        for sender_key in self._kept.keys() & sender_keys:
            if all(kept["used_at_s"] < oldest_s for kept in self._kept[sender_key]):
                for kept in self._kept.pop(sender_key):
                    self._vault.drop(Kind.OLM, (sender_key, kept["session_id"]))

    def stop_writing(self) -> None:
        """Write no more with any session that there is: out of a backup, its next keys may have been used already."""
        for sender_key in (*self._kept, *self._live):
            for session in self[sender_key]:
                self._only_read.add(session.id)
                self.save(sender_key, session)

    def _session(self, kept: dict[str, Any]) -> Session:
        # nio compares with its own clock, which is naive and local.
        made_at, used_at = (datetime.fromtimestamp(kept[when]) for when in ("made_at_s", "used_at_s"))  # noqa: DTZ006
        return Session.from_pickle(kept["pickle"].encode(), made_at, self._vault.pickle_key, used_at)


def _used(session: Session) -> datetime:
    moment: datetime = session.use_time
    return moment
