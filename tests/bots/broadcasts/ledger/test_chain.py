"""Everything that happened to an announcement is a chain, and what does not agree with it is found."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from bots.broadcasts.ledger import LedgerBroken
from bots.broadcasts.model import Content, Level, State
from bots.testing.province import person, post
from huep.database import Role
from huep.directory.audience import Audience
from huep.directory.model import Standing
from tests.bots.broadcasts.ledger.conftest import Book
from tests.conftest import Databases

OFFICE = Audience(under=frozenset({"SNV-TC"}))
HEADS = Audience(standings=frozenset({Standing.HEAD}))


def lived(book: Book) -> int:
    """An announcement to which everything has happened that can."""
    number = book.sends(OFFICE)
    book.acknowledges(number, "an")
    with book.engine.begin() as connection:
        book.ledger.rewrite(connection, number, Content("Họp lúc 15 giờ"), "@chu-tich:hue.localhost")
    book.changes("pho-phong", locked=True)
    book.directory.people.append(person("moi", "Ngô Văn Mới", post("SNV-TC", "Chuyên viên")))
    book.follows(number)
    book.moves(number, State.CLOSED, State.SENT)
    return number


def returned(book: Book) -> int:
    """One that was sent back, changed, approved and sent, whose head has a successor, and that was withdrawn."""
    approver = book.directory.named("giam-doc").key
    with book.engine.begin() as connection:
        number = book.ledger.put(connection, book.draft(), State.AWAITING, approver)
    book.at += timedelta(hours=1)
    book.moves(number, State.RETURNED, State.AWAITING, reason="Thiếu giờ")
    draft = book.draft(HEADS)
    with book.engine.begin() as connection:
        book.ledger.redraft(connection, number, draft, "@chu-tich:hue.localhost")
        book.ledger.move(
            connection, number, State.AWAITING, [State.RETURNED], "@chu-tich:hue.localhost", approver=approver
        )
    book.at += timedelta(hours=1)
    book.moves(number, State.SENT, State.AWAITING)
    with book.engine.begin() as connection:
        book.ledger.freeze(connection, number, book.ledger.reach(HEADS, draft.author.key))
    book.at += timedelta(hours=1)
    book.changes("giam-doc", posts=(post("VYDA", "Chuyên viên"),))
    book.changes("binh", posts=(post("SNV", "Giám đốc Sở", Standing.HEAD),))
    book.follows(number)
    book.moves(number, State.WITHDRAWN, State.SENT, reason="Hoãn")
    return number


def by_owner(databases: Databases, statement: str, **bound: object) -> None:
    """What somebody with all rights over the database does."""
    owner = databases.engine(Role.OWNER)
    with owner.begin() as connection:
        connection.execute(text("alter table bots.broadcast_entries disable trigger user"))
        assert connection.execute(text(statement), bound).rowcount == 1
        connection.execute(text("alter table bots.broadcast_entries enable trigger user"))
    owner.dispose()


def test_everything_that_happened_is_told_in_order(book: Book) -> None:
    number = lived(book)
    entries = book.ledger.entries(number)
    acts = ["drafted", "frozen", "acknowledged", "rewritten", "released", "joined", "state"]
    assert [entry.act for entry in entries] == acts
    assert [entry.seq for entry in entries] == list(range(1, 8))
    checked = book.ledger.verify(number)
    assert (checked.entries, checked.unwritten, checked.head) == (7, 0, entries[-1].hash.hex())


def test_each_announcement_has_a_chain_of_its_own(book: Book) -> None:
    first, second = book.sends(), book.sends()
    assert len(book.ledger.entries(first)) == len(book.ledger.entries(second)) == 2
    assert book.ledger.verify(first).head != book.ledger.verify(second).head


def test_an_acknowledgement_is_written_down_once(book: Book) -> None:
    number = book.sends()
    book.acknowledges(number, "an")
    assert book.ledger.verify(number).unwritten == 1
    assert (book.writes_down(number), book.writes_down(number)) == (1, 0)
    assert book.ledger.verify(number).unwritten == 0


def test_two_who_write_down_at_once_write_each_acknowledgement_once(book: Book) -> None:
    book.directory.people += [
        person(f"cv{place}", f"Số {place}", post("SNV-TC", "Chuyên viên")) for place in range(250)
    ]
    number = book.sends()
    for place in range(250):
        book.acknowledges(number, f"cv{place}")
    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(lambda _: book.writes_down(number), range(4))) == 250
    assert [entry.act for entry in book.ledger.entries(number)] == ["drafted", "frozen", *["acknowledged"] * 3]
    assert book.ledger.verify(number).unwritten == 0


@pytest.mark.parametrize(
    "statement",
    [
        "update bots.broadcast_entries set details = '{}' where bot = :bot and number = :number and seq = 2",
        "delete from bots.broadcast_entries where bot = :bot and number = :number and seq = 3",
        "delete from bots.broadcast_entries where bot = :bot and number = :number and seq = 7",
        "update bots.broadcasts set state = 'sent' where bot = :bot and number = :number",
        "update bots.broadcasts set draft = '\\x00' where bot = :bot and number = :number",
        "update bots.broadcasts set level = 'urgent' where bot = :bot and number = :number",
        "update bots.broadcasts set deadline = now() where bot = :bot and number = :number",
        "update bots.broadcast_versions set draft = '\\x00' where bot = :bot and number = :number and version = 2",
        "update bots.broadcasts set version = 1 where bot = :bot and number = :number",
        "update bots.broadcast_versions set content = '\\x00' where bot = :bot and number = :number and version = 1",
        "delete from bots.broadcast_versions where bot = :bot and number = :number and version = 2",
        """update bots.broadcast_people set acknowledged_at = now(), means = 'word', event_id = '$', entry = 4
           where bot = :bot and number = :number and full_name = 'Lê Quang Minh'""",
        """update bots.broadcast_people set acknowledged_at = null, means = null, entry = null
           where bot = :bot and number = :number and full_name = 'Nguyễn Thị An'""",
        """update bots.broadcast_people set late = true
           where bot = :bot and number = :number and full_name = 'Nguyễn Thị An'""",
        "delete from bots.broadcast_people where bot = :bot and number = :number and full_name = 'Nguyễn Thị An'",
        "delete from bots.broadcast_people where bot = :bot and number = :number and full_name = 'Lê Quang Minh'",
        "delete from bots.broadcast_people where bot = :bot and number = :number and full_name = 'Ngô Văn Mới'",
        """update bots.broadcast_people set position = 'Trưởng phòng'
           where bot = :bot and number = :number and full_name = 'Nguyễn Thị An'""",
        """update bots.broadcast_people set released_at = null, released = null
           where bot = :bot and number = :number and full_name = 'Phạm Thị Mai'""",
        """update bots.broadcast_people set released_at = now(), released = 'left'
           where bot = :bot and number = :number and full_name = 'Lê Quang Minh'""",
        "update bots.broadcast_units set name = 'Sở X' where bot = :bot and number = :number and unit_code = 'SNV'",
        "update bots.broadcast_units set parent_code = 'HUE' where bot = :bot and number = :number and level = 2",
        "delete from bots.broadcast_units where bot = :bot and number = :number and unit_code = 'SNV'",
        """update bots.broadcast_people set entry = null, acknowledged_at = now()
           where bot = :bot and number = :number and full_name = 'Nguyễn Thị An'""",
        """update bots.broadcast_people set late = true
           where bot = :bot and number = :number and full_name = 'Lê Quang Minh'""",
        """update bots.broadcast_people set entry = 3
           where bot = :bot and number = :number and full_name = 'Lê Quang Minh'""",
        """insert into bots.broadcast_people (bot, number, person_key, user_id, full_name, unit_code, position_code,
             position, standing) select :bot, :number, gen_random_uuid(), '@x:y', 'x', 'SNV', 'x', 'x', 'staff'""",
    ],
)
def test_whatever_is_changed_from_outside_is_found(book: Book, databases: Databases, statement: str) -> None:
    number = lived(book)
    by_owner(databases, statement, bot=book.bot, number=number)
    with pytest.raises(LedgerBroken, match=f"Announcement {number}"):
        book.ledger.verify(number)


@pytest.mark.parametrize(
    "change",
    [
        "broadcasts set approver_key = author_key",
        "broadcasts set approver_key = null",
        "broadcasts set author_key = approver_key",
        "broadcasts set reason = '\\x00'",
        "broadcasts set reason = null",
        "broadcasts set origin = 'Cổng tin'",
        "broadcasts set made_at = made_at - interval '1 s'",
        "broadcasts set sent_at = sent_at - interval '1 s'",
        "broadcasts set sent_at = null",
        "broadcast_versions set written_by = '@x:y'",
        "broadcast_versions set written_at = written_at - interval '1 s'",
        "broadcast_versions set version = 3",
        "broadcast_people set owed_since = owed_since + interval '1 s'",
        "broadcast_people set owed_since = null",
        "broadcast_people set successor_of = null",
        "broadcast_people set successor_of = person_key",
        "broadcast_people set released_at = released_at + interval '1 s'",
        "broadcast_people set released = 'left'",
        "broadcast_people set joined_later = not joined_later",
        "broadcast_rooms set everybody = not everybody",
        "broadcast_rooms set unit_code = 'HUE'",
    ],
)
def test_every_column_that_the_chain_knows_is_compared(book: Book, databases: Databases, change: str) -> None:
    number = returned(book)
    book.ledger.verify(number)
    table = change.partition(" ")[0]
    one = "select max(ctid) from bots.{0} where bot = :bot and number = :number and {1}"
    which = {
        "broadcast_versions": "version = 2",
        "broadcast_people": "released is not null" if "released" in change else "joined_later",
    }
    where = one.format(table, which.get(table, "true"))
    by_owner(databases, f"update bots.{change} where ctid = ({where})", bot=book.bot, number=number)
    with pytest.raises(LedgerBroken, match=f"Announcement {number}"):
        book.ledger.verify(number)


def told_as_before(databases: Databases, book: Book, number: int, change: str) -> None:
    """The chain as an older HueP would have written it, hashed anew."""
    owner, bound = databases.engine(Role.OWNER), {"bot": book.bot, "number": number}
    of = "where bot = :bot and number = :number"
    with owner.begin() as connection:
        connection.execute(text("alter table bots.broadcast_entries disable trigger keep"))
        for statement in (
            f"create temporary table kept on commit drop as select * from bots.broadcast_entries {of}",
            f"delete from bots.broadcast_entries {of}",
            f"""insert into bots.broadcast_entries (bot, number, at, actor, act, details)
                select bot, number, at, actor, act, {change} from kept order by seq""",
        ):
            connection.execute(text(statement), bound)
        connection.execute(text("alter table bots.broadcast_entries enable trigger keep"))
    owner.dispose()


def test_what_older_entries_leave_open_is_not_compared(book: Book, databases: Databases) -> None:
    number = returned(book)
    less = """case when act = 'drafted' then (details::jsonb - 'author')::text
              when act in ('state', 'frozen') then (details::jsonb - 'approver' - 'rooms_sha256')::text
              else details end"""
    told_as_before(databases, book, number, less)
    book.ledger.verify(number)
    by_owner(
        databases,
        "update bots.broadcasts set approver_key = null where bot = :bot and number = :number",
        bot=book.bot,
        number=number,
    )
    book.ledger.verify(number)


def test_an_older_entry_may_tell_the_deadline_with_the_state(book: Book, databases: Databases) -> None:
    number, until = book.sends(), book.at + timedelta(days=5)
    book.moves(number, State.CLOSED, State.SENT)
    later = f"""case when act = 'state' then (details::jsonb || '{{"deadline": "{until.isoformat()}"}}')::text
                else details end""".replace(":", r"\:").replace(r"\:\:", "::")
    told_as_before(databases, book, number, later)
    with pytest.raises(LedgerBroken, match="deadline"):
        book.ledger.verify(number)
    by_owner(
        databases,
        "update bots.broadcasts set deadline = :until where bot = :bot and number = :number",
        bot=book.bot,
        number=number,
        until=until,
    )
    book.ledger.verify(number)


def test_a_later_draft_is_held_by_the_chain_as_the_first_is(book: Book, databases: Databases) -> None:
    with book.engine.begin() as connection:
        number = book.ledger.put(connection, book.draft(), State.RETURNED)
        book.ledger.redraft(connection, number, book.draft(OFFICE, Level.INFORMATION), "@chu-tich:hue.localhost")
    book.ledger.verify(number)
    taken_away = "update bots.broadcast_versions set draft = null where bot = :bot and number = :number and version = 2"
    by_owner(databases, taken_away, bot=book.bot, number=number)
    with pytest.raises(LedgerBroken, match="audience"):
        book.ledger.verify(number)


@pytest.mark.parametrize(
    "statement",
    [
        "update bots.broadcast_entries set actor = 'x' where bot = :bot",
        "delete from bots.broadcast_entries where bot = :bot",
        "truncate bots.broadcast_entries",
        "delete from bots.broadcast_people where bot = :bot",
        "update bots.broadcast_people set full_name = 'x' where bot = :bot",
        "delete from bots.broadcasts where bot = :bot",
        "update bots.broadcasts set draft = '' where bot = :bot",
        "update bots.broadcast_versions set content = '' where bot = :bot",
        "update bots.broadcast_versions set draft = '' where bot = :bot",
        "insert into bots.broadcast_entries (bot, number, seq, at, actor, act, details, previous_hash, hash) "
        "values (:bot, 1, 9, now(), 'x', 'state', '{}', '', '')",
    ],
)
def test_the_bots_role_cannot_change_what_was_written(book: Book, engine: Engine, statement: str) -> None:
    book.sends()
    with pytest.raises(DBAPIError, match="permission denied"), engine.begin() as connection:
        connection.execute(text(statement), {"bot": book.bot})


def test_not_even_the_owner_changes_an_entry_in_passing(book: Book, databases: Databases) -> None:
    book.sends()
    owner = databases.engine(Role.OWNER)
    with pytest.raises(DBAPIError, match="only grows"), owner.begin() as connection:
        connection.execute(text("delete from bots.broadcast_entries where bot = :bot"), {"bot": book.bot})
    owner.dispose()
