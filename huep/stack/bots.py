"""How the bots stand, from the files that their processes write whenever it changes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from huep.bots_settings import ALL, BOT_NAMES, BotsSettings, Processes
from huep.state import StateFolder

READY, DOWN, BACKING_OFF = "ready", "down", "backing off"


@dataclass(frozen=True)
class BotStanding:
    """One bot."""

    name: str
    user_id: str
    state: str
    note: str
    """Why it does not serve: one sentence."""
    restarts: int
    device_id: str | None


def read_standing(file: Path) -> tuple[BotStanding, ...]:
    """The bots of one process; empty where it has said nothing yet."""
    try:
        bots = json.loads(file.read_text("utf-8"))["bots"]
        return tuple(
            BotStanding(
                str(bot["name"]),
                str(bot["user_id"]),
                str(bot["state"]),
                str(bot["note"]),
                int(bot["restarts"]),
                (bot["device"] or {}).get("device_id"),
            )
            for bot in bots
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()


def all_standings(settings: BotsSettings, state: StateFolder) -> tuple[BotStanding, ...]:
    """Every bot, of however many processes."""
    processes = (ALL,) if settings.processes is Processes.ONE else BOT_NAMES
    return tuple(bot for process in processes for bot in read_standing(state.bots_standing(process)))


def is_settled(bots: Sequence[BotStanding]) -> bool:
    """Whether there is nothing to wait for: one that keeps crashing does not hold up the others' start."""
    if not bots:
        return False
    settled = all(bot.state in (READY, DOWN, BACKING_OFF) for bot in bots)
    return settled and (any(bot.state == READY for bot in bots) or all(bot.state == DOWN for bot in bots))
