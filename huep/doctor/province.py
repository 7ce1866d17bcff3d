"""huep.toml, read for what it lets out: everything it names outside is declared by standing there."""

from collections.abc import Iterator

from huep.doctor.building import Building, host_of, urls_in
from huep.doctor.finding import Finding, declared, fail
from huep.doctor.homeserver import Permitted
from huep.doctor.news import read_news
from huep.hr_settings import SourceKind
from huep.settings import Settings


def permitted(settings: Settings) -> Permitted:
    """What homeserver.yaml may hold because huep.toml declares it."""
    own = settings.push_gateway
    return Permitted(
        push=frozenset(exception.gateway for exception in settings.push.exceptions),
        push_inside=frozenset(settings.push.allowed) | ({own} if own else frozenset()),
        oidc_issuer=settings.oidc.issuer if settings.oidc.enabled else None,
    )


def own_hosts(settings: Settings) -> frozenset[str]:
    """Names under which HueP itself is reached."""
    names = {host_of(settings.public_url), host_of(settings.push_url), settings.server_name.partition(":")[0]}
    return frozenset(name for name in names if name)


def read_province(settings: Settings, building: Building) -> Iterator[Finding]:
    """What huep.toml declares, and what it calls inside though it is not."""
    for exception in settings.push.exceptions:
        yield declared("push.exceptions", f"{exception.gateway}: {exception.reason}")
    for gateway in settings.push.allowed:
        if not building.holds_url(gateway):
            yield fail(
                "push.allowed",
                f"{gateway} is outside: declare it under push.exceptions with a reason, or remove it.",
            )
    source = settings.hr.source
    if source.kind is SourceKind.POSTGRES and not building.holds(source.host):
        yield declared("hr.source.host", f"the register is read from {source.host}, outside.")
    for host in settings.rooms.call_hosts:
        if not building.holds(host):
            yield fail(
                "rooms.call_hosts", f"calls may go through {host}, outside; let them go through our own servers."
            )
    clamav = settings.media.clamav
    if clamav and not clamav.startswith("/") and not building.holds(clamav.rpartition(":")[0]):
        yield fail("media.clamav", f"uploads are sent to {clamav}, outside, to be scanned; scan in the building.")
    yield from read_news(settings.broadcasts, building)
    rest = settings.model_dump(mode="json", exclude={"push": {"allowed", "exceptions"}, "broadcasts": {"feeds"}})
    for path, url in urls_in(rest):
        if not building.holds_url(url) and _in_use(path, settings):
            yield declared(path, f"{url} is outside.")


def _in_use(path: str, settings: Settings) -> bool:
    if path.startswith("oidc."):
        return settings.oidc.enabled
    return not path.startswith("hr.source.url") or settings.hr.source.kind is SourceKind.REST
