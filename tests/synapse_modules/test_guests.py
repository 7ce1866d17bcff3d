"""What guests may find, write to, make and enter, and who may find and invite them: tables."""

import pytest

from synapse_modules.account_guard.rules import LEFT_THE_REGISTER, SPONSORSHIP_OVER, shut_door
from synapse_modules.account_lifecycle.bodies import MalformedRequest
from synapse_modules.account_lifecycle.publications import parse_publication
from synapse_modules.colleagues import Colleague, unknown
from synapse_modules.directory_rules.rules import (
    ALLOWING,
    NOT_REACHABLE,
    SENTENCES,
    Policy,
    Reason,
    decide,
    may_find,
    may_invite,
)
from synapse_modules.projection import RegisterStatus
from synapse_modules.room_rules import guests
from synapse_modules.room_rules.creation import Kind
from synapse_modules.room_rules.refusals import Refusal
from synapse_modules.room_rules.rules import RoomFacts

ACTIVE, LEFT = RegisterStatus.ACTIVE, RegisterStatus.LEFT
CITY, CULTURE, OFFICE, HIDDEN, HEALTH = "TINH", "SVH", "SVH-VP", "SVH-TT", "SYT"


def somebody(name: str, *below: str, standing: str = "staff") -> Colleague:
    return Colleague(name, ACTIVE, (CITY, *below), len(below), standing, "Chuyên viên")


def visitor(sponsor: str, *below: str, status: RegisterStatus = ACTIVE) -> Colleague:
    return Colleague(f"khach-{sponsor}", status, (CITY, *below), sponsor=sponsor)


CHAIR = somebody("chair", standing="head")
DRIVER = somebody("driver")
DIRECTOR = somebody("director", CULTURE, standing="head")
LIBRARIAN = somebody("librarian", CULTURE)
CLERK = somebody("clerk", CULTURE, OFFICE)
CHIEF = somebody("chief", CULTURE, OFFICE, standing="head")
INSPECTOR = somebody("inspector", CULTURE, HIDDEN)
DOCTOR = somebody("doctor", HEALTH)
OF_DIRECTOR, OF_CHIEF, OF_CHAIR = visitor("director", CULTURE), visitor("chief", CULTURE, OFFICE), visitor("chair")
OVER = visitor("director", CULTURE, status=LEFT)
BOT = unknown("tro-ly")
POLICY = Policy(services=frozenset({"tro-ly"}), hidden_units=frozenset({HIDDEN}))


@pytest.mark.parametrize(
    ("officer", "guest", "reached"),
    [
        (DIRECTOR, OF_DIRECTOR, True),
        (LIBRARIAN, OF_DIRECTOR, True),
        (CLERK, OF_DIRECTOR, True),
        (CHIEF, OF_CHIEF, True),
        (CLERK, OF_CHIEF, True),
        (INSPECTOR, OF_DIRECTOR, False),
        (LIBRARIAN, OF_CHIEF, False),
        (DIRECTOR, OF_CHIEF, False),
        (DOCTOR, OF_DIRECTOR, False),
        # Of a guest of the province itself the whole province is no host.
        (CHAIR, OF_CHAIR, True),
        (DRIVER, OF_CHAIR, True),
        (CLERK, OF_CHAIR, False),
    ],
)
def test_guests_and_the_unit_that_sponsors_them_reach_each_other_and_nobody_else(
    officer: Colleague, guest: Colleague, reached: bool
) -> None:
    there, back = decide(officer, guest, POLICY), decide(guest, officer, POLICY)
    assert (there in ALLOWING, back in ALLOWING) == (reached, reached)
    if not reached:
        assert back is Reason.GUEST_ASKS
        assert not may_find(back, POLICY)


def test_a_sponsor_who_moved_is_a_host_all_the_same() -> None:
    assert decide(somebody("director", HEALTH), OF_DIRECTOR, POLICY) is Reason.GUEST_OF_UNIT


@pytest.mark.parametrize("leader", [CHAIR, DIRECTOR])
def test_leaders_above_find_a_guest_and_do_not_invite_them(leader: Colleague) -> None:
    reason = decide(leader, OF_CHIEF, POLICY)
    assert reason is Reason.GUEST_LED
    assert may_find(reason, POLICY)
    assert not may_invite(reason)


def test_to_others_a_guest_is_as_if_not_there() -> None:
    reason = decide(DOCTOR, OF_DIRECTOR, POLICY)
    assert (reason, SENTENCES[reason], may_find(reason, POLICY)) == (Reason.GUEST, NOT_REACHABLE, False)


def test_guests_do_not_find_one_another() -> None:
    assert decide(OF_DIRECTOR, visitor("librarian", CULTURE), POLICY) is Reason.GUEST_ASKS


@pytest.mark.parametrize(
    ("asker", "other", "expected"),
    [
        (OVER, DIRECTOR, Reason.ASKER_LEFT),
        (DIRECTOR, OVER, Reason.LEFT),
        (OF_DIRECTOR, BOT, Reason.SERVICE),
        (OF_DIRECTOR, OF_DIRECTOR, Reason.SELF),
        (Colleague("khach-x", ACTIVE, (), sponsor="director"), LIBRARIAN, Reason.GUEST_ASKS),
    ],
)
def test_what_holds_of_everybody_holds_of_guests(asker: Colleague, other: Colleague, expected: Reason) -> None:
    assert decide(asker, other, POLICY) is expected


@pytest.mark.parametrize(
    ("kind", "refusal"),
    [
        (Kind.DIRECT, None),
        (Kind.ROOM, Refusal.GUEST_MAY_NOT_CREATE),
        (Kind.SPACE, Refusal.GUEST_MAY_NOT_CREATE),
    ],
)
def test_a_guest_begins_direct_messages_and_makes_no_rooms(kind: Kind, refusal: Refusal | None) -> None:
    assert guests.creation_refusal(kind) is refusal


@pytest.mark.parametrize(
    ("room", "refusal"),
    [
        (RoomFacts(of_owner=False, encrypted=True, owner_inside=False), None),
        (RoomFacts(of_owner=False, encrypted=True, owner_inside=True), Refusal.GUEST_INVITES),
        (RoomFacts(of_owner=True, encrypted=True, owner_inside=True), Refusal.GUEST_INVITES),
        (RoomFacts(of_owner=True, encrypted=True, owner_inside=False), Refusal.GUEST_INVITES),
    ],
)
def test_a_guest_invites_into_direct_messages_alone(room: RoomFacts, refusal: Refusal | None) -> None:
    assert guests.invitation_refusal(room) is refusal


@pytest.mark.parametrize(
    ("inviter", "by_service", "enters"),
    [
        (DIRECTOR, False, True),
        (CLERK, False, True),
        (BOT, True, True),
        (DOCTOR, False, False),
        (CHAIR, False, False),
        (OF_DIRECTOR, False, False),
        (None, False, False),
    ],
)
def test_a_guest_enters_where_their_hosts_or_a_service_account_invited_them(
    inviter: Colleague | None, by_service: bool, enters: bool
) -> None:
    refusal = guests.entry_refusal(OF_DIRECTOR, inviter, by_service=by_service)
    assert refusal is (None if enters else Refusal.GUEST_UNINVITED)


def test_each_reads_why_the_door_is_shut_for_them() -> None:
    assert shut_door(guest=False) == LEFT_THE_REGISTER
    assert shut_door(guest=True) == SPONSORSHIP_OVER
    assert "bảo lãnh" in SPONSORSHIP_OVER


def test_only_accounts_that_are_named_as_guests_are_published_as_guests() -> None:
    row = {"localpart": "khach-b-k2", "status": "active", "sponsor": "director", "until": 1_700_000_000_000}
    (person,) = parse_publication({"people": [row]}).people
    assert person.details == {"sponsor": "director", "until": 1_700_000_000_000}
    with pytest.raises(MalformedRequest, match="sponsor"):
        parse_publication({"people": [{**row, "localpart": "le-an-k1"}]})
    assert parse_publication({"people": [{**row, "localpart": "le-an-k1", "sponsor": None}]}).people
