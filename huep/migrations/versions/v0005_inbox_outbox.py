"""What bots have to deal with and what they have to say: each event handled once, each message sent once."""

from huep.migrations.scripts import run

revision = "0005"
down_revision = "0004"

TABLES = """
create table bots.inbox (
  inbox_id bigint generated always as identity primary key,
  bot text not null,
  event_key text not null,
  room_id text not null,
  kind text not null,
  content bytea,
  received_at timestamptz not null,
  state text not null check (state in ('open', 'handled', 'dead', 'dropped')),
  attempts integer not null default 0,
  settled_at timestamptz,
  error text,
  unique (bot, event_key)
);
comment on column bots.inbox.bot is 'localpart of the bot''s account';
comment on column bots.inbox.content is 'the event, sealed; null once it was handled or dropped';
comment on column bots.inbox.attempts is 'tries that have begun, of events that were open at a start or failed';
create index inbox_open on bots.inbox (bot, inbox_id) where state = 'open';
create index inbox_dead on bots.inbox (bot, inbox_id) where state = 'dead';
create index inbox_settled on bots.inbox (settled_at) where settled_at is not null;

create table bots.outbox (
  outbox_id bigint generated always as identity primary key,
  bot text not null,
  room_id text not null,
  transaction_id text not null,
  event_type text not null,
  content bytea,
  priority smallint not null,
  batch text,
  state text not null check (state in ('waiting', 'taken', 'sent', 'dead', 'dropped')),
  attempts integer not null default 0,
  created_at timestamptz not null,
  due_at timestamptz not null,
  give_up_at timestamptz not null,
  not_before timestamptz,
  tried_at timestamptz,
  settled_at timestamptz,
  event_id text,
  error text,
  unique (bot, transaction_id)
);
comment on column bots.outbox.content is 'what is to be said, sealed; null once it was sent or dropped';
comment on column bots.outbox.batch is 'what belongs together, such as one announcement, as its job calls it';
comment on column bots.outbox.due_at is 'when it is tried next; what follows in its room waits for it';
comment on column bots.outbox.not_before is 'until when it is held back, such as over night; nothing waits for it';
comment on column bots.outbox.tried_at is 'when it may first have reached the homeserver';
create index outbox_open on bots.outbox (bot, room_id, outbox_id) include (state, priority, not_before)
  where state in ('waiting', 'taken');
create index outbox_due on bots.outbox (bot, due_at) where state = 'waiting';
create index outbox_dead on bots.outbox (bot, outbox_id) where state = 'dead';
create index outbox_batch on bots.outbox (bot, batch) where batch is not null;
create index outbox_sent on bots.outbox (bot, event_id) where event_id is not null;
create index outbox_settled on bots.outbox (settled_at) where settled_at is not null;
"""

RIGHTS = """
grant select, insert, update, delete on bots.inbox, bots.outbox to huep_bots;
"""


def upgrade() -> None:
    """Create both tables, and let the bots' role at them."""
    run(TABLES, RIGHTS)
