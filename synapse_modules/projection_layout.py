"""The tables of the projection: laid out at the start, and migrated in place by what they lack."""

from synapse.module_api import LoggingTransaction

LAYOUT = 4
"""Counted up with every change below."""
CREATION_LOCK = 0x48756550
"""Key of the advisory lock that keeps workers from creating the tables at once ("HueP")."""

_STATEMENTS = (
    """
    CREATE TABLE IF NOT EXISTS huep_people (
        localpart TEXT PRIMARY KEY,
        status TEXT NOT NULL CHECK (status IN ('active', 'left')),
        version BIGINT NOT NULL
    )
    """,
    """
    ALTER TABLE huep_people
        ADD COLUMN IF NOT EXISTS published_at BIGINT,
        ADD COLUMN IF NOT EXISTS digest TEXT,
        ADD COLUMN IF NOT EXISTS unit TEXT,
        ADD COLUMN IF NOT EXISTS units TEXT[],
        ADD COLUMN IF NOT EXISTS level INTEGER,
        ADD COLUMN IF NOT EXISTS standing TEXT,
        ADD COLUMN IF NOT EXISTS position TEXT,
        ADD COLUMN IF NOT EXISTS full_name TEXT,
        ADD COLUMN IF NOT EXISTS officer_code TEXT,
        ADD COLUMN IF NOT EXISTS code_hash TEXT,
        ADD COLUMN IF NOT EXISTS code_expires_at BIGINT,
        ADD COLUMN IF NOT EXISTS sponsor TEXT,
        ADD COLUMN IF NOT EXISTS until BIGINT
    """,
    "CREATE INDEX IF NOT EXISTS huep_people_officer_code ON huep_people (officer_code)",
    # Activation codes that were used, for good: a hash that is published once more opens nothing.
    """
    CREATE TABLE IF NOT EXISTS huep_redeemed_codes (
        code_hash TEXT PRIMARY KEY,
        localpart TEXT NOT NULL,
        redeemed_at BIGINT NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS huep_units (
        code TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        parent TEXT,
        level INTEGER NOT NULL,
        hidden BOOLEAN NOT NULL,
        digest TEXT,
        version BIGINT NOT NULL,
        published_at BIGINT NOT NULL
    )
    """,
    "ALTER TABLE huep_units ADD COLUMN IF NOT EXISTS rooms TEXT[] NOT NULL DEFAULT '{}'",
    # One row: how the tables are laid out, and when anything was published last.
    """
    CREATE TABLE IF NOT EXISTS huep_projection (
        single BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (single),
        layout INTEGER NOT NULL,
        published_at BIGINT
    )
    """,
)


def is_up_to_date(txn: LoggingTransaction) -> bool:
    """Whether the tables are laid out as this version of HueP needs them."""
    txn.execute("SELECT to_regclass('huep_projection') IS NOT NULL")
    if txn.fetchone() != (True,):
        return False
    txn.execute("SELECT layout >= ? FROM huep_projection", (LAYOUT,))
    return txn.fetchone() == (True,)


def bring_up_to_date(txn: LoggingTransaction) -> None:
    """Make what is missing; an up-to-date layout is left alone, for altering a table stops its readers."""
    txn.execute("SELECT pg_advisory_xact_lock(?)", (CREATION_LOCK,))
    if is_up_to_date(txn):
        return
    for statement in _STATEMENTS:
        txn.execute(statement)
    txn.execute(
        "INSERT INTO huep_projection (layout) VALUES (?) ON CONFLICT (single) DO UPDATE SET layout = excluded.layout",
        (LAYOUT,),
    )
