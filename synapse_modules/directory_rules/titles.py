"""Position and unit in people's extended profiles (MSC4133), as the projection has them.

Every person may write their own extended profile and Synapse asks nobody first, so what differs is put back: at once
for the person who wrote, and for all people now and then, which also brings new posts in. The fields cost no event in
any room.
"""

import logging
from collections.abc import Collection, Sequence, Set

from synapse.module_api import LoggingTransaction, ModuleApi

logger = logging.getLogger(__name__)

POSITION_FIELD = "vn.huep.position"
UNIT_FIELD = "vn.huep.unit"

# People of closed units carry neither, for whoever knows an ID may read the profile; nor do accounts that the register
# does not know. Only the two fields are compared, so that a round in which nothing differs writes and builds nothing.
_PUT_BACK = """
    WITH wanted AS (
        SELECT profiles.user_id, titles.* FROM profiles
        LEFT JOIN huep_people p ON p.localpart = profiles.user_id
        LEFT JOIN huep_units u ON u.code = p.unit
        CROSS JOIN LATERAL (
            SELECT to_jsonb(CASE WHEN open THEN p.position END), to_jsonb(CASE WHEN open THEN u.name END)
            FROM (SELECT p.units && (?::text[] || ARRAY(SELECT code FROM huep_units WHERE hidden)) IS NOT TRUE) s(open)
        ) titles(position, unit)
        WHERE (profiles.fields -> ?::text IS DISTINCT FROM titles.position
            OR profiles.fields -> ?::text IS DISTINCT FROM titles.unit) {among}
    )
    UPDATE profiles SET fields = NULLIF(
        COALESCE(fields, '{{}}'::jsonb) - ?::text - ?::text
            || jsonb_strip_nulls(jsonb_build_object(?::text, wanted.position, ?::text, wanted.unit)),
        '{{}}'::jsonb)
    FROM wanted WHERE wanted.user_id = profiles.user_id
"""


class Titles:
    """Writes the two fields where they differ."""

    def __init__(self, api: ModuleApi, closed_units: Set[str]) -> None:
        self._api = api
        self._closed = sorted(closed_units)

    async def put_back(self, localparts: Collection[str] | None = None) -> int:
        """Bring these people's fields, or everybody's, to what the projection says; returns how many differed."""
        return await self._api.run_db_interaction(
            "huep_titles_put_back", _put_back, self._closed, None if localparts is None else list(localparts)
        )


def _put_back(txn: LoggingTransaction, closed: Sequence[str], localparts: Sequence[str] | None) -> int:
    fields = (POSITION_FIELD, UNIT_FIELD)
    among, names = ("", ()) if localparts is None else ("AND profiles.user_id = ANY(?)", (localparts,))
    txn.execute(_PUT_BACK.format(among=among), (closed, *fields, *names, *fields, *fields))
    return int(txn.rowcount)
