"""The keys of others: `/keys/query` in batches, each signature verified, in slices that let the event loop breathe."""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

import structlog
from nio.crypto import OlmDevice

from bots.matrix.batches import batches_of, each, patiently
from bots.matrix.signing import Json
from bots.matrix.slices import in_slices
from bots.matrix.transport import Transport, path_of
from bots.matrix.trust import Identities, Identity, identity_of

log = structlog.get_logger(__name__)

USERS_A_REQUEST = 100
"""Some 300 KB of answer, which is parsed in one go: about 5 ms."""


class Peers:
    """Who has which devices. Fills nio's register of devices and our `Identities`.

    Args:
        olm: nio's `Olm`, whose `users_for_key_query` says who is to be asked about again.
        transport: to the homeserver.
    """

    def __init__(self, olm: Any, transport: Transport) -> None:
        self._olm = olm
        self._transport = transport
        self.identities = Identities()
        self._under_way: dict[str, asyncio.Event] = {}
        """By user ID, what an answer about them will set."""

    async def know(self, users: Iterable[str]) -> None:
        """Make sure that the identities of `users` are the current ones."""
        wanted = frozenset(users)
        await self._nobody_asks(wanted)
        due = sorted({user for user in wanted if user not in self.identities or user in self._olm.users_for_key_query})
        await each(list(batches_of(due, USERS_A_REQUEST)), self._ask)

    async def refresh(self) -> None:
        """Ask again about those known to us whose devices changed."""
        await self.know([user for user in self._olm.users_for_key_query if user in self.identities])

    async def _ask(self, users: Collection[str]) -> None:
        await self.ask(users)

    async def ask(self, users: Collection[str]) -> Json:
        """Ask anew about these users, at most `USERS_A_REQUEST`; returns the server's answer, taken in already.

        Raises:
            MatrixError: they stay to be asked about.
        """
        await self._nobody_asks(users)
        answered = asyncio.Event()
        self._under_way |= dict.fromkeys(users, answered)
        # Who is flagged while the request is under way is asked about once more.
        self._olm.users_for_key_query.difference_update(users)
        try:
            body: Json = {"device_keys": {user_id: [] for user_id in users}}
            answer = await patiently(lambda: self._transport.request("POST", path_of("keys", "query"), body))
            await self._take_in(answer, users)
        except BaseException:
            self._olm.users_for_key_query.update(users)
            raise
        finally:
            for user_id in users:
                self._under_way.pop(user_id, None)
            answered.set()
        return answer

    async def _nobody_asks(self, users: Collection[str]) -> None:
        """Wait until no answer about any of `users` is under way, so that none comes in behind a later one."""
        while awaited := [self._under_way[user_id] for user_id in users if user_id in self._under_way]:
            await awaited[0].wait()

    async def _take_in(self, answer: Json, users: Collection[str]) -> None:
        async for user_id in in_slices(users):
            identity = self._without_exchanged_keys(await identity_of(answer, user_id))
            self.identities.put(identity)
            self._olm.tracked_users.add(user_id)
            if different := self._register(identity):
                self._olm.store.save_device_keys({user_id: different})

    def _without_exchanged_keys(self, identity: Identity) -> Identity:
        """Less the devices whose signing key is another than the first that was ever seen under their ID.

        An ID that is reused is somebody else's doing, also after its device was removed: clients take new ones.
        """
        known = self._olm.device_store[identity.user_id]
        exchanged = {
            device_id
            for device_id, keys in identity.devices.items()
            if device_id in known and known[device_id].ed25519 != keys.ed25519
        }
        if not exchanged:
            return identity
        log.warning("a device's signing key changed", user_id=identity.user_id, devices=sorted(exchanged))
        kept = {device_id: keys for device_id, keys in identity.devices.items() if device_id not in exchanged}
        return replace(identity, devices=kept)

    def _register(self, identity: Identity) -> dict[str, OlmDevice]:
        """Bring nio's register of devices up to date; returns what is different now."""
        user_id, known = identity.user_id, self._olm.device_store[identity.user_id]
        different = {}
        for device_id, keys in identity.devices.items():
            if (user_id, device_id) == (self._olm.user_id, self._olm.device_id):
                continue
            present = OlmDevice(
                user_id, device_id, {"ed25519": keys.ed25519, "curve25519": keys.curve25519}, keys.display_name
            )
            if known.get(device_id) != present:
                known[device_id] = different[device_id] = present
        for device_id, device in known.items():
            if device_id not in identity.devices and not device.deleted:
                device.deleted = True
                different[device_id] = device
        return different
