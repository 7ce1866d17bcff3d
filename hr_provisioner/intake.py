"""From an opened source to a register that may be acted upon: read, judged beside the last one, kept."""

from dataclasses import dataclass, replace
from datetime import timedelta

from hr_provisioner.approvals import signatures as approvals
from hr_provisioner.approvals.signing import Matter
from hr_provisioner.current import Current
from hr_provisioner.language import OfficerError
from hr_provisioner.records import Register
from hr_provisioner.register.register import register_of
from hr_provisioner.snapshots import store as snapshot_store
from hr_provisioner.snapshots.judgement import Parked, judge
from hr_provisioner.snapshots.presence import presence_of
from hr_provisioner.snapshots.shape import Shape, shape_of, snapshot_hash
from hr_provisioner.snapshots.store import SnapshotId
from hr_provisioner.sources import Source
from hr_provisioner.workplace import Workplace
from huep.catalogue import Message


class SnapshotParked(OfficerError):
    """The register waits for two officers; nothing of it was acted upon."""

    exit_code = 3

    def __init__(self, sha256: str, reasons: tuple[Message, ...]) -> None:
        super().__init__(Message.of("snapshot-parked", sha256=sha256[:12], why=_one_sentence(reasons)))
        self.sha256 = sha256
        self.reasons = reasons


@dataclass(frozen=True)
class Reading:
    """One reading of the register, judged."""

    register: Register
    shape: Shape
    doubts: tuple[Message, ...]
    """Why it waits for two officers; none where it is believed, or approved."""

    @property
    def sha256(self) -> str:
        """What officers approve."""
        return snapshot_hash(self.shape)


def read_and_judge(place: Workplace, source: Source) -> Reading:
    """Read and validate `source`; nothing is written.

    Raises:
        SourceError: it cannot be read.
        SnapshotRefused: it is not whole, or not of this place and time.
    """
    now = place.now()
    register = register_of(source)
    shape = shape_of(source, register, now)
    with place.hr.connect() as connection:
        last = snapshot_store.last_accepted(connection, shape.source)
        verdict = judge(shape, last, place.settings.hr.snapshots, now)
        doubts = verdict.reasons if isinstance(verdict, Parked) else ()
        if doubts and approvals.is_approved(
            connection, place.settings.server_name, Matter.SNAPSHOT, snapshot_hash(shape), now
        ):
            doubts = ()
    return Reading(register, shape, doubts)


def keep(place: Workplace, source: Source, reading: Reading) -> SnapshotId:
    """Store the reading, with its doubts where there are any; the same reading is stored once."""
    with place.hr.begin() as connection:
        return snapshot_store.keep_snapshot(
            connection,
            source,
            reading.register,
            reading.shape,
            Parked(reading.doubts),
            place.now(),
            waits=timedelta(hours=place.settings.hr.approval_hours),
        )


def accept(place: Workplace, snapshot_id: SnapshotId, register: Register, current: Current) -> None:
    """Let a reading without doubts count: whom it does not mention is missing once more. Raises SnapshotOvertaken."""
    with place.hr.begin() as connection:
        snapshot_store.accept(connection, snapshot_id, presence_of(register, current), place.now())


def foresee(place: Workplace, reading: Reading, current: Current) -> Current:
    """`current` with absences counted as they will be once `reading` is accepted; nothing is written."""
    presence = presence_of(reading.register, current)
    with place.hr.connect() as connection:
        missing = snapshot_store.missing_if_accepted(connection, reading.shape, presence, place.now())
    return replace(current, missing=missing)


def _one_sentence(reasons: tuple[Message, ...]) -> Message:
    first, *others = reasons
    for other in others:
        first = Message.of("guard-and", first=first, second=other)
    return first
