"""The ledger of one bot's announcements: what everything else asks, and where everything that happened is written."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine

from bots.broadcasts.ledger import proving, reaching, rollup, witness
from bots.broadcasts.ledger.acknowledgements import Acknowledgements
from bots.broadcasts.ledger.addressees import Addressees
from bots.broadcasts.ledger.chain import Chain, Entry
from bots.broadcasts.ledger.drift import drift
from bots.broadcasts.ledger.papers import Papers
from bots.broadcasts.ledger.persons import Persons
from bots.broadcasts.ledger.record import Record, read_lines, read_units
from bots.broadcasts.ledger.sightings import Sightings
from bots.broadcasts.ledger.tree import Tree
from bots.broadcasts.ledger.values import Checked, Digest, Drift, NoSuchBroadcast, Owed, RoomPost
from bots.broadcasts.model import Addressee, Broadcast, Content, Draft, Means, Missing, Reach, State, Tally
from bots.runtime.capabilities import Write
from bots.runtime.outbox import Outbox
from bots.runtime.tools import BotsDirectory
from bots.sealing import Seal
from huep import audit, clock
from huep.directory.audience import Audience
from huep.directory.model import PersonKey
from huep.settings import RoomSettings

BATCH = "broadcast "
"""What the outbox calls all events of one announcement, with its number behind, and perhaps what they are to it."""

T = TypeVar("T")


class Ledger:
    """Synchronous. A `connection` is that of the caller's transaction, with which all that was written holds or falls.

    Args:
        engine: with the rights of the bots' role.
        bot: localpart of the bot's account; announcements of other bots are not seen.
        seal: closes what announcements say.
        directory: asked for people, posts and units, always as of today.
        now: tells the time.
        deepest_level: units down to it have rooms.
    """

    def __init__(
        self,
        engine: Engine,
        bot: str,
        seal: Seal,
        directory: BotsDirectory,
        now: clock.Clock = clock.now,
        deepest_level: int = RoomSettings().deepest_level,
    ) -> None:
        self._engine = engine
        self._bot = bot
        self._directory = directory
        self._now = now
        self._deepest_level = deepest_level
        self._outbox = Outbox(bot, seal, now)
        self._chain = Chain(bot)
        self._papers = Papers(bot, seal, self._chain)
        self._people = Addressees(bot, self._chain)
        self._signs = Acknowledgements(bot, self._chain)
        self._sightings = Sightings(bot, self._chain)
        self._persons = Persons(bot, self._papers)

    # What is said, and how far it has come

    def put(self, connection: Connection, draft: Draft, state: State, approver: PersonKey | None = None) -> int:
        """Keep a new announcement; returns its number."""
        return self._papers.put(connection, draft, state, approver, self._now())

    def find(self, number: int) -> Broadcast | None:
        return self._reading(lambda connection: self._papers.find(connection, number))

    def contents(self, connection: Connection, number: int) -> tuple[Content, ...]:
        """What it said in each version, from the first on."""
        return self._papers.contents(connection, number)

    def numbers(self) -> tuple[int, ...]:
        """Of all there are, the first first."""
        return self._reading(self._papers.numbers)

    def recent(
        self,
        author: PersonKey | None = None,
        approver: PersonKey | None = None,
        states: Collection[State] = (),
        most: int = 20,
    ) -> tuple[Broadcast, ...]:
        """The latest first; what is left out does not narrow."""
        return self._reading(lambda connection: self._papers.recent(connection, author, approver, states, most))

    def move(
        self,
        connection: Connection,
        number: int,
        to: State,
        among: Collection[State],
        by: str,
        reason: str | None = None,
        approver: PersonKey | None = None,
    ) -> None:
        """Let it be in another state; `by` is a user ID, or the bot's name.

        `approver` is who is asked, or approved; what is sent after it was returned, without being approved, has none.

        Raises:
            Moved: it is in none of the states `among`.
        """
        self._signs.write_down(connection, number, self._now())
        self._papers.move(connection, number, to, among, by, reason, self._now(), approver)

    def rewrite(self, connection: Connection, number: int, content: Content, by: str) -> int:
        """Let it say something else; returns the new version.

        Raises:
            Moved: somebody is asked to approve it, or it was withdrawn.
        """
        self._signs.write_down(connection, number, self._now())
        return self._papers.rewrite(connection, number, content, by, self._now())

    def redraft(self, connection: Connection, number: int, draft: Draft, by: str) -> int:
        """Let what was sent back be another announcement under its number; returns the new version.

        Raises:
            Moved: it is not sent back.
        """
        return self._papers.redraft(connection, number, draft, by, self._now())

    def of_event(self, room_id: str, event_id: str) -> int | None:
        """Which announcement an event of ours belongs to, as far back as the outbox remembers."""
        batch = self._reading(lambda connection: self._outbox.batch_of(connection, room_id, event_id))
        number = (batch or "").removeprefix(BATCH).partition(" ")[0]
        return int(number) if batch is not None and batch.startswith(BATCH) and number.isdecimal() else None

    # Who is meant

    def reach(self, audience: Audience, author: PersonKey | None = None) -> Reach:
        """Whom it would reach today, without its author."""
        tree = Tree.of(self._directory.units())
        rooms = self._directory.announcement_rooms()
        people = self._addressees(audience, tree, rooms, author)
        served = {person.room_id for person in people}
        units = frozenset(unit for unit, room in rooms.items() if room in served)
        neighbours = self._addressees(Audience(under=units), tree, rooms, author) if units else ()
        return reaching.reach(people, neighbours, units)

    def freeze(self, connection: Connection, number: int, reach: Reach) -> None:
        """Keep who is meant, in which post and under which units, and through which rooms it goes."""
        broadcast = self._known(connection, number)
        at = self._now()
        room_units = {room: unit for unit, room in self._directory.announcement_rooms().items()}
        tree = Tree.of(self._directory.units())
        owed_since = at if broadcast.draft.level.asks else None
        self._people.freeze(connection, number, reach, tree, room_units, owed_since, at)

    def rooms(self, number: int) -> tuple[RoomPost, ...]:
        """Where it is posted, by room ID."""

        def read(connection: Connection) -> tuple[RoomPost, ...]:
            return self._people.rooms(connection, number, rollup.read_tree(connection, self._bot, number))

        return self._reading(read)

    def room_ids(self, number: int) -> frozenset[str]:
        """Where it is posted, for who needs nothing more of it: 60,000 people are not read."""
        return self._reading(lambda connection: self._people.room_ids(connection, number))

    # Who has taken note

    def acknowledge(
        self, connection: Connection, number: int, key: PersonKey, at: datetime, means: Means, event_id: str
    ) -> bool:
        """Whether this counts: not where nothing is owed, nor a second time. After the deadline it counts as late."""
        return self._signs.acknowledge(connection, number, key, at, means, event_id)

    def write_down(self, connection: Connection, number: int) -> int:
        """Bring acknowledgements into the chain that are not in it yet; returns how many.

        Whatever else is written about an announcement does so first; its jobs do it between.
        """
        return self._signs.write_down(connection, number, self._now())

    def note_seen(self) -> bool:
        """Write down what the next read receipts prove (`sightings`), in transactions of its own.

        Safe to repeat: a receipt is forgotten once all that it proves is written.

        Returns:
            Whether more may wait.
        """
        proof = self._reading(self._sightings.proven)
        for number, seen in proof.seen.items():
            with self._engine.begin() as connection:
                self._sightings.write(connection, number, seen)
        if proof.receipts:
            with self._engine.begin() as connection:
                self._sightings.forget(connection, proof.receipts)
        return proof.more

    def tallies(self, number: int, under: str | None = None) -> tuple[Tally, ...]:
        """The unit itself, then its direct children by name; each with all below it.

        Without `under` the lowest unit under which everybody is; nothing for a unit in which nobody is meant.
        """

        def read(connection: Connection) -> tuple[Tally, ...]:
            tree = rollup.read_tree(connection, self._bot, number)
            return rollup.tallies(tree, rollup.read_counts(connection, self._bot, number), under)

        return self._reading(read)

    def missing(self, number: int, under: str | None = None, most: int | None = None) -> tuple[Missing, ...]:
        """Who has not acknowledged, in that unit and below, by unit's code and name."""
        away = self._directory.away()

        def read(connection: Connection) -> tuple[Missing, ...]:
            tree = rollup.read_tree(connection, self._bot, number)
            return rollup.read_missing(connection, self._bot, number, tree, under, away, most)

        return self._reading(read)

    # Who comes and goes

    def running(self) -> tuple[int, ...]:
        """The numbers of those that ask something and are not over; the latest first."""
        return self._reading(self._papers.running)

    def reconcile(self, number: int, *, whole: bool = True) -> Drift:
        """How its people have changed; nothing where it is not running, or asks nothing. See `drift` for `whole`."""
        broadcast = self.find(number)
        if broadcast is None or broadcast.state is not State.SENT or not broadcast.draft.level.asks:
            return Drift()
        deadline = broadcast.draft.deadline
        audience = broadcast.draft.wanted.audience
        frozen = self._reading(lambda connection: self._people.standing(connection, number))
        tree = Tree.of(self._directory.units())
        rooms = self._directory.announcement_rooms()
        return drift(
            frozen,
            self._addressees(audience, tree, rooms, broadcast.draft.author.key),
            self._directory.person,
            audience,
            away=self._directory.away(),
            within_deadline=deadline is None or self._now() <= deadline,
            whole=whole,
        )

    def follow(self, connection: Connection, number: int, drift: Drift) -> None:
        """Write down what `reconcile` found; what was written already, or has changed since, stays as it is."""
        at = self._now()
        self._signs.write_down(connection, number, at)
        self._people.release(connection, number, drift.released, at)
        self._people.join(connection, number, drift.newcomers, Tree.of(self._directory.units()), at)

    # The person's side

    def owed_by(self, key: PersonKey) -> tuple[Owed, ...]:
        """What this person has not acknowledged; the oldest first."""
        return self._reading(lambda connection: self._persons.owed_by(connection, key))

    def heard_by(
        self, key: PersonKey, words: str = "", most: int = 20, *, unread: bool = False
    ) -> tuple[Broadcast, ...]:
        """What was meant for this person in the last 90 days and holds all `words`; the latest first.

        `unread` leaves out what they have acknowledged, or seen as far as a receipt proves it.
        """

        def read(connection: Connection) -> tuple[Broadcast, ...]:
            return self._persons.heard_by(connection, key, words, most, self._now(), unread=unread)

        return self._reading(read)

    def wants_digest(self, user_id: str) -> bool:
        """Whether this person wants what is for information once a day, together."""
        return self._reading(lambda connection: self._persons.wants_digest(connection, user_id))

    def choosing_digest(self, user_id: str, wanted: bool) -> Write:
        return self._persons.choosing_digest(user_id, wanted)

    def digest_for(self, day: date) -> tuple[Digest, ...]:
        """For each person who wants it, what was for information that day."""
        return self._reading(lambda connection: self._persons.digest_for(connection, day))

    # What happened

    def entries(self, number: int) -> tuple[Entry, ...]:
        """Everything that happened to it, from the first entry on."""
        return self._reading(lambda connection: self._chain.read(connection, number))

    def act(
        self, connection: Connection, actor: str, verb: str, number: int, details: Mapping[str, object]
    ) -> audit.Act:
        """What was just done to it, for the audit log, which remembers where the chain ends by that."""
        return witness.act_of(self._bot, number, self._chain.head(connection, number), actor, verb, details)

    def verify(self, number: int) -> Checked:
        """Whether its rows and its chain agree; raises LedgerBroken."""

        def read(connection: Connection) -> Checked:
            return proving.check(connection, self._bot, number, self._chain.read(connection, number))

        return self._at_once(read)

    def record(self, number: int) -> Record:
        """All that is kept of it.

        Raises:
            NoSuchBroadcast: there is none of that number.
            LedgerBroken: rows and chain do not agree.
        """

        def read(connection: Connection) -> Record:
            entries = self._chain.read(connection, number)
            return Record(
                self._known(connection, number),
                read_units(connection, self._bot, number),
                read_lines(connection, self._bot, number),
                entries,
                proving.check(connection, self._bot, number, entries),
            )

        return self._at_once(read)

    def _known(self, connection: Connection, number: int) -> Broadcast:
        broadcast = self._papers.find(connection, number)
        if broadcast is None:
            raise NoSuchBroadcast(number)
        return broadcast

    def _addressees(
        self, audience: Audience, tree: Tree, rooms: Mapping[str, str], author: PersonKey | None
    ) -> tuple[Addressee, ...]:
        return reaching.addressees(self._directory.audience(audience), tree, rooms, self._deepest_level, author)

    def _at_once(self, read: Callable[[Connection], T]) -> T:
        """As `_reading`, where several statements have to see the same moment."""
        with self._engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            return read(connection)

    def _reading(self, read: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            return read(connection)
