"""${message}."""

from huep.migrations.scripts import run

revision = "${up_revision}"
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Change the database."""
