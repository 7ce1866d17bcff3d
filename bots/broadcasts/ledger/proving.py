"""Whether the rows of an announcement are what its chain tells: the chain is told again from its beginning."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, text

from bots.broadcasts.ledger.acknowledgements import acknowledged
from bots.broadcasts.ledger.addressees import room_columns, unit_columns
from bots.broadcasts.ledger.chain import Act, Entry, fingerprint, head
from bots.broadcasts.ledger.rollup import read_tree
from bots.broadcasts.ledger.values import Checked, LedgerBroken
from bots.broadcasts.model import Level, State

_BROADCAST = text("""
select state, level, origin, made_at, sent_at, deadline, cast(author_key as text) as author,
  cast(approver_key as text) as approver, encode(sha256(reason), 'hex') as reason, draft, version
from bots.broadcasts where bot = :bot and number = :number
""")

_VERSIONS = text("""
select version, content, draft, written_by, written_at from bots.broadcast_versions
where bot = :bot and number = :number order by version
""")

_PEOPLE = text("""
select person_key, user_id, full_name, unit_code, position_code, position, standing, room_id, owed_since, joined_later,
  cast(successor_of as text) as successor_of, released_at, released, acknowledged_at, means, event_id, late, entry
from bots.broadcast_people where bot = :bot and number = :number order by person_key
""")

_ROOMS = text("select room_id, unit_code, everybody from bots.broadcast_rooms where bot = :bot and number = :number")

_NOTHING = fingerprint(())


class _Told:
    """What the entries say, gathered from the first to the last."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.facts: dict[str, object] = {}
        """By column of `_BROADCAST`; what an entry of an older HueP leaves open is not in it."""
        self.drafts: dict[int, str] = {}
        """By the version that began with it."""
        self.versions: list[tuple[int, str, str, datetime]] = []
        self.frozen = self.units = _NOTHING
        self.rooms: str | None = _NOTHING
        """None where it is left open."""
        self.owed_since: datetime | None = None
        """Of those who were meant from the beginning."""
        self.new_units: dict[str, list[str | None]] = {}
        self.joined: dict[str, list[str | None]] = {}
        self.obliged: dict[str, tuple[datetime, str | None]] = {}
        """Of those who came, or came again: since when, and whose obligation it was."""
        self.released: dict[str, tuple[datetime, str]] = {}
        self.acknowledged: dict[str, tuple[int, list[Any]]] = {}
        for entry in entries:
            self._take(entry, entry.said())

    def _take(self, entry: Entry, said: Any) -> None:
        match entry.act:
            case Act.DRAFTED:
                self.facts |= {"origin": said["origin"], "made_at": entry.at, "reason": None}
                self.facts |= {name: said[name] for name in ("author", "approver") if name in said}
                self._take_state(entry, said["state"])
                self._take_version(entry, 1, said)
            case Act.REWRITTEN:
                self._take_version(entry, said["version"], said)
            case Act.STATE:
                self.facts["reason"] = said["reason_sha256"]
                self._take_state(entry, said["to"])
                self._take_deadline(said)
                if "approver" in said:
                    self.facts["approver"] = said["approver"]
                else:
                    self.facts.pop("approver", None)
            case Act.FROZEN:
                self.frozen, self.units = said["people_sha256"], said["units_sha256"]
                self.rooms = said.get("rooms_sha256")
                self.owed_since = entry.at if Level(str(self.facts["level"])).asks else None
            case Act.JOINED:
                self.new_units.update({unit[0]: unit for unit in said.get("units", ())})
                for person in said["people"]:
                    self.joined.setdefault(person[0], person[:-1])
                    self.obliged[person[0]] = entry.at, person[-1]
                    self.released.pop(person[0], None)
            case Act.RELEASED:
                self.released.update({key: (entry.at, why) for key, why in said["people"]})
            case Act.ACKNOWLEDGED:
                self.acknowledged.update({person[0]: (entry.seq, person) for person in said["people"]})

    def _take_state(self, entry: Entry, state: str) -> None:
        sent_at = entry.at if state == State.SENT else self.facts.get("sent_at")
        self.facts |= {"state": state, "sent_at": sent_at}

    def _take_version(self, entry: Entry, version: int, said: Any) -> None:
        self.versions.append((version, said["content_sha256"], entry.actor, entry.at))
        if "draft_sha256" in said:
            self.drafts[version] = said["draft_sha256"]
            self.facts["level"] = said["level"]
            self._take_deadline(said)

    def _take_deadline(self, said: Any) -> None:
        if "deadline" in said:
            until = said["deadline"]
            self.facts["deadline"] = until and datetime.fromisoformat(until)


def check(connection: Connection, bot: str, number: int, entries: tuple[Entry, ...]) -> Checked:
    """Compare rows with entries.

    Raises:
        LedgerBroken: says what does not agree first.
    """
    last = head(entries)
    told = _Told(entries)
    bound = {"bot": bot, "number": number}

    def holds(agreed: bool, what: str) -> None:
        if not agreed:
            raise LedgerBroken(f"Announcement {number}: {what} not what the chain tells; it was changed from outside.")

    row = connection.execute(_BROADCAST, bound).first()
    if row is None:
        raise LedgerBroken(f"Announcement {number} is not there.")
    kept = connection.execute(_VERSIONS, bound).all()
    versions = [(one.version, _digest(one.content), one.written_by, one.written_at) for one in kept]
    drafts = {1: row.draft} | {one.version: one.draft for one in kept if one.draft is not None}
    for name, value in told.facts.items():
        holds(getattr(row, name) == value, f"its {name.replace('_', ' ')} is")
    holds({version: _digest(draft) for version, draft in drafts.items()} == told.drafts, "its audience and author are")
    holds(versions == told.versions and row.version == len(versions), "its text is")
    people = connection.execute(_PEOPLE, bound).all()
    frozen = [person for person in people if str(person.person_key) not in told.joined or not person.joined_later]
    holds(fingerprint(map(_post, frozen)) == told.frozen, "the list of people is")
    rooms = fingerprint(sorted(room_columns(*room) for room in connection.execute(_ROOMS, bound)))
    holds(told.rooms in (None, rooms), "the list of rooms is")
    nodes = sorted(read_tree(connection, bot, number).nodes.values(), key=lambda node: node.code)
    new = {node.code: list(unit_columns(node)) for node in nodes if node.code in told.new_units}
    old = [unit_columns(node) for node in nodes if node.code not in told.new_units]
    holds(new == told.new_units and fingerprint(old) == told.units, "its tree of units is")
    unwritten = 0
    for person in people:
        key = str(person.person_key)
        if person.joined_later:
            holds(list(_post(person)) == told.joined.get(key), f"{person.user_id}'s coming is")
        obliged = told.obliged.get(key, (told.owed_since, None))
        holds((person.owed_since, person.successor_of) == obliged, f"{person.user_id}'s obligation is")
        released = None if person.released is None else (person.released_at, person.released)
        holds(released == told.released.get(key), f"{person.user_id}'s release is")
        if key in told.acknowledged:
            agreed = person.acknowledged_at and (person.entry, acknowledged(person)) == told.acknowledged[key]
        else:
            agreed = person.entry is None and (
                person.acknowledged_at or (person.event_id, person.late) == (None, False)
            )
            unwritten += person.acknowledged_at is not None
        holds(bool(agreed), f"{person.user_id}'s acknowledgement is")
    there = {str(person.person_key) for person in people}
    holds(told.acknowledged.keys() <= there and told.joined.keys() <= there, "the number of people is")
    return Checked(len(entries), last, unwritten)


def _digest(sealed: bytes) -> str:
    return sha256(sealed).hexdigest()


def _post(person: Row[Any]) -> tuple[str | None, ...]:
    return (
        str(person.person_key),
        person.user_id,
        person.full_name,
        person.unit_code,
        person.position_code,
        person.position,
        person.standing,
        person.room_id,
    )
