"""What `huep up` and `huep status` read of a bots' process: one file, written whenever a bot's state changes."""

import json
import os
from collections.abc import Mapping

from bots.health.vitals import Vitals
from huep.state import StateFolder, write_private


def write_standing(state: StateFolder, process: str, bots: Mapping[str, Vitals]) -> None:
    """Say how the bots of this process stand."""
    content = {"pid": os.getpid(), "bots": [vitals.as_json() for vitals in bots.values()]}
    write_private(state.bots_standing(process), json.dumps(content, ensure_ascii=False) + "\n")
