"""What every event goes through before a command sees it."""

from typing import Any

import psycopg
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy.exc import OperationalError

from bots.matrix.port import Edit, File, MediaFile, PollResponse
from bots.matrix.trust import Origin
from bots.runtime.metrics import CommandMetrics, Trace
from bots.testing.province import SmallDirectory
from huep.catalogue import Locale
from huep.database import DatabaseUnreachable
from tests.bots.desk import Desk

AN = "@an:hue.localhost"


async def test_a_bot_has_no_command_for_votes() -> None:
    desk = Desk()
    assert await desk.takes(PollResponse(**desk._common("la"), target="$x", answer_ids=("1",))) == ""


async def test_what_it_has_no_ears_for_gets_a_sentence() -> None:
    desk = Desk()
    file = MediaFile("mxc://hue.localhost/x", kind="audio/ogg")
    edit = Edit(**desk._common("an"), target="$x", body="tôi là ai")
    voice = await desk.takes(File(**desk._common("an"), body="tôi là ai", file=file))
    assert "chỉ đọc được tin nhắn bằng chữ" in voice
    assert "không đọc tin đã sửa" in await desk.takes(edit)


async def test_whoever_writes_in_clear_gets_a_fixed_sentence_and_nothing_else() -> None:
    desk = Desk()
    await desk.says("an", "giờ yên lặng từ 22h đến 6h")
    for said in ("tôi là ai", "đồng ý", "bất kỳ"):
        assert "mã hóa đầu cuối" in await desk.says("an", said, origin=Origin.PLAIN)
        assert "Nguyễn" not in desk.sent[-1].content["body"]
    assert desk.preferences.quiet_hours == {}


async def test_a_device_that_its_owner_has_not_signed_gets_nothing_here_and_its_person_a_notice_elsewhere() -> None:
    desk = Desk()
    await desk.says("an", "giờ yên lặng từ 22h đến 6h")
    for said in ("tôi là ai", "đồng ý", "bất kỳ"):
        assert await desk.says("an", said, origin=Origin.UNSIGNED) == ""
    assert [notice["user_id"] for notice in desk.notices.wanted] == [AN] * 3
    assert desk.preferences.quiet_hours == {}


async def test_the_answer_to_what_came_in_clear_names_who_wrote_it_alone_and_quotes_nothing() -> None:
    desk = Desk()
    await desk.says("an", "bí mật", origin=Origin.PLAIN)
    assert set(desk.sent[-1].content) == {"msgtype", "body", "m.mentions", "m.relates_to"}
    assert desk.sent[-1].content["m.mentions"] == {"user_ids": [AN]}
    assert "bí mật" not in str(desk.sent[-1].content)


async def test_strangers_and_locked_people_are_told_one_thing() -> None:
    desk = Desk()
    assert await desk.says("la", "tôi là ai") == await desk.says("khoa", "tôi là ai")
    assert await desk.reacts("la", "✅") == ""


async def test_whatever_fails_costs_one_kind_sentence_and_shows_no_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("bí mật của An")

    monkeypatch.setattr(SmallDirectory, "headcount", fails)
    desk = Desk()
    assert "đang bận" in await desk.says("an", "đơn vị tôi")
    assert "Nguyễn Thị An" in await desk.says("an", "tôi là ai"), "the others go on"
    logged = capsys.readouterr().out
    assert "RuntimeError" in logged
    assert "bí mật" not in logged


@pytest.mark.parametrize(
    "error", [DatabaseUnreachable("x"), OperationalError("select", {}, psycopg.errors.AdminShutdown())]
)
async def test_while_the_database_is_away_the_event_is_left_for_later(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise error

    desk = Desk()
    monkeypatch.setattr(desk.directory, "person_of", away)
    with pytest.raises(type(error)):
        await desk.says("an", "tôi là ai")


async def test_answers_ring_and_bare_sentences_do_not() -> None:
    desk = Desk()
    kinds = []
    for said in ("tôi là ai", "không hiểu gì cả", "giờ yên lặng"):
        await desk.says("an", said)
        kinds.append(desk.sent[-1].content["msgtype"])
    assert kinds == ["m.text", "m.notice", "m.text"]


async def test_a_thread_is_answered_in_the_thread_and_a_sign_at_what_it_is_set_to() -> None:
    desk = Desk()
    await desk.says("an", "giờ yên lặng từ 22h đến 6h", thread_root="$root")
    question = desk.last_event
    assert desk.sent[-1].content["m.relates_to"]["event_id"] == "$root"
    await desk.reacts("an", "✅")
    assert desk.sent[-1].content["m.relates_to"]["m.in_reply_to"]["event_id"] == question


async def test_the_language_is_the_chosen_one_else_that_of_the_question() -> None:
    desk = Desk()
    assert "Your leader" in await desk.says("an", "who am i")
    assert "chưa hiểu" in await desk.says("an", "xyz")
    desk.preferences.locales[AN] = Locale.EN
    assert "did not understand" in await desk.says("an", "xyz")
    assert "Your leader" in await desk.says("an", "tôi là ai")


def figures(registry: CollectorRegistry, name: str) -> dict[str, float]:
    lines = generate_latest(registry).decode().splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if line.startswith(name)}


async def test_commands_are_counted_by_name_and_result_and_never_by_words_or_people() -> None:
    desk = Desk()

    async def say(who: str, *many: str, **changes: Any) -> None:
        for one in many:
            await desk.says(who, one, **changes)

    await say("an", "tôi là ai", "xyz", "giờ yên lặng", "22h", "6h", "đồng ý", "Sở Nội vụ có bao nhiêu người")
    await say("an", "ngôn ngữ", "thôi")
    await say("la", "xin chào")
    await say("an", "bí mật", origin=Origin.UNSIGNED)
    counted = figures(desk.registry, "huep_bot_events_total")
    assert counted == {
        f'huep_bot_events_total{{bot="tro-ly",command="{command}",result="{result}"}}': count
        for command, result, count in (
            ("who-am-i", "answered", 1),
            ("none", "unknown", 2),
            ("quiet-hours", "asked", 3),
            ("quiet-hours", "acted", 1),
            ("language", "asked", 1),
            ("language", "stopped", 1),
            ("none", "stranger", 1),
            ("none", "refused", 1),
        )
    }
    assert figures(desk.registry, "huep_bot_dispatch_seconds_count") == {
        'huep_bot_dispatch_seconds_count{bot="tro-ly"}': 11
    }


def test_bots_of_one_process_share_their_counters() -> None:
    registry = CollectorRegistry()
    metrics = CommandMetrics(registry)
    for bot in ("tro-ly", "khao-sat"):
        metrics.count(bot, Trace("help", "answered"), 0.01)
    assert len(figures(registry, "huep_bot_events_total")) == 2
