"""What announcements say and how far they have come: rows of `bots.broadcasts` and their versions, contents sealed."""

import json
from collections.abc import Collection
from datetime import datetime
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, text

from bots.broadcasts.ledger.chain import Act, Chain
from bots.broadcasts.ledger.values import Moved
from bots.broadcasts.model import Broadcast, Content, Draft, State
from bots.sealing import Seal
from huep.directory.model import PersonKey

_DRAFT = TypeAdapter(Draft)
_CONTENT = TypeAdapter(Content)

EDITABLE = (State.RETURNED, State.SENT, State.CLOSED)

_NEXT = text("select coalesce(max(number), 0) + 1 from bots.broadcasts where bot = :bot")

_LOCK = text("select pg_advisory_xact_lock(hashtextextended('broadcasts ' || :bot, 0))")

_PUT = text("""
insert into bots.broadcasts
  (bot, number, level, state, author_key, approver_key, origin, draft, made_at, sent_at, deadline)
values (:bot, :number, :level, :state, :author_key, :approver_key, :origin, :draft, :at, :sent_at, :deadline)
""")

_PUT_VERSION = text("""
insert into bots.broadcast_versions (bot, number, version, content, draft, written_by, written_at)
values (:bot, :number, :version, :content, :draft, :by, :at)
""")

COLUMNS = "b.number, b.state, b.made_at, b.sent_at, b.version, b.approver_key, b.reason, d.draft, b.deadline, v.content"
TABLES = """
bots.broadcasts b join bots.broadcast_versions v using (bot, number, version) cross join lateral (
  select coalesce((select w.draft from bots.broadcast_versions w where w.bot = b.bot and w.number = b.number
    and w.draft is not null order by w.version desc limit 1), b.draft) as draft) d
"""

_FIND = text(f"select {COLUMNS} from {TABLES} where bot = :bot and number = :number")  # noqa: S608 - composed from constants

_VERSIONS = text("""
select version, content from bots.broadcast_versions where bot = :bot and number = :number order by version
""")
_NUMBERS = text("select number from bots.broadcasts where bot = :bot order by number")

_RECENT = text(f"""
select {COLUMNS} from {TABLES} where bot = :bot
  and (cast(:author as uuid) is null or b.author_key = :author)
  and (cast(:approver as uuid) is null or b.approver_key = :approver)
  and (cardinality(cast(:states as text[])) = 0 or b.state = any(cast(:states as text[])))
order by number desc limit :most
""")  # noqa: S608 - composed from constants

_RUNNING = text("""
select number from bots.broadcasts where bot = :bot and state = 'sent' and level <> 'information' order by number desc
""")

_MOVE = text("""
update bots.broadcasts set state = :to, reason = :reason,
  approver_key = case when state = 'returned' and :to = 'sent' then :approver
    else coalesce(:approver, approver_key) end,
  sent_at = case when :to = 'sent' then :at else sent_at end
where bot = :bot and number = :number and state = any(cast(:among as text[])) returning approver_key
""")

_REWRITE = text("""
update bots.broadcasts set version = version + 1
where bot = :bot and number = :number and state = any(cast(:among as text[])) returning version
""")

_REDRAFT = text("""
update bots.broadcasts set version = version + 1, level = :level, deadline = :deadline
where bot = :bot and number = :number and state = 'returned' returning version
""")


class Papers:
    """One bot's announcements; on connections whose transactions are the caller's."""

    def __init__(self, bot: str, seal: Seal, chain: Chain) -> None:
        self._bot = bot
        self._seal = seal
        self._chain = chain

    def put(self, connection: Connection, draft: Draft, state: State, approver: PersonKey | None, at: datetime) -> int:
        """Keep a new announcement; returns its number, the next of this bot."""
        connection.execute(_LOCK, {"bot": self._bot})
        number = int(connection.execute(_NEXT, {"bot": self._bot}).scalar_one())
        sealed = self._sealed(number, draft)
        connection.execute(
            _PUT,
            {
                "bot": self._bot,
                "number": number,
                "level": draft.level.value,
                "state": state.value,
                "author_key": draft.author.key,
                "approver_key": approver,
                "origin": draft.origin,
                "draft": sealed,
                "at": at,
                "sent_at": at if state is State.SENT else None,
                "deadline": draft.deadline,
            },
        )
        digest = self._put_version(connection, number, 1, draft.content, draft.author.user_id, at)
        details = {
            "level": draft.level.value,
            "state": state.value,
            "author": str(draft.author.key),
            "approver": approver and str(approver),
            "deadline": draft.deadline and draft.deadline.isoformat(),
            "origin": draft.origin,
            "draft_sha256": sha256(sealed).hexdigest(),
            "content_sha256": digest,
        }
        self._chain.append(connection, number, at, draft.author.user_id, Act.DRAFTED, details)
        return number

    def find(self, connection: Connection, number: int) -> Broadcast | None:
        row = connection.execute(_FIND, {"bot": self._bot, "number": number}).first()
        return None if row is None else self.read(row)

    def contents(self, connection: Connection, number: int) -> tuple[Content, ...]:
        """What it said in each version, from the first on."""
        rows = connection.execute(_VERSIONS, {"bot": self._bot, "number": number})
        return tuple(self._content(number, row) for row in rows)

    def numbers(self, connection: Connection) -> tuple[int, ...]:
        return tuple(connection.execute(_NUMBERS, {"bot": self._bot}).scalars())

    def recent(
        self,
        connection: Connection,
        author: PersonKey | None,
        approver: PersonKey | None,
        states: Collection[State],
        most: int,
    ) -> tuple[Broadcast, ...]:
        """The latest first."""
        bound = {"bot": self._bot, "author": author, "approver": approver, "states": list(states), "most": most}
        return tuple(map(self.read, connection.execute(_RECENT, bound)))

    def running(self, connection: Connection) -> tuple[int, ...]:
        """Those that ask something and are not over; the latest first."""
        return tuple(connection.execute(_RUNNING, {"bot": self._bot}).scalars())

    def move(
        self,
        connection: Connection,
        number: int,
        to: State,
        among: Collection[State],
        by: str,
        reason: str | None,
        at: datetime,
        approver: PersonKey | None = None,
    ) -> None:
        """Let it be in another state; raises Moved where it is in none of `among`."""
        sealed = None if reason is None else self._seal.close(reason.encode(), *self._about(number, "reason"))
        bound = {"bot": self._bot, "number": number, "to": to.value, "reason": sealed, "at": at, "among": list(among)}
        bound |= {"approver": approver}
        moved = connection.execute(_MOVE, bound).first()
        if moved is None:
            raise Moved(number, among)
        details = {
            "to": to.value,
            "reason_sha256": sealed and sha256(sealed).hexdigest(),
            "approver": moved.approver_key and str(moved.approver_key),
        }
        self._chain.append(connection, number, at, by, Act.STATE, details)

    def rewrite(self, connection: Connection, number: int, content: Content, by: str, at: datetime) -> int:
        """A new version; raises Moved while somebody is asked to approve it, and once it was withdrawn."""
        bound = {"bot": self._bot, "number": number, "among": list(EDITABLE)}
        version = connection.execute(_REWRITE, bound).scalar()
        if version is None:
            raise Moved(number, EDITABLE)
        digest = self._put_version(connection, number, version, content, by, at)
        self._chain.append(connection, number, at, by, Act.REWRITTEN, {"version": version, "content_sha256": digest})
        return int(version)

    def redraft(self, connection: Connection, number: int, draft: Draft, by: str, at: datetime) -> int:
        """A new version of what was sent back, to others too, at another level, until another deadline.

        Raises:
            Moved: it is not sent back.
        """
        bound = {"bot": self._bot, "number": number, "level": draft.level.value, "deadline": draft.deadline}
        version = connection.execute(_REDRAFT, bound).scalar()
        if version is None:
            raise Moved(number, (State.RETURNED,))
        sealed = self._sealed(number, draft)
        details = {
            "version": version,
            "content_sha256": self._put_version(connection, number, version, draft.content, by, at, sealed),
            "draft_sha256": sha256(sealed).hexdigest(),
            "level": draft.level.value,
            "deadline": draft.deadline and draft.deadline.isoformat(),
            "origin": draft.origin,
        }
        self._chain.append(connection, number, at, by, Act.REWRITTEN, details)
        return int(version)

    def read(self, row: Row[Any]) -> Broadcast:
        """A row of COLUMNS; raises SealBroken."""
        draft = json.loads(self._seal.open(row.draft, *self._about(row.number, "draft")))
        return Broadcast(
            number=row.number,
            draft=_DRAFT.validate_python(
                {**draft, "content": self._content(row.number, row), "deadline": row.deadline}, strict=False
            ),
            state=State(row.state),
            made_at=row.made_at,
            sent_at=row.sent_at,
            version=row.version,
            approver=row.approver_key,
            reason=row.reason and self._seal.open(row.reason, *self._about(row.number, "reason")).decode(),
        )

    def _put_version(
        self,
        connection: Connection,
        number: int,
        version: int,
        content: Content,
        by: str,
        at: datetime,
        draft: bytes | None = None,
    ) -> str:
        """Returns the digest of the sealed content; `draft` is sealed, where it is another from this version on."""
        sealed = self._seal.close(_CONTENT.dump_json(content), *self._about(number, f"version {version}"))
        bound = {"bot": self._bot, "number": number, "version": version, "content": sealed, "draft": draft}
        connection.execute(_PUT_VERSION, bound | {"by": by, "at": at})
        return sha256(sealed).hexdigest()

    def _content(self, number: int, row: Row[Any]) -> Content:
        return _CONTENT.validate_json(self._seal.open(row.content, *self._about(number, f"version {row.version}")))

    def _sealed(self, number: int, draft: Draft) -> bytes:
        """Audience, author and level; content and deadline are kept beside it."""
        return self._seal.close(_DRAFT.dump_json(draft, exclude={"content", "deadline"}), *self._about(number, "draft"))

    def _about(self, number: int, part: str) -> tuple[str, ...]:
        """What a sealed value is bound to, so that no row can be put in another's place."""
        return "broadcast", self._bot, str(number), part
