"""What the client repeats, what it never repeats, and what it says when Synapse does not do as asked."""

import asyncio
import json
from collections.abc import Callable

import httpx
import pytest

from huep.synapse_admin import (
    AccountRequest,
    AccountVerb,
    JoinRule,
    RoomSpec,
    SynapseAdmin,
    SynapseRefused,
    SynapseUnreachable,
)
from huep.synapse_http import LONGEST_WAIT_S, MOST_ATTEMPTS

TOKEN = "syt_secret_admin"
SERVICE_TOKEN = "secret_service"


class Scripted:
    """Answers in turn, the last one for ever, and remembers what was asked."""

    def __init__(self, *answers: tuple[int, dict[str, object]] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer[0], json=answer[1])


def client(script: Callable[[httpx.Request], httpx.Response]) -> SynapseAdmin:
    return SynapseAdmin("http://127.0.0.1:1", TOKEN, SERVICE_TOKEN, transport=httpx.MockTransport(script))


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    seen: list[float] = []

    async def sleep(seconds: float) -> None:
        seen.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return seen


LIMITED = (429, {"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests", "retry_after_ms": 300})
BROKEN = (500, {"errcode": "M_UNKNOWN", "error": "Internal server error"})


async def test_a_rate_limit_is_waited_out_for_as_long_as_synapse_says(waits: list[float]) -> None:
    script = Scripted(LIMITED, (200, {"room_id": "!r:hue.localhost"}))
    assert await client(script).create_room(RoomSpec("Phòng")) == "!r:hue.localhost"
    assert waits == [pytest.approx(0.35)]


async def test_no_wait_is_longer_than_the_limit_and_the_attempts_end(waits: list[float]) -> None:
    script = Scripted((429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 86_400_000}))
    with pytest.raises(SynapseRefused, match="M_LIMIT_EXCEEDED"):
        await client(script).create_room(RoomSpec("Phòng"))
    assert len(script.asked) == MOST_ATTEMPTS
    assert max(waits) == LONGEST_WAIT_S


async def test_the_refusal_of_a_registration_looks_like_a_limit_and_is_not_repeated(waits: list[float]) -> None:
    script = Scripted((200, {"nonce": "n"}), (429, {"errcode": "M_UNKNOWN", "error": "Rate limited"}))
    with pytest.raises(SynapseRefused) as refusal:
        await client(script).register("shared", "ai-do", "mat-khau")
    assert refusal.value.status == 429
    assert (len(script.asked), waits) == (2, [])


async def test_a_room_is_not_made_again_after_an_error_that_may_have_come_after_it_was_made(waits: list[float]) -> None:
    for failure in (BROKEN, httpx.ReadTimeout("late")):
        script = Scripted(failure)
        with pytest.raises((SynapseRefused, SynapseUnreachable)):
            await client(script).create_room(RoomSpec("Phòng"))
        assert len(script.asked) == 1


async def test_a_batch_is_repeated_because_doing_it_twice_changes_nothing(waits: list[float]) -> None:
    done = (200, {"results": [{"id": "1", "ok": True, "changed": True}]})
    script = Scripted(BROKEN, httpx.ReadTimeout("late"), done)
    (result,) = await client(script).act_on_accounts([AccountRequest("1", AccountVerb.LOCK, "an-k1")])
    assert result.changed
    assert len(script.asked) == 3


async def test_a_synapse_that_is_not_there_is_one_sentence(waits: list[float]) -> None:
    with pytest.raises(SynapseUnreachable, match="nothing listens there") as error:
        await client(Scripted(httpx.ConnectError("refused"))).whoami()
    assert "http://127.0.0.1:1" in str(error.value)


async def test_no_token_stands_in_an_error(waits: list[float]) -> None:
    for script in (Scripted((401, {"errcode": "M_UNKNOWN_TOKEN", "error": "no"})), Scripted(httpx.ReadTimeout(TOKEN))):
        with pytest.raises((SynapseRefused, SynapseUnreachable)) as error:
            await client(script).whoami()
        assert TOKEN not in str(error.value)
        assert SERVICE_TOKEN not in repr(error.value)


async def test_450_actions_go_in_three_requests_with_the_service_token_and_come_back_in_order() -> None:
    sizes: list[int] = []

    def serve(request: httpx.Request) -> httpx.Response:
        assert request.headers["Authorization"] == f"Bearer {SERVICE_TOKEN}"
        actions = json.loads(request.content)["actions"]
        sizes.append(len(actions))
        return httpx.Response(
            200, json={"results": [{"id": action["id"], "ok": True, "changed": False} for action in actions]}
        )

    results = await client(serve).act_on_accounts(
        [AccountRequest(str(number), AccountVerb.LOCK, f"p{number}") for number in range(450)]
    )
    assert sizes == [200, 200, 50]
    assert [result.id for result in results] == [str(number) for number in range(450)]


def test_a_room_says_for_itself_who_enters_and_whether_it_is_encrypted() -> None:
    plain = RoomSpec("Thông báo", join_rule=JoinRule.INVITE).as_json()
    kinds = {item["type"]: item["content"] for item in plain["initial_state"]}
    assert kinds["m.room.join_rules"] == {"join_rule": "invite"}
    assert "m.room.encryption" not in kinds
    assert (plain["preset"], plain["room_version"]) == ("public_chat", "11")
    secret = RoomSpec("Thảo luận", encrypted=True).as_json()
    assert any(item["type"] == "m.room.encryption" for item in secret["initial_state"])


async def test_reading_who_was_seen_ends_with_the_first_who_never_was() -> None:
    pages = [
        {"users": [{"name": "@an:h", "last_seen_ts": 5}, {"name": "@ba:h", "last_seen_ts": 9}], "next_token": "2"},
        {"users": [{"name": "@ca:h", "last_seen_ts": 11}, {"name": "@da:h", "last_seen_ts": None}], "next_token": "4"},
    ]
    script = Scripted(*((200, page) for page in pages))
    assert await client(script).seen_users() == {"@an:h", "@ba:h", "@ca:h"}
    assert [request.url.params["from"] for request in script.asked] == ["0", "2"]
    assert {request.url.params["order_by"] for request in script.asked} == {"last_seen_ts"}


async def test_the_same_notice_has_the_same_transaction() -> None:
    script = Scripted((200, {"event_id": "$e"}))
    await client(script).send_notice("!r:h", "Phòng đã đóng", "m-t-l-n")
    assert script.asked[0].method == "PUT"
    assert script.asked[0].url.path.endswith("/send/m.room.message/m-t-l-n")
    assert json.loads(script.asked[0].content) == {"msgtype": "m.notice", "body": "Phòng đã đóng"}


async def test_a_closed_child_of_a_space_is_shown_last_and_not_suggested() -> None:
    script = Scripted((200, {"event_id": "$e"}))
    await client(script).place_in_space("!s:h", "!r:h", "h", order="~", suggested=False)
    await client(script).take_from_space("!s:h", "!r:h")
    assert [json.loads(request.content) for request in script.asked] == [
        {"via": ["h"], "suggested": False, "order": "~"},
        {},
    ]
