"""Where the doctor looks: the bots' process, the homeserver and its database, HueP's database, the secrets."""

import asyncio
import contextlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import httpx
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from bots.doctor.facts import AccountState, BotFacts, RoomCount, RunningBot, ServerKeys, StoredIdentity
from bots.matrix.cross_signing import keys_of
from bots.matrix.recovery_key import RecoveryKeyDamaged
from bots.matrix.secret_storage import KeySafe, SecretStorageClosed, StoredSecrets
from bots.matrix.trust import Identity, identity_of
from bots.process import runs
from bots.process.backlogs import read_backlogs
from bots.process.package import BotPackage, device_id_of
from bots.process.place import Place
from bots.process.registry import REGISTERED
from huep.bots_settings import Processes
from huep.database import SYNAPSE_DATABASE, DatabaseUnreachable, Role, connect_as
from huep.errors import HuepError
from huep.stack.accounts import open_admin
from huep.synapse_http import open_http

ASK_TIMEOUT_S = 10.0
AWAY = (DBAPIError, DatabaseUnreachable)


async def look(place: Place, package: BotPackage) -> BotFacts:
    """Everything that is to be known of one bot, whether it runs or not."""
    localpart, user_id = package.localpart(place.settings), package.user_id(place.settings)
    running = await _running(place, package)
    account, identity = await _on_the_server(place, user_id)
    device_id = (running.device_id if running else None) or _device_of(identity, device_id_of(localpart))
    with _synapse_database(place) as database:
        return BotFacts(
            name=package.name,
            user_id=user_id,
            device_id=device_id,
            running=running,
            account=account,
            identity=identity,
            keys=None if database is None else _keys(database, user_id),
            stored=None if database is None else await _stored(place.key_safe(localpart), database, user_id, identity),
            rooms=None if database is None else _rooms(database, user_id),
            **await asyncio.to_thread(_own_database, place, package),
        )


async def _running(place: Place, package: BotPackage) -> RunningBot | None:
    each = place.settings.bots.processes is Processes.EACH
    url = place.settings.bots.url(REGISTERED.index(package) if each else 0)
    try:
        async with open_http(url, ASK_TIMEOUT_S) as http:
            bot = (await http.get("/ready")).json()["bots"][package.name]
    except (httpx.TransportError, ValueError, KeyError, TypeError):
        return None
    device = bot["device"] or {}
    synced_at = device.get("synced_at")
    return RunningBot(
        state=str(bot["state"]),
        note=str(bot["note"]),
        device_id=device.get("device_id"),
        synced_at=None if synced_at is None else datetime.fromisoformat(synced_at),
        devices_without_keys=int(device.get("devices_without_keys", 0)),
    )


async def _on_the_server(place: Place, user_id: str) -> tuple[AccountState | None, Identity]:
    try:
        async with open_admin(place.settings, place.state) as admin:
            user = await admin.user(user_id)
            if user is None:
                return AccountState.MISSING, Identity(user_id)
            identity = await identity_of(await admin.keys_of(user_id), user_id)
            return AccountState.LOCKED if user.locked else AccountState.OPEN, identity
    except HuepError:
        return None, Identity(user_id)


def _device_of(identity: Identity, name: str) -> str:
    """The device that serves: one that was recovered has an ending."""
    own = sorted(device for device in identity.devices if device.startswith(name))
    return own[-1] if own else name


@contextlib.contextmanager
def _synapse_database(place: Place) -> Iterator[Connection | None]:
    engine = connect_as(place.settings, place.state, Role.SYNAPSE, SYNAPSE_DATABASE)
    try:
        try:
            connection = engine.connect()
        except AWAY:
            yield None
            return
        with connection:
            yield connection
    finally:
        engine.dispose()


def _keys(database: Connection, user_id: str) -> dict[str, ServerKeys]:
    rows = database.execute(
        text(
            "select d.device_id, "
            "(select count(*) from e2e_one_time_keys_json k where k.user_id = d.user_id "
            " and k.device_id = d.device_id and k.algorithm = 'signed_curve25519') as one_time, "
            "exists (select from e2e_fallback_keys_json f where f.user_id = d.user_id "
            " and f.device_id = d.device_id and not f.used) as fallback "
            "from e2e_device_keys_json d where d.user_id = :user_id"
        ),
        {"user_id": user_id},
    )
    return {row.device_id: ServerKeys(row.one_time, row.fallback) for row in rows}


def _rooms(database: Connection, user_id: str) -> RoomCount:
    row = database.execute(
        text(
            "select count(*) filter (where membership = 'join') as joined, "
            "count(*) filter (where membership = 'join' and exists (select from current_state_events s "
            " where s.room_id = m.room_id and s.type = 'm.room.encryption' and s.state_key = '')) as encrypted, "
            "count(*) filter (where membership = 'invite') as invited "
            "from local_current_membership m where user_id = :user_id"
        ),
        {"user_id": user_id},
    ).one()
    return RoomCount(row.joined, row.encrypted, row.invited)


async def _stored(safe: KeySafe, database: Connection, user_id: str, identity: Identity) -> StoredIdentity:
    try:
        key = safe.key()
    except RecoveryKeyDamaged:
        return StoredIdentity.DAMAGED_KEY
    if key is None:
        return StoredIdentity.NO_KEY
    rows = database.execute(
        text("select account_data_type, content from account_data where user_id = :user_id"), {"user_id": user_id}
    )
    kept = {row.account_data_type: row.content for row in rows}

    async def get(kind: str) -> Mapping[str, Any]:
        return json.loads(kept.get(kind, "{}"))  # type: ignore[no-any-return]

    try:
        seeds = await StoredSecrets(user_id, get).open(key)
    except SecretStorageClosed:
        return StoredIdentity.CLOSED
    same = keys_of(seeds).master.public == identity.master
    return StoredIdentity.SOUND if same else StoredIdentity.OTHER


def _own_database(place: Place, package: BotPackage) -> dict[str, Any]:
    try:
        with place.engine.connect() as connection:
            crash = runs.last_crash(connection, package.name)
        localparts = {package.name: package.localpart(place.settings)}
        backlog = read_backlogs(place.engine, localparts, place.clock)[package.name]
    except AWAY:
        return {}
    return {"backlog": backlog, "last_crash": crash}
