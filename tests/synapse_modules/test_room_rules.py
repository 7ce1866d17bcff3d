"""What people may send, set, invite and enter, as tables."""

from typing import Any

import pytest

from synapse_modules.projection import RegisterStatus
from synapse_modules.room_rules.refusals import SENTENCES, Refusal
from synapse_modules.room_rules.rules import (
    Invitation,
    RoomFacts,
    UnitOfRoom,
    entry_refusal,
    has_highest_power,
    invitation_refusal,
    own_way_refusal,
    plain_refusal,
)

ACTIVE, LEFT = RegisterStatus.ACTIVE, RegisterStatus.LEFT
GROUP = RoomFacts(of_owner=False, encrypted=True, owner_inside=True)
DIRECT = RoomFacts(of_owner=False, encrypted=True, owner_inside=False)
OLD = RoomFacts(of_owner=False, encrypted=False, owner_inside=True)
TALK = RoomFacts(of_owner=True, encrypted=True, owner_inside=True)
ANNOUNCEMENTS = RoomFacts(of_owner=True, encrypted=False, owner_inside=True)
OWNER, AN, BINH = "@huep:hue.localhost", "@an-k1:hue.localhost", "@binh-k2:hue.localhost"


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_has_a_vietnamese_sentence_that_says_what_to_do(refusal: Refusal) -> None:
    sentence = SENTENCES[refusal]
    assert sentence.endswith(".")
    assert any(word in sentence for word in ("Hãy", "Xin", "xin", "vẫn dùng", "Chỉ mời")), sentence


# ---- Messages


@pytest.mark.parametrize(
    ("room", "refusal"),
    [
        (ANNOUNCEMENTS, None),
        (TALK, Refusal.PLAIN),
        (GROUP, Refusal.PLAIN),
        (DIRECT, Refusal.PLAIN),
        (OLD, Refusal.PLAIN),
    ],
    ids=["announcements", "unit's talk", "group", "direct", "never encrypted"],
)
def test_words_in_clear_are_for_announcement_rooms_alone(room: RoomFacts, refusal: Refusal | None) -> None:
    assert plain_refusal(room) is refusal


# ---- Invitations and entries


@pytest.mark.parametrize(
    ("room", "to_here", "to_owner", "owner_has_power", "others", "refusal"),
    [
        (GROUP, True, False, False, 2, None),
        (GROUP, False, False, False, 2, Refusal.FEDERATED),
        (DIRECT, False, False, False, 1, Refusal.FEDERATED),
        (TALK, True, False, False, 2, Refusal.UNIT_ROOM),
        (ANNOUNCEMENTS, True, False, False, 0, Refusal.UNIT_ROOM),
        (DIRECT, True, False, False, 0, None),
        (DIRECT, True, False, False, 1, None),
        (DIRECT, True, False, False, 2, Refusal.DIRECT),
        (DIRECT, True, True, False, 1, Refusal.DIRECT),
        (DIRECT, True, True, True, 1, None),
        (DIRECT, True, True, True, 2, Refusal.DIRECT),
    ],
    ids=[
        "colleague into a group",
        "stranger into a group",
        "stranger into a direct message",
        "colleague into the unit's talk",
        "colleague into announcements",
        "after everybody left",
        "the second",
        "a third",
        "service account without power",
        "service account of a new group",
        "service account into a direct message",
    ],
)
def test_whom_people_may_invite(
    room: RoomFacts, to_here: bool, to_owner: bool, owner_has_power: bool, others: int, refusal: Refusal | None
) -> None:
    invitation = Invitation(
        to_here=to_here, to_owner=to_owner, owner_has_power=owner_has_power, by_room_maker=True, others=others
    )
    assert invitation_refusal(room, invitation) is refusal


def test_who_may_make_no_rooms_makes_none_of_a_direct_message() -> None:
    invitation = Invitation(to_here=True, to_owner=True, owner_has_power=True, by_room_maker=False, others=1)
    assert invitation_refusal(DIRECT, invitation) is Refusal.DIRECT


@pytest.mark.parametrize(
    ("status", "stale", "refusal"),
    [
        (ACTIVE, False, None),
        (ACTIVE, True, Refusal.STALE_REGISTER),
        (LEFT, False, Refusal.NOT_IN_REGISTER),
        (None, False, Refusal.NOT_IN_REGISTER),
        (None, True, Refusal.STALE_REGISTER),
    ],
)
def test_the_service_accounts_rooms_are_for_active_people(
    status: RegisterStatus | None, stale: bool, refusal: Refusal | None
) -> None:
    assert entry_refusal(status, stale=stale) is refusal


@pytest.mark.parametrize(
    ("unit", "units", "refusal"),
    [
        (UnitOfRoom("SO", 1), ("TINH", "SO"), None),
        (UnitOfRoom("SO", 1), ("TINH", "SO", "PHONG"), None),
        (UnitOfRoom("SO", 1), ("TINH", "SO-KHAC"), Refusal.OTHER_UNIT),
        (UnitOfRoom("SO", 1), ("TINH",), Refusal.OTHER_UNIT),
        (UnitOfRoom("SO", 1), (), Refusal.OTHER_UNIT),
        (UnitOfRoom("TINH", 0), ("TINH", "SO"), None),
        (UnitOfRoom("TINH", 0), (), None),
        (None, ("TINH", "SO"), Refusal.OTHER_UNIT),
    ],
    ids=[
        "its own",
        "of a unit below",
        "next door",
        "above",
        "of no unit",
        "the province's",
        "everybody",
        "nobody's room",
    ],
)
def test_by_themselves_people_enter_their_own_units_spaces(
    unit: UnitOfRoom | None, units: tuple[str, ...], refusal: Refusal | None
) -> None:
    assert own_way_refusal(unit, units) is refusal


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ({"users": {OWNER: 100, AN: 100}}, True),
        ({"users": {OWNER: 100, AN: 100}, "events": {"m.room.tombstone": 100}, "ban": 50}, True),
        ({"users": {OWNER: 100, AN: 101}}, False),
        ({"users": {OWNER: 100}, "events": {"m.room.power_levels": 150}}, False),
        ({"users": {OWNER: 100}, "state_default": 101}, False),
        ({"users": {AN: 100}}, False),
        ({"users": {OWNER: 0}}, False),
        ({"users": {OWNER: "100"}}, False),
        ({}, False),
    ],
)
def test_the_highest_power_is_that_which_nothing_exceeds(levels: dict[str, Any], expected: bool) -> None:
    assert has_highest_power(levels, OWNER) is expected
