"""How far people have read the rooms of a bot, for bots that ask for it."""

from huep.migrations.scripts import run

revision = "0011"
down_revision = "0010"

TABLES = """
create table bots.timeline (
  place bigint generated always as identity primary key,
  bot text not null,
  room_id text not null,
  event_id text not null,
  user_id text,
  noted_at timestamptz not null,
  unique (bot, room_id, event_id)
);
comment on table bots.timeline is 'in which order the events of each room stand, as the bot read them';
comment on column bots.timeline.user_id is 'the bot, of what it said; who came, of a joining; else null';
create index timeline_marks on bots.timeline (bot, room_id, user_id, place) where user_id is not null;
create index timeline_noted on bots.timeline (noted_at);

create table bots.receipts (
  bot text not null,
  room_id text not null,
  event_id text not null,
  user_id text not null,
  at timestamptz not null,
  kept_at timestamptz not null,
  primary key (bot, room_id, event_id, user_id)
);
comment on table bots.receipts is 'read receipts that nobody has counted yet';
comment on column bots.receipts.at is 'when the homeserver was told';

comment on column bots.broadcast_people.seen_at is 'when the read receipt that proves it was given: a lower bound';
"""

RIGHTS = """
grant select, insert, delete on bots.timeline, bots.receipts to huep_bots;
"""


def upgrade() -> None:
    """Create both tables, and let the bots' role at them."""
    run(TABLES, RIGHTS)
