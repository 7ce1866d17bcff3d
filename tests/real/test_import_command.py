"""`huep bots import-store` against HueP's database."""

from pathlib import Path

import pytest

from bots.matrix.device import Device
from bots.matrix.store.postgres import PostgresShelf
from huep import secret_names
from huep.database import Role
from huep.stack.versions import note_versions
from tests.clients.earlier_store import DEVICE, Earlier
from tests.clients.running import Databases, run_huep

ACCOUNT = "nhac-viec"


@pytest.fixture
def earlier(databases: Databases, tmp_path: Path) -> Earlier:
    note_versions(databases.state)
    return Earlier(tmp_path / "bot", user_id=databases.settings.user_id(ACCOUNT))


def identity_of(databases: Databases) -> dict[str, str]:
    engine = databases.engine(Role.BOTS)
    shelf = PostgresShelf(engine, databases.state.secrets / secret_names.BOTS_STORE_KEY)
    device = Device.open(shelf, databases.settings.user_id(ACCOUNT))
    try:
        account = device.crypto.load_account()
        assert account is not None
        return dict(account.identity_keys)
    finally:
        device.close()
        engine.dispose()


def test_a_bot_of_stock_nio_becomes_one_of_ours_and_another_only_in_its_place(
    databases: Databases, earlier: Earlier, tmp_path: Path
) -> None:
    command = ("bots", "import-store", "--account", ACCOUNT)
    said = run_huep(databases.state.root, *command, str(earlier.root)).stdout
    assert f"Device {DEVICE} of @{ACCOUNT}" in said
    assert "1 Olm sessions" in said
    assert identity_of(databases) == dict(earlier.identity_keys)
    assert (earlier.root / "imported" / "crypto.db").exists()

    other = Earlier(tmp_path / "other", user_id=databases.settings.user_id(ACCOUNT))
    refused = run_huep(databases.state.root, *command, str(other.root), check=False)
    assert refused.returncode == 1
    assert "already holds an encrypted device" in refused.stderr
    assert identity_of(databases) == dict(earlier.identity_keys)
    assert (other.root / "crypto.db").exists()
    run_huep(databases.state.root, *command, str(other.root), "--replace")
    assert identity_of(databases) == dict(other.identity_keys)


def test_what_is_no_store_is_one_sentence(databases: Databases, tmp_path: Path) -> None:
    note_versions(databases.state)
    done = run_huep(databases.state.root, "bots", "import-store", str(tmp_path), check=False)
    assert done.returncode == 1
    assert "session.json does not say user_id" in done.stderr
    assert "Traceback" not in done.stderr
