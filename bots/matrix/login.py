"""Logging in once, and coming back as the same device ever after."""

from collections.abc import Callable

import structlog

from bots.matrix.client import CryptoClient
from bots.matrix.device import Device, Session
from bots.matrix.errors import SessionEnded
from bots.matrix.transport import Renewal, Transport, path_of

Password = Callable[[], str]
"""Gives the password only when it is needed."""

log = structlog.get_logger(__name__)


async def resume(transport: Transport, device: Device) -> Session | None:
    """The session that `device` keeps, if the server still knows it."""
    session = device.read_session()
    if session is None or session.user_id != device.user_id:
        return None
    transport.access_token = session.access_token
    try:
        await transport.request("GET", path_of("account", "whoami"))
    except SessionEnded:
        transport.access_token = ""
        return None
    return session


async def log_in(transport: Transport, device: Device, device_id: str, password: str, display_name: str) -> Session:
    """Log in by password as `device_id`, and let `device` keep the session.

    Raises:
        WrongPassword, AccountLocked, ServerUnreachable.
    """
    answer = await transport.request(
        "POST",
        path_of("login"),
        {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": device.user_id},
            "password": password,
            "device_id": device_id,
            "initial_device_display_name": display_name,
        },
    )
    session = Session(str(answer["user_id"]), str(answer["device_id"]), str(answer["access_token"]))
    transport.access_token = session.access_token
    device.write_session(session)
    await device.flush()
    log.info("logged in", user_id=session.user_id, device_id=device_id)
    return session


async def device_keys_are_on_server(client: CryptoClient) -> bool:
    """Whether the server still has our device's keys; after a login anew it may have lost them with the device."""
    answer = await client.query_keys([client.user_id])
    return client.device_id in ((answer.get("device_keys") or {}).get(client.user_id) or {})


def renewal(transport: Transport, device: Device, session: Session, password: Password, display_name: str) -> Renewal:
    """What logs the same device in again once its session has expired; keys and rooms stay as they are."""

    async def log_in_again() -> None:
        await log_in(transport, device, session.device_id, password(), display_name)

    return log_in_again
