"""Automatic news: how each source was last read, and every item that it told, so that none is announced twice."""

from huep.migrations.scripts import run

revision = "0010"
down_revision = "0009"

TABLES = """
create table bots.news_sources (
  bot text not null,
  source text not null,
  begun_at timestamptz,
  read_at timestamptz,
  next_at timestamptz,
  failures integer not null default 0,
  failing_since timestamptz,
  error text,
  etag text,
  last_modified text,
  primary key (bot, source)
);
comment on table bots.news_sources is 'a row a source that huep.toml declares, and was asked or heard';
comment on column bots.news_sources.begun_at is 'first read to the end; what stood there then is not announced';
comment on column bots.news_sources.error is 'why it could not be read last, without a word of what it holds';

create table bots.news_items (
  item_id bigint generated always as identity,
  bot text not null,
  source text not null,
  key bytea not null,
  digest bytea not null,
  level text not null check (level in ('information', 'important', 'urgent')),
  state text not null check (state in ('known', 'waiting', 'announced', 'stale')),
  number bigint,
  content bytea,
  taken_at timestamptz not null,
  announced_at timestamptz,
  seen_at timestamptz not null,
  primary key (item_id),
  constraint news_item_once unique (bot, source, key),
  constraint announced_has_number check ((state = 'announced') = (number is not null)),
  constraint waiting_has_content check ((state = 'waiting') = (content is not null))
);
create index news_items_digest on bots.news_items (bot, source, digest);
create index news_items_waiting on bots.news_items (bot, source, item_id) where state = 'waiting';
create index news_items_announced on bots.news_items (bot, source, level, announced_at) where state = 'announced';
create index news_items_seen on bots.news_items (bot, seen_at);
comment on column bots.news_items.key is 'SHA-256 of what the source knows the item by';
comment on column bots.news_items.digest is 'SHA-256 of what it says: told again under another key it is known';
comment on column bots.news_items.content is 'the item, sealed, while it waits for its hour';
comment on column bots.news_items.seen_at is 'when its source last told it; long after that it is forgotten';
"""

RIGHTS = "grant select, insert, update, delete on bots.news_sources, bots.news_items to huep_bots"


def upgrade() -> None:
    """Create the tables of automatic news, and let the bots' role at them."""
    run(TABLES, RIGHTS)
