"""A signature counts for one statement, one server, one key and a while, and for nothing else."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hr_provisioner.approvals import signing
from hr_provisioner.approvals.signing import (
    Altered,
    Approval,
    Expired,
    ForAnotherServer,
    KeyExists,
    KeyUnreadable,
    Matter,
    PassphraseTooShort,
    Statement,
    WrongKey,
    new_key,
    public_text,
    read_key,
    sign,
    verify,
)

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
SERVER = "hue.test"
KEY = Ed25519PrivateKey.generate()
PASSPHRASE = "một câu dài để nhớ"


def statement(**changed) -> Statement:
    fields = {
        "server_name": SERVER,
        "matter": Matter.PLAN,
        "sha256": "ab" * 32,
        "officer": "CB-1",
        "signed_at": NOW,
        "expires_at": NOW + timedelta(hours=72),
    }
    return Statement(**(fields | changed))


def check(
    approval: Approval, now: datetime = NOW, server_name: str = SERVER, key: Ed25519PrivateKey = KEY
) -> Statement:
    return verify(approval, public_text(key), server_name=server_name, now=now)


@pytest.mark.parametrize("matter", Matter)
def test_what_was_signed_is_read_back_through_the_file(matter: Matter) -> None:
    signed = sign(statement(matter=matter), KEY)
    again = Approval.from_json(signed.to_json(), "a.json")
    assert again == signed
    assert check(again) == statement(matter=matter)


def test_the_text_that_is_signed_is_canonical() -> None:
    assert statement().text == (
        '{"expires_at":"2026-03-13T09:00:00+00:00","hash":"' + "ab" * 32 + '","officer":"CB-1",'
        '"server_name":"hue.test","signed_at":"2026-03-10T09:00:00+00:00","subject":"plan","v":1}'
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hash", "cd" * 32),
        ("officer", "CB-2"),
        ("subject", "snapshot"),
        ("server_name", "khac.test"),
        ("expires_at", "2026-03-20T09:00:00+00:00"),
        ("signed_at", "2026-03-10T08:00:00+00:00"),
        ("v", 2),
    ],
)
def test_a_changed_statement_is_no_longer_signed(field: str, value: object) -> None:
    content = json.loads(sign(statement(), KEY).to_json())
    content["approval"][field] = value
    with pytest.raises(Altered):
        check(Approval.from_json(json.dumps(content), "a.json"))


def test_a_statement_with_more_in_it_is_refused() -> None:
    content = json.loads(sign(statement(), KEY).to_json())
    content["approval"]["note"] = "and everything else"
    with pytest.raises(Altered):
        check(Approval.from_json(json.dumps(content), "a.json"))


def test_another_signature_under_the_same_text_is_refused() -> None:
    mine, other = sign(statement(), KEY), sign(statement(sha256="cd" * 32), KEY)
    with pytest.raises(Altered):
        check(Approval(mine.text, other.signature, mine.public_key))


def test_another_key_than_the_enrolled_one_is_named_as_such() -> None:
    with pytest.raises(WrongKey):
        check(sign(statement(), Ed25519PrivateKey.generate()))


def test_another_key_that_claims_to_be_the_enrolled_one_is_refused() -> None:
    forged = sign(statement(), Ed25519PrivateKey.generate())
    with pytest.raises(Altered):
        check(Approval(forged.text, forged.signature, public_text(KEY)))


def test_a_signature_for_another_server_does_not_count_here() -> None:
    with pytest.raises(ForAnotherServer):
        check(sign(statement(), KEY), server_name="khac.test")


def test_a_signature_ends_at_its_time() -> None:
    signed = sign(statement(), KEY)
    assert check(signed, NOW + timedelta(hours=72) - timedelta(seconds=1))
    with pytest.raises(Expired):
        check(signed, NOW + timedelta(hours=72))


def test_no_signature_holds_longer_than_two_weeks_whatever_it_says() -> None:
    signed = sign(statement(expires_at=NOW + timedelta(days=3_650)), KEY)
    assert check(signed, NOW + timedelta(days=13))
    with pytest.raises(Expired):
        check(signed, NOW + timedelta(days=14))


def test_a_signature_from_the_future_does_not_count_yet_but_a_clock_may_be_some_minutes_ahead() -> None:
    signed = sign(statement(signed_at=NOW + timedelta(minutes=10)), KEY)
    assert check(signed)
    with pytest.raises(Expired):
        check(sign(statement(signed_at=NOW + timedelta(minutes=20)), KEY))


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", "null", '{"approval":1,"signature":"x","public_key":"y"}', '{"approval":{}}']
)
def test_a_file_that_is_no_approval_is_refused(content: str) -> None:
    with pytest.raises(Altered):
        check(Approval.from_json(content, "a.json"))


@pytest.mark.parametrize("broken", ["", "AAAA", "not base64 at all!", "á"])
def test_a_broken_signature_or_key_is_no_signature(broken: str) -> None:
    text = statement().text
    assert not signing.fits(public_text(KEY), text, broken)
    assert not signing.fits(broken, text, sign(statement(), KEY).signature)


def test_a_private_key_is_encrypted_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "me.key"
    key = new_key(path, PASSPHRASE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"ENCRYPTED PRIVATE KEY" in path.read_bytes()
    assert public_text(read_key(path, PASSPHRASE)) == public_text(key)
    with pytest.raises(KeyUnreadable):
        read_key(path, PASSPHRASE + "!")
    with pytest.raises(KeyUnreadable):
        read_key(tmp_path / "other.key", PASSPHRASE)


def test_a_key_is_never_written_over_nor_made_under_a_short_passphrase(tmp_path: Path) -> None:
    path = tmp_path / "me.key"
    with pytest.raises(PassphraseTooShort):
        new_key(path, "ngắn")
    assert not path.exists()
    new_key(path, PASSPHRASE)
    with pytest.raises(KeyExists):
        new_key(path, PASSPHRASE)
