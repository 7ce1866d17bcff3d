"""The sections `[hr]` of huep.toml: where the register comes from, and where a plan stops being believable."""

from datetime import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field

from huep.directory.model import AbsenceKind
from huep.sections import Port, Section

Share = Annotated[float, Field(gt=0, le=1)]
Count = Annotated[int, Field(ge=0)]


class SourceKind(StrEnum):
    """Where the service reads the register when it reads it by itself."""

    FILES = "files"
    POSTGRES = "postgres"
    REST = "rest"
    SCIM = "scim"


class ColumnSettings(Section):
    """What this province's export calls its columns: heading of the form to heading of the export."""

    posts: dict[str, str] = Field(default_factory=dict)
    """`"Mã cán bộ" = "SO_HIEU_CB"`: for headings that no built-in alias knows."""
    units: dict[str, str] = Field(default_factory=dict)


class SourceSettings(Section):
    """`[hr.source]`; secrets (the view's password, the REST token) stand in the state folder's secrets."""

    kind: SourceKind = SourceKind.FILES
    path: Path | None = None
    """With `files`: the folder or workbook that the export writes to."""
    host: str = "127.0.0.1"
    port: Port = 5432
    database: str = ""
    user: str = ""
    posts_view: str = "can_bo"
    units_view: str = "don_vi"
    """With `postgres`: the views, with a schema before a dot where they need one."""
    url: str = ""
    """With `rest`: the address of the API, below which `posts_path` and `units_path` lie."""
    posts_path: str = "can-bo"
    units_path: str = "don-vi"
    page_size: Annotated[int, Field(ge=1, le=10_000)] = 1000
    columns: ColumnSettings = ColumnSettings()


class LimitSettings(Section):
    """`[hr.limits]`: how much may change in 24 hours before two officers must approve; count and share, the larger."""

    locks: Count = 25
    lock_share: Share = 0.005
    unit_lock_share: Share = 0.2
    """Of one unit, however few that is, where it has more than `unit_size` people."""
    unit_size: Count = 20
    unlocks: Count = 25
    unlock_share: Share = 0.005
    renames: Count = 50
    rename_share: Share = 0.01
    move_share: Share = 0.05
    create_share: Share = 0.05
    """Not counted while the province is founded: before the first account."""
    updates: Count = 50
    update_share: Share = 0.05
    """People whose facts change: birth date, e-mail, leave, last day."""
    units: Count = 5
    unit_share: Share = 0.02
    """Units changed, dissolved or withdrawn; the share is of the units that stand."""
    dismissals_a_day: Annotated[int, Field(ge=0, le=5)] = 5
    """Urgent dismissals that run though the rest of a plan is parked."""


class SnapshotSettings(Section):
    """`[hr.snapshots]`: when a register is believed to be whole, and how long it is kept."""

    row_band: Share = 0.02
    """How far the count of rows may be from the last accepted snapshot's."""
    quarantine_share: Share = 0.01
    absent_snapshots: Annotated[int, Field(ge=3)] = 3
    absent_hours: Annotated[int, Field(ge=72)] = 72
    """Absence locks only after so many whole snapshots and so many hours, both."""
    keep_days: Annotated[int, Field(ge=1, le=365)] = 30
    """Snapshots and quarantined rows are deleted after this; Law 91/2025/QH15 asks for an end."""


class ServiceSettings(Section):
    """`[hr.service]`: schedule and webhook."""

    enabled: bool = True
    bind: str = "127.0.0.1"
    port: Port = 8010
    nightly_at: time = time(0, 15)
    """Full run, in Asia/Ho_Chi_Minh; soon after midnight, when yesterday's last days are over."""
    rooms_every_min: Annotated[int, Field(ge=1, le=1_440)] = 10
    """How often rooms are looked at unasked: graces run out, people log in for the first time."""
    webhook_addresses: tuple[str, ...] = ("127.0.0.1", "::1")
    """Who may call the webhook and SCIM: addresses or networks."""
    webhook_tolerance_s: Annotated[int, Field(ge=10, le=3600)] = 300


class ActivationSettings(Section):
    """`[hr.activation]`: the one-time codes with which people set their first password."""

    valid_days: Annotated[int, Field(ge=1, le=90)] = 14
    page: str | None = None
    """Where the QR code on a slip leads, the account's name behind it; by default the page of our own Synapse."""


class GuestSettings(Section):
    """`[hr.guests]`: people outside the register whom a leader sponsors."""

    longest_days: Annotated[int, Field(ge=1, le=366)] = 90
    """How far ahead the end of a sponsorship may lie, when it begins and each time that it is extended."""


class HrSettings(Section):
    """`[hr]`."""

    display_name: str = "{name} · {unit}"
    """`{name}`, `{unit}` (short name of the main post's unit), `{position}`; only the name where there is no unit."""
    protected: tuple[str, ...] = ()
    """Localparts of break-glass accounts; HR never touches them."""
    long_leave_locks: tuple[AbsenceKind, ...] = ()
    """Kinds of absence during which the account is locked; by default none is."""
    approval_hours: Annotated[int, Field(ge=1, le=24 * 14)] = 72
    """How long a parked plan or snapshot, and each signature under it, can be acted upon."""
    source: SourceSettings = SourceSettings()
    limits: LimitSettings = LimitSettings()
    snapshots: SnapshotSettings = SnapshotSettings()
    service: ServiceSettings = ServiceSettings()
    activation: ActivationSettings = ActivationSettings()
    guests: GuestSettings = GuestSettings()
