"""The audit log as witness: whatever is done to an announcement, it remembers where the chain of that one ended.

It is a chain of its own, and its head is kept off this host: who owns the database cannot compute a chain anew unseen.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bots.broadcasts.ledger.chain import Entry, Head
from bots.broadcasts.ledger.values import LedgerBroken
from huep import audit

_SUBJECT = "broadcast "


@dataclass(frozen=True)
class Remembered:
    """Where a chain ended, by the word of the audit log."""

    seq: int
    """Of the entry in the audit log."""
    act: str
    head: Head


def act_of(bot: str, number: int, head: Head, actor: str, verb: str, details: Mapping[str, object]) -> audit.Act:
    """What `actor` did to an announcement whose chain now ends with `head`."""
    chain = {"bot": bot, "entries": head.entries, "hash": head.hash.hex()}
    return audit.Act(actor, f"broadcast.{verb}", f"{_SUBJECT}{number}", {**details, "chain": chain})


def remembered(log: Iterable[audit.Entry], bot: str) -> Mapping[int, Sequence[Remembered]]:
    """Follow the audit log to its end; returns what it remembers of each announcement of `bot`, by its number.

    Raises:
        ChainBroken: the log itself was changed.
        LedgerBroken: an entry tells of a chain as HueP never does.
    """
    found: dict[int, list[Remembered]] = {}

    def listening() -> Iterator[audit.Entry]:
        for entry in log:
            if entry.act.startswith("broadcast.") and (known := _told(entry, bot)) is not None:
                found.setdefault(int(entry.subject.removeprefix(_SUBJECT)), []).append(known)
            yield entry

    audit.verify(listening())
    return found


def _told(entry: audit.Entry, bot: str) -> Remembered | None:
    """None where it tells of no chain, as before HueP wrote heads, or of another bot's."""
    try:
        chain = json.loads(entry.details).get("chain")
        if chain is None or chain["bot"] != bot or not entry.subject.removeprefix(_SUBJECT).isdecimal():
            return None
        return Remembered(entry.seq, entry.act, Head(int(chain["entries"]), bytes.fromhex(chain["hash"])))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise LedgerBroken(
            f"Audit entry {entry.seq} ({entry.act} of {entry.subject}) was not written by HueP: find out who did."
        ) from error


def compare(number: int, entries: Iterable[Entry], heads: Iterable[Remembered]) -> None:
    """Whether a chain leads through each head of it that the audit log remembers.

    Raises:
        LedgerBroken: says where they differ first.
    """
    hashes = {entry.seq: entry.hash for entry in entries}
    for known in heads:
        if hashes.get(known.head.entries) != known.head.hash:
            what = "is not the one" if known.head.entries in hashes else "is gone, the one"
            raise LedgerBroken(
                f"Announcement {number}: entry {known.head.entries} {what} that audit entry {known.seq} ({known.act}) "
                "remembers; the chain was computed anew from outside."
            )
