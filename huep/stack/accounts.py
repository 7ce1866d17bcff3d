"""The accounts that are not people: the service account that owns every room, and the bots."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from huep.settings import Settings
from huep.state import SecretMissing, StateFolder
from huep.synapse_admin import SynapseAdmin

ADMIN_TOKEN = "synapse-admin-token"  # noqa: S105 - the name of a secret
SERVICE_TOKEN = "module-service-token"  # noqa: S105 - the name of a secret
REGISTRATION_SECRET = "synapse-registration"  # noqa: S105 - the name of a secret


def bot_password_secret(localpart: str) -> str:
    """The name of the secret that holds a bot's password."""
    return f"bot-{localpart}-password"


@asynccontextmanager
async def open_admin(settings: Settings, state: StateFolder) -> AsyncIterator[SynapseAdmin]:
    """A client of the running Synapse with the rights of the service account."""
    async with SynapseAdmin(
        settings.synapse.local_url,
        admin_token=state.read_secret(ADMIN_TOKEN),
        service_token=state.read_secret(SERVICE_TOKEN),
    ) as admin:
        yield admin


async def ensure_service_accounts(settings: Settings, state: StateFolder) -> None:
    """Make the service account and the bots' accounts where they do not exist yet.

    Their passwords are random and kept as secrets; the service account's access token too.
    """
    registration_secret = state.read_secret(REGISTRATION_SECRET)
    service = settings.accounts.service
    async with SynapseAdmin(
        settings.synapse.local_url, admin_token=None, service_token=state.read_secret(SERVICE_TOKEN)
    ) as anyone:
        try:
            state.read_secret(ADMIN_TOKEN)
        except SecretMissing:
            made = await anyone.register(
                service, state.secret(f"{service}-password"), registration_secret, admin=True, display_name="HueP"
            )
            state.write_secret(ADMIN_TOKEN, made.access_token)
        assistant = settings.accounts.assistant
        password = bot_password_secret(assistant)
        if not (state.secrets / password).exists():
            await anyone.register(
                assistant, state.secret(password), registration_secret, admin=False, display_name="Trợ lý HueP"
            )
