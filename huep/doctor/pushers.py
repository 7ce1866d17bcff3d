"""The pushers that lie in Synapse's database: to whom phones' apps asked to be told."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from huep.doctor.finding import Finding, declared, fail, note
from huep.doctor.homeserver import Permitted
from huep.push.addresses import gateway_address


@dataclass(frozen=True)
class StoredPusher:
    """One row of `pushers`."""

    kind: str
    data: Mapping[str, Any]


def read_pushers(pushers: Iterable[StoredPusher], permitted: Permitted, guarded: bool) -> Iterator[Finding]:
    """Counted by gateway.

    Args:
        pushers: the enabled ones.
        permitted: which gateways huep.toml knows.
        guarded: whether push_rules stands in the running configuration; it keeps all others silent.
    """
    for gateway, count in sorted(Counter(map(_gateway_of, pushers)).items()):
        if gateway in permitted.push_inside:
            continue
        if gateway in permitted.push:
            yield declared("pushers", f"{count} send through {gateway}, as huep.toml declares.")
        elif guarded:
            yield note("pushers", f"{count} of earlier times ask for {gateway}; push_rules keeps them silent.")
        else:
            yield fail("pushers", f"{count} send through {gateway}, which is not allowed.")


def _gateway_of(pusher: StoredPusher) -> str:
    if pusher.kind != "http":
        return pusher.kind
    try:
        return gateway_address(pusher.data.get("url"))
    except ValueError:
        return str(pusher.data.get("url"))
