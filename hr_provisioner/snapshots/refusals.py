"""Why a register is not taken at all: each refusal is a type that carries the figures which an officer needs to act."""

from datetime import datetime, timedelta

from hr_provisioner.dates import moment
from hr_provisioner.language import OfficerError
from huep.catalogue import Message


class SnapshotRefused(OfficerError):
    """A register that nobody could rightly approve; nothing of it is stored or done."""

    exit_code = 3


class NothingIn(SnapshotRefused):
    """No row at all, or none of a person or of a unit that can be trusted: a view that suddenly shows nothing."""

    def __init__(self, rows: int, people: int, units: int) -> None:
        super().__init__(Message.of("snapshot-nothing-in", rows=rows, people=people, units=units))
        self.rows = rows
        self.people = people
        self.units = units


class Cut(SnapshotRefused):
    """Fewer or more rows than the source states, or a source that stopped before its end (`stated` is None)."""

    def __init__(self, rows: int, stated: int | None) -> None:
        if stated is None:
            super().__init__(Message.of("snapshot-not-ended", rows=rows))
        else:
            super().__init__(Message.of("snapshot-cut", rows=rows, stated=stated))
        self.rows = rows
        self.stated = stated


class OlderThanLast(SnapshotRefused):
    """The time of the export does not go forward; the same time with other content neither."""

    def __init__(self, exported_at: datetime, accepted: datetime) -> None:
        super().__init__(Message.of("snapshot-older", exported=moment(exported_at), accepted=moment(accepted)))
        self.exported_at = exported_at
        self.accepted = accepted


class FromTheFuture(SnapshotRefused):
    """Exported after now: accepted, it would keep every true register out until then."""

    def __init__(self, exported_at: datetime, now: datetime, tolerance: timedelta) -> None:
        minutes = int(tolerance.total_seconds() // 60)
        super().__init__(Message.of("snapshot-future", exported=moment(exported_at), now=moment(now), minutes=minutes))
        self.exported_at = exported_at
        self.now = now


class HeadingAgain(SnapshotRefused):
    """A row of headings among the data: two tables were pasted into one."""

    def __init__(self, table: str, row: int) -> None:
        super().__init__(Message.of("snapshot-heading-again", table=Message(table), row=str(row)))
        self.table = table
        self.row = row


class ColumnShifted(SnapshotRefused):
    """At least half of a column's values cannot be read: the cells stand under the wrong headings."""

    def __init__(self, table: str, column: str, faults: int, values: int) -> None:
        super().__init__(
            Message.of("snapshot-column-shifted", table=Message(table), column=column, faults=faults, values=values)
        )
        self.table = table
        self.column = column
        self.faults = faults
        self.values = values


class MonthFirst(SnapshotRefused):
    """Dates in American order: those after the twelfth are impossible, the others would be taken for other days."""

    def __init__(self, table: str, column: str, count: int) -> None:
        super().__init__(Message.of("snapshot-month-first", table=Message(table), column=column, count=count))
        self.table = table
        self.column = column
        self.count = count


class ColumnGone(SnapshotRefused):
    """A column that the last accepted register had is missing or empty."""

    def __init__(self, table: str, column: str, before: int) -> None:
        super().__init__(Message.of("snapshot-column-gone", table=Message(table), column=column, before=before))
        self.table = table
        self.column = column
        self.before = before


class Doubled(SnapshotRefused):
    """Many rows repeat others to the letter."""

    def __init__(self, repeated: int, rows: int) -> None:
        super().__init__(Message.of("snapshot-doubled", repeated=repeated, rows=rows))
        self.repeated = repeated
        self.rows = rows


class TwoProvinces(SnapshotRefused):
    """More than one unit of level 0."""

    def __init__(self, codes: tuple[str, ...]) -> None:
        super().__init__(Message.of("snapshot-two-provinces", count=len(codes), codes=", ".join(codes)))
        self.codes = codes


class UnitsVanished(SnapshotRefused):
    """Fewer than half of the last accepted register's units are listed."""

    def __init__(self, kept: int, before: int) -> None:
        super().__init__(Message.of("snapshot-units-vanished", kept=kept, before=before))
        self.kept = kept
        self.before = before


class OtherPeople(SnapshotRefused):
    """Fewer than half of the last accepted register's officer codes are listed."""

    def __init__(self, kept_percent: int) -> None:
        super().__init__(Message.of("snapshot-other-people", percent=kept_percent))
        self.kept_percent = kept_percent


class EverybodyLeft(SnapshotRefused):
    """Half of the province or more has left since the last accepted register."""

    def __init__(self, left: int, people: int, before: int) -> None:
        super().__init__(Message.of("snapshot-everybody-left", left=left, people=people, before=before))
        self.left = left
        self.people = people
        self.before = before
