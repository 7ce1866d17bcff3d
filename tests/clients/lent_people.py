"""People of the province for one test each, so that no test meets another's devices and keys."""

import json

from sqlalchemy import Engine, Row, text

from huep.database import Role, connect_as
from huep.directory import Directory
from huep.directory.model import Standing
from huep.stack.accounts import open_admin
from tests.conftest import Person, Province

PASSWORD = "mat-khau-cho-muon"
_lent: set[str] = set()


async def lend_person(province: Province, *, heads: bool | None = None) -> Person:
    """Somebody in service who is not in the cast and whom nobody was lent before; they can log in from now on.

    With `heads`, somebody who heads a unit; with `heads=False`, who neither heads nor is deputy of one.
    """
    person = _next_free(province, heads=heads)
    async with open_admin(province.settings, province.state) as admin:
        await admin.set_password(person.user_id, person.password)
    return person


def _next_free(province: Province, *, heads: bool | None) -> Person:
    engine = connect_as(province.settings, province.state, Role.HR)
    try:
        directory = Directory(engine)
        cast = json.loads(province.state.cast.read_text("utf-8"))
        taken = {member["officer_code"] for member in cast.values()}
        for row in _accounts(engine):
            if row.user_id in _lent or row.officer_code in taken:
                continue
            known = directory.person_of(row.user_id)
            if known is None or not known.posts:
                continue
            standings = {post.standing for post in known.posts}
            fits = known.present and Standing.HEAD in standings if heads else standings == {Standing.STAFF}
            if heads is None or fits:
                _lent.add(row.user_id)
                return Person("lent", row.officer_code, row.full_name, row.user_id, PASSWORD)
    finally:
        engine.dispose()
    raise AssertionError("everybody in the province has been lent")


def _accounts(engine: Engine) -> list[Row[tuple[str, str, str]]]:
    with engine.connect() as connection:
        return list(
            connection.execute(
                text(
                    "select a.user_id, p.officer_code, p.full_name from register.accounts a "
                    "join register.people p using (person_key) where not a.locked order by p.officer_code desc"
                )
            )
        )
