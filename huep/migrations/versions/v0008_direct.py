"""What bots send beside words, and to whom: files, and letters to people who have no room with the bot yet."""

from huep.migrations.scripts import run

revision = "0008"
down_revision = "0007"

TABLES = """
alter table bots.outbox add column enclosure bytea;
comment on column bots.outbox.enclosure is 'the file that is sent with it, sealed; null once it was sent or dropped';
comment on column bots.outbox.room_id is 'the room, or the person whose room with the bot is being looked for';
create index outbox_people on bots.outbox (bot, room_id) where state = 'waiting' and left(room_id, 1) = '@';

create table bots.direct_rooms (
  bot text not null,
  user_id text not null,
  room_id text,
  noted_at timestamptz not null,
  invited_at timestamptz,
  primary key (bot, user_id),
  unique (bot, room_id)
);
comment on table bots.direct_rooms is 'the encrypted room of two in which a bot writes to a person';
comment on column bots.direct_rooms.room_id is 'null while one is being made: a crash may leave one unnoted';
comment on column bots.direct_rooms.invited_at is 'when the person, who had left, was last asked in again';
"""

RIGHTS = """
grant select, insert, update, delete on bots.direct_rooms to huep_bots;
"""


def upgrade() -> None:
    """Give the outbox files, and create the table of direct rooms."""
    run(TABLES, RIGHTS)
