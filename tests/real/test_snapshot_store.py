"""What is kept of a register, who waits, who is missing, and what is deleted in time; against real PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Engine, insert, select, text

from hr_provisioner.current import Current, Missing, PersonFacts
from hr_provisioner.directory.reader import read_current
from hr_provisioner.directory.store import write
from hr_provisioner.planning.actions import (
    Action,
    CreateAccount,
    LockAccount,
    Subject,
    UpdatePerson,
    as_json,
    canonical,
)
from hr_provisioner.planning.plan import make_plan
from hr_provisioner.planning.plan_json import action_from_json
from hr_provisioner.records import AbsenceRecord, Quarantined, Register
from hr_provisioner.register.register import register_of
from hr_provisioner.service.retention import expire
from hr_provisioner.snapshots import stored_messages
from hr_provisioner.snapshots.acceptance import SnapshotOvertaken, accept
from hr_provisioner.snapshots.content import SnapshotExpired, content_of
from hr_provisioner.snapshots.judgement import Accepted, Parked
from hr_provisioner.snapshots.missing import missing_if_accepted, missing_people
from hr_provisioner.snapshots.presence import Presence, presence_of
from hr_provisioner.snapshots.shape import Shape, shape_of, snapshot_hash
from hr_provisioner.snapshots.store import (
    SnapshotUnknown,
    as_parked,
    believed_at,
    by_hash,
    keep_snapshot,
    last_accepted,
    parked,
)
from hr_provisioner.sources import Source, open_source
from hr_provisioner.tables import quarantine, run_actions, runs
from huep.catalogue import Message
from huep.database import Role
from huep.directory.model import AbsenceKind
from tests.conftest import Databases
from tests.hr_provisioner.hostile.province import NOW, TODAY, Export, sound

ONE_DAY = timedelta(days=1)
DOUBT = Parked((Message.of("parked-thin", table=Message("table-posts"), column="Cấp", before=20, now=3),))


@pytest.fixture(scope="session")
def owner(databases: Databases) -> Iterator[Engine]:
    engine = databases.engine(Role.OWNER)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(owner: Engine) -> Iterator[Connection]:
    with owner.connect() as connection, connection.begin() as transaction:
        connection.execute(text("truncate hr.snapshots, hr.missing, register.people, register.units cascade"))
        yield connection
        transaction.rollback()


class Book:
    """Editions of a small register, written and read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def edition(self, exported_at: datetime = NOW, people: int = 3) -> tuple[Source, Register, Shape]:
        export = sound()
        del export.posts[people:]
        return self.read(replace(export, exported_at=exported_at))

    def read(self, export: Export) -> tuple[Source, Register, Shape]:
        self._count += 1
        source = open_source(export.write(self._folder / str(self._count)))
        register = register_of(source)
        return source, register, shape_of(source, register, NOW)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path)


def found(connection: Connection, register: Register) -> Current:
    """Everybody of `register` with an account."""
    in_service = tuple(replace(person, leaves_on=None) for person in register.people)
    plan = make_plan(replace(register, people=in_service), Current((), ()), TODAY)
    write(connection, plan.actions, "hue.localhost")
    return read_current(connection, TODAY)


def kept(connection: Connection, edition: tuple[Source, Register, Shape], now: datetime = NOW) -> UUID:
    return keep_snapshot(connection, *edition, Accepted(), now)


NOBODY_MISSED = Presence(frozenset())


def test_a_snapshot_is_stored_once_and_becomes_the_last_when_accepted(connection: Connection, book: Book) -> None:
    edition = book.edition()
    snapshot_id = keep_snapshot(connection, *edition, DOUBT, NOW)
    assert keep_snapshot(connection, *edition, DOUBT, NOW + ONE_DAY) == snapshot_id
    assert last_accepted(connection, "files") is None
    accept(connection, snapshot_id, NOBODY_MISSED, NOW)
    assert last_accepted(connection, "files") == edition[2]
    assert last_accepted(connection, "postgres") is None


def test_the_last_is_the_latest_export(connection: Connection, book: Book) -> None:
    for edition in (book.edition(NOW), book.edition(NOW + ONE_DAY)):
        accept(connection, kept(connection, edition), NOBODY_MISSED, NOW)
    last = last_accepted(connection, "files")
    assert last is not None
    assert last.exported_at == NOW + ONE_DAY


def test_what_waited_in_vain_waits_anew_when_it_is_read_again(connection: Connection, book: Book) -> None:
    edition = book.edition()
    snapshot_id = keep_snapshot(connection, *edition, DOUBT, NOW, waits=3 * ONE_DAY)
    for day, received in ((2, NOW), (3, NOW + 3 * ONE_DAY), (5, NOW + 3 * ONE_DAY)):
        again = keep_snapshot(connection, *edition, DOUBT, NOW + day * ONE_DAY, waits=3 * ONE_DAY)
        assert again == snapshot_id
        assert parked(connection)[0].received_at == received
    expire(connection, NOW + 60 * ONE_DAY, keep_days=7)
    assert parked(connection) == ()
    keep_snapshot(connection, *edition, DOUBT, NOW + 60 * ONE_DAY)
    assert parked(connection)[0].reasons == DOUBT.reasons
    assert register_of(content_of(connection, snapshot_id)).people == edition[1].people


def test_a_source_read_live_waits_under_one_hash_until_it_expires(connection: Connection, book: Book) -> None:
    first = book.edition()
    keep_snapshot(connection, *first, DOUBT, NOW)
    later = replace(first[2], exported_at=NOW + ONE_DAY)
    assert as_parked(connection, later, NOW + ONE_DAY, waits=3 * ONE_DAY) == first[2]
    assert as_parked(connection, later, NOW + 3 * ONE_DAY, waits=3 * ONE_DAY) == later
    other = replace(later, sha256="0" * 64)
    assert as_parked(connection, other, NOW + ONE_DAY) == other
    assert as_parked(connection, replace(later, source="rest"), NOW + ONE_DAY).exported_at == later.exported_at


def test_what_was_overtaken_or_had_no_doubts_lends_its_hash_to_nobody(connection: Connection, book: Book) -> None:
    first = book.edition()
    keep_snapshot(connection, *first, Accepted(), NOW)
    later = replace(first[2], exported_at=NOW + 2 * ONE_DAY)
    assert as_parked(connection, later, NOW) == later
    second = book.edition(people=4)
    keep_snapshot(connection, *second, DOUBT, NOW)
    accept(connection, kept(connection, book.edition(NOW + ONE_DAY, people=5)), NOBODY_MISSED, NOW)
    again = replace(second[2], exported_at=NOW + 2 * ONE_DAY)
    assert as_parked(connection, again, NOW) == again


def test_what_was_accepted_once_is_known_by_its_content(connection: Connection, book: Book) -> None:
    edition = book.edition()
    snapshot_id = kept(connection, edition)
    again = replace(edition[2], exported_at=NOW + ONE_DAY)
    assert believed_at(connection, again) is None
    accept(connection, snapshot_id, NOBODY_MISSED, NOW)
    assert believed_at(connection, again) == NOW
    assert believed_at(connection, replace(again, source="rest")) is None


def test_what_waits_is_found_by_its_hash_with_its_reasons(connection: Connection, book: Book) -> None:
    edition = book.edition()
    snapshot_id = keep_snapshot(connection, *edition, DOUBT, NOW)
    (waiting,) = parked(connection)
    assert (waiting.snapshot_id, waiting.hash, waiting.reasons) == (
        snapshot_id,
        snapshot_hash(edition[2]),
        DOUBT.reasons,
    )
    assert by_hash(connection, waiting.hash) == waiting
    for wrong in ("zz", "", waiting.hash[:8]):
        with pytest.raises(SnapshotUnknown):
            by_hash(connection, wrong)


def test_a_parked_snapshot_that_was_overtaken_neither_waits_nor_counts(connection: Connection, book: Book) -> None:
    waiting = keep_snapshot(connection, *book.edition(NOW), DOUBT, NOW)
    accept(connection, kept(connection, book.edition(NOW + ONE_DAY)), NOBODY_MISSED, NOW)
    assert parked(connection) == ()
    with pytest.raises(SnapshotOvertaken):
        accept(connection, waiting, NOBODY_MISSED, NOW)


def test_the_content_is_read_again_as_it_was_and_the_same_bytes_are_kept_once(
    connection: Connection, book: Book
) -> None:
    first, again = book.edition(NOW), book.edition(NOW + ONE_DAY)
    kept(connection, first)
    snapshot_id = kept(connection, again)
    assert register_of(content_of(connection, snapshot_id)).people == first[1].people
    stored = connection.execute(text("select count(content) from hr.snapshots")).scalar_one()
    assert stored == 1


def test_quarantined_rows_are_kept_with_row_column_and_reason(connection: Connection, book: Book) -> None:
    export = sound()
    export.posts[5]["Họ và tên"] = "Nguyễn \0 Văn"
    export.posts[6]["Mã đơn vị"] = "H57.99"
    source, register, shape = book.read(export)
    snapshot_id = keep_snapshot(connection, source, register, shape, DOUBT, NOW)
    query = select(quarantine).where(quarantine.c.snapshot_id == snapshot_id).order_by(quarantine.c.number)
    name, unit = connection.execute(query).all()
    (reason,) = stored_messages.from_json(name.reason)
    assert (name.row, name.column_name, reason.name) == (7, "Họ và tên", "name-characters")
    (reason,) = stored_messages.from_json(unit.reason)
    kept_row = Quarantined(unit.source, unit.row, unit.column_name, unit.value, reason, unit.officer_code)
    assert kept_row == register.quarantined[1]


def test_absence_is_counted_once_a_snapshot_and_ends_with_a_mention(connection: Connection, book: Book) -> None:
    everybody = book.edition(NOW)
    current = found(connection, everybody[1])
    lost = current.by_code[everybody[1].people[2].officer_code].key
    for day in (1, 2):
        edition = book.edition(NOW + day * ONE_DAY, people=2)
        presence, now = presence_of(edition[1], current), NOW + day * ONE_DAY
        foreseen = missing_if_accepted(connection, edition[2], presence, now)
        snapshot_id = kept(connection, edition)
        for _ in range(2):
            accept(connection, snapshot_id, presence, now)
            assert missing_if_accepted(connection, edition[2], presence, now) == foreseen
        assert missing_people(connection) == foreseen
    assert missing_people(connection) == {lost: Missing(NOW + ONE_DAY, 2)}
    back = book.edition(NOW + 3 * ONE_DAY)
    accept(connection, kept(connection, back), presence_of(back[1], current), NOW + 3 * ONE_DAY)
    assert missing_people(connection) == {}


def test_a_snapshot_that_only_waits_counts_nobody_as_missing(connection: Connection, book: Book) -> None:
    found(connection, book.edition(NOW)[1])
    keep_snapshot(connection, *book.edition(NOW + ONE_DAY, people=1), DOUBT, NOW)
    assert missing_people(connection) == {}


def test_the_locked_and_those_in_doubt_are_not_counted(connection: Connection, book: Book) -> None:
    everybody = book.edition(NOW)
    current = found(connection, everybody[1])
    locked, doubtful, lost = (current.by_code[person.officer_code].key for person in everybody[1].people)
    connection.execute(text("update register.accounts set locked = true where person_key = :key"), {"key": locked})
    presence = Presence(frozenset({locked, lost}), frozenset({doubtful}))
    accept(connection, kept(connection, everybody), presence, NOW)
    assert set(missing_people(connection)) == {lost}
    later = book.edition(NOW + ONE_DAY)
    accept(connection, kept(connection, later), Presence(frozenset(), frozenset({lost, doubtful})), NOW + ONE_DAY)
    assert missing_people(connection) == {lost: Missing(NOW, 1)}


def test_contents_end_after_their_days_but_for_the_last_accepted_and_the_waiting(
    connection: Connection, book: Book
) -> None:
    old, last, waiting = (book.edition(NOW + day * ONE_DAY, people=day + 3) for day in range(3))
    old_id, last_id = kept(connection, old), kept(connection, last)
    for snapshot_id in (old_id, last_id):
        accept(connection, snapshot_id, NOBODY_MISSED, NOW)
    waiting_id = keep_snapshot(connection, *waiting, DOUBT, NOW)
    connection.execute(
        text("insert into hr.quarantine values (:id, 0, 'f', 2, 'Cấp', 'x', '[]', 'CB1')"), {"id": old_id}
    )
    expired = expire(connection, NOW + 10 * ONE_DAY, keep_days=7)
    assert (expired.contents, expired.quarantined_rows) == (1, 1)
    with pytest.raises(SnapshotExpired):
        content_of(connection, old_id)
    assert content_of(connection, last_id) and content_of(connection, waiting_id)
    assert len(parked(connection)) == 1
    assert last_accepted(connection, "files") == last[2]
    assert expire(connection, NOW + 10 * ONE_DAY, keep_days=7).contents == 0
    expire(connection, NOW + 30 * ONE_DAY, keep_days=7)
    assert parked(connection) == ()


def test_content_that_a_younger_snapshot_shares_stays(connection: Connection, book: Book) -> None:
    first, again, last = book.edition(NOW), book.edition(NOW + ONE_DAY), book.edition(NOW + 2 * ONE_DAY, people=5)
    kept(connection, first, NOW)
    shared = kept(connection, again, NOW + 9 * ONE_DAY)
    accept(connection, kept(connection, last, NOW + 9 * ONE_DAY), NOBODY_MISSED, NOW)
    assert expire(connection, NOW + 10 * ONE_DAY, keep_days=7).contents == 0
    assert content_of(connection, shared).posts().header


def test_finished_hints_are_forgotten(connection: Connection) -> None:
    connection.execute(text("delete from hr.hints"))
    columns = connection.execute(text("select * from hr.hints")).keys()
    about = next(column for column in columns if column in ("about", "officer_code"))
    for event, state in (("1", "done"), ("2", "open")):
        connection.execute(
            text(
                f"insert into hr.hints (event_id, {about}, received_at, settled_at, state) values (:e, 'CB1', :at, :at, :s)"
            ),
            {"e": event + str(uuid4()), "at": NOW, "s": state},
        )
    assert expire(connection, NOW + 40 * ONE_DAY, keep_days=30).hints == 1


def test_runs_forget_the_private_facts_of_people_and_keep_what_was_done(connection: Connection) -> None:
    who = Subject(uuid4(), "CB1", "Lê Thị Thử", "SNV")
    away = AbsenceRecord(AbsenceKind.SICK, NOW.date(), None)
    facts = PersonFacts("Lê Thị Thử", NOW.date(), "thu@hue.test", None, NOW.date(), away)
    actions = (
        CreateAccount(who, "thu", "Lê Thị Thử", facts, ()),
        UpdatePerson(who, replace(facts, absence=None), facts, NOW.date()),
        LockAccount(who, "thu", NOW.date()),
    )
    young, old = uuid4(), uuid4()
    for run, began in ((old, NOW - 361 * ONE_DAY), (young, NOW - 359 * ONE_DAY)):
        connection.execute(
            insert(runs).values(run_id=run, plan_hash="h", register_sha256="s", actor="boss", started_at=began)
        )
        for number, action in enumerate(actions):
            connection.execute(
                insert(run_actions).values(
                    run_id=run, number=number, action=canonical(as_json(action)), state="done", name=action.name
                )
            )
    assert expire(connection, NOW, keep_days=30).run_actions == 2
    assert expire(connection, NOW, keep_days=30).run_actions == 0

    def kept_of(run: UUID) -> tuple[Action, ...]:
        query = select(run_actions.c.action).where(run_actions.c.run_id == run).order_by(run_actions.c.number)
        return tuple(action_from_json(text) for text in connection.execute(query).scalars())

    nothing = replace(facts, birth_date=None, email=None, absence=None)
    assert kept_of(young) == actions
    assert kept_of(old) == (
        replace(actions[0], facts=nothing),
        replace(actions[1], before=nothing, after=nothing),
        actions[2],
    )
