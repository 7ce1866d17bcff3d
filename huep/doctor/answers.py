"""What the running Synapse answers to somebody who has no account, and what it tells its clients."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from huep.doctor.building import Building
from huep.doctor.finding import Finding, fail, note
from huep.doctor.homeserver import read_well_known, turn_host

NOT_SERVED = 404


@dataclass(frozen=True)
class Question:
    """One request, and what is wrong when it is answered otherwise than with one of `good`."""

    method: str
    path: str
    good: tuple[int, ...]
    otherwise: str
    body: Mapping[str, Any] | None = None
    with_account: bool = False


@dataclass(frozen=True)
class Answer:
    """HTTP status, and the JSON object where there was one."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)


WELL_KNOWN = "/.well-known/matrix/client"
TURN = "/_matrix/client/v3/voip/turnServer"
CAPABILITIES = "/_matrix/client/v3/capabilities"
QUESTIONS = (
    Question("GET", "/_matrix/federation/v1/version", (NOT_SERVED,), "federation is served"),
    Question("GET", "/_matrix/key/v2/server", (NOT_SERVED,), "the server's keys are served to other servers"),
    Question("GET", "/.well-known/matrix/server", (NOT_SERVED,), "other servers are invited to federate"),
    Question("GET", "/_synapse/metrics", (NOT_SERVED,), "figures are served to whoever asks"),
    Question("GET", "/_matrix/client/v3/publicRooms", (401, 403), "rooms are listed to whoever asks"),
    Question("POST", "/_matrix/client/v3/register", (403,), "registration is open", {}),
    Question("POST", "/_matrix/client/v3/register?kind=guest", (403,), "guests may come in", {}),
    Question("POST", "/_matrix/identity/v2/account/register", (NOT_SERVED,), "an identity server answers here", {}),
    # Without the address of a page: 400 where previews are on, and nothing is fetched.
    Question(
        "GET", "/_matrix/client/v1/media/preview_url", (403, NOT_SERVED), "pages outside are fetched", with_account=True
    ),
    Question("GET", "/_matrix/media/v3/preview_url", (403, NOT_SERVED), "pages outside are fetched", with_account=True),
)


def read_answers(
    answers: Mapping[tuple[str, str], Answer], clients_are_told: Mapping[str, Answer], building: Building
) -> Iterator[Finding]:
    """Everything that should not have been answered as it was.

    Args:
        answers: to `QUESTIONS`, by method and path.
        clients_are_told: of WELL_KNOWN, TURN and CAPABILITIES, asked with an account; absent where it was not asked.
        building: what is inside.
    """
    for question in QUESTIONS:
        answer = answers.get((question.method, question.path))
        if answer is not None and answer.status not in question.good:
            yield fail(f"{question.method} {question.path}", f"answered {answer.status}: {question.otherwise}.")
    if told := clients_are_told.get(WELL_KNOWN):
        yield from read_well_known(told.body, building)
    if told := clients_are_told.get(TURN):
        for uri in told.body.get("uris") or ():
            if not building.holds(turn_host(str(uri))):
                yield fail(TURN, f"calls are relayed by {turn_host(str(uri))}, which is outside.")
    if told := clients_are_told.get(CAPABILITIES):
        if _enabled(told, "m.3pid_changes"):
            yield note(CAPABILITIES, "people may add addresses to their accounts.")
        if _enabled(told, "m.set_displayname"):
            yield note(CAPABILITIES, "people may rename themselves.")


def _enabled(answer: Answer, name: str) -> bool:
    capability = (answer.body.get("capabilities") or {}).get(name)
    return isinstance(capability, Mapping) and capability.get("enabled", True) is True
