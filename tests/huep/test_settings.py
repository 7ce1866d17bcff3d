"""huep.toml: what is wrong is named by its key."""

from pathlib import Path

import pytest

from huep.errors import ConfigError
from huep.settings import Settings, load_settings
from huep.state import StateFolder


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "server_name: Field required"),
        ('server_name = "Hue Gov"', "server_name 'Hue Gov' is not a host name"),
        ('server_name = "a.vn"\n[synapse]\nport = 99999', "synapse.port"),
        ('server_name = "a.vn"\n[synapse]\nprot = 8008', "synapse.prot"),
        (
            'server_name = "a.vn"\n[synapse]\ntls_certificate = "/c.pem"',
            "tls_certificate and tls_private_key go together",
        ),
        ("server_name = ", "not valid TOML"),
    ],
)
def test_a_bad_key_is_named(tmp_path: Path, content: str, complaint: str) -> None:
    (tmp_path / "huep.toml").write_text(content)
    with pytest.raises(ConfigError, match=r"huep\.toml") as refusal:
        load_settings(StateFolder(tmp_path))
    assert complaint in str(refusal.value)


def test_clients_are_told_the_public_address() -> None:
    plain = Settings.model_validate({"server_name": "a.vn"})
    assert plain.public_url == "http://127.0.0.1:8008"
    tls = {"tls_certificate": "/c.pem", "tls_private_key": "/k.pem", "tls_port": 443}
    assert Settings.model_validate({"server_name": "a.vn", "synapse": tls}).public_url == "https://a.vn:443"
    named = {"public_url": "https://chat.a.vn/"}
    assert Settings.model_validate({"server_name": "a.vn", "synapse": named}).public_url == "https://chat.a.vn"


def test_own_accounts_are_the_services_and_those_that_hr_leaves_alone() -> None:
    settings = Settings(
        server_name="a.vn",
        accounts={"service": "dich-vu", "assistant": "tro-ly"},
        hr={"protected": ["quan-tri", "tro-ly"]},
    )
    assert settings.own_localparts == {"dich-vu", "tro-ly", "truyen-thong", "quan-tri"}


def test_a_secret_is_made_once_and_private(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    first = state.secret("token")
    assert len(first) >= 43
    assert state.secret("token") == first
    assert (tmp_path / "secrets" / "token").stat().st_mode & 0o777 == 0o600


def test_a_secret_given_in_the_environment_is_kept_at_the_first_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = StateFolder(tmp_path)
    monkeypatch.setenv("HUEP_SECRET_SYNAPSE_FORM", "given")
    assert state.secret("synapse-form") == "given"
    monkeypatch.setenv("HUEP_SECRET_SYNAPSE_FORM", "another")
    assert state.secret("synapse-form") == state.read_secret("synapse-form") == "given"
