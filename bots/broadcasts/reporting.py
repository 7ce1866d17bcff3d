"""How an announcement has come out, in words: for its sender, for leaders, for those who ask."""

from collections.abc import Sequence
from dataclasses import dataclass

from bots.broadcasts.model import Broadcast, Missing, Tally
from bots.broadcasts.rendering import MESSAGES, VOICE, moment, named
from bots.runtime.commands import Answer
from bots.runtime.replies import paragraphs
from huep.catalogue import Locale, Voice

MOST_LISTED = 50
"""People who are listed in one message; the others are counted."""
MOST_UNITS = 40
BAR_CELLS = 10


@dataclass(frozen=True)
class Progress:
    """How far the words of an announcement have come."""

    rooms: int
    rooms_reached: int
    people: int
    """Who gets it by direct message."""
    people_reached: int
    lost: int
    """Messages that were given up."""

    @property
    def finished(self) -> bool:
        return self.rooms_reached + self.people_reached + self.lost >= self.rooms + self.people


def progress_line(broadcast: Broadcast, come: Progress, tallies: Sequence[Tally]) -> str:
    """For the message in the sender's chat that is edited as it goes."""
    number = str(broadcast.number)
    told = [
        VOICE(
            "progress-arrived" if come.finished else "progress-on-its-way",
            number=number,
            reached=come.rooms_reached,
            rooms=come.rooms,
        )
    ]
    if come.people:
        told.append(VOICE("progress-direct", reached=come.people_reached, people=come.people))
    if come.lost:
        told.append(VOICE("progress-lost", count=come.lost))
    if broadcast.draft.level.asks and come.finished and tallies:
        told.append(_acknowledged(VOICE, tallies[0]))
        told.append(VOICE("progress-how-to-ask", number=number))
    return "\n".join(told)


def closing(broadcast: Broadcast, tallies: Sequence[Tally], missing: Sequence[Missing]) -> str:
    """The last word to the sender."""
    told = [VOICE("closed-told", number=str(broadcast.number))]
    told += [_acknowledged(VOICE, tally) for tally in tallies[:1]]
    return "\n".join([*told, *_listed(VOICE, missing)])


def still_missing(broadcast: Broadcast, missing: Sequence[Missing]) -> str:
    """To the sender of an urgent one, after everybody was asked again."""
    return "\n".join([VOICE("list-told", number=str(broadcast.number)), *_listed(VOICE, missing)])


def to_leader(broadcast: Broadcast, missing: Sequence[Missing]) -> str:
    """To a leader: who of their people is missing."""
    told = VOICE("leader-told", number=str(broadcast.number), unit=broadcast.draft.author.unit_name, count=len(missing))
    return "\n".join([told, *_listed(VOICE, missing)])


def digest(broadcasts: Sequence[Broadcast]) -> str:
    """What was for information, together."""
    lines = (f"{named(one)} ({one.draft.author.unit_name})" for one in broadcasts)
    return "\n".join([VOICE("digest-told", count=len(broadcasts)), *lines])


def progress_answer(broadcast: Broadcast, come: Progress, tallies: Sequence[Tally], locale: Locale) -> Answer:
    """The figures of a unit, and of each directly below it."""
    voice = Voice(MESSAGES, locale)
    lines = [_heading(voice, broadcast)]
    if not come.finished:
        reached = {"reached": come.rooms_reached, "rooms": come.rooms}
        lines.append(voice("progress-on-its-way", number=str(broadcast.number), **reached))
    if not broadcast.draft.level.asks:
        return paragraphs(*lines, voice("progress-asks-nothing"), *_seen(voice, tallies))
    whole, *below = tallies
    lines.append(f"{whole.name}: {_acknowledged(voice, whole)}")
    lines += _seen(voice, tallies)
    lines += [_row(one) for one in below[:MOST_UNITS]]
    if len(below) > MOST_UNITS:
        lines.append(voice("progress-more-units", count=len(below) - MOST_UNITS))
    return paragraphs(*lines)


def missing_answer(broadcast: Broadcast, missing: Sequence[Missing], locale: Locale) -> Answer:
    """Who is missing, by unit."""
    voice = Voice(MESSAGES, locale)
    if not missing:
        return paragraphs(_heading(voice, broadcast), voice("missing-nobody"))
    return paragraphs(_heading(voice, broadcast), *_listed(voice, missing))


def _heading(voice: Voice, broadcast: Broadcast) -> str:
    deadline = broadcast.draft.deadline
    if deadline is None:
        return named(broadcast)
    return voice("heading-with-deadline", named=named(broadcast), deadline=moment(deadline))


def _acknowledged(voice: Voice, tally: Tally) -> str:
    return voice(
        "acknowledged",
        acknowledged=tally.acknowledged,
        owed=tally.owed,
        percent=percent(tally),
        late=tally.late,
    )


def _seen(voice: Voice, tallies: Sequence[Tally]) -> list[str]:
    """How many have seen it at least, where anybody has."""
    return [voice("progress-seen", count=whole.seen) for whole in tallies[:1] if whole.seen]


def _row(tally: Tally) -> str:
    filled = round(tally.percent / 100 * BAR_CELLS)
    bar = "▰" * filled + "▱" * (BAR_CELLS - filled)
    return f"{bar} {tally.name}: {tally.acknowledged}/{tally.owed} ({percent(tally)}%)"


def percent(tally: Tally) -> str:
    """Never 100 while somebody is missing."""
    return str(int(tally.percent))


def _listed(voice: Voice, missing: Sequence[Missing]) -> list[str]:
    """Who is missing, each unit on a line of its own."""
    units: dict[str, list[str]] = {}
    for one in missing[:MOST_LISTED]:
        name = voice("missing-away", name=one.full_name) if one.away else one.full_name
        units.setdefault(one.unit_name, []).append(name)
    lines = [voice("missing-count", count=len(missing))]
    lines += [f"• {unit}: {', '.join(names)}" for unit, names in units.items()]
    if len(missing) > MOST_LISTED:
        lines.append(voice("missing-more", count=len(missing) - MOST_LISTED))
    return lines
