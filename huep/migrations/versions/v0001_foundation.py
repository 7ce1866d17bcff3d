"""The directory, the provisioner's journal, the bots' preferences and the audit chain.

Roles exist before this runs; `huep.stack` creates them with their passwords.
"""

from huep.migrations.scripts import run

revision = "0001"
down_revision = None

TABLES = """
create schema register;
create table register.memberships (
  room_id varchar not null,
  user_id varchar not null,
  wanted boolean not null,
  done boolean not null,
  urgent boolean not null,
  primary key (room_id, user_id)
);
create index memberships_open on register.memberships (done, urgent);
comment on column register.memberships.wanted is 'whether the register puts this person in this room';
comment on column register.memberships.done is 'whether Synapse was brought to what is wanted';
comment on column register.memberships.urgent is 'carried out before the rest';
create table register.people (
  person_key uuid not null,
  officer_code varchar not null,
  full_name varchar not null,
  folded_name varchar not null,
  birth_date date,
  email varchar,
  retires_on date,
  leaves_on date,
  primary key (person_key),
  unique (officer_code)
);
create index ix_register_people_folded_name on register.people (folded_name);
comment on column register.people.leaves_on is 'last day of service (ngày làm việc cuối cùng); null while in service';
create table register.units (
  unit_code varchar not null,
  primary key (unit_code)
);
create table register.absences (
  person_key uuid not null,
  valid_from date not null,
  valid_to date,
  kind varchar not null,
  primary key (person_key, valid_from),
  foreign key(person_key) references register.people (person_key)
);
create table register.accounts (
  person_key uuid not null,
  user_id varchar not null,
  display_name varchar not null,
  locked boolean not null,
  lock_owner varchar,
  created_at timestamptz default now() not null,
  primary key (person_key),
  foreign key(person_key) references register.people (person_key),
  unique (user_id)
);
comment on column register.accounts.lock_owner is 'who locked: ''hr'', or a person''s user ID for a security lock';
create table register.posts (
  post_id serial not null,
  person_key uuid not null,
  unit_code varchar not null,
  position_code varchar not null,
  position varchar not null,
  standing varchar not null,
  rank varchar not null,
  kind varchar not null,
  valid_from date not null,
  valid_to date,
  primary key (post_id),
  constraint post_is_forward check (valid_to is null or valid_to > valid_from),
  foreign key(person_key) references register.people (person_key),
  foreign key(unit_code) references register.units (unit_code)
);
create index ix_register_posts_person_key on register.posts (person_key);
create index ix_register_posts_position_code on register.posts (position_code);
create index posts_by_unit on register.posts (unit_code, standing);
create table register.roles (
  person_key uuid not null,
  role varchar not null,
  primary key (person_key, role),
  foreign key(person_key) references register.people (person_key)
);
create table register.unit_periods (
  unit_code varchar not null,
  valid_from date not null,
  valid_to date,
  parent_code varchar,
  name varchar not null,
  short_name varchar not null,
  kind varchar not null,
  level integer not null,
  primary key (unit_code, valid_from),
  constraint unit_period_is_forward check (valid_to is null or valid_to > valid_from),
  foreign key(unit_code) references register.units (unit_code),
  foreign key(parent_code) references register.units (unit_code)
);
create index unit_periods_by_parent on register.unit_periods (parent_code);
create table register.unit_rooms (
  unit_code varchar not null,
  purpose varchar not null,
  room_id varchar not null,
  moderators varchar default '' not null,
  primary key (unit_code, purpose),
  foreign key(unit_code) references register.units (unit_code),
  unique (room_id)
);
comment on column register.unit_rooms.purpose is 'space, announcements or discussion';
comment on column register.unit_rooms.moderators is 'localparts that last got a moderator''s power, by spaces';
create schema hr;
create table hr.runs (
  run_id uuid not null,
  plan_hash varchar not null,
  register_sha256 varchar not null,
  actor varchar not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  primary key (run_id)
);
create table hr.run_actions (
  run_id uuid not null,
  number integer not null,
  action varchar not null,
  state varchar not null,
  error varchar,
  primary key (run_id, number),
  foreign key(run_id) references hr.runs (run_id)
);
comment on column hr.run_actions.action is 'canonical JSON of one action of the plan';
comment on column hr.run_actions.state is 'open, done or failed';
"""

VIEWS = """
create schema directory;

create view directory.people as
  select p.person_key, p.officer_code, p.full_name, p.folded_name, p.leaves_on,
         a.user_id, coalesce(a.locked, false) as locked
  from register.people p left join register.accounts a using (person_key);
create view directory.posts as select * from register.posts;
create view directory.unit_periods as select * from register.unit_periods;
create view directory.absences as select * from register.absences;
create view directory.roles as select * from register.roles;
create view directory.unit_rooms as select * from register.unit_rooms;
"""

BOTS = """
create schema bots;
create table bots.preferences (
  user_id text primary key,
  locale text not null check (locale in ('vi', 'en'))
);
"""

# Each text field goes into the digest with its length before it, so that no two entries share one encoding.
AUDIT = """
create schema audit;
create table audit.entries (
  seq bigint primary key,
  at timestamptz not null,
  actor text not null,
  act text not null,
  subject text not null,
  details text not null,
  previous_hash bytea not null,
  hash bytea not null
);

-- Writers take turns on a table of its own: the insert already holds a lesser lock on audit.entries, and two writers
-- who both want to raise theirs would wait for each other.
create table audit.turn ();

create function audit.field(value text) returns bytea language sql immutable as
  $$ select convert_to(octet_length(convert_to(value, 'UTF8'))::text || ':' || value, 'UTF8') $$;

create function audit.digest(e audit.entries) returns bytea language sql immutable as $$
  select sha256(
    e.previous_hash || audit.field(e.seq::text)
    || audit.field(to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
    || audit.field(e.actor) || audit.field(e.act) || audit.field(e.subject) || audit.field(e.details))
$$;

create function audit.chain() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
declare
  last record;
begin
  lock table audit.turn in exclusive mode;
  select seq, hash into last from audit.entries order by seq desc limit 1;
  new.seq := coalesce(last.seq, 0) + 1;
  new.previous_hash := coalesce(last.hash, sha256(''::bytea));
  new.at := clock_timestamp();
  new.hash := audit.digest(new);
  return new;
end $$;

create function audit.refuse() returns trigger language plpgsql as
  $$ begin raise exception 'the audit log only grows'; end $$;

create trigger chain before insert on audit.entries for each row execute function audit.chain();
create trigger keep before update or delete on audit.entries for each row execute function audit.refuse();
create trigger keep_all before truncate on audit.entries for each statement execute function audit.refuse();
"""

RIGHTS = """
revoke all on schema public from public;
grant usage on schema register, hr, directory, audit to huep_hr;
grant select, insert, update, delete on all tables in schema register, hr to huep_hr;
grant usage on all sequences in schema register, hr to huep_hr;
grant select on all tables in schema directory, audit to huep_hr;
grant execute on function audit.digest(audit.entries) to huep_hr;

grant usage on schema directory, bots to huep_bots;
grant select on all tables in schema directory to huep_bots;
grant select, insert, update, delete on all tables in schema bots to huep_bots;

grant usage on schema audit to huep_audit;
grant insert (actor, act, subject, details) on audit.entries to huep_audit;
"""


def upgrade() -> None:
    """Create every schema, table, view, trigger and right."""
    run(TABLES, VIEWS, BOTS, AUDIT, RIGHTS)
