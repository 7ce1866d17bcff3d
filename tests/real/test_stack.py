"""`huep` as an operator meets it on the first day and on the worst: real processes on a state folder of their own."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from huep.settings import load_settings
from huep.stack import presence
from huep.stack.accounts import open_admin
from huep.state import StateFolder
from tests.clients.running import first_settings, free_port, run_huep, start_huep, stop_huep
from tests.conftest import Province
from tests.real.homeserver import Homeserver
from tests.real.own_province import OwnProvince
from tests.real.test_activation_page import OWN, Visitor, officer_code, with_code


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    first_settings(tmp_path / "state")
    return StateFolder(tmp_path / "state")


@pytest.fixture(scope="module")
def backup(stack: Province, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of the shared province, taken while it runs."""
    saved = tmp_path_factory.mktemp("backup") / "huep.tar.gz"
    stack.huep("backup", str(saved))
    return saved


def one_sentence(done: "subprocess.CompletedProcess[str]") -> str:
    """What a refused command said; a traceback is no sentence."""
    assert done.returncode != 0
    assert "Traceback" not in done.stderr + done.stdout
    return done.stderr


def test_a_port_in_use_stops_the_start_with_one_sentence(state: StateFolder) -> None:
    port = load_settings(state).synapse.port
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        said = one_sentence(run_huep(state.root, "up", check=False))
    assert f"Port {port} is in use" in said
    assert "[synapse]" in said


def test_nobody_there_to_be_asked_for_the_server_name_is_said(tmp_path: Path) -> None:
    assert "--server-name" in one_sentence(run_huep(tmp_path / "new", "up", check=False))


def test_a_damaged_state_folder_is_refused_and_left_as_it_is(state: StateFolder) -> None:
    state.create("test.localhost")
    state.postgres.mkdir()
    (state.postgres / "PG_VERSION").write_text("18\n")
    said = one_sentence(run_huep(state.root, "up", check=False))
    assert "not a whole PostgreSQL data folder" in said
    assert (state.postgres / "PG_VERSION").exists()


def test_another_server_name_is_refused(state: StateFolder) -> None:
    state.create("other.localhost")
    said = one_sentence(run_huep(state.root, "up", check=False))
    assert "'other.localhost'" in said
    assert "never change" in said


def test_a_running_huep_is_not_started_twice_nor_reset(stack: Province) -> None:
    assert "already runs" in one_sentence(stack.huep("up", "--demo", check=False))
    assert "already runs" in one_sentence(stack.huep("reset", "--yes", check=False))
    assert "already runs" in one_sentence(stack.huep("upgrade", check=False))


def test_status_shows_every_service_ready(stack: Province) -> None:
    shown = stack.huep("status").stdout
    for title in ("PostgreSQL", "Synapse", "Bots"):
        assert title in shown
    assert "backing off" not in shown


def test_nothing_running_is_exit_code_three(state: StateFolder) -> None:
    state.create("test.localhost")
    done = run_huep(state.root, "status", check=False)
    assert done.returncode == 3
    assert "huep up" in done.stderr


def test_secrets_are_in_private_files_and_nowhere_else(stack: Province) -> None:
    secrets = {path.name: path.read_text().strip() for path in stack.state.secrets.iterdir() if path.stat().st_size}
    assert len(secrets) >= 10
    for path in stack.state.secrets.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
    values = [value for name, value in secrets.items() if name != "synapse.pgpass"]
    public = [*stack.state.logs.iterdir(), stack.state.synapse / "homeserver.yaml", stack.state.run / "status.json"]
    for path in public:
        content = path.read_text("utf-8", errors="replace")
        assert not [value for value in values if value in content], path
    commands = [command_line(process) for process in Path("/proc").iterdir() if process.name.isdigit()]
    assert not [value for value in values for command in commands if value in command]


def command_line(process: Path) -> str:
    """Of a folder in /proc; empty where the process has ended meanwhile."""
    try:
        return (process / "cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def test_everything_written_lies_in_the_state_folder_and_for_its_owner_alone(stack: Province) -> None:
    assert stack.state.root.stat().st_mode & 0o066 == 0
    for path in (stack.state.secrets, stack.state.synapse, stack.state.bots, stack.state.logs, stack.state.run):
        assert path.stat().st_mode & 0o077 == 0, path


def pids_of(state: StateFolder) -> dict[str, int]:
    """Of the services, by name."""
    services = json.loads((state.run / "status.json").read_text())["services"]
    return {service["name"]: service["pid"] for service in services}


def test_a_killed_synapse_comes_back(own: OwnProvince) -> None:
    own.running()
    own.kill("synapse")
    url = load_settings(own.state).synapse.local_url
    assert httpx.get(f"{url}/health", trust_env=False, timeout=60).status_code == 200


async def test_an_activation_code_that_was_used_stays_used_over_a_restart(own: OwnProvince) -> None:
    process, settings = own.running(), load_settings(own.state)
    visitor = Visitor(settings.synapse.local_url)
    async with open_admin(settings, own.state) as admin:
        homeserver = Homeserver(Province(own.state, settings, process), admin)
        officer, code = officer_code(homeserver, "an"), await with_code(homeserver, "an")
        assert (await visitor.sends(officer, code)).status_code == 200
    own.stopped()
    own.running()
    again = await visitor.sends(officer, code, f"khac {OWN}")
    assert (again.status_code, "đã được dùng" in again.text) == (403, True)
    assert await visitor.logs_in(homeserver.name("an"))


def test_when_the_supervisor_is_killed_its_processes_end_too(own: OwnProvince) -> None:
    process = own.running()
    pids = pids_of(own.state).values()
    process.kill()
    process.wait()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and any(Path(f"/proc/{pid}").exists() for pid in pids):
        time.sleep(0.1)
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def test_it_starts_again_after_that_and_down_ends_every_process(own: OwnProvince) -> None:
    again = own.running()
    pids = pids_of(own.state).values()
    assert run_huep(own.state.root, "down").returncode == 0
    assert again.wait(30) == 0
    assert run_huep(own.state.root, "status", check=False).returncode == 3
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def test_a_backup_restores_elsewhere_with_the_bot_still_trusted(stack: Province, backup: Path, tmp_path: Path) -> None:
    assert backup.stat().st_mode & 0o077 == 0
    elsewhere = StateFolder(tmp_path / "elsewhere")
    run_huep(
        elsewhere.root,
        "restore",
        str(backup),
        "--synapse-port",
        str(free_port()),
        "--postgres-port",
        str(free_port()),
        "--hr-port",
        str(free_port()),
        "--push-port",
        str(free_port()),
        "--bots-port",
        str(free_port()),
    )
    before = bot_identity(stack.url, stack)
    process = start_huep(elsewhere.root, log=tmp_path / "restored.log")
    try:
        restored = Province(elsewhere, load_settings(elsewhere), process)
        assert bot_identity(restored.url, restored) == before
        officer = restored.person("officer")
        answer = restored.huep(
            "chat", "--as", officer.user_id[1:].partition(":")[0], "--send", "toi la ai", "--wait", "30"
        )
        assert officer.name in answer.stdout
        assert restored.huep("audit", "verify").returncode == 0
    finally:
        assert stop_huep(process) == 0


def bot_identity(url: str, province: Province) -> dict[str, object]:
    """The bot's device keys and cross-signing keys as another person's client gets them."""
    officer = province.person("officer")
    login = httpx.post(
        f"{url}/_matrix/client/v3/login",
        json={
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": officer.user_id},
            "password": officer.password,
        },
        trust_env=False,
        timeout=60,
    ).json()
    bot = province.settings.user_id(province.settings.accounts.assistant)
    keys = httpx.post(
        f"{url}/_matrix/client/v3/keys/query",
        json={"device_keys": {bot: []}},
        headers={"Authorization": f"Bearer {login['access_token']}"},
        trust_env=False,
        timeout=60,
    ).json()
    assert keys["device_keys"][bot], "the bot has no device"
    return {
        "devices": {name: (device["keys"], device["signatures"]) for name, device in keys["device_keys"][bot].items()},
        "master": keys["master_keys"][bot]["keys"],
        "self_signing": keys["self_signing_keys"][bot]["keys"],
    }


def test_a_lost_secret_or_key_is_refused_and_not_made_anew(backup: Path, tmp_path: Path) -> None:
    ports = [
        part for name in ("synapse", "postgres", "hr", "push", "bots") for part in (f"--{name}-port", str(free_port()))
    ]
    run_huep(tmp_path / "elsewhere", "restore", str(backup), *ports)
    for lost in ("synapse/signing.key", "secrets/synapse-macaroon"):
        path = tmp_path / "elsewhere" / lost
        kept = path.read_bytes()
        path.unlink()
        assert path.name in one_sentence(run_huep(tmp_path / "elsewhere", "up", check=False))
        assert not path.exists()
        path.write_bytes(kept)


def test_other_versions_refuse_to_start_until_an_upgrade_has_taken_a_backup(own: OwnProvince) -> None:
    state = own.stopped()
    (state.root / "versions.json").write_text('{"huep": "0.0.1", "synapse": "1.0"}')
    said = one_sentence(run_huep(state.root, "up", check=False))
    assert "synapse 1.0 ->" in said
    assert "huep upgrade" in said
    assert "Backing up" in run_huep(state.root, "upgrade").stdout
    (saved,) = state.backups.iterdir()
    assert saved.stat().st_size > 10_000
    own.running()


def test_commands_that_need_a_running_huep_say_so_in_one_sentence(tmp_path: Path, state: StateFolder) -> None:
    state.create("test.localhost")
    state.secret("postgres-huep-hr")
    state.secret("postgres-huep-audit")
    state.secret("postgres-huep-bots")
    for command in (("audit", "verify"), ("hr", "joins"), ("chat", "--as", "chair", "--send", "x")):
        assert "huep up" in one_sentence(run_huep(state.root, *command, check=False))


def test_down_never_signals_a_process_that_is_not_huep(tmp_path: Path, state: StateFolder) -> None:
    state.create("test.localhost")
    with subprocess.Popen(["sleep", "600"]) as innocent:
        (state.run / "status.json").write_text(json.dumps({"pid": innocent.pid, "phase": "ready", "services": []}))
        assert "does not run" in one_sentence(run_huep(state.root, "down", check=False))
        with presence.hold(state):
            assert "ask again" in one_sentence(run_huep(state.root, "down", check=False))
        assert innocent.poll() is None
        innocent.kill()


def test_a_restore_that_was_cut_off_never_starts(backup: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    ports = [
        part for name in ("synapse", "postgres", "hr", "push", "bots") for part in (f"--{name}-port", str(free_port()))
    ]
    with subprocess.Popen(
        [sys.executable, "-m", "huep.cli", "restore", str(backup), *ports],
        env={**os.environ, "HUEP_STATE": str(elsewhere)},
        stdout=subprocess.DEVNULL,
    ) as restoring:
        while not (elsewhere / "postgres").exists():
            assert restoring.poll() is None
            time.sleep(0.01)
        restoring.kill()
    assert (elsewhere / "restoring").stat().st_mode & 0o077 == 0
    assert "no whole HueP state folder" in one_sentence(run_huep(elsewhere, "up", check=False))


def test_a_restore_refuses_what_is_in_the_way_or_no_backup(stack: Province, tmp_path: Path) -> None:
    rubbish = tmp_path / "rubbish.tar.gz"
    rubbish.write_bytes(b"not a backup")
    assert "cannot be read as a backup" in one_sentence(
        run_huep(tmp_path / "new", "restore", str(rubbish), check=False)
    )
    assert "not empty" in one_sentence(stack.huep("restore", str(rubbish), check=False))


def test_a_disk_that_fills_up_is_said_in_one_sentence(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100m", "tmpfs", str(small)], check=False)
    if mounted.returncode != 0:
        pytest.skip("only root may mount the small file system of this test")
    try:
        said = one_sentence(run_huep(small / "state", "up", "--demo", check=False))
        assert "MiB are free" in said
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_an_old_python_is_told_before_anything_is_installed(tmp_path: Path) -> None:
    fake = tmp_path / "python3"
    fake.write_text(f"#!{sys.executable}\nimport sys\nsys.version_info = (3, 9, 2, 'final', 0)\nexec(sys.argv[2])\n")
    fake.chmod(0o755)
    repository = Path(__file__).parents[2]
    done = subprocess.run(
        ["make", "-C", str(repository), "install", f"PYTHON={fake}", f"VENV={tmp_path / 'venv'}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "HueP needs Python 3.11 to 3.13" in done.stdout
    assert not (tmp_path / "venv").exists()
