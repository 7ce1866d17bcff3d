"""How much somebody has sent in 24 hours: judged before a file is written, for Synapse would leave it on its disk."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta

from synapse.module_api import LoggingTransaction, ModuleApi

DAY_MS = timedelta(days=1) // timedelta(milliseconds=1)
UNDER_WAY_MS = timedelta(minutes=20) // timedelta(milliseconds=1)
"""So long an upload may be looked at; one that failed elsewhere is counted until then."""


@dataclass(frozen=True)
class _Upload:
    user_id: str
    size_bytes: int
    began_at_ms: int
    media_id: str | None = None
    """Once nothing was found against it."""
    refused: bool = False


class Amounts:
    """What is in Synapse's database, what is under way, and what was refused: that has cost the scanner's time, too.

    The last two are in memory of this process; a restart forgets what was refused.
    """

    def __init__(self, api: ModuleApi) -> None:
        self._api = api
        self._uploads: dict[str, _Upload] = {}
        """By request."""

    async def begin(self, request: str, user_id: str, size_bytes: int, most_bytes: int) -> int | None:
        """Count an upload from now on; where that is more than `most_bytes` nothing is, and what was sent is returned.

        Raises:
            Exception: whatever the database says when it is out of reach.
        """
        now_ms = self._api.get_current_time_msec()
        before = self._of(user_id, now_ms)
        known = [upload.media_id for upload in before.values() if upload.media_id is not None]
        sent, stored = await self._api.run_db_interaction("huep_media_sent", _sent, user_id, now_ms - DAY_MS, known)
        # What others were told meanwhile counts; so does what they no longer count, unless it is in this sum.
        counted = {**before, **self._of(user_id, now_ms)}
        for key, upload in tuple(counted.items()):
            if upload.media_id in stored:
                del counted[key]
                self._uploads.pop(key, None)
        taken = sent + sum(upload.size_bytes for upload in counted.values())
        if taken + size_bytes > most_bytes:
            return taken
        self._uploads[request] = _Upload(user_id, size_bytes, now_ms)
        return None

    def passed(self, request: str, media_id: str) -> None:
        """Nothing was found against it; it counts here until the database has it."""
        self._replace(request, media_id=media_id)

    def refused(self, request: str) -> None:
        """It is counted all the same, for a day."""
        self._replace(request, refused=True)

    def failed(self, request: str) -> None:
        """It could not be looked at, which nobody shall pay for."""
        self._uploads.pop(request, None)

    def _replace(self, request: str, **changes: str | bool) -> None:
        upload = self._uploads.pop(request, None)
        if upload is not None:
            # Under a name of its own: requests are counted anew after a while.
            self._uploads[f"{request} {upload.began_at_ms}"] = replace(upload, **changes)  # type: ignore[arg-type]

    def _of(self, user_id: str, now_ms: int) -> dict[str, _Upload]:
        for key, upload in tuple(self._uploads.items()):
            if now_ms - upload.began_at_ms > (DAY_MS if upload.refused else UNDER_WAY_MS):
                del self._uploads[key]
        return {key: upload for key, upload in self._uploads.items() if upload.user_id == user_id}


def _sent(txn: LoggingTransaction, user_id: str, since_ms: int, known: Collection[str]) -> tuple[int, frozenset[str]]:
    """Bytes of this person's files, as Synapse counts them; and which of `known` are among them."""
    txn.execute(
        "SELECT COALESCE(SUM(media_length), 0) FROM local_media_repository WHERE user_id = ? AND created_ts > ?",
        (user_id, since_ms),
    )
    row = txn.fetchone()
    txn.execute(
        "SELECT media_id FROM local_media_repository WHERE media_id = ANY(?) AND media_length IS NOT NULL",
        (list(known),),
    )
    return int(row[0]) if row else 0, frozenset(media_id for (media_id,) in txn)
