"""`huep up`, `down`, `status`, `reset`, `config`, `backup`, `restore` and `upgrade`."""

import contextlib
import json
import shutil
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from huep.database import Role, connect_as
from huep.options import StateOption
from huep.settings import load_settings
from huep.stack import demo as demo_province
from huep.stack import presence
from huep.stack.backup import back_up
from huep.stack.backup import restore as restore_backup
from huep.stack.bots import all_standings
from huep.stack.postgres import EmbeddedPostgres
from huep.stack.preflight import check_state
from huep.stack.programs import check_programs
from huep.stack.screen import bot_table, service_table, step
from huep.stack.story import tell
from huep.stack.synapse_config import write_configuration
from huep.stack.up import Chapter, run
from huep.stack.versions import note_versions
from huep.stack.wizard import DEMO_SERVER_NAME, Ports, settle
from huep.state import StateDamaged, locate_state

SynapsePort = Annotated[int | None, typer.Option(help="Where Synapse listens; kept in huep.toml.", min=1, max=65535)]
PostgresPort = Annotated[
    int | None, typer.Option(help="PostgreSQL listens there; kept in huep.toml.", min=1, max=65535)
]
HrPort = Annotated[
    int | None, typer.Option("--hr-port", help="The HR service listens there; kept in huep.toml.", min=1, max=65535)
]
WorkersPort = Annotated[
    int | None,
    typer.Option("--workers-port", help="First port of Redis and the workers; kept in huep.toml.", min=1, max=65000),
]
PushPort = Annotated[
    int | None, typer.Option("--push-port", help="The push gateway listens there; kept in huep.toml.", min=1, max=65535)
]
BotsPort = Annotated[
    int | None,
    typer.Option("--bots-port", help="The bots' health is told there; kept in huep.toml.", min=1, max=65535),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

console = Console(highlight=False)


def up(
    state: StateOption = None,
    server_name: Annotated[str | None, typer.Option(help="The permanent name, at the first start only.")] = None,
    synapse_port: SynapsePort = None,
    postgres_port: PostgresPort = None,
    hr_port: HrPort = None,
    workers_port: WorkersPort = None,
    workers: Annotated[
        bool | None,
        typer.Option("--workers/--no-workers", help="Synapse in several processes, or in one; kept in huep.toml."),
    ] = None,
    push_port: PushPort = None,
    bots_port: BotsPort = None,
    demo: Annotated[bool, typer.Option("--demo", help="Fill it with a made-up province.")] = False,
    once: Annotated[bool, typer.Option("--once", help="With --demo: tell the story, stop, exit 0.")] = False,
    people: Annotated[int, typer.Option(help="With --demo: how many people.", min=200, max=60_000)] = 2_000,
) -> None:
    """Bring HueP up and keep it running until Ctrl-C."""
    if workers:
        check_programs()
    folder = locate_state(state)
    settings = settle(
        folder,
        console,
        server_name=server_name or (DEMO_SERVER_NAME if demo else None),
        ports=Ports(synapse_port, postgres_port, hr_port, workers_port, push_port, bots_port),
        workers=workers,
    )
    chapters: list[Chapter] = []
    if demo:
        chapters = [demo_province.provision(people, stay=not once), tell if once else demo_province.show]
    run(settings, folder, console, chapters, stay=not once)


def down(state: StateOption = None) -> None:
    """Stop a running HueP cleanly."""
    with step(console, "Stopping"):
        presence.stop(locate_state(state))


def status(state: StateOption = None) -> None:
    """Show what runs; exit code 3 when nothing does."""
    folder = locate_state(state)
    present = presence.look(folder)
    console.print(f"HueP is [bold]{present.phase}[/] (process {present.pid})")
    console.print(service_table(present.services))
    if standings := all_standings(load_settings(folder).bots, folder):
        console.print(bot_table(standings))
    with contextlib.suppress(OSError, ValueError):
        joins = json.loads(folder.joins_progress.read_text("utf-8"))
        if joins["finished_at"] is None:
            console.print(f"Room memberships: {joins['done']:,} of {joins['total']:,} done, {joins['rate']:.0f}/s")


def reset(state: StateOption = None, yes: Yes = False) -> None:
    """Delete the state folder with everything in it: accounts, messages, keys."""
    folder = locate_state(state)
    if not folder.root.exists():
        console.print(f"There is nothing in {folder.root}.")
        return
    if not folder.marker.exists() and not folder.postgres.exists():
        raise StateDamaged(f"{folder.root} does not look like a HueP state folder: delete it yourself if it is one.")
    with presence.hold(folder):
        if not yes:
            typer.confirm(f"Delete {folder.root} with all accounts, messages and keys?", abort=True)
        shutil.rmtree(folder.root)
    console.print(f"{folder.root} is gone.")


def config(state: StateOption = None) -> None:
    """Render Synapse's configuration from huep.toml again, for the next start."""
    folder = locate_state(state)
    folder.server_name()
    console.print(f"Written: {write_configuration(load_settings(folder), folder)}")


def backup(
    target: Annotated[Path | None, typer.Argument(help="The file to write; else one in the state folder.")] = None,
    state: StateOption = None,
) -> None:
    """Write everything that HueP is into one file, whether it runs or not."""
    folder = locate_state(state)
    folder.server_name()
    with step(console, "Backing up"):
        written = back_up(folder, target)
    console.print(f"{written} ({written.stat().st_size / 2**20:.1f} MiB). It holds every secret: keep it so.")


def restore(
    source: Annotated[Path, typer.Argument(help="A file that `huep backup` wrote.", exists=True, dir_okay=False)],
    state: StateOption = None,
    synapse_port: SynapsePort = None,
    postgres_port: PostgresPort = None,
    hr_port: HrPort = None,
    workers_port: WorkersPort = None,
    push_port: PushPort = None,
    bots_port: BotsPort = None,
) -> None:
    """Make an empty state folder what it was when the backup was taken."""
    folder = locate_state(state)
    with step(console, "Restoring"):
        restore_backup(source, folder, Ports(synapse_port, postgres_port, hr_port, workers_port, push_port, bots_port))
    console.print(f"Restored into {folder.root}: start it with `huep up`. The HueP it was taken from must stay off.")


def upgrade(state: StateOption = None) -> None:
    """Bring a stopped HueP's databases and configuration to this version, after a backup."""
    from huep.schema import migrate, revisions  # Alembic takes a third of a second to import

    folder = locate_state(state)
    folder.server_name()
    settings = load_settings(folder)
    with presence.hold(folder):
        check_state(folder)
        postgres = EmbeddedPostgres(settings, folder)
        with postgres.running():
            with step(console, "Backing up"):
                written = back_up(folder)
            with step(console, "Migrating"):
                engine = connect_as(settings, folder, Role.OWNER)
                before, _ = revisions(engine)
                migrate(engine)
                after, _ = revisions(engine)
                engine.dispose()
        write_configuration(settings, folder)
        note_versions(folder)
    console.print(f"Revision {before} -> {after}. The backup is {written}. Synapse brings its own database up to date")
    console.print("at the next `huep up`.")
