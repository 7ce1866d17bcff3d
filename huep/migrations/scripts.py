"""How migrations change the database: by scripts of SQL, on the connection of their transaction."""

from alembic import op


def run(*scripts: str) -> None:
    """Run them in their order, each as it is written: what looks like a parameter is none."""
    connection = op.get_bind()
    for script in scripts:
        connection.exec_driver_sql(script)
