"""Guests: people outside the register, each with an account for as long as a leader sponsors them."""

from huep.migrations.scripts import run

revision = "0003"
down_revision = "0002"

TABLES = """
create table register.guests (
  person_key uuid not null,
  sponsor_key uuid not null,
  organisation varchar not null,
  reason varchar not null,
  starts_on date not null,
  ends_on date not null,
  added_at timestamptz not null,
  added_by varchar not null,
  ended_at timestamptz,
  ended_by varchar,
  primary key (person_key),
  foreign key(person_key) references register.people (person_key),
  foreign key(sponsor_key) references register.people (person_key),
  constraint guest_is_forward check (ends_on >= starts_on)
);
create index ix_register_guests_sponsor_key on register.guests (sponsor_key);
comment on column register.guests.ends_on is 'the last day on which the guest may use the account';
comment on column register.guests.ended_at is 'when the sponsorship was ended before its day; null while it runs';
"""

# Bots know guests by directory.people, where a guest is somebody without a post; who sponsors them is HR's own.
RIGHTS = """
grant select, insert, update, delete on register.guests to huep_hr;
"""


def upgrade() -> None:
    """Create the table of guests, and let the provisioner's role at it."""
    run(TABLES, RIGHTS)
