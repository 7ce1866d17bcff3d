"""An officer's public card, and when an officer counts."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hr_provisioner.approvals.officers import CardDamaged, Officer, make_card, parse_card

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
TODAY = date(2026, 3, 10)
KEY = Ed25519PrivateKey.generate()
CARD = make_card(KEY, "hue.test", "CB-1", "Lê Thị  Thử", NOW)


def test_a_card_is_read_back_with_its_name_normalised() -> None:
    again = parse_card(CARD.to_json(KEY), "me.pub")
    assert again == CARD
    assert again.full_name == "Lê Thị Thử"


@pytest.mark.parametrize("field", ["server_name", "officer", "full_name", "public_key", "made_at"])
def test_a_card_with_anything_changed_is_refused(field: str) -> None:
    content = json.loads(CARD.to_json(KEY))
    other = make_card(Ed25519PrivateKey.generate(), "khac.test", "CB-2", "Người khác", NOW + timedelta(hours=1))
    content["card"][field] = json.loads(other.text)[field]
    with pytest.raises(CardDamaged):
        parse_card(json.dumps(content), "me.pub")


def test_a_card_under_somebody_elses_key_is_refused() -> None:
    with pytest.raises(CardDamaged):
        parse_card(CARD.to_json(Ed25519PrivateKey.generate()), "me.pub")


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"card": 3, "signature": ""}', '{"card": {}, "signature": ""}'])
def test_a_file_that_is_no_card_is_refused(content: str) -> None:
    with pytest.raises(CardDamaged):
        parse_card(content, "me.pub")


def test_a_code_is_one_code_however_it_is_typed() -> None:
    assert make_card(KEY, "hue.test", " cb-1", "Lê Thị Thử", NOW) == CARD
    by_hand = replace(CARD, officer="cb-1")
    with pytest.raises(CardDamaged):
        parse_card(by_hand.to_json(KEY), "me.pub")


@pytest.mark.parametrize("code", ["", "CB 1"])
def test_a_card_without_a_usable_code_is_refused(code: str) -> None:
    with pytest.raises(CardDamaged):
        parse_card(make_card(KEY, "hue.test", code, "Lê Thị Thử", NOW).to_json(KEY), "me.pub")


def test_code_name_key_and_server_are_all_in_the_hash() -> None:
    cards = [
        CARD,
        make_card(KEY, "khac.test", "CB-1", "Lê Thị Thử", NOW),
        make_card(KEY, "hue.test", "CB-2", "Lê Thị Thử", NOW),
        make_card(KEY, "hue.test", "CB-1", "Lê Thị Khác", NOW),
        make_card(Ed25519PrivateKey.generate(), "hue.test", "CB-1", "Lê Thị Thử", NOW),
        make_card(KEY, "hue.test", "CB-1", "Lê Thị Thử", NOW + timedelta(seconds=1)),
    ]
    assert len({card.sha256 for card in cards}) == len(cards)


def officer(**changed) -> Officer:
    fields = {
        "code": "CB-1",
        "full_name": "Lê Thị Thử",
        "public_key": "k",
        "enrolled_at": NOW,
        "enrolled_by": (),
        "removed_at": None,
        "locked": False,
        "leaves_on": None,
    }
    return Officer(**(fields | changed))


@pytest.mark.parametrize(
    ("changed", "counts"),
    [
        ({}, True),
        ({"removed_at": NOW}, False),
        ({"locked": True}, False),
        ({"leaves_on": TODAY - timedelta(days=1)}, False),
        ({"leaves_on": TODAY}, True),
    ],
)
def test_whoever_was_removed_locked_or_has_left_does_not_count(changed: dict[str, object], counts: bool) -> None:
    assert officer(**changed).stands(TODAY) is counts


@pytest.mark.parametrize(("locked_by", "serves"), [("hr", False), ("@boss:hue.test", True), (None, True)])
def test_a_lock_laid_by_hand_ends_no_enrolment(locked_by: str | None, serves: bool) -> None:
    locked = officer(locked=True, locked_by=locked_by)
    assert locked.serves(TODAY) is serves
    assert not locked.stands(TODAY)


def test_a_removal_is_of_one_enrolment_and_hashes_alike_on_both_machines() -> None:
    assert officer().removal.sha256 == "de32a087bb81683f1645b9f61898b9b5c163066305933e47f47e03a013184f22"
    assert officer(enrolled_at=NOW + timedelta(seconds=1)).removal.sha256 != officer().removal.sha256
