"""Single sign-on by configuration: what Synapse makes of it, and whom it lets in as whom."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from signedjson.key import generate_signing_key, write_signing_keys
from synapse.config.homeserver import HomeServerConfig
from synapse.config.oidc import OidcProviderConfig

from huep.errors import ConfigError
from huep.secret_names import OIDC_CLIENT_SECRET
from huep.settings import Settings, parse_settings
from huep.stack.synapse_config import write_configuration
from huep.state import StateFolder

ON = {"enabled": True, "issuer": "https://sso.hue.gov.vn/realms/hue", "client_id": "huep", "claim": "huep_account"}


def settings_of(oidc: dict[str, Any], **hr: Any) -> Settings:
    return parse_settings({"server_name": "hue.gov.vn", "oidc": oidc, "hr": hr}, Path("huep.toml"))


def synapse_with(tmp_path: Path, settings: Settings) -> HomeServerConfig:
    """What Synapse's own parser makes of the files."""
    state = StateFolder(tmp_path / "state")
    state.create(settings.server_name)
    state.write_secret(OIDC_CLIENT_SECRET, "given-by-the-operator")
    content = yaml.safe_load(write_configuration(settings, state).read_text("utf-8"))
    # The modules ask for a running server; they are not what is looked at here.
    content.pop("modules")
    with (state.synapse / "signing.key").open("w") as file:
        write_signing_keys(file, [generate_signing_key("a_1")])
    config = HomeServerConfig()
    config.parse_config_dict(content, str(state.synapse), str(state.synapse))
    return config


def provider_of(config: HomeServerConfig) -> OidcProviderConfig:
    (provider,) = config.oidc.oidc_providers
    return provider


def localpart(provider: OidcProviderConfig, claims: dict[str, Any]) -> str:
    return str(provider.user_mapping_provider_config.localpart_template.render(user=claims)).strip()


def test_single_sign_on_is_off_by_default(tmp_path: Path) -> None:
    assert list(synapse_with(tmp_path, settings_of({})).oidc.oidc_providers) == []


def test_synapse_finds_accounts_and_makes_none(tmp_path: Path) -> None:
    provider = provider_of(synapse_with(tmp_path, settings_of(ON)))
    assert (provider.issuer, provider.client_id, provider.client_secret) == (
        "https://sso.hue.gov.vn/realms/hue",
        "huep",
        "given-by-the-operator",
    )
    assert provider.allow_existing_users
    assert not provider.enable_registration
    assert localpart(provider, {"huep_account": "nguyen-van-anh-k42"}) == "nguyen-van-anh-k42"


@pytest.mark.parametrize("claim", ["huep", "HUEP", " huep ", "tro-ly", "truyen-thong", "mo-kinh", None])
def test_no_claim_opens_an_account_that_is_nobodys(tmp_path: Path, claim: str | None) -> None:
    provider = provider_of(synapse_with(tmp_path, settings_of(ON, protected=["mo-kinh"])))
    claims = {} if claim is None else {"huep_account": claim}
    assert localpart(provider, claims) == ""


def test_the_secret_stands_in_no_rendered_file(tmp_path: Path) -> None:
    synapse_with(tmp_path, settings_of(ON))
    rendered = [path for path in (tmp_path / "state" / "synapse").rglob("*") if path.is_file()]
    assert rendered
    assert not [path for path in rendered if "given-by-the-operator" in path.read_text("utf-8", "replace")]


def test_without_the_secret_nothing_starts(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    with pytest.raises(ConfigError, match=OIDC_CLIENT_SECRET):
        write_configuration(settings_of(ON), state)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"issuer": "http://sso.hue.gov.vn"}, "issuer"),
        ({"client_id": ""}, "client_id"),
        ({"claim": "a}}{{ user"}, "claim"),
        ({"scopes": ["profile"]}, "openid"),
    ],
)
def test_what_cannot_work_is_named(change: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigError, match=key):
        settings_of({**ON, **change})
