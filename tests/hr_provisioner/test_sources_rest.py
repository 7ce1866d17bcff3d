"""A register behind a real HTTP server, which fails, stalls, changes and misleads."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
import uvicorn
from sqlalchemy import delete, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from hr_provisioner.register.register import register_of
from hr_provisioner.sources import open_configured, rest_pages
from hr_provisioner.sources.columns import POSTS, PostColumn, rows_of
from hr_provisioner.sources.mapping import Mapped
from hr_provisioner.sources.rest import RestApi
from hr_provisioner.sources.source import SourceUnreadable
from hr_provisioner.tables import source_reads
from huep import secret_names
from huep.database import Role
from huep.errors import ConfigError
from huep.hr_settings import SourceSettings
from huep.settings import Settings
from huep.state import StateFolder
from tests.clients.running import free_port
from tests.conftest import Databases

TOKEN = "opens-the-register"
UNITS = [
    {"Mã đơn vị": "H57", "Tên đơn vị": "UBND thành phố Huế", "Loại": "Thành phố", "Cấp bậc": 0, "Mã cấp trên": None},
    {"Mã đơn vị": "H58", "Tên đơn vị": "Cũ", "Loại": "Sở", "Cấp bậc": 1, "Mã cấp trên": "H57", "successors": ["H57"]},
]


def person(number: int) -> dict[str, object]:
    return {
        "officer_code": f"CB{number:03d}",
        "full_name": "Nguyễn Văn Ánh",
        "unit_code": "H57",
        "position": "Chuyên viên",
        "standing": "staff",
        "valid_from": "2025-03-01",
        "status": "working",
    }


@dataclass
class HrSystem:
    """The other side: what it holds, and how it behaves. `before` sees each request, and may answer in its place."""

    url: str = ""
    people: list[dict[str, object]] = field(default_factory=lambda: [person(n) for n in range(25)])
    before: Callable[[Request], Response | None] = lambda request: None
    with_etags: bool = True
    knows_cursor: bool = False
    filters: bool = True
    asked: list[str] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)

    async def serve(self, request: Request) -> Response:
        self.asked.append(f"{request.url.path}?{request.url.query}")
        response = self.before(request) or self._page(request)
        self.answered.append(response.status_code)
        return response

    def _page(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return PlainTextResponse("who are you?", 401)
        rows = UNITS if request.path_params["table"] == "don-vi" else self.people
        code = request.query_params.get("officer_code")
        if code and self.filters:
            rows = [row for row in rows if row["officer_code"] == code]
        limit, start = int(request.query_params["limit"]), int(request.query_params.get("cursor", 0))
        end = start + limit
        following = None
        if end < len(rows):
            following = str(end) if self.knows_cursor else f"?limit={limit}&cursor={end}"
        body = json.dumps({"items": rows[start:end], "next": following, "total": len(rows)})
        etag = f'"{hash(body)}"'
        if self.with_etags and request.headers.get("if-none-match") == etag:
            return Response(status_code=304)
        return Response(body, media_type="application/json", headers={"etag": etag} if self.with_etags else {})


@pytest.fixture
def system() -> Iterator[HrSystem]:
    port = free_port()
    system = HrSystem(f"http://127.0.0.1:{port}/api/v1")
    app = Starlette(routes=[Route("/api/v1/{table}", system.serve)])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield system
    server.should_exit = True
    thread.join()


def opened(system: HrSystem, engine=None, pauses: list[float] | None = None, **settings: object) -> RestApi:
    source = SourceSettings.model_validate({"kind": "rest", "url": system.url, "page_size": 10, **settings})
    wait = (pauses if pauses is not None else []).append
    return RestApi(source, TOKEN, Mapped({}, {}), engine, pause=wait)


def failing(*statuses: int, headers: dict[str, str] | None = None) -> Callable[[Request], Response | None]:
    left = list(statuses)
    return lambda request: PlainTextResponse("no", left.pop(0), headers) if left else None


@pytest.mark.parametrize("knows_cursor", [False, True], ids=["addresses", "cursors"])
def test_all_pages_become_a_register(system: HrSystem, knows_cursor: bool) -> None:
    system.knows_cursor = knows_cursor
    source = opened(system)
    register = register_of(source)
    assert [each.officer_code for each in register.people] == [f"CB{n:03d}" for n in range(25)]
    assert (len(register.units), register.quarantined) == (2, ())
    assert (source.origin.statement.rows, source.origin.statement.whole) == (27, True)
    assert (source.origin.name, source.origin.files) == ("rest", ())
    assert register.sha256 == opened(system).origin.sha256


def test_a_bare_list_is_everything(system: HrSystem) -> None:
    system.before = lambda request: JSONResponse(UNITS if "don-vi" in request.url.path else system.people)
    source = opened(system)
    assert len(register_of(source).people) == 25
    assert source.origin.statement.rows is None


def test_a_total_that_is_not_reached_is_stated_and_not_whole(system: HrSystem) -> None:
    pages = {"don-vi": UNITS, "can-bo": system.people}
    system.before = lambda request: JSONResponse({"items": pages[request.path_params["table"]], "total": 40})
    statement = opened(system).origin.statement
    assert (statement.rows, statement.whole) == (80, False)


def test_what_passes_is_tried_again_with_longer_pauses(system: HrSystem) -> None:
    pauses: list[float] = []
    system.before = failing(503, 500, 429, headers={"retry-after": "3"})
    assert len(register_of(opened(system, pauses=pauses)).people) == 25
    assert pauses == [3.0, 3.0, 3.0]


def test_a_server_that_stays_down_is_given_up_in_bounded_time(system: HrSystem) -> None:
    pauses: list[float] = []
    system.before = lambda request: PlainTextResponse("no", 503, {"retry-after": "86400"})
    with pytest.raises(SourceUnreadable, match=r"did not answer in 5 attempts: 503"):
        opened(system, pauses=pauses).posts()
    assert len(pauses) == rest_pages.ATTEMPTS - 1
    assert max(pauses) == rest_pages.LONGEST_PAUSE_S


def test_a_server_that_says_nothing_is_given_up(system: HrSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest_pages, "TIMEOUT_S", 0.05)

    def stall(request: Request) -> None:
        time.sleep(0.2)

    system.before = stall
    pauses: list[float] = []
    with pytest.raises(SourceUnreadable, match=r"did not answer in 5 attempts"):
        opened(system, pauses=pauses).posts()
    assert pauses == [0.5, 1.0, 2.0, 4.0]


def test_nobody_there_is_told(system: HrSystem) -> None:
    with pytest.raises(SourceUnreadable, match=r"did not answer in 5 attempts"):
        opened(system, url=f"http://127.0.0.1:{free_port()}/").posts()


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_is_not_tried_again_and_shows_no_token(system: HrSystem, status: int) -> None:
    system.before = lambda request: PlainTextResponse("no", status)
    with pytest.raises(SourceUnreadable, match=f"status {status}") as refusal:
        opened(system).posts()
    assert len(system.asked) == 1
    assert TOKEN not in str(refusal.value)


@pytest.mark.parametrize("target", ["http://other.example/api", "//other.example/", "http://127.0.0.1:1/api/v1/can-bo"])
@pytest.mark.parametrize("way", ["next", "redirect"])
def test_nothing_leads_off_the_host(system: HrSystem, target: str, way: str) -> None:
    def mislead(request: Request) -> Response:
        return RedirectResponse(target) if way == "redirect" else JSONResponse({"items": [], "next": target})

    system.before = mislead
    with pytest.raises(SourceUnreadable, match="points to another address"):
        opened(system).posts()
    assert len(system.asked) == 1


def test_a_loop_of_pages_ends(system: HrSystem) -> None:
    system.before = lambda request: JSONResponse({"items": [person(1)], "next": str(request.url)})
    with pytest.raises(SourceUnreadable, match="back to a page that was read"):
        opened(system).posts()
    assert len(system.asked) == 1


@pytest.mark.parametrize(
    "body", [b"<html>", b"{}", b'{"items": 7}', b'{"items": [7]}', b'{"items": [], "total": "many"}', b"[\xff]", b"7"]
)
def test_what_is_no_page_is_refused(system: HrSystem, body: bytes) -> None:
    system.before = lambda request: Response(body)
    with pytest.raises(SourceUnreadable, match="no page of rows in JSON"):
        opened(system).posts()


def test_an_endless_answer_is_cut_off(system: HrSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest_pages, "LARGEST_PAGE_BYTES", 2 * 1024 * 1024)
    system.before = lambda request: Response(b"[" + b" " * 3 * 1024 * 1024)
    with pytest.raises(SourceUnreadable, match="longer than 2 MB"):
        opened(system).posts()


@pytest.mark.parametrize("with_etags", [True, False])
def test_a_collection_that_changes_while_it_is_read_is_read_again(system: HrSystem, with_etags: bool) -> None:
    system.with_etags = with_etags
    changes = [lambda: system.people.pop(3), lambda: system.people.insert(0, person(77))]

    def change(request: Request) -> None:
        if "cursor=20" in request.url.query and changes:
            changes.pop(0)()

    system.before = change
    people = register_of(opened(system)).people
    assert sorted(each.officer_code for each in people) == sorted(str(row["officer_code"]) for row in system.people)
    assert len(people) == 25


def test_one_in_and_one_out_is_a_change_too(system: HrSystem) -> None:
    changes = [lambda: (system.people.pop(3), system.people.append(person(88)))]

    def change(request: Request) -> None:
        if "cursor=10" in request.url.query and changes:
            changes.pop(0)()

    system.before = change
    assert {f"CB{n:03d}" for n in range(25) if n != 3} | {"CB088"} == {
        each.officer_code for each in register_of(opened(system)).people
    }


def test_a_collection_that_never_rests_is_refused(system: HrSystem) -> None:
    def change(request: Request) -> None:
        if "cursor=10" in request.url.query:
            system.people.append(person(len(system.people)))

    system.before = change
    with pytest.raises(SourceUnreadable, match="changed while being read; it was read 3 times"):
        opened(system).posts()


def test_what_did_not_change_is_not_sent_again(system: HrSystem, databases: Databases) -> None:
    engine = databases.engine(Role.HR)
    with engine.begin() as connection:
        connection.execute(delete(source_reads))
    first = register_of(opened(system, engine))
    assert 304 in system.answered, "the first page is asked for again in the end"
    system.answered.clear()
    assert register_of(opened(system, engine)) == first
    assert set(system.answered) == {304}
    # A leaver in the middle is seen, though the first page is as it was.
    system.people[15]["status"] = "left"
    system.people[15]["leaves_on"] = "2026-01-31"
    system.answered.clear()
    leaver = next(each for each in register_of(opened(system, engine)).people if each.officer_code == "CB015")
    assert str(leaver.leaves_on) == "2026-01-31"
    assert system.answered.count(200) == 1
    with engine.connect() as connection:
        kept = connection.execute(select(source_reads.c.source, source_reads.c.etag)).all()
    assert {row.source for row in kept} == {f"{system.url}/can-bo", f"{system.url}/don-vi"}


@pytest.mark.parametrize("filters", [True, False], ids=["filtered there", "filtered here"])
def test_one_person_is_asked_for(system: HrSystem, filters: bool) -> None:
    system.filters = filters
    source = opened(system)
    ((_, cells),) = source.person("CB007").rows
    assert cells[0] == "CB007"
    assert len(system.asked) == (1 if filters else 4), "with the first page asked for again in the end"


def test_somebody_unknown_is_nobody_and_no_missing_column(system: HrSystem) -> None:
    assert list(rows_of(opened(system).person("CB999"), POSTS)) == []


def test_an_interface_that_says_404_of_somebody_knows_nobody_of_that_code(system: HrSystem) -> None:
    system.before = lambda request: PlainTextResponse("no such officer", 404)
    assert list(rows_of(opened(system).person("CB999"), POSTS)) == []


def test_what_one_person_lacks_is_an_empty_cell(system: HrSystem) -> None:
    del system.people[7]["standing"]
    (row,) = rows_of(opened(system).person("CB007"), POSTS)
    assert dict(zip(POSTS.columns, row.cells, strict=True))[PostColumn.STANDING] == ""


@pytest.mark.parametrize("url", ["", "hr.example", "ftp://hr.example", "http://hr.example/api"])
def test_a_token_does_not_travel_in_the_clear(system: HrSystem, url: str) -> None:
    with pytest.raises(ConfigError, match=r"hr\.source\.url"):
        opened(system, url=url)


def test_the_configured_interface_wants_its_token(system: HrSystem, tmp_path) -> None:
    settings = Settings.model_validate(
        {"server_name": "hue.localhost", "hr": {"source": {"kind": "rest", "url": system.url}}}
    )
    state = StateFolder(tmp_path)
    with pytest.raises(ConfigError, match="hr-source-token is missing"):
        open_configured(settings, state, None)
    state.write_secret(secret_names.SOURCE_TOKEN, TOKEN)
    assert len(register_of(open_configured(settings, state, None)).people) == 25
