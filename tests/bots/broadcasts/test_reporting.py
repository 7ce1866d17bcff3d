"""How an announcement has come out, in words."""

from uuid import UUID

from bots.broadcasts import reporting
from bots.broadcasts.model import Level, Missing, Tally
from bots.broadcasts.reporting import MOST_LISTED, MOST_UNITS, Progress
from huep.catalogue import Locale
from tests.bots.broadcasts.values import broadcast

SENT = Progress(rooms=30, rooms_reached=30, people=0, people_reached=0, lost=0)


def tally(name: str, owed: int, acknowledged: int, late: int = 0) -> Tally:
    return Tally(name, name, None, 1, owed, acknowledged, late)


def missing(count: int) -> list[Missing]:
    return [
        Missing(UUID(int=at), f"@p{at}:hue", f"Người {at}", "Chuyên viên", "SNV", "Sở Nội vụ", "!room", away=at == 0)
        for at in range(count)
    ]


def test_what_could_not_be_sent_is_said_and_ends_the_waiting() -> None:
    come = Progress(rooms=30, rooms_reached=28, people=4, people_reached=4, lost=2)
    told = reporting.progress_line(broadcast(), come, ())
    assert come.finished
    assert "28/30 phòng" in told
    assert "4/4 người" in told
    assert "2 tin không gửi được" in told


def test_nobody_is_counted_of_what_asks_nothing() -> None:
    plain = broadcast(level=Level.INFORMATION, deadline=None)
    assert reporting.progress_line(plain, SENT, (tally("Sở Nội vụ", 0, 0),)) == "Thông báo số 17 đã đến 30/30 phòng."


def test_a_hundred_percent_are_all_and_no_less() -> None:
    almost = reporting.progress_answer(broadcast(), SENT, (tally("Sở Nội vụ", 1000, 999),), Locale.VI).body
    assert "999/1.000 người đã xác nhận (99%)." in almost
    assert "(100%)" in reporting.progress_answer(broadcast(), SENT, (tally("Sở Nội vụ", 4, 4),), Locale.VI).body


def test_units_below_have_a_bar_each_and_too_many_are_counted() -> None:
    below = [tally(f"Phường {at}", 10, at % 11) for at in range(MOST_UNITS + 5)]
    body = reporting.progress_answer(broadcast(), SENT, (tally("Huế", 450, 200, 3), *below), Locale.VI).body
    assert "trong đó 3 người muộn" in body
    assert "▰▰▰▱▱▱▱▱▱▱ Phường 3: 3/10 (30%)" in body
    assert body.endswith("… và 5 đơn vị khác.")


def test_the_missing_stand_under_their_units_and_too_many_are_counted() -> None:
    body = reporting.missing_answer(broadcast(), missing(MOST_LISTED + 2), Locale.VI).body
    assert "52 người chưa xác nhận:\n• Sở Nội vụ: Người 0 (đang vắng), Người 1, " in body
    assert body.endswith("… và 2 người khác.")
    assert "Không còn ai" in reporting.missing_answer(broadcast(), (), Locale.VI).body


def test_names_and_words_of_people_are_never_formatting() -> None:
    odd = [Missing(UUID(int=1), "@p:hue", "<b>An</b>", "x", "SNV", "A & B", None)]
    assert "&lt;b&gt;An" in reporting.missing_answer(broadcast(), odd, Locale.VI).html
