"""Whatever writes waits for consent: of that person, in that room, to that act, in time, once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from bots.matrix.port import RoomView
from bots.matrix.trust import Origin
from bots.runtime.access import Caller
from bots.runtime.capabilities import ActNotRecorded, Capability, Effects, Intentions, settled
from bots.runtime.commands import Act, Answer, Request, scene
from bots.runtime.confirmation import Confirmed, NotConfirmed, carry_out, consent_to, rehearse
from bots.runtime.dialogs import Dialog, DialogMoved, Stage
from bots.runtime.help import help_router
from bots.runtime.parsers import AnyText
from bots.runtime.replies import paragraphs
from bots.runtime.router import Router
from bots.testing.province import small_province
from huep.audit import Act as AuditAct
from huep.catalogue import Catalogue, Locale, Message
from tests.bots.desk import ROOM, Desk

AN = "@an:hue.localhost"
ASSISTANT = Catalogue("bots.assistant")


async def a_question(desk: Desk) -> str:
    """An has been asked to confirm quiet hours; the event of the question."""
    await desk.says("an", "giờ yên lặng từ 22h đến 6h")
    return desk.last_event


# ---- Consent, said and shown


@pytest.mark.parametrize(
    "word", ["đồng ý", "Đồng ý ạ!", "dong y", "có", "co nhé", "vâng", "ok", "yes", "✅", "👍🏽", "xác nhận"]
)
async def test_yes_is_said_in_many_ways(word: str) -> None:
    desk = Desk()
    await a_question(desk)
    assert "Xong" in await desk.says("an", word)


@pytest.mark.parametrize("word", ["không", "khong a", "không đồng ý", "❌", "thôi"])
async def test_no_changes_nothing(word: str) -> None:
    desk = Desk()
    await a_question(desk)
    assert "chưa ghi gì" in await desk.says("an", word)
    assert desk.preferences.quiet_hours == {}


@pytest.mark.parametrize(
    "word", ["cô", "cỏ", "đồng y tế", "có thể", "có không", "đồng ý thôi không", "1", "", "được rồi để xem"]
)
async def test_what_only_resembles_a_yes_is_none(word: str) -> None:
    desk = Desk()
    await a_question(desk)
    assert "Xong" not in await desk.says("an", word)
    assert desk.preferences.quiet_hours == {}


async def test_a_reaction_to_the_question_is_a_yes() -> None:
    desk = Desk()
    await a_question(desk)
    assert "Xong" in await desk.reacts("an", "✅")


@pytest.mark.parametrize("key", ["🎉", "đồng ý", "có", ""])
async def test_other_signs_say_nothing(key: str) -> None:
    desk = Desk()
    await a_question(desk)
    assert await desk.reacts("an", key) == ""
    assert desk.preferences.quiet_hours == {}


async def test_a_sign_set_to_another_message_is_none() -> None:
    desk = Desk()
    await desk.says("an", "tôi là ai")
    older = desk.last_event
    await a_question(desk)
    assert await desk.reacts("an", "✅", target=older) == ""
    assert await desk.reacts("an", "✅", target="$not-ours") == ""
    assert desk.preferences.quiet_hours == {}


# ---- Bound to person, room, act and time; once


async def test_nobody_else_can_say_yes() -> None:
    desk = Desk()
    question = await a_question(desk)
    assert "không có việc gì chờ" in await desk.says("binh", "đồng ý")
    assert await desk.reacts("binh", "✅", target=question) == ""
    assert desk.preferences.quiet_hours == {}


async def test_a_yes_in_another_room_is_none() -> None:
    desk = Desk()
    await a_question(desk)
    assert "không có việc gì chờ" in await desk.says("an", "đồng ý", room_id="!khac")
    assert desk.preferences.quiet_hours == {}


async def test_a_yes_after_the_time_is_none() -> None:
    desk = Desk()
    await a_question(desk)
    desk.lets_time_pass(timedelta(minutes=5))
    assert await desk.reacts("an", "✅") == ""
    assert "Tôi chờ lâu" in await desk.says("an", "đồng ý")
    assert desk.preferences.quiet_hours == {}


async def test_a_yes_from_before_the_question_is_none() -> None:
    """Who types ahead agrees to something that they have not read."""
    desk = Desk()
    early = desk.text("an", "đồng ý")
    desk.lets_time_pass(timedelta(seconds=3))
    await a_question(desk)
    assert "từ 22:00 đến 06:00" in await desk.takes(early)
    assert desk.preferences.quiet_hours == {}
    assert "Xong" in await desk.says("an", "đồng ý")


async def test_a_yes_to_an_older_question_is_none() -> None:
    desk = Desk()
    older = await a_question(desk)
    await desk.says("an", "thôi")
    await desk.says("an", "giờ yên lặng từ 1h đến 2h")
    assert "tin cũ hơn" in await desk.says("an", "đồng ý", reply_to=older)
    assert desk.preferences.quiet_hours == {}
    assert "01:00" in await desk.says("an", "đồng ý", reply_to=desk.last_event)


async def test_a_yes_counts_once() -> None:
    """Two answers that were dispatched beside each other: the second one's transaction fails as a whole."""
    desk = Desk()
    await a_question(desk)
    room = RoomView(ROOM, True, desk.members)
    first, second = [await desk.dispatcher.dispatch(desk.text("an", "có"), room) for _ in range(2)]
    desk.commits(first, "$first")
    with pytest.raises(DialogMoved):
        desk.commits(second, "$second")
    assert desk.dialogs.kept == {}


async def test_dispatching_again_before_the_commit_comes_to_the_same() -> None:
    desk = Desk()
    for said in ("giờ yên lặng từ 22h đến 6h", "đồng ý"):
        event, room = desk.text("an", said), RoomView(ROOM, True, desk.members)
        first, again = [await desk.dispatcher.dispatch(event, room) for _ in range(2)]
        assert first.outgoing == again.outgoing
        desk.commits(again, event.event_id)
    assert AN in desk.preferences.quiet_hours


# ---- By construction


def request(desk: Desk, **changes: Any) -> Request:
    person = small_province().person_of(AN)
    assert person is not None
    event = desk.text("an", "đồng ý")
    values: dict[str, Any] = {
        "event": event,
        "room": RoomView(ROOM, True, desk.members),
        "caller": Caller(person, None),
        "locale": Locale.VI,
        "moment": desk.now,
        "commands": desk.router.commands,
    }
    return Request(**(values | changes))


def an_act(desk: Desk) -> Act:
    act = next(command for command in desk.router.commands if command.name == "no-quiet-hours")
    assert isinstance(act, Act)
    return act


def test_nobody_else_can_make_a_consent() -> None:
    desk = Desk()
    with pytest.raises(NotConfirmed):
        Confirmed(object(), an_act(desk), request(desk), None, "x")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"stage": Stage.FILLING}, "something else"),
        ({"scene": "quiet-hours"}, "something else"),
        ({"user_id": "@binh:hue.localhost"}, "somebody else"),
        ({"room_id": "!khac"}, "another room"),
        ({"expires_at": Desk().now}, "time is over"),
        ({"shown": ""}, "nothing was read out"),
    ],
)
def test_consent_is_refused_where_anything_differs(changed: Mapping[str, Any], why: str) -> None:
    desk = Desk()
    dialog = Dialog(
        ROOM, AN, "no-quiet-hours", Stage.CONFIRMING, "$e", Locale.VI, desk.now, desk.now + timedelta(1), shown="x"
    )
    assert consent_to(an_act(desk), request(desk), None, dialog).act.name == "no-quiet-hours"
    with pytest.raises(NotConfirmed, match=why):
        consent_to(an_act(desk), request(desk), None, replace(dialog, **changed))


@pytest.mark.parametrize("origin", [Origin.UNSIGNED, Origin.PLAIN])
def test_consent_comes_from_a_verified_device(origin: Origin) -> None:
    desk = Desk()
    dialog = Dialog(
        ROOM, AN, "no-quiet-hours", Stage.CONFIRMING, "$e", Locale.VI, desk.now, desk.now + timedelta(1), shown="x"
    )
    asking = request(desk, event=desk.text("an", "đồng ý", origin=origin))
    with pytest.raises(NotConfirmed, match="such an event"):
        consent_to(an_act(desk), asking, None, dialog)


async def test_what_would_come_out_differently_by_now_is_not_done() -> None:
    desk = Desk()
    act, asking = an_act(desk), request(desk)
    dialog = Dialog(
        ROOM, AN, act.name, Stage.CONFIRMING, "$e", Locale.VI, desk.now, desk.now + timedelta(1), shown="something else"
    )
    again = await carry_out(consent_to(act, asking, None, dialog))
    assert again == await rehearse(act, asking, None)


# ---- Acts of power, by a bot that has one


@dataclass(frozen=True)
class Board:
    """A notice board: what may be put up, and what would be."""

    effects: Effects | None = None
    intentions: Intentions | None = None
    recorded: bool = True

    def put_up(self, words: str) -> None:
        if self.intentions is not None:
            self.intentions.say(Message.of("quiet-hours", start=words, end=NOTES.get("latest", "")))
        if self.effects is not None:
            self.effects.write(put_up(words))
            if self.recorded:
                self.effects.record("board.put-up", "board", {"length": len(words)})


NOTES: dict[str, str] = {}


def put_up(words: str) -> Any:
    def write(_: Connection) -> None:
        NOTES["latest"] = words

    return write


@dataclass(frozen=True)
class Named:
    """What is put up, in the field for which the borrowed catalogue has a name."""

    start: str


def board_desk(*, recorded: bool = True) -> Desk:
    """A bot whose one act is of power; its words are borrowed from the assistant's catalogue."""
    NOTES.clear()
    router = Router("settings", ASSISTANT)
    power = Capability(
        "board", lambda effects: Board(effects, None, recorded), lambda intentions: Board(None, intentions)
    )

    @router.act(
        "quiet-hours",
        {Locale.VI: ("đăng {start}",), Locale.EN: ("put up {start}",)},
        power,
        scene=scene(Named, start=AnyText()),
    )
    async def put(request: Request, named: Named, board: Board) -> Answer:
        board.put_up(named.start)
        return paragraphs("đã đăng")

    whole = Router("settings", ASSISTANT)
    whole.include(router, help_router(ASSISTANT))
    return Desk(router=whole)


@pytest.fixture
def audited(monkeypatch: pytest.MonkeyPatch) -> list[AuditAct]:
    acts: list[AuditAct] = []
    monkeypatch.setattr("huep.audit.append", lambda _, new: acts.extend(new))
    return acts


async def test_an_act_of_power_is_recorded_with_who_confirmed_it(audited: list[AuditAct]) -> None:
    desk = board_desk()
    await desk.says("an", "đăng Họp lúc 8h")
    assert (NOTES, audited) == ({}, [])
    assert await desk.says("an", "đồng ý") == "đã đăng"
    assert NOTES == {"latest": "Họp lúc 8h"}
    assert audited == [AuditAct(AN, "board.put-up", "board", {"length": 10})]


async def test_an_act_of_power_wants_words_and_no_sign(audited: list[AuditAct]) -> None:
    desk = board_desk()
    assert "✅" not in await desk.says("an", "đăng Họp")
    assert 'cần bạn gõ "đồng ý"' in await desk.reacts("an", "✅")
    assert NOTES == {}
    assert await desk.says("an", "đồng ý") == "đã đăng"


async def test_power_that_is_not_recorded_is_not_used() -> None:
    desk = board_desk(recorded=False)
    await desk.says("an", "đăng Họp")
    assert "đang bận" in await desk.says("an", "đồng ý")
    assert NOTES == {}


def test_a_deed_is_recorded_by_what_it_came_to(audited: list[AuditAct]) -> None:
    effects, written = Effects(AN), list[str]()

    def deed(_: object) -> AuditAct:
        written.append("17")
        return AuditAct(AN, "board.put-up", "board 17", {})

    effects.enact(deed)
    writes = settled(Capability("board", Board, Board), effects)
    assert (written, audited) == ([], []), "nothing is done by saying so"
    for write in writes:
        write(None)  # type: ignore[arg-type]
    assert (written, [act.subject for act in audited]) == (["17"], ["board 17"])


def test_unrecorded_power_is_an_error_of_its_own() -> None:
    effects = Effects(AN)
    effects.write(put_up("x"))
    with pytest.raises(ActNotRecorded):
        settled(Capability("board", Board, Board), effects)


async def test_what_changed_since_it_was_read_out_is_read_out_again(audited: list[AuditAct]) -> None:
    desk = board_desk()
    await desk.says("an", "đăng Họp")
    NOTES["latest"] = "của người khác"
    assert "đã có thay đổi" in await desk.says("an", "đồng ý")
    assert NOTES == {"latest": "của người khác"}
    assert await desk.says("an", "đồng ý") == "đã đăng"
