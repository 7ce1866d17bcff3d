"""Made-up people with real encrypted devices, cross-signed, their keys on the homeserver; nobody of them ever syncs."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import psycopg
import vodozemac

from bots.matrix.algorithms import MEGOLM, OLM
from bots.matrix.cross_signing import CrossSigningKeys
from bots.matrix.signing import SEED_BYTES, Json, SigningKey, canonical
from bots.matrix.transport import path_of

IN_PARALLEL = 8


@dataclass(frozen=True)
class Login:
    """An access token of a device."""

    user_id: str
    device_id: str
    token: str


def log_in(synapse: "psycopg.Connection[Any]", devices: Iterable[tuple[str, str]]) -> list[Login]:
    """Sessions of these users and device IDs, written into Synapse's database: logging in would take minutes."""
    logins = [Login(user_id, device_id, secrets.token_urlsafe(24)) for user_id, device_id in devices]
    with synapse.cursor() as cursor:
        [(last,)] = cursor.execute("select coalesce(max(id), 0) from access_tokens").fetchall()
        cursor.executemany(
            "insert into access_tokens (id, user_id, device_id, token) values (%s, %s, %s, %s)",
            [(last + 1_000 + place, login.user_id, login.device_id, login.token) for place, login in enumerate(logins)],
        )
    return logins


async def bring_keys(url: str, logins: Sequence[Login], one_time_keys: int) -> None:
    """An identity for each user; for each device keys that it signs, and so many one-time keys."""
    identities = {login.user_id: _identity() for login in logins}
    first = {login.user_id: login for login in reversed(logins)}
    async with aiohttp.ClientSession() as http:

        async def device(login: Login) -> None:
            account = vodozemac.Account()
            body = {
                "device_keys": _device_keys(login, account, identities[login.user_id]),
                "one_time_keys": _one_time_keys(login, account, one_time_keys),
            }
            await _ask(http, url + path_of("keys", "upload"), login, body)

        async def identity(login: Login) -> None:
            await _bring_identity(http, url, login, identities[login.user_id])

        await _each(logins, device)
        await _each(list(first.values()), identity)


async def sign_device(url: str, login: Login) -> None:
    """An identity for its user, which signs this device, whose keys are on the homeserver already."""
    identity = _identity()
    async with aiohttp.ClientSession() as http:
        await _bring_identity(http, url, login, identity)
        answer = await _ask(http, url + path_of("keys", "query"), login, {"device_keys": {login.user_id: []}})
        keys = answer["device_keys"][login.user_id][login.device_id]
        signature = {f"ed25519:{identity.self_signing.public}": identity.self_signing.sign(keys)}
        body = {login.user_id: {login.device_id: keys | {"signatures": {login.user_id: signature}}}}
        await _ask(http, url + path_of("keys", "signatures", "upload"), login, body)


async def _bring_identity(http: aiohttp.ClientSession, url: str, login: Login, identity: CrossSigningKeys) -> None:
    body = identity.public(login.user_id, (login.device_id, "x"))
    del body["master_key"]["signatures"][login.user_id][f"ed25519:{login.device_id}"]
    await _ask(http, url + path_of("keys", "device_signing", "upload"), login, body)


def _identity() -> CrossSigningKeys:
    return CrossSigningKeys(*(SigningKey(secrets.token_bytes(SEED_BYTES)) for _ in range(3)))


def _device_keys(login: Login, account: vodozemac.Account, identity: CrossSigningKeys) -> Json:
    payload: Json = {
        "user_id": login.user_id,
        "device_id": login.device_id,
        "algorithms": [OLM, MEGOLM],
        "keys": {
            f"ed25519:{login.device_id}": account.ed25519_key.to_base64(),
            f"curve25519:{login.device_id}": account.curve25519_key.to_base64(),
        },
    }
    signatures = {
        f"ed25519:{login.device_id}": account.sign(canonical(payload)).to_base64(),
        f"ed25519:{identity.self_signing.public}": identity.self_signing.sign(payload),
    }
    return payload | {"signatures": {login.user_id: signatures}}


def _one_time_keys(login: Login, account: vodozemac.Account, count: int) -> Json:
    account.generate_one_time_keys(count)
    keys = {}
    for key_id, key in account.one_time_keys.items():
        payload = {"key": key.to_base64()}
        signature = account.sign(canonical(payload)).to_base64()
        signatures = {login.user_id: {f"ed25519:{login.device_id}": signature}}
        keys[f"signed_curve25519:{key_id}"] = payload | {"signatures": signatures}
    return keys


async def _ask(http: aiohttp.ClientSession, url: str, login: Login, body: Json) -> Json:
    headers = {"Authorization": f"Bearer {login.token}"}
    async with http.post(url, json=body, headers=headers) as answer:
        if not answer.ok:
            raise RuntimeError(f"{url}: {answer.status} {await answer.text()}")
        content: Json = await answer.json()
        return content


async def _each(logins: Sequence[Login], work: Callable[[Login], Awaitable[None]]) -> None:
    waiting = iter(logins)

    async def worker() -> None:
        for login in waiting:
            await work(login)

    await asyncio.gather(*(worker() for _ in range(IN_PARALLEL)))
