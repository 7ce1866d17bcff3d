"""What stands in the way of a start is said in one sentence that names it and what to do."""

import socket
from pathlib import Path

import pytest

from huep.settings import load_settings
from huep.stack import preflight
from huep.state import StateDamaged, StateFolder, StateMissing


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    state = StateFolder(tmp_path / "state")
    state.create("hue.localhost")
    state.config_file.write_text('server_name = "hue.localhost"\n')
    return state


def test_a_port_in_use_is_named_with_the_key_to_change(state: StateFolder) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(
            preflight.PortInUse, match=rf"Port {port} is in use .* `port under \[synapse\]` in .*huep.toml"
        ):
            preflight.check_port(port, "127.0.0.1", "port under [synapse]", state.config_file)


def test_a_full_disk_is_named_before_anything_starts(state: StateFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = preflight.shutil.disk_usage(state.root)
    monkeypatch.setattr(preflight.shutil, "disk_usage", lambda _: usage._replace(free=100 * 2**20))
    with pytest.raises(preflight.DiskFull, match="Only 100 MiB are free"):
        preflight.check_disk(state.root)


def test_a_folder_of_something_else_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").touch()
    with pytest.raises(StateDamaged, match="not empty"):
        preflight.check_state(StateFolder(tmp_path))


def test_a_prepared_huep_toml_alone_is_a_new_folder(tmp_path: Path) -> None:
    (tmp_path / "huep.toml").touch()
    preflight.check_state(StateFolder(tmp_path))


def test_a_marker_that_cannot_be_read_is_damage(state: StateFolder) -> None:
    state.marker.write_text("{")
    with pytest.raises(StateDamaged, match="huep restore"):
        state.server_name()


def test_a_folder_of_another_format_asks_for_the_huep_that_wrote_it(state: StateFolder) -> None:
    state.marker.write_text('{"format": 99, "server_name": "x"}')
    with pytest.raises(StateDamaged, match="format 99"):
        state.server_name()


def test_an_empty_folder_holds_no_huep(tmp_path: Path) -> None:
    with pytest.raises(StateMissing, match="huep up"):
        StateFolder(tmp_path).server_name()


def test_a_changed_server_name_refuses_to_start(state: StateFolder) -> None:
    state.config_file.write_text('server_name = "hue.gov.vn"\n')
    with pytest.raises(preflight.ServerNameChanged, match=r"'hue.gov.vn', but .* 'hue.localhost', .* never change"):
        preflight.check_server_name(load_settings(state), state)
