"""The public compliance checks for SCIM servers, against the real application over real HTTP and PostgreSQL."""

import threading
import time
from collections.abc import Iterator

import httpx
import pytest
import uvicorn
from scim2_tester import CheckResult, Status, check_server
from scim2_tester.utils import fields_equality
from sqlalchemy import delete
from starlette.applications import Starlette
from starlette.routing import Mount

from hr_provisioner.scim.app import app
from hr_provisioner.tables import scim_resources
from huep.database import Role
from tests.clients.running import free_port
from tests.conftest import Databases
from tests.real.scim_client import HttpxScimClient

TOKEN = "t" * 43


@pytest.fixture
def served(databases: Databases) -> Iterator[str]:
    """The address of the application, mounted as the service mounts it."""
    engine = databases.engine(Role.HR)
    with engine.begin() as connection:
        connection.execute(delete(scim_resources))
    mounted = Starlette(routes=[Mount("/scim/v2", app(engine, TOKEN, lambda _: None))])
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(mounted, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}/scim/v2"
    server.should_exit = True
    thread.join()
    with engine.begin() as connection:
        connection.execute(delete(scim_resources))
    engine.dispose()


def test_a_tester_that_knows_nothing_of_us_finds_no_error(served: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=served, headers=headers, timeout=30) as client:
        results = check_server(HttpxScimClient(client))
    bad = [result for result in results if result.status in (Status.ERROR, Status.CRITICAL, Status.DEVIATION)]
    misjudged = [result for result in bad if _was_added_to_others(result)]
    wrong = [f"{result.title} {result.resource_type}: {result.reason}" for result in bad if result not in misjudged]
    assert not wrong, "\n\n".join(wrong)
    assert {result.data["urn"].rpartition(":")[2] for result in misjudged} <= {"posts", "successors"}
    assert sum(result.status is Status.SUCCESS for result in results) > 60
    assert not [result.title for result in results if result.status is Status.SKIPPED]


def _was_added_to_others(result: CheckResult) -> bool:
    """The tester adds to each multi-valued attribute of an extension twice, once with the whole extension, and counts
    it as an error that the first value is still there; RFC 7644, section 3.5.2.1, demands that it is."""
    if result.title != "check_add_attribute" or not isinstance(result.data, dict):
        return False
    added, there = result.data.get("expected"), result.data.get("modify_actual")
    if not isinstance(added, list) or not isinstance(there, list) or len(there) != 2:
        return False
    return all(fields_equality(one, other) for one, other in zip(added, there[1:], strict=True))
