"""The province's TURN server by configuration: what Synapse makes of it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from huep.errors import ConfigError
from huep.secret_names import TURN_SECRET
from huep.settings import parse_settings
from huep.stack.synapse_config import write_configuration
from huep.state import StateFolder

URI = "turn:turn.hue.gov.vn:3478?transport=udp"


def rendered(tmp_path: Path, turn: dict[str, Any], secret: str | None = "shared") -> dict[str, Any]:
    settings = parse_settings({"server_name": "hue.gov.vn", "turn": turn}, Path("huep.toml"))
    state = StateFolder(tmp_path / "state")
    state.create(settings.server_name)
    if secret is not None:
        state.write_secret(TURN_SECRET, secret)
    content: dict[str, Any] = yaml.safe_load(write_configuration(settings, state).read_text("utf-8"))
    return {key: value for key, value in content.items() if key.startswith("turn_")}


def test_without_a_turn_server_synapse_is_told_of_none(tmp_path: Path) -> None:
    assert rendered(tmp_path, {}, secret=None) == {}


def test_what_opens_the_turn_server_lives_minutes_and_its_secret_lies_in_a_file(tmp_path: Path) -> None:
    turn = rendered(tmp_path, {"uris": [URI]})
    assert (turn["turn_uris"], turn["turn_user_lifetime"], turn["turn_allow_guests"]) == ([URI], "10m", False)
    assert Path(turn["turn_shared_secret_path"]).read_text("utf-8").strip() == "shared"
    assert rendered(tmp_path, {"uris": [URI], "credential_minutes": 5})["turn_user_lifetime"] == "5m"


def test_a_turn_server_without_its_secret_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=TURN_SECRET):
        rendered(tmp_path, {"uris": [URI]}, secret=None)
