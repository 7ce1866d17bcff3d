"""What bots have asked and wait for; what people settled about the bots; acts of power recorded as they happen."""

from huep.migrations.scripts import run

revision = "0006"
down_revision = "0005"

TABLES = """
create table bots.dialogs (
  bot text not null,
  room_id text not null,
  user_id text not null,
  scene text not null,
  stage text not null check (stage in ('filling', 'correcting', 'confirming', 'leaving')),
  step text,
  said bytea not null,
  cause text not null,
  locale text not null check (locale in ('vi', 'en')),
  asked_at timestamptz not null,
  expires_at timestamptz not null,
  turn integer not null,
  primary key (bot, room_id, user_id)
);
create index dialogs_over on bots.dialogs (bot, expires_at);
comment on column bots.dialogs.bot is 'localpart of the bot''s account';
comment on column bots.dialogs.said is 'values given so far, choices offered, what was asked in the middle; sealed';
comment on column bots.dialogs.cause is 'the event that the bot answered with its question';
comment on column bots.dialogs.turn is 'raised at each answer: of two answers to one question one counts';

alter table bots.preferences
  alter column locale drop not null,
  add quiet_from time, add quiet_until time,
  add constraint quiet_hours_have_both_ends check ((quiet_from is null) = (quiet_until is null)),
  add constraint quiet_hours_last check (quiet_from <> quiet_until);
comment on column bots.preferences.quiet_from is 'province''s time; later than quiet_until across midnight';
"""

RIGHTS = """
grant select, insert, update, delete on bots.dialogs to huep_bots;

grant usage on schema audit to huep_bots;
grant insert (actor, act, subject, details) on audit.entries to huep_bots;
"""


def upgrade() -> None:
    """Create the dialogs, widen the preferences, and let bots append to the audit log within their transactions."""
    run(TABLES, RIGHTS)
