"""The keys of our own device on the server: device keys once, one-time keys replenished, the fallback key renewed."""

from typing import Any

import nio
import structlog

from bots.matrix.algorithms import MEGOLM, OLM, SIGNED_KEY
from bots.matrix.errors import BadAnswer, RequestRefused
from bots.matrix.signing import Json
from bots.matrix.transport import Transport, path_of

log = structlog.get_logger(__name__)


class OwnKeys:
    """What others need to write to our device.

    Args:
        olm: nio's `Olm` with our account.
        transport: to the homeserver.
    """

    def __init__(self, olm: Any, transport: Transport) -> None:
        self._olm = olm
        self._transport = transport
        self.left: int | None = None
        """One-time keys on the server as it last said; None before it did."""
        self.fallback_unused: bool | None = None
        """Whether the fallback key on the server is still unused; None before it said."""

    def note(self, sync: Json) -> None:
        """What a sync says of our keys; a count that is left out means none, as the specification has it."""
        counts = sync.get("device_one_time_keys_count")
        count = counts.get(SIGNED_KEY) if isinstance(counts, dict) else None
        self.left = count if isinstance(count, int) else 0
        unused = sync.get("device_unused_fallback_key_types")
        if isinstance(unused, list):
            self.fallback_unused = SIGNED_KEY in unused

    async def ask(self) -> int:
        """Ask the server how many one-time keys it has left."""
        answer = await self._transport.request("POST", path_of("keys", "upload"), {})
        counts = answer.get("one_time_key_counts")
        count = counts.get(SIGNED_KEY) if isinstance(counts, dict) else None
        self.left = count if isinstance(count, int) else 0
        return self.left

    async def upload(self) -> None:
        """Upload the device keys the first time, then one-time and fallback keys whenever they run low."""
        account = self._olm.account
        content: Json = {}
        if not account.shared:
            content["device_keys"] = self._device_keys()
        if not account.shared or (self.left is not None and self.left <= account.max_one_time_keys // 2):
            content["one_time_keys"] = self._one_time_keys()
        if not account.shared or self.fallback_unused is False:
            content["fallback_keys"] = self._fallback_keys()
        if not content:
            return
        # Their private halves are safe before anybody can use them.
        self._olm.save_account()
        await self._olm.store.flush()
        await self._publish(content)
        await self._olm.store.flush()

    async def _publish(self, content: Json) -> None:
        try:
            answer = await self._transport.request("POST", path_of("keys", "upload"), content)
        except RequestRefused as error:
            if error.status != 400 or "device_keys" in content:
                raise
            # The server has other keys under these names, of a time that our store was set back to: they are given up.
            log.warning("the server refused our one-time keys", error=str(error))
            self._olm.account.mark_keys_as_published()
            self._olm.save_account()
            return
        response = nio.KeysUploadResponse.from_dict(answer)
        if isinstance(response, nio.ErrorResponse):
            raise BadAnswer(f"Synapse's answer to new keys is no count: {response.message}.")
        self._olm.handle_response(response)
        self.left = int(response.signed_curve25519_count)
        self.fallback_unused = True

    def _device_keys(self) -> Json:
        keys, device_id = self._olm.account.identity_keys, self._olm.device_id
        return self._signed(
            {
                "user_id": self._olm.user_id,
                "device_id": device_id,
                "algorithms": [OLM, MEGOLM],
                "keys": {f"{name}:{device_id}": keys[name] for name in ("curve25519", "ed25519")},
            }
        )

    def _one_time_keys(self) -> Json:
        """As many as the server lacks; those of an upload whose answer never came are used first."""
        account = self._olm.account
        wanted = account.max_one_time_keys - (self.left or 0)
        missing = wanted - len(account.one_time_keys["curve25519"])
        if missing > 0:
            account.generate_one_time_keys(missing)
        keys = account.one_time_keys["curve25519"]
        return {f"{SIGNED_KEY}:{key_id}": self._signed({"key": key}) for key_id, key in keys.items()}

    def _fallback_keys(self) -> Json:
        account = self._olm.account._account
        if not account.fallback_key:
            account.generate_fallback_key()
        return {
            f"{SIGNED_KEY}:{key_id}": self._signed({"key": key.to_base64(), "fallback": True})
            for key_id, key in account.fallback_key.items()
        }

    def _signed(self, content: Json) -> Json:
        signature = self._olm.sign_json(content)
        return content | {"signatures": {self._olm.user_id: {f"ed25519:{self._olm.device_id}": signature}}}
