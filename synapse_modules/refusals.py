"""One line for each refused request, in a file of its own: what was asked, by whom, from where, and why not.

Synapse says these things in two loggers: `synapse.http.server` has the reason, `synapse.access` the person and the
status, and its line for each request that went well would bury the others. The log's configuration hangs `Refused`
between both and the file (synapse-config/log.yaml.j2).
"""

import logging
import re
from collections import OrderedDict

REASON_LOGGER = "synapse.http.server"
MOST_WAITING = 1_000
"""Reasons whose request is not over yet; more would be requests that never end."""

_ACCESS = re.compile(
    r"(?P<address>\S+) - \S+ - \{(?P<who>[^}]*)\} Processed request: "
    r"\S+ ru=\([^)]*\) db=\([^)]*\) \d+B (?P<status>\d+)!? "
    r'"(?P<method>[A-Z]+) (?P<path>[^ ?]+)\S* [^"]*" "(?P<client>.*)" \[\d+ dbevts\]$',
    re.DOTALL,
)
"""Synapse's line of access, as its documentation has it (usage/administration/request_log). Each field up to the status
is spelled out: what follows is the client's own words, and may look like such a line."""
_ASKED_ELSEWHERE = 502
_REASON = re.compile(r"SynapseError: \d+ - (?P<reason>.*)", re.DOTALL)
_ORDINARY_MISS = re.compile(
    r"/(account_data|dehydrated_device|directory/room|room_keys|state|pushrules|auth_metadata|versions|\.well-known)\b"
)
"""Where clients ask for what is often not there: 404 to a GET is an answer then."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_NOBODY = "None"


class Refused(logging.Filter):
    """Lets the lines of refused requests pass, each with its reason; of the loggers it hangs under nothing else.

    What stood behind `?` is left out, and so is everything that was sent: words of people stand in no log.
    """

    def __init__(self) -> None:
        super().__init__()
        self._reasons: OrderedDict[str, str] = OrderedDict()
        """By the name of the request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether `record` ends a refused request; then its message becomes that of the refusal."""
        request = str(getattr(record, "request", ""))
        line = record.getMessage()
        if record.name == REASON_LOGGER:
            self._remember(request, line)
            return False
        reason = self._reasons.pop(request, "")
        access = _ACCESS.match(line)
        if access is None or not is_refusal(access["method"], access["path"], int(access["status"])):
            return False
        record.msg, record.args = "%s", (sentence(access, reason),)
        return True

    def _remember(self, request: str, line: str) -> None:
        if found := _REASON.search(line):
            self._reasons[request] = found["reason"]
            if len(self._reasons) > MOST_WAITING:
                self._reasons.popitem(last=False)


def is_refusal(method: str, path: str, status: int) -> bool:
    """Whether something was refused, or asked of another server; not where the answer is that there is nothing."""
    if not 400 <= status < 500:
        return status == _ASKED_ELSEWHERE
    return not (method == "GET" and status == 404 and _ORDINARY_MISS.search(path) is not None)


def sentence(access: "re.Match[str]", reason: str) -> str:
    """The line: nothing in it can look like the beginning of another."""
    who = "nobody" if access["who"] == _NOBODY else access["who"]
    return _CONTROL.sub(
        " ",
        f"refused {access['status']} {access['method']} {access['path']} by {who} from {access['address']} "
        f"with {access['client']}: {reason or '-'}",
    )
