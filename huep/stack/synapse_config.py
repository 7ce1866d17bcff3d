"""Synapse's configuration, rendered from the templates of `synapse-config/`, and its first key."""

import grp
import pwd
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huep.errors import ConfigError, HuepError
from huep.secret_names import OIDC_CLIENT_SECRET, REDIS, REDIS_INCLUDE, REPLICATION, TURN_SECRET
from huep.settings import Settings
from huep.stack.unprivileged import ordinary_user
from huep.stack.workers import Worker, layout_of
from huep.state import StateFolder, write_private

if TYPE_CHECKING:
    from jinja2 import Environment

SECRETS_OF_SYNAPSE = ("synapse-macaroon", "synapse-form", "synapse-registration", "module-service-token")


class TemplatesMissing(HuepError):
    """The installation lacks `synapse-config/`."""


def template_folder() -> Path:
    """Where the templates lie: beside the packages, in a checkout as where HueP is installed."""
    package = Path(str(files("huep")))
    folder = package.parent / "synapse-config"
    if not folder.is_dir():
        raise TemplatesMissing(f"No synapse-config folder lies beside {package}: install HueP again.")
    return folder


def render(settings: Settings, state: StateFolder) -> dict[Path, str]:
    """Every file of Synapse's configuration, by the path where it belongs; none of them holds a secret."""
    environment, layout = _environment(), layout_of(settings)

    def made(template: str, **variables: Any) -> str:
        return environment.get_template(template).render(settings=settings, state=state, layout=layout, **variables)

    rendered = {
        state.synapse / "homeserver.yaml": made("homeserver.yaml.j2"),
        state.synapse / "log.yaml": made("log.yaml.j2", log_name="synapse.log"),
    }
    if layout is not None:
        for worker in layout.workers:
            rendered[worker_file(state, worker)] = made("workers/worker.yaml.j2", worker=worker)
            log = made("log.yaml.j2", log_name=f"synapse-{worker.name}.log")
            rendered[workers_folder(state) / f"{worker.name}.log.yaml"] = log
        rendered[redis_file(state)] = made("workers/redis.conf.j2")
        rendered[proxy_file(state)] = made("workers/nginx.conf.j2", proxy_user=_proxy_user(settings))
    return rendered


def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # only `huep up` renders

    environment = Environment(
        loader=FileSystemLoader(template_folder()),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - YAML, not HTML; every value goes through tojson
        keep_trailing_newline=True,
    )
    environment.filters["quoted"] = _quoted
    return environment


def _quoted(value: object) -> str:
    """As nginx and Redis read a word."""
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _proxy_user(settings: Settings) -> str | None:
    """User and group whom nginx's workers become, as nginx wants to hear it; None where nobody started by root runs."""
    user = ordinary_user(settings.postgres.run_as)
    return None if user is None else f"{pwd.getpwuid(user.uid).pw_name} {grp.getgrgid(user.gid).gr_name}"


def workers_folder(state: StateFolder) -> Path:
    """Where everything lies that only workers need."""
    return state.synapse / "workers"


def worker_file(state: StateFolder, worker: Worker) -> Path:
    """What a worker reads behind homeserver.yaml."""
    return workers_folder(state) / f"{worker.name}.yaml"


def redis_file(state: StateFolder) -> Path:
    return workers_folder(state) / "redis.conf"


def proxy_file(state: StateFolder) -> Path:
    return workers_folder(state) / "nginx.conf"


def write_configuration(settings: Settings, state: StateFolder) -> Path:
    """Write what `render` gives and make the secrets that it points to; returns the path of homeserver.yaml.

    Raises:
        ConfigError: single sign-on or a TURN server is set without its secret, which only its operator knows.
    """
    secret_file = state.secrets / OIDC_CLIENT_SECRET
    if settings.oidc.enabled and not secret_file.is_file():
        raise ConfigError(f"oidc.enabled is true and {secret_file} does not exist: write the client's secret there.")
    turn_file = state.secrets / TURN_SECRET
    if settings.turn.uris and not turn_file.is_file():
        raise ConfigError(f"turn.uris is set and {turn_file} does not exist: write what the TURN server shares there.")
    for name in SECRETS_OF_SYNAPSE:
        state.secret(name)
    if settings.workers.enabled:
        state.secret(REPLICATION)
        state.write_secret(REDIS_INCLUDE, f"requirepass {_quoted(state.secret(REDIS))}")
    for path, content in render(settings, state).items():
        write_private(path, content)
    return state.synapse / "homeserver.yaml"
