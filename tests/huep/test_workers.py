"""Synapse in several processes: what is rendered for them, and what is asked for before anything starts."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from huep.cli import build
from huep.settings import Settings, load_settings
from huep.stack import preflight, programs
from huep.stack.postgres import EmbeddedPostgres
from huep.stack.synapse_config import proxy_file, redis_file, worker_file, write_configuration
from huep.stack.wizard import Ports, change
from huep.stack.workers import Layout, layout_of
from huep.state import StateFolder
from tests.clients.running import free_ports
from tests.real.own_province import write_certificate

ROUTES = {
    "main": (
        "GET /", "GET /health", "GET /.well-known/matrix/client", "GET /kich-hoat", "POST /kich-hoat",
        "POST /_matrix/client/v3/login", "POST /_matrix/client/v3/logout", "POST /_matrix/client/v3/refresh",
        "POST /_matrix/client/v3/register", "POST /_matrix/client/v3/account/password",
        "POST /_matrix/client/v3/account/deactivate", "POST /_matrix/client/v3/keys/upload",
        "PUT /_matrix/client/v3/profile/@a:b/vn.huep.unit", "PUT /_matrix/client/v3/sendToDevice/m.x/1",
        "PUT /_matrix/client/v3/user/@a:b/account_data/m.direct", "PUT /_matrix/client/v3/rooms/!a:b/typing/@a:b",
        "POST /_matrix/client/v3/rooms/!a:b/receipt/m.read/$e", "POST /_matrix/client/v3/rooms/!a:b/upgrade",
        "PUT /_matrix/client/v3/directory/room/%23a:b", "GET /_synapse/admin/v2/users/@a:b",
        "POST /_synapse/client/huep/v1/people", "POST /_synapse/client/huep/v1/accounts",
        "POST /_synapse/client/huep/v1/memberships", "POST /_synapse/client/huep/v1/roll",
        "GET /_synapse/client/oidc/callback", "POST /_synapse/replication/fed_send_events/1",
    ),
    "media": (
        "POST /_matrix/media/v3/upload", "PUT /_matrix/media/v3/upload/b/1", "POST /_matrix/media/v1/create",
        "GET /_matrix/client/v1/media/download/b/1", "GET /_matrix/client/v1/media/config",
        "POST /_synapse/admin/v1/media/quarantine/b/1", "DELETE /_synapse/admin/v1/media/b/1",
        "GET /_synapse/admin/v1/users/@a:b/media", "POST /_synapse/admin/v1/room/!a:b/media/quarantine",
        "POST /_synapse/admin/v1/purge_media_cache",
    ),
    "by_room": (
        "PUT /_matrix/client/v3/rooms/!a:b/send/m.room.message/1", "PUT /_matrix/client/v3/rooms/!a:b/state/m.room.name",
        "GET /_matrix/client/v3/rooms/!a:b/state", "PUT /_matrix/client/v3/rooms/!a:b/redact/$e/1",
        "POST /_matrix/client/v3/rooms/!a:b/invite", "POST /_matrix/client/r0/rooms/!a:b/join",
        "POST /_matrix/client/v3/join/!a:b", "GET /_matrix/client/v3/rooms/!a:b/messages",
        "GET /_matrix/client/v3/rooms/!a:b/members", "GET /_matrix/client/v3/rooms/!a:b/event/$e",
        "GET /_matrix/client/v1/rooms/!a:b/hierarchy", "GET /_matrix/client/v1/rooms/!a:b/relations/$e",
        "GET /_matrix/client/v1/rooms/!a:b/threads",
    ),
    "by_person": (
        "GET /_matrix/client/v3/sync", "POST /_matrix/client/unstable/org.matrix.simplified_msc3575/sync",
        "POST /_matrix/client/v3/createRoom", "GET /_matrix/client/v3/joined_rooms", "POST /_matrix/client/v3/search",
        "POST /_matrix/client/v3/keys/query", "POST /_matrix/client/v3/keys/claim",
        "GET /_matrix/client/v3/room_keys/version", "POST /_matrix/client/v3/user/@a:b/filter",
        "GET /_matrix/client/v3/profile/@a:b", "GET /_matrix/client/v3/capabilities",
        "GET /_matrix/client/v3/directory/room/%23a:b", "GET /_matrix/client/versions", "GET /_matrix/client/v3/voip/turnServer",
        "POST /_synapse/client/huep/v1/directory/search",
    ),
}  # fmt: skip


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    state = StateFolder(tmp_path / 'a "state" folder')
    state.create("hue.localhost")
    port = free_ports(10)
    state.config_file.write_text(
        f'server_name = "hue.localhost"\n[synapse]\nport = {port}\n[workers]\nenabled = true\nport = {port + 1}\n'
    )
    return state


@pytest.fixture
def settings(state: StateFolder) -> Settings:
    settings = load_settings(state)
    write_configuration(settings, state)
    return settings


@pytest.fixture
def layout(settings: Settings) -> Layout:
    found = layout_of(settings)
    assert found is not None
    return found


def routes_of(state: StateFolder) -> dict[str, str]:
    """Pattern to where it leads, in the order in which nginx looks."""
    _, _, rest = proxy_file(state).read_text("utf-8").partition("$huep_upstream {")
    lines = re.findall(r'^\s+"~(.+)" (\w+);$', rest.partition("\n    }")[0], re.MULTILINE)
    assert len(lines) == len({pattern for pattern, _ in lines}), "a route stands there twice"
    return dict(lines)


def test_every_process_has_a_port_of_its_own(layout: Layout) -> None:
    assert len(set(layout.ports)) == len(layout.ports) == 7
    assert [worker.name for worker in layout.workers] == ["persister", "media", "generic-1", "generic-2"]


def test_without_workers_there_is_no_layout_and_no_file_of_theirs(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    state.create("hue.localhost")
    settings = Settings(server_name="hue.localhost")
    write_configuration(settings, state)
    assert layout_of(settings) is None
    assert not (state.synapse / "workers").exists()
    assert {"redis", "instance_map", "enable_media_repo"}.isdisjoint(
        yaml.safe_load((state.synapse / "homeserver.yaml").read_text("utf-8"))
    )


def test_events_have_one_writer_and_media_one_worker(state: StateFolder, layout: Layout) -> None:
    shared = yaml.safe_load((state.synapse / "homeserver.yaml").read_text("utf-8"))
    assert shared["stream_writers"] == {"events": ["persister"]}
    assert shared["instance_map"]["persister"] == {"host": "127.0.0.1", "port": layout.persister.port}
    assert (shared["federation_sender_instances"], shared["send_federation"]) == ([], False)
    assert {listener["bind_addresses"][0] for listener in shared["listeners"]} == {"127.0.0.1"}
    own = {worker.name: yaml.safe_load(worker_file(state, worker).read_text("utf-8")) for worker in layout.workers}
    assert [name for name, content in own.items() if content.get("enable_media_repo")] == ["media"]
    assert shared["enable_media_repo"] is False
    logs = {
        yaml.safe_load(Path(one["worker_log_config"]).read_text())["handlers"]["file"]["filename"]
        for one in own.values()
    }
    assert len(logs) == len(own), "two processes must not write one file"


def test_everybody_is_read_into_memory_by_the_workers_that_the_proxy_leads_searches_to(
    tmp_path: Path, state: StateFolder, layout: Layout
) -> None:
    assert _module(state, "DirectoryRules")["searches_on"] == [worker.name for worker in layout.generic]
    alone = StateFolder(tmp_path / "alone")
    alone.create("hue.localhost")
    write_configuration(Settings(server_name="hue.localhost"), alone)
    assert _module(alone, "DirectoryRules")["searches_on"] == []


def test_calls_may_go_through_the_hosts_that_are_named(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    state.create("hue.localhost")
    write_configuration(Settings(server_name="hue.localhost", rooms={"call_hosts": ["rtc.hue.gov.vn"]}), state)
    assert _module(state, "RoomRules")["call_hosts"] == ["rtc.hue.gov.vn"]


def _module(state: StateFolder, name: str) -> dict[str, Any]:
    modules = yaml.safe_load((state.synapse / "homeserver.yaml").read_text("utf-8"))["modules"]
    (config,) = (entry["config"] for entry in modules if entry["module"].endswith(f".{name}"))
    return dict(config)


def test_no_secret_stands_in_a_configuration(state: StateFolder, settings: Settings) -> None:
    secrets = [state.read_secret(name) for name in ("redis", "synapse-replication")]
    rendered = [path.read_text("utf-8") for path in state.synapse.rglob("*") if path.is_file()]
    assert not any(secret in text for secret in secrets for text in rendered)
    assert secrets[0] in state.read_secret("redis.conf")


@pytest.mark.parametrize(("upstream", "requests"), ROUTES.items(), ids=ROUTES.keys())
def test_each_request_goes_where_its_worker_is(
    state: StateFolder, settings: Settings, upstream: str, requests: tuple[str, ...]
) -> None:
    routes = routes_of(state)
    for request in requests:
        fitting = [where for pattern, where in routes.items() if re.search(pattern, request)]
        assert fitting == ([] if upstream == "main" else [upstream]), request


def test_each_route_is_tried_by_the_table(state: StateFolder, settings: Settings) -> None:
    tried = [request for requests in ROUTES.values() for request in requests]
    assert [pattern for pattern in routes_of(state) if not any(re.search(pattern, one) for one in tried)] == []


def written_for(state: StateFolder, folder: Path) -> Iterator[Settings]:
    """With and without a certificate; on loopback and everywhere."""
    chain, key = write_certificate(folder, "localhost")
    plain = state.config_file.read_text()
    tls = f'tls_certificate = "{chain}"\ntls_private_key = "{key}"\ntls_port = {free_ports(1)}\nbind = "0.0.0.0"\n'
    for content in (plain, plain.replace("[synapse]\n", f"[synapse]\n{tls}")):
        state.config_file.write_text(content)
        yield load_settings(state)


def test_nginx_takes_what_is_rendered(state: StateFolder, tmp_path: Path) -> None:
    nginx = programs.find(programs.NGINX)
    if nginx is None:
        pytest.skip("nginx is missing: apt-get install nginx-light")
    for settings in written_for(state, tmp_path):
        write_configuration(settings, state)
        done = subprocess.run(
            [nginx, "-t", "-e", "stderr", "-p", state.run, "-c", proxy_file(state)], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr


def test_nginx_writes_down_no_query_and_no_token(state: StateFolder, settings: Settings) -> None:
    text = proxy_file(state).read_text("utf-8")
    (line,) = re.findall(r"log_format .*;", text)
    assert "$uri" in line and not re.search(r"\$(request|request_uri|args|query_string|http_\w+|arg_\w+)\b", line)
    assert re.findall(r"error_log (.*?);", text) == ["stderr emerg"]


def test_redis_keeps_nothing_and_listens_on_loopback(state: StateFolder, layout: Layout) -> None:
    lines = redis_file(state).read_text("utf-8").splitlines()
    assert {'save ""', "appendonly no", "bind 127.0.0.1", f"port {layout.redis_port}"} <= set(lines)


def test_postgres_has_connections_for_every_process(state: StateFolder, settings: Settings) -> None:
    assert "max_connections=140" in EmbeddedPostgres(settings, state).command()


def test_what_is_missing_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(programs, "SYSTEM_FOLDERS", ())
    with pytest.raises(programs.ProgramsMissing) as refusal:
        preflight.check_workers(Settings(server_name="a.vn", workers={"enabled": True}))
    assert str(refusal.value) == (
        "Workers need nginx and redis-server: install Debian's nginx-light and redis-server, or start with --no-workers."
    )
    preflight.check_workers(Settings(server_name="a.vn"))


def test_where_they_are_missing_nothing_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(programs, "SYSTEM_FOLDERS", ())
    state = tmp_path / "state"
    refused = CliRunner().invoke(build("up"), ["up", "--workers", "--state", str(state), "--server-name", "a.vn"])
    assert isinstance(refused.exception, programs.ProgramsMissing)
    assert not state.exists()


def test_the_choice_is_kept_in_huep_toml(state: StateFolder) -> None:
    change(state, Ports(workers=9000), workers=False)
    kept = load_settings(state).workers
    assert (kept.enabled, kept.port, kept.generic) == (False, 9000, 2)
    change(state, Ports(), workers=True)
    assert load_settings(state).workers.enabled


def test_a_port_of_a_worker_that_is_taken_is_named_with_its_section(
    state: StateFolder, settings: Settings, layout: Layout
) -> None:
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", layout.media.port))
        other.listen()
        with pytest.raises(preflight.PortInUse, match=rf"Port {layout.media.port} .* `port under \[workers\]`"):
            preflight.check_ports(settings, state)
