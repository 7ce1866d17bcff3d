"""nginx as it is rendered, before processes that only say who they are and what they were sent."""

import json
import signal
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from huep.settings import Settings, load_settings
from huep.stack import programs
from huep.stack.synapse_config import proxy_file, write_configuration
from huep.stack.workers import Layout, layout_of
from huep.state import StateFolder
from tests.clients.running import free_port, free_ports
from tests.real.own_province import write_certificate

TOKEN = "syt_bmd1eWVuLXZhbi1hbg_secretsecretsecret_1Ab2Cd"


@dataclass(frozen=True)
class Proxy:
    """A running nginx and what stands behind it."""

    settings: Settings
    state: StateFolder
    layout: Layout
    trusted: ssl.SSLContext

    def ask(self, path: str, method: str = "GET", *, tls: bool = False, **options: Any) -> httpx.Response:
        synapse = self.settings.synapse
        base = f"https://localhost:{synapse.tls_port}" if tls else synapse.local_url
        with httpx.Client(base_url=base, verify=self.trusted, trust_env=False, timeout=30) as client:
            return client.request(method, path, **options)

    def told(self, path: str, method: str = "GET", **options: Any) -> dict[str, Any]:
        """What reached the process behind."""
        return dict(self.ask(path, method, **options).raise_for_status().json())


class Echo(BaseHTTPRequestHandler):
    """Answers with its port and what it was sent."""

    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        self.do_GET = self.do_POST = self.do_PUT = self._answer
        super().handle_one_request()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        said = {
            "port": self.server.server_address[1],
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "bytes": len(body),
        }
        content = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    nginx = programs.find(programs.NGINX)
    if nginx is None:
        pytest.skip("nginx is missing: apt-get install nginx-light")
    folder = tmp_path_factory.mktemp("proxy")
    chain, key = write_certificate(folder, "localhost")
    state = StateFolder(folder / "state")
    state.create("hue.localhost")
    state.config_file.write_text(
        f'server_name = "hue.localhost"\n[media]\nlargest_mb = 1\n[workers]\nenabled = true\nport = {free_ports(8)}\n'
        f"[synapse]\nport = {free_port()}\ntls_port = {free_port()}\n"
        f'tls_certificate = "{chain}"\ntls_private_key = "{key}"\n'
    )
    settings = load_settings(state)
    write_configuration(settings, state)
    layout = layout_of(settings)
    assert layout is not None
    servers = [
        ThreadingHTTPServer(("127.0.0.1", port), Echo)
        for port in (layout.main_port, *(worker.port for worker in layout.generic))
    ]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    with (folder / "nginx.out").open("wb") as out:
        process = subprocess.Popen(
            [nginx, "-e", "stderr", "-p", state.run, "-c", proxy_file(state)], stderr=out, start_new_session=True
        )
    proxy = Proxy(settings, state, layout, ssl.create_default_context(cafile=str(chain)))
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                proxy.ask("/health")
                break
            except httpx.TransportError:
                assert process.poll() is None and time.monotonic() < deadline, (folder / "nginx.out").read_text()
                time.sleep(0.05)
        yield proxy
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        for server in servers:
            server.shutdown()
            server.server_close()


def as_whom(localpart: str, device: str) -> dict[str, str]:
    return {"Authorization": f"Bearer syt_{localpart}_{device}_1Ab2Cd"}


def test_all_devices_of_a_person_sync_on_one_process_and_people_are_shared_out(proxy: Proxy) -> None:
    ports = {
        person: {
            proxy.told("/_matrix/client/v3/sync", headers=as_whom(f"bmd1eWVu{person}", device))["port"]
            for device in ("aaaa", "bbbb", "cccc")
        }
        for person in range(40)
    }
    assert all(len(one) == 1 for one in ports.values())
    assert set.union(*ports.values()) == {worker.port for worker in proxy.layout.generic}


def test_one_room_is_on_one_process_whoever_asks_and_however_it_is_spelled(proxy: Proxy) -> None:
    seen = set()
    for room in range(40):
        names = (f"!phong{room}:hue", f"%21phong{room}%3Ahue", f"%21phong{room}%3ahue", f"%21%70hong{room}:hue")
        ports = {
            proxy.told(f"/_matrix/client/{path}", method, headers=as_whom(str(number), "aaaa"))["port"]
            for number, name in enumerate(names)
            for method, path in (
                ("POST", f"v3/rooms/{name}/invite"),
                ("POST", f"r0/rooms/{name}/join"),
                ("POST", f"v3/join/{name}"),
                ("PUT", f"api/v1/rooms/{name}/state/m.room.member/@a:b"),
                ("PUT", f"v3/rooms/{name}/send/m.room.encrypted/1"),
            )
        }
        assert len(ports) == 1
        seen |= ports
    assert seen == {worker.port for worker in proxy.layout.generic}


def test_logins_and_what_no_worker_serves_reach_the_main_process_as_they_were_sent(proxy: Proxy) -> None:
    told = proxy.told("/_matrix/client/v3/login?a=%2F&b=%C3%A9", "POST", json={})
    assert (told["port"], told["path"]) == (proxy.layout.main_port, "/_matrix/client/v3/login?a=%2F&b=%C3%A9")


def test_the_search_of_clients_is_led_to_our_own(proxy: Proxy) -> None:
    for version in ("v3", "r0"):
        told = proxy.told(f"/_matrix/client/{version}/user_directory/search", "POST", json={"search_term": "an"})
        assert told["path"] == "/_synapse/client/huep/v1/directory/search"
        assert told["port"] in {worker.port for worker in proxy.layout.generic}
        assert told["bytes"] > 0


def test_an_address_that_a_client_claims_counts_for_nothing_over_tls(proxy: Proxy) -> None:
    for claimed in ("203.0.113.7", "203.0.113.7, 198.51.100.1"):
        told = proxy.told("/_matrix/client/v3/login", tls=True, headers={"X-Forwarded-For": claimed})
        assert told["headers"]["x-forwarded-for"] in ("127.0.0.1", "::1")
        assert told["headers"]["x-forwarded-proto"] == "https"


def test_the_operators_own_proxy_on_this_host_is_believed_in_its_last_word(proxy: Proxy) -> None:
    headers = {"X-Forwarded-For": "203.0.113.7, 198.51.100.1", "X-Forwarded-Proto": "https"}
    told = proxy.told("/_matrix/client/v3/login", headers=headers)
    assert told["headers"]["x-forwarded-for"] == "198.51.100.1"
    assert told["headers"]["x-forwarded-proto"] == "https"
    assert proxy.told("/_matrix/client/v3/login")["headers"]["x-forwarded-proto"] == "http"


@pytest.mark.parametrize("name", ["people", "accounts", "memberships", "roll", "%70eople", "people/x"])
def test_only_who_is_on_this_host_and_no_proxy_comes_to_the_provisioners_endpoints_bare(
    proxy: Proxy, name: str
) -> None:
    path = f"/_synapse/client/huep/v1/{name}"
    assert "x-forwarded-for" not in proxy.told(path)["headers"]
    assert proxy.told(path, headers={"X-Forwarded-For": "127.0.0.1"})["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert "forwarded" in proxy.told(path, headers={"Forwarded": "for=127.0.0.1"})["headers"]


def test_a_file_too_large_for_everybody_is_refused_in_a_sentence(proxy: Proxy) -> None:
    refused = proxy.ask("/_matrix/client/v3/login", "POST", content=b"x" * (1024 * 1024 + 1))
    assert (refused.status_code, refused.json()["errcode"]) == (413, "M_TOO_LARGE")
    assert "1 MB" in refused.json()["error"]


def test_a_process_that_is_away_is_excused_in_a_sentence_and_its_failure_written_without_a_token(proxy: Proxy) -> None:
    away = proxy.ask(
        f"/_matrix/client/v1/media/config?access_token={TOKEN}", headers={"Authorization": f"Bearer {TOKEN}"}
    )
    assert (away.status_code, away.json()["errcode"]) == (502, "M_UNKNOWN")
    assert away.json()["error"].startswith("Máy chủ đang khởi động lại")
    assert away.headers["Access-Control-Allow-Origin"] == "*"
    deadline, written = time.monotonic() + 10, ""
    while "502 GET /_matrix/client/v1/media/config from 127.0.0.1" not in written:  # after the answer was sent
        assert time.monotonic() < deadline, written
        written = "".join(path.read_text() for path in proxy.state.root.parent.rglob("nginx*") if path.is_file())
    assert TOKEN not in written and "?" not in written.partition("502 GET")[2]


def test_what_serves_the_world_has_no_rights_whoever_starts_it(proxy: Proxy) -> None:
    master = int(Path(proxy.state.run / "nginx.pid").read_text())
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    assert children
    for child in children:
        status = dict(line.split(":", 1) for line in Path(f"/proc/{child}/status").read_text().splitlines())
        assert "0" not in status["Uid"].split()
        assert int(status["CapEff"], 16) == 0
