"""A PostgreSQL with HueP's database and a directory of 60,000 people in it, without a Synapse."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, text

from benchmarks.province import new_state
from hr_provisioner.current import Current
from hr_provisioner.demo_data.writing import EditionName, write_demo
from hr_provisioner.directory.store import write
from hr_provisioner.planning.plan import make_plan
from hr_provisioner.register.register import read_register
from huep import clock
from huep.database import Role, connect_as
from huep.schema import migrate
from huep.settings import Settings, load_settings
from huep.stack.postgres import EmbeddedPostgres
from huep.state import StateFolder

SEED = 2026


def write_register(folder: Path, people: int) -> Path:
    """The first edition of a demo register; returns what `read_register` takes."""
    demo = write_demo(folder, people, SEED, clock.today(), editions=(EditionName.ONE,))
    return demo.edition(EditionName.ONE)


@dataclass(frozen=True)
class LoadedDirectory:
    """The databases of a province whose directory is filled."""

    state: StateFolder
    settings: Settings

    def engine(self, role: Role) -> Engine:
        return connect_as(self.settings, self.state, role)


@contextmanager
def directory_of(people: int) -> Iterator[LoadedDirectory]:
    """A directory filled from a register of so many people, statistics taken."""
    with new_state() as state, tempfile.TemporaryDirectory() as folder:
        settings = load_settings(state)
        state.create(settings.server_name)
        postgres = EmbeddedPostgres(settings, state)
        with postgres.running():
            postgres.set_up()
            loaded = LoadedDirectory(state, settings)
            owner = loaded.engine(Role.OWNER)
            migrate(owner)
            register = read_register(write_register(Path(folder), people))
            plan = make_plan(register, Current((), ()), clock.today())
            with owner.begin() as connection:
                write(connection, plan.actions, settings.server_name)
            with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("analyze"))
            owner.dispose()
            yield loaded
