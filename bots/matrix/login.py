"""Logging in once, and coming back as the same device ever after."""

from collections.abc import Callable

import structlog

from bots.matrix.client import CryptoClient
from bots.matrix.device import DeviceFolder, Session
from bots.matrix.errors import SessionEnded
from bots.matrix.transport import Transport, path_of

Password = Callable[[], str]
"""Gives the password only when it is needed."""

log = structlog.get_logger(__name__)


async def resume(transport: Transport, folder: DeviceFolder, user_id: str) -> Session | None:
    """The session kept in `folder`, if the server still knows it."""
    session = folder.read_session()
    if session is None or session.user_id != user_id:
        return None
    transport.access_token = session.access_token
    try:
        await transport.request("GET", path_of("account", "whoami"))
    except SessionEnded:
        transport.access_token = ""
        return None
    return session


async def log_in(
    transport: Transport, folder: DeviceFolder, user_id: str, device_id: str, password: str, display_name: str
) -> Session:
    """Log in by password as `device_id`, and keep the session in `folder`.

    Raises:
        WrongPassword, AccountLocked, ServerUnreachable.
    """
    answer = await transport.request(
        "POST",
        path_of("login"),
        {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": user_id},
            "password": password,
            "device_id": device_id,
            "initial_device_display_name": display_name,
        },
    )
    session = Session(str(answer["user_id"]), str(answer["device_id"]), str(answer["access_token"]))
    transport.access_token = session.access_token
    folder.write_session(session)
    log.info("logged in", user_id=user_id, device_id=device_id)
    return session


async def device_keys_are_on_server(client: CryptoClient) -> bool:
    """Whether the server still has our device's keys; after a login anew it may have lost them with the device."""
    answer = await client.query_keys([client.user_id])
    return client.device_id in ((answer.get("device_keys") or {}).get(client.user_id) or {})
