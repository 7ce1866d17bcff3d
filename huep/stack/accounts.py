"""The accounts that are not people: the service account that owns every room, and the bots."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from huep import secret_names as names
from huep.bots_settings import BOT_TITLES
from huep.database import Role
from huep.settings import Settings
from huep.stack.synapse_config import SECRETS_OF_SYNAPSE
from huep.state import SecretMissing, StateFolder
from huep.synapse_admin import SynapseAdmin, SynapseRefused


def check_nothing_is_lost(settings: Settings, state: StateFolder) -> None:
    """Refuse a province whose secrets or signing key are gone: a new one would lock its people or its bots out.

    Raises:
        SecretMissing: names the file.
    """
    if not (state.secrets / names.ADMIN_TOKEN).exists():
        return
    passwords = [names.service_password(settings.accounts.service)]
    passwords += [
        names.bot_password(localpart) for localpart in settings.accounts.bots.values() if _is_made(state, localpart)
    ]
    for name in (*(role.secret for role in Role), *SECRETS_OF_SYNAPSE, *passwords):
        state.read_secret(name)
    key = state.synapse / "signing.key"
    if not key.exists():
        raise SecretMissing(f"Synapse's signing key {key} is gone: restore it from a backup with `huep restore`.")


@asynccontextmanager
async def open_admin(settings: Settings, state: StateFolder) -> AsyncIterator[SynapseAdmin]:
    """A client of the running Synapse with the rights of the service account."""
    async with SynapseAdmin(
        settings.synapse.local_url,
        admin_token=state.read_secret(names.ADMIN_TOKEN),
        service_token=state.read_secret(names.SERVICE_TOKEN),
    ) as admin:
        yield admin


async def ensure_service_accounts(settings: Settings, state: StateFolder) -> None:
    """Make the service account and the bots' accounts where they do not exist yet, free of rate limits.

    Their passwords are random and kept as secrets; the service account's access token too, and what seals bots' boxes.
    """
    service = settings.accounts.service
    for secret in (names.service_password(service), names.BOTS_MAIL):
        state.secret(secret)
    if not (state.secrets / names.ADMIN_TOKEN).exists():
        token = await _ensure_account(settings, state, service, names.service_password(service), "HueP", admin=True)
        state.write_secret(names.ADMIN_TOKEN, token)
    for bot, localpart in settings.accounts.bots.items():
        if not _is_made(state, localpart):
            password = names.bot_password(localpart)
            await _ensure_account(settings, state, localpart, password, BOT_TITLES[bot], admin=False)
            async with open_admin(settings, state) as admin:
                await admin.lift_rate_limits(settings.user_id(service))
                await admin.lift_rate_limits(settings.user_id(localpart))
            _made_mark(state, localpart).touch(mode=0o600)


def _is_made(state: StateFolder, localpart: str) -> bool:
    """Whether an earlier start made this bot's account: a bot that came to HueP later has none, and no password yet."""
    return _made_mark(state, localpart).exists()


def _made_mark(state: StateFolder, localpart: str) -> Path:
    return state.secrets / f"{names.bot_password(localpart)}.set"


async def _ensure_account(
    settings: Settings, state: StateFolder, localpart: str, secret: str, display_name: str, *, admin: bool
) -> str:
    """Make an account, or log in to it when an interrupted start made it before; returns an access token."""
    password = state.secret(secret)
    async with SynapseAdmin(settings.synapse.local_url) as anyone:
        try:
            session = await anyone.register(
                state.read_secret(names.REGISTRATION),
                localpart,
                password,
                admin=admin,
                display_name=display_name,
            )
        except SynapseRefused as refusal:
            if refusal.errcode != "M_USER_IN_USE":
                raise
            session = await anyone.log_in(localpart, password, "HueP")
    return session.access_token
