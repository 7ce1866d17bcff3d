"""The names under which secrets lie in the state folder, where more than one part of HueP asks for them."""

ADMIN_TOKEN = "synapse-admin-token"  # noqa: S105 - a name
"""Access token of the service account."""
SERVICE_TOKEN = "module-service-token"  # noqa: S105 - a name
"""Opens the endpoints of our modules."""
REGISTRATION = "synapse-registration"
"""Synapse's registration secret, for accounts that are not people."""


def bot_password(localpart: str) -> str:
    """The password of a bot."""
    return f"bot-{localpart}-password"


def service_password(localpart: str) -> str:
    """The password of the service account."""
    return f"{localpart}-password"


def demo_password(localpart: str) -> str:
    """The password of a person of the demo, which `huep chat` finds by itself."""
    return f"demo-{localpart}-password"
