"""What the provisioner publishes, as Synapse keeps it: by parts, by digest, with its age."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from hr_provisioner.directory.shards import account_digests
from huep.database import Role, connect_as
from huep.names import localpart_of
from huep.stack.accounts import open_admin
from huep.synapse_admin import (
    AccountRequest,
    AccountVerb,
    PublishedDetails,
    PublishedPerson,
    PublishedUnit,
)
from huep.synapse_model import shard_of
from tests.conftest import Province
from tests.real.homeserver import Homeserver, synapse_database

DETAILS = PublishedDetails(
    full_name="Nguyễn Văn An",
    unit="SYT",
    units=("TINH", "SYT"),
    level=1,
    standing="staff",
    position="Chuyên viên",
    code_hash="scrypt$salt$hash",
    code_expires_at=datetime(2026, 12, 1, tzinfo=UTC),
)
COLUMNS = "status, unit, units, level, standing, position, full_name, code_hash, code_expires_at"


def row(homeserver: Homeserver, stem: str) -> Any:
    with synapse_database(homeserver.province) as connection:
        query = f"SELECT {COLUMNS} FROM huep_people WHERE localpart = %s"
        return connection.execute(query, (homeserver.name(stem),)).fetchone()


async def test_what_a_publication_leaves_out_stays_and_null_clears(homeserver: Homeserver) -> None:
    name = homeserver.name("an")
    expires_ms = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp() * 1000)
    await homeserver.admin.publish_people([PublishedPerson(name, "active", DETAILS)])
    details = ("SYT", ["TINH", "SYT"], 1, "staff", "Chuyên viên", "Nguyễn Văn An", "scrypt$salt$hash", expires_ms)
    assert row(homeserver, "an") == ("active", *details)
    await homeserver.admin.publish_people([PublishedPerson(name, "left")])
    assert row(homeserver, "an") == ("left", *details)
    without = PublishedDetails("Nguyễn Văn An", None, (), None, None, None)
    await homeserver.admin.publish_people([PublishedPerson(name, "active", without)])
    assert row(homeserver, "an") == ("active", None, [], None, None, None, "Nguyễn Văn An", None, None)


async def test_by_its_digest_a_row_is_known_to_be_published(homeserver: Homeserver) -> None:
    an = PublishedPerson(homeserver.name("an"), "active", DETAILS)
    binh = PublishedPerson(homeserver.name("binh"), "active", DETAILS)
    unit = PublishedUnit(homeserver.name("SYT"), "Sở Y tế", "TINH", 1)
    before = await homeserver.admin.published()
    assert before.lacks_people([an, binh]) == (an, binh)
    assert before.lacks_units([unit]) == (unit,)
    await homeserver.admin.publish_people([an, binh], units=[unit])
    after = await homeserver.admin.published()
    assert after.lacks_people([an, binh]) == after.lacks_units([unit]) == ()
    assert after.published_at is not None and datetime.now(UTC) - after.published_at < timedelta(minutes=1)
    # A part of a row may be published without the rest: then nobody knows any more what the whole is.
    await homeserver.admin.publish_people([PublishedPerson(binh.localpart, "left")])
    assert (await homeserver.admin.published()).lacks_people([an, binh]) == (binh,)


async def test_a_unit_is_published_anew_as_a_whole(homeserver: Homeserver) -> None:
    code = homeserver.name("SYT")
    await homeserver.admin.publish_people([], units=[PublishedUnit(code, "Sở Y tế", "TINH", 1)])
    await homeserver.admin.publish_people(
        [], units=[PublishedUnit(code, "Sở Y tế Huế", None, 1, hidden=True, rooms=("!a",))]
    )
    with synapse_database(homeserver.province) as connection:
        query = "SELECT name, parent, level, hidden, rooms FROM huep_units WHERE code = %s"
        assert connection.execute(query, (code,)).fetchone() == ("Sở Y tế Huế", None, 1, True, ["!a"])


async def test_from_a_stale_projection_nobody_is_registered_until_anything_is_published(
    homeserver: Homeserver,
) -> None:
    names = [homeserver.name(stem) for stem in ("an", "binh")]
    creations = [AccountRequest(name, AccountVerb.CREATE, name, "An") for name in names]
    await homeserver.admin.publish_people([PublishedPerson(name, "active") for name in names])
    with synapse_database(homeserver.province) as connection:
        three_days_ago_ms = int((time.time() - 3 * 86_400) * 1000)
        connection.execute("UPDATE huep_projection SET published_at = %s", (three_days_ago_ms,))
    assert {result.code for result in await homeserver.admin.act_on_accounts(creations)} == {"not_in_register"}
    (alone,) = await homeserver.admin.act_on_accounts(creations[:1])
    assert alone.code == "not_in_register"
    assert await homeserver.admin.publish_people([]) == 0
    assert all(result.changed for result in await homeserver.admin.act_on_accounts(creations))


async def test_the_roll_shows_accounts_as_the_admin_interface_does(homeserver: Homeserver) -> None:
    for stem in ("an", "binh"):
        await homeserver.person(stem)
    await homeserver.act(AccountVerb.LOCK, "binh")
    shown = await homeserver.admin.roll([homeserver.name(stem) for stem in ("an", "binh", "nobody")])
    assert [(user.user_id, user.locked) for user in shown] == [
        (homeserver.user_id("an"), False),
        (homeserver.user_id("binh"), True),
    ]
    by_id = {user.user_id: user for user in await homeserver.admin.users()}
    assert all(by_id[user.user_id] == user for user in shown)
    assert {user.user_id: user for user in await homeserver.admin.roll()} == by_id


async def test_the_roll_of_what_differs_is_of_those_shards_alone(stack: Province) -> None:
    """Both databases compute the same digests, character by character."""
    async with open_admin(stack.settings, stack.state) as admin:
        hr = connect_as(stack.settings, stack.state, Role.HR)
        with hr.connect() as connection:
            digests = account_digests(connection)
            query = text("select user_id, display_name, locked from register.accounts")
            directory = {(user_id, name, locked) for user_id, name, locked in connection.execute(query).all()}
        hr.dispose()
        roll = await admin.roll_of_differing(digests)
        everybody = await admin.roll()
        shown = {
            (user.user_id, user.display_name, user.locked)
            for user in everybody
            if not user.admin and not user.deactivated
        }
        differing = {shard_of(localpart_of(user_id)) for user_id, _, _ in shown ^ directory}
        assert roll.shards == differing
        assert len(digests) > len(differing)
        assert set(roll.users) == {
            user for user in everybody if user.admin or shard_of(localpart_of(user.user_id)) in differing
        }
        everything = await admin.roll_of_differing({})
        assert everything.shards == {shard_of(localpart_of(user_id)) for user_id, _, _ in shown}
        assert set(everything.users) >= {user for user in everybody if not user.deactivated}
