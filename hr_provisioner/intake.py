"""From an opened source to a register that may be acted upon: read, judged beside the last one, kept."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Connection

from hr_provisioner.approvals import plan_store
from hr_provisioner.approvals import signatures as approvals
from hr_provisioner.approvals.signing import Matter
from hr_provisioner.current import Current
from hr_provisioner.language import OfficerError
from hr_provisioner.records import Register
from hr_provisioner.register.register import register_of
from hr_provisioner.snapshots import acceptance as snapshot_acceptance
from hr_provisioner.snapshots import store as snapshot_store
from hr_provisioner.snapshots.judgement import Parked, judge
from hr_provisioner.snapshots.missing import missing_if_accepted
from hr_provisioner.snapshots.presence import presence_of
from hr_provisioner.snapshots.shape import Shape, shape_of, snapshot_hash
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
    waits = timedelta(hours=place.settings.hr.approval_hours)
    with place.hr.connect() as connection:
        shape = snapshot_store.as_parked(connection, shape, now, waits=waits)
        last = snapshot_store.last_accepted(connection, shape.source)
        believed_at = snapshot_store.believed_at(connection, shape)
        verdict = judge(shape, last, place.settings.hr.snapshots, now, believed_at)
        doubts = verdict.reasons if isinstance(verdict, Parked) else ()
        if doubts and approvals.is_approved(
            connection, place.settings.server_name, Matter.SNAPSHOT, snapshot_hash(shape), now
        ):
            doubts = ()
    return Reading(register, shape, doubts)


def keep(place: Workplace, source: Source, reading: Reading) -> UUID:
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


def acceptance(
    place: Workplace, snapshot_id: UUID, register: Register, current: Current
) -> Callable[[Connection], None]:
    """Lets a reading without doubts count, in a transaction of somebody else's: whom it does not mention is missing.

    Parked plans of earlier readings end there. Raises SnapshotOvertaken there.
    """
    presence = presence_of(register, current)

    def accept(connection: Connection) -> None:
        snapshot_acceptance.accept(connection, snapshot_id, presence, place.now())
        plan_store.withdraw_overtaken(connection, place.audit, actor="huep hr")

    return accept


def accept_alone(place: Workplace, accept: Callable[[Connection], None]) -> None:
    """Let a reading count from which nothing follows."""
    with place.hr.begin() as connection:
        accept(connection)


def foresee(place: Workplace, reading: Reading, current: Current) -> Current:
    """`current` with absences counted as they will be once `reading` is accepted; nothing is written."""
    presence = presence_of(reading.register, current)
    with place.hr.connect() as connection:
        missing = missing_if_accepted(connection, reading.shape, presence, place.now())
    return replace(current, missing=missing)


def _one_sentence(reasons: tuple[Message, ...]) -> Message:
    first, *others = reasons
    for other in others:
        first = Message.of("guard-and", first=first, second=other)
    return first
