"""What Synapse's own parser makes of the configuration as it is rendered: which addresses it may call, and by what way."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from signedjson.key import generate_signing_key, write_signing_keys
from synapse.config.homeserver import HomeServerConfig

from huep.settings import parse_settings
from huep.stack.synapse_config import write_configuration
from huep.state import StateFolder
from synapse_modules.push_rules.module import PushRules
from synapse_modules.push_rules.rules import Policy

NOTIFY = "/_matrix/push/v1/notify"
VENDOR = f"https://gateway.example{NOTIFY}"
EXCEPTION = {"gateway": VENDOR, "reason": "iPhone của lãnh đạo tỉnh"}


def synapse_with(tmp_path: Path, **sections: Any) -> tuple[HomeServerConfig, Policy]:
    settings = parse_settings({"server_name": "hue.gov.vn", **sections}, Path("huep.toml"))
    state = StateFolder(tmp_path / "state")
    state.create(settings.server_name)
    content = yaml.safe_load(write_configuration(settings, state).read_text("utf-8"))
    # The modules ask for a running server; they are not what is looked at here.
    (push,) = (
        item for item in content.pop("modules") if item["module"] == "synapse_modules.push_rules.module.PushRules"
    )
    with (state.synapse / "signing.key").open("w") as file:
        write_signing_keys(file, [generate_signing_key("a_1")])
    config = HomeServerConfig()
    config.parse_config_dict(content, str(state.synapse), str(state.synapse))
    return config, PushRules.parse_config(push["config"])


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "10.0.0.1", "127.0.0.1", "169.254.169.254", "2001:4860:4860::8888", "::1"]
)
def test_synapse_calls_no_address_at_anybodys_wish(tmp_path: Path, address: str) -> None:
    config, _ = synapse_with(tmp_path)
    assert address in config.server.ip_range_blocklist
    assert address not in config.server.ip_range_allowlist
    assert address in config.server.federation_ip_range_blocklist


def test_a_declared_gateway_opens_addresses_outside_and_none_inside(tmp_path: Path) -> None:
    config, policy = synapse_with(tmp_path, push={"exceptions": [EXCEPTION]})
    assert "8.8.8.8" not in config.server.ip_range_blocklist
    for address in ("10.0.0.1", "127.0.0.1", "192.168.1.1", "169.254.169.254", "::1"):
        assert address in config.server.ip_range_blocklist
    assert policy.declared == {VENDOR}


@pytest.mark.parametrize("exceptions", [[], [EXCEPTION]])
def test_no_identity_server_is_called_whatever_gateway_is_declared(tmp_path: Path, exceptions: list[Any]) -> None:
    config, _ = synapse_with(tmp_path, push={"exceptions": exceptions})
    for address in ("8.8.8.8", "10.0.0.1", "2001:4860:4860::8888", "::1"):
        assert address in config.server.federation_ip_range_blocklist
    assert config.server.federation_ip_range_allowlist is None


def test_no_proxy_of_the_environment_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://proxy.example:3128")
    config, _ = synapse_with(tmp_path)
    assert (config.server.proxy_config.http_proxy, config.server.proxy_config.https_proxy) == (None, None)


def test_our_own_gateway_is_the_only_one_by_default(tmp_path: Path) -> None:
    _, policy = synapse_with(tmp_path, push={"public_url": "https://push.hue.gov.vn", "port": 8021})
    assert policy == Policy(f"https://push.hue.gov.vn{NOTIFY}", f"http://127.0.0.1:8021{NOTIFY}")


def test_a_gateway_that_is_switched_off_leaves_those_that_are_listed(tmp_path: Path) -> None:
    _, policy = synapse_with(tmp_path, push={"enabled": False, "allowed": [f"http://10.0.0.5:5000{NOTIFY}"]})
    assert policy == Policy(inside=frozenset({f"http://10.0.0.5:5000{NOTIFY}"}))


def test_a_gateway_of_an_address_of_its_own_is_reached_there(tmp_path: Path) -> None:
    _, policy = synapse_with(tmp_path, push={"bind": "10.0.0.7"})
    assert policy.own_listens_on == f"http://10.0.0.7:8015{NOTIFY}"


def test_push_stays_on_without_contents(tmp_path: Path) -> None:
    config, _ = synapse_with(tmp_path)
    assert (config.push.enable_push, config.push.push_include_content) == (True, False)
