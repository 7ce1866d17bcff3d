"""By its digest a publisher knows what Synapse was told before."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from huep.synapse_model import Published, PublishedDetails, PublishedPerson, PublishedUnit

DETAILS = PublishedDetails("Nguyễn Văn An", "SYT", ("TINH", "SYT"), 1, "staff", "Chuyên viên")
AN = PublishedPerson("an-k1", "active", DETAILS)
UNIT = PublishedUnit("SYT", "Sở Y tế", "TINH", 1)
NOTHING = Published({}, {}, None)


def told(*people: PublishedPerson) -> Published:
    return replace(NOTHING, people={person.localpart: person.as_json().get("digest") for person in people})


def test_what_was_told_whole_need_not_be_told_again() -> None:
    again = PublishedPerson("an-k1", "active", replace(DETAILS))
    assert told(AN).lacks_people([again]) == ()
    assert NOTHING.lacks_people([AN]) == (AN,)


@pytest.mark.parametrize(
    "changes",
    [
        {"full_name": "Nguyễn Văn Ân"},
        {"unit": None},
        {"units": ("TINH",)},
        {"level": 2},
        {"standing": "head"},
        {"position": None},
        {"code_hash": "scrypt$salt$hash"},
        {"code_expires_at": datetime(2026, 12, 1, tzinfo=UTC)},
        {"officer_code": "CB000001"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_every_detail_counts(changes: dict[str, object]) -> None:
    other = PublishedPerson("an-k1", "active", replace(DETAILS, **changes))  # type: ignore[arg-type]
    assert told(AN).lacks_people([other]) == (other,)


def test_the_status_counts_and_a_part_of_a_row_stands_for_no_whole() -> None:
    assert told(AN).lacks_people([replace(AN, status="left")]) != ()
    brief = PublishedPerson("an-k1", "active")
    assert brief.as_json() == {"localpart": "an-k1", "status": "active"}
    assert told(brief).lacks_people([AN]) == (AN,)


def test_a_unit_that_hides_is_told_anew() -> None:
    known = replace(NOTHING, units={UNIT.code: UNIT.as_json()["digest"]})
    assert known.lacks_units([UNIT]) == ()
    hidden = replace(UNIT, hidden=True)
    assert known.lacks_units([hidden]) == (hidden,)


def test_a_unit_that_gets_rooms_is_told_anew() -> None:
    known = replace(NOTHING, units={UNIT.code: UNIT.as_json()["digest"]})
    housed = replace(UNIT, rooms=("!space", "!talk"))
    assert known.lacks_units([housed]) == (housed,)
    assert housed.as_json()["rooms"] == ["!space", "!talk"]


def test_what_is_told_of_a_person_never_holds_more_than_the_rules_need() -> None:
    assert set(AN.as_json()) == {
        "localpart", "status", "digest", "full_name", "unit", "units", "level", "standing", "position",
        "code_hash", "code_expires_at", "officer_code", "sponsor", "until",
    }  # fmt: skip
