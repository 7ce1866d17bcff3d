"""Acts are carried out here and nowhere else, and only with a `Confirmed`, which only consent to a dialog makes.

Consent is bound to the person and the room (the dialog is theirs), to the act (the digest of what was read out and
shown), to the time (it ends, and does not begin before the question was put), and counts once (the dialog is closed in
the same transaction).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

from bots.matrix.port import Reaction
from bots.matrix.trust import Origin
from bots.runtime.capabilities import Effects, Intentions, Write, settled
from bots.runtime.commands import Act, Answer, Request
from bots.runtime.dialogs import Dialog, Stage
from bots.runtime.outcome import Outgoing
from huep.errors import HuepError

_MADE_HERE = object()


class NotConfirmed(HuepError):
    """An act was to be carried out without consent to it: a mistake of ours."""

    def __init__(self, why: str) -> None:
        super().__init__(f"This act was not confirmed: {why}.")


@final
class Confirmed:
    """Consent that was given to one act. Made by `consent_to`; nobody else can make one."""

    def __init__(self, made_here: object, act: Act, request: Request, values: Any, shown: str) -> None:
        if made_here is not _MADE_HERE:
            raise NotConfirmed("consent is made by bots.runtime.confirmation alone")
        self.act = act
        self.request = request
        self.values = values
        self.shown = shown


@dataclass(frozen=True)
class Rehearsal:
    """What an act would do, from its dry-run twin."""

    sentences: tuple[str, ...]
    """As they are read out; none where there is nothing to do."""
    answer: Answer
    """What it answers then."""
    shown: tuple[Mapping[str, Any], ...] = ()
    """Contents of messages that are sent before the sentences."""

    @property
    def digest(self) -> str:
        """SHA-256 of what is read out and shown."""
        read = json.dumps([self.sentences, self.shown], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(read.encode()).hexdigest()


@dataclass(frozen=True)
class Carried:
    """What an act has brought about, not yet committed."""

    answer: Answer
    writes: tuple[Write, ...]
    outgoing: Sequence[Outgoing]


async def rehearse(act: Act, request: Request, values: Any) -> Rehearsal:
    """Run the act with its capability's twin: nothing is changed."""
    intentions = Intentions()
    answer = await act.actor(request, values, act.capability.rehearse(intentions))
    sentences = tuple(act.catalogue.render(request.locale, said) for said in intentions.sentences)
    return Rehearsal(sentences, answer, tuple(intentions.shown))


def may_consent(act: Act, request: Request) -> bool:
    """Whether such an event may consent to such an act: to one of power only words of a verified device may."""
    if isinstance(request.event, Reaction):
        return not act.capability.of_power
    return request.event.origin is Origin.CROSS_SIGNED


def consent_to(act: Act, request: Request, values: Any, dialog: Dialog) -> Confirmed:
    """Consent, given by the event of `request` to what `dialog` has read out.

    Raises:
        NotConfirmed: this event cannot consent to this act in this dialog.
    """
    event = request.event
    refusals = {
        "the dialog asks for something else": dialog.stage is not Stage.CONFIRMING or dialog.scene != act.name,
        "somebody else was asked": dialog.user_id != event.sender or request.caller.user_id != event.sender,
        "it was asked in another room": dialog.room_id != event.room_id,
        "its time is over": dialog.is_over(request.moment),
        "such an event cannot consent to it": not may_consent(act, request),
        "nothing was read out": not dialog.shown,
    }
    for why, refused in refusals.items():
        if refused:
            raise NotConfirmed(why)
    return Confirmed(_MADE_HERE, act, request, values, dialog.shown)


async def carry_out(confirmed: Confirmed) -> Carried | Rehearsal:
    """Run the act with its capability; where it would do something else by now, its rehearsal, to be asked anew."""
    act, request, values = confirmed.act, confirmed.request, confirmed.values
    again = await rehearse(act, request, values)
    if again.digest != confirmed.shown:
        return again
    effects = Effects(request.caller.user_id)
    answer = await act.actor(request, values, act.capability.exercise(effects))
    return Carried(answer, settled(act.capability, effects), tuple(effects.outgoing))
