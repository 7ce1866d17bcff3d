"""Snapshots, approvals and undo: what the provisioner keeps beside its journal; grace and successors for rooms."""

from huep.migrations.scripts import run

revision = "0002"
down_revision = "0001"

CHANGES = """
alter table register.accounts add lock_reason varchar, add locked_at timestamptz, add hr_lock_reason varchar;
alter table register.unit_periods add successors varchar default '' not null;
alter table register.unit_rooms
  add room_name varchar default '' not null, add closed_on date, add topic varchar default '' not null,
  add parent_id varchar, add join_rule varchar, add replaced_by varchar default '' not null;
alter table register.memberships add due_on date;
alter table hr.runs
  add kind varchar default 'register' not null, add approved boolean default false not null, add undoes uuid;
alter table hr.run_actions
  add name varchar default '' not null, add unit_code varchar, add idempotency_key varchar unique,
  add settled_at timestamptz;
create index run_actions_settled on hr.run_actions (settled_at);
create index entries_of_parked_plans on audit.entries (act) where act = 'plan.park';
"""

TABLES = """
create table hr.activation_codes (
  person_key uuid not null,
  code_hash varchar not null,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  issued_by varchar not null,
  used_at timestamptz,
  primary key (person_key)
);
create table hr.hints (
  event_id varchar not null,
  about varchar not null,
  received_at timestamptz not null,
  settled_at timestamptz,
  state varchar not null,
  outcome varchar,
  primary key (event_id)
);
create index hints_open ON hr.hints (state, received_at);
create table hr.missing (
  person_key uuid not null,
  first_missed_at timestamptz not null,
  snapshots integer not null,
  last_snapshot_id uuid not null,
  primary key (person_key)
);
create table hr.officers (
  officer varchar not null,
  full_name varchar not null,
  public_key varchar not null,
  enrolled_at timestamptz not null,
  enrolled_by varchar not null,
  removed_at timestamptz,
  primary key (officer),
  unique (public_key)
);
create table hr.plans (
  plan_hash varchar not null,
  kind varchar not null,
  snapshot_id uuid,
  undoes uuid,
  content bytea not null,
  trips varchar not null,
  actor varchar not null,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  state varchar not null,
  primary key (plan_hash)
);
create table hr.schedule (
  id varchar(191) not null,
  next_run_time double precision,
  job_state bytea not null,
  primary key (id)
);
create index ix_hr_schedule_next_run_time on hr.schedule (next_run_time);
create table hr.scim_changes (
  store varchar not null,
  changed_at timestamptz not null,
  primary key (store)
);
create table hr.scim_resources (
  resource_id uuid not null,
  kind varchar not null,
  name varchar not null,
  code varchar,
  external_id varchar,
  content varchar not null,
  version integer not null,
  created_at timestamptz not null,
  modified_at timestamptz not null,
  left_on date,
  deleted boolean not null,
  primary key (resource_id),
  constraint scim_name_once unique (kind, name),
  constraint scim_code_once unique (kind, code)
);
create table hr.snapshots (
  snapshot_id uuid not null,
  source varchar not null,
  sha256 varchar not null,
  exported_at timestamptz not null,
  received_at timestamptz not null,
  rows integer not null,
  people integer not null,
  units integer not null,
  quarantined_rows integer not null,
  state varchar not null,
  reasons varchar not null,
  content bytea,
  shape varchar,
  decided_at timestamptz,
  primary key (snapshot_id),
  constraint snapshot_once unique (source, sha256, exported_at)
);
create table hr.readings (
  source varchar not null,
  read_at timestamptz not null,
  held boolean not null,
  primary key (source)
);
create table hr.source_reads (
  source varchar not null,
  etag varchar,
  content bytea,
  read_at timestamptz not null,
  primary key (source)
);
create table hr.twins (
  code_one varchar not null,
  code_other varchar not null,
  same boolean not null,
  decided_by varchar not null,
  decided_at timestamptz not null,
  primary key (code_one, code_other)
);
create table hr.approvals (
  subject varchar not null,
  subject_hash varchar not null,
  officer varchar not null,
  statement varchar not null,
  signature varchar not null,
  signed_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (subject, subject_hash, officer),
  foreign key(officer) references hr.officers (officer)
);
create table hr.quarantine (
  snapshot_id uuid not null,
  number integer not null,
  source varchar not null,
  row integer not null,
  column_name varchar not null,
  value varchar not null,
  reason varchar not null,
  officer_code varchar,
  primary key (snapshot_id, number),
  foreign key(snapshot_id) references hr.snapshots (snapshot_id) ON DELETE cascade
);
"""

# The view was made with `select *`, which stands for the columns of that day.
VIEWS = """
create or replace view directory.unit_periods as select * from register.unit_periods;
create or replace view directory.unit_rooms as select * from register.unit_rooms;
"""

RIGHTS = """
grant select, insert, update, delete on all tables in schema hr to huep_hr;
"""


def upgrade() -> None:
    """Widen the old tables, create the new ones, and let the provisioner's role at them."""
    run(CHANGES, TABLES, VIEWS, RIGHTS)
