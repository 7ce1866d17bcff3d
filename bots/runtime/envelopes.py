"""How what a bot says is closed while it lies in the outbox: bound to its row, a file apart from the words."""

import json
from collections.abc import Mapping
from typing import Any

from bots.runtime.outcome import MOST_ENCLOSED_BYTES, Enclosure, EnclosureTooLarge
from bots.sealing import Seal


class Envelopes:
    """One bot's. Whoever can write rows can have nothing sent elsewhere, or as what is never encrypted.

    Every method raises SealBroken for what does not open.
    """

    def __init__(self, bot: str, seal: Seal) -> None:
        self._bot = bot
        self._seal = seal

    def close(self, content: Mapping[str, Any], room_id: str, transaction_id: str, event_type: str) -> bytes:
        """The content of an event, sealed."""
        plain = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        return self._seal.close(plain, self._bot, room_id, transaction_id, event_type)

    def open(self, sealed: bytes, room_id: str, transaction_id: str, event_type: str) -> dict[str, Any]:
        """The content that was closed."""
        return dict(json.loads(self._seal.open(sealed, self._bot, room_id, transaction_id, event_type)))

    def close_file(self, enclosure: Enclosure, room_id: str, transaction_id: str) -> bytes:
        """One line of JSON about the file, and behind it the file, sealed.

        Raises:
            EnclosureTooLarge.
        """
        if len(enclosure.data) > MOST_ENCLOSED_BYTES:
            raise EnclosureTooLarge(enclosure.name, len(enclosure.data))
        about = {"name": enclosure.name, "kind": enclosure.kind, "picture_px": enclosure.picture_px}
        plain = json.dumps(about).encode() + b"\n" + enclosure.data
        return self._seal.close(plain, self._bot, room_id, transaction_id, "enclosure")

    def open_file(self, sealed: bytes, room_id: str, transaction_id: str) -> Enclosure:
        """The file that was closed."""
        line, _, data = self._seal.open(sealed, self._bot, room_id, transaction_id, "enclosure").partition(b"\n")
        about = json.loads(line)
        px = about["picture_px"]
        return Enclosure(about["name"], about["kind"], data, None if px is None else (px[0], px[1]))
