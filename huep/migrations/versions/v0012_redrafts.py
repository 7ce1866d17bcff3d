"""Announcements that were sent back: a later version may be for others, at another level, until another deadline."""

from huep.migrations.scripts import run

revision = "0012"
down_revision = "0011"

DRAFTS = """
alter table bots.broadcast_versions add draft bytea;
comment on column bots.broadcast_versions.draft is 'audience and author from this version on, sealed; null: as before';
grant update (level) on bots.broadcasts to huep_bots;
"""


def upgrade() -> None:
    """Keep drafts beside the versions that they begin with, and let the bots' role change the level."""
    run(DRAFTS)
