"""What was typed into the activation form, and what its sender may do and read: as tables."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlencode

import pytest
from synapse.config import ConfigError

from huep.activation_code import StoredCode, Verdict
from synapse_modules.activation.config import ActivationConfig, parse
from synapse_modules.activation.rules import (
    LONGEST_BODY,
    LONGEST_FIELD,
    LONGEST_PASSWORD,
    SENTENCES,
    STATUSES,
    Account,
    Field,
    Form,
    KnownPerson,
    Refusal,
    faults_of,
    is_from_elsewhere,
    read_form,
    refusal_of,
    sentence,
)
from synapse_modules.projection import RegisterStatus

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
URL = "https://chat.hue.gov.vn"
GOOD = Form("CB000001", "7KQM-2XWD-9FHT", "bon tu khong lien quan", "bon tu khong lien quan")
AN = KnownPerson("an-k1", "CB000001", "Nguyễn Văn An", RegisterStatus.ACTIVE, StoredCode("hash", NOW))
OPEN = Account(admin=False, locked=False, deactivated=False)


def typed(**fields: str) -> bytes:
    return urlencode(fields).encode()


def test_a_form_is_read_as_it_was_meant() -> None:
    form = read_form(typed(officer=" cb000001  ", code="7kqm 2xwd\t9fht", password=" hai  dấu cách ", again="x"))
    assert form == Form("cb000001", "7kqm 2xwd 9fht", " hai  dấu cách ", "x")
    assert read_form(b"") == Form()


def test_a_password_is_the_same_however_the_keyboard_composes_it() -> None:
    composed, decomposed = "m\u1eadt kh\u1ea9u", "ma\u0323\u0302t kha\u0302\u0309u"
    form = read_form(typed(password=composed, again=decomposed))
    assert form is not None and form.password == form.again


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        "officer=Đặng".encode(),
        b"officer=%FF",
        b"officer=a&officer=b",
        b"officer=a&token=b",
        b"officer=a%00b",
        b"&".join(b"officer=a" for _ in range(50)),
        b"password=" + b"a" * LONGEST_BODY,
        b'{"officer": "CB000001"}',
    ],
)
def test_what_no_browser_sends_from_our_form_is_not_read(body: bytes) -> None:
    assert read_form(body) is None


def test_a_form_shows_neither_code_nor_password() -> None:
    assert repr(GOOD) == "Form(officer='CB000001')"


def test_overlong_names_are_cut() -> None:
    form = read_form(typed(officer="a" * 500, code="b" * 500))
    assert form is not None and (len(form.officer), len(form.code)) == (LONGEST_FIELD, LONGEST_FIELD)


@pytest.mark.parametrize(
    ("changes", "faulty"),
    [
        ({}, []),
        ({"officer": ""}, [Field.OFFICER]),
        ({"code": ""}, [Field.CODE]),
        ({"password": "", "again": ""}, [Field.PASSWORD]),
        ({"password": "chin ky t", "again": "chin ky t"}, [Field.PASSWORD]),
        ({"password": "a" * LONGEST_PASSWORD, "again": "a" * LONGEST_PASSWORD}, []),
        ({"password": "a" * (LONGEST_PASSWORD + 1), "again": "a" * (LONGEST_PASSWORD + 1)}, [Field.PASSWORD]),
        ({"password": "ậ" * 25, "again": "ậ" * 25}, [Field.PASSWORD]),
        ({"again": "bon tu khong lien  quan"}, [Field.AGAIN]),
        ({"officer": "", "code": "", "password": "", "again": "x"}, [Field.OFFICER, Field.CODE, Field.PASSWORD]),
    ],
)
def test_faults_are_named_by_field_in_the_order_of_the_form(changes: dict[str, str], faulty: list[Field]) -> None:
    assert list(faults_of(Form(**{**vars(GOOD), **changes}), 10)) == faulty


@pytest.mark.parametrize(
    ("verdict", "person", "account", "refusal"),
    [
        (Verdict.ACCEPTED, AN, OPEN, None),
        (Verdict.WRONG, AN, OPEN, Refusal.WRONG),
        (Verdict.WRONG, None, None, Refusal.WRONG),
        (Verdict.EXPIRED, AN, OPEN, Refusal.EXPIRED),
        (Verdict.USED, AN, OPEN, Refusal.USED),
        (Verdict.TOO_MANY, AN, OPEN, Refusal.TOO_MANY),
        (Verdict.ACCEPTED, None, None, Refusal.WRONG),
        (Verdict.ACCEPTED, AN, None, Refusal.WRONG),
        (Verdict.ACCEPTED, AN, Account(True, False, False), Refusal.WRONG),
        (Verdict.ACCEPTED, KnownPerson("huep", None, None, RegisterStatus.ACTIVE, None), OPEN, Refusal.WRONG),
        (Verdict.ACCEPTED, AN, Account(False, True, False), Refusal.SHUT),
        (Verdict.ACCEPTED, AN, Account(False, False, True), Refusal.SHUT),
        (Verdict.ACCEPTED, KnownPerson("an-k1", None, None, RegisterStatus.LEFT, None), OPEN, Refusal.SHUT),
        # Whether an account is locked is said to nobody who has no code for it.
        (Verdict.WRONG, AN, Account(False, True, False), Refusal.WRONG),
    ],
)
def test_who_may_set_a_password(
    verdict: Verdict, person: KnownPerson | None, account: Account | None, refusal: Refusal | None
) -> None:
    assert refusal_of(verdict, person, account, {"huep"}) is refusal


def test_each_refusal_has_a_sentence_and_a_status_that_no_cache_keeps() -> None:
    assert set(SENTENCES) == set(STATUSES) == set(Refusal)
    assert all(text.endswith(".") for text in SENTENCES.values())
    assert all(status >= HTTPStatus.BAD_REQUEST for status in STATUSES.values())


@pytest.mark.parametrize(("wait", "minutes"), [(timedelta(seconds=1), 1), (timedelta(minutes=59, seconds=1), 60)])
def test_who_must_wait_reads_how_long(wait: timedelta, minutes: int) -> None:
    assert f"chờ {minutes} phút" in sentence(Refusal.TOO_MANY, NOW + wait, NOW)


@pytest.mark.parametrize(
    ("fetch_site", "origin", "host", "elsewhere"),
    [
        ("same-origin", URL, "chat.hue.gov.vn", False),
        ("none", None, "chat.hue.gov.vn", False),
        ("cross-site", "https://evil.vn", "chat.hue.gov.vn", True),
        ("same-site", "https://hue.gov.vn", "chat.hue.gov.vn", True),
        ("cross-site", URL, "chat.hue.gov.vn", True),
        (None, URL, "127.0.0.1:8008", False),
        (None, "http://10.0.0.5:8008", "10.0.0.5:8008", False),
        (None, "https://CHAT.hue.gov.vn", "chat.hue.gov.vn", False),
        (None, "https://evil.vn", "chat.hue.gov.vn", True),
        (None, "https://chat.hue.gov.vn.evil.vn", "chat.hue.gov.vn", True),
        (None, "null", "chat.hue.gov.vn", True),
        (None, "null", None, True),
        (None, None, "chat.hue.gov.vn", False),
    ],
)
def test_a_form_on_another_site_is_not_taken(
    fetch_site: str | None, origin: str | None, host: str | None, elsewhere: bool
) -> None:
    assert is_from_elsewhere(fetch_site, origin, host, f"{URL}/") is elsewhere


def test_the_section_is_read() -> None:
    assert parse(None) == ActivationConfig()
    assert parse({"protected": ["huep"], "minimum_length": 12}) == ActivationConfig(frozenset({"huep"}), 12)


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"minimum": 10}, ["'minimum'", "'minimum_length'", "'protected'"]),
        ({"minimum_length": 7}, ["minimum_length", "8 to 64"]),
        ({"minimum_length": "10"}, ["minimum_length"]),
        ({"protected": ["@huep:hue.localhost"]}, ["protected", "not user IDs"]),
    ],
)
def test_a_bad_section_is_named(section: object, words: list[str]) -> None:
    with pytest.raises(ConfigError) as error:
        parse(section)
    assert all(word in str(error.value) for word in ["activation", *words])
