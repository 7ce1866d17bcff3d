"""Every address that Synapse itself knows, asked by nobody and by an officer without rights: no list to be forgotten in."""

import re

import httpx

from tests.real.attacks.attack import By, Request
from tests.real.attacks.scene import Scene
from tests.real.attacks.servlets import Address, addresses

ADMIN = "/_synapse/admin/"
_DELAYED = ("cancel", "restart", "send")
KNOWN = sorted(set(addresses()))
OPEN_TO_NOBODY = {
    ("GET", "/_matrix/client/versions"),
    ("GET", "/_matrix/client/v3/login"),
    ("GET", "/_matrix/client/v3/password_policy"),
    ("GET", "/_synapse/admin/v1/register"),  # a number to sign with the secret; without the secret it is worth nothing
    ("GET", "/_synapse/admin/v1/server_version"),  # `huep` asks for it
}
ANSWERS_THAT_THERE_IS_NOTHING = {
    # Delayed events are off; media without a session are found by nobody, whether they exist or not.
    *(("POST", f"/_matrix/client/unstable/org.matrix.msc4140/delayed_events/{{delay_id}}/{act}") for act in _DELAYED),
    ("GET", "/_matrix/media/v3/download/{server_name}/{media_id}/{file_name}"),
}
OPEN_TO_STAFF = {
    ("GET", "/_synapse/admin/v1/register"),
    ("GET", "/_synapse/admin/v1/server_version"),
}
STANDS_FOR = {
    "user_id": "{colleague}",
    "target_user_id": "{colleague}",
    "room_id": "{own}",
    "room_identifier": "{province_space}",
    "room_alias": "{alias}",
    "event_id": "{their_event}",
    "parent_id": "{their_event}",
    "device_id": "{colleague_device}",
    "server_name": "{server}",
    "media_id": "{picture}",
}


async def asked(scene: Scene, address: Address, by: By) -> httpx.Response:
    path = re.sub(r"\{(\w+)\}", lambda found: STANDS_FOR.get(found[1], "x"), address.path)
    body = None if address.method == "GET" else {}
    return await scene.sends(Request(address.method, path, body), by, mark="sweep")


def opened(answer: httpx.Response) -> bool:
    """Whether something was told or done; 404 that names a thing says at least that there is none."""
    unknown = answer.status_code == 404 and "M_UNRECOGNIZED" not in answer.text and "No Such" not in answer.text
    return answer.status_code < 400 or answer.status_code >= 500 or unknown


async def test_nobody_is_told_anything_without_a_session(scene: Scene) -> None:
    found = {(one.method, one.path) for one in KNOWN if opened(await asked(scene, one, By.NOBODY))}
    assert found == OPEN_TO_NOBODY | ANSWERS_THAT_THERE_IS_NOTHING


async def test_nobody_without_rights_is_served_by_the_admin_api(scene: Scene) -> None:
    admin = [one for one in KNOWN if one.path.startswith(ADMIN)]
    found = {(one.method, one.path) for one in admin if opened(await asked(scene, one, By.STAFF))}
    assert found == OPEN_TO_STAFF


def test_the_sweep_knows_the_addresses() -> None:
    paths = {one.path for one in KNOWN}
    assert len(KNOWN) > 200
    assert {"/_matrix/client/v3/sync", "/_matrix/client/v1/room_summary/{room_identifier}"} <= paths
    assert not [path for path in paths if re.search(r"[()?\\^$*+|]", path)]
