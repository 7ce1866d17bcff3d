"""The schema of HueP's database: one linear Alembic history, in `huep.migrations`.

Apart from `huep.database`, since importing Alembic takes a quarter of a second that few commands need.
"""

from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("huep") / "migrations"))
    return config


def revisions(engine: Engine) -> tuple[str | None, str | None]:
    """The revision at which HueP's database stands (None when it is empty), and the newest one there is."""
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current, ScriptDirectory.from_config(_alembic()).get_current_head()


def migrate(engine: Engine) -> None:
    """Bring HueP's database to the newest revision; `engine` is the owner's."""
    config = _alembic()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
