"""System-notice rooms: what of a request is taken, and that everything else is fixed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.matrix import notice_room as asking
from synapse_modules.room_rules import notice_room
from synapse_modules.room_rules.refusals import Refusal

SERVER = "hue.localhost"
BOT, AN = f"@tro-ly:{SERVER}", f"@an-k1:{SERVER}"
BODY = {notice_room.MARK: True, "invite": [AN], "name": "Thông báo hệ thống", "topic": "Về thiết bị của bạn"}


def is_ours(user_id: str) -> bool:
    return user_id.endswith(f":{SERVER}")


def test_the_bots_ask_for_it_by_the_word_that_the_module_knows() -> None:
    assert asking.MARK == notice_room.MARK


def test_it_is_for_one_person_of_this_server() -> None:
    assert notice_room.refusal(BODY, is_ours, {BOT}) is None
    for invited in ([], [AN, f"@binh:{SERVER}"], ["@an:elsewhere.vn"], [BOT]):
        assert notice_room.refusal({**BODY, "invite": invited}, is_ours, {BOT}) is Refusal.MALFORMED
    for words in ({"name": "x" * 256}, {"topic": "x" * 256}, {"name": 7}):
        assert notice_room.refusal({**BODY, **words}, is_ours, {BOT}) is Refusal.MALFORMED


@pytest.mark.parametrize("mark", [None, False, 1, "true", {}])
def test_only_the_word_itself_asks_for_it(mark: object) -> None:
    assert not notice_room.is_asked_for({**BODY, notice_room.MARK: mark})


@given(
    st.dictionaries(
        st.sampled_from(["preset", "visibility", "initial_state", "power_level_content_override", "creation_content",
                         "room_version", "room_alias_name", "is_direct", "invite_3pid", "vn.example.more"]),
        st.one_of(st.text(), st.integers(), st.lists(st.dictionaries(st.text(), st.text())), st.dictionaries(st.text(), st.integers())),
    )
)  # fmt: skip
def test_whatever_else_is_asked_for_nobody_but_the_maker_has_a_say_in_it(more: dict[str, object]) -> None:
    made = notice_room.shaped({**more, **BODY}, BOT)
    assert made == notice_room.shaped(BODY, BOT)
    levels = made["power_level_content_override"]
    assert levels["users"] == {BOT: 100}
    assert (levels["users_default"], levels["events"]) == (0, {})
    needed = ("events_default", "state_default", "invite", "kick", "ban", "redact")
    assert all(levels[act] == 100 for act in needed)
    assert made["invite"] == [AN]
    kinds = {item["type"] for item in made["initial_state"]}
    assert "m.room.encryption" not in kinds
    assert {"m.room.join_rules", "m.room.history_visibility", "m.room.guest_access"} == kinds
    assert (made["visibility"], made["creation_content"]) == ("private", {"m.federate": False})
