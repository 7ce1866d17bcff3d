"""A real Synapse as the place of a trial: encrypted devices, and before the bot a proxy that breaks what it is told."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path

from bots.matrix.connection import MatrixConnection, connect_from_folder
from bots.matrix.port import MatrixPort
from bots.testing.faults import Network
from bots.testing.proxy import fault_proxy
from huep.names import localpart_of
from huep.settings import Settings
from huep.stack.accounts import open_admin
from huep.state import StateFolder
from huep.synapse_admin import AccountRequest, AccountVerb, PublishedPerson
from huep.synapse_model import MembershipRequest, MembershipVerb, RoomSpec

PASSWORD = "mat-khau-dien-tap-2026"  # noqa: S105 - of accounts that a test makes and forgets
HEARD_WITHIN_S = 60.0
UNSIGNED = "-unsigned"
"""Behind the name of a device that its owner has not signed."""


class SynapseWorld:
    """A running HueP's Synapse; bot and people get accounts and encrypted devices of their own.

    Args:
        settings: of that HueP.
        state: its folder.
        folder: an empty one, for the devices.
    """

    patience_s = HEARD_WITHIN_S

    def __init__(self, settings: Settings, state: StateFolder, folder: Path) -> None:
        self.server_name = settings.server_name
        self.network = Network()
        self._settings = settings
        self._state = state
        self._folder = folder
        self._devices = AsyncExitStack()
        self._made: set[str] = set()

    @asynccontextmanager
    async def bot_port(self, user_id: str, *, receipts: bool = False) -> AsyncIterator[MatrixConnection]:
        await self._make_account(user_id)
        async with (
            fault_proxy(self._settings.synapse.local_url, self.network) as proxy,
            self._device(user_id, proxy.url, receipts=receipts) as connection,
        ):
            yield connection

    async def person_port(self, user_id: str, *, verified: bool) -> MatrixConnection:
        await self._make_account(user_id)
        url = self._settings.synapse.local_url
        if not verified:
            async with self._device(user_id, url):
                pass  # the owner's identity, which signs this device and not the next one
        device = self._device(user_id, url, "" if verified else UNSIGNED)
        connection = await self._devices.enter_async_context(device)
        await connection.commit(await connection.next_batch())
        return connection

    async def direct_room(self, port: MatrixPort, bot: str) -> str:
        return await port.find_direct_room(bot) or await port.make_direct_room(bot)

    async def room(self, name: str, members: Sequence[str], *, encrypted: bool) -> str:
        async with open_admin(self._settings, self._state) as admin:
            room_id = await admin.create_room(RoomSpec(name, encrypted=encrypted))
            results = await admin.act_on_memberships(
                MembershipRequest(str(number), MembershipVerb.JOIN, localpart_of(member), room_id)
                for number, member in enumerate(members)
            )
        if refused := [result for result in results if not result.ok]:
            raise AssertionError(f"not everybody could be put into {name}: {refused}")
        return room_id

    def tick(self) -> None:
        """Synapse has a clock of its own."""

    async def close(self) -> None:
        """End all people's devices."""
        await self._devices.aclose()

    def _device(
        self, user_id: str, url: str, suffix: str = "", *, receipts: bool = False
    ) -> AbstractAsyncContextManager[MatrixConnection]:
        name = localpart_of(user_id) + suffix
        return connect_from_folder(
            url,
            self._folder / name,
            user_id,
            lambda: PASSWORD,
            device_id=f"KIT-{name.upper()}",
            display_name="test kit",
            need_identity=not suffix,
            receipts=receipts,
        )

    async def _make_account(self, user_id: str) -> None:
        if user_id in self._made:
            return
        localpart = localpart_of(user_id)
        async with open_admin(self._settings, self._state) as admin:
            await admin.publish_people([PublishedPerson(localpart, "active")])
            await admin.act_on_accounts([AccountRequest("1", AccountVerb.CREATE, localpart, localpart)])
            await admin.set_password(user_id, PASSWORD)
            await admin.lift_rate_limits(user_id)
        self._made.add(user_id)
