"""What an officer takes home to sign: the content gives the hash, or nothing is signed."""

import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rich.console import Console
from typer.testing import CliRunner

from hr_provisioner.approvals.officers import Officer, make_card
from hr_provisioner.approvals.request_file import (
    Request,
    RequestUnreadable,
    SnapshotFacts,
    parse_request,
    plan_request,
    removal_request,
    snapshot_request,
    to_json,
)
from hr_provisioner.approvals.signing import Altered, Approval, Expired, ForAnotherServer, Matter, new_key, verify
from hr_provisioner.cli import app
from hr_provisioner.language import MESSAGES
from hr_provisioner.planning.guard import Counted, Trip
from hr_provisioner.planning.plan import make_plan
from hr_provisioner.screens.approval_screen import show_request
from huep.catalogue import Locale, Voice
from tests.hr_provisioner.golden_folder import scenarios

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
UNTIL = NOW + timedelta(hours=72)
SERVER = "hue.test"
TRIP = Trip(Counted.LOCKS, 1_226, 25)
FACTS = SnapshotFacts("files", "ab" * 32, NOW, 1_300, 1_200, 90, 4)
OFFICER = Officer("CB-1", "Lê Thị Thử", "k", NOW, (), None, False, None)
PASSPHRASE = "một câu dài để nhớ"


def plan():
    leaver = next(scenario for scenario in scenarios() if scenario.name == "03-explicit-leaver")
    return make_plan(leaver.register, leaver.current, leaver.today)


def requests() -> list[Request]:
    return [
        plan_request(SERVER, plan(), UNTIL, (TRIP.message,), Locale.EN),
        snapshot_request(SERVER, FACTS, UNTIL, (), Locale.EN),
        removal_request(SERVER, OFFICER, UNTIL),
    ]


@pytest.mark.parametrize("request_", requests(), ids=lambda request: request.matter.value)
def test_a_request_is_read_back_as_it_was(request_: Request) -> None:
    assert parse_request(to_json(request_), "r.json") == request_


def test_the_hash_of_a_request_is_the_one_that_the_server_asks_for() -> None:
    assert [request.sha256 for request in requests()] == [plan().sha256, FACTS.hash, OFFICER.removal.sha256]


@pytest.mark.parametrize(
    ("matter", "change"),
    [
        (Matter.PLAN, {"today": "2026-03-11"}),
        (Matter.PLAN, {"actions": []}),
        (Matter.PLAN, {"more": 1}),
        (Matter.SNAPSHOT, {"sha256": "cd" * 32}),
        (Matter.SNAPSHOT, {"source": "rest"}),
        (Matter.SNAPSHOT, {"exported_at": "2026-03-11T09:00:00+00:00"}),
        (Matter.SNAPSHOT, {"people": "many"}),
        (Matter.REMOVE_OFFICER, {"officer": "CB-2"}),
        (Matter.REMOVE_OFFICER, {"more": "x"}),
    ],
)
def test_a_request_whose_content_was_changed_is_refused(matter: Matter, change: dict[str, object]) -> None:
    (request,) = (request for request in requests() if request.matter is matter)
    content = json.loads(to_json(request))
    content["content"] |= change
    with pytest.raises(Altered):
        parse_request(json.dumps(content), "r.json")


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"matter": "plan"}', '{"matter": "officer", "content": {}}'])
def test_a_file_that_is_no_request_is_refused(text: str) -> None:
    with pytest.raises(Altered):
        parse_request(text, "r.json")


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("request_", requests(), ids=lambda request: request.matter.value)
def test_every_request_is_shown_before_it_is_signed(request_: Request, locale: Locale) -> None:
    console = Console(record=True, width=200, file=StringIO())
    show_request(console, Voice(MESSAGES, locale), request_)
    shown = console.export_text()
    assert request_.sha256 in shown
    assert SERVER in shown
    assert "13/03/2026" in shown


def test_the_people_of_a_plan_are_shown_and_so_is_what_it_is_over() -> None:
    console = Console(record=True, width=200, file=StringIO())
    show_request(console, Voice(MESSAGES, Locale.EN), requests()[0])
    shown = console.export_text()
    assert plan().actions[0].who.full_name in shown
    assert "1,226 accounts locked in 24 hours (limit 25)" in shown


# On the officer's machine, where there is no HueP


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n", "utf-8")
    monkeypatch.setenv("HUEP_OFFICER_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    monkeypatch.setenv("HUEP_STATE", str(tmp_path / "nothing"))
    monkeypatch.setenv("HUEP_LANG", "en")
    return tmp_path


def officer(desk: Path, server: str = SERVER) -> str:
    """The public key of an officer whose key pair lies on the desk."""
    key = desk / "me.key"
    arguments = ["officers", "key", "--code", "CB-1", "--name", "Lê Thị Thử", "--server", server, "--out", str(key)]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    return json.loads((desk / "me.pub").read_text())["card"]["public_key"]


def request_on(desk: Path, request: Request) -> Path:
    path = desk / "request.json"
    path.write_text(to_json(request), "utf-8")
    return path


def in_time(request: Request) -> Request:
    return Request(request.server_name, request.content, datetime.now(UTC) + timedelta(hours=2))


def test_a_plan_is_signed_for_as_long_as_it_waits(desk: Path) -> None:
    public_key = officer(desk)
    request = in_time(requests()[0])
    path = request_on(desk, request)
    result = CliRunner().invoke(app, ["approve", str(path), "--key", str(desk / "me.key")], input="y\n")
    assert result.exit_code == 0, result.output
    assert "Lê Thị Thử (CB-1) signs the content above?" in result.output
    written = desk / "request.CB-1.approval.json"
    approval = Approval.from_json(written.read_text("utf-8"), "a")
    said = verify(approval, public_key, server_name=SERVER, now=datetime.now(UTC))
    assert (said.matter, said.sha256, said.officer) == (Matter.PLAN, plan().sha256, "CB-1")
    assert said.expires_at == request.expires_at.replace(microsecond=0)
    again = CliRunner().invoke(app, ["approve", str(path), "--key", str(desk / "me.key"), "--yes"])
    assert again.exit_code != 0


@pytest.mark.parametrize("answer", ["n\n", ""])
def test_without_a_yes_nothing_is_signed(desk: Path, answer: str) -> None:
    officer(desk)
    path = request_on(desk, in_time(requests()[0]))
    assert CliRunner().invoke(app, ["approve", str(path), "--key", str(desk / "me.key")], input=answer).exit_code != 0
    assert not list(desk.glob("*.approval.json"))


@pytest.mark.parametrize(
    ("server", "late", "refusal"), [("khac.test", False, ForAnotherServer), (SERVER, True, Expired)]
)
def test_what_is_for_another_server_or_too_late_is_not_signed(
    desk: Path, server: str, late: bool, refusal: type[Exception]
) -> None:
    officer(desk, server)
    path = request_on(desk, requests()[0] if late else in_time(requests()[0]))
    if late:
        content = json.loads(path.read_text())
        content["expires_at"] = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
        path.write_text(json.dumps(content))
    result = CliRunner().invoke(app, ["approve", str(path), "--key", str(desk / "me.key"), "--yes"])
    assert isinstance(result.exception, refusal)


def test_a_hash_without_a_huep_to_look_it_up_in_is_refused(desk: Path) -> None:
    officer(desk)
    result = CliRunner().invoke(app, ["approve", "ab" * 6, "--key", str(desk / "me.key"), "--yes"])
    assert isinstance(result.exception, RequestUnreadable)


def test_a_card_beside_another_key_signs_nothing(desk: Path) -> None:
    officer(desk)
    (desk / "me.key").unlink()
    new_key(desk / "me.key", PASSPHRASE)
    path = request_on(desk, in_time(requests()[0]))
    assert CliRunner().invoke(app, ["approve", str(path), "--key", str(desk / "me.key"), "--yes"]).exit_code != 0
    assert not list(desk.glob("*.approval.json"))


def test_a_new_officers_card_is_a_request_of_its_own(desk: Path) -> None:
    key = Ed25519PrivateKey.generate()
    card = make_card(key, SERVER, "CB-9", "Trần Văn Chín", NOW)
    request = parse_request(card.to_json(key), "new.pub")
    assert (request.matter, request.sha256, request.expires_at) == (Matter.OFFICER, card.sha256, None)
    assert date(2026, 3, 10) == card.made_at.date()


def test_the_passphrase_stands_in_no_message(desk: Path) -> None:
    officer(desk)
    (desk / "passphrase").write_text("ein anderer Satz\n", "utf-8")
    path = request_on(desk, in_time(requests()[0]))
    result = CliRunner().invoke(app, ["approve", str(path), "--key", str(desk / "me.key"), "--yes"])
    assert result.exit_code != 0
    assert "ein anderer Satz" not in result.output + str(result.exception)
