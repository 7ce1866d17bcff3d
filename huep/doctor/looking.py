"""Where the doctor looks: files, the running Synapse, its database, and /proc. What it sees is judged elsewhere."""

import contextlib
import json
import socket
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import yaml
from sqlalchemy import text

from huep.database import SYNAPSE_DATABASE, Role, connect_as
from huep.doctor.answers import CAPABILITIES, QUESTIONS, TURN, WELL_KNOWN, Answer
from huep.doctor.homeserver import Configuration, app_service_files
from huep.doctor.pushers import StoredPusher
from huep.doctor.sockets import Held, parse
from huep.errors import HuepError
from huep.secret_names import ADMIN_TOKEN
from huep.settings import Settings
from huep.state import SecretMissing, StateFolder

ASK_TIMEOUT_S = 20.0
PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy")
_PROC = Path("/proc")
_SYNAPSE = "synapse.app."
_TABLES = {"tcp": False, "tcp6": False, "udp": True, "udp6": True}
"""By name, whether of datagrams."""


class ConfigurationUnreadable(HuepError):
    """A file that Synapse runs on cannot be read."""


@dataclass(frozen=True)
class Process:
    """One process of HueP's."""

    pid: int
    command: tuple[str, ...]

    @property
    def is_synapse(self) -> bool:
        return any(part.startswith(_SYNAPSE) for part in self.command)

    @property
    def title(self) -> str:
        """Its program and number, for the reader."""
        words = [part for part in self.command if part not in ("-m", "-u", "-I") and not part.endswith("python")]
        name = " ".join(words[:3]) or "?"
        return f"{Path(name).name if name.startswith('/') else name} ({self.pid})"

    def configuration_files(self) -> tuple[Path, ...]:
        """What Synapse was started with: `-c FILE`, more than once for a worker."""
        flags = ("-c", "--config-path")
        pairs = zip(self.command, self.command[1:], strict=False)
        return tuple(Path(value) for flag, value in pairs if flag in flags)

    def proxies(self) -> Mapping[str, str]:
        """Variables of its environment that send requests through a proxy."""
        with contextlib.suppress(OSError):
            pairs = (_PROC / str(self.pid) / "environ").read_bytes().decode(errors="replace").split("\0")
            named = dict(pair.partition("=")[::2] for pair in pairs)
            return {name: value for name, value in named.items() if name.lower() in PROXY_VARIABLES and value}
        return {}

    def sockets(self) -> Iterator[Held]:
        """Its sockets that listen or are connected; none where this user may not look."""
        own: set[int] = set()
        with contextlib.suppress(OSError):
            for descriptor in (_PROC / str(self.pid) / "fd").iterdir():
                with contextlib.suppress(OSError):
                    target = str(descriptor.readlink())
                    if target.startswith("socket:["):
                        own.add(int(target[8:-1]))
        for name, datagrams in _TABLES.items() if own else ():
            with contextlib.suppress(OSError):
                table = (_PROC / str(self.pid) / "net" / name).read_text()
                yield from (Held(self.title, found) for found in parse(table, datagrams) if found.inode in own)


def descendants(root: int) -> list[Process]:
    """The process `root` and all below it."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                # The name in parentheses may hold anything, spaces and parentheses included.
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        waiting += children.get(pid, ())
        with contextlib.suppress(OSError):
            command = (_PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
            found.append(Process(pid, tuple(command)))
    return found


def read_configuration(files: Collection[Path]) -> Configuration:
    """What Synapse makes of these files: a key of a later one replaces that of an earlier.

    Raises:
        ConfigurationUnreadable: one of them, or one that they name, is missing or not YAML.
    """
    content: dict[str, Any] = {}
    for file in files:
        content |= _yaml(file)
    log = content.get("log_config")
    return Configuration(
        content,
        {path: _yaml(Path(path)) for path in app_service_files(content)},
        _yaml(Path(log)) if isinstance(log, str) else {},
    )


def _yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not YAML"
        raise ConfigurationUnreadable(f"{path} cannot be read ({reason}): render it with `huep config`.") from error
    return content if isinstance(content, dict) else {}


def ask(settings: Settings, state: StateFolder) -> tuple[dict[tuple[str, str], Answer], dict[str, Answer]]:
    """Put `QUESTIONS` to the running Synapse, and ask as a client what clients are told."""
    account = {}
    with contextlib.suppress(SecretMissing):
        account = {"Authorization": f"Bearer {state.read_secret(ADMIN_TOKEN)}"}
    with httpx.Client(base_url=settings.synapse.local_url, timeout=ASK_TIMEOUT_S, trust_env=False) as http:
        answers = {
            (question.method, question.path): _answer(
                http.request(
                    question.method,
                    question.path,
                    json=question.body,
                    headers=account if question.with_account else {},
                )
            )
            for question in QUESTIONS
            if account or not question.with_account
        }
        told = {path: _answer(http.get(path, headers=account)) for path in (WELL_KNOWN, TURN, CAPABILITIES)}
        return answers, told


def _answer(response: httpx.Response) -> Answer:
    with contextlib.suppress(ValueError):
        body = response.json()
        return Answer(response.status_code, body if isinstance(body, dict) else {})
    return Answer(response.status_code)


def stored_pushers(settings: Settings, state: StateFolder) -> list[StoredPusher]:
    """The enabled ones in Synapse's database."""
    engine = connect_as(settings, state, Role.SYNAPSE, SYNAPSE_DATABASE)
    try:
        with engine.connect() as connection:
            rows = connection.execute(text("SELECT kind, data FROM pushers WHERE enabled")).all()
    finally:
        engine.dispose()
    return [
        StoredPusher(kind, data if isinstance(data, dict) else json.loads(data or "{}") or {}) for kind, data in rows
    ]


@cache
def addresses_of(host: str) -> frozenset[str]:
    """What the system's resolver says; none where it knows nothing."""
    with contextlib.suppress(OSError, UnicodeError):
        return frozenset(str(info[4][0]) for info in socket.getaddrinfo(host, None, proto=socket.IPPROTO_TCP))
    return frozenset()
