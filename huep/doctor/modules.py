"""HueP's modules inside Synapse, and what stands open where one of them is not loaded."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from huep.doctor.finding import Finding, fail

OURS = "synapse_modules."
PUSH_RULES = "synapse_modules.push_rules.module.PushRules"

OPENS: Mapping[str, str] = MappingProxyType(
    {
        "synapse_modules.request_guard.module.RequestGuard": (
            "Synapse calls any identity server that a request names, and takes sessions in addresses"
        ),
        "synapse_modules.account_guard.module.AccountGuard": (
            "accounts may be made for whom the register does not know, and guests log in after their last day"
        ),
        "synapse_modules.account_lifecycle.module.AccountLifecycle": (
            "nobody is published or locked by the register, and who left keeps sessions"
        ),
        "synapse_modules.room_rules.module.RoomRules": (
            "rooms may be made without encryption, and words stand in clear in the database"
        ),
        "synapse_modules.activation.module.Activation": (
            "nobody turns a code into a password, and weak passwords may be chosen"
        ),
        "synapse_modules.directory_rules.module.DirectoryRules": (
            "everybody finds and invites everybody, guests and the red list included"
        ),
        PUSH_RULES: "apps may push through any gateway",
        "synapse_modules.media_rules.module.MediaRules": "files of any kind and amount are taken, and none is scanned",
    }
)
"""By the name under which Synapse loads it, in the order of homeserver.yaml: what its absence opens."""


def loaded_modules(content: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The configuration of each module of a homeserver.yaml, by its name."""
    return {str(item.get("module")): item.get("config") or {} for item in content.get("modules") or ()}


def missing_and_foreign(content: Mapping[str, Any]) -> Iterator[Finding]:
    """What is loaded and not ours, and what is ours and not loaded."""
    loaded = loaded_modules(content)
    for name in loaded:
        if not name.startswith(OURS):
            yield fail("modules", f"{name} runs inside Synapse and is not HueP's; remove it, or read it.")
    for name, opens in OPENS.items():
        if name not in loaded:
            yield fail("modules", f"{name} is missing: {opens}; render with `huep config`.")
