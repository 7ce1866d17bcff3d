"""The audit log remembers where the chain of each announcement ended, and betrays whoever computes one anew."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from bots.broadcasts.inspection.proof import Proof, prove
from bots.broadcasts.ledger import Ledger, LedgerBroken, NoSuchBroadcast
from bots.broadcasts.model import State
from bots.broadcasts.package import BROADCASTS
from bots.testing.kit import kit
from bots.testing.province import SmallDirectory
from huep import audit
from huep.database import Role
from huep.directory.audience import Audience
from huep.names import localpart_of
from tests.bots.broadcasts.ledger.conftest import Book, book
from tests.bots.broadcasts.town import hears_until
from tests.bots.commands.test_broadcasts import announced
from tests.conftest import Databases

__all__ = ["book"]

CHAIN_OF = "where bot = :bot and number = :number"


@pytest.fixture
def owner(databases: Databases) -> Iterator[Engine]:
    """Who has all rights over the database."""
    engine = databases.engine(Role.OWNER)
    yield engine
    engine.dispose()


def proofs(book: Book, owner: Engine, number: int | None = None) -> list[Proof]:
    with owner.connect() as connection:
        return list(prove(book.ledger, book.bot, audit.read(connection), number))


def rewritten(owner: Engine, *statements: str, **bound: object) -> None:
    """The chain without its guards for a moment, as its owner can have it."""
    with owner.begin() as connection:
        connection.execute(text("alter table bots.broadcast_entries disable trigger keep"))
        for statement in statements:
            assert connection.execute(text(statement), bound).rowcount > 0
        connection.execute(text("alter table bots.broadcast_entries enable trigger keep"))


async def test_sending_closing_and_export_each_leave_a_head_in_the_audit_log(
    databases: Databases, owner: Engine
) -> None:
    async with kit(BROADCASTS, databases) as stage:
        town, director = await announced(stage)
        [posted] = town.seen("SNV")
        an = await stage.person("an")
        await town.reacts(an, posted.event_id, town.room("SNV"))
        await stage.moves(timedelta(days=5))
        await director.says("xuất tin 1")
        await hears_until(director, "would-export")
        await director.says("đồng ý")
        await hears_until(director, "exported")
        bot = localpart_of(stage.bot)
        ledger = Ledger(stage.tools.engine, bot, stage.tools.seal, SmallDirectory())
        with owner.connect() as connection:
            said = "select act from audit.entries where position(:bot in details) > 0 order by seq"
            acts = connection.execute(text(said), {"bot": bot}).scalars().all()
            [proof] = prove(ledger, bot, audit.read(connection))
    assert acts == ["broadcast.send", "broadcast.close", "broadcast.export"]
    assert (proof.holds, proof.witnesses, proof.unwritten) == (True, 3, 0)


async def test_what_is_for_information_is_closed_on_the_record_too(databases: Databases, owner: Engine) -> None:
    async with kit(BROADCASTS, databases) as stage:
        await announced(stage, "thông báo để biết tới Sở Nội vụ: Căng tin mở lại")
        await stage.rest()
        with owner.connect() as connection:
            asked = "select act from audit.entries where position(:bot in details) > 0 order by seq"
            acts = connection.execute(text(asked), {"bot": localpart_of(stage.bot)}).scalars().all()
    assert acts == ["broadcast.send", "broadcast.close"]


def test_a_chain_that_was_computed_anew_is_betrayed(book: Book, owner: Engine) -> None:
    number = book.sends()
    book.records("send", number)
    book.moves(number, State.CLOSED, State.SENT)
    assert [proof.holds for proof in proofs(book, owner)] == [True]
    later = "interval '1 hour'"
    kept = "create temporary table kept on commit drop as select * from bots.broadcast_entries " + CHAIN_OF
    rewritten(
        owner,
        kept,
        f"delete from bots.broadcast_entries {CHAIN_OF}",
        """insert into bots.broadcast_entries (bot, number, at, actor, act, details)
           select bot, number, at + interval '1 hour', actor, act, details from kept order by seq""",
        f"update bots.broadcasts set made_at = made_at + {later}, sent_at = sent_at + {later} {CHAIN_OF}",
        f"update bots.broadcast_versions set written_at = written_at + {later} {CHAIN_OF}",
        f"update bots.broadcast_people set owed_since = owed_since + {later} {CHAIN_OF}",
        bot=book.bot,
        number=number,
    )
    assert book.ledger.verify(number).entries == 3  # alone it holds
    [proof] = proofs(book, owner, number)
    assert proof.fault is not None
    assert f"Announcement {number}: entry 2 is not the one" in proof.fault


def test_a_chain_that_was_cut_behind_a_head_is_betrayed(book: Book, owner: Engine) -> None:
    number = book.sends()
    book.moves(number, State.CLOSED, State.SENT)
    book.records("close", number)
    rewritten(
        owner, f"delete from bots.broadcast_entries {CHAIN_OF} and seq = 3",
        f"update bots.broadcasts set state = 'sent' {CHAIN_OF}", bot=book.bot, number=number,
    )  # fmt: skip
    assert book.ledger.verify(number).entries == 2  # alone it holds
    [proof] = proofs(book, owner)
    assert proof.fault is not None
    assert "entry 3 is gone" in proof.fault


def test_an_announcement_that_is_gone_altogether_is_missed(book: Book, owner: Engine) -> None:
    number = book.sends()
    book.records("send", number)
    tables = ("entries", "people", "units", "rooms", "versions")
    gone = [f"delete from bots.broadcast_{table} {CHAIN_OF}" for table in tables]
    rewritten(owner, *gone, f"delete from bots.broadcasts {CHAIN_OF}", bot=book.bot, number=number)
    [proof] = proofs(book, owner, number)
    assert proof.fault == f"Announcement {number} is not there."


def test_one_that_never_was_is_no_proof_of_anything(book: Book, owner: Engine) -> None:
    book.sends(Audience(under=frozenset({"SNV"})))
    with pytest.raises(NoSuchBroadcast, match="no announcement 99: see"):
        proofs(book, owner, 99)


def test_one_from_before_heads_were_kept_holds_without_witness(book: Book, owner: Engine) -> None:
    number = book.sends()
    assert proofs(book, owner) == [Proof(number, 2, book.ledger.verify(number).head, 0, 0)]


def test_a_head_that_huep_never_wrote_is_told_of(book: Book, owner: Engine) -> None:
    forged = audit.Act("x", "broadcast.send", "broadcast 1", {"chain": {"bot": book.bot, "entries": "many"}})
    audit.record(book.engine, [forged])
    with pytest.raises(LedgerBroken, match=r"Audit entry \d+ .* was not written by HueP"):
        proofs(book, owner)
