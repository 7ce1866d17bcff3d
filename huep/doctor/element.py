"""Element Web's config.json, read for what its users' browsers would fetch or send outside."""

from collections.abc import Iterator, Mapping
from typing import Any

from huep.doctor.building import Building, urls_in
from huep.doctor.finding import Finding, fail

_DEFAULTS = {
    "integrations_ui_url": "https://scalar.vector.im",
    "jitsi.preferred_domain": "meet.element.io",
    "permalink_prefix": "https://matrix.to",
}
"""What Element takes where the key is absent, and talks to."""
_REPORTING = ("posthog", "sentry", "piwik", "countly", "rageshake")


def read_element(content: Mapping[str, Any], building: Building) -> Iterator[Finding]:
    """Everything outside that it names, and the makers' own services where it does not name another."""
    for path, url in urls_in(content):
        if not building.holds_url(url):
            yield fail(f"config.json: {path}", f"Element is sent to {url}, outside.")
    for key, default in _DEFAULTS.items():
        if key not in content and not _inner(content, key):
            yield fail(f"config.json: {key}", f"it is absent, so Element takes {default}; set it, to null or inside.")
    for key in _REPORTING:
        if content.get(key):
            yield fail(f"config.json: {key}", "use and errors are reported; remove it.")
    if _inner(content, "setting_defaults.UIFeature.identityServer") is not False:
        yield fail(
            "config.json: setting_defaults.UIFeature.identityServer", "set it to false: nobody is looked up outside."
        )
    if _inner(content, "setting_defaults.fallbackICEServerAllowed") is not False:
        yield fail(
            "config.json: setting_defaults.fallbackICEServerAllowed",
            "set it to false: calls would be relayed by the makers' server where there is none here.",
        )
    domain = _inner(content, "jitsi.preferred_domain")
    if isinstance(domain, str) and not building.holds(domain):
        yield fail("config.json: jitsi.preferred_domain", f"calls are held at {domain}, outside.")


def _inner(content: Mapping[str, Any], key: str) -> object:
    """Under a section's key; the rest of the path may itself have dots."""
    first, _, rest = key.partition(".")
    section = content.get(first)
    return section.get(rest) if isinstance(section, Mapping) else None
