"""`huep doctor`: one case for each way out, on top of the configuration as it is rendered, in which there is none."""

import copy
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from huep.doctor.answers import CAPABILITIES, QUESTIONS, TURN, WELL_KNOWN, Answer, read_answers
from huep.doctor.building import Building, is_loopback, urls_in
from huep.doctor.element import read_element
from huep.doctor.finding import Finding, Severity, worst_first
from huep.doctor.homeserver import Configuration, read_homeserver, turn_host
from huep.doctor.looking import Process, descendants
from huep.doctor.modules import OPENS
from huep.doctor.news import news_hosts
from huep.doctor.province import own_hosts, permitted, read_province
from huep.doctor.pushers import StoredPusher, read_pushers
from huep.doctor.sockets import Held, Socket, parse, read_sockets
from huep.settings import Settings, parse_settings
from huep.stack.synapse_config import render
from huep.state import StateFolder

OUTSIDE = "https://collector.example"
NAMES = {"db.hue.gov.vn": ["10.1.2.3"], "half.hue.gov.vn": ["10.1.2.3", "8.8.8.8"], "collector.example": ["8.8.4.4"]}
BUILDING = Building(frozenset({"chat.hue.gov.vn"}), (ip_network("192.88.99.0/24"),), lambda host: NAMES.get(host, ()))
APPLE = "https://gateway.example/_matrix/push/v1/notify"
Change = Callable[[dict[str, Any]], object]


def settings_of(**sections: Any) -> Settings:
    synapse = {"public_url": "https://chat.hue.gov.vn"}
    return parse_settings({"server_name": "hue.gov.vn", "synapse": synapse, **sections}, Path("huep.toml"))


def rendered(settings: Settings) -> dict[str, Any]:
    state = StateFolder(Path("/srv/huep"))
    content = yaml.safe_load(render(settings, state)[state.synapse / "homeserver.yaml"])
    assert isinstance(content, dict)
    return content


def examined(content: dict[str, Any], settings: Settings, **parts: Any) -> list[Finding]:
    return worst_first(read_homeserver(Configuration(content, **parts), permitted(settings), BUILDING))


def of(severity: Severity, findings: list[Finding]) -> list[str]:
    return [finding.where for finding in findings if finding.severity is severity]


DEFAULT = settings_of()
SHUT = rendered(DEFAULT)


@pytest.mark.parametrize(
    "sections",
    [
        {},
        {"push": {"enabled": False}},
        {"synapse": {"tls_certificate": "/etc/huep.pem", "tls_private_key": "/etc/huep.key"}},
        {"push": {"public_url": "https://push.hue.gov.vn", "allowed": ["http://10.0.0.5/_matrix/push/v1/notify"]}},
    ],
)
def test_the_configuration_as_rendered_lets_nothing_out(sections: dict[str, Any]) -> None:
    settings = parse_settings({"server_name": "hue.gov.vn", **sections}, Path("huep.toml"))
    building = Building(own_hosts(settings))
    found = [
        *read_homeserver(Configuration(rendered(settings)), permitted(settings), building),
        *read_province(settings, building),
    ]
    assert of(Severity.FAIL, found) == []
    assert of(Severity.DECLARED, found) == []


def put(path: str, value: object) -> Change:
    def change(content: dict[str, Any]) -> None:
        *sections, last = path.split(".")
        for section in sections:
            content = content.setdefault(section, {})
        content[last] = value

    return change


def without(path: str) -> Change:
    def change(content: dict[str, Any]) -> None:
        *sections, last = path.split(".")
        for section in sections:
            content = content[section]
        del content[last]

    return change


def resource(name: str) -> Change:
    return lambda content: content["listeners"][0]["resources"][0]["names"].append(name)


def listener(**keys: Any) -> Change:
    return lambda content: content["listeners"].append({"port": 9000, **keys})


def module(name: str) -> Change:
    return lambda content: content["modules"].append({"module": name})


def push_rules(key: str, value: object) -> Change:
    def change(content: dict[str, Any]) -> None:
        (config,) = (item["config"] for item in content["modules"] if "push_rules" in item["module"])
        config[key] = value

    return change


def no_push_rules(content: dict[str, Any]) -> None:
    content["modules"] = [item for item in content["modules"] if "push_rules" not in item["module"]]


WAYS_OUT: dict[str, tuple[Change, str]] = {
    "everybody is federated with": (without("federation_domain_whitelist"), "federation_domain_whitelist"),
    "one server is federated with": (put("federation_domain_whitelist", ["hcm.gov.vn"]), "federation_domain_whitelist"),
    "events are sent to others": (without("send_federation"), "send_federation"),
    "rooms are listed to others": (put("allow_public_rooms_over_federation", True), "allow_public_rooms_over_federation"),
    "rooms are listed to anybody": (put("allow_public_rooms_without_auth", True), "allow_public_rooms_without_auth"),
    "device names to others": (
        put("allow_device_name_lookup_over_federation", True),
        "allow_device_name_lookup_over_federation",
    ),
    "keys from matrix.org": (without("trusted_key_servers"), "trusted_key_servers"),
    "keys from a server": (put("trusted_key_servers", [{"server_name": "matrix.org"}]), "trusted_key_servers"),
    "statistics": (put("report_stats", True), "report_stats"),
    "open registration": (put("enable_registration", True), "enable_registration"),
    "guests": (put("allow_guest_access", True), "allow_guest_access"),
    "puzzles from Google": (put("enable_registration_captcha", True), "enable_registration_captcha"),
    "previews": (put("url_preview_enabled", True), "url_preview_enabled"),
    "an invitation to federate": (put("serve_server_wellknown", True), "serve_server_wellknown"),
    "contents pushed": (put("push.include_content", True), "push.include_content"),
    "contents pushed by default": (without("push"), "push.include_content"),
    "an identity server": (put("default_identity_server", "https://vector.im"), "default_identity_server"),
    "an identity server for passwords": (
        put("trust_identity_server_for_password_resets", True),
        "trust_identity_server_for_password_resets",
    ),
    "addresses verified outside": (
        put("account_threepid_delegates.msisdn", OUTSIDE),
        "account_threepid_delegates.msisdn",
    ),
    "a proxy": (put("https_proxy", "http://10.0.0.1:3128"), "https_proxy"),
    "mail": (put("email", {"smtp_host": "10.0.0.1"}), "email"),
    "errors": (put("sentry", {"dsn": OUTSIDE}), "sentry"),
    "traces": (put("opentracing.enabled", True), "opentracing.enabled"),
    "an unknown module": (module("synapse_s3.Store"), "modules"),
    "an old password provider": (put("password_providers", [{"module": "x"}]), "password_providers"),
    "an old spam checker": (put("spam_checker", {"module": "x"}), "spam_checker"),
    "old event rules": (put("third_party_event_rules", {"module": "x"}), "third_party_event_rules"),
    "a presence router": (put("presence_router", {"module": "x"}), "presence_router"),
    "media elsewhere": (put("media_storage_providers", [{"module": "s3"}]), "media_storage_providers"),
    "a push gateway that nobody declared": (push_rules("declared", [APPLE]), "push_rules.declared"),
    "a gateway inside that huep.toml does not know": (push_rules("inside", [APPLE]), "push_rules"),
    "any push gateway": (no_push_rules, "modules"),
    "addresses open to whom Synapse fetches for": (without("ip_range_blacklist"), "ip_range_blacklist"),
    "IPv6 open": (put("ip_range_blacklist", ["0.0.0.0/0"]), "ip_range_blacklist"),
    "addresses open to who names an identity server": (
        put("federation_ip_range_blacklist", ["10.0.0.0/8"]),
        "federation_ip_range_blacklist",
    ),
    "none shut to who names an identity server": (put("federation_ip_range_blacklist", None), "federation_ip_range_blacklist"),
    "all addresses open": (put("ip_range_whitelist", ["0.0.0.0/0"]), "ip_range_whitelist"),
    "an address outside open": (put("ip_range_whitelist", ["8.8.8.8"]), "ip_range_whitelist"),
    "a range that is none": (put("ip_range_whitelist", ["10.0.0.0-99"]), "ip_range_whitelist"),
    "federation served": (resource("federation"), "listeners[0]"),
    "keys served": (resource("keys"), "listeners[0]"),
    "metrics for other hosts": (listener(type="metrics", bind_addresses=["0.0.0.0"]), "listeners[1]"),
    "metrics for all by default": (listener(type="metrics"), "listeners[1]"),
    "a manhole for other hosts": (listener(type="manhole", bind_addresses=["10.0.0.1"]), "listeners[1]"),
    "replication for other hosts": (
        listener(type="http", bind_addresses=["::"], resources=[{"names": ["replication"]}]),
        "listeners[1]",
    ),
    "a worker that federates": (
        put("worker_listeners", [{"port": 1, "bind_addresses": ["127.0.0.1"], "resources": [{"names": ["federation"]}]}]),
        "worker_listeners[0]",
    ),
    "calls relayed outside": (put("turn_uris", ["turn:turn.matrix.org?transport=udp"]), "turn_uris"),
    "a database outside": (put("database.args.host", "8.8.8.8"), "database.args.host"),
    "one of two databases outside": (put("database.args.host", "10.0.0.1,8.8.8.8"), "database.args.host"),
    "Redis outside": (put("redis", {"enabled": True, "host": "collector.example"}), "redis.host"),
    "a worker outside": (put("instance_map", {"w": {"host": "8.8.8.8"}}), "instance_map.w.host"),
    "clients sent to an identity server": (
        put("extra_well_known_client_content", {"m.identity_server": {"base_url": "https://10.0.0.1"}}),
        "extra_well_known_client_content.m.identity_server",
    ),
    "clients sent to an integration manager": (
        put("extra_well_known_client_content", {"m.integrations": {"managers": [{"api_url": OUTSIDE}]}}),
        "extra_well_known_client_content.m.integrations",
    ),
    "clients sent to maps": (
        put("extra_well_known_client_content", {"m.tile_server": {"map_style_url": OUTSIDE}}),
        "extra_well_known_client_content.m.tile_server.map_style_url",
    ),
    "clients sent to a call server": (
        put("extra_well_known_client_content", {"org.matrix.msc4143.rtc_foci": [{"livekit_service_url": OUTSIDE}]}),
        "extra_well_known_client_content.org.matrix.msc4143.rtc_foci[0].livekit_service_url",
    ),
    "single sign-on that huep.toml does not know": (put("oidc_providers", [{"issuer": OUTSIDE}]), "oidc_providers[0].issuer"),
    "single sign-on by CAS": (put("cas_config", {"server_url": OUTSIDE}), "cas_config.server_url"),
    "an authentication service": (
        put("matrix_authentication_service", {"endpoint": OUTSIDE}),
        "matrix_authentication_service.endpoint",
    ),
    "a call server": (
        put("matrix_rtc", {"transports": [{"livekit_service_url": OUTSIDE}]}),
        "matrix_rtc.transports[0].livekit_service_url",
    ),
    "whatever a new Synapse knows": (put("new_section.where", OUTSIDE), "new_section.where"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "where"), WAYS_OUT.values(), ids=WAYS_OUT.keys())
def test_each_way_out_fails(change: Change, where: str) -> None:
    content = copy.deepcopy(SHUT)
    change(content)
    assert of(Severity.FAIL, examined(content, DEFAULT)) == [where]


@pytest.mark.parametrize("name", OPENS)
def test_each_module_that_is_not_loaded_fails_and_what_that_opens_is_said(name: str) -> None:
    content = copy.deepcopy(SHUT)
    content["modules"] = [item for item in content["modules"] if item["module"] != name]
    (finding,) = (each for each in examined(content, DEFAULT) if each.severity is Severity.FAIL)
    assert finding.where == "modules"
    assert f"{name} is missing: {OPENS[name]};" in finding.said


def test_the_modules_asked_for_are_those_that_are_rendered() -> None:
    assert [item["module"] for item in SHUT["modules"]] == list(OPENS)


def test_with_a_declared_gateway_identity_servers_stay_shut() -> None:
    gateway = {"gateway": APPLE, "reason": "iPhone của lãnh đạo, quyết định 12/QĐ"}
    settings = settings_of(push={"exceptions": [gateway]})
    content = rendered(settings)
    assert of(Severity.FAIL, examined(content, settings)) == []
    del content["federation_ip_range_blacklist"]
    assert of(Severity.FAIL, examined(content, settings)) == ["federation_ip_range_blacklist"]


INSIDE: dict[str, Change] = {
    "one list for both": without("federation_ip_range_blacklist"),
    "database by socket": put("database.args.host", "/run/postgresql"),
    "database in the building": put("database.args.host", "db.hue.gov.vn"),
    "a relay in the building": put("turn_uris", ["turn:10.0.0.9:3478?transport=udp", "turns:[fd00::9]:5349"]),
    "a province's own network": put("turn_uris", ["turn:192.88.99.9"]),
    "metrics on loopback": listener(type="metrics", bind_addresses=["127.0.0.1", "::1"]),
    "a call server here": put("matrix_rtc", {"transports": [{"livekit_service_url": "https://chat.hue.gov.vn/rtc"}]}),
    "Redis switched off": put("redis", {"enabled": False, "host": "collector.example"}),
}


@pytest.mark.parametrize("change", INSIDE.values(), ids=INSIDE.keys())
def test_what_stays_in_the_building_passes(change: Change) -> None:
    content = copy.deepcopy(SHUT)
    change(content)
    assert of(Severity.FAIL, examined(content, DEFAULT)) == []


NOTED: dict[str, Change] = {
    "push.enabled": put("push.enabled", False),
    "ip_range_whitelist": put("ip_range_whitelist", ["10.0.0.0/8"]),
    "listeners[0]": put("listeners", [{"port": 8008, "bind_addresses": ["0.0.0.0"], "resources": []}]),
}


@pytest.mark.parametrize(("where", "change"), NOTED.items())
def test_what_is_worth_knowing_is_noted(where: str, change: Change) -> None:
    content = copy.deepcopy(SHUT)
    change(content)
    assert [(each.severity, each.where) for each in examined(content, DEFAULT)] == [(Severity.NOTE, where)]


def test_an_application_service_outside_fails() -> None:
    services = {
        "/srv/a.yaml": {"url": OUTSIDE},
        "/srv/b.yaml": {"url": "http://127.0.0.1:1"},
        "/srv/c.yaml": {"url": None},
    }
    assert of(Severity.FAIL, examined(SHUT, DEFAULT, app_services=services)) == [
        "app_service_config_files: /srv/a.yaml"
    ]


@pytest.mark.parametrize(
    "key", [{"host": "8.8.8.8"}, {"address": ["collector.example", 514]}, {"host": "logs.example"}]
)
def test_a_log_outside_fails(key: dict[str, Any]) -> None:
    log = {"handlers": {"far": key, "near": {"filename": "/srv/x.log"}, "syslog": {"address": "/dev/log"}}}
    assert of(Severity.FAIL, examined(SHUT, DEFAULT, log=log)) == ["log_config: handlers.far"]


DECLARING = settings_of(
    push={"exceptions": [{"gateway": APPLE, "reason": "iPhone của lãnh đạo, quyết định 12/QĐ"}]},
    oidc={"enabled": True, "issuer": f"{OUTSIDE}/realms/hue", "client_id": "huep"},
    hr={"source": {"kind": "postgres", "host": "8.8.8.8"}},
)


def test_what_huep_toml_declares_is_named_and_does_not_fail() -> None:
    found = [*examined(rendered(DECLARING), DECLARING), *read_province(DECLARING, BUILDING)]
    assert of(Severity.FAIL, found) == []
    assert set(of(Severity.DECLARED, found)) >= {
        "push.exceptions",
        "oidc_providers[0].issuer",
        "oidc.issuer",
        "hr.source.host",
    }
    assert any("quyết định 12/QĐ" in finding.said for finding in found)


def test_what_is_switched_off_is_not_named() -> None:
    settings = settings_of(oidc={"issuer": OUTSIDE}, hr={"source": {"url": OUTSIDE}})
    assert list(read_province(settings, BUILDING)) == []


def test_every_place_that_news_come_from_is_named() -> None:
    source = {"unit": "HUE", "audience": "toàn tỉnh"}
    feeds = [
        {"name": "cong", "url": "https://collector.example/rss", **source},
        {"name": "noi-bo", "url": "http://db.hue.gov.vn/rss", **source},
        {"name": "ho", "url": "http://collector.example/rss", **source},
    ]
    mailbox = {"host": "mail.example", "user": "tin", "senders": ["a@hue.gov.vn"], **source}
    settings = settings_of(broadcasts={"feeds": feeds, "mailbox": mailbox, "webhooks": [{"name": "w", **source}]})
    found = list(read_province(settings, BUILDING))
    assert of(Severity.DECLARED, found) == ["broadcasts.feeds[0].url", "broadcasts.mailbox.host"]
    assert of(Severity.NOTE, found) == ["broadcasts.feeds[1].url"]
    assert of(Severity.FAIL, found) == ["broadcasts.feeds[2].url"]
    assert news_hosts(settings.broadcasts) == [
        "collector.example",
        "db.hue.gov.vn",
        "collector.example",
        "mail.example",
    ]


def test_a_gateway_outside_is_not_let_through_as_one_inside() -> None:
    settings = settings_of(
        push={"allowed": [APPLE]}, media={"clamav": "8.8.8.8:3310"}, rooms={"call_hosts": ["rtc.outside.example"]}
    )
    assert of(Severity.FAIL, list(read_province(settings, BUILDING))) == [
        "push.allowed",
        "rooms.call_hosts",
        "media.clamav",
    ]


GOOD = {(question.method, question.path): Answer(question.good[0]) for question in QUESTIONS}


def test_a_closed_synapse_answers_as_it_should() -> None:
    told = {WELL_KNOWN: Answer(200, {"m.homeserver": {"base_url": "https://chat.hue.gov.vn"}}), TURN: Answer(200)}
    assert list(read_answers(GOOD, told, BUILDING)) == []


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: f"{question.method} {question.path}")
def test_each_door_that_answers_fails(question: Any) -> None:
    answers = {**GOOD, (question.method, question.path): Answer(200)}
    assert of(Severity.FAIL, list(read_answers(answers, {}, BUILDING))) == [f"{question.method} {question.path}"]


def test_clients_that_are_sent_outside_fail() -> None:
    told = {
        WELL_KNOWN: Answer(200, {"m.identity_server": {"base_url": OUTSIDE}}),
        TURN: Answer(200, {"uris": ["turn:turn.example"]}),
        CAPABILITIES: Answer(200, {"capabilities": {"m.3pid_changes": {"enabled": True}}}),
    }
    found = list(read_answers(GOOD, told, BUILDING))
    assert of(Severity.FAIL, found) == [f"{WELL_KNOWN}.m.identity_server", TURN]
    assert of(Severity.NOTE, found) == [CAPABILITIES]


def test_pushers_are_counted_by_gateway() -> None:
    own = DECLARING.push_gateway
    pushers = [
        StoredPusher("http", {"url": url}) for url in (own, own, APPLE, "https://matrix.org/_matrix/push/v1/notify")
    ]
    pushers.append(StoredPusher("email", {}))
    guarded = list(read_pushers(pushers, permitted(DECLARING), guarded=True))
    assert (of(Severity.FAIL, guarded), len(of(Severity.DECLARED, guarded))) == ([], 1)
    assert len(of(Severity.NOTE, guarded)) == 2
    assert len(of(Severity.FAIL, list(read_pushers(pushers, permitted(DECLARING), guarded=False)))) == 2


TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F48 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 101 1 0 100 0 0 10 0
   1: 0A00000A:C350 08080808:01BB 01 00000000:00000000 00:00000000 00000000     0        0 102 1 0 20 4 30 10 -1
   2: 0A00000A:C351 08080808:01BB 06 00000000:00000000 00:00000000 00000000     0        0 103 1 0 20 4 30 10 -1
"""
TCP6 = """\
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when
   0: 00000000000000000000000000000000:20FB 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 201 1 0 100 0 0 10 0
   1: 0000000000000000FFFF00000100007F:20FB 0000000000000000FFFF000008080808:D431 01 00000000:00000000 00:00000000 00000000     0        0 202 1 0 20 4 30 10 -1
"""


def test_the_tables_of_the_system_are_read() -> None:
    assert list(parse(TCP)) == [
        Socket("127.0.0.1", 8008, "0.0.0.0", 0, True, 101),
        Socket("10.0.0.10", 50000, "8.8.8.8", 443, False, 102),
    ]
    assert list(parse(TCP6)) == [
        Socket("::", 8443, "::", 0, True, 201),
        Socket("127.0.0.1", 8443, "8.8.8.8", 54321, False, 202),
    ]


def connection(peer: str, local_port: int = 50_000, listening: bool = False, local: str = "10.0.0.10") -> Held:
    return Held("synapse (1)", Socket(local, local_port, peer, 443, listening, 1))


@pytest.mark.parametrize(
    ("held", "severity"),
    [
        ([connection("8.8.8.8")], Severity.FAIL),
        ([connection("2001:4860::1")], Severity.FAIL),
        ([connection("8.8.4.4")], Severity.DECLARED),
        ([connection("10.0.0.11")], Severity.NOTE),
        ([connection("127.0.0.1")], None),
        ([connection("0.0.0.0", 5434, True, "0.0.0.0")], Severity.FAIL),
        ([connection("0.0.0.0", 8008, True, "127.0.0.1")], None),
        ([connection("0.0.0.0", 8443, True, "0.0.0.0"), connection("8.8.8.8", 8443)], Severity.NOTE),
    ],
)
def test_who_is_talked_to_is_judged(held: list[Held], severity: Severity | None) -> None:
    found = list(read_sockets(held, BUILDING, database_port=5434, declared_addresses=["8.8.4.4"]))
    assert [finding.severity for finding in found] == ([] if severity is None else [severity])


def element(**changes: Any) -> dict[str, Any]:
    return {
        "default_server_config": {"m.homeserver": {"base_url": "https://chat.hue.gov.vn"}},
        "integrations_ui_url": None,
        "permalink_prefix": "https://chat.hue.gov.vn",
        "jitsi": {"preferred_domain": "chat.hue.gov.vn"},
        "setting_defaults": {"UIFeature.identityServer": False, "fallbackICEServerAllowed": False},
        **changes,
    }


def test_an_element_of_the_building_passes() -> None:
    assert list(read_element(element(), BUILDING)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"integrations_rest_url": OUTSIDE},
        {"map_style_url": OUTSIDE},
        {"bug_report_endpoint_url": OUTSIDE},
        {"posthog": {"project_api_key": "x"}},
        {"default_server_config": {"m.identity_server": {"base_url": OUTSIDE}}},
        {"jitsi": {"preferred_domain": "meet.element.io"}},
        {"jitsi": {}},
        {"setting_defaults": {"UIFeature.identityServer": False}},
        {"setting_defaults": {"fallbackICEServerAllowed": False}},
    ],
)
def test_an_element_that_sends_outside_fails(changes: dict[str, Any]) -> None:
    assert of(Severity.FAIL, list(read_element(element(**changes), BUILDING)))


@pytest.mark.parametrize(
    ("host", "inside"),
    [
        ("127.0.0.1", True), ("[::1]", True), ("localhost", True), ("hue.localhost", True), ("10.9.8.7", True),
        ("192.168.1.1", True), ("172.16.0.1", True), ("fd00::1", True), ("fe80::1%eth0", True), ("192.88.99.7", True),
        ("chat.hue.gov.vn", True), ("CHAT.hue.gov.vn.", True), ("db.hue.gov.vn", True),
        ("8.8.8.8", False), ("::ffff:8.8.8.8", False), ("2001:4860:4860::8888", False), ("half.hue.gov.vn", False),
        ("collector.example", False), ("unknown.hue.gov.vn", False), ("", False), ("localhost.example", False),
    ],
)  # fmt: skip
def test_inside_is_loopback_private_and_what_is_the_provinces_own(host: str, inside: bool) -> None:
    assert BUILDING.holds(host) is inside


@pytest.mark.parametrize(("address", "alone"), [("127.0.0.1", True), ("::1", True), ("::", False), ("10.0.0.1", False)])
def test_loopback_is_for_this_host_alone(address: str, alone: bool) -> None:
    assert is_loopback(address) is alone


@pytest.mark.parametrize(
    ("uri", "host"),
    [("turn:a.vn:3478?transport=udp", "a.vn"), ("turns:a.vn", "a.vn"), ("turn:[fd00::1]:3478", "[fd00::1]")],
)
def test_the_host_of_a_relay(uri: str, host: str) -> None:
    assert turn_host(uri) == host


def test_addresses_are_found_in_any_tree() -> None:
    assert dict(urls_in({"a": [{"b": "https://x"}, "no"], "c": "ws://y"})) == {"a[0].b": "https://x", "c": "ws://y"}


def test_a_workers_files_are_read_from_its_command() -> None:
    command = ("python", "-m", "synapse.app.generic_worker", "-c", "/a.yaml", "--config-path", "/b.yaml")
    assert Process(1, command).configuration_files() == (Path("/a.yaml"), Path("/b.yaml"))
    assert Process(1, command).is_synapse


@pytest.fixture
def connected() -> Iterator[int]:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            yield port


def test_the_sockets_of_a_running_process_are_found(connected: int) -> None:
    import os

    (own, *_) = descendants(os.getpid())
    found = [held.socket for held in own.sockets()]
    assert any(each.listening and each.local_port == connected for each in found)
    assert any(each.peer_port == connected for each in found)
