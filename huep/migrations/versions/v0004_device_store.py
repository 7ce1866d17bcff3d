"""The bots' encrypted devices: who owns each now, and their sealed rows."""

from huep.migrations.scripts import run

revision = "0004"
down_revision = "0003"

TABLES = """
create table bots.devices (
  number integer generated always as identity primary key,
  user_id text not null unique,
  generation bigint default 0 not null,
  owner text default '' not null,
  opened_at timestamptz,
  restored boolean default false not null
);
comment on column bots.devices.number is 'the second number of the owner''s advisory lock';
comment on column bots.devices.generation is 'one more with each owner; a write names its own';
comment on column bots.devices.owner is 'host and process that last became the owner';
comment on column bots.devices.restored is 'the rows came out of a backup, and others have gone on since';
create table bots.device_rows (
  device integer not null references bots.devices (number),
  kind text not null,
  name bytea not null,
  sealed bytea not null,
  written_at timestamptz default now() not null,
  primary key (device, kind, name)
);
comment on column bots.device_rows.name is 'keyed hash of what the row is about';
comment on column bots.device_rows.sealed is 'AES-256-GCM under the key in the state folder''s secrets';
"""

RIGHTS = """
grant select, insert, update, delete on bots.devices, bots.device_rows to huep_bots;
"""


def upgrade() -> None:
    """Create both tables, and let the bots' role at them."""
    run(TABLES, RIGHTS)
