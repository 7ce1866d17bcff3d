"""Logs hold nothing that people wrote and no secret, whatever our code hands them."""

import io
import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
import structlog

from bots.health.logs import FORBIDDEN_KEYS, log_to, request, request_id
from bots.matrix.errors import NoSuchRoom
from bots.matrix.recovery_key import RecoveryKey

WORDS = "lương của tôi bao nhiêu"
TOKEN = "syt_dHJvLWx5_abcdefghijklmnopqrst_1a2b3c"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    written = io.StringIO()
    log_to(written)
    yield written
    structlog.reset_defaults()


@pytest.mark.parametrize("name", sorted(FORBIDDEN_KEYS))
def test_a_field_of_contents_is_removed_wherever_it_stands(stream: io.StringIO, name: str) -> None:
    log = structlog.get_logger("x")
    log.warning("said", **{name: WORDS})
    log.warning("said", beside={name: WORDS, "room": ["!r", {name: WORDS}]})
    assert WORDS not in stream.getvalue()
    assert stream.getvalue().count("[removed]") == 3


def test_tokens_and_recovery_keys_are_removed_from_any_text(stream: io.StringIO) -> None:
    key = RecoveryKey.new().text
    structlog.get_logger("x").error(
        f"refused {TOKEN}", header=f"Bearer {TOKEN}", error=ValueError(TOKEN), said=[key, {"a": f"is {key}."}]
    )
    assert TOKEN not in stream.getvalue()
    assert key not in stream.getvalue()


def fail_twice() -> None:
    try:
        {}[WORDS]
    except KeyError as error:
        raise ValueError(json.dumps({"body": WORDS})) from error


def test_of_an_exception_the_type_and_place_are_kept_and_not_the_words(stream: io.StringIO) -> None:
    log = structlog.get_logger("x")
    try:
        fail_twice()
    except ValueError as error:
        log.exception("a command failed")
        log.warning("again", exc_info=error, error=error)
    said = stream.getvalue()
    assert WORDS not in said
    assert "lương" not in said.encode().decode("unicode_escape")
    assert said.count("ValueError at") == 2
    assert "KeyError at" in said
    assert "test_logs.py" in said


def test_a_sentence_of_our_own_is_kept(stream: io.StringIO) -> None:
    structlog.get_logger("x").error("it failed", exc_info=NoSuchRoom("!r:hue.localhost"))
    assert "This account is not in the room !r:hue.localhost" in stream.getvalue()


def test_all_lines_of_one_request_carry_its_id_and_no_others(stream: io.StringIO) -> None:
    log = structlog.get_logger("x")
    with request("$event"):
        log.info("within")
    log.info("without")
    within, without = stream.getvalue().splitlines()
    assert request_id("$event") in within
    assert "request" not in without
    assert request_id("$event") == request_id("$event") != request_id("$other")


LIBRARIES = """
import logging, sys
from bots.health.logs import log_to
from bots.matrix.client import CryptoClient
import nio
log_to(sys.stderr)
nio.Event.parse_event({"type": "m.room.message", "content": {"body": sys.argv[1]}})
nio.ToDeviceEvent.parse_event({"type": "m.room_key", "sender": 5, "content": {"session_key": sys.argv[1]}})
logging.getLogger("aiohttp.server").error("refused %s", sys.argv[1], exc_info=ValueError(sys.argv[1]))
"""


def test_libraries_put_nothing_that_people_wrote_into_the_log() -> None:
    """nio logs whole events that do not fit its schemas; without a handler Python prints that to the error output."""
    done = subprocess.run(
        [sys.executable, "-c", LIBRARIES, WORDS], capture_output=True, text=True, check=True, timeout=60
    )
    assert WORDS not in done.stderr + done.stdout
    [line] = done.stderr.splitlines()
    assert "aiohttp.server" in line
    assert "ValueError" in line
