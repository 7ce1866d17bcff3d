"""People of the province for one test each, so that no test meets another's devices and keys."""

from typing import Any

from sqlalchemy import text

from huep.database import Role, connect_as
from huep.directory import Directory
from huep.stack.accounts import open_admin
from tests.conftest import Person, Province

PASSWORD = "mat-khau-cho-muon"
_lent: set[str] = set()


async def lend_person(province: Province) -> Person:
    """Somebody in service who is not in the cast and whom nobody was lent before; they can log in from now on."""
    person = _next_free(province)
    async with open_admin(province.settings, province.state) as admin:
        await admin.set_password(person.user_id, person.password)
    return person


def _next_free(province: Province) -> Person:
    engine = connect_as(province.settings, province.state, Role.HR)
    try:
        directory = Directory(engine)
        for row in _accounts_from_the_end(engine):
            known = directory.person_of(row.user_id)
            if row.user_id not in _lent and known is not None and known.posts:
                _lent.add(row.user_id)
                return Person("lent", row.officer_code, row.full_name, row.user_id, PASSWORD)
    finally:
        engine.dispose()
    raise AssertionError("everybody in the province has been lent")


def _accounts_from_the_end(engine: Any) -> list[Any]:
    # The cast comes first in the register, so that the end is free.
    with engine.connect() as connection:
        return list(
            connection.execute(
                text(
                    "select a.user_id, p.officer_code, p.full_name from register.accounts a "
                    "join register.people p using (person_key) where not a.locked order by p.officer_code desc"
                )
            )
        )
