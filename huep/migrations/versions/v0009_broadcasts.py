"""Announcements: what they said, whom they were for, who acknowledged them, and a chain of what happened to each."""

from huep.migrations.scripts import run

revision = "0009"
down_revision = "0008"

# Right after 60,000 rows were written nothing is known of them yet: of the indexes of broadcast_people only the primary
# key begins with the announcement's number, so that one person's row is never looked for among all of an announcement.
TABLES = """
create table bots.broadcasts (
  bot text not null,
  number integer not null,
  level text not null check (level in ('information', 'important', 'urgent')),
  state text not null check (state in ('awaiting', 'returned', 'sent', 'closed', 'withdrawn')),
  author_key uuid not null,
  approver_key uuid,
  origin text,
  draft bytea not null,
  version integer not null default 1,
  reason bytea,
  made_at timestamptz not null,
  sent_at timestamptz,
  deadline timestamptz,
  primary key (bot, number)
);
comment on column bots.broadcasts.bot is 'localpart of the bot''s account';
comment on column bots.broadcasts.draft is 'what stays as it was made: audience, author, the author''s room; sealed';
comment on column bots.broadcasts.reason is 'why it was sent back or withdrawn; sealed';
comment on column bots.broadcasts.deadline is 'null exactly where nothing is asked';
create index broadcasts_by_state on bots.broadcasts (bot, state, number);
create index broadcasts_by_author on bots.broadcasts (bot, author_key, number);

create table bots.broadcast_versions (
  bot text not null,
  number integer not null,
  version integer not null,
  content bytea not null,
  written_by text not null,
  written_at timestamptz not null,
  primary key (bot, number, version),
  foreign key (bot, number) references bots.broadcasts
);
comment on column bots.broadcast_versions.content is 'what it says, sealed';

create table bots.broadcast_people (
  bot text not null,
  number integer not null,
  person_key uuid not null,
  user_id text not null,
  full_name text not null,
  unit_code text not null,
  position_code text not null,
  position text not null,
  standing text not null,
  room_id text,
  owed_since timestamptz,
  joined_later boolean not null default false,
  successor_of uuid,
  released_at timestamptz,
  released text check (released in ('left', 'successor')),
  acknowledged_at timestamptz,
  means text check (means in ('reaction', 'word')),
  event_id text,
  late boolean not null default false,
  entry integer,
  seen_at timestamptz,
  primary key (bot, number, person_key),
  constraint released_for_a_reason check ((released_at is null) = (released is null)),
  constraint acknowledged_by_some_means check ((acknowledged_at is null) = (means is null))
);
comment on column bots.broadcast_people.unit_code is 'with the position: the post through which the person was meant';
comment on column bots.broadcast_people.owed_since is 'null where nothing is asked';
comment on column bots.broadcast_people.joined_later is 'came to it after it was sent';
comment on column bots.broadcast_people.successor_of is 'whose obligation passed on to this person';
comment on column bots.broadcast_people.released is 'left: no post any more, or locked; successor: it was the post''s';
comment on column bots.broadcast_people.entry is 'number of the entry that holds the acknowledgement; null until then';
comment on column bots.broadcast_people.seen_at is 'when a read receipt behind it was first known of: a lower bound';
create index broadcast_people_by_person on bots.broadcast_people (bot, person_key, number);
create index broadcast_people_by_account on bots.broadcast_people (bot, user_id, number);
create index broadcast_people_unwritten on bots.broadcast_people (bot, number)
  where acknowledged_at is not null and entry is null;

create table bots.broadcast_units (
  bot text not null,
  number integer not null,
  unit_code text not null,
  name text not null,
  parent_code text,
  level smallint not null,
  primary key (bot, number, unit_code)
);
comment on table bots.broadcast_units is 'the tree over the people of an announcement, as of when they came to it';

create table bots.broadcast_rooms (
  bot text not null,
  number integer not null,
  room_id text not null,
  unit_code text not null,
  everybody boolean not null,
  primary key (bot, number, room_id)
);
comment on column bots.broadcast_rooms.everybody is 'whether all who are in the room through the register are meant';

create table bots.broadcast_entries (
  bot text not null,
  number integer not null,
  seq integer not null,
  at timestamptz not null,
  actor text not null,
  act text not null,
  details text not null,
  previous_hash bytea not null,
  hash bytea not null,
  primary key (bot, number, seq)
);
comment on table bots.broadcast_entries is 'what happened to each announcement, a chain of hashes an announcement';

create table bots.broadcast_templates (
  bot text not null,
  owner_key uuid not null,
  name text not null,
  folded_name text not null,
  content bytea not null,
  kept_at timestamptz not null,
  primary key (bot, owner_key, folded_name)
);
comment on column bots.broadcast_templates.content is 'what an announcement made from it begins with, sealed';

create table bots.broadcast_lists (
  bot text not null,
  owner_key uuid not null,
  name text not null,
  folded_name text not null,
  people uuid[] not null,
  kept_at timestamptz not null,
  primary key (bot, owner_key, folded_name)
);

alter table bots.preferences add digest boolean not null default false;
comment on column bots.preferences.digest is 'wants announcements of the lowest level once a day, together';
"""

# The same lock is taken by whoever writes acknowledgements into the chain, before they read which ones are left.
CHAIN = """
create function bots.broadcast_turn(bot text, number integer) returns void language sql as
  $$ select pg_advisory_xact_lock(hashtextextended('broadcast ' || bot || ' ' || number, 0)) $$;

create function bots.broadcast_digest(e bots.broadcast_entries) returns bytea language sql immutable as $$
  select sha256(
    e.previous_hash || audit.field(e.bot) || audit.field(e.number::text) || audit.field(e.seq::text)
    || audit.field(to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
    || audit.field(e.actor) || audit.field(e.act) || audit.field(e.details))
$$;

create function bots.broadcast_chain() returns trigger
  language plpgsql security definer set search_path = pg_catalog as $$
declare
  last record;
begin
  perform bots.broadcast_turn(new.bot, new.number);
  select seq, hash into last from bots.broadcast_entries
    where bot = new.bot and number = new.number order by seq desc limit 1;
  new.seq := coalesce(last.seq, 0) + 1;
  new.previous_hash := coalesce(last.hash, sha256(''::bytea));
  new.hash := bots.broadcast_digest(new);
  return new;
end $$;

create function bots.broadcast_refuse() returns trigger language plpgsql as
  $$ begin raise exception 'the ledger of announcements only grows'; end $$;

create trigger chain before insert on bots.broadcast_entries for each row execute function bots.broadcast_chain();
create trigger keep before update or delete on bots.broadcast_entries
  for each row execute function bots.broadcast_refuse();
create trigger keep_all before truncate on bots.broadcast_entries
  for each statement execute function bots.broadcast_refuse();
"""

RIGHTS = """
grant select, insert on bots.broadcasts, bots.broadcast_versions, bots.broadcast_people, bots.broadcast_units,
  bots.broadcast_rooms to huep_bots;
grant update (state, approver_key, version, reason, sent_at, deadline) on bots.broadcasts to huep_bots;
grant update (owed_since, successor_of, released_at, released, acknowledged_at, means, event_id, late, entry, seen_at)
  on bots.broadcast_people to huep_bots;
grant select on bots.broadcast_entries to huep_bots;
grant insert (bot, number, at, actor, act, details) on bots.broadcast_entries to huep_bots;
grant select, insert, update, delete on bots.broadcast_templates, bots.broadcast_lists to huep_bots;
"""


def upgrade() -> None:
    """Create the tables and the chain; entries may be added and read by the bots' role, and nothing else."""
    run(TABLES, CHAIN, RIGHTS)
