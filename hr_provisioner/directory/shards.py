"""The directory's accounts as the homeserver can compare them without telling of each: one digest a shard.

`synapse_modules.account_lifecycle.roll` computes the same of its own accounts, character by character.
"""

from sqlalchemy import Connection, text

_DIGESTS = text(
    """
    select right(localpart, 2), encode(sha256(convert_to(string_agg(
        localpart || E'\\x1f' || display_name || E'\\x1f' || locked::int,
        E'\\x1e' order by localpart collate "C"
    ), 'UTF8')), 'hex')
    from (
        select substr(split_part(user_id, ':', 1), 2) as localpart, display_name, locked from register.accounts
    ) as known
    group by 1
    """
)


def account_digests(connection: Connection) -> dict[str, str]:
    """SHA-256 by shard (`huep.synapse_model.shard_of`): localpart, display name and lock of each account in it."""
    return {shard: digest for shard, digest in connection.execute(_DIGESTS).all()}  # noqa: C416 - rows are no pairs to mypy
