"""The directory, the provisioner's journal, the bots' preferences and the audit chain.

Roles exist before this runs; `huep.stack` creates them with their passwords.
"""

from alembic import op

from huep.directory.tables import HR, REGISTER

revision = "0001"
down_revision = None

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
    connection = op.get_bind()
    for metadata in (REGISTER, HR):
        op.execute(f"create schema {metadata.schema}")
        metadata.create_all(connection)
    for script in (VIEWS, BOTS, AUDIT, RIGHTS):
        connection.exec_driver_sql(script)
