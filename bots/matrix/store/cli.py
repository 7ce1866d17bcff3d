"""`huep bots import-store`: a bot that ran elsewhere on nio becomes one of HueP's, as the same device."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bots.matrix.store.errors import StoreNotEmpty
from bots.matrix.store.importing import ASIDE, EarlierFolder, TakenIn, set_aside, take_in
from bots.matrix.store.postgres import PostgresShelf
from bots.matrix.store.shelf import Kind
from bots.matrix.store.vault import Vault
from huep import secret_names
from huep.database import Role, connect_as
from huep.options import StateOption
from huep.settings import Settings, load_settings
from huep.stack.postgres import EmbeddedPostgres
from huep.stack.versions import check_versions
from huep.state import StateFolder, locate_state

console = Console()


def import_store(
    folder: Annotated[
        Path, typer.Argument(help="With nio's store, pickle-key and session.json.", exists=True, file_okay=False)
    ],
    account: Annotated[str | None, typer.Option(help="Localpart of the bot; by default the assistant's.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Drop the device that HueP holds for this bot.")] = False,
    state: StateOption = None,
) -> None:
    """Take in the encrypted device of a bot made with matrix-nio: same device, same keys, no new login."""
    found = locate_state(state)
    found.server_name()
    check_versions(found)
    settings = load_settings(found)
    taken = _imported(settings, found, settings.user_id(account or settings.accounts.assistant), folder, replace)
    console.print(
        f"Device {taken.device_id} of {taken.user_id} is in HueP's database, with {taken.olm_sessions:,} Olm sessions, "
        f"{taken.inbound_sessions:,} Megolm sessions and {taken.devices:,} devices of others."
    )
    console.print(f"Its files are now in {folder / ASIDE}: keep the bot that used them off.")


def _imported(settings: Settings, state: StateFolder, user_id: str, folder: Path, replace: bool) -> TakenIn:
    with EmbeddedPostgres(settings, state).running():
        engine = connect_as(settings, state, Role.BOTS)
        try:
            vault = Vault.open(PostgresShelf(engine, state.secrets / secret_names.BOTS_STORE_KEY), user_id)
            try:
                if vault.read(Kind.ACCOUNT) and not replace:
                    raise StoreNotEmpty(user_id)
                taken = take_in(vault, EarlierFolder(folder), replace=replace)
            finally:
                vault.close()
        finally:
            engine.dispose()
    set_aside(EarlierFolder(folder))
    return taken
