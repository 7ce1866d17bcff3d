"""`huep bots announcements` on a real database: what an operator sees, proves and takes away."""

import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import text

from bots.broadcasts.model import State
from bots.sealing import Seal
from huep import secret_names
from huep.database import Role
from tests.bots.broadcasts.ledger.conftest import Book, book
from tests.clients.running import Databases, run_huep

WORDS = "chín triệu đồng"

__all__ = ["book"]


@pytest.fixture
def bot(databases: Databases, bot: str) -> Iterator[str]:
    """Truyền thông has this account for a while, so that its announcements are those of one test."""
    file = databases.state.config_file
    before = file.read_text("utf-8")
    file.write_text(f'{before}[accounts]\nbroadcasts = "{bot}"\n', "utf-8")
    yield bot
    file.write_text(before, "utf-8")


@pytest.fixture
def sealed(databases: Databases, book: Book) -> Book:
    """A ledger that the command can open: two announcements, one of them closed."""
    seal = Seal(databases.state.secret(secret_names.BOTS_MAIL).encode())
    kept = replace(book, seal=seal)
    for _ in range(2):
        number = kept.sends(body=WORDS)
        kept.acknowledges(number, "an")
        kept.records("send", number)
    kept.moves(number, State.CLOSED, State.SENT)
    kept.records("close", number)
    return kept


def announcements(databases: Databases, *arguments: str, code: int = 0) -> str:
    done = run_huep(databases.state.root, "bots", "announcements", *arguments, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return str(done.stdout + done.stderr)


def test_a_list_tells_how_far_each_has_come_and_not_what_it_says(databases: Databases, sealed: Book) -> None:
    rows = json.loads(announcements(databases, "list", "--json"))
    assert [(row["number"], row["state"], row["level"]) for row in rows] == [
        (2, "closed", "important"),
        (1, "sent", "important"),
    ]
    assert {(row["acknowledged"], row["author"]) for row in rows} == {(1, "Nguyễn Văn Phương")}
    assert [row["number"] for row in json.loads(announcements(databases, "list", "--most", "1", "--json"))] == [2]
    shown = announcements(databases, "list") + announcements(databases, "list", "--lang", "en")
    for known in ("đã khép", "closed", "Nguyễn Văn Phương"):
        assert known in shown
    assert WORDS not in json.dumps(rows, ensure_ascii=False) + shown


def test_one_is_shown_with_its_units_and_its_chain(databases: Databases, sealed: Book) -> None:
    shown = announcements(databases, "show", "2")
    for known in ("Sở Nội vụ", "chốt danh sách", "xác nhận", "đổi trạng thái"):
        assert known in shown
    whole = json.loads(announcements(databases, "show", "2", "--json"))
    entries = sealed.ledger.entries(2)
    assert [(one["act"], one["hash"]) for one in whole["entries"]] == [
        (entry.act, entry.hash.hex()) for entry in entries
    ]
    assert [(one["act"], one["people"]) for one in whole["entries"]][1:] == [
        ("frozen", whole["owed"]),
        ("acknowledged", 1),
        ("state", None),
    ]
    assert whole["units"][0]["acknowledged"] == 1
    assert WORDS not in shown + json.dumps(whole, ensure_ascii=False)


def test_what_nobody_touched_is_proven(databases: Databases, sealed: Book) -> None:
    proven = announcements(databases, "verify")
    assert proven.count("✓") == 2
    assert "Thông báo số 2: khớp. Chuỗi có 4 mục; nhật ký kiểm toán ghi 2 điểm cuối" in proven
    [proof] = json.loads(announcements(databases, "verify", "1", "--json"))
    assert (proof["witnesses"], proof["unwritten"], proof["fault"]) == (1, 1, None)


def test_what_was_changed_is_named_and_the_others_still_proven(databases: Databases, sealed: Book) -> None:
    owner = databases.engine(Role.OWNER)
    with owner.begin() as connection:
        connection.execute(
            text("update bots.broadcast_people set position = 'x' where bot = :bot and number = 1 and late = false"),
            {"bot": sealed.bot},
        )
    owner.dispose()
    told = announcements(databases, "verify", code=1)
    assert "✗ Announcement 1: the list of people is not what the chain tells" in told
    assert "✓ Thông báo số 2" in told
    assert "huep audit verify --head" in told


def test_an_export_is_a_new_file_for_its_owner_alone_and_on_the_record(
    databases: Databases, sealed: Book, tmp_path: Path
) -> None:
    file = tmp_path / "hồ sơ.xlsx"
    assert "chỉ trao cho ai cần" in announcements(databases, "export", "2", str(file), "--by", "Lan")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(CalamineWorkbook.from_path(str(file)).sheet_names) == 3
    reader = databases.engine(Role.HR)
    with reader.connect() as connection:
        asked = text("select act, subject, details from audit.entries where actor = 'Lan' order by seq desc limit 1")
        act, subject, details = connection.execute(asked).one()
    reader.dispose()
    assert (act, subject) == ("broadcast.export", "broadcast 2")
    assert json.loads(details)["chain"] == {
        "bot": sealed.bot,
        "entries": 4,
        "hash": sealed.ledger.entries(2)[-1].hash.hex(),
    }
    before = file.read_bytes()
    assert "it is there already" in announcements(databases, "export", "2", str(file), "--by", "Lan", code=1)
    assert file.read_bytes() == before


def test_errors_say_what_to_do(databases: Databases, sealed: Book, tmp_path: Path) -> None:
    for arguments in (("show", "99"), ("verify", "99"), ("export", "99", str(tmp_path / "a.xlsx"), "--by", "Lan")):
        told = announcements(databases, *arguments, code=1)
        assert "There is no announcement 99: see `huep bots announcements list`." in told
    nowhere = str(tmp_path / "none" / "a.xlsx")
    told = announcements(databases, "export", "1", nowhere, "--by", "Lan", code=1)
    assert "name a new file in a folder that is there" in told.replace("\n", " ")
    assert "Missing option" in announcements(databases, "export", "1", nowhere, code=2)


def test_before_the_first_there_is_none(databases: Databases, bot: str) -> None:
    for command in ("list", "verify"):
        assert "Chưa có thông báo nào" in announcements(databases, command)
