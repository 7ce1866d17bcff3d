"""A PostgreSQL with HueP's database and a directory of 60,000 people in it, without a Synapse."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from benchmarks.province import new_state
from hr_provisioner.current import Current
from hr_provisioner.demo_data.writing import EditionName, write_demo
from hr_provisioner.directory.store import write
from hr_provisioner.planning.plan import make_plan
from hr_provisioner.register.register import read_register
from huep import clock
from huep.database import Role
from tests.clients.running import Databases, running_databases

SEED = 2026


def write_register(folder: Path, people: int) -> Path:
    """The first edition of a demo register; returns what `read_register` takes."""
    demo = write_demo(folder, people, SEED, clock.today(), editions=(EditionName.ONE,))
    return demo.edition(EditionName.ONE)


@contextmanager
def directory_of(people: int) -> Iterator[Databases]:
    """A directory filled from a register of so many people, statistics taken."""
    with new_state() as state, tempfile.TemporaryDirectory() as folder, running_databases(state) as databases:
        register = read_register(write_register(Path(folder), people))
        plan = make_plan(register, Current((), ()), clock.today())
        owner = databases.engine(Role.OWNER)
        with owner.begin() as connection:
            write(connection, plan.actions, databases.settings.server_name)
        with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("analyze"))
        owner.dispose()
        yield databases
