"""The ledger of one announcement to 60,000 people in 700 units: frozen, acknowledged, rolled up, written out."""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from statistics import median

from sqlalchemy import Engine, text

from benchmarks import workbook
from benchmarks.databases import directory_of
from benchmarks.figures import Figure, p95, timed
from bots.broadcasts.ledger import Ledger
from bots.broadcasts.model import Author, Content, Draft, Level, Means, State, Wanted
from bots.matrix.port import Batch, Placed, Receipt
from bots.runtime.readings import Readings
from bots.sealing import Seal
from huep import clock
from huep.database import Role
from huep.directory import Audience, Directory
from huep.directory.model import Member, PersonKey

PEOPLE = 60_000
THREADS = 8
ACKNOWLEDGED = 8_000
"""One at a time, each in a transaction of its own, as reactions come."""
ASKED_EACH = 200
RECEIPTS, ROUNDS = 2_000, 5
"""Of other people each round, in the rooms of their units."""
MS = 1_000.0

_SAID = text("""
insert into bots.outbox (bot, room_id, transaction_id, event_type, content, priority, batch, state, created_at, due_at,
  give_up_at, event_id, settled_at)
select :bot, :room, :event, 'm.room.message', '', 1, 'broadcast ' || :number || ' words', 'sent', now(), now(), now(),
  :event, now()
where not exists (select from bots.outbox where bot = :bot and event_id = :event)
""")


def measure() -> Iterator[Figure]:
    """`rollup_60k_p95_ms`: a unit and its children, each with all below; the province as often as all others."""
    with directory_of(PEOPLE) as loaded:
        engine = loaded.engine(Role.BOTS)
        directory = Directory(engine)
        ledger = Ledger(engine, workbook.BOT, Seal(workbook.SECRET), directory)
        people = directory.audience(Audience())
        number, seconds = _sent(engine, ledger, people[0])
        yield Figure("ledger_freeze_60k_s", seconds, "s")
        chance = random.Random(1)
        keys = [person.key for person in chance.sample(people[1:], len(people) // 2)]
        early, rest = keys[:ACKNOWLEDGED], keys[ACKNOWLEDGED:]
        taken = timed(lambda: _acknowledge(engine, ledger, number, early))
        yield Figure("ledger_acks_per_s", len(early) / taken, "acknowledgements/s")
        _acknowledge(engine, ledger, number, rest)
        yield Figure("ledger_write_down_30k_s", timed(lambda: _write_down(engine, ledger, number)), "s")
        taken = median(_see(engine, ledger, number, people[at::ROUNDS][:RECEIPTS]) for at in range(ROUNDS))
        yield Figure("ledger_receipts_per_s", min(RECEIPTS, len(people) // ROUNDS) / taken, "receipts/s")
        yield Figure("ledger_verify_60k_s", timed(lambda: ledger.verify(number)), "s")
        yield Figure("ledger_follow_60k_s", timed(lambda: ledger.reconcile(number, whole=False)), "s")
        yield Figure("directory_fingerprint_60k_ms", median(timed(directory.fingerprint) for _ in range(5)) * MS, "ms")
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            root = str(connection.execute(text("select unit_code from bots.broadcast_units where level = 0")).scalar())
        units = [unit.code for unit in directory.units() if unit.code != root]
        asked = [code for _ in range(ASKED_EACH) for code in (root, chance.choice(units))]
        ledger.tallies(number, root)
        tallies = [timed(partial(ledger.tallies, number, code)) for code in asked]
        yield Figure("rollup_60k_p95_ms", p95(tallies) * MS, "ms")
        missing = [timed(partial(ledger.missing, number, code, most=50)) for code in asked]
        yield Figure("rollup_60k_missing_p95_ms", p95(missing) * MS, "ms")
        yield from workbook.figures(loaded.state.root, number)
        engine.dispose()


def _sent(engine: Engine, ledger: Ledger, author: Member) -> tuple[int, float]:
    """Its number, and how long it takes to freeze everybody, with the transaction's end."""
    draft = Draft(
        Level.IMPORTANT,
        Content("Họp lúc 14 giờ"),
        Wanted(Audience(), "toàn tỉnh"),
        Author(author.key, author.user_id, author.full_name, author.position, author.unit_code, author.unit_code),
        "!chat",
        clock.now() + timedelta(days=2),
    )
    reach = ledger.reach(Audience(), author.key)
    with engine.begin() as connection:
        number = ledger.put(connection, draft, State.SENT)

    def freeze() -> None:
        with engine.begin() as connection:
            ledger.freeze(connection, number, reach)

    return number, timed(freeze)


def _acknowledge(engine: Engine, ledger: Ledger, number: int, keys: Sequence[PersonKey]) -> None:
    def one(key: PersonKey) -> None:
        with engine.begin() as connection:
            assert ledger.acknowledge(connection, number, key, clock.now(), Means.REACTION, f"${key}")

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(one, keys))


def _see(engine: Engine, ledger: Ledger, number: int, people: Sequence[Member]) -> float:
    """How long it takes to count the receipts of these people, each in a room of their unit, where the words stand."""
    own, at = f"@{workbook.BOT}:bench", clock.now()
    rooms = {f"!{person.unit_code}": f"$words{number}-{person.unit_code}" for person in people}
    at_ms = int(at.timestamp() * 1_000)
    receipts = [Receipt(f"!{one.unit_code}", one.user_id, rooms[f"!{one.unit_code}"], at_ms) for one in people]
    with engine.begin() as connection:
        for room_id, event_id in rooms.items():
            connection.execute(_SAID, {"bot": workbook.BOT, "room": room_id, "event": event_id, "number": number})
        said = tuple(Placed(room_id, event_id, own) for room_id, event_id in rooms.items())
        readings = Readings(workbook.BOT, own)
        readings.keep(connection, Batch("t", timeline=said))
        readings.keep(connection, Batch("t", receipts=tuple(receipts)))

    def count() -> None:
        while ledger.note_seen():
            pass

    return timed(count)


def _write_down(engine: Engine, ledger: Ledger, number: int) -> None:
    with engine.begin() as connection:
        ledger.write_down(connection, number)
