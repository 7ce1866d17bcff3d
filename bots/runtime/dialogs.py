"""Dialogs: what a bot has asked a person and waits for, one for each person and room.

`TABLE` is the whole machine: at each stage, what an answer of each kind leads to. `bots.runtime.scenes` walks it,
`bots.runtime.dialog_store` keeps dialogs over a restart.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bots.matrix.port import TextMessage
from bots.runtime.arguments import Kept
from bots.runtime.capabilities import Write
from huep.catalogue import Locale
from huep.errors import HuepError

PATIENCE = timedelta(minutes=10)
"""So long does a bot wait for each answer."""
CONSENT_PATIENCE = timedelta(minutes=5)
"""So long does a confirmation hold: what was agreed to then may be something else later."""


class Stage(StrEnum):
    """What the bot waits for."""

    FILLING = "filling"
    """The value of a step."""
    CORRECTING = "correcting"
    """Which of the values given is to be another."""
    CONFIRMING = "confirming"
    """Whether it shall do what it has read out."""
    LEAVING = "leaving"
    """Whether to drop the dialog for something else that was asked in the middle of it."""


class Said(StrEnum):
    """What an answer is, at the stage at which it comes."""

    LEAVE = "leave"
    """`thôi`, `hủy`, `cancel`."""
    YES = "yes"
    NO = "no"
    CORRECT = "correct"
    """`sửa`, alone or with the name of a step."""
    VALUE = "value"
    """The value that was asked for, or one of the choices offered."""
    MORE = "more"
    """A part of the value that was asked for."""
    DONE = "done"
    """`xong`, behind such parts: they are all of it."""
    NEARER = "nearer"
    """A way through the menus that lead to the value."""
    SEVERAL = "several"
    """It may be one of several values."""
    COMMAND = "command"
    """Something else that the person may ask."""
    AGAIN = "again"
    """The command of the dialog itself, put anew with a value: `Sở Y tế có bao nhiêu người`."""
    OTHER = "other"


class Next(StrEnum):
    """What follows."""

    STOP = "stop"
    FILL = "fill"
    GATHER = "gather, and wait for more"
    LEAD = "show the next menu"
    OFFER = "offer"
    CHOOSE_STEP = "choose the step to correct"
    REOPEN = "ask that step again"
    PERFORM = "perform"
    ASK_WHETHER_TO_LEAVE = "ask whether to leave"
    SWITCH = "leave for the other command"
    RESUME = "go on where it was"
    REPEAT = "repeat the question"


TABLE: Mapping[Stage, Mapping[Said, Next]] = {
    Stage.FILLING: {
        Said.LEAVE: Next.STOP,
        Said.CORRECT: Next.CHOOSE_STEP,
        Said.VALUE: Next.FILL,
        Said.MORE: Next.GATHER,
        Said.DONE: Next.FILL,
        Said.NEARER: Next.LEAD,
        Said.SEVERAL: Next.OFFER,
        Said.COMMAND: Next.ASK_WHETHER_TO_LEAVE,
        Said.AGAIN: Next.SWITCH,
        Said.OTHER: Next.REPEAT,
    },
    Stage.CORRECTING: {
        Said.LEAVE: Next.STOP,
        Said.CORRECT: Next.CHOOSE_STEP,
        Said.VALUE: Next.REOPEN,
        Said.COMMAND: Next.ASK_WHETHER_TO_LEAVE,
        Said.AGAIN: Next.SWITCH,
        Said.OTHER: Next.REPEAT,
    },
    Stage.CONFIRMING: {
        Said.LEAVE: Next.STOP,
        Said.YES: Next.PERFORM,
        Said.NO: Next.STOP,
        Said.CORRECT: Next.CHOOSE_STEP,
        Said.COMMAND: Next.ASK_WHETHER_TO_LEAVE,
        Said.AGAIN: Next.SWITCH,
        Said.OTHER: Next.REPEAT,
    },
    Stage.LEAVING: {
        Said.LEAVE: Next.STOP,
        Said.YES: Next.SWITCH,
        Said.NO: Next.RESUME,
        Said.COMMAND: Next.SWITCH,
        Said.AGAIN: Next.SWITCH,
        Said.OTHER: Next.REPEAT,
    },
}


@dataclass(frozen=True)
class Offer:
    """A choice that was shown, and the value that it stands for."""

    label: str
    value: Kept


@dataclass(frozen=True)
class Dialog:
    """Where a person and a bot stand in a scene."""

    room_id: str
    user_id: str
    scene: str
    """The command's name."""
    stage: Stage
    cause: str
    """The event that the bot answered with its question."""
    locale: Locale
    asked_at: datetime
    expires_at: datetime
    step: str | None = None
    """Which value is asked for."""
    filled: Mapping[str, Kept] = field(default_factory=dict)
    gathered: Kept | None = None
    """Of the value asked for, what was said so far; more may follow."""
    place: Kept | None = None
    """Where the person stands among the menus that lead to the value asked for."""
    offered: tuple[Offer, ...] = ()
    shown: str = ""
    """SHA-256 of what was read out for confirmation, or of the menu at `place`."""
    aside: TextMessage | None = None
    """What was asked in the middle; waits for whether to leave."""
    turn: int = 0
    """How often this dialog was kept before; 0 has never been."""

    def is_over(self, moment: datetime) -> bool:
        return moment >= self.expires_at


class DialogMoved(HuepError):
    """The dialog went on meanwhile: nothing of the outcome is committed, and the event is dispatched again."""

    def __init__(self, dialog: Dialog) -> None:
        super().__init__(f"The dialog {dialog.scene} in {dialog.room_id} went on meanwhile: dispatch the event again.")


class Dialogs(Protocol):
    """Where the dialogs of one bot are kept. What it writes is committed with the outcome."""

    def of(self, room_id: str, user_id: str) -> Dialog | None:
        """The open dialog, over or not."""
        ...

    def over(self, moment: datetime, most: int) -> tuple[Dialog, ...]:
        """Dialogs whose time was over at `moment`, the oldest first."""
        ...

    def keep(self, dialog: Dialog) -> Write:
        """Write `dialog`, on condition that it stands at its turn; otherwise the write raises DialogMoved."""
        ...

    def close(self, dialog: Dialog) -> Write:
        """Remove `dialog`, on the same condition: of two answers one alone ends it."""
        ...
