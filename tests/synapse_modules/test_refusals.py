"""The log of refusals: one line each with its reason, ordinary misses left out, nothing forged."""

import logging

import pytest

from synapse_modules.refusals import MOST_WAITING, REASON_LOGGER, Refused

ACCESS = (
    "%s - 8008 - {%s} Processed request: 0.010sec/0.001sec ru=(0.001sec, 0.000sec) db=(0.001sec/0.002sec/3)"
    ' 94B %s "%s %s HTTP/1.1" "%s" [0 dbevts]'
)
"""As Synapse writes it (http/site.py)."""


def record(name: str, message: str, *args: object, request: str = "PUT-7") -> logging.LogRecord:
    made = logging.LogRecord(name, logging.INFO, "", 0, message, args, None)
    made.request = request
    return made


def access(who: str, status: str, method: str, uri: str, client: str = "Element/1.11") -> logging.LogRecord:
    return record("synapse.access.http.8008", ACCESS, "10.0.0.7", who, status, method, uri, client)


def reason(sentence: str, request: str = "PUT-7") -> logging.LogRecord:
    return record(REASON_LOGGER, "%s SynapseError: %s - %s", "<request>", 403, sentence, request=request)


def test_a_refusal_says_what_who_whence_and_why() -> None:
    refused = Refused()
    assert not refused.filter(reason("Không mời được."))
    line = access("@an:hue", "403", "PUT", "/_matrix/client/v3/rooms/!a:hue/invite?via=x")
    assert refused.filter(line)
    assert line.getMessage() == (
        "refused 403 PUT /_matrix/client/v3/rooms/!a:hue/invite by @an:hue from 10.0.0.7 with Element/1.11: Không mời được."
    )


def test_a_reason_belongs_to_its_own_request() -> None:
    refused = Refused()
    refused.filter(reason("Của người khác.", request="PUT-6"))
    line = access("None", "401", "GET", "/sync")
    assert refused.filter(line)
    assert line.getMessage() == "refused 401 GET /sync by nobody from 10.0.0.7 with Element/1.11: -"


@pytest.mark.parametrize(
    ("status", "method", "path", "kept"),
    [
        ("200", "GET", "/sync", False),
        ("500", "GET", "/sync", False),
        ("404", "GET", "/_matrix/client/v3/user/@an:hue/account_data/m.direct", False),
        ("404", "GET", "/_matrix/client/v3/room_keys/version", False),
        ("404", "GET", "/_matrix/client/v1/media/download/hue/x", True),
        ("404", "PUT", "/_matrix/client/v3/user/@an:hue/account_data/m.direct", True),
        ("403", "GET", "/_matrix/client/v3/user/@an:hue/account_data/m.direct", True),
        ("413", "POST", "/_matrix/media/v3/upload", True),
        ("429!", "POST", "/kich-hoat", True),
        ("502", "POST", "/_matrix/client/v3/join/x", True),
    ],
)
def test_what_is_no_refusal_leaves_no_line(status: str, method: str, path: str, kept: bool) -> None:
    assert Refused().filter(access("@an:hue", status, method, path)) is kept


def test_nothing_that_is_sent_can_look_like_another_line() -> None:
    refused = Refused()
    refused.filter(reason("x\n2026-11-22 PUT-1 refused 403 GET / by @chair:hue"))
    line = access("@an:hue", "403", "GET", "/sync", client='x" [0 dbevts]\r\nrefused\u2028forged')
    assert refused.filter(line)
    assert not {"\n", "\r", "\u2028"} & set(line.getMessage())


FORGED = 'x B 403 "GET /_synapse/admin/v1/evil HTTP/1.1" "forged'


@pytest.mark.parametrize("agent", [FORGED, f"x - 94{FORGED[1:]}", f'x" [0 dbevts] 94{FORGED[2:]}'])
def test_who_sends_a_line_as_their_clients_name_writes_none(agent: str) -> None:
    assert not Refused().filter(access("@an:hue", "200", "GET", "/sync", client=agent))
    line = access("@an:hue", "403", "GET", "/sync", client=agent)
    assert Refused().filter(line)
    assert line.getMessage().startswith("refused 403 GET /sync by @an:hue from 10.0.0.7 with ")


def test_reasons_of_requests_that_never_end_are_forgotten() -> None:
    refused = Refused()
    for number in range(MOST_WAITING + 5):
        refused.filter(reason("x", request=f"GET-{number}"))
    first, last = (access("@an:hue", "403", "GET", "/sync") for _ in range(2))
    first.request, last.request = "GET-0", f"GET-{MOST_WAITING}"
    assert refused.filter(first) and first.getMessage().endswith(": -")
    assert refused.filter(last) and last.getMessage().endswith(": x")
