"""The first day: what is asked once and written to huep.toml."""

from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from rich.console import Console
from rich.prompt import Prompt

from huep.errors import ConfigError
from huep.settings import Settings, load_settings, parse_settings
from huep.stack.preflight import check_server_name, check_state, check_writable
from huep.state import StateFolder, write_private

DEMO_SERVER_NAME = "hue.localhost"

EXPLANATION = """\
[bold]server_name[/] stands behind every account for ever: [cyan]@nguyen-van-anh-k12:[bold]server_name[/][/].
It [bold]can never be changed[/]: rooms, messages and keys are signed for it. Take a name that the province owns
and keeps, such as [bold]hue.gov.vn[/]. The address that phones connect to may be another one and may change."""

HEADER = """\
# HueP. Every key is described in docs/configuration.md; what is not here has its default.
# server_name is permanent: HueP refuses to start when it is changed.
"""


@dataclass(frozen=True)
class Ports:
    """Ports given on a command line; None leaves what huep.toml says."""

    synapse: int | None = None
    postgres: int | None = None
    hr_service: int | None = None
    workers: int | None = None
    """The first of them."""
    push: int | None = None
    bots: int | None = None
    """Of the bots' health; the first of them where each has a process of its own."""

    def by_section(self) -> dict[str, int]:
        """Those that were given, by their section of huep.toml."""
        given = {
            "synapse": self.synapse,
            "postgres": self.postgres,
            "hr.service": self.hr_service,
            "workers": self.workers,
            "push": self.push,
            "bots": self.bots,
        }
        return {section: port for section, port in given.items() if port is not None}


def settle(
    state: StateFolder,
    console: Console,
    *,
    server_name: str | None = None,
    ports: Ports = Ports(),
    workers: bool | None = None,
) -> Settings:
    """The settings of this state folder; a new one gets its huep.toml, unless the operator put one there already.

    With `workers` given Synapse runs in several processes from now on, or in one again.

    Raises:
        ConfigError: huep.toml cannot be used, or nobody is there to be asked for `server_name`.
        ServerNameChanged: it names another server than the accounts were made for.
    """
    check_writable(state)
    check_state(state)
    if not state.marker.exists():
        if not state.config_file.exists():
            _write_first(state.config_file, server_name or _ask_server_name(state, console))
        settings = load_settings(state)
        state.create(settings.server_name)
    load_settings(state)
    change(state, ports, workers)
    settings = load_settings(state)
    check_server_name(settings, state)
    return settings


def change(state: StateFolder, ports: Ports, workers: bool | None = None) -> None:
    """Set these in huep.toml, leaving everything else, comments included, as the operator wrote it."""
    given: list[tuple[str, str, int | bool]] = [(section, "port", port) for section, port in ports.by_section().items()]
    if workers is not None:
        given.append(("workers", "enabled", workers))
    if not given:
        return
    document = tomlkit.parse(state.config_file.read_text("utf-8"))
    for section, key, value in given:
        table: MutableMapping[str, Any] = document
        for name in section.split("."):
            table = table.setdefault(name, tomlkit.table())
        table[key] = value
    write_private(state.config_file, tomlkit.dumps(document))


def _ask_server_name(state: StateFolder, console: Console) -> str:
    if not console.is_terminal:
        raise ConfigError(
            f"{state.root} is new and nobody is there to be asked for server_name: "
            "give it with --server-name; it can never be changed afterwards."
        )
    console.print(EXPLANATION)
    while True:
        name = Prompt.ask("server_name", console=console).strip().lower()
        try:
            parse_settings({"server_name": name}, state.config_file)
        except ConfigError as error:
            console.print(f"[red]{error}[/]")
            continue
        if Prompt.ask(f"Type {name} once more", console=console).strip().lower() == name:
            return name


def _write_first(path: Path, server_name: str) -> None:
    parse_settings({"server_name": server_name}, path)
    write_private(path, f"{HEADER}server_name = {tomlkit.string(server_name).as_string()}\n")
