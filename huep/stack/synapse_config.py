"""Synapse's configuration, rendered from the templates of `synapse-config/`, and its first key."""

from importlib.resources import files
from pathlib import Path

from huep.errors import ConfigError, HuepError
from huep.secret_names import OIDC_CLIENT_SECRET, TURN_SECRET
from huep.settings import Settings
from huep.state import StateFolder, write_private

TEMPLATES = {"homeserver.yaml.j2": "homeserver.yaml", "log.yaml.j2": "log.yaml"}
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
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # only `huep up` renders

    environment = Environment(
        loader=FileSystemLoader(template_folder()),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - YAML, not HTML; every value goes through tojson
        keep_trailing_newline=True,
    )
    return {
        state.synapse / name: environment.get_template(template).render(settings=settings, state=state)
        for template, name in TEMPLATES.items()
    }


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
    for path, content in render(settings, state).items():
        write_private(path, content)
    return state.synapse / "homeserver.yaml"
