"""The provisioner's own tables, in the schema `hr`: snapshots, plans, approvals, runs; no other role reads them."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Unicode,
    UniqueConstraint,
    Uuid,
)

HR = MetaData(schema="hr")

snapshots = Table(
    "snapshots",
    HR,
    Column("snapshot_id", Uuid, primary_key=True),
    Column("source", String, nullable=False, comment="name of the source: files, postgres, rest, scim"),
    Column("sha256", String, nullable=False),
    Column("exported_at", DateTime(timezone=True), nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("people", Integer, nullable=False),
    Column("units", Integer, nullable=False),
    Column("quarantined_rows", Integer, nullable=False),
    Column("state", String, nullable=False, comment="accepted, parked or withdrawn"),
    Column("reasons", String, nullable=False, comment="JSON: why it is parked"),
    Column(
        "content",
        LargeBinary,
        comment="the tables as read, compressed; null once expired, or where an earlier snapshot has the same sha256",
    ),
    Column("shape", String, comment="JSON of what it looks like as a whole, for comparison; null once expired"),
    Column("decided_at", DateTime(timezone=True), comment="when it was accepted"),
    UniqueConstraint("source", "sha256", "exported_at", name="snapshot_once"),
)

quarantine = Table(
    "quarantine",
    HR,
    Column("snapshot_id", ForeignKey(snapshots.c.snapshot_id, ondelete="cascade"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("source", String, nullable=False),
    Column("row", Integer, nullable=False),
    Column("column_name", String, nullable=False),
    Column("value", String, nullable=False),
    Column("reason", String, nullable=False, comment="JSON of a message and its arguments"),
    Column("officer_code", String),
)

missing = Table(
    "missing",
    HR,
    Column("person_key", Uuid, primary_key=True),
    Column("first_missed_at", DateTime(timezone=True), nullable=False),
    Column("snapshots", Integer, nullable=False, comment="whole snapshots in a row without this person"),
    Column("last_snapshot_id", Uuid, nullable=False),
)

twins = Table(
    "twins",
    HR,
    Column("code_one", String, primary_key=True),
    Column("code_other", String, primary_key=True, comment="the greater of the two codes"),
    Column("same", Boolean, nullable=False, comment="whether a human said that both are one person"),
    Column("decided_by", String, nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False),
)

plans = Table(
    "plans",
    HR,
    Column("plan_hash", String, primary_key=True),
    Column("kind", String, nullable=False, comment="register, undo or person"),
    Column("snapshot_id", Uuid),
    Column("undoes", Uuid, comment="the run that it takes back"),
    Column("content", LargeBinary, nullable=False, comment="canonical JSON, compressed"),
    Column("trips", String, nullable=False, comment="JSON: which limits it is over"),
    Column("actor", String, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("state", String, nullable=False, comment="parked, done or withdrawn"),
)

officers = Table(
    "officers",
    HR,
    Column("officer", String, primary_key=True, comment="officer code of the HR officer"),
    Column("full_name", String, nullable=False),
    Column("public_key", String, nullable=False, unique=True, comment="Ed25519, unpadded base64"),
    Column("enrolled_at", DateTime(timezone=True), nullable=False),
    Column("enrolled_by", String, nullable=False, comment="the officers who signed it in, by spaces; founders: empty"),
    Column("removed_at", DateTime(timezone=True)),
)

approvals = Table(
    "approvals",
    HR,
    Column("subject", String, primary_key=True, comment="snapshot, plan or officer"),
    Column("subject_hash", String, primary_key=True),
    Column("officer", ForeignKey(officers.c.officer), primary_key=True),
    Column("statement", String, nullable=False, comment="the canonical JSON that was signed"),
    Column("signature", String, nullable=False, comment="Ed25519, unpadded base64"),
    Column("signed_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)

runs = Table(
    "runs",
    HR,
    Column("run_id", Uuid, primary_key=True),
    Column("plan_hash", String, nullable=False),
    Column("register_sha256", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Column("kind", String, nullable=False, server_default="register", comment="register, undo or person"),
    Column("approved", Boolean, nullable=False, server_default="false", comment="whether two officers approved it"),
    Column("undoes", Uuid, comment="the run that it takes back"),
)

run_actions = Table(
    "run_actions",
    HR,
    Column("run_id", ForeignKey(runs.c.run_id), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("action", String, nullable=False, comment="canonical JSON of one action of the plan"),
    Column("state", String, nullable=False, comment="open, done or failed"),
    Column("error", String),
    Column("name", String, nullable=False, server_default="", comment="the action's name"),
    Column("unit_code", String, comment="the unit by which the guard counts it"),
    Column("idempotency_key", String, unique=True, comment="SHA-256 of run and number: the same act is never two"),
    Column("settled_at", DateTime(timezone=True)),
    Index("run_actions_settled", "settled_at"),
)

hints = Table(
    "hints",
    HR,
    Column("event_id", String, primary_key=True, comment="given by the sender of the webhook: handled once"),
    Column("about", String, nullable=False, comment="an officer code, or * for the whole register"),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("settled_at", DateTime(timezone=True)),
    Column("state", String, nullable=False, comment="open, done or failed"),
    Column("outcome", String, comment="what came of it, in words"),
    Index("hints_open", "state", "received_at"),
)

schedule = Table(
    "schedule",
    HR,
    Column("id", Unicode(191), primary_key=True, comment="laid out by APScheduler's SQLAlchemyJobStore"),
    Column("next_run_time", Float(25), index=True),
    Column("job_state", LargeBinary, nullable=False),
)

scim_resources = Table(
    "scim_resources",
    HR,
    Column("resource_id", Uuid, primary_key=True),
    Column("kind", String, nullable=False, comment="User or Group"),
    Column("name", String, nullable=False, comment="what must be unique: userName, folded; of the rest the id"),
    Column("code", String, comment="officer code or unit code"),
    Column("external_id", String),
    Column("content", String, nullable=False, comment="the resource as JSON"),
    Column("version", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("modified_at", DateTime(timezone=True), nullable=False),
    Column("left_on", Date, comment="last day of somebody set inactive or deleted, or of a unit that was deleted"),
    Column("deleted", Boolean, nullable=False, comment="gone for SCIM; kept so that the register says who left"),
    UniqueConstraint("kind", "name", name="scim_name_once"),
    UniqueConstraint("kind", "code", name="scim_code_once"),
)

readings = Table(
    "readings",
    HR,
    Column("source", String, primary_key=True, comment="kind of the source: files, postgres, rest, scim"),
    Column("read_at", DateTime(timezone=True), nullable=False, comment="when the service last read the whole register"),
    Column("held", Boolean, nullable=False, comment="whether it was refused or parked: nobody is let in or out by it"),
)

scim_changes = Table(
    "scim_changes",
    HR,
    Column("store", String, primary_key=True, comment="scim: there is one"),
    Column("changed_at", DateTime(timezone=True), nullable=False, comment="last write, or last trace forgotten"),
)

source_reads = Table(
    "source_reads",
    HR,
    Column("source", String, primary_key=True),
    Column("etag", String, comment="of a REST source's last whole answer"),
    Column("content", LargeBinary, comment="that answer, compressed, for when it has not changed"),
    Column("read_at", DateTime(timezone=True), nullable=False),
)

activation_codes = Table(
    "activation_codes",
    HR,
    Column("person_key", Uuid, primary_key=True),
    Column("code_hash", String, nullable=False, comment="scrypt, with its salt and costs"),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("issued_by", String, nullable=False),
    Column("used_at", DateTime(timezone=True)),
)
