"""What must hold before anything is started; each refusal is one sentence."""

import errno
import shutil
import socket
from pathlib import Path

from huep.errors import HuepError
from huep.settings import Settings
from huep.stack.programs import check_programs
from huep.stack.workers import layout_of
from huep.state import StateDamaged, StateFolder

LEAST_FREE_BYTES = 512 * 1024 * 1024


class PortInUse(HuepError):
    """Another program listens where HueP should."""


class DiskFull(HuepError):
    """There is no room for what HueP writes."""


class StateNotWritable(HuepError):
    """The state folder lies where this user may not write."""


class ServerNameChanged(HuepError):
    """huep.toml names another server than the one whose accounts lie in the state folder."""


def check_disk(folder: Path) -> None:
    """Refuse to start where less than 512 MiB is free."""
    existing = next(part for part in (folder, *folder.parents) if part.exists())
    free = shutil.disk_usage(existing).free
    if free < LEAST_FREE_BYTES:
        raise DiskFull(
            f"Only {free // 2**20} MiB are free for {folder}, and HueP needs {LEAST_FREE_BYTES // 2**20} MiB to start: "
            "free some space, or choose another folder with --state."
        )


def check_writable(state: StateFolder) -> None:
    """Refuse a state folder that cannot be made or written."""
    try:
        state.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = state.root / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFull(
                f"The disk under {state.root} is full: free some space, or choose another folder with --state."
            ) from error
        reason = error.strerror or str(error)
        raise StateNotWritable(f"{state.root} cannot be written ({reason}): choose another with --state.") from error


def check_state(state: StateFolder) -> None:
    """Refuse a folder that holds something else than HueP's state, or only a part of it."""
    before_the_marker = {state.config_file, state.run}
    content = set(state.root.iterdir()) - before_the_marker if state.root.is_dir() else set()
    if content and not state.marker.exists():
        raise StateDamaged(
            f"{state.root} is not empty and has no {state.marker.name}, so it is no whole HueP state folder: "
            "restore a backup into a new folder with `huep restore`, or choose another folder with --state."
        )


def check_server_name(settings: Settings, state: StateFolder) -> None:
    """Refuse a `server_name` other than the one under which the accounts were made."""
    made_for = state.server_name()
    if settings.server_name != made_for:
        raise ServerNameChanged(
            f"{state.config_file} says server_name = {settings.server_name!r}, but every account here was made for "
            f"{made_for!r}, and that can never change: put {made_for!r} back, or start a new HueP in another folder."
        )


def check_port(port: int, address: str, key: str, config_file: Path) -> None:
    """Refuse to start when another program has the port; `key` is what to change in huep.toml."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EACCES:
                reason = f"Port {port} may only be used by root"
            elif error.errno == errno.EADDRINUSE:
                reason = f"Port {port} is in use by another program"
            else:
                reason = f"Port {port} on {address} cannot be used ({error.strerror})"
            raise PortInUse(f"{reason}: stop it, or set another `{key}` in {config_file}.") from error


def check_ports(settings: Settings, state: StateFolder) -> None:
    """Refuse to start when any port that HueP needs is taken."""
    check_port(settings.postgres.port, "127.0.0.1", "port under [postgres]", state.config_file)
    check_port(settings.synapse.port, settings.synapse.bind, "port under [synapse]", state.config_file)
    if settings.hr.service.enabled:
        service = settings.hr.service
        check_port(service.port, service.bind, "port under [hr.service]", state.config_file)
    for port in settings.bots.ports:
        check_port(port, "127.0.0.1", "port under [bots]", state.config_file)
    if settings.broadcasts.webhooks:
        check_port(settings.broadcasts.webhook_port, "127.0.0.1", "webhook_port under [broadcasts]", state.config_file)
    if (layout := layout_of(settings)) is not None:
        for port in layout.ports:
            check_port(port, "127.0.0.1", "port under [workers]", state.config_file)
    push = settings.push
    if push.enabled:
        check_port(push.port, push.bind, "port under [push]", state.config_file)
    if push.enabled and settings.synapse.tls_certificate:
        check_port(push.tls_port, push.tls_bind, "tls_port under [push]", state.config_file)
    if settings.synapse.tls_certificate:
        check_port(settings.synapse.tls_port, settings.synapse.tls_bind, "tls_port under [synapse]", state.config_file)


def check_workers(settings: Settings) -> None:
    """Refuse workers where the programs between them are not installed."""
    if settings.workers.enabled:
        check_programs()
