"""Through which gateway phones are told: the rules as a table, the configuration, and the questions put to Synapse."""

from types import SimpleNamespace
from typing import Any

import attr
import pytest
from synapse.api.errors import SynapseError
from synapse.config import ConfigError
from synapse.push import PusherConfig
from synapse.push.httppusher import HttpPusher

from synapse_modules.homeserver_internals.pushers import Pushers
from synapse_modules.push_rules.module import PushRules
from synapse_modules.push_rules.rules import NO_ADDRESS, NOT_BY_MAIL, Policy, Refusal, Route, judge

PATH = "/_matrix/push/v1/notify"
OWN = f"https://push.hue.gov.vn{PATH}"
LOCAL = f"http://127.0.0.1:8015{PATH}"
SYGNAL = f"http://10.1.2.3:5000{PATH}"
APPLE = f"https://push.element.example{PATH}"
POLICY = Policy(OWN, LOCAL, frozenset({SYGNAL}), frozenset({APPLE}))
STRANGER = f"https://matrix.org{PATH}"
PERSON = "@an-k1:hue.localhost"


@pytest.mark.parametrize(
    ("given", "url", "inside"),
    [
        (OWN, LOCAL, True),
        (f"https://PUSH.hue.gov.vn:443{PATH}", LOCAL, True),
        (SYGNAL, SYGNAL, True),
        (APPLE, APPLE, False),
    ],
)
def test_an_allowed_gateway_is_taken_and_told_ids_alone(given: str, url: str, inside: bool) -> None:
    route = judge("http", {"url": given, "format": "full", "default_payload": {"cs": "1"}}, POLICY)
    assert isinstance(route, Route)
    assert (route.url, route.inside) == (url, inside)
    assert route.data["format"] == "event_id_only"
    assert route.data["default_payload"] == {"cs": "1"}


@pytest.mark.parametrize(
    "url",
    [
        STRANGER,
        f"http://push.hue.gov.vn{PATH}",
        f"https://push.hue.gov.vn:8443{PATH}",
        f"https://push.hue.gov.vn.evil.example{PATH}",
        f"https://push.hue.gov.vn@evil.example{PATH}",
        f"https://evil.example/{PATH}",
        f"{OWN}?to=evil.example",
        f"{OWN}#x",
        f"{OWN}/../../x",
        LOCAL,
        f"http://127.0.0.1:8008{PATH}",
        f"http://[::1]:8008{PATH}",
        f"ftp://push.hue.gov.vn{PATH}",
        f"https://push.hue.gov.vn:port{PATH}",
        f"https://[push{PATH}",
        "",
        7,
        None,
    ],
)
def test_any_other_address_is_refused(url: object) -> None:
    assert isinstance(judge("http", {"url": url}, POLICY), Refusal)


@pytest.mark.parametrize("data", [None, [], "https://push.hue.gov.vn", {}])
def test_a_pusher_without_an_address_is_refused(data: object) -> None:
    verdict = judge("http", data, POLICY)
    assert isinstance(verdict, Refusal)
    assert verdict.sentence == NO_ADDRESS


@pytest.mark.parametrize("kind", ["email", "sms", "", None, 1])
def test_no_kind_but_http_is_taken(kind: object) -> None:
    verdict = judge(kind, {"url": OWN}, POLICY)
    assert isinstance(verdict, Refusal)
    assert verdict.sentence == NOT_BY_MAIL


def test_the_person_reads_which_server_is_outside() -> None:
    verdict = judge("http", {"url": STRANGER}, POLICY)
    assert isinstance(verdict, Refusal)
    assert "matrix.org" in verdict.sentence
    assert "ntfy" in verdict.sentence


def test_without_any_gateway_all_pushers_are_refused() -> None:
    assert isinstance(judge("http", {"url": OWN}, PushRules.parse_config({})), Refusal)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ({"gateways": []}, "'gateways'"),
        ({"own": OWN}, "own_listens_on"),
        ({"own": "https://push.hue.gov.vn", "own_listens_on": LOCAL}, "own"),
        ({"inside": ["matrix.org"]}, "inside"),
        ({"declared": APPLE}, "declared"),
    ],
)
def test_a_key_that_cannot_be_used_is_named(content: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        PushRules.parse_config(content)


class Pool:
    """Synapse's pool of pushers as far as the module touches it."""

    def __init__(self) -> None:
        self.added: list[Any] = []
        self.pusher_factory = SimpleNamespace(create_pusher=self.create)

    def create(self, pusher_config: Any) -> Any:
        return SimpleNamespace(config=pusher_config, url=pusher_config.data["url"], http_client="walled")

    async def add_or_update_pusher(
        self, user_id: str, kind: str, app_id: str, data: dict[str, Any], device_id: str | None = None
    ) -> str:
        self.added.append((user_id, data, device_id))
        return "added"


def module_api(pool: Pool) -> Any:
    hs = SimpleNamespace(get_pusherpool=lambda: pool, get_simple_http_client=lambda: "plain")
    return SimpleNamespace(_hs=hs)


@pytest.fixture
def pool() -> Pool:
    pool = Pool()
    PushRules(POLICY, module_api(pool))
    return pool


def stored(url: str, kind: str = "http") -> PusherConfig:
    values: dict[str, Any] = dict.fromkeys(field.name for field in attr.fields(PusherConfig))
    return PusherConfig(**{**values, "user_name": PERSON, "kind": kind, "data": {"url": url}})


async def test_a_pusher_to_the_outside_never_reaches_the_database(pool: Pool, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "synapse_modules"), pytest.raises(SynapseError) as refused:
        await pool.add_or_update_pusher(user_id=PERSON, kind="http", app_id="im.vector", data={"url": STRANGER})
    assert refused.value.code == 403
    assert "matrix.org" in refused.value.msg
    assert pool.added == []
    assert f"Pusher of {PERSON} refused" in caplog.text


async def test_what_is_stored_of_a_pusher_asks_for_ids_alone(pool: Pool) -> None:
    assert await pool.add_or_update_pusher(PERSON, "http", "im.vector", {"url": OWN}, device_id="A") == "added"
    assert pool.added == [(PERSON, {"url": OWN, "format": "event_id_only"}, "A")]


def test_a_pusher_of_earlier_times_to_the_outside_is_never_made(pool: Pool, caplog: pytest.LogCaptureFixture) -> None:
    assert pool.pusher_factory.create_pusher(stored(STRANGER)) is None
    assert pool.pusher_factory.create_pusher(stored(OWN, "email")) is None
    assert caplog.text.count("stays silent") == 2


def test_our_own_gateway_is_reached_on_this_host_without_the_wall(pool: Pool) -> None:
    pusher = pool.pusher_factory.create_pusher(stored(OWN))
    assert (pusher.url, pusher.http_client) == (LOCAL, "plain")
    assert pusher.config.data == {"url": OWN, "format": "event_id_only"}


def test_a_declared_gateway_stays_behind_the_wall(pool: Pool) -> None:
    pusher = pool.pusher_factory.create_pusher(stored(APPLE))
    assert (pusher.url, pusher.http_client) == (APPLE, "walled")
    assert pusher.config.data["format"] == "event_id_only"


@pytest.mark.parametrize("gone", ["get_pusherpool", "get_simple_http_client"])
def test_a_synapse_without_what_is_needed_is_named(gone: str) -> None:
    api = module_api(Pool())
    delattr(api._hs, gone)
    with pytest.raises(ConfigError, match=gone):
        Pushers(api)


def test_a_pool_that_lost_its_function_or_a_parameter_is_named() -> None:
    pool = Pool()
    pool.add_or_update_pusher = lambda user_id, kind: None  # type: ignore[assignment,method-assign,misc,return-value]
    with pytest.raises(ConfigError, match=r"'data' of .*add_or_update_pusher"):
        Pushers(module_api(pool))


def test_a_pusher_that_sends_in_another_way_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async def dispatch_push(self: Any, content: Any) -> None:
        await self.client.post(self.address, content)

    monkeypatch.setattr(HttpPusher, "dispatch_push", dispatch_push)
    with pytest.raises(ConfigError, match="dispatch_push"):
        Pushers(module_api(Pool()))
