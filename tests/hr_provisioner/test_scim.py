"""What an HR system writes over SCIM, and what the register then says of it."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import Engine, delete, select

from hr_provisioner.records import PersonRecord, Register
from hr_provisioner.register.register import register_of
from hr_provisioner.scim import store
from hr_provisioner.scim.app import app
from hr_provisioner.scim.model import LARGEST_BODY_BYTES
from hr_provisioner.scim.source import ScimSource
from hr_provisioner.sources.source import SourceEmpty
from hr_provisioner.tables import scim_changes, scim_resources
from huep.database import Role
from huep.directory.model import PostKind, Standing
from tests.conftest import Databases

TOKEN = "t" * 43
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
HUEP_USER = "urn:ietf:params:scim:schemas:extension:huep:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
HUEP_GROUP = "urn:ietf:params:scim:schemas:extension:huep:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
TODAY = date(2026, 7, 10)
NOON = datetime(2026, 7, 10, 5, tzinfo=UTC)


@dataclass
class Service:
    """The application on its own table, a clock that stands still until it is moved, and what the hook was told."""

    engine: Engine
    client: httpx.AsyncClient = field(init=False)
    now: datetime = NOON
    told: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        served = app(self.engine, TOKEN, self.told.append, lambda: self.now)
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(served),
            base_url="http://hr.localhost",
            headers={"Authorization": f"Bearer {TOKEN}"},
        )

    async def made(self, path: str, content: dict[str, Any]) -> dict[str, Any]:
        answer = await self.client.post(path, json=content)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def patched(self, user: dict[str, Any], *operations: dict[str, Any], **headers: str) -> httpx.Response:
        content = {"schemas": [PATCH], "Operations": operations}
        return await self.client.patch(f"/Users/{user['id']}", json=content, headers=headers)

    def register(self) -> Register:
        return register_of(ScimSource(self.engine))

    def person(self, code: str) -> PersonRecord:
        (found,) = [person for person in self.register().people if person.officer_code == code]
        return found


@pytest.fixture
def engine(databases: Databases) -> Iterator[Engine]:
    engine = databases.engine(Role.HR)
    with engine.begin() as connection:
        connection.execute(delete(scim_resources))
        connection.execute(delete(scim_changes))
    yield engine
    engine.dispose()


@pytest_asyncio.fixture
async def service(engine: Engine) -> AsyncIterator[Service]:
    service = Service(engine)
    await service.made("/Groups", unit("TP", "UBND thành phố", "province", 0, None))
    await service.made("/Groups", unit("STC", "Sở Tài chính", "department", 1, "TP"))
    service.told.clear()
    yield service
    await service.client.aclose()


def unit(code: str, name: str, kind: str, level: int, parent: str | None, **more: Any) -> dict[str, Any]:
    return {
        "schemas": [GROUP, HUEP_GROUP],
        "displayName": name,
        HUEP_GROUP: {"code": code, "shortName": code, "kind": kind, "level": level, "parent": parent, **more},
    }


def user(code: str = "CB-1", name: str = "Nguyễn Văn An", **more: Any) -> dict[str, Any]:
    content = {
        "schemas": [CORE, ENTERPRISE, HUEP_USER],
        "userName": f"{code}@hue.gov.vn",
        "externalId": f"x-{code}",
        "name": {"formatted": name},
        "title": "Chuyên viên",
        "active": True,
        ENTERPRISE: {"employeeNumber": code, "department": "STC"},
        HUEP_USER: {"standing": "staff", "validFrom": "2020-01-01", "birthDate": "1985-03-15"},
    }
    return {**content, **more}


@pytest.mark.parametrize("headers", [{"Authorization": ""}, {"Authorization": "Bearer " + "x" * 43}])
async def test_nobody_gets_in_without_the_token(service: Service, headers: dict[str, str]) -> None:
    for method, path in (("GET", "/Users"), ("POST", "/Users"), ("GET", "/ServiceProviderConfig"), ("GET", "/nowhere")):
        answer = await service.client.request(method, path, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
        assert TOKEN not in answer.text


async def test_an_enterprise_user_is_a_row_of_the_posts_table(service: Service) -> None:
    await service.made("/Users", user(emails=[{"value": "an@hue.gov.vn", "type": "work"}]))
    person = service.person("CB-1")
    assert (person.full_name, person.birth_date, person.email) == ("Nguyễn Văn An", date(1985, 3, 15), "an@hue.gov.vn")
    (post,) = person.posts
    assert (post.unit_code, post.position, post.standing, post.kind) == (
        "STC",
        "Chuyên viên",
        Standing.STAFF,
        PostKind.MAIN,
    )
    assert (post.valid_from, post.valid_to, person.leaves_on) == (date(2020, 1, 1), None, None)


async def test_several_posts_are_several_rows_and_one_is_the_main_one(service: Service) -> None:
    posts = [
        {
            "unit": "TP",
            "position": "Phó Chủ tịch",
            "standing": "deputy",
            "type": "concurrent",
            "validFrom": "2024-05-01",
        },
        {"unit": "STC", "position": "Giám đốc", "standing": "head", "primary": True, "validFrom": "2022-01-01"},
        {"unit": "TP", "position": "Tổ viên", "type": "secondment", "validFrom": "2024-01-01", "validTo": "2026-12-31"},
    ]
    await service.made("/Users", user(**{HUEP_USER: {"posts": posts}}))
    kinds = {post.position: (post.kind, post.valid_to) for post in service.person("CB-1").posts}
    assert kinds == {
        "Phó Chủ tịch": (PostKind.CONCURRENT, None),
        "Giám đốc": (PostKind.MAIN, None),
        "Tổ viên": (PostKind.SECONDMENT, date(2027, 1, 1)),
    }


async def test_units_come_from_groups(service: Service) -> None:
    await service.made("/Users", user())
    await service.made(
        "/Groups", unit("KBNN", "Kho bạc", "office", 2, "STC", validFrom="2020-01-01", successors=["STC"])
    )
    units = {unit.code: unit for unit in service.register().units}
    assert units["KBNN"].parent_code == "STC"
    assert units["KBNN"].successors == ("STC",)


async def test_inactive_means_left_yesterday_and_the_day_does_not_move_on(service: Service) -> None:
    made = await service.made("/Users", user())
    answer = await service.patched(made, {"op": "replace", "path": "active", "value": False})
    assert answer.status_code == 200
    assert service.person("CB-1").leaves_on == TODAY - timedelta(days=1)
    service.now += timedelta(days=40)
    await service.patched(made, {"op": "replace", "path": "title", "value": "Chuyên viên chính"})
    assert service.person("CB-1").leaves_on == TODAY - timedelta(days=1)
    await service.patched(made, {"op": "replace", "path": "active", "value": True})
    assert service.person("CB-1").leaves_on is None


async def test_an_earlier_last_day_stands_and_a_later_one_does_not_keep_the_inactive_in(service: Service) -> None:
    for code, last_day, expected in (
        ("CB-1", "2026-06-30", date(2026, 6, 30)),
        ("CB-2", "2026-12-31", date(2026, 7, 9)),
    ):
        extension = {"validFrom": "2020-01-01", "lastDay": last_day}
        await service.made("/Users", user(code, active=False, **{HUEP_USER: extension}))
        assert service.person(code).leaves_on == expected


async def test_an_announced_last_day_of_somebody_active_waits_for_its_day(service: Service) -> None:
    await service.made("/Users", user(**{HUEP_USER: {"validFrom": "2020-01-01", "lastDay": "2026-12-31"}}))
    assert service.person("CB-1").leaves_on == date(2026, 12, 31)


async def test_a_dismissal_is_passed_on_as_one(service: Service) -> None:
    extension = {"validFrom": "2020-01-01", "status": "dismissed"}
    await service.made("/Users", user(active=False, **{HUEP_USER: extension}))
    assert service.person("CB-1").dismissed


async def test_who_is_deleted_is_gone_for_scim_and_has_left_for_the_register(service: Service) -> None:
    made = await service.made("/Users", user())
    assert (await service.client.delete(f"/Users/{made['id']}")).status_code == 204
    assert (await service.client.get(f"/Users/{made['id']}")).status_code == 404
    assert (await service.client.get("/Users")).json()["totalResults"] == 0
    assert service.person("CB-1").leaves_on == TODAY - timedelta(days=1)
    assert service.register().quarantined == ()


async def test_who_is_deleted_on_the_first_day_of_a_post_is_not_quarantined_for_it(service: Service) -> None:
    made = await service.made("/Users", user(**{HUEP_USER: {"validFrom": TODAY.isoformat()}}))
    await service.client.delete(f"/Users/{made['id']}")
    register = service.register()
    assert register.quarantined == ()
    assert [(person.officer_code, person.posts) for person in register.people] == [("CB-1", ())]


async def test_who_comes_back_is_one_row_in_service(service: Service) -> None:
    made = await service.made("/Users", user())
    await service.client.delete(f"/Users/{made['id']}")
    again = await service.made("/Users", user())
    assert again["id"] != made["id"]
    assert service.person("CB-1").leaves_on is None


async def test_a_person_without_a_code_is_quarantined_and_nobody_else_is(service: Service) -> None:
    await service.made("/Users", {"schemas": [CORE], "userName": "ai-do"})
    await service.made("/Users", user())
    register = service.register()
    assert [person.officer_code for person in register.people] == ["CB-1"]
    assert {bad.officer_code for bad in register.quarantined} == {None}


async def test_a_deleted_unit_is_closed(service: Service) -> None:
    await service.made("/Users", user())
    made = await service.made("/Groups", unit("KBNN", "Kho bạc", "office", 2, "STC", validFrom="2020-01-01"))
    await service.client.delete(f"/Groups/{made['id']}")
    (closed,) = [unit for unit in service.register().units if unit.code == "KBNN"]
    assert closed.valid_to == TODAY


async def test_a_unit_deleted_before_its_first_day_never_was(service: Service) -> None:
    await service.made("/Users", user())
    made = await service.made("/Groups", unit("KBNN", "Kho bạc", "office", 2, "STC", validFrom="2027-01-01"))
    await service.client.delete(f"/Groups/{made['id']}")
    assert "KBNN" not in {unit.code for unit in service.register().units}


@pytest.mark.parametrize(
    "second",
    [
        user("CB-2", userName="cb-1@HUE.gov.vn"),
        user("cb-1", userName="khac"),
    ],
    ids=["userName in other case", "officer code in small letters"],
)
async def test_two_users_never_share_a_name_or_a_code(service: Service, second: dict[str, Any]) -> None:
    await service.made("/Users", user())
    service.told.clear()
    answer = await service.client.post("/Users", json=second)
    assert (answer.status_code, answer.json()["scimType"]) == (409, "uniqueness")
    assert service.told == []


async def test_the_hook_is_told_after_each_write_and_of_both_codes_when_the_code_changes(service: Service) -> None:
    made = await service.made("/Users", user())
    await service.patched(made, {"op": "replace", "path": f"{ENTERPRISE}:employeeNumber", "value": "CB-9"})
    await service.client.delete(f"/Users/{made['id']}")
    await service.made("/Groups", unit("KBNN", "Kho bạc", "office", 2, "STC"))
    assert service.told == ["CB-1", "CB-1", "CB-9", "CB-9", None]


async def test_the_hook_finds_what_was_written(engine: Engine) -> None:
    seen: list[str] = []

    def look(code: str | None) -> None:
        with engine.connect() as connection:
            seen.extend(connection.execute(select(scim_resources.c.code)).scalars())

    transport = httpx.ASGITransport(app(engine, TOKEN, look))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://hr", headers=headers) as client:
        await client.post("/Users", json=user())
    assert seen == ["CB-1"]


async def test_a_write_upon_an_old_version_is_refused(service: Service) -> None:
    made = await service.made("/Users", user())
    old = made["meta"]["version"]
    operation = {"op": "replace", "path": "title", "value": "Chánh Văn phòng"}
    first = await service.patched(made, operation, **{"If-Match": old})
    assert (first.status_code, first.headers["etag"]) == (200, first.json()["meta"]["version"])
    assert first.headers["etag"] != old
    late = await service.patched(made, operation, **{"If-Match": old})
    assert (late.status_code, late.json()["status"]) == (412, "412")
    unchanged = await service.client.get(f"/Users/{made['id']}", headers={"If-None-Match": first.headers["etag"]})
    assert unchanged.status_code == 304


@pytest.mark.parametrize(
    ("wanted", "codes"),
    [
        ('userName eq "CB-2@hue.gov.VN"', ["CB-2"]),
        ('externalId eq "x-CB-3"', ["CB-3"]),
        ('externalId eq "X-cb-3"', []),
        (f'{ENTERPRISE}:employeeNumber eq "CB-1" and active eq true', ["CB-1"]),
        ('userName eq "cb-1@hue.gov.vn" and externalId eq "x-CB-2"', []),
        ('name.formatted co "An"', ["CB-1", "CB-2", "CB-3"]),
        ('id eq "not-an-id"', []),
        ('not (userName eq "cb-1@hue.gov.vn") and title pr', ["CB-2", "CB-3"]),
        ('userName eq "cb-1@hue.gov.vn" or userName eq "cb-2@hue.gov.vn"', ["CB-1", "CB-2"]),
    ],
)
async def test_filters(service: Service, wanted: str, codes: list[str]) -> None:
    for number in (1, 2, 3):
        await service.made("/Users", user(f"CB-{number}"))
    for answer in (
        await service.client.get("/Users", params={"filter": wanted}),
        await service.client.post("/Users/.search", json={"schemas": [], "filter": wanted}),
    ):
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert sorted(one[ENTERPRISE]["employeeNumber"] for one in found.get("Resources", [])) == codes
        assert found["totalResults"] == len(codes)


async def test_a_filter_that_is_none_is_named(service: Service) -> None:
    answer = await service.client.get("/Users", params={"filter": "userName maybe 1"})
    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidFilter")


async def test_pages_hold_everybody_once(service: Service) -> None:
    for number in range(5):
        await service.made("/Users", user(f"CB-{number}"))
    seen: list[str] = []
    for start in (1, 3, 5, 7):
        answer = (await service.client.get("/Users", params={"startIndex": start, "count": 2})).json()
        assert answer["totalResults"] == 5
        seen += [one["userName"] for one in answer.get("Resources", [])]
    assert sorted(seen) == [f"CB-{number}@hue.gov.vn" for number in range(5)]
    assert "Resources" not in {k for k, v in (await service.client.get("/Users?count=0")).json().items() if v}


async def test_what_the_register_does_not_need_is_never_kept(service: Service) -> None:
    more = {"phoneNumbers": [{"value": "0905"}], "password": "hunter2", "photos": [{"value": "https://a/b"}]}
    await service.made("/Users", user(**more))
    with service.engine.connect() as connection:
        (content,) = connection.execute(
            select(scim_resources.c.content).where(scim_resources.c.kind == "User")
        ).scalars()
    assert not [word for word in ("0905", "hunter2", "photos") if word in content]


@pytest.mark.parametrize(
    ("extension", "word"),
    [
        ({"birthDay": "1985-03-15"}, "birthDay"),
        ({"posts": [{"unit": "STC", "positon": "x"}]}, "positon"),
        ({"birthDate": "31/02/1985"}, "31/02/1985"),
        ({"standing": "boss"}, "boss"),
        ({"posts": [{"unit": "Sở Tài chính"}]}, "Sở Tài chính"),
    ],
)
async def test_a_slip_in_our_own_extension_is_refused_by_name(
    service: Service, extension: dict[str, Any], word: str
) -> None:
    answer = await service.client.post("/Users", json=user(**{HUEP_USER: extension}))
    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidValue")
    assert word in answer.json()["detail"]
    made = await service.made("/Users", user())
    patched = await service.patched(made, {"op": "add", "path": HUEP_USER, "value": extension})
    assert patched.status_code == 400, patched.text


async def test_a_body_without_end_is_refused(service: Service) -> None:
    answer = await service.client.post("/Users", content=b" " * (LARGEST_BODY_BYTES + 1))
    assert answer.status_code == 413
    assert (await service.client.post("/Users", content=b"{")).json()["scimType"] == "invalidSyntax"


async def test_reading_twice_is_the_same_edition_until_something_is_written(service: Service) -> None:
    await service.made("/Users", user())
    first, second = ScimSource(service.engine).origin, ScimSource(service.engine).origin
    assert first == second
    assert first.statement.exported_at is not None
    assert timedelta(0) <= first.statement.exported_at - NOON < timedelta(milliseconds=1)
    assert (first.statement.rows, first.name) == (3, "scim")
    service.now += timedelta(seconds=1)
    await service.made("/Users", user("CB-2"))
    third = ScimSource(service.engine).origin
    assert third.sha256 != first.sha256
    assert third.statement.exported_at == NOON + timedelta(seconds=1)


async def test_whatever_changes_the_store_moves_the_time_of_export(service: Service) -> None:
    codeless = {**user("CB-1"), ENTERPRISE: {}}
    await service.made("/Users", user("CB-2"))
    moments = [ScimSource(service.engine).origin.statement.exported_at]
    made = await service.made("/Users", codeless)
    moments.append(ScimSource(service.engine).origin.statement.exported_at)
    await service.client.delete(f"/Users/{made['id']}")
    moments.append(ScimSource(service.engine).origin.statement.exported_at)
    assert len(set(moments)) == 3
    assert moments == sorted(moments, key=lambda moment: moment or NOON)


async def test_a_store_with_nobody_in_it_is_no_register(service: Service) -> None:
    with pytest.raises(SourceEmpty):
        ScimSource(service.engine)


async def test_traces_of_the_deleted_expire(service: Service) -> None:
    for code in ("CB-1", "CB-2"):
        made = await service.made("/Users", user(code))
    await service.client.delete(f"/Users/{made['id']}")
    with service.engine.begin() as connection:
        assert store.forget(connection, NOON + timedelta(days=29), timedelta(days=30)) == 0
        before = ScimSource(service.engine).origin
        assert store.forget(connection, NOON + timedelta(days=31), timedelta(days=30)) == 1
    after = ScimSource(service.engine).origin
    assert after.sha256 != before.sha256
    assert after.statement.exported_at == NOON + timedelta(days=31)
    assert [person.officer_code for person in service.register().people] == ["CB-1"]
