"""For whom a plan does nothing, and why."""

from dataclasses import dataclass
from datetime import datetime

from hr_provisioner.planning.twins import Twins


@dataclass(frozen=True)
class Absent:
    """Somebody with an open account whom the register does not mention."""

    officer_code: str
    since: datetime | None
    """When the first whole snapshot without them was accepted; None where none was yet."""
    snapshots: int
    """How many whole snapshots in a row."""


@dataclass(frozen=True)
class LeftAlone:
    """Officer codes of people for whom nothing is done, by the reason."""

    frozen: tuple[str, ...] = ()
    """A row of theirs is quarantined, or names a unit that nobody knows."""
    absent: tuple[Absent, ...] = ()
    """They have an open account, the register does not mention them, and no edition of it said that they leave.

    Not for long enough to be locked, or somebody who may be the same person has appeared under another code.
    """
    without_post: tuple[str, ...] = ()
    """They have an open account and no post that holds today, and the register does not say that they left.

    The account stays open; the posts that ended end in the directory too.
    """
    awaiting: tuple[str, ...] = ()
    """They have no account yet, and no post that holds today, or are on long leave that locks."""
    protected: tuple[str, ...] = ()
    """The register would change something of theirs, and their account is out of HR's reach."""
    twins: tuple[Twins, ...] = ()
    """They look like somebody else under another code; a human decides (`huep hr twins`)."""
    moved_on: tuple[str, ...] = ()
    """Only in a plan that takes a run back: people and units (codes) that have changed since that run."""
