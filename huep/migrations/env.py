"""Alembic's environment: one linear history, run on the connection that `huep.schema.migrate` hands in."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], target_metadata=None)
with context.begin_transaction():
    context.run_migrations()
