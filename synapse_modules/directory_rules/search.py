"""The search of clients, answered from the projection: `POST /_synapse/client/huep/v1/directory/search`.

Body and answer are those of Matrix's `/user_directory/search`, so that a proxy can lead the one to the other. Synapse's
own search knows neither positions nor units, and asks the rules only after it has cut the results to the limit.
"""

from collections.abc import Sequence, Set
from typing import Any

from synapse.api.errors import Codes, SynapseError
from synapse.module_api import (
    DirectServeJsonResource,
    JsonDict,
    LoggingTransaction,
    ModuleApi,
    SynapseRequest,
    parse_json_object_from_request,
)

from synapse_modules.colleagues import COLLEAGUE_COLUMNS, COLLEAGUE_WIDTH, Colleagues, colleague_of, unknown
from synapse_modules.directory_rules.index import Entry, Index, entry, search
from synapse_modules.directory_rules.rules import Policy

SEARCH_PATH = "/_synapse/client/huep/v1/directory/search"
READ_AGAIN_AFTER_MS = 5_000
OVERLAP_MS = 60_000
"""So long may a publication have been under way when the index was read."""
USUAL_RESULTS, MOST_RESULTS = 10, 50
"""As in Synapse."""
MOST_WORDS, LONGEST_WORD = 8, 64
"""Of a term; each word is looked for in everything that is known of everybody."""

_CHANGED = f"""
    SELECT {COLLEAGUE_COLUMNS}, p.full_name, u.name FROM huep_people p LEFT JOIN huep_units u ON u.code = p.unit
    WHERE p.published_at >= ? OR (p.published_at IS NULL AND ? = 0)
"""  # noqa: S608 - constants


class SearchIndex:
    """Everybody of the projection, and services, in memory; what changed is read when somebody asks."""

    def __init__(self, api: ModuleApi, services: Set[str]) -> None:
        self._api = api
        self._services = sorted(services)
        self._entries: dict[str, Entry] = {}
        self._index = Index()
        self._read_at_ms: int | None = None
        self._units_published_at_ms: int | None = None

    async def read(self) -> Index:
        """Everybody, as the projection was at most `READ_AGAIN_AFTER_MS` ago.

        Raises:
            Exception: whatever the database says when a table is missing or out of reach.
        """
        now_ms = self._api.get_current_time_msec()
        if self._read_at_ms is None or now_ms - self._read_at_ms >= READ_AGAIN_AFTER_MS:
            since_ms = 0 if self._read_at_ms is None else self._read_at_ms - OVERLAP_MS
            units_ms, published = await self._api.run_db_interaction(
                "huep_directory_read", _read_changed, since_ms, self._units_published_at_ms, self._services
            )
            self._read_at_ms, self._units_published_at_ms = now_ms, units_ms
            if any(self._entries.get(localpart) != now for localpart, now in published.items()):
                self._entries |= published
                self._index = await self._api.defer_to_thread(Index, tuple(self._entries.values()))
        return self._index


class SearchResource(DirectServeJsonResource):
    """For everybody who is logged in."""

    isLeaf = True  # noqa: N815  (the name is Twisted's)

    def __init__(self, api: ModuleApi, policy: Policy, colleagues: Colleagues) -> None:
        super().__init__()
        self._api = api
        self._policy = policy
        self._colleagues = colleagues
        self._index = SearchIndex(api, policy.services)
        self._searching: set[str] = set()
        """Whose searches are under way: one at a time for each, so that nobody keeps Synapse's threads."""

    async def _async_render_POST(self, request: SynapseRequest) -> tuple[int, JsonDict]:  # noqa: N802
        requester = await self._api.get_user_by_req(request)
        term, limit = _asked(parse_json_object_from_request(request))
        user_id = requester.user.to_string()
        if user_id in self._searching:
            raise SynapseError(429, "Another search of yours is under way", Codes.LIMIT_EXCEEDED)
        self._searching.add(user_id)
        try:
            return 200, await self._found(user_id, term, limit)
        finally:
            self._searching.discard(user_id)

    async def _found(self, user_id: str, term: str, limit: int) -> JsonDict:
        asker = (await self._colleagues.of([user_id]))[user_id]
        index = await self._index.read()
        found = await self._api.defer_to_thread(search, index, asker, term, limit, self._policy)
        results = await self._api.run_db_interaction("huep_directory_show", _read_profiles, found.localparts)
        return {"limited": found.limited, "results": results}


def _asked(body: JsonDict) -> tuple[str, int]:
    term, limit = body.get("search_term"), body.get("limit", USUAL_RESULTS)
    if not isinstance(term, str):
        raise SynapseError(400, "`search_term` is required field", Codes.MISSING_PARAM)
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 0:
        raise SynapseError(400, "`limit` must be a whole number", Codes.INVALID_PARAM)
    words = term.split(maxsplit=MOST_WORDS)[:MOST_WORDS]
    return " ".join(word[:LONGEST_WORD] for word in words), min(limit, MOST_RESULTS)


def _read_changed(
    txn: LoggingTransaction, since_ms: int, units_known_ms: int | None, services: Sequence[str]
) -> tuple[int | None, dict[str, Entry]]:
    """Services, and people published since then; everybody when a unit changed, for its people bear its name."""
    txn.execute("SELECT max(published_at) FROM huep_units")
    row = txn.fetchone()
    units_ms = row[0] if row else None
    since_ms = since_ms if units_ms == units_known_ms else 0
    txn.execute(_CHANGED, (since_ms, since_ms))
    people = {str(row[0]): entry(colleague_of(row), *row[COLLEAGUE_WIDTH:]) for row in txn}
    txn.execute("SELECT user_id, displayname FROM profiles WHERE user_id = ANY(?)", (list(services),))
    return units_ms, {**people, **{str(name): entry(unknown(name), display_name, None) for name, display_name in txn}}


def _read_profiles(txn: LoggingTransaction, localparts: Sequence[str]) -> list[dict[str, Any]]:
    """Of those who are not locked, in the order given."""
    txn.execute(
        """
        SELECT profiles.user_id, users.name, profiles.displayname, profiles.avatar_url
        FROM profiles JOIN users ON users.name = profiles.full_user_id
        WHERE profiles.user_id = ANY(?) AND NOT users.locked AND users.deactivated = 0
        """,
        (list(localparts),),
    )
    shown = {
        localpart: {"user_id": name, "display_name": display_name, "avatar_url": avatar}
        for localpart, name, display_name, avatar in txn
    }
    return [shown[localpart] for localpart in localparts if localpart in shown]
