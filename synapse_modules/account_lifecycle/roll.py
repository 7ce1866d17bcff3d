"""Which accounts the homeserver has: by name, page by page, or only where the caller knows something else.

For the last, accounts fall into shards by the end of their localparts, and the caller sends a digest of each shard as
it knows it. Shards are compared inside PostgreSQL, so that 60,000 accounts that agree cost one query and no row.
"""

from dataclasses import dataclass
from typing import Any

from synapse.module_api import LoggingTransaction, ModuleApi

from synapse_modules.account_lifecycle.requests import LONGEST_ROLL, PageCall, RollCall, ShardCall

_COLUMNS = """
    users.name, profiles.displayname, users.admin, users.locked, users.deactivated
    FROM users LEFT JOIN profiles ON profiles.full_user_id = users.name
"""
_LOCALPART = "substr(split_part(users.name, ':', 1), 2)"

Entry = dict[str, Any]
"""One account with the keys of the admin API."""


@dataclass(frozen=True)
class Roll:
    """Locked and deactivated accounts too."""

    entries: tuple[Entry, ...]
    after: str | None = None
    """User ID behind which the next page begins; None after the last."""
    shards: tuple[str, ...] | None = None
    """Which shards differ, and are told of; None where the call did not ask, or too much differs to be told at once."""


async def call_the_roll(api: ModuleApi, call: RollCall) -> Roll:
    """Tell of the accounts that are asked for."""
    if isinstance(call, ShardCall):
        return await api.run_db_interaction("huep_roll_shards", _select_differing, dict(call.digests))
    if isinstance(call, PageCall):
        entries = await api.run_db_interaction("huep_roll_page", _select_page, call.after, call.limit)
        return Roll(entries, after=entries[-1]["name"] if len(entries) == call.limit else None)
    user_ids = list(map(api.get_qualified_user_id, call.localparts))
    return Roll(await api.run_db_interaction("huep_roll_names", _select_named, user_ids))


def _select_named(txn: LoggingTransaction, user_ids: list[str]) -> tuple[Entry, ...]:
    txn.execute(f"SELECT {_COLUMNS} WHERE users.name = ANY(?)", (user_ids,))
    return _entries(txn)


def _select_page(txn: LoggingTransaction, after: str, limit: int) -> tuple[Entry, ...]:
    txn.execute(
        f"SELECT {_COLUMNS} WHERE users.name > ? ORDER BY users.name LIMIT ?",
        (after, limit),
    )
    return _entries(txn)


def _select_differing(txn: LoggingTransaction, known: dict[str, str]) -> Roll:
    """Accounts of the shards that differ, and every administrator."""
    txn.execute(
        f"""
        SELECT right({_LOCALPART}, 2) AS shard, count(*), encode(sha256(convert_to(string_agg(
            {_LOCALPART} || E'\\x1f' || coalesce(profiles.displayname, E'\\x1d') || E'\\x1f' || users.locked::int,
            E'\\x1e' ORDER BY {_LOCALPART} COLLATE "C"
        ), 'UTF8')), 'hex')
        FROM users LEFT JOIN profiles ON profiles.full_user_id = users.name
        WHERE users.admin = 0 AND users.deactivated = 0
        GROUP BY shard
        """  # noqa: S608 - constants
    )
    found = {str(shard): (int(count), str(digest)) for shard, count, digest in txn}
    shards = tuple(
        sorted(shard for shard in found.keys() | known.keys() if found.get(shard, (0, ""))[1] != known.get(shard))
    )
    if sum(found[shard][0] for shard in shards if shard in found) > LONGEST_ROLL:
        return Roll(())
    txn.execute(
        f"SELECT {_COLUMNS} WHERE users.admin = 1 OR right({_LOCALPART}, 2) = ANY(?)",
        (list(shards),),
    )
    return Roll(_entries(txn), shards=shards)


def _entries(txn: LoggingTransaction) -> tuple[Entry, ...]:
    return tuple(
        {
            "name": name,
            "displayname": display_name,
            "admin": bool(admin),
            "locked": bool(locked),
            "deactivated": bool(deactivated),
        }
        for name, display_name, admin, locked, deactivated in txn
    )
