"""`huep doctor`: whether anything that runs here would leave the building."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from huep.database import DatabaseUnreachable
from huep.doctor import looking
from huep.doctor.answers import read_answers
from huep.doctor.bots import read_bots
from huep.doctor.building import Building, host_of
from huep.doctor.element import read_element
from huep.doctor.finding import Finding, Severity, fail, note, worst_first
from huep.doctor.homeserver import Configuration, Permitted, read_homeserver
from huep.doctor.modules import PUSH_RULES, loaded_modules
from huep.doctor.news import news_hosts
from huep.doctor.province import own_hosts, permitted, read_province
from huep.doctor.pushers import read_pushers
from huep.doctor.sockets import read_sockets
from huep.options import StateOption
from huep.settings import Settings, load_settings
from huep.stack import presence
from huep.stack.presence import NotRunning, Presence
from huep.state import StateFolder, locate_state

COLOURS = {Severity.FAIL: "bold red", Severity.DECLARED: "yellow", Severity.NOTE: "dim"}

ElementOption = Annotated[
    Path | None, typer.Option("--element-config", help="config.json of your Element Web.", exists=True, dir_okay=False)
]


def doctor(
    state: StateOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    element_config: ElementOption = None,
) -> None:
    """Look for anything that would leave the building; exit code 1 where something would."""
    folder = locate_state(state)
    folder.server_name()
    found = worst_first(examine(load_settings(folder), folder, element_config))
    if as_json:
        typer.echo(json.dumps([finding.as_json() for finding in found], ensure_ascii=False, indent=1))
    else:
        _show(found)
    if any(finding.severity is Severity.FAIL for finding in found):
        raise typer.Exit(1)


def examine(settings: Settings, state: StateFolder, element_config: Path | None = None) -> Iterator[Finding]:
    """Everything that is to be said of the province in this folder, whether it runs or not."""
    building = Building(own_hosts(settings), settings.building.networks, looking.addresses_of)
    allowed = permitted(settings)
    yield from read_province(settings, building)
    if element_config is not None:
        yield from read_element(json.loads(element_config.read_text("utf-8")), building)
    try:
        present = presence.look(state)
    except NotRunning:
        yield note("huep", "HueP does not run: only its files were read.")
        present = None
    processes = looking.descendants(present.pid) if present else []
    configurations = list(_configurations(state, processes))
    for configuration in configurations:
        yield from read_homeserver(configuration, allowed, building)
    if present is None:
        return
    yield from _running(settings, state, building)
    yield from read_bots(settings.bots)
    yield from _changed_since(state, present)
    yield from _proxies(processes, configurations)
    yield from _pushers(settings, state, allowed, configurations)
    sockets = [held for process in processes for held in process.sockets()]
    if not sockets:
        yield note("sockets", "this user may not see HueP's connections: ask again as the one who runs it.")
    yield from read_sockets(
        sockets,
        building,
        settings.postgres.port,
        _declared_addresses(settings),
    )


def _configurations(state: StateFolder, processes: list[looking.Process]) -> Iterator[Configuration]:
    rendered = (state.synapse / "homeserver.yaml",)
    started_with = {process.configuration_files() for process in processes if process.is_synapse}
    for files in sorted(started_with - {()}) or [rendered]:
        yield looking.read_configuration(files)


def _running(settings: Settings, state: StateFolder, building: Building) -> Iterator[Finding]:
    try:
        answers, told = looking.ask(settings, state)
    except httpx.TransportError as error:
        yield fail(settings.synapse.local_url, f"Synapse cannot be asked ({type(error).__name__}): see `huep status`.")
        return
    yield from read_answers(answers, told, building)


def _changed_since(state: StateFolder, present: Presence) -> Iterator[Finding]:
    file = state.synapse / "homeserver.yaml"
    since = next((service.since for service in present.services if service.name == "synapse"), None)
    if since is not None and file.exists() and file.stat().st_mtime > since:
        yield note(
            str(file), "it was changed after Synapse started: what runs is what it was before; start HueP again."
        )


def _proxies(processes: list[looking.Process], configurations: list[Configuration]) -> Iterator[Finding]:
    for process in processes:
        for name, value in process.proxies().items():
            key = name.lower()
            heeded = process.is_synapse and not all(key in each.content for each in configurations)
            if heeded and key != "all_proxy":
                yield fail(
                    process.title, f"its environment has {name}={value}: Synapse sends requests there; unset it."
                )
            else:
                yield note(process.title, f"its environment has {name}={value}, which it does not heed.")


def _pushers(
    settings: Settings, state: StateFolder, allowed: Permitted, configurations: list[Configuration]
) -> Iterator[Finding]:
    guarded = all(PUSH_RULES in loaded_modules(each.content) for each in configurations)
    try:
        yield from read_pushers(looking.stored_pushers(settings, state), allowed, guarded)
    except DatabaseUnreachable as error:
        yield fail("pushers", str(error))


def _declared_addresses(settings: Settings) -> frozenset[str]:
    urls = [exception.gateway for exception in settings.push.exceptions]
    urls += [settings.oidc.issuer] if settings.oidc.enabled else []
    hosts = [host_of(url) for url in (*urls, settings.hr.source.url)] + [settings.hr.source.host]
    hosts += news_hosts(settings.broadcasts)
    return frozenset(address for host in hosts if host for address in looking.addresses_of(host))


def _show(found: list[Finding]) -> None:
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("", "Where", "What"):
        table.add_column(heading, overflow="fold")
    for finding in found:
        colour = COLOURS[finding.severity]
        table.add_row(f"[{colour}]{finding.severity}[/]", escape(finding.where), escape(finding.said))
    if found:
        console.print(table)
    fails = sum(finding.severity is Severity.FAIL for finding in found)
    if fails:
        console.print(f"[bold red]✗[/] {fails} of these would leave the building, or stand open.")
    else:
        console.print("[green]✓[/] Nothing leaves the building but what huep.toml declares.")
