"""How the bots run: their timetable, the jobs that came due, their starts and ends, and the system notices."""

from huep.migrations.scripts import run

revision = "0007"
down_revision = "0006"

TABLES = """
create table bots.schedule (
  id varchar(191) not null,
  next_run_time double precision,
  job_state bytea not null,
  primary key (id)
);
create index ix_bots_schedule_next_run_time on bots.schedule (next_run_time);
comment on table bots.schedule is 'APScheduler''s own: when each recurring job comes due next';
create table bots.jobs (
  job_id bigint generated always as identity,
  bot varchar not null,
  name varchar not null,
  key varchar not null,
  arguments jsonb not null default '{}',
  due_at timestamptz not null,
  state varchar not null default 'open',
  attempts integer not null default 0,
  last_error varchar,
  settled_at timestamptz,
  primary key (job_id),
  constraint job_once unique (bot, key),
  constraint job_state_known check (state in ('open', 'done', 'dead'))
);
create index jobs_open on bots.jobs (bot, due_at) where state = 'open';
comment on column bots.jobs.key is 'one for each thing that is to be done once, such as a job''s name and its moment';
comment on column bots.jobs.due_at is 'not begun before; after a failure the next try';
comment on column bots.jobs.last_error is 'the type of what went wrong, never its words';
create table bots.runs (
  run_id bigint generated always as identity,
  bot varchar not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  ending varchar,
  reported_at timestamptz,
  primary key (run_id)
);
create index ix_bots_runs_bot_started_at on bots.runs (bot, started_at desc);
comment on column bots.runs.ending is 'stopped, or the type of what ended it; null while it runs, or when killed';
create table bots.notice_rooms (
  user_id varchar not null,
  room_id varchar not null,
  made_at timestamptz not null,
  primary key (user_id),
  unique (room_id)
);
comment on table bots.notice_rooms is 'the one unencrypted room in which a person is told the fixed sentence';
create table bots.notices (
  user_id varchar not null,
  device_id varchar not null,
  wanted_at timestamptz not null,
  told_at timestamptz,
  primary key (user_id, device_id)
);
create index notices_open on bots.notices (wanted_at) where told_at is null;
"""

RIGHTS = """
grant select, insert, update, delete on
  bots.schedule, bots.jobs, bots.runs, bots.notice_rooms, bots.notices to huep_bots;
"""


def upgrade() -> None:
    """Create the tables of running bots, and let their role at them."""
    run(TABLES, RIGHTS)
