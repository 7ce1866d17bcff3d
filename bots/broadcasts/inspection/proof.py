"""Whether announcements are what was written of them: their rows, their chains, and the audit log agree."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bots.broadcasts.ledger import Ledger, LedgerBroken, NoSuchBroadcast
from bots.broadcasts.ledger.witness import compare, remembered
from huep import audit


@dataclass(frozen=True)
class Proof:
    """What came out for one announcement."""

    number: int
    entries: int = 0
    head: str | None = None
    """Hash of the last entry, in hex."""
    unwritten: int = 0
    """Acknowledgements so young that no entry holds them yet."""
    witnesses: int = 0
    """Heads of its chain in the audit log."""
    fault: str | None = None
    """What does not agree first."""

    @property
    def holds(self) -> bool:
        return self.fault is None


def prove(ledger: Ledger, bot: str, log: Iterable[audit.Entry], number: int | None = None) -> Iterator[Proof]:
    """All announcements of `bot` that are there or should be, or the one of that number, the first first.

    The audit log is read to its end before any chain, so that no chain is behind it.

    Raises:
        ChainBroken: the audit log was changed.
        LedgerBroken: the audit log tells of a chain as HueP never does.
        NoSuchBroadcast: there is none of that number, and was none.
    """
    heads = remembered(log, bot)
    known = {*ledger.numbers(), *heads}
    if number is not None and number not in known:
        raise NoSuchBroadcast(number)
    for one in sorted(known) if number is None else (number,):
        witnesses = heads.get(one, ())
        try:
            checked = ledger.verify(one)
            compare(one, ledger.entries(one), witnesses)
        except LedgerBroken as error:
            yield Proof(one, witnesses=len(witnesses), fault=str(error))
        else:
            yield Proof(one, checked.entries, checked.head, checked.unwritten, len(witnesses))
