"""What a change of accounts, rooms and directory takes: both engines, the homeserver and the clock."""

from dataclasses import dataclass

from sqlalchemy import Engine

from huep import clock
from huep.clock import Clock
from huep.settings import Settings
from huep.synapse_admin import SynapseAdmin


@dataclass(frozen=True)
class Reach:
    """One province, as those who carry something out reach it.

    Args:
        settings: names the server, its rooms, and the accounts that nobody touches.
        hr: engine of `Role.HR`.
        audit: engine of `Role.AUDIT`.
        homeserver: client with the service token.
        now: the clock.
    """

    settings: Settings
    hr: Engine
    audit: Engine
    homeserver: SynapseAdmin
    now: Clock = clock.now
