"""Synapse's configuration, read for what would leave the building: a mapping in, findings out.

Every section is read as Synapse 1.163 does, its defaults included. What no check knows by name is still swept for
addresses outside.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

from huep.doctor.building import Building, host_of, is_loopback, urls_in
from huep.doctor.finding import Finding, declared, fail, note
from huep.doctor.modules import PUSH_RULES, loaded_modules, missing_and_foreign

EVERYTHING = {"0.0.0.0/0", "::/0"}
_FILE_STORE = "file_system"
_ABSENT = object()


@dataclass(frozen=True)
class Permitted:
    """What huep.toml declares."""

    push: frozenset[str] = frozenset()
    """Gateways outside."""
    push_inside: frozenset[str] = frozenset()
    """HueP's own and `push.allowed`."""
    oidc_issuer: str | None = None


@dataclass(frozen=True)
class Configuration:
    """homeserver.yaml and what it points to."""

    content: Mapping[str, Any]
    app_services: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By the path of its file."""
    log: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Must:
    """A key with the only value that is good."""

    key: str
    good: object
    default: object
    """What Synapse takes where the key is absent."""
    otherwise: str


_MUSTS = (
    _Must("federation_domain_whitelist", [], None, "every server on the Internet may be federated with; set it to []"),
    _Must("send_federation", False, True, "events are sent to other servers; set it to false"),
    _Must("allow_public_rooms_over_federation", False, False, "other servers may list rooms; set it to false"),
    _Must(
        "allow_public_rooms_without_auth", False, False, "anybody may list rooms without an account; set it to false"
    ),
    _Must(
        "allow_device_name_lookup_over_federation", False, False, "other servers may read device names; set it to false"
    ),
    _Must("trusted_key_servers", [], None, "keys are asked for at matrix.org; set it to []"),
    _Must("report_stats", False, False, "figures are sent to Synapse's makers every three hours; set it to false"),
    _Must("enable_registration", False, False, "anybody may make an account; set it to false"),
    _Must("allow_guest_access", False, False, "anybody may come in as a guest; set it to false"),
    _Must("enable_registration_captcha", False, False, "people's browsers load a picture puzzle from Google"),
    _Must("url_preview_enabled", False, False, "Synapse fetches every page that somebody names; set it to false"),
    _Must("serve_server_wellknown", False, False, "other servers are invited to federate; set it to false"),
    _Must("push.include_content", False, True, "text of messages is pushed; set it to false"),
    _Must("default_identity_server", None, None, "clients send names and addresses there; remove it"),
    _Must("trust_identity_server_for_password_resets", False, False, "identity servers are asked; remove it"),
    _Must("http_proxy", None, None, "Synapse sends requests to a proxy; set it to null"),
    _Must("https_proxy", None, None, "Synapse sends requests to a proxy; set it to null"),
    _Must("password_providers", None, None, "an unknown program runs inside Synapse; remove it"),
    _Must("spam_checker", None, None, "an unknown program runs inside Synapse; remove it"),
    _Must("third_party_event_rules", None, None, "an unknown program runs inside Synapse; remove it"),
    _Must("presence_router", None, None, "an unknown program runs inside Synapse; remove it"),
    _Must("email", None, None, "Synapse sends mail, with names of rooms and people; remove the section"),
    _Must("sentry", None, None, "errors with their data are sent to a collector; remove the section"),
    _Must("opentracing.enabled", False, False, "traces of requests are sent to a collector; set it to false"),
)


def read_homeserver(configuration: Configuration, permitted: Permitted, building: Building) -> Iterator[Finding]:
    """Everything in it that would leave the building, or lets strangers in."""
    content = configuration.content
    yield from _musts(content)
    yield from _delegates(content)
    yield from _address_ranges(content, permitted, building)
    yield from _listeners(content)
    yield from _modules(content, permitted)
    yield from _turn(content, building)
    yield from _hosts(content, building)
    for path, service in configuration.app_services.items():
        url = service.get("url")
        if isinstance(url, str) and not building.holds_url(url):
            yield fail(f"app_service_config_files: {path}", f"the application service at {url} is outside; remove it.")
    yield from _log(configuration.log, building)
    yield from _well_known(content.get("extra_well_known_client_content"), "extra_well_known_client_content", building)
    yield from _sweep(content, permitted, building)


def _at(content: Mapping[str, Any], key: str) -> object:
    value: object = content
    for part in key.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return _ABSENT
        value = value[part]
    return value


def _musts(content: Mapping[str, Any]) -> Iterator[Finding]:
    for must in _MUSTS:
        value = _at(content, must.key)
        if (must.default if value is _ABSENT else value) != must.good:
            absent = " is absent:" if value is _ABSENT else ":"
            yield fail(must.key, f"{must.key}{absent} {must.otherwise}.")
    if _at(content, "push.enabled") is False:
        yield note("push.enabled", "push.enabled is false: phones lose their unread counts, and nothing is gained.")


def _delegates(content: Mapping[str, Any]) -> Iterator[Finding]:
    delegates = content.get("account_threepid_delegates") or {}
    for kind, address in delegates.items():
        if address:
            yield fail(
                f"account_threepid_delegates.{kind}",
                f"people's addresses are verified by {address}; remove the section.",
            )


def _address_ranges(content: Mapping[str, Any], permitted: Permitted, building: Building) -> Iterator[Finding]:
    shut = set(content.get("ip_range_blacklist") or ())
    if not permitted.push and not shut >= EVERYTHING:
        yield fail(
            "ip_range_blacklist",
            "no push gateway outside is declared, so it must hold 0.0.0.0/0 and ::/0: render it with `huep config`.",
        )
    # Synapse takes the other list, and its whitelist, where this one is absent (config/server.py).
    if not set(content.get("federation_ip_range_blacklist", shut) or ()) >= EVERYTHING:
        yield fail(
            "federation_ip_range_blacklist",
            "identity servers that a request names are called by it; it must hold 0.0.0.0/0 and ::/0, "
            "whatever gateway is declared: render it with `huep config`.",
        )
    for text in content.get("ip_range_whitelist") or ():
        try:
            network = ip_network(text, strict=False)
        except ValueError:
            yield fail("ip_range_whitelist", f"{text!r} is no network that can be judged; write it as 10.0.0.0/8.")
            continue
        inside = network.is_private or any(
            network.version == own.version and network.subnet_of(own)  # type: ignore[arg-type]  # mypy cannot pair them
            for own in building.networks
        )
        if inside:
            yield note("ip_range_whitelist", f"Synapse may be made to call addresses in {text}.")
        else:
            yield fail("ip_range_whitelist", f"{text} opens addresses outside; remove it.")


def _listeners(content: Mapping[str, Any]) -> Iterator[Finding]:
    listed = [
        (f"{key}[{number}]", listener)
        for key in ("listeners", "worker_listeners")
        for number, listener in enumerate(content.get(key) or ())
    ]
    for where, listener in listed:
        addresses = listener.get("bind_addresses") or [listener.get("bind_address") or "::"]
        open_on = [str(address) for address in addresses if not is_loopback(str(address))]
        kind = listener.get("type", "http")
        names = [name for resource in listener.get("resources") or () for name in resource.get("names") or ()]
        # Federation serves keys and OpenID as well; metrics and replication have no password.
        yield from (
            fail(where, f"the resource {name!r} is for other servers; remove it.")
            for name in names
            if name in ("federation", "keys")
        )
        if "openid" in names:
            yield note(where, "the resource 'openid' tells whoever shows an OpenID token whose it is.")
        bare = (
            kind
            if kind in ("metrics", "manhole")
            else next((n for n in names if n in ("metrics", "replication")), None)
        )
        if bare and open_on:
            yield fail(where, f"{bare} has no password and listens on {', '.join(open_on)}; bind it to 127.0.0.1.")
        elif open_on and not listener.get("tls"):
            yield note(where, f"plain HTTP on {', '.join(open_on)}: only a TLS proxy of your own may reach it.")


def _modules(content: Mapping[str, Any], permitted: Permitted) -> Iterator[Finding]:
    yield from missing_and_foreign(content)
    config = loaded_modules(content).get(PUSH_RULES, {})
    for gateway in config.get("declared") or ():
        if gateway in permitted.push:
            continue
        yield fail("push_rules.declared", f"{gateway} is outside and not declared in huep.toml under push.exceptions.")
    for gateway in filter(None, [config.get("own"), *(config.get("inside") or ())]):
        if gateway not in permitted.push_inside:
            yield fail("push_rules", f"{gateway} stands in homeserver.yaml and not in huep.toml.")
    for provider in content.get("media_storage_providers") or ():
        if provider.get("module") != _FILE_STORE:
            yield fail("media_storage_providers", f"{provider.get('module')} keeps media elsewhere; remove it.")


def _turn(content: Mapping[str, Any], building: Building) -> Iterator[Finding]:
    for uri in content.get("turn_uris") or ():
        host = turn_host(str(uri))
        if not building.holds(host):
            yield fail("turn_uris", f"calls are relayed by {host}, which is outside; run a TURN server of your own.")


def turn_host(uri: str) -> str:
    """The host of `turns:host:port?transport=udp` (RFC 7065)."""
    rest = uri.partition(":")[2].partition("?")[0]
    return rest[: rest.index("]") + 1] if rest.startswith("[") and "]" in rest else rest.partition(":")[0]


def _hosts(content: Mapping[str, Any], building: Building) -> Iterator[Finding]:
    """Hosts that stand in no URL."""
    databases = {"database": content.get("database"), **(content.get("databases") or {})}
    named: dict[str, object] = {
        f"{name}.args.host": _at(database, "args.host") for name, database in databases.items() if database
    }
    if _at(content, "redis.enabled") is True:
        named["redis.host"] = _at(content, "redis.host")
    named |= {f"instance_map.{name}.host": at.get("host") for name, at in (content.get("instance_map") or {}).items()}
    named["worker_replication_host"] = content.get("worker_replication_host")
    for where, hosts in named.items():
        for host in hosts.split(",") if isinstance(hosts, str) else ():
            if not host.startswith("/") and not building.holds(host):
                yield fail(where, f"{host} is outside; keep it in the building.")


def _log(log: Mapping[str, Any], building: Building) -> Iterator[Finding]:
    for name, handler in (log.get("handlers") or {}).items():
        address = handler.get("host") or handler.get("address") or handler.get("mailhost")
        host = address[0] if isinstance(address, list | tuple) and address else address
        if isinstance(host, str) and not host.startswith("/") and not building.holds(host_of(host) or host):
            yield fail(
                f"log_config: handlers.{name}", f"what happens here is logged at {host}, outside; log to a file."
            )


def _well_known(content: object, where: str, building: Building) -> Iterator[Finding]:
    """What clients are told: identity servers and integration managers are foreign by nature."""
    if not isinstance(content, Mapping):
        return
    for key in ("m.identity_server", "m.integrations"):
        if content.get(key):
            yield fail(f"{where}.{key}", "clients send names and addresses there; remove it.")
    for path, url in urls_in(content):
        if not building.holds_url(url) and not path.startswith(("m.identity_server", "m.integrations")):
            yield fail(f"{where}.{path}", f"clients are sent to {url}, outside.")


def read_well_known(content: object, building: Building) -> list[Finding]:
    """The answer of /.well-known/matrix/client."""
    return list(_well_known(content, "/.well-known/matrix/client", building))


_READ_ABOVE = (
    "extra_well_known_client_content", "account_threepid_delegates", "default_identity_server", "modules", "email",
    "sentry", "opentracing", "http_proxy", "https_proxy", "turn_uris", "password_providers", "spam_checker",
    "third_party_event_rules", "presence_router", "trusted_key_servers", "media_storage_providers",
)  # fmt: skip


def _sweep(content: Mapping[str, Any], permitted: Permitted, building: Building) -> Iterator[Finding]:
    """Addresses outside under any other key: single sign-on, call servers, whatever a new Synapse knows."""
    rest = {key: value for key, value in content.items() if key not in _READ_ABOVE}
    for path, url in urls_in(rest):
        if building.holds_url(url):
            continue
        if permitted.oidc_issuer is not None and _same_host(url, permitted.oidc_issuer):
            yield declared(path, f"single sign-on at {host_of(url)}, outside, as huep.toml declares under [oidc].")
        else:
            yield fail(path, f"{url} is outside and nothing in huep.toml declares it; remove it.")


def _same_host(one: str, other: str) -> bool:
    return host_of(one) is not None and host_of(one) == host_of(other)


def app_service_files(content: Mapping[str, Any]) -> Collection[str]:
    """Paths of the files of application services."""
    return [str(path) for path in content.get("app_service_config_files") or ()]
