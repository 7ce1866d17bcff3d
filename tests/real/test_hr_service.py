"""The provisioner's service on a running province: webhook, guard, metrics, as the HR system and Prometheus meet them."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from huep import clock, secret_names, signed_calls
from huep.database import Role, connect_as
from tests.clients.registers import changed, exported_now, with_cells
from tests.conftest import Province

SETTLED_WITHIN_S = 60.0


@pytest.fixture
def http(stack: Province) -> Iterator[httpx.Client]:
    port = stack.settings.hr.service.port
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
        yield client


def tell(stack: Province, http: httpx.Client, codes: list[str], event: str | None = None) -> tuple[str, httpx.Response]:
    event, stamp = event or str(uuid4()), int(time.time())
    body = json.dumps({"officer_codes": codes}).encode()
    secret = stack.state.read_secret(secret_names.HR_WEBHOOK)
    headers = {
        signed_calls.TIMESTAMP: str(stamp),
        signed_calls.EVENT: event,
        signed_calls.SIGNATURE: signed_calls.sign(secret, stamp, event, body),
    }
    return event, http.post("/webhook", content=body, headers=headers)


def outcome(http: httpx.Client, event: str) -> str:
    deadline = time.monotonic() + SETTLED_WITHIN_S
    while time.monotonic() < deadline:
        found = http.get(f"/webhook/{event}").json()
        if found["state"] != "open":
            return str(found["outcome"])
        time.sleep(0.05)
    raise AssertionError(f"{event} is still open")


def scalar(stack: Province, query: str, **values: object) -> object:
    engine = connect_as(stack.settings, stack.state, Role.HR)
    try:
        with engine.connect() as connection:
            return connection.execute(text(query), values).scalar_one()
    finally:
        engine.dispose()


def is_locked(stack: Province, code: str) -> bool:
    query = "select locked from register.accounts join register.people using (person_key) where officer_code = :code"
    return bool(scalar(stack, query, code=code))


def some_staff(stack: Province, number: int) -> str:
    """Officer code of an ordinary person whom no other test uses."""
    query = (
        "select p.officer_code from register.people p join register.posts using (person_key) "
        "join register.accounts a using (person_key) where standing = 'staff' and kind = 'main' and not a.locked "
        "and p.officer_code like 'HUE%' order by p.officer_code desc offset :number limit 1"
    )
    return str(scalar(stack, query, number=number))


def live(stack: Province, change: Callable[[list[dict[str, str]]], list[dict[str, str]]]) -> None:
    """What the HR system holds now; no two exports are the same, for an old one copied again is not believed."""

    def changed_and_marked(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        marked = some_staff(stack, 6)
        return with_cells(change(rows), marked, **{email_heading(rows): f"{uuid4().hex}@hue.gov.vn"})

    changed(stack.state.registers / "edition-1", stack.state.registers / "live", changed_and_marked)


def email_heading(rows: list[dict[str, str]]) -> str:
    return next(heading for heading in rows[0] if "mail" in heading.casefold() or "thư" in heading.casefold())


def left_yesterday() -> dict[str, str]:
    day = clock.today() - timedelta(days=1)
    return {"Tình_trạng": "Đã nghỉ việc", "Ngày_làm_việc_cuối": f"{day:%d/%m/%Y}"}


def test_a_leaver_is_locked_by_a_webhook_and_let_in_again_when_the_register_says_so(
    stack: Province, http: httpx.Client
) -> None:
    code = some_staff(stack, 3)
    live(stack, lambda rows: with_cells(rows, code, **left_yesterday()))
    event, answer = tell(stack, http, [code])
    assert (answer.status_code, answer.json()["new"]) == (202, True)
    assert outcome(http, event) == "locked"
    assert is_locked(stack, code)
    live(stack, lambda rows: rows)
    event, _ = tell(stack, http, [code])
    assert outcome(http, event) == "unlocked"
    assert not is_locked(stack, code)


def test_a_hint_about_somebody_unchanged_changes_nothing(stack: Province, http: httpx.Client) -> None:
    code = some_staff(stack, 4)
    live(stack, lambda rows: rows)
    event, _ = tell(stack, http, [code])
    assert outcome(http, event) == "nothing to do"
    assert not is_locked(stack, code)


def test_the_hint_says_who_and_the_register_says_what(stack: Province, http: httpx.Client) -> None:
    code = some_staff(stack, 5)
    live(stack, lambda rows: [row for row in rows if row["Mã cán bộ"] != code])
    event, _ = tell(stack, http, [code])
    assert outcome(http, event) == "nothing to do", "absence never locks by itself"
    assert not is_locked(stack, code)


def test_an_event_told_twice_counts_once(stack: Province, http: httpx.Client) -> None:
    live(stack, lambda rows: rows)
    code = some_staff(stack, 4)
    event, first = tell(stack, http, [code])
    _, second = tell(stack, http, [code], event)
    assert (first.json()["new"], second.json()["new"]) == (True, False)


def test_unsigned_and_stale_calls_are_refused(http: httpx.Client) -> None:
    assert http.post("/webhook", json={"officer_codes": ["CB1"]}).status_code == 401
    old = int((datetime.now(UTC) - timedelta(hours=1)).timestamp())
    headers = {signed_calls.TIMESTAMP: str(old), signed_calls.EVENT: "e", signed_calls.SIGNATURE: "v1=00"}
    assert http.post("/webhook", content=b"{}", headers=headers).status_code == 401


@pytest.mark.parametrize("codes", [[], ["không phải mã"], [7], ["X"] * 501])
def test_nonsense_is_refused_with_what_is_wrong(stack: Province, http: httpx.Client, codes: list[str]) -> None:
    _, answer = tell(stack, http, codes)
    assert answer.status_code == 400
    assert "officer" in answer.json()["error"]


def test_the_whole_register_is_looked_at_when_asked(stack: Province, http: httpx.Client) -> None:
    live(stack, lambda rows: rows)
    exported_now(stack.state.registers / "live")
    event, stamp = str(uuid4()), int(time.time())
    body = b'{"everybody": true}'
    secret = stack.state.read_secret(secret_names.HR_WEBHOOK)
    headers = {
        signed_calls.TIMESTAMP: str(stamp),
        signed_calls.EVENT: event,
        signed_calls.SIGNATURE: signed_calls.sign(secret, stamp, event, body),
    }
    assert http.post("/webhook", content=body, headers=headers).status_code == 202
    assert "failed" in outcome(http, event)  # "12 done, 0 failed"


def test_prometheus_reads_every_figure(http: httpx.Client) -> None:
    page = http.get("/metrics").text
    for name in (
        "huep_hr_snapshot_age_seconds",
        "huep_hr_quarantined_rows",
        'huep_hr_actions_total{action="create_account",state="done"}',
        "huep_hr_guard_trips_total",
        "huep_hr_drift_mended_total",
        "huep_hr_leave_to_lock_seconds_bucket",
        'huep_hr_accounts{state="open"}',
        'huep_audit_head{hash="',
    ):
        assert name in page, name
    assert http.get("/health").json()["status"] == "ok"
