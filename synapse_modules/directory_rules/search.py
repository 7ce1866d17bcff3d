"""The search of clients, answered from the projection: `POST /_synapse/client/huep/v1/directory/search`.

Body and answer are those of Matrix's `/user_directory/search`, so that a proxy can lead the one to the other. Synapse's
own search knows neither positions nor units, and asks the rules only after it has cut the results to the limit.
"""

from collections.abc import Sequence
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

from synapse_modules.colleagues import Colleagues
from synapse_modules.directory_rules.everybody import Everybody
from synapse_modules.directory_rules.index import search
from synapse_modules.directory_rules.rules import Policy
from synapse_modules.directory_rules.turns import Turns

SEARCH_PATH = "/_synapse/client/huep/v1/directory/search"
USUAL_RESULTS, MOST_RESULTS = 10, 50
"""As in Synapse."""
MOST_WORDS, LONGEST_WORD = 8, 64
"""Of a term; each word is looked for in everything that is known of everybody."""


class SearchResource(DirectServeJsonResource):
    """For everybody who is logged in."""

    isLeaf = True  # noqa: N815  (the name is Twisted's)

    def __init__(self, api: ModuleApi, policy: Policy, colleagues: Colleagues) -> None:
        super().__init__()
        self._api = api
        self._policy = policy
        self._colleagues = colleagues
        self._everybody = Everybody(api, policy.services)
        self._turns: Turns[JsonDict] = Turns()
        """One search at a time for each person, so that nobody keeps Synapse's threads."""

    async def prepare(self) -> None:
        """Have everybody in memory before the first search."""
        await self._everybody.prepare()

    async def _async_render_POST(self, request: SynapseRequest) -> tuple[int, JsonDict]:  # noqa: N802
        requester = await self._api.get_user_by_req(request)
        term, limit = _asked(parse_json_object_from_request(request))
        user_id = requester.user.to_string()
        return 200, await self._turns.take(user_id, requester.device_id, lambda: self._found(user_id, term, limit))

    async def _found(self, user_id: str, term: str, limit: int) -> JsonDict:
        asker = (await self._colleagues.of([user_id]))[user_id]
        index = await self._everybody.index()
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
