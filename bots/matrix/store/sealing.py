"""The rows of one device at rest: sealed for the device, the kind and the name of the row.

Names are keyed hashes, so that a stolen database tells neither rooms nor people, and nobody's wording can break it.
"""

import json

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from bots.matrix.store.errors import RowTampered
from bots.sealing import KEY_BYTES, Seal, SealBroken, derived_key

NAME_BYTES = 16
USE = "huep device"


class Sealer:
    """Names, seals and opens the rows of one device.

    Args:
        master: 32 bytes from the key file.
        user_id: whose device.
    """

    def __init__(self, master: bytes, user_id: str) -> None:
        if len(master) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(master)}")
        self._user_id = user_id
        self._seal = Seal(master, USE, user_id, "rows")
        self._names = derived_key(master, USE, user_id, "names")
        self.pickle_key = derived_key(master, USE, user_id, "pickles").hex()
        """The passphrase of vodozemac's own pickles, which lie inside the sealed rows."""

    def __repr__(self) -> str:
        return f"Sealer({self._user_id})"

    def name(self, kind: str, *parts: str) -> bytes:
        """16 bytes that stand for `parts`, the same for ever."""
        hashing = HMAC(self._names, SHA256())
        hashing.update(json.dumps([kind, *parts]).encode())
        return hashing.finalize()[:NAME_BYTES]

    def seal(self, kind: str, name: bytes, content: bytes) -> bytes:
        """`content` for the row `name` alone."""
        return self._seal.close(content, self._user_id, kind, name.hex())

    def open(self, kind: str, name: bytes, sealed: bytes) -> bytes:
        """What `seal` was given.

        Raises:
            RowTampered: it was sealed for another row, with another key, or changed since.
        """
        try:
            return self._seal.open(sealed, self._user_id, kind, name.hex())
        except SealBroken as error:
            raise RowTampered(kind) from error
