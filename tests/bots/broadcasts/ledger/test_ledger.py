"""Who was meant, in which post; who has acknowledged; what an announcement says and how far it has come."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from bots.broadcasts.ledger import Ledger, Moved, RoomPost
from bots.broadcasts.model import AttachedFile, Content, Level, State, Wanted
from bots.matrix.port import MediaFile
from bots.runtime.outbox import Outbox
from bots.runtime.outcome import Outgoing
from bots.sealing import Seal, SealBroken
from bots.testing.province import post
from huep.directory.audience import Audience
from huep.directory.model import AbsenceKind, Standing
from tests.bots.broadcasts.ledger.conftest import Book
from tests.bots.running import SEAL

OFFICE = Audience(under=frozenset({"SNV-TC"}))


def names(book: Book, number: int, under: str | None = None) -> list[str]:
    return [one.full_name for one in book.ledger.missing(number, under)]


def test_numbers_count_from_one_for_each_bot(book: Book, engine: object) -> None:
    assert [book.sends(), book.sends()] == [1, 2]
    assert Book(book.engine, f"{book.bot}-2", book.directory).sends() == 1


def test_an_announcement_is_found_as_it_was_drafted(book: Book) -> None:
    files = (AttachedFile(MediaFile("mxc://hue/1", key="k", size_bytes=3), "ảnh.png", picture=True),)
    audience = Audience(
        standings=frozenset({Standing.HEAD}),
        any_of=(Audience(levels=frozenset({1})), OFFICE),
        excluding=(Audience(people=frozenset({book.directory.named("an").key})),),
    )
    draft = replace(book.draft(audience), content=Content("Đã rõ?", "<b>Đã rõ?</b>", files))
    with book.engine.begin() as connection:
        number = book.ledger.put(connection, draft, State.AWAITING, approver=book.directory.named("giam-doc").key)
    found = book.ledger.find(number)
    assert found is not None
    assert found.draft == draft
    assert (found.state, found.made_at, found.sent_at, found.version) == (State.AWAITING, book.at, None, 1)
    assert found.approver == book.directory.named("giam-doc").key
    assert book.ledger.find(number + 1) is None


def test_nothing_that_it_says_lies_in_the_database_in_clear(book: Book) -> None:
    number = book.sends(body="mật khẩu kho lưu trữ")
    book.moves(number, State.WITHDRAWN, State.SENT, reason="sai địa điểm")
    with book.engine.connect() as connection:
        for table in ("broadcasts", "broadcast_versions", "broadcast_entries"):
            rows = connection.execute(text(f"select * from bots.{table} where bot = :bot"), {"bot": book.bot}).all()
            assert rows
            for part in ("mật khẩu", "sai địa điểm"):
                assert all(
                    part not in str(value) and part.encode() not in bytes(value if isinstance(value, bytes) else b"")
                    for row in rows
                    for value in row
                )
    with pytest.raises(SealBroken):
        Ledger(book.engine, book.bot, Seal(b"another secret"), book.directory).find(number)


def test_recent_ones_are_found_by_author_approver_and_state(book: Book) -> None:
    head = book.directory.named("giam-doc").key
    with book.engine.begin() as connection:
        waits = book.ledger.put(connection, book.draft(), State.AWAITING, approver=head)
    sent = book.sends()
    ledger = book.ledger
    chair = book.directory.named("chu-tich").key
    assert [one.number for one in ledger.recent(author=chair)] == [sent, waits]
    assert [one.number for one in ledger.recent(approver=head, states=[State.AWAITING])] == [waits]
    assert [one.number for one in ledger.recent(states=[State.SENT, State.CLOSED])] == [sent]
    assert [one.number for one in ledger.recent(most=1)] == [sent]
    assert ledger.recent(author=head) == ()


def test_of_two_who_approve_one_comes_too_late(book: Book) -> None:
    with book.engine.begin() as connection:
        number = book.ledger.put(connection, book.draft(), State.AWAITING)
    book.at += timedelta(hours=1)
    book.moves(number, State.SENT, State.AWAITING)
    with pytest.raises(Moved):
        book.moves(number, State.RETURNED, State.AWAITING, reason="chưa rõ")
    found = book.ledger.find(number)
    assert found is not None
    assert (found.state, found.sent_at, found.reason) == (State.SENT, book.at, None)


def test_the_reason_for_which_it_came_back_is_kept(book: Book) -> None:
    with book.engine.begin() as connection:
        number = book.ledger.put(connection, book.draft(), State.AWAITING)
    book.moves(number, State.RETURNED, State.AWAITING, reason="chưa rõ hạn")
    found = book.ledger.find(number)
    assert found is not None
    assert found.reason == "chưa rõ hạn"


def test_an_edit_is_a_new_version_and_none_is_made_of_what_waits_or_was_withdrawn(book: Book) -> None:
    number = book.sends()
    with book.engine.begin() as connection:
        assert book.ledger.rewrite(connection, number, Content("Họp lúc 15 giờ"), "@chu-tich:hue.localhost") == 2
    found = book.ledger.find(number)
    assert found is not None
    assert (found.version, found.draft.content.body) == (2, "Họp lúc 15 giờ")
    with book.engine.begin() as connection:
        waits = book.ledger.put(connection, book.draft(), State.AWAITING)
    book.moves(number, State.WITHDRAWN, State.SENT)
    for refused in (waits, number):
        with pytest.raises(Moved), book.engine.begin() as connection:
            book.ledger.rewrite(connection, refused, Content("x"), "@chu-tich:hue.localhost")


def test_people_of_units_too_deep_for_rooms_are_in_those_of_the_nearest_above(book: Book) -> None:
    reach = book.ledger.reach(Audience(), book.directory.named("chu-tich").key)
    assert {one.user_id.partition(":")[0]: one.room_id for one in reach.people} == {
        "@giam-doc": "!snv",
        "@truong-phong": "!tc",
        "@pho-phong": "!tc",
        "@an": "!tc",
        "@binh": "!snv",
    }
    assert (reach.bystanders, reach.mixed) == (0, frozenset())
    assert reach.room_units == {"SNV", "SNV-TC"}


def test_who_belongs_in_a_room_that_is_not_open_yet_is_not_looked_for_in_that_of_the_unit_above(book: Book) -> None:
    del book.directory.rooms["SNV-TC"]
    reach = book.ledger.reach(Audience(under=frozenset({"SNV"})))
    assert {one.unit_code: one.room_id for one in reach.people} == {"SNV": "!snv", "SNV-TC": None, "SNV-VP": "!snv"}
    assert (reach.bystanders, reach.mixed, reach.room_units) == (0, frozenset(), {"SNV"})


def test_how_deep_units_have_rooms_is_the_provinces_to_say(book: Book) -> None:
    book.deepest_level = 1
    assert book.ledger.reach(OFFICE).rooms == {"!snv"}


def test_who_is_in_the_room_and_not_meant_is_a_bystander(book: Book) -> None:
    reach = book.ledger.reach(Audience(standings=frozenset({Standing.HEAD})), book.directory.named("chu-tich").key)
    assert len(reach.people) == 2
    assert (reach.bystanders, reach.mixed) == (3, frozenset({"!snv", "!tc"}))


def test_where_no_unit_above_has_a_room_it_reaches_nobody_through_one(book: Book) -> None:
    book.directory.rooms = {"VYDA": "!vyda"}
    reach = book.ledger.reach(OFFICE)
    assert (len(reach.people), reach.without_room, reach.rooms) == (3, 3, frozenset())


def test_each_room_says_who_in_it_is_meant_and_whether_that_is_all(book: Book) -> None:
    number = book.sends(Audience(any_of=(OFFICE, Audience(people=frozenset({book.directory.named("binh").key})))))
    assert book.ledger.rooms(number) == (
        RoomPost("!snv", "SNV", "Sở Nội vụ", (("@binh:hue.localhost", "Hồ Văn Bình"),), everybody=False),
        RoomPost(
            "!tc",
            "SNV-TC",
            "Phòng Tổ chức biên chế",
            (
                ("@truong-phong:hue.localhost", "Lê Quang Minh"),
                ("@an:hue.localhost", "Nguyễn Thị An"),
                ("@pho-phong:hue.localhost", "Phạm Thị Mai"),
            ),
            everybody=True,
        ),
    )


def test_posts_and_names_of_units_stay_as_they_were_when_it_was_sent(book: Book) -> None:
    number = book.sends(OFFICE)
    book.changes("an", posts=(post("VYDA", "Bí thư", Standing.HEAD),), full_name="Nguyễn Thị Ân")
    an = next(one for one in book.ledger.missing(number) if one.user_id.startswith("@an:"))
    assert (an.full_name, an.position, an.unit_name) == ("Nguyễn Thị An", "Chuyên viên", "Phòng Tổ chức biên chế")


def test_freezing_fails_with_the_transaction_that_it_is_in(book: Book) -> None:
    reach = book.ledger.reach(Audience())
    with pytest.raises(ZeroDivisionError), book.engine.begin() as connection:
        number = book.ledger.put(connection, book.draft(), State.SENT)
        book.ledger.freeze(connection, number, reach)
        raise ZeroDivisionError
    assert book.ledger.find(1) is None
    assert book.ledger.rooms(1) == ()


def test_a_second_acknowledgement_changes_nothing(book: Book) -> None:
    number = book.sends()
    assert book.acknowledges(number, "an", "$first")
    book.at += timedelta(days=3)
    assert not book.acknowledges(number, "an", "$second")
    (tally, *_) = book.ledger.tallies(number)
    assert (tally.acknowledged, tally.late) == (1, 0)
    book.writes_down(number)
    assert json.loads(book.ledger.entries(number)[-1].details)["people"][0][3] == "$first"


def test_after_the_deadline_it_counts_as_late(book: Book) -> None:
    number = book.sends()
    book.at += timedelta(days=2)
    assert book.acknowledges(number, "binh")
    book.at += timedelta(seconds=1)
    assert book.acknowledges(number, "an")
    (tally, *_) = book.ledger.tallies(number)
    assert (tally.owed, tally.acknowledged, tally.late, tally.missing) == (5, 2, 1, 3)


@pytest.mark.parametrize("who", ["chu-tich", "khoa"])
def test_who_was_not_meant_cannot_acknowledge(book: Book, who: str) -> None:
    assert not book.acknowledges(book.sends(), who)


def test_what_is_for_information_asks_nothing_of_anybody(book: Book) -> None:
    number = book.sends(level=Level.INFORMATION)
    assert not book.acknowledges(number, "an")
    assert book.ledger.tallies(number)[0].percent == 100.0
    assert book.ledger.missing(number) == ()


def test_what_was_withdrawn_takes_no_acknowledgement_and_what_was_closed_does(book: Book) -> None:
    number = book.sends()
    book.moves(number, State.CLOSED, State.SENT)
    assert book.acknowledges(number, "an")
    book.moves(number, State.WITHDRAWN, State.CLOSED)
    assert not book.acknowledges(number, "binh")


def test_the_roll_up_has_a_unit_and_its_children_each_with_all_below(book: Book) -> None:
    number = book.sends()
    book.acknowledges(number, "an")
    book.acknowledges(number, "binh")
    tallies = {one.unit_code: (one.owed, one.acknowledged) for one in book.ledger.tallies(number, "HUE")}
    assert tallies == {"HUE": (5, 2), "SNV": (5, 2)}
    assert [one.unit_code for one in book.ledger.tallies(number)] == ["SNV", "SNV-TC", "SNV-VP"]
    assert [(one.owed, one.acknowledged) for one in book.ledger.tallies(number, "SNV")] == [(5, 2), (3, 1), (1, 1)]
    assert [one.unit_code for one in book.ledger.tallies(number, "SNV-TC")] == ["SNV-TC"]
    assert book.ledger.tallies(number, "VYDA") == ()


def test_the_missing_are_listed_by_unit_and_name_as_far_as_asked(book: Book) -> None:
    number = book.sends()
    book.acknowledges(number, "an")
    assert names(book, number) == ["Trần Thị Hoà", "Lê Quang Minh", "Phạm Thị Mai", "Hồ Văn Bình"]
    assert names(book, number, "SNV-TC") == ["Lê Quang Minh", "Phạm Thị Mai"]
    assert names(book, number, "VYDA") == []
    assert len(book.ledger.missing(number, most=1)) == 1


def test_who_is_on_long_leave_today_is_marked_among_the_missing(book: Book) -> None:
    number = book.sends()
    book.changes("binh", absence=AbsenceKind.SICK)
    assert {one.full_name for one in book.ledger.missing(number) if one.away} == {"Lê Quang Minh", "Hồ Văn Bình"}


def test_an_event_is_known_by_the_batch_in_which_it_was_sent(book: Book) -> None:
    outbox = Outbox(book.bot, SEAL, lambda: book.at)
    letters = {
        "broadcast 7 !snv 0": ("!snv", "$news", "broadcast 7"),
        "progress": ("!chat", "$progress", None),
        "digest": ("!chat", "$digest", "digest 7"),
    }
    with book.engine.begin() as connection:
        for key, (room, _, batch) in letters.items():
            outbox.put(connection, {key: Outgoing(room, "m.room.message", {})}, batch)
        for room, event_id, _ in letters.values():
            connection.execute(
                text(
                    "update bots.outbox set state = 'sent', event_id = :event where outbox_id = ("
                    "select min(outbox_id) from bots.outbox where bot = :bot and room_id = :room and event_id is null)"
                ),
                {"event": event_id, "bot": book.bot, "room": room},
            )
    assert book.ledger.of_event("!snv", "$news") == 7
    assert book.ledger.of_event("!elsewhere", "$news") is None
    assert book.ledger.of_event("!chat", "$progress") is None
    assert book.ledger.of_event("!chat", "$digest") is None


def test_what_is_sent_again_in_own_right_was_approved_by_nobody_and_may_be_wholly_another(book: Book) -> None:
    approver, later = book.directory.named("giam-doc").key, book.at + timedelta(days=5)
    with book.engine.begin() as connection:
        number = book.ledger.put(connection, book.draft(), State.AWAITING, approver)
    book.moves(number, State.RETURNED, State.AWAITING, reason="thiếu giờ")
    before = book.ledger.find(number)
    assert before is not None
    assert before.approver == approver
    audience = Wanted(Audience(under=frozenset({"VYDA"})), "Phường Vỹ Dạ")
    other = replace(before.draft, level=Level.IMPORTANT, content=Content("Họp lại"), wanted=audience, deadline=later)
    with book.engine.begin() as connection:
        assert book.ledger.redraft(connection, number, other, "@chu-tich:hue.localhost") == 2
        book.ledger.move(connection, number, State.SENT, (State.RETURNED,), "@chu-tich:hue.localhost")
    after = book.ledger.find(number)
    assert after is not None
    assert (after.approver, after.draft) == (None, other)
    assert book.ledger.recent(states=(State.SENT,)) == (after,)
    with book.engine.begin() as connection:
        book.ledger.rewrite(connection, number, Content("Họp lần nữa"), "@chu-tich:hue.localhost")
        with pytest.raises(Moved):
            book.ledger.redraft(connection, number, other, "@chu-tich:hue.localhost")
    reworded = book.ledger.find(number)
    assert reworded is not None
    assert reworded.draft == replace(other, content=Content("Họp lần nữa")), "a version of words alone keeps the rest"
    book.moves(number, State.CLOSED, State.SENT)
    assert book.ledger.verify(number).entries == 6
