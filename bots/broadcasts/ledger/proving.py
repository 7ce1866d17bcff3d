"""Whether the rows of an announcement are what its chain tells: the chain is told again from its beginning."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, text

from bots.broadcasts.ledger.acknowledgements import acknowledged
from bots.broadcasts.ledger.addressees import unit_columns
from bots.broadcasts.ledger.chain import Act, Entry, fingerprint, head
from bots.broadcasts.ledger.rollup import read_tree
from bots.broadcasts.ledger.values import Checked, LedgerBroken

_BROADCAST = text(
    "select state, level, draft, version, deadline from bots.broadcasts where bot = :bot and number = :number"
)

_VERSIONS = text("""
select version, content, draft from bots.broadcast_versions where bot = :bot and number = :number order by version
""")

_PEOPLE = text("""
select person_key, user_id, full_name, unit_code, position_code, position, standing, room_id, joined_later,
  successor_of, released, acknowledged_at, means, event_id, late, entry
from bots.broadcast_people where bot = :bot and number = :number order by person_key
""")


class _Told:
    """What the entries say, gathered from the first to the last."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.state = ""
        self.level = ""
        self.drafts: list[str] = []
        self.deadline: str | None = None
        self.versions: list[str] = []
        self.frozen: str | None = None
        self.units: str | None = None
        self.new_units: dict[str, list[str | None]] = {}
        self.joined: dict[str, list[str | None]] = {}
        self.released: dict[str, str] = {}
        self.acknowledged: dict[str, tuple[int, list[Any]]] = {}
        for entry in entries:
            self._take(entry, entry.said())

    def _take(self, entry: Entry, said: Any) -> None:
        match entry.act:
            case Act.DRAFTED:
                self.state = said["state"]
                self._take_version(said)
            case Act.REWRITTEN:
                self._take_version(said)
            case Act.STATE:
                self.state = said["to"]
            case Act.FROZEN:
                self.frozen, self.units = said["people_sha256"], said["units_sha256"]
            case Act.JOINED:
                self.new_units.update({unit[0]: unit for unit in said.get("units", ())})
                for person in said["people"]:
                    self.joined.setdefault(person[0], person[:-1])
                    self.released.pop(person[0], None)
            case Act.RELEASED:
                self.released.update(dict(said["people"]))
            case Act.ACKNOWLEDGED:
                self.acknowledged.update({person[0]: (entry.seq, person) for person in said["people"]})

    def _take_version(self, said: Any) -> None:
        self.versions.append(said["content_sha256"])
        if "draft_sha256" in said:
            self.drafts.append(said["draft_sha256"])
            self.level, self.deadline = said["level"], said["deadline"]


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
    deadline = None if told.deadline is None else datetime.fromisoformat(told.deadline)
    kept = connection.execute(_VERSIONS, bound).all()
    versions = [sha256(version.content).hexdigest() for version in kept]
    drafts = [row.draft, *(version.draft for version in kept if version.draft is not None)]
    holds(row.state == told.state, "its state is")
    holds([sha256(draft).hexdigest() for draft in drafts] == told.drafts, "its audience and author are")
    holds(row.level == told.level, "its level is")
    holds(row.deadline == deadline, "its deadline is")
    holds(versions == told.versions and row.version == len(versions), "its text is")
    people = connection.execute(_PEOPLE, bound).all()
    frozen = [person for person in people if str(person.person_key) not in told.joined or not person.joined_later]
    if told.frozen is not None:
        holds(fingerprint(map(_post, frozen)) == told.frozen, "the list of people is")
    nodes = sorted(read_tree(connection, bot, number).nodes.values(), key=lambda node: node.code)
    new = {node.code: list(unit_columns(node)) for node in nodes if node.code in told.new_units}
    old = [unit_columns(node) for node in nodes if node.code not in told.new_units]
    holds(new == told.new_units and (told.units is None or fingerprint(old) == told.units), "its tree of units is")
    unwritten = 0
    for person in people:
        key = str(person.person_key)
        if person.joined_later:
            holds(list(_post(person)) == told.joined.get(key), f"{person.user_id}'s coming is")
        holds(person.released == told.released.get(key), f"{person.user_id}'s release is")
        if person.acknowledged_at is not None and person.entry is None:
            unwritten += 1
            continue
        written = (person.entry, acknowledged(person)) if person.acknowledged_at is not None else None
        holds(written == told.acknowledged.get(key), f"{person.user_id}'s acknowledgement is")
    there = {str(person.person_key) for person in people}
    holds(told.acknowledged.keys() <= there and told.joined.keys() <= there, "the number of people is")
    return Checked(len(entries), last, unwritten)


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
