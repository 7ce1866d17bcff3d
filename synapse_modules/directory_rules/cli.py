"""`huep explain "A" "B"`: why A can or cannot find, invite and message B, by the rules that the running server has."""

from typing import Annotated

import typer
import yaml
from rich.console import Console
from rich.text import Text

from huep.catalogue import Catalogue, Locale, Voice
from huep.database import SYNAPSE_DATABASE, Role, connect_as
from huep.errors import HuepError
from huep.options import LanguageOption, StateOption
from huep.settings import load_settings
from huep.state import StateFolder, locate_state
from synapse_modules.directory_rules import rules
from synapse_modules.directory_rules.config import parse
from synapse_modules.directory_rules.lookup import Described, Lookup
from synapse_modules.directory_rules.rules import Policy, Reason

MESSAGES = Catalogue("synapse_modules")
MODULE = "synapse_modules.directory_rules.module.DirectoryRules"


class RulesMissing(HuepError):
    """Synapse's configuration has no directory_rules."""


def explain(
    asker: Annotated[str, typer.Argument(help="Who asks: a full name, an officer code or an account.")],
    other: Annotated[str, typer.Argument(help="Whom they want to reach.")],
    language: LanguageOption = Locale.VI,
    state: StateOption = None,
) -> None:
    """Say why one person can or cannot find, invite and message another."""
    folder = locate_state(state)
    settings = load_settings(folder)
    policy = policy_in_force(folder)
    synapse, hr = connect_as(settings, folder, Role.SYNAPSE, SYNAPSE_DATABASE), connect_as(settings, folder, Role.HR)
    try:
        with synapse.connect() as connection:
            lookup = Lookup(connection, hr, settings.server_name)
            people = lookup.person(asker), lookup.person(other)
            shared = lookup.shared_rooms(*people)
    finally:
        synapse.dispose()
        hr.dispose()
    _show(*people, shared, policy, Voice(MESSAGES, language))


def policy_in_force(folder: StateFolder) -> Policy:
    """What the configuration that Synapse was last started with says.

    Raises:
        RulesMissing: it is not there, or has no directory_rules.
    """
    path = folder.synapse / "homeserver.yaml"
    try:
        modules = yaml.safe_load(path.read_text("utf-8"))["modules"]
    except (OSError, KeyError) as error:
        raise RulesMissing(f"{path} cannot be read: start HueP once with `huep up`, which writes it.") from error
    for entry in modules:
        if entry["module"] == MODULE:
            return parse(entry.get("config")).policy
    raise RulesMissing(f"{path} has no module {MODULE}: start HueP with `huep up`, which writes it.")


def _show(asker: Described, other: Described, shared: int, policy: Policy, say: Voice) -> None:
    console = Console(highlight=False)
    reason = rules.decide(asker.colleague, other.colleague, policy)
    if asker.locked or other.locked:
        reason = Reason.ASKER_LEFT if asker.locked else Reason.LEFT
    verdicts = (
        ("explain-find", rules.may_find(reason, policy)),
        ("explain-invite", rules.may_invite(reason)),
        ("explain-message", rules.may_message(reason, share_a_room=shared > 0 and not asker.locked)),
    )
    console.print(Text(f"{_line(asker)} → {_line(other)}"), soft_wrap=True)
    for act, allowed in verdicts:
        mark, style = ("✓ ", "green") if allowed else ("✗ ", "red")
        console.print(Text.assemble((mark, style), say(act)), soft_wrap=True)
    console.print(say(f"reason-{reason.value.replace('_', '-')}"), soft_wrap=True)
    if shared:
        console.print(say("explain-shared-rooms", count=shared), soft_wrap=True)


def _line(person: Described) -> str:
    about = ", ".join(filter(None, (person.colleague.localpart, person.position, person.unit)))
    return f"{person.name} ({about})"
