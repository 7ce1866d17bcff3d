"""Whether the register as it lies there may lock and let in single people, or its dismissals alone.

A register that would be refused or parked as a whole must not act person by person. Files are judged where they have
changed since they were last accepted; of any other source, which takes long to read, the last full reading counts.
"""

from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from hr_provisioner.intake import read_and_judge
from hr_provisioner.language import OfficerError
from hr_provisioner.snapshots import store as snapshot_store
from hr_provisioner.snapshots.store import SnapshotState
from hr_provisioner.sources import Origin, Source
from hr_provisioner.tables import readings, snapshots
from hr_provisioner.workplace import Workplace
from huep.hr_settings import SourceKind


class Belief:
    """Remembers what became of the last files that were judged, for each judgement reads them whole."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self._judged: tuple[Origin, bool] | None = None

    def holds(self, source: Source) -> bool:
        """Whether what `source` says of single people counts. Raises SourceError."""
        kind = self._place.settings.hr.source.kind
        if kind is not SourceKind.FILES:
            with self._place.hr.connect() as connection:
                return not is_held(connection, kind)
        origin = source.origin
        with self._place.hr.connect() as connection:
            last = snapshot_store.last_accepted(connection, kind.value)
        if last is not None and last.sha256 == origin.sha256:
            return True
        if self._judged is None or self._judged[0] != origin:
            self._judged = origin, self._would_count(source)
        return self._judged[1]

    def _would_count(self, source: Source) -> bool:
        try:
            return not read_and_judge(self._place, source).doubts
        except OfficerError:
            return False


def note(connection: Connection, kind: SourceKind, *, held: bool, now: datetime) -> None:
    """Write down what became of a full reading: whether the register was refused or parked."""
    values = {"read_at": now, "held": held}
    statement = insert(readings).values(source=kind.value, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=[readings.c.source], set_=values))


def is_held(connection: Connection, kind: SourceKind) -> bool:
    """Whether the last full reading was refused or parked, and none was accepted since, whoever read it."""
    accepted_since = (
        select(snapshots.c.snapshot_id)
        .where(
            snapshots.c.source == kind.value,
            snapshots.c.state == SnapshotState.ACCEPTED.value,
            snapshots.c.decided_at > readings.c.read_at,
        )
        .exists()
    )
    query = select(readings.c.source).where(readings.c.source == kind.value, readings.c.held, ~accepted_since)
    return connection.execute(query).first() is not None
